//! Sign-in errors, each with a sentence and a next step. Never hold a code, a token or a page of
//! HTML.

use std::fmt;
use std::io;

use thiserror::Error;

use crate::auth::EndpointError;
use crate::auth::servers::ServerFault;
use crate::base::Advice;
use crate::base::cause;
use crate::base::text::sentence;
use crate::protocol::{PortHolder, Problem, ProblemKind};

/// Why a sign-in came to no tokens. The credentials that were there before are untouched.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum SignInError {
    #[error("the code expired before it was approved")]
    CodeExpired,
    /// The poll ended with a refusal that is neither a denial nor an expiry.
    #[error("the sign-in server gave up this code: {message}")]
    CodeRefused { message: String },
    #[error("the sign-in was declined")]
    Denied,
    /// The authorize page sent the browser back with an error.
    #[error("the sign-in page ended with an error: {message}")]
    Ended { message: String },
    #[error("the sign-in was approved, but its tokens could not be fetched: {source}")]
    Exchange { source: EndpointError },
    /// 404 to the request for a code.
    #[error("this account's sign-in server does not give out device codes")]
    HeadlessOff,
    #[error("no device code could be fetched: {source}")]
    NoCode { source: EndpointError },
    #[error("no port for the browser's answer is free: {}", ListedError(faults))]
    NoPort { faults: Vec<PortFault> },
    /// For a program that waits, which is told the status as it is.
    #[error("{what} failed with status {}", named(*status))]
    Status { what: &'static str, status: u16 },
    /// `missing_codex_entitlement`
    #[error("this workspace gives its members no access to Codex")]
    NotEntitled,
    #[error("the answer to the device code cannot be used: {source}")]
    Poll { source: EndpointError },
    #[error("this system gave no random numbers: {source}")]
    Random { source: getrandom::Error },
    /// Signing in to an MCP server.
    #[error(transparent)]
    Server { source: ServerFault },
    #[error("nobody approved the sign-in within 10 minutes")]
    TimedOut,
}

/// Why a port could not be listened on.
#[derive(Debug)]
pub enum PortFault {
    Held(PortHolder),
    /// Bound, but what was sent there did not arrive: a firewall, or another program in front.
    Mute {
        port: u16,
    },
    /// The system said no; Windows reserves ranges of ports so.
    Refused {
        port: u16,
        source: io::Error,
    },
}

impl SignInError {
    /// The kind of the engine's `Problem`.
    pub fn kind(&self) -> ProblemKind {
        match self {
            Self::Exchange { source } | Self::NoCode { source } | Self::Poll { source } => {
                endpoint_kind(source)
            }
            Self::Server {
                source: ServerFault::Registration { source } | ServerFault::Unreached { source },
            } => endpoint_kind(source),
            Self::Server { source } => match source {
                ServerFault::Busy { .. }
                | ServerFault::Damaged { .. }
                | ServerFault::File { .. } => ProblemKind::CredentialFile,
                _ => ProblemKind::SignIn,
            },
            Self::HeadlessOff => ProblemKind::NoDeviceCodes,
            Self::NotEntitled => ProblemKind::Refused,
            Self::Random { .. } => ProblemKind::Internal,
            Self::CodeExpired
            | Self::CodeRefused { .. }
            | Self::Denied
            | Self::Ended { .. }
            | Self::NoPort { .. }
            | Self::Status { .. }
            | Self::TimedOut => ProblemKind::SignIn,
        }
    }

    /// Reads the `error` and `error_description` of an authorize page.
    pub(super) fn of_page(error: &str, description: &str) -> Self {
        if error == "access_denied" && description.contains("missing_codex_entitlement") {
            return Self::NotEntitled;
        }
        let message = one_line(if description.trim().is_empty() { error } else { description });
        match error {
            "access_denied" if message == error || says_no(description) => Self::Denied,
            _ => Self::Ended { message },
        }
    }
}

impl From<ServerFault> for SignInError {
    fn from(source: ServerFault) -> Self {
        Self::Server { source }
    }
}

impl Advice for SignInError {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::CodeExpired => "Ask for a new code and approve it within its time".into(),
            Self::CodeRefused { .. } => "Ask for a new code, or use the browser way".into(),
            Self::Denied => "Sign in again if that was not meant".into(),
            Self::Ended { .. } => "Sign in again, with another account if need be, or ask the workspace administrator".into(),
            Self::Exchange { source: EndpointError::Refused { .. } | EndpointError::Incomplete { .. } | EndpointError::Malformed { .. } } => {
                "Sign in again; a sign-in can be used once only".into()
            }
            Self::NoCode { source: EndpointError::Refused { .. } } => {
                "Use the browser way, or ask the workspace administrator whether device codes are allowed".into()
            }
            Self::Exchange { source } | Self::NoCode { source } | Self::Poll { source } => return source.next_step(),
            Self::HeadlessOff => "Switch on device code authorization for Codex in ChatGPT under Settings > Security, \
                                  or ask the workspace administrator to; or use the browser way, pasting the address it ends on"
                .into(),
            Self::NoPort { .. } => "End the program that holds one of them, or use the headless way, which needs no port".into(),
            Self::NotEntitled => "Ask the workspace administrator for access to Codex, or sign in with another account".into(),
            Self::Random { .. } => return None,
            Self::Server { source } => return source.next_step(),
            Self::Status { .. } => "Begin the sign-in again".into(),
            Self::TimedOut => "Start the sign-in again".into(),
        })
    }
}

