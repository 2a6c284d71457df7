//! What went wrong, in words for a person, with a kind for programs.

use std::borrow::Cow;
use std::time::Duration;

use crate::base::Timestamp;

/// One sentence on what failed, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// Ends without a full stop; never raw JSON, HTML or a secret.
    pub message: String,
    /// What the person can do, where there is something.
    pub next: Option<String>,
}

/// Fronts turn these into exit codes, JSON-RPC codes and looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The answer is not of the form, or could not be put in the place, that was asked for.
    Answer,
    /// The server refused what was asked as it was asked (400, 404, 413, policy).
    BadRequest,
    /// A stream ended before its end was told.
    BrokenStream,
    /// Settings or arguments.
    Config,
    ContextLength,
    /// auth.json could not be read or written.
    CredentialFile,
    /// A defect of ours.
    Internal,
    /// Proxy, certificate, name look-up or no network.
    Network,
    /// Nobody is signed in, or the sign-in cannot be renewed: sign in (again).
    NotSignedIn,
    /// What was asked does not fit what goes on just now: a turn runs, or there is nothing to do it to.
    NotNow,
    /// Overload or a fault of the server's (5xx).
    Overloaded,
    /// More was asked at once than is taken on: wait for answers first.
    TooManyRequests,
    Quota,
    RateLimited,
    /// 403: the account may not do this.
    Refused,
    /// What was answered waits no more: somebody else was first, or it is out of date.
    Resolved,
    /// A sign-in did not come to its end.
    SignIn,
    UsageLimit {
        resets: Option<Timestamp>,
    },
}

/// A request that failed, with what the session may do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub problem: Problem,
    pub retry: RetryAdvice,
    /// How long the request had been on its way.
    pub took: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAdvice {
    /// The server named a time to wait, 60 s at most.
    After(Duration),
    Backoff,
    /// 401: once, with a refreshed credential.
    Credential,
    Never,
    /// No server answered: the line is down, the name has no address, or nobody listens there.
    Unreachable,
    /// At once, without the pictures that were refused.
    WithoutPictures,
}

/// Advice as it reads in a shell, where no slash command can be typed.
pub fn in_shell(advice: &str) -> Cow<'_, str> {
    const LOGIN: &str = "`codling auth login`";
    match advice.contains("`/connect`") {
        true => advice
            .replace("`/connect` or `codling auth login`", LOGIN)
            .replace("`/connect`", LOGIN)
            .into(),
        false => advice.into(),
    }
}

impl Problem {
    pub fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), next: None }
    }

    pub fn with_next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_shell_nobody_is_told_to_type_a_slash_command() {
        for (advice, expected) in [
            ("Sign in again with `/connect`", "Sign in again with `codling auth login`"),
            (
                "Sign in with `/connect` or `codling auth login`",
                "Sign in with `codling auth login`",
            ),
            ("Try again in a minute", "Try again in a minute"),
        ] {
            assert_eq!(in_shell(advice), expected);
        }
    }
}
