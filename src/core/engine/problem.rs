//! Turns each room's error into a [`Problem`]: the one place that does.

use std::time::Duration;

use crate::auth::sign_in::{KeyError, SignInError};
use crate::auth::{AuthError, AuthErrorKind};
use crate::base::Advice;
use crate::base::text::sentence;
use crate::config::ConfigError;
use crate::model::ModelError;
use crate::protocol::{
    Failure, Problem, ProblemKind, Provider, ProviderId, ProviderSource, RetryAdvice,
};
use crate::store::StoreError;
use crate::tools::PictureError;
use crate::workspace::{ClientFileError, WatchError};

pub(super) fn of_auth(error: &AuthError) -> Problem {
    let kind = match error.kind() {
        AuthErrorKind::CredentialFile => ProblemKind::CredentialFile,
        AuthErrorKind::Forbidden => ProblemKind::SignInForbidden,
        AuthErrorKind::Internal => ProblemKind::Internal,
        AuthErrorKind::Settings => ProblemKind::Config,
        AuthErrorKind::Network => ProblemKind::Network,
        AuthErrorKind::NotSignedIn => ProblemKind::NotSignedIn,
        AuthErrorKind::Unavailable => ProblemKind::Overloaded,
    };
    // A client that owns its tokens knows these words as they are.
    match error {
        AuthError::ClientInvalid
        | AuthError::ClientLate { .. }
        | AuthError::ClientRefused { .. }
        | AuthError::NotAToken => {
            Problem { kind, message: error.to_string(), next: error.next_step() }
        }
        _ => problem(kind, error),
    }
}

pub(super) fn of_sign_in(error: &SignInError) -> Problem {
    match error {
        // A program knows these words as they are.
        SignInError::Status { .. } => {
            Problem { kind: error.kind(), message: error.to_string(), next: error.next_step() }
        }
        _ => problem(error.kind(), error),
    }
}

pub(super) fn of_key(error: &KeyError) -> Problem {
    problem(error.problem_kind(), error)
}

pub(super) fn of_model(error: &ModelError, took: Duration) -> Failure {
    Failure { problem: problem(error.kind(), error), retry: error.retry(), took }
}

pub(super) fn of_network(error: &impl Advice) -> Problem {
    problem(ProblemKind::Network, error)
}

pub(super) fn of_config(error: &ConfigError) -> Problem {
    problem(ProblemKind::Config, error)
}

pub(super) fn of_store(error: &StoreError) -> Problem {
    let kind = match error {
        StoreError::Ambiguous { .. }
        | StoreError::NoTurn
        | StoreError::NoneHere { .. }
        | StoreError::NoSession { .. } => ProblemKind::Config,
        StoreError::OpenElsewhere { open } => ProblemKind::OpenElsewhere(Box::new(open.clone())),
        StoreError::History { .. }
        | StoreError::FirstLine { .. }
        | StoreError::InUse { .. }
        | StoreError::Newer { .. }
        | StoreError::Session { .. } => ProblemKind::Internal,
    };
    problem(kind, error)
}

pub(super) fn of_picture(error: &PictureError) -> Problem {
    problem(ProblemKind::Config, error)
}

/// A program knows these words as they are.
pub(super) fn of_client_file(error: &ClientFileError) -> Problem {
    Problem::new(ProblemKind::Config, error.to_string())
}

pub(super) fn of_watch(error: &WatchError) -> Problem {
    Problem::new(ProblemKind::Internal, error.to_string())
}

pub(super) fn no_provider(provider: &ProviderId, known: &[Provider]) -> Problem {
    let known = known.iter().filter(|own| own.source == ProviderSource::Settings);
    let known = known.map(|own| own.id.clone()).collect();
    of_auth(&AuthError::NoProvider { provider: provider.clone(), known })
}

pub(super) fn of_start(error: &std::io::Error) -> Problem {
    Problem::new(ProblemKind::Internal, format!("the engine could not be started: {error}"))
}

/// No credential could be had for a request. Trying again helps only where the sign-in server was
/// out of reach.
pub(super) fn without_access(error: &AuthError, took: Duration) -> Failure {
    let retry = if error.is_unreachable() { RetryAdvice::Unreachable } else { RetryAdvice::Never };
    Failure { problem: of_auth(error), retry, took }
}

fn problem(kind: ProblemKind, error: &impl Advice) -> Problem {
    Problem { kind, message: sentence(&error.to_string()).into_owned(), next: error.next_step() }
}
