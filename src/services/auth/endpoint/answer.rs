//! Reads what the sign-in server answers, and names its refusals.

use std::time::Duration;

use serde_json::Value;
use thiserror::Error;

use super::wire;
use crate::auth::AuthContext;
use crate::base::Advice;
use crate::net::{NetError, NetFailure};

/// The longest answer that is read, in bytes; real ones are a few kB.
const LARGEST: usize = 1 << 20;
/// The longest sentence of the server's that is passed on, in characters.
const SENTENCE: usize = 300;

/// Why the token endpoint gave nothing.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// The server may have acted, but its answer is lost.
    #[error("`{host}` broke off in the middle of its answer: {failure}")]
    BrokenOff { host: String, failure: NetFailure },
    /// A web page instead of JSON: bot protection, a captive portal or a proxy stands in between.
    #[error("a web page came from `{host}` where the sign-in server should answer (HTTP {status})")]
    Blocked { host: String, status: u16 },
    #[error("the sign-in server's answer lacks `{field}`")]
    Incomplete { field: &'static str },
    #[error("the sign-in server's answer could not be read (HTTP {status})")]
    Malformed { status: u16 },
    /// A definite no.
    #[error("the sign-in server refused: {message} (HTTP {status})")]
    Refused { status: u16, code: Option<String>, message: String },
    #[error(transparent)]
    Setup { source: NetError },
    /// 408, 425, 429 or 5xx; `after` is its Retry-After.
    #[error("the sign-in server could not answer just now: {message} (HTTP {status})")]
    Unavailable { status: u16, message: String, after: Option<Duration> },
    #[error("`{host}` was not reached: {failure}")]
    Unreachable { host: String, failure: NetFailure },
}

impl EndpointError {
    /// Whether a refused refresh token is of no more use: one of the three named codes at any
    /// status, any other 401, and `invalid_grant` (RFC 6749 section 5.2).
    pub fn ends_token(&self) -> bool {
        match self {
            Self::Refused { status, code, .. } => {
                *status == 401
                    || code.as_deref().is_some_and(|code| {
                        [wire::SPENT, wire::EXPIRED, wire::REVOKED, "invalid_grant"]
                            .iter()
                            .any(|known| code.eq_ignore_ascii_case(known))
                    })
            }
            _ => false,
        }
    }

    /// Whether the refresh token was used before, by another program or an earlier try whose answer
    /// got lost.
    pub fn says_spent(&self) -> bool {
        matches!(self, Self::Refused { code: Some(code), .. } if code.eq_ignore_ascii_case(wire::SPENT))
    }

    /// Whether the server may have spent the refresh token, and its successor was lost on the way.
    pub fn may_have_spent(&self) -> bool {
        matches!(self, Self::BrokenOff { .. })
    }

    /// Whether no server was reached, and one may be in a moment.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { failure, .. } if failure.may_pass())
    }

    /// The status of an answer that was no success.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Blocked { status, .. }
            | Self::Refused { status, .. }
            | Self::Unavailable { status, .. } => Some(*status),
            Self::BrokenOff { .. }
            | Self::Incomplete { .. }
            | Self::Malformed { .. }
            | Self::Setup { .. }
            | Self::Unreachable { .. } => None,
        }
    }

    /// How long the server asked to be left alone.
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { after, .. } => *after,
            _ => None,
        }
    }
}

impl Advice for EndpointError {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::Blocked { .. } => Some("Try another network, or without a VPN or proxy".into()),
            Self::Incomplete { .. } | Self::Malformed { .. } => {
                Some("Try again; if it keeps happening, look for a newer codling".into())
            }
            Self::Refused { .. } => Some("Sign in again with `/connect`".into()),
            Self::Setup { source } => source.next_step(),
            Self::Unavailable { .. } => Some("Try again in a minute".into()),
            Self::BrokenOff { failure, .. } | Self::Unreachable { failure, .. } => {
                failure.next_step()
            }
        }
    }
}

/// Sends, and reads a JSON object. `secrets` are struck out of whatever the server says about them.
///
/// # Errors
///
/// The request failed, the server refused it, or its answer is no JSON object.
pub async fn read(
    context: &AuthContext,
    request: reqwest::RequestBuilder,
    secrets: &[&str],
) -> Result<Value, EndpointError> {
    let (status, body) = send(context, request, secrets).await?;
    match serde_json::from_slice::<Value>(&body) {
        Ok(answer @ Value::Object(_)) => Ok(answer),
        _ if looks_like_a_page(&body) => {
            Err(EndpointError::Blocked { host: context.origins.auth.host().into(), status })
        }
        _ => Err(EndpointError::Malformed { status }),
    }
}

