//! Turns an approval into tokens, through passing trouble. Knows neither of the two ways to an approval.

use tokio::time::{Instant, sleep};

use crate::auth::{EndpointError, Ground, Tokens, endpoint};
use crate::base::Secret;
use crate::net::Trouble;
use crate::protocol::SignInStep;

use super::error::{SignInError, passing};
use super::pace::Pace;

/// What a sign-in tells on its way.
pub(super) type Tell<'a> = &'a (dyn Fn(SignInStep) + Send + Sync);

/// An approval: both halves of what the token endpoint wants, and the redirect they belong to.
pub(super) struct Approval<'a> {
    pub code: &'a Secret,
    pub verifier: &'a Secret,
    pub redirect: &'a str,
}

/// Exchanges until there is a definite answer or the time is up. A code is never sent again after one: it may be spent.
pub(super) async fn exchange(
    ground: &Ground,
    approval: Approval<'_>,
    pace: Pace,
    until: Instant,
    tell: Tell<'_>,
) -> Result<Tokens, SignInError> {
    tell(SignInStep::Exchanging);
    let mut failures = 0;
    loop {
        let source = match endpoint::exchange(ground, approval.code.expose(), approval.verifier, approval.redirect).await {
            Ok(tokens) => return Ok(tokens),
            Err(source) => source,
        };
        failures += 1;
        let wait = pace.after_error(failures, &source);
        if !passes(&source) || Instant::now() + wait >= until {
            return Err(SignInError::Exchange { source });
        }
        tell(SignInStep::Retrying(passing(&source)));
        sleep(wait).await;
    }
}

/// Whether no definite answer came, and one may come in a while.
pub(super) fn passes(error: &EndpointError) -> bool {
    match error {
        EndpointError::Unavailable { .. } => true,
        EndpointError::Unreachable { trouble, .. } => match trouble {
            Trouble::Connection { .. } | Trouble::Name { .. } | Trouble::Timeout => true,
            Trouble::Certificate { .. } | Trouble::Proxy { .. } => false,
        },
        EndpointError::Blocked { .. }
        | EndpointError::Incomplete { .. }
        | EndpointError::Malformed { .. }
        | EndpointError::Refused { .. }
        | EndpointError::Setup { .. } => false,
    }
}
