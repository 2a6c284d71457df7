//! The headless way: a code to type on any device, and a poll for its approval. Opens no port and
//! no browser.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::auth::endpoint::{self, AuthorizationCode, wire};
use crate::auth::{AuthContext, EndpointError, OAuthTokens};
use crate::base::{Secret, Timestamp};
use crate::net::NetFailure;
use crate::protocol::{SignInPatience, SignInStep};

use super::device::{self, DeviceCode, DevicePoll};
use super::error::{SignInError, passing};
use super::exchange::{StepSink, retrying};
use super::pace::SignInPace;

/// How often a code is asked for before a person hears that none can be had.
const CODE_TRIES: u32 = 3;
/// The longest a server may make a person wait for a code, in seconds.
const CODE_PATIENCE: u64 = 10;

/// Signs in with a device code: fetches one, tells it, asks for its approval while it lives, and
/// fetches another when it has expired.
///
/// Everything runs inside the future that is returned: dropping it ends the poll.
///
/// # Errors
///
/// The server refused the sign-in, the person denied it, or the codes expired.
pub async fn headless(
    context: &AuthContext,
    patience: SignInPatience,
    report: StepSink<'_>,
) -> Result<OAuthTokens, SignInError> {
    at_pace(context, report, SignInPace::of(patience)).await
}

pub(super) async fn at_pace(
    context: &AuthContext,
    report: StepSink<'_>,
    pace: SignInPace,
) -> Result<OAuthTokens, SignInError> {
    let mut fetched = 0;
    let mut deadline;
    let (code, verifier) = loop {
        let device = fetch(context, report, pace).await?;
        fetched += 1;
        let expires = context.clock.now() + Duration::from_secs(device.lifetime);
        deadline = Instant::now() + pace.seconds(device.lifetime);
        let url = context.origins.auth.at(wire::DEVICE_PAGE).to_string();
        report(SignInStep::Code { url, code: device.user_code.clone(), expires });
        match timeout_at(deadline, approval(context, &device, expires, report, pace))
            .await
            .unwrap_or(Err(SignInError::CodeExpired))
        {
            // A person who looks up the code late finds one that can still be typed.
            Err(SignInError::CodeExpired) if fetched < pace.codes => {}
            ended => break ended?,
        }
    };
    let redirect = context.origins.auth.at(wire::DEVICE_REDIRECT).to_string();
    let approval = AuthorizationCode { code: &code, verifier: &verifier, redirect: &redirect };
    // An approval in the last second is worth as much as any other.
    let until = deadline.max(Instant::now() + pace.seconds(60));
    retrying(|| endpoint::exchange(context, approval), pace, until, report).await
}

/// A person waits for the code and can ask again with one key, so trouble is tried away for a few
/// seconds only.
async fn fetch(
    context: &AuthContext,
    report: StepSink<'_>,
    pace: SignInPace,
) -> Result<DeviceCode, SignInError> {
    let mut failures = 0;
    loop {
        let source = match device::request_code(context, pace).await {
            Ok(device) => return Ok(device),
            Err(
                EndpointError::Refused { status: 404, .. }
                | EndpointError::Blocked { status: 404, .. },
            ) => {
                return Err(SignInError::HeadlessOff);
            }
            Err(source) => source,
        };
        if pace.patience == SignInPatience::Program {
            return Err(match source.status() {
                Some(status) => SignInError::Status { what: "device code request", status },
                None => SignInError::NoCode { source },
            });
        }
        failures += 1;
        let may_pass = match &source {
            EndpointError::Unavailable { after, .. } => {
                after.is_none_or(|asked| asked.as_secs() <= CODE_PATIENCE)
            }
            EndpointError::BrokenOff { failure, .. }
            | EndpointError::Unreachable { failure, .. } => {
                matches!(failure, NetFailure::Connection { .. })
                    && pace.patience == SignInPatience::Person
            }
            _ => false,
        };
        if !may_pass || failures >= CODE_TRIES {
            return Err(SignInError::NoCode { source });
        }
        report(SignInStep::Retrying(passing(&source)));
        sleep(pace.after_error(failures, &source)).await;
    }
}

/// Polls until there is a definite answer. The first poll is made at once, as the peers do.
async fn approval(
    context: &AuthContext,
    device: &DeviceCode,
    expires: Timestamp,
    report: StepSink<'_>,
    pace: SignInPace,
) -> Result<(Secret, Secret), SignInError> {
    let mut interval = device.interval;
    let mut failures = 0;
    // The runtime's clock stands still while a machine sleeps; the code grows old all the same.
    while context.clock.now() < expires {
        let wait = match device::poll(context, device, pace).await {
            Ok(DevicePoll::Approved { code, verifier }) => return Ok((code, verifier)),
            Ok(pending) => {
                if std::mem::take(&mut failures) > 0 {
                    report(SignInStep::Reconnected);
                }
                if pending == DevicePoll::SlowDown {
                    interval = (interval + 5).min(60);
                }
                pace.seconds(interval)
            }
            Err(error) if pace.patience == SignInPatience::Program => {
                return Err(match error.status() {
                    Some(status) => SignInError::Status { what: "device auth", status },
                    None => SignInError::Poll { source: error },
                });
            }
            Err(error) if goes_on(&error, pace.patience) => {
                failures += 1;
                report(SignInStep::Retrying(passing(&error)));
                pace.after_error(failures, &error).max(pace.seconds(interval))
            }
            Err(error) => return Err(ended(error)),
        };
        sleep(wait).await;
    }
    Err(SignInError::CodeExpired)
}

/// Nothing but a definite answer of the sign-in server itself ends a poll: all else may be gone
/// before the code is. Where nobody sees that the network is down, that ends it too.
fn goes_on(error: &EndpointError, patience: SignInPatience) -> bool {
    match error {
        EndpointError::BrokenOff { .. } | EndpointError::Unreachable { .. } => {
            patience != SignInPatience::OneCode
        }
        EndpointError::Blocked { .. } | EndpointError::Unavailable { .. } => true,
        EndpointError::Incomplete { .. }
        | EndpointError::Malformed { .. }
        | EndpointError::Refused { .. }
        | EndpointError::Setup { .. } => false,
    }
}

fn ended(error: EndpointError) -> SignInError {
    let EndpointError::Refused { code, message, .. } = error else {
        return SignInError::Poll { source: error };
    };
    let code = code.unwrap_or_default().to_ascii_lowercase();
    if code.contains("denied") || code.contains("declin") {
        SignInError::Denied
    } else if code.contains("expired") {
        SignInError::CodeExpired
    } else {
        SignInError::CodeRefused { message }
    }
}