impl fmt::Display for PortFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held(PortHolder { port, pid: Some(pid), name: Some(name) }) => {
                write!(f, "{port} is in use by `{name}` (pid {pid})")
            }
            Self::Held(PortHolder { port, pid: Some(pid), name: None }) => {
                write!(f, "{port} is in use by process {pid}")
            }
            Self::Held(PortHolder { port, .. }) => write!(f, "{port} is in use by another program"),
            Self::Mute { port } => write!(f, "{port} does not let this machine through to itself"),
            Self::Refused { port, source } => {
                write!(f, "{port} is not given out by this system: {}", cause(source))
            }
        }
    }
}

impl PortFault {
    /// For a front that goes on with the other port.
    pub(super) fn holder(&self) -> PortHolder {
        match self {
            Self::Held(holder) => holder.clone(),
            Self::Mute { port } | Self::Refused { port, .. } => {
                PortHolder { port: *port, pid: None, name: None }
            }
        }
    }
}

/// `503 Service Unavailable`
fn named(status: u16) -> String {
    reqwest::StatusCode::from_u16(status)
        .map_or_else(|_unknown| status.to_string(), |status| status.to_string())
}

struct ListedError<'a>(&'a [PortFault]);

impl fmt::Display for ListedError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

/// An error that ends nothing, for a person to see while the sign-in goes on.
pub(super) fn passing(error: &EndpointError) -> Problem {
    let problem = Problem::new(endpoint_kind(error), sentence(&error.to_string()));
    match error.next_step() {
        Some(next) => problem.with_next(next).while_trying(),
        None => problem,
    }
}

fn endpoint_kind(error: &EndpointError) -> ProblemKind {
    match error {
        EndpointError::Blocked { .. } => ProblemKind::Refused,
        EndpointError::Incomplete { .. }
        | EndpointError::Malformed { .. }
        | EndpointError::Refused { .. } => ProblemKind::SignIn,
        EndpointError::BrokenOff { .. }
        | EndpointError::Setup { .. }
        | EndpointError::Unreachable { .. } => ProblemKind::Network,
        EndpointError::Unavailable { status: 429, .. } => ProblemKind::RateLimited,
        EndpointError::Unavailable { .. } => ProblemKind::Overloaded,
    }
}

fn says_no(description: &str) -> bool {
    let text = description.to_ascii_lowercase();
    ["denied", "declined", "cancel"].iter().any(|word| text.contains(word))
}

/// The words of an address or a server as one line that is fit for a screen; never markup.
pub(super) fn one_line(text: &str) -> String {
    if text.trim_start().starts_with('<') {
        return "no reason given".into();
    }
    let words: Vec<&str> = text
        .split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    words
        .join(" ")
        .chars()
        .filter(|c| !is_trick(*c))
        .take(200)
        .collect::<String>()
        .trim_end_matches('.')
        .to_owned()
}

/// Bidirectional overrides and characters without a width can make a line read as something else.
fn is_trick(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::says;

    #[test]
    fn an_error_of_the_authorize_page_becomes_a_sentence() {
        for (error, description, words) in [
            ("access_denied", "", "declined"),
            ("access_denied", "The user denied the request.", "declined"),
            ("access_denied", "missing_codex_entitlement: seat", "workspace … Codex"),
            ("access_denied", "Unknown reason", "error: Unknown reason"),
            ("server_error", "It\n broke\u{1b}[31m\u{202e}.", "error: It broke [31m"),
            ("server_error", "<html>x</html>", "error: no reason given"),
            ("temporarily_unavailable", "", "error: temporarily_unavailable"),
        ] {
            let said = SignInError::of_page(error, description).to_string();
            assert!(says(&said, words) && !said.contains('\u{202e}'), "{said}");
        }
        let next =
            SignInError::of_page("access_denied", "missing_codex_entitlement").next_step().unwrap();
        assert!(next.contains("workspace administrator"), "{next}");
    }

    #[test]
    fn taken_ports_are_named_with_who_holds_them() {
        let held = |port, pid, name: Option<&str>| {
            PortFault::Held(PortHolder { port, pid, name: name.map(str::to_owned) })
        };
        let error = SignInError::NoPort {
            faults: vec![held(1455, Some(7), Some("java")), held(1457, None, None)],
        };
        let expected = "1455 … `java` (pid 7), 1457 … another program";
        assert!(says(&error.to_string(), expected), "{error}");
        assert!(error.next_step().unwrap().contains("headless"));
    }
}
