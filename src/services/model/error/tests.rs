//! Advice by plan, limits in words, and what is tried again.

use super::*;

#[test]
fn a_usage_limit_advises_by_plan() {
    let table = [
        (
            Some("plus"),
            Some("06:49"),
            "Upgrade to Pro or buy credits at chatgpt.com/settings/usage, or try again after 06:49",
        ),
        (Some("pro"), None, "Buy credits at chatgpt.com/settings/usage, or try again later"),
        (Some("free"), None, "Upgrade to Plus on chatgpt.com, or try again later"),
        (Some("team"), None, "Ask the workspace's administrator for more, or try again later"),
        (Some("quantum"), Some("06:49"), "Try again after 06:49"),
        (None, None, "Try again later"),
    ];
    for (plan, until, advice) in table {
        let error = ModelError::UsageLimit {
            plan: plan.map(Into::into),
            resets: None,
            until: until.map(Into::into),
            limit: None,
            promotion: None,
        };
        assert_eq!(error.next_step().as_deref(), Some(advice));
    }
}

#[test]
fn a_limit_of_silence_is_told_in_round_words() {
    let table = [
        (300_000, "5 minutes"),
        (60_000, "a minute"),
        (90_000, "90 seconds"),
        (1000, "a second"),
        (1500, "1500 ms"),
        (0, "0 seconds"),
    ];
    for (ms, expected) in table {
        assert_eq!(words(Duration::from_millis(ms)), expected);
    }
}

#[test]
fn only_what_may_pass_is_tried_again() {
    let host = || "chatgpt.com".to_owned();
    let detail = String::new;
    let table = [
        (NetFailure::Certificate { detail: detail() }, RetryAdvice::Never),
        (NetFailure::Connection { detail: detail() }, RetryAdvice::Unreachable),
        (NetFailure::Name { host: host() }, RetryAdvice::Unreachable),
        (NetFailure::Proxy { detail: detail() }, RetryAdvice::Never),
        (NetFailure::Timeout, RetryAdvice::Unreachable),
    ];
    for (failure, retry) in table {
        let error = ModelError::Network { host: host(), failure };
        assert_eq!((error.retry(), error.kind()), (retry, ProblemKind::Network), "{error}");
        assert!(error.next_step().is_some());
    }
}
