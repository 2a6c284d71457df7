//! How much of a plan is used, from response headers, from the stream, and from the usage endpoint.

use reqwest::header::HeaderMap;
use serde::Deserialize;

use crate::base::Timestamp;
use crate::model::header_names;
use crate::protocol::{Limit, Limits};

/// Reads `x-codex-primary-*` and `x-codex-secondary-*`, which come with answers of any status.
pub fn from_headers(headers: &HeaderMap) -> Option<Limits> {
    let [primary, secondary] = header_names::LIMIT_PREFIXES.map(|prefix| {
        let text =
            |ending: &str| headers.get(format!("{prefix}-{ending}"))?.to_str().ok().map(str::trim);
        let used = text(header_names::LIMIT_USED)?.parse::<f64>().ok()?;
        let minutes = text(header_names::LIMIT_WINDOW).and_then(|text| text.parse().ok());
        let resets = text(header_names::LIMIT_RESET)
            .and_then(|text| text.parse().ok())
            .map(Timestamp::from_seconds);
        limit(used, minutes, resets)
    });
    some(Limits { primary, secondary })
}

/// Reads a `codex.rate_limits` event, unless it tells of a limit that is not the plan's own.
pub fn from_event(data: &str, now: Timestamp) -> Option<Limits> {
    #[derive(Deserialize)]
    struct Event {
        rate_limits: Option<Windows>,
        #[serde(alias = "metered_limit_name")]
        limit_name: Option<String>,
    }
    let event: Event = serde_json::from_str(data).ok()?;
    let is_plans_own = event.limit_name.is_none_or(|name| name == "codex");
    event.rate_limits.filter(|_| is_plans_own)?.read(now)
}

/// Reads the answer of `GET <chatgpt>/backend-api/wham/usage`; a plan without limits has none to
/// tell.
///
/// # Errors
///
/// The body is not the JSON of a usage answer.
pub fn from_usage(body: &str, now: Timestamp) -> Result<Limits, serde_json::Error> {
    #[derive(Deserialize)]
    struct Usage {
        rate_limit: Option<Windows>,
    }
    let usage: Usage = serde_json::from_str(body)?;
    Ok(usage.rate_limit.and_then(|windows| windows.read(now)).unwrap_or_default())
}

#[derive(Deserialize)]
struct Windows {
    #[serde(alias = "primary_window")]
    primary: Option<Window>,
    #[serde(alias = "secondary_window")]
    secondary: Option<Window>,
}

#[derive(Deserialize)]
struct Window {
    used_percent: Option<f64>,
    window_minutes: Option<u64>,
    limit_window_seconds: Option<u64>,
    /// Seconds since 1970.
    reset_at: Option<i64>,
    reset_after_seconds: Option<i64>,
}

impl Windows {
    fn read(self, now: Timestamp) -> Option<Limits> {
        let [primary, secondary] = [self.primary, self.secondary].map(|window| window?.read(now));
        some(Limits { primary, secondary })
    }
}

impl Window {
    fn read(self, now: Timestamp) -> Option<Limit> {
        let minutes = self.window_minutes.or(self.limit_window_seconds.map(|seconds| seconds / 60));
        let after = |seconds: i64| Timestamp(now.0.saturating_add(seconds.saturating_mul(1000)));
        let resets =
            self.reset_at.map(Timestamp::from_seconds).or(self.reset_after_seconds.map(after));
        limit(self.used_percent?, minutes, resets)
    }
}

/// A window that says nothing (0 %, without size or end) is none.
fn limit(
    used_percent: f64,
    window_minutes: Option<u64>,
    resets: Option<Timestamp>,
) -> Option<Limit> {
    let said =
        used_percent > 0.0 || window_minutes.is_some_and(|minutes| minutes > 0) || resets.is_some();
    (said && used_percent.is_finite()).then_some(Limit {
        used_percent: used_percent.clamp(0.0, 100.0),
        window_minutes,
        resets,
    })
}

fn some(limits: Limits) -> Option<Limits> {
    (limits.primary.is_some() || limits.secondary.is_some()).then_some(limits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::header_names::headers;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn window(
        used_percent: f64,
        window_minutes: Option<u64>,
        resets: Option<i64>,
    ) -> Option<Limit> {
        Some(Limit { used_percent, window_minutes, resets: resets.map(Timestamp) })
    }

    #[test]
    fn headers_tell_of_both_windows_and_empty_ones_are_dropped() {
        let table = [
            (headers(&[]), None),
            (headers(&[("x-codex-primary-used-percent", "0")]), None),
            (headers(&[("x-codex-primary-used-percent", "many")]), None),
            (
                headers(&[
                    ("x-codex-primary-used-percent", "62.5"),
                    ("x-codex-primary-window-minutes", "300"),
                    ("x-codex-primary-reset-at", "2000"),
                    ("x-codex-secondary-used-percent", "0"),
                    ("x-codex-secondary-window-minutes", "10080"),
                ]),
                Some(Limits {
                    primary: window(62.5, Some(300), Some(2_000_000)),
                    secondary: window(0.0, Some(10080), None),
                }),
            ),
            (
                headers(&[("x-codex-secondary-used-percent", "180")]),
                Some(Limits { primary: None, secondary: window(100.0, None, None) }),
            ),
        ];
        for (headers, expected) in table {
            assert_eq!(from_headers(&headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn an_event_tells_of_limits() {
        let event = r#"{"type":"codex.rate_limits","plan_type":"plus","rate_limits":{"allowed":true,"primary":{"used_percent":7,"window_minutes":300,"reset_at":9},"secondary":null},"credits":null}"#;
        assert_eq!(
            from_event(event, NOW),
            Some(Limits { primary: window(7.0, Some(300), Some(9000)), secondary: None })
        );
        assert_eq!(from_event(r#"{"type":"codex.rate_limits","rate_limits":null}"#, NOW), None);
        assert_eq!(from_event("{", NOW), None);
        let of = |name: &str| {
            from_event(
                &event.replace("\"type\"", &format!("\"metered_limit_name\":\"{name}\",\"type\"")),
                NOW,
            )
        };
        assert_eq!((of("codex").is_some(), of("codex_other")), (true, None));
    }

    #[test]
    fn the_usage_endpoint_counts_in_seconds() {
        let body = r#"{"plan_type":"plus","rate_limit":{"allowed":true,"limit_reached":false,"primary_window":{"used_percent":12,"limit_window_seconds":18000,"reset_after_seconds":60},"secondary_window":{"used_percent":3,"limit_window_seconds":604800,"reset_at":5000}}}"#;
        let expected = Limits {
            primary: window(12.0, Some(300), Some(1_060_000)),
            secondary: window(3.0, Some(10080), Some(5_000_000)),
        };
        assert_eq!(from_usage(body, NOW).unwrap(), expected);
        assert_eq!(from_usage(r#"{"plan_type":"free"}"#, NOW).unwrap(), Limits::default());
        assert!(from_usage("<html>", NOW).is_err());
    }
}
