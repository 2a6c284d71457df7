//! Findings about the sign-in, the files and the servers, each with a mark and a next step.

use std::time::Duration;

use crate::base::Timestamp;
use crate::base::text::phrases;
use crate::protocol::{
    Account, AccountKind, CredentialSource, CredentialStanding, PortHolder, Problem,
};

use super::facts::{DoctorFacts, ServerTime};
use super::surroundings;

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// As it should be.
    Good,
    /// It works, but not as well as it could, or not for all.
    Doubt,
    /// Something does not work, or is not safe.
    Bad,
}

impl Mark {
    /// The sign at the beginning of a line.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Doubt => "! ",
            Self::Bad => "✗ ",
        }
    }

    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Doubt => "warning",
            Self::Bad => "error",
        }
    }
}

/// One part of the installation.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The part, in a word or two.
    pub topic: &'static str,
    pub mark: Mark,
    /// How it is in a few words, none of which is the person's.
    pub state: String,
    /// The sentence for the person.
    pub text: String,
    /// The next step.
    pub next: Option<String>,
}

impl Finding {
    pub fn good(topic: &'static str, state: &str, text: impl Into<String>) -> Self {
        Self { topic, mark: Mark::Good, state: state.to_owned(), text: text.into(), next: None }
    }

    pub fn doubt(topic: &'static str, state: &str, text: impl Into<String>, next: &str) -> Self {
        let next = Some(next.to_owned());
        Self { mark: Mark::Doubt, next, ..Self::good(topic, state, text) }
    }

    pub fn bad(topic: &'static str, state: &str, text: impl Into<String>, next: &str) -> Self {
        Self { mark: Mark::Bad, ..Self::doubt(topic, state, text, next) }
    }

    /// A fault in the words of the room that met it.
    fn failed(topic: &'static str, state: &str, message: &str, next: Option<&str>) -> Self {
        Self { mark: Mark::Bad, next: next.map(str::to_owned), ..Self::good(topic, state, message) }
    }
}

/// A clock that is this far off may have a token refused.
const OFF: Duration = Duration::from_secs(60);
/// A clock that is this far off has certificates and tokens refused.
const FAR_OFF: Duration = Duration::from_secs(600);

/// The findings, in the order that a person looks for them.
pub fn of(facts: &DoctorFacts) -> Vec<Finding> {
    let mut all = settings(facts);
    all.extend(credential_file(facts));
    all.extend(sign_in(facts));
    all.extend(facts.ports.iter().map(|(port, holder)| callback_port(*port, holder.as_ref())));
    all.extend(clock(facts));
    all.extend(facts.servers.iter().flatten().map(server));
    all.extend(surroundings::proxies(facts));
    all.extend(surroundings::certificates(facts));
    all.push(surroundings::terminal(facts));
    all.push(surroundings::sandbox(facts));
    all.extend(surroundings::conversations(facts));
    all
}

fn settings(facts: &DoctorFacts) -> Vec<Finding> {
    let of = &facts.settings;
    let topic = "settings";
    let file = of.file.display();
    if !of.problems.is_empty() {
        let problems = of.problems.iter();
        let failed = problems.map(|(message, next)| {
            let next = next.as_deref().or(Some("`codling config` opens the file"));
            Finding::failed(topic, "cannot be used", message, next)
        });
        return failed.collect();
    }
    let good = match of.exists {
        true => Finding::good(topic, "used", format!("The settings in `{file}` can be used")),
        false => Finding::good(
            topic,
            "none",
            format!("There is no `{file}`: the built-in settings hold"),
        ),
    };
    let warnings = of.warnings.iter().map(|notice| Finding {
        mark: Mark::Doubt,
        next: notice.next.clone().or(Some("`codling config` opens the file".to_owned())),
        ..Finding::good(topic, "a part is ignored", notice.message.clone())
    });
    std::iter::once(good).chain(warnings).collect()
}

fn credential_file(facts: &DoctorFacts) -> Option<Finding> {
    let topic = "auth.json";
    let file = facts.auth_file.display();
    let found = match &facts.accounts {
        Ok(found) => found,
        Err(Problem { message, next, .. }) => {
            return Some(Finding::failed(topic, "cannot be used", message, next.as_deref()));
        }
    };
    let shared = if facts.is_shared { ", and is opencode's too" } else { "" };
    let state = if facts.is_shared { ", shared with opencode" } else { "" };
    Some(match (found.exposed, facts.auth_written) {
        (Some(mode), _) => Finding::bad(
            topic,
            &format!("mode {mode:04o}{state}"),
            format!("`{file}` can be read by others on this machine (mode {mode:04o})"),
            &format!("`chmod 600 {file}`"),
        ),
        (None, None) => Finding::good(topic, "none", format!("There is no `{file}` yet")),
        (None, Some(written)) => Finding::good(
            topic,
            &format!("good{state}"),
            format!(
                "`{file}` can be read by you alone{shared}; it was written {} ago",
                span(facts.now.since(written))
            ),
        ),
    })
}

