//! Turns an approval into tokens, through passing trouble.

use std::future::Future;

use tokio::time::{Instant, sleep};

use crate::auth::EndpointError;
use crate::net::NetFailure;
use crate::protocol::SignInStep;

use super::error::{SignInError, passing};
use super::pace::SignInPace;

/// Receives the steps of a sign-in.
pub type StepSink<'a> = &'a (dyn Fn(SignInStep) + Send + Sync);

/// Tries to exchange until there is a definite answer or the time is up. A code is never sent again
/// after one: it may be spent.
///
/// # Errors
///
/// The server refused, or did not answer in time.
pub async fn retrying<T, F: Future<Output = Result<T, EndpointError>>>(
    attempt: impl Fn() -> F,
    pace: SignInPace,
    until: Instant,
    report: StepSink<'_>,
) -> Result<T, SignInError> {
    report(SignInStep::Exchanging);
    let mut failures = 0;
    loop {
        let source = match attempt().await {
            Ok(tokens) => return Ok(tokens),
            Err(source) => source,
        };
        failures += 1;
        let wait = pace.after_error(failures, &source);
        if !passes(&source) || Instant::now() + wait >= until {
            return Err(SignInError::Exchange { source });
        }
        report(SignInStep::Retrying(passing(&source)));
        sleep(wait).await;
    }
}

/// Whether no definite answer came, and one may come in a while.
pub(super) fn passes(error: &EndpointError) -> bool {
    match error {
        EndpointError::Unavailable { .. } => true,
        EndpointError::BrokenOff { failure, .. } | EndpointError::Unreachable { failure, .. } => {
            match failure {
                NetFailure::Connection { .. } | NetFailure::Name { .. } | NetFailure::Timeout => {
                    true
                }
                NetFailure::Certificate { .. } | NetFailure::Proxy { .. } => false,
            }
        }
        EndpointError::Blocked { .. }
        | EndpointError::Incomplete { .. }
        | EndpointError::Malformed { .. }
        | EndpointError::Refused { .. }
        | EndpointError::Setup { .. } => false,
    }
}