/// Sends, and wants no more than a 2xx that is not a web page of something in between.
///
/// # Errors
///
/// The request failed, or the server refused it.
pub async fn check(
    context: &AuthContext,
    request: reqwest::RequestBuilder,
    secrets: &[&str],
) -> Result<(), EndpointError> {
    let (status, body) = send(context, request, secrets).await?;
    match looks_like_a_page(&body) {
        true => Err(EndpointError::Blocked { host: context.origins.auth.host().into(), status }),
        false => Ok(()),
    }
}

async fn send(
    context: &AuthContext,
    request: reqwest::RequestBuilder,
    secrets: &[&str],
) -> Result<(u16, Vec<u8>), EndpointError> {
    let host = || context.origins.auth.host().to_string();
    let unreachable = |error: reqwest::Error| EndpointError::Unreachable {
        host: host(),
        failure: NetFailure::of(&error),
    };
    let mut response = request.send().await.map_err(unreachable)?;
    let status = response.status().as_u16();
    let mitigated = response.headers().contains_key("cf-mitigated");
    let after = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let mut body = Vec::new();
    let is_good = (200..300).contains(&status);
    let broken = |error: reqwest::Error| match is_good {
        true => EndpointError::BrokenOff { host: host(), failure: NetFailure::of(&error) },
        false => unreachable(error),
    };
    while let Some(piece) = response.chunk().await.map_err(broken)? {
        if body.len() + piece.len() > LARGEST {
            return Err(EndpointError::Malformed { status });
        }
        body.extend_from_slice(&piece);
    }
    if is_good {
        return Ok((status, body));
    }
    tracing::debug!(status, "the sign-in server refused");
    let page = mitigated || looks_like_a_page(&body);
    match status {
        408 | 425 | 429 | 500.. => {
            let message = if page { plain(status) } else { message(&body, status, secrets) };
            Err(EndpointError::Unavailable { status, message, after })
        }
        _ if page => Err(EndpointError::Blocked { host: host(), status }),
        _ => Err(EndpointError::Refused {
            status,
            code: code(&body),
            message: message(&body, status, secrets),
        }),
    }
}

/// `error.code`, else `error` where it is a string, else `code`.
fn code(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let error = body.get("error");
    let found = error
        .and_then(|error| error.get("code"))
        .or(error)
        .filter(|found| found.is_string())
        .or_else(|| body.get("code"));
    found.and_then(Value::as_str).map(|code| without_secrets(code, &[]))
}

/// `error_description`, else `error.message`, else `error` or `error.code`, else the bare text;
/// cleaned, cut, and without secrets.
fn message(body: &[u8], status: u16, secrets: &[&str]) -> String {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    let said = match &parsed {
        Some(body @ Value::Object(_)) => {
            let error = body.get("error");
            let places = [
                body.get("error_description"),
                error.and_then(|error| error.get("message")),
                error,
                error.and_then(|error| error.get("code")),
                body.get("message"),
                body.get("code"),
            ];
            places
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .find(|text| !text.trim().is_empty())
        }
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => None,
        None => Some(String::from_utf8_lossy(body).into_owned()),
    };
    let said = said.map(|text| without_secrets(&text, secrets)).filter(|text| !text.is_empty());
    said.unwrap_or_else(|| plain(status))
}

fn plain(status: u16) -> String {
    match status {
        401 => "not authorized".into(),
        403 => "forbidden".into(),
        404 => "not found".into(),
        429 => "too many requests".into(),
        500.. => "it has a fault".into(),
        _ => "no reason given".into(),
    }
}

fn without_secrets(text: &str, secrets: &[&str]) -> String {
    let struck = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .fold(text.to_owned(), |text, secret| text.replace(secret, "…"));
    let words: Vec<&str> = struck
        .split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    let line: String = words.join(" ").chars().take(SENTENCE).collect();
    line.trim_end_matches('.').to_owned()
}

fn looks_like_a_page(body: &[u8]) -> bool {
    String::from_utf8_lossy(&body[..body.len().min(512)])
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('<')
}
