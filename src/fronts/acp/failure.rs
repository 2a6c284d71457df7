//! Problems as errors of the protocol.

use agent_client_protocol::v1::schema::{self, AuthMethod};
use agent_client_protocol::{Error, ErrorCode};
use serde_json::json;

use crate::protocol::{Problem, ProblemKind, SessionId};

use super::ids;

/// What a request is answered with that the engine refused, or a prompt whose turn failed.
pub fn error(problem: &Problem, methods: &[AuthMethod]) -> Error {
    match problem.kind {
        ProblemKind::NotSignedIn => auth_required(sentence(problem), methods),
        ProblemKind::Config | ProblemKind::OpenElsewhere(_) => invalid(sentence(problem)),
        ProblemKind::NotNow => Error::new(ErrorCode::INVALID_REQUEST, sentence(problem)),
        _ => Error::new(ErrorCode::INTERNAL_ERROR, sentence(problem)),
    }
}

/// Nobody is signed in: the ways to do so go along.
pub fn auth_required(message: impl Into<String>, methods: &[AuthMethod]) -> Error {
    Error::new(ErrorCode::AUTH_REQUIRED, message).data(json!({ "authMethods": methods }))
}

/// Parameters that do not fit.
pub fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::INVALID_PARAMS, message)
}

pub fn no_session(id: &SessionId) -> Error {
    schema::Error::session_not_found(ids::told(id)).into()
}

/// What failed and what to do next.
pub fn sentence(problem: &Problem) -> String {
    match &problem.next {
        Some(next) => format!("{}. {}", problem.message, crate::protocol::in_shell(next)),
        None => problem.message.clone(),
    }
}