fn sign_in(facts: &DoctorFacts) -> Vec<Finding> {
    let topic = "sign-in";
    let Ok(found) = &facts.accounts else { return Vec::new() };
    let others = found.list.accounts.iter().filter(|account| {
        !account.provider.is_openai() && account.standing == CredentialStanding::Wins
    });
    let mut others: Vec<String> = others.map(|account| account.provider.to_string()).collect();
    others.dedup();
    let keys = others.len();
    let others = match &others[..] {
        [] => Vec::new(),
        others => vec![Finding::good(
            "other providers",
            &phrases::count(keys as u64, "key"),
            format!("There are keys for other providers: {}", others.join(", ")),
        )],
    };
    let openai = match found.list.in_use() {
        Some(account) => signed_in(topic, account, facts.now),
        None if found.list.opencode_offer => Finding::doubt(
            topic,
            "none",
            "Nobody is signed in to OpenAI here, but opencode is",
            "`auth_file = \"opencode\"` in the settings shares its file; `codling auth login` signs in anew",
        ),
        None => Finding::doubt(
            topic,
            "none",
            "Nobody is signed in to OpenAI",
            "`codling auth login` signs in",
        ),
    };
    std::iter::once(openai).chain(others).collect()
}

fn signed_in(topic: &'static str, account: &Account, now: Timestamp) -> Finding {
    let kind = match &account.kind {
        AccountKind::ChatGpt { plan: Some(plan), .. } => format!("ChatGPT {}", plan_name(plan)),
        AccountKind::ChatGpt { plan: None, .. } => "ChatGPT".to_owned(),
        _ => "API key".to_owned(),
    };
    let from = match &account.source {
        CredentialSource::Client => "a client".to_owned(),
        CredentialSource::Environment(name) => format!("the variable `{name}`"),
        CredentialSource::File(path) => format!("`{}`", path.display()),
    };
    let expiry = account.expires.map(|end| match end > now {
        true => format!("; its access token ends in {}", span(end.since(now))),
        false => format!(
            "; its access token ended {} ago and is renewed at the next use",
            span(now.since(end))
        ),
    });
    let text = format!("Signed in to OpenAI ({kind}), from {from}{}", expiry.unwrap_or_default());
    Finding::good(topic, &kind, text)
}

/// A plan out of a token, for people: `Plus` for `plus`.
fn plan_name(plan: &str) -> String {
    let mut letters = plan.chars().filter(char::is_ascii_alphanumeric).take(20);
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn callback_port(port: u16, holder: Option<&PortHolder>) -> Finding {
    let topic = "callback port";
    let Some(PortHolder { pid, name, .. }) = holder else {
        let text = format!("Port {port} is free for the browser sign-in");
        return Finding::good(topic, "free", text);
    };
    let who = match (name, pid) {
        (Some(name), Some(pid)) => format!("`{name}` (pid {pid})"),
        (None, Some(pid)) => format!("process {pid}"),
        _ => "a program that the system does not name".to_owned(),
    };
    let text = format!("Port {port} for the browser sign-in is held by {who}");
    let next = "`codling auth login --device` needs no port; else end that program";
    Finding::doubt(topic, "held", text, next)
}

/// The clock by itself, and by the servers that told theirs.
fn clock(facts: &DoctorFacts) -> Option<Finding> {
    let topic = "clock";
    let told = facts.servers.iter().flatten().filter_map(|(host, time)| {
        let time = (*time.as_ref().ok()?)?;
        Some((host, facts.now.since(time).max(time.since(facts.now))))
    });
    let advice = "Have the system set the clock by the network (NTP)";
    match (told.max_by_key(|(_, off)| *off), &facts.servers) {
        (Some((host, off)), _) if off >= OFF => {
            let text = format!("The clock is {} off that of {host}", span(off));
            Some(match off >= FAR_OFF {
                true => Finding::bad(topic, "far off", text, advice),
                false => Finding::doubt(topic, "off", text, advice),
            })
        }
        (Some((host, _)), _) => {
            Some(Finding::good(topic, "right", format!("The clock agrees with that of {host}")))
        }
        (None, Some(_)) => None,
        (None, None) => Some(Finding::good(
            topic,
            "not compared",
            "The clock was not compared with a server's: `--network` does that",
        )),
    }
}

fn server((host, time): &ServerTime) -> Finding {
    let topic = "server";
    match time {
        Ok(_) => Finding::good(topic, "answers", format!("{host} answers")),
        Err(Problem { message, next, .. }) => {
            let text = format!("{host} does not answer: {message}");
            Finding::failed(topic, "no answer", &text, next.as_deref())
        }
    }
}

/// A duration in its largest unit: `3 hours`.
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..120 => phrases::count(seconds, "second"),
        120..7_200 => phrases::count(seconds / 60, "minute"),
        7_200..172_800 => phrases::count(seconds / 3600, "hour"),
        _ => phrases::count(seconds / 86_400, "day"),
    }
}
