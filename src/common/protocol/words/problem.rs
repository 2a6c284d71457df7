//! Problems: what went wrong, in words for a person, with a kind for programs.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;

use crate::protocol::{ItemId, OpenElsewhere};

/// One sentence on what failed, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The kind of problem, for programs.
    pub kind: ProblemKind,
    /// Ends without a full stop; never raw JSON, HTML or a secret.
    pub message: String,
    /// The next step for the person, where there is one.
    pub next: Option<String>,
}

/// The kind of a problem; fronts turn it into exit codes, JSON-RPC codes and styles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProblemKind {
    /// The answer does not have the form that was asked for, or could not be written where it was
    /// to go.
    Answer,
    /// The server refused the request as it was (400, 404, 413, policy).
    BadRequest,
    /// A stream broke off before it was complete.
    BrokenStream,
    /// The settings or the arguments are wrong.
    Config,
    /// The conversation no longer fits the model's context.
    ContextLength,
    /// auth.json could not be read or written.
    CredentialFile,
    /// A defect of codling's.
    Internal,
    /// Proxy, certificate, name look-up or no network.
    Network,
    /// The provider does not have the model that was asked.
    NoModel,
    /// The sign-in server gives out no device codes.
    NoDeviceCodes,
    /// There is no sign-in, or it cannot be renewed: sign in (again).
    NotSignedIn,
    /// The command does not fit what is going on: a turn runs, or there is nothing to apply it to.
    NotNow,
    /// Another program has the session open.
    OpenElsewhere(Box<OpenElsewhere>),
    /// Overload or a fault of the server's (5xx).
    Overloaded,
    /// More commands were sent at once than are taken on; some have to be answered first.
    TooManyRequests,
    /// The account has no credit left (`insufficient_quota`).
    Quota,
    /// Too many requests in a short time (429): waiting helps.
    RateLimited,
    /// 403: the account may not do this.
    Refused,
    /// The ask that was answered waits no more: somebody else was first, or it is out of date.
    Resolved,
    /// A sign-in could not be completed.
    SignIn,
    /// The person's settings do not allow this sign-in.
    SignInForbidden,
    /// A client's own tokens are in use, and only that client changes them.
    TokensHeld,
    /// The plan's allowance is used up until it is renewed.
    UsageLimit {
        /// When it is renewed; `None` where the server does not say.
        resets: Option<Timestamp>,
    },
}

/// A request that failed, with what the session may do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The problem to report if the request is not sent again.
    pub problem: Problem,
    /// Whether the same request may be sent again, and when.
    pub retry: RetryAdvice,
    /// How long the request took until it failed.
    pub took: Duration,
}

/// Whether and when a failed request may be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryAdvice {
    /// The server named a time to wait, 60 s at most.
    After(Duration),
    /// After a wait that grows with every attempt.
    Backoff,
    /// Once, with a refreshed credential, after a 401.
    Credential,
    /// The same request would fail again.
    Never,
    /// No server answered: there is no connection, the name has no address, or nobody listens
    /// there.
    Unreachable,
    /// At once, without the item of the conversation that was refused.
    WithoutItem(ItemId),
    /// At once, without the pictures that were refused.
    WithoutPictures,
}

/// How advice ends where nothing is tried again by itself.
const AND_TRY_AGAIN: &str = " and try again";

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
    /// A problem without advice on what to do next.
    pub fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), next: None }
    }

    /// The same problem, with what the person can do, without a full stop.
    pub fn with_next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// The same problem while codling goes on trying by itself: nobody is told to try again, and
    /// only at the network is there anything to do meanwhile.
    pub fn while_trying(self) -> Self {
        let is_near = self.kind == ProblemKind::Network;
        let next = self.next.filter(|_| is_near);
        let next = next.map(|next| match next.strip_suffix(AND_TRY_AGAIN) {
            Some(check) => check.trim_end_matches(',').to_owned(),
            None => next,
        });
        Self { next, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_to_try_again_while_codling_does() {
        for (kind, advice, left) in [
            (ProblemKind::Overloaded, "Try again in a minute", None),
            (ProblemKind::BrokenStream, "Send the prompt again to go on", None),
            (ProblemKind::Network, "Check the network and try again", Some("Check the network")),
            (ProblemKind::Network, "Check `A`, or `B`, and try again", Some("Check `A`, or `B`")),
            (ProblemKind::Network, "Check `NO_PROXY`", Some("Check `NO_PROXY`")),
        ] {
            let problem = Problem::new(kind, "It failed").with_next(advice).while_trying();
            assert_eq!(problem.next.as_deref(), left, "{advice}");
        }
    }

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
