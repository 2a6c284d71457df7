//! Problems as errors of the protocol.

use agent_client_protocol::v1::schema::{self, AuthMethod};
use agent_client_protocol::{Error, ErrorCode};
use serde_json::json;

use crate::host::sentence;
use crate::protocol::{Problem, ProblemKind, SessionId};

use super::ids;

/// Returns the error for a request that the engine refused, or for a prompt whose turn failed.
pub fn error(problem: &Problem, methods: &[AuthMethod]) -> Error {
    match problem.kind {
        ProblemKind::NotSignedIn => auth_required(sentence(problem), methods),
        ProblemKind::Config | ProblemKind::OpenElsewhere(_) => invalid(sentence(problem)),
        ProblemKind::NotNow => Error::new(ErrorCode::INVALID_REQUEST, sentence(problem)),
        _ => Error::new(ErrorCode::INTERNAL_ERROR, sentence(problem)),
    }
}

/// Returns the error for not being signed in, with the ways to sign in.
pub fn auth_required(message: impl Into<String>, methods: &[AuthMethod]) -> Error {
    Error::new(ErrorCode::AUTH_REQUIRED, message).data(json!({ "authMethods": methods }))
}

/// Returns the error for parameters that do not fit.
pub fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::INVALID_PARAMS, message)
}

pub fn no_session(id: &SessionId) -> Error {
    schema::Error::session_not_found(ids::shown(id)).into()
}

/// Returns the error for a sign-in that was not completed, with the reason.
pub fn not_completed(message: impl Into<String>, method: &str) -> Error {
    Error::new(ErrorCode::AUTH_REQUIRED, message).data(json!({ "methodId": method }))
}

/// Returns the error for a sign-in that failed. Its code is an internal error if the network, a
/// server or codling is at fault, else it says that authentication is required.
pub fn failed(problem: &Problem, method: &str) -> Error {
    let code = match problem.kind {
        ProblemKind::Network
        | ProblemKind::Overloaded
        | ProblemKind::BrokenStream
        | ProblemKind::CredentialFile
        | ProblemKind::Internal => ErrorCode::INTERNAL_ERROR,
        _ => ErrorCode::AUTH_REQUIRED,
    };
    Error::new(code, sentence(problem)).data(json!({ "methodId": method }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_that_is_down_is_told_from_a_person_who_said_no() {
        for (kind, code) in [
            (ProblemKind::Network, ErrorCode::INTERNAL_ERROR),
            (ProblemKind::SignIn, ErrorCode::AUTH_REQUIRED),
            (ProblemKind::SignInForbidden, ErrorCode::AUTH_REQUIRED),
        ] {
            let error = failed(&Problem::new(kind, "It failed").with_next("Try"), "m");
            assert_eq!((error.code, error.message.as_str()), (code, "It failed. Try"));
            assert_eq!(error.data.unwrap(), json!({ "methodId": "m" }));
        }
    }
}
