//! Problems in the protocol's words: the names of errors, and the error of a turn.

use serde_json::{Value, json};

use crate::host::sentence;
use crate::protocol::{Problem, ProblemKind};

use crate::app_server::transport::wire::Fault;

/// The `error` member of a turn.
pub fn turn_error(problem: &Problem) -> Value {
    json!({
        "message": problem.message, "codexErrorInfo": info(&problem.kind),
        "additionalDetails": problem.next,
    })
}

fn info(kind: &ProblemKind) -> Value {
    match kind {
        ProblemKind::BadRequest | ProblemKind::NoModel => json!("badRequest"),
        ProblemKind::BrokenStream => {
            json!({ "responseStreamDisconnected": { "httpStatusCode": null } })
        }
        ProblemKind::ContextLength => json!("contextWindowExceeded"),
        ProblemKind::Internal => json!("internalServerError"),
        ProblemKind::Network => json!({ "httpConnectionFailed": { "httpStatusCode": null } }),
        ProblemKind::NotSignedIn => json!("unauthorized"),
        ProblemKind::Overloaded => json!("serverOverloaded"),
        ProblemKind::Quota | ProblemKind::UsageLimit { .. } => json!("usageLimitExceeded"),
        ProblemKind::RateLimited => json!("rateLimitExceeded"),
        ProblemKind::Answer
        | ProblemKind::Config
        | ProblemKind::CredentialFile
        | ProblemKind::NoDeviceCodes
        | ProblemKind::NotNow
        | ProblemKind::OpenElsewhere(_)
        | ProblemKind::Refused
        | ProblemKind::Resolved
        | ProblemKind::SignIn
        | ProblemKind::SignInForbidden
        | ProblemKind::TokensHeld
        | ProblemKind::TooManyRequests => json!("other"),
    }
}

/// The error that answers a request which the engine refused.
pub fn fault(problem: &Problem) -> Fault {
    match problem.kind {
        ProblemKind::TooManyRequests => Fault::overloaded(),
        ProblemKind::Internal | ProblemKind::CredentialFile => Fault::internal(sentence(problem)),
        _ => Fault::invalid(sentence(problem)),
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        fault(&problem)
    }
}
