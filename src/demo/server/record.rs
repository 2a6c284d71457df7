//! Every request the stand got, as it came. Judges none of them.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::demo::watched::Watched;

/// One request, whole.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// Counted from 0 over the life of the stand.
    pub number: usize,
    /// When its head had been read.
    pub at: Instant,
    /// The method, such as `POST`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The text after the `?`, undecoded; empty without one.
    pub query: String,
    /// Names in lower case, in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body, as text.
    pub body: String,
    /// The status answered; `None` while it is held back, or when the stand hung up.
    pub status: Option<u16>,
    /// The headers answered, names in lower case; without those that only frame the body.
    pub answered: Vec<(String, String)>,
    /// When the last byte of the answer was handed to the system; `None` while it streams, or when
    /// it was cut.
    pub ended: Option<Instant>,
}

/// How many requests the stand remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepRequests {
    /// Every request.
    All,
    /// The latest so many requests.
    Latest(usize),
}

#[derive(Debug)]
pub struct RequestLog {
    keep: KeepRequests,
    kept: Watched<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    next: usize,
    requests: Vec<SeenRequest>,
}

impl SeenRequest {
    /// A header's first value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// A header of the answer.
    pub fn answered_header(&self, name: &str) -> Option<&str> {
        self.answered
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The token after `Bearer` in `Authorization`.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// The body as JSON; `Null` where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// A parameter of the query, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        pair(&self.query, name)
    }

    /// A field of the body, be it a form or a JSON object.
    pub fn field(&self, name: &str) -> Option<String> {
        if self.header("content-type").is_some_and(|kind| kind.contains("json")) {
            return self.json().get(name)?.as_str().map(str::to_owned);
        }
        pair(&self.body, name)
    }

    /// Whether this asks for a response of the model's.
    pub fn is_responses(&self) -> bool {
        self.method == "POST"
            && matches!(self.path.as_str(), "/backend-api/codex/responses" | "/v1/responses")
    }

    /// The conversation it carries; empty for other requests.
    pub fn input(&self) -> Vec<Value> {
        match self.json().get_mut("input").map(Value::take) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        }
    }
}

impl RequestLog {
    pub fn new(keep: KeepRequests) -> Self {
        Self { keep, kept: Watched::new(Kept::default()) }
    }

    pub fn add(&self, mut request: SeenRequest) -> SeenRequest {
        self.kept.change(|kept| {
            request.number = kept.next;
            kept.next += 1;
            kept.requests.push(request.clone());
            if let KeepRequests::Latest(most) = self.keep
                && kept.requests.len() > most
            {
                kept.requests.remove(0);
            }
            request
        })
    }

    pub fn answered(&self, number: usize, status: u16, headers: &[(String, String)]) {
        self.edit(number, |request| {
            request.status = Some(status);
            request.answered = headers.to_vec();
        });
    }

    pub fn ended(&self, number: usize) {
        let now = Instant::now();
        self.edit(number, |request| request.ended = Some(now));
    }

    pub fn all(&self) -> Vec<SeenRequest> {
        self.kept.look(|kept| kept.requests.clone())
    }

    pub fn wait(
        &self,
        wanted: impl Fn(&SeenRequest) -> bool,
        limit: Duration,
    ) -> Option<SeenRequest> {
        self.kept.wait(limit, |kept| kept.requests.iter().find(|request| wanted(request)).cloned())
    }

    pub async fn until(&self, wanted: impl Fn(&SeenRequest) -> bool) -> SeenRequest {
        self.kept.until(|kept| kept.requests.iter().find(|request| wanted(request)).cloned()).await
    }

    fn edit(&self, number: usize, edit: impl FnOnce(&mut SeenRequest)) {
        self.kept.change(|kept| {
            if let Some(request) = kept.requests.iter_mut().find(|request| request.number == number)
            {
                edit(request);
            }
        });
    }
}

fn pair(text: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(text.as_bytes())
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}
