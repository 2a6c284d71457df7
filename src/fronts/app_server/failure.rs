//! Problems in the protocol's words: what an error is called there, and how a turn's is told.

use serde_json::{Value, json};

use crate::protocol::{Problem, ProblemKind};

use super::wire::Fault;

/// The error of a turn.
pub fn turn_error(problem: &Problem) -> Value {
    json!({
        "message": problem.message, "codexErrorInfo": info(&problem.kind),
        "additionalDetails": problem.next,
    })
}

fn info(kind: &ProblemKind) -> Value {
    match kind {
        ProblemKind::BadRequest => json!("badRequest"),
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

/// What a request is answered with that the engine refused.
pub fn fault(problem: &Problem) -> Fault {
    match problem.kind {
        ProblemKind::TooManyRequests => Fault::overloaded(),
        ProblemKind::Internal | ProblemKind::CredentialFile => Fault::internal(sentence(problem)),
        _ => Fault::invalid(sentence(problem)),
    }
}

/// What failed and what to do next.
pub fn sentence(problem: &Problem) -> String {
    match &problem.next {
        Some(next) => format!("{}. {}", problem.message, crate::protocol::in_shell(next)),
        None => problem.message.clone(),
    }
}
