//! The two private endpoints behind a device code. They resemble RFC 8628 in nothing but the idea;
//! waits are the caller's business.

use std::time::Duration;

use serde_json::{Value, json};

use crate::auth::endpoint::{answer, post_json, wire};
use crate::auth::{AuthContext, EndpointError};
use crate::base::{Secret, Timestamp};

use super::pace::SignInPace;

/// The answer of `POST {auth}/api/accounts/deviceauth/usercode`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DeviceCode {
    pub id: Secret,
    /// The code that the person types: `ABCD-12345`.
    pub user_code: String,
    /// Seconds between two polls.
    pub interval: u64,
    /// Seconds that the code lives.
    pub lifetime: u64,
}

/// The result of one poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DevicePoll {
    /// The server made the verifier, too.
    Approved {
        code: Secret,
        verifier: Secret,
    },
    Pending,
    /// Pending, and the polls come too fast (RFC 8628, section 3.5).
    SlowDown,
}

/// Asks for a code.
pub(super) async fn request_code(
    context: &AuthContext,
    pace: SignInPace,
) -> Result<DeviceCode, EndpointError> {
    let body = json!({ "client_id": wire::CLIENT_ID });
    let request = post_json(context, wire::USER_CODE_PATH, &body)?.timeout(pace.request);
    let answer = answer::read(context, request, &[]).await?;
    DeviceCode::read(&answer, context.clock.now(), pace.code_seconds)
}

/// Asks once whether the code was approved. 403 and 404 are this server's words for "not yet",
/// whatever their body says.
pub(super) async fn poll(
    context: &AuthContext,
    device: &DeviceCode,
    pace: SignInPace,
) -> Result<DevicePoll, EndpointError> {
    let body = json!({ "device_auth_id": device.id.expose(), "user_code": device.user_code });
    let request = post_json(context, wire::POLL_PATH, &body)?.timeout(pace.request);
    match answer::read(context, request, &[device.id.expose(), &device.user_code]).await {
        Ok(answer) => Ok(DevicePoll::Approved {
            code: text(&answer, "authorization_code")
                .map(Secret::new)
                .ok_or(EndpointError::Incomplete { field: "authorization_code" })?,
            verifier: text(&answer, "code_verifier")
                .map(Secret::new)
                .ok_or(EndpointError::Incomplete { field: "code_verifier" })?,
        }),
        Err(EndpointError::Refused { code: Some(code), .. }) if code == "slow_down" => {
            Ok(DevicePoll::SlowDown)
        }
        Err(EndpointError::Refused { code: Some(code), .. }) if code == "authorization_pending" => {
            Ok(DevicePoll::Pending)
        }
        Err(
            EndpointError::Refused { status: 403 | 404, .. }
            | EndpointError::Blocked { status: 404, .. },
        ) => Ok(DevicePoll::Pending),
        Err(error) => Err(error),
    }
}

impl DeviceCode {
    fn read(answer: &Value, now: Timestamp, default_lifetime: u64) -> Result<Self, EndpointError> {
        let id = text(answer, "device_auth_id")
            .ok_or(EndpointError::Incomplete { field: "device_auth_id" })?;
        let user_code = text(answer, "user_code")
            .or_else(|| text(answer, "usercode"))
            .filter(|code| code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_graphic()))
            .ok_or(EndpointError::Incomplete { field: "user_code" })?;
        let interval = answer.get("interval").and_then(number).unwrap_or(5).clamp(1, 60);
        Ok(Self {
            id: Secret::new(id),
            user_code: user_code.to_owned(),
            interval,
            lifetime: lifetime(answer, now).unwrap_or(default_lifetime),
        })
    }
}

/// `expires_in` in seconds, or `expires_at` as seconds since 1970 or as RFC 3339; believed from one
/// second to one hour.
fn lifetime(answer: &Value, now: Timestamp) -> Option<u64> {
    let lifetime = match (answer.get("expires_in"), answer.get("expires_at")) {
        (Some(seconds), _) => number(seconds)?,
        (None, Some(at)) => {
            let seconds =
                match at.as_str().and_then(|text| text.trim().parse::<jiff::Timestamp>().ok()) {
                    Some(at) => at.as_second(),
                    None => i64::try_from(number(at)?).ok()?,
                };
            Timestamp::from_seconds(seconds).since(now).as_secs()
        }
        (None, None) => return None,
    };
    (1..=Duration::from_secs(3600).as_secs()).contains(&lifetime).then_some(lifetime)
}

/// A whole number, or a string of one: this server writes `"5"`.
fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number
            .as_u64()
            .or_else(|| number.as_f64().filter(|n| *n >= 0.0).map(|n| n.ceil() as u64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn text<'a>(answer: &'a Value, field: &str) -> Option<&'a str> {
    answer.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn read(mut answer: Value) -> Result<DeviceCode, EndpointError> {
        for (key, value) in [("device_auth_id", "dev-1"), ("user_code", "ABCD-12345")] {
            if answer.get(key).is_none() {
                answer[key] = value.into();
            }
        }
        DeviceCode::read(&answer, NOW, 900)
    }

    #[test]
    fn an_interval_may_be_a_string_a_number_or_missing() {
        for (answer, seconds) in [
            (json!({"interval": "7"}), 7),
            (json!({"interval": 7}), 7),
            (json!({"interval": 2.5}), 3),
            (json!({}), 5),
            (json!({"interval": null}), 5),
            (json!({"interval": "soon"}), 5),
            (json!({"interval": -3}), 5),
            (json!({"interval": "0"}), 1),
            (json!({"interval": 86_400}), 60),
        ] {
            assert_eq!(read(answer.clone()).unwrap().interval, seconds, "{answer}");
        }
    }

    #[test]
    fn a_codes_life_is_believed_when_it_is_sane() {
        for (answer, seconds) in [
            (json!({}), 900),
            (json!({"expires_in": 600}), 600),
            (json!({"expires_in": "600"}), 600),
            (json!({"expires_in": 0}), 900),
            (json!({"expires_in": 99_999_999}), 900),
            (json!({"expires_at": 1_795_000_300}), 300),
            (json!({"expires_at": "1795000300"}), 300),
            (json!({"expires_at": "2020-01-01T00:00:00Z"}), 900),
            (json!({"expires_at": 17}), 900),
            (json!({"expires_at": "later"}), 900),
        ] {
            assert_eq!(read(answer.clone()).unwrap().lifetime, seconds, "{answer}");
        }
        let at = jiff::Timestamp::from_second(1_795_000_120).unwrap().to_string();
        assert_eq!(read(json!({ "expires_at": at })).unwrap().lifetime, 120);
    }

    #[test]
    fn a_user_code_has_two_spellings_and_no_control_characters() {
        let other = json!({"device_auth_id": "dev-1", "usercode": "WXYZ-1", "user_code": ""});
        assert_eq!(DeviceCode::read(&other, NOW, 900).unwrap().user_code, "WXYZ-1");
        for bad in [
            json!({"user_code": "AB\u{1b}[2J"}),
            json!({"user_code": 7}),
            json!({"device_auth_id": ""}),
            json!({"user_code": "x".repeat(65)}),
        ] {
            assert!(matches!(read(bad.clone()), Err(EndpointError::Incomplete { .. })), "{bad}");
        }
    }
}
