//! The API key way: a key as it was pasted, made clean, and shown once to the API it is for. Saves
//! nothing.

use std::time::Duration;

use thiserror::Error;

use crate::auth::AuthContext;
use crate::auth::endpoint::wire;
use crate::base::{Advice, Secret};
use crate::net::{NetError, NetFailure};
use crate::protocol::ProblemKind;

/// A person waits for the answer.
const LIMIT: Duration = Duration::from_secs(10);
/// No key is longer, in characters; what is was pasted by mistake.
const LONGEST: usize = 1024;
/// So much of a refusal is read, in bytes, to see why.
const REFUSAL: usize = 64 * 1024;

/// A flaw of a key, or of the check of it. Never holds the key.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum KeyError {
    #[error("a web page came from `{host}` where the API should answer (HTTP {status})")]
    Blocked { host: String, status: u16 },
    #[error("the key is empty")]
    Empty,
    #[error("the key holds {what}, which no key does")]
    Malformed { what: &'static str },
    /// 401
    #[error("OpenAI does not know this key")]
    Refused,
    /// 403 `unsupported_country_region_territory`
    #[error("OpenAI's API is not offered in this country or region")]
    Region,
    #[error(transparent)]
    Setup { source: NetError },
    #[error("the key could not be checked: the API answered HTTP {status}")]
    Unanswered { status: u16 },
    #[error("the key could not be checked: `{host}` was not reached: {failure}")]
    Unreachable { host: String, failure: NetFailure },
}

/// The choices a caller has with a key that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyErrorKind {
    /// It cannot be a key; nothing was sent.
    Malformed,
    /// It is not valid: saving it would be of no use.
    Refused,
    /// The check gave no answer; the key may be saved as it is.
    Unchecked,
}

impl KeyError {
    /// Tells whether the key may be saved all the same.
    pub fn kind(&self) -> KeyErrorKind {
        match self {
            Self::Empty | Self::Malformed { .. } => KeyErrorKind::Malformed,
            Self::Refused => KeyErrorKind::Refused,
            Self::Blocked { .. }
            | Self::Region
            | Self::Setup { .. }
            | Self::Unanswered { .. }
            | Self::Unreachable { .. } => KeyErrorKind::Unchecked,
        }
    }

    /// The kind of the engine's `Problem`.
    pub fn problem_kind(&self) -> ProblemKind {
        match self {
            Self::Empty | Self::Malformed { .. } | Self::Refused => ProblemKind::SignIn,
            Self::Blocked { .. } | Self::Region => ProblemKind::Refused,
            Self::Setup { .. } | Self::Unreachable { .. } => ProblemKind::Network,
            Self::Unanswered { status: 429 } => ProblemKind::RateLimited,
            Self::Unanswered { .. } => ProblemKind::Overloaded,
        }
    }
}

impl Advice for KeyError {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::Blocked { .. } => {
                "Try another network, or without a VPN or proxy; or save the key unchecked".into()
            }
            Self::Empty => {
                "Paste the whole key; they are made at platform.openai.com under API keys".into()
            }
            Self::Malformed { .. } => "Copy the key again, alone and whole".into(),
            Self::Refused => {
                "Copy it again, or make a new one at platform.openai.com under API keys".into()
            }
            Self::Region => "Use another network, or save the key unchecked".into(),
            Self::Setup { source } => {
                let next = source.next_step().unwrap_or_else(|| "Try again".into());
                format!("{next}; or save the key unchecked")
            }
            Self::Unanswered { .. } => "Try again in a minute, or save the key unchecked".into(),
            Self::Unreachable { failure, .. } => {
                let next = failure.next_step().unwrap_or_else(|| "Try again".into());
                format!("{next}; or save the key unchecked")
            }
        })
    }
}

/// Cuts off what people copy along with a key: white space, quotes, `Bearer`, `OPENAI_API_KEY=`.
///
/// # Errors
///
/// The text holds no key.
pub fn tidy_key(text: &str) -> Result<Secret, KeyError> {
    const AROUND: [char; 12] = ['"', '\'', '`', '<', '>', ';', ',', '“', '”', '‘', '’', '\u{feff}'];
    let mut key = text;
    loop {
        let mut rest = key.trim().trim_matches(AROUND).trim();
        for before in [
            "export ",
            "set ",
            "Authorization:",
            "Bearer ",
            "OPENAI_API_KEY=",
            "OPENAI_API_KEY:",
            "OPENAI_API_KEY =",
        ] {
            if rest.get(..before.len()).is_some_and(|start| start.eq_ignore_ascii_case(before)) {
                rest = &rest[before.len()..];
            }
        }
        if rest.len() == key.len() {
            break;
        }
        key = rest;
    }
    let fault = |what| Err(KeyError::Malformed { what });
    match key {
        "" => Err(KeyError::Empty),
        _ if key.eq_ignore_ascii_case("bearer") => Err(KeyError::Empty),
        _ if key.chars().any(char::is_whitespace) => fault("white space"),
        _ if key.chars().any(|c| c.is_control()) => fault("control characters"),
        _ if !key.is_ascii() => fault("letters that are not ASCII"),
        _ if key.len() > LONGEST => fault("more than 1024 characters"),
        _ => Ok(Secret::new(key)),
    }
}

/// Checks a key with `GET {api}/v1/models`, 10 s at the most.
///
/// A 403 counts as good: the server knows the key, which may be restricted to other endpoints than
/// this one.
///
/// # Errors
///
/// The server refused the key, or no answer came.
pub async fn check_key(context: &AuthContext, key: &Secret) -> Result<(), KeyError> {
    within(context, key, LIMIT).await
}

pub(super) async fn within(
    context: &AuthContext,
    key: &Secret,
    limit: Duration,
) -> Result<(), KeyError> {
    let key = tidy_key(key.expose())?;
    let origin = &context.origins.api;
    let host = || origin.host().to_owned();
    let unreachable = |error: reqwest::Error| KeyError::Unreachable {
        host: host(),
        failure: NetFailure::of(&error),
    };
    let client = context.net.client(origin).map_err(|source| KeyError::Setup { source })?;
    let mut response = client
        .get(origin.at(wire::KEY_CHECK_PATH))
        .timeout(limit)
        .header("user-agent", &context.user_agent)
        .header("accept", "application/json")
        .bearer_auth(key.expose())
        .send()
        .await
        .map_err(unreachable)?;
    let status = response.status().as_u16();
    let of_type = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if of_type.starts_with("text/html") || response.headers().contains_key("cf-mitigated") {
        return Err(KeyError::Blocked { host: host(), status });
    }
    match status {
        200..300 => Ok(()),
        401 => Err(KeyError::Refused),
        403 => {
            let mut body = Vec::new();
            while let Some(piece) = response.chunk().await.map_err(unreachable)? {
                body.extend_from_slice(&piece);
                if body.len() > REFUSAL {
                    break;
                }
            }
            match serde_json::from_slice::<serde_json::Value>(&body) {
                Ok(refusal)
                    if refusal["error"]["code"] == "unsupported_country_region_territory" =>
                {
                    Err(KeyError::Region)
                }
                Ok(_restricted) => Ok(()),
                Err(_not_the_api) => Err(KeyError::Blocked { host: host(), status }),
            }
        }
        _ => Err(KeyError::Unanswered { status }),
    }
}
