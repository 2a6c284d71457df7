//! Answers that are no stream, and what is said about each. Opens no connection.

use jiff::tz::TimeZone;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::base::{Advice, Timestamp};
use crate::protocol::{ProblemKind, RetryAdvice};

use super::*;

/// 2026-11-21 09:00:00 UTC.
const NOW: Timestamp = Timestamp(1_795_251_600_000);

type Headers = &'static [(&'static str, &'static str)];

fn model_error(refusal: ServerRefusal, kind: &AccessKind) -> ModelError {
    let model = ModelRef::openai("gpt-5.5");
    let case = ErrorCase {
        host: "chatgpt.com",
        kind,
        own: None,
        model: Some(&model),
        moment: LocalTime { now: NOW, zone: TimeZone::UTC },
    };
    case.model_error(&refusal)
}

fn chatgpt() -> AccessKind {
    AccessKind::ChatGpt { account: None, residency: None }
}

fn answer(status: u16, headers: Headers, body: &str) -> ServerRefusal {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect();
    ServerRefusal::of_answer(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes(), NOW)
}

fn after(seconds: f64) -> RetryAdvice {
    RetryAdvice::After(Duration::from_secs_f64(seconds))
}

#[test]
fn every_answer_that_is_a_no_gets_its_sentence_and_its_retry() {
    let coded = |code: &str| format!(r#"{{"error":{{"message":"Too bad.","code":"{code}"}}}}"#);
    let typed = |kind: &str| format!(r#"{{"error":{{"message":"Too bad.","type":"{kind}"}}}}"#);
    let html = "<!DOCTYPE html><html><body>secret page</body></html>";
    let cloudflare =
        "<html><title>Attention Required! | Cloudflare</title>You have been blocked</html>";
    let plain = r#"{"error":{"message":"Too bad."}}"#;
    let id: Headers = &[("x-request-id", "req_7")];
    let none: Headers = &[];
    let table: Vec<(u16, Headers, String, RetryAdvice, &str)> = vec![
        (
            429,
            none,
            r#"{"error":{"type":"usage_limit_reached","plan_type":"plus","resets_at":1795265340}}"#
                .into(),
            RetryAdvice::Never,
            "the plan's usage limit is reached; it resets at 12:49",
        ),
        (
            429,
            none,
            r#"{"error":{"type":"usage_limit_reached","resets_in_seconds":79200}}"#.into(),
            RetryAdvice::Never,
            "the plan's usage limit is reached; it resets at Nov 22 07:00",
        ),
        (
            429,
            &[
                ("retry-after", "4000"),
                ("x-codex-active-limit", "codex_other"),
                ("x-codex-other-limit-name", "GPT-6 Astra"),
            ],
            typed("usage_limit_reached"),
            RetryAdvice::Never,
            "the usage limit of GPT-6 Astra is reached",
        ),
        (
            429,
            none,
            typed("usage_not_included"),
            RetryAdvice::Never,
            "the account's plan does not include Codex",
        ),
        (
            429,
            none,
            coded("insufficient_quota"),
            RetryAdvice::Never,
            "the account's quota is used up",
        ),
        (
            429,
            none,
            typed("insufficient_quota"),
            RetryAdvice::Never,
            "the account's quota is used up",
        ),
        (429, none, plain.into(), RetryAdvice::Backoff, "the server asks to slow down"),
        (429, &[("retry-after", "2")], plain.into(), after(2.0), "the server asks to slow down"),
        (429, &[("retry-after", "60")], plain.into(), after(60.0), "the server asks to slow down"),
        (
            429,
            &[("retry-after", "0")],
            plain.into(),
            RetryAdvice::Backoff,
            "the server asks to slow down",
        ),
        (
            429,
            &[("retry-after", "4000")],
            plain.into(),
            RetryAdvice::Never,
            "the server asks to slow down, until 10:06",
        ),
        (
            429,
            &[("retry-after-ms", "1500")],
            plain.into(),
            after(1.5),
            "the server asks to slow down",
        ),
        (429, none, html.into(), RetryAdvice::Backoff, "the server asks to slow down"),
        (
            429,
            id,
            r#"{"error":{"code":"rate_limit_exceeded","message":"Please try again in 11.054s."}}"#
                .into(),
            after(11.054),
            "the server asks to slow down (request req_7)",
        ),
        (
            429,
            none,
            r#"{"error":{"code":"rate_limit_exceeded","message":"Request too large for gpt-5.5"}}"#
                .into(),
            RetryAdvice::Never,
            "the server refused the request: Request too large for gpt-5.5",
        ),
        (
            401,
            id,
            plain.into(),
            RetryAdvice::Credential,
            "the sign-in was not accepted (request req_7)",
        ),
        (401, none, html.into(), RetryAdvice::Credential, "the sign-in was not accepted"),
        (402, none, plain.into(), RetryAdvice::Never, "the account may not do this: Too bad"),
        (403, none, plain.into(), RetryAdvice::Never, "the account may not do this: Too bad"),
        (
            403,
            none,
            String::new(),
            RetryAdvice::Never,
            "the account may not do this: HTTP 403 Forbidden",
        ),
        (
            403,
            none,
            html.into(),
            RetryAdvice::Never,
            "`chatgpt.com` turned the request away before it reached OpenAI (a Cloudflare check)",
        ),
        (
            403,
            &[("cf-ray", "1")],
            cloudflare.into(),
            RetryAdvice::Never,
            "`chatgpt.com` turned the request away before it reached OpenAI (a Cloudflare check)",
        ),
        (
            403,
            &[("cf-mitigated", "challenge")],
            "x".into(),
            RetryAdvice::Never,
            "`chatgpt.com` turned the request away before it reached OpenAI (a Cloudflare check)",
        ),
        (
            403,
            none,
            coded("unsupported_country_region_territory"),
            RetryAdvice::Never,
            "OpenAI does not serve the region this request comes from",
        ),
        (400, none, plain.into(), RetryAdvice::Never, "the server refused the request: Too bad"),
        (
            400,
            none,
            r#"{"detail":"Unsupported parameter"}"#.into(),
            RetryAdvice::Never,
            "the server refused the request: Unsupported parameter",
        ),
        (
            400,
            none,
            "{\"odd\":".into(),
            RetryAdvice::Never,
            "the server refused the request: HTTP 400 Bad Request",
        ),
        (
            400,
            none,
            coded("context_length_exceeded"),
            RetryAdvice::Never,
            "the conversation no longer fits the model's context",
        ),
        (
            400,
            none,
            coded("cyber_policy"),
            RetryAdvice::Never,
            "an OpenAI policy stopped the request: Too bad",
        ),
        (
            400,
            none,
            coded("invalid_prompt"),
            RetryAdvice::Never,
            "an OpenAI policy stopped the request: Too bad",
        ),
        (
            400,
            none,
            coded("model_not_found"),
            RetryAdvice::Never,
            "the model `gpt-5.5` cannot be used with this account: Too bad",
        ),
        (404, none, plain.into(), RetryAdvice::Never, "the server refused the request: Too bad"),
        (
            404,
            none,
            html.into(),
            RetryAdvice::Never,
            "the server refused the request: HTTP 404 Not Found",
        ),
        (
            413,
            none,
            plain.into(),
            RetryAdvice::WithoutPictures,
            "the request is larger than the server accepts",
        ),
        (
            302,
            none,
            String::new(),
            RetryAdvice::Never,
            "`chatgpt.com` sent the request on to another address, which was not followed",
        ),
        (
            200,
            none,
            html.into(),
            RetryAdvice::Never,
            "`chatgpt.com` answered with something that is not the model's answer",
        ),
        (
            200,
            none,
            r#"{"id":"resp"}"#.into(),
            RetryAdvice::Never,
            "`chatgpt.com` answered with something that is not the model's answer",
        ),
        (200, none, plain.into(), RetryAdvice::Never, "the server refused the request: Too bad"),
        (
            200,
            none,
            coded("server_error"),
            RetryAdvice::Backoff,
            "the server could not answer: Too bad",
        ),
        (408, none, plain.into(), RetryAdvice::Backoff, "the server could not answer: Too bad"),
        (500, none, plain.into(), RetryAdvice::Backoff, "the server could not answer: Too bad"),
        (
            500,
            none,
            coded("server_error"),
            RetryAdvice::Backoff,
            "the server could not answer: Too bad",
        ),
        (
            502,
            none,
            html.into(),
            RetryAdvice::Backoff,
            "the server could not answer: HTTP 502 Bad Gateway",
        ),
        (
            520,
            none,
            cloudflare.into(),
            RetryAdvice::Backoff,
            "the server could not answer: HTTP 520",
        ),
        (
            503,
            &[("retry-after", "1")],
            plain.into(),
            after(1.0),
            "the server could not answer: Too bad",
        ),
        (
            503,
            none,
            coded("server_is_overloaded"),
            RetryAdvice::Backoff,
            "the server could not answer: Too bad",
        ),
        (503, none, coded("slow_down"), RetryAdvice::Backoff, "the server asks to slow down"),
        (
            503,
            none,
            "upstream connect error".into(),
            RetryAdvice::Backoff,
            "the server could not answer: upstream connect error",
        ),
    ];
    for (status, headers, body, retry, sentence) in table {
        let error = model_error(answer(status, headers, &body), &chatgpt());
        assert_eq!(
            (error.retry(), error.to_string().as_str()),
            (retry, sentence),
            "{status} {headers:?} {body}"
        );
        assert!(error.next_step().is_some_and(|next| !next.ends_with('.')), "{error}");
    }
}

#[test]
fn every_failure_within_a_stream_gets_its_sentence_and_its_retry() {
    let table = [
        (
            "context_length_exceeded",
            "x",
            RetryAdvice::Never,
            "the conversation no longer fits the model's context",
        ),
        ("insufficient_quota", "x", RetryAdvice::Never, "the account's quota is used up"),
        (
            "usage_not_included",
            "x",
            RetryAdvice::Never,
            "the account's plan does not include Codex",
        ),
        (
            "invalid_prompt",
            "Not that.",
            RetryAdvice::Never,
            "an OpenAI policy stopped the request: Not that",
        ),
        (
            "cyber_policy",
            "Not that.",
            RetryAdvice::Never,
            "an OpenAI policy stopped the request: Not that",
        ),
        (
            "server_is_overloaded",
            "Busy.",
            RetryAdvice::Backoff,
            "the server could not answer: Busy",
        ),
        (
            "rate_limit_exceeded",
            "Please try again in 28ms.",
            after(0.028),
            "the server asks to slow down",
        ),
        (
            "rate_limit_exceeded",
            "Please try again in 2h.",
            RetryAdvice::Never,
            "the server asks to slow down, until 11:00",
        ),
        ("rate_limit_exceeded", "Soon.", RetryAdvice::Backoff, "the server asks to slow down"),
        ("slow_down", "x", RetryAdvice::Backoff, "the server asks to slow down"),
        ("server_error", "Oops", RetryAdvice::Backoff, "the server could not answer: Oops"),
        ("of_tomorrow", "", RetryAdvice::Backoff, "the server could not answer: of_tomorrow"),
        ("", "", RetryAdvice::Backoff, "the server could not answer: it gave no reason"),
        ("content_filter", "", RetryAdvice::Never, "the answer was stopped by a content filter"),
        ("max_output_tokens", "", RetryAdvice::Never, "the answer reached its length limit"),
    ];
    for (code, message, retry, sentence) in table {
        let event = serde_json::json!({"code": code, "message": message}).to_string();
        let error = model_error(ServerRefusal::of_event(&event, NOW), &chatgpt());
        assert_eq!(
            (error.retry(), error.to_string().as_str()),
            (retry, sentence),
            "{code} {message}"
        );
    }
}

#[test]
fn a_rejected_api_key_is_not_worth_a_second_try() {
    let error = model_error(
        answer(
            401,
            &[],
            r#"{"error":{"message":"Incorrect API key provided: sk-1234567890abcdef"}}"#,
        ),
        &AccessKind::ApiKey,
    );
    assert_eq!((error.retry(), error.kind()), (RetryAdvice::Never, ProblemKind::NotSignedIn));
    assert_eq!(error.to_string(), "the API key was not accepted");
    assert_eq!(error.next_step().as_deref(), Some("Enter another key with `/connect`"));
}

#[test]
fn kinds_are_what_programs_tell_errors_apart_by() {
    let usage_limit = r#"{"error":{"type":"usage_limit_reached","resets_at":5}}"#;
    let table = [
        (429, usage_limit, ProblemKind::UsageLimit { resets: Some(Timestamp(5000)) }),
        (429, r#"{"error":{"code":"insufficient_quota"}}"#, ProblemKind::Quota),
        (429, "", ProblemKind::RateLimited),
        (400, "", ProblemKind::BadRequest),
        (400, r#"{"error":{"code":"context_length_exceeded"}}"#, ProblemKind::ContextLength),
        (401, "", ProblemKind::NotSignedIn),
        (403, "", ProblemKind::Refused),
        (200, "<html>", ProblemKind::Network),
        (503, "", ProblemKind::Overloaded),
    ];
    for (status, body, kind) in table {
        assert_eq!(
            model_error(answer(status, &[], body), &chatgpt()).kind(),
            kind,
            "{status} {body}"
        );
    }
}

#[test]
fn a_refused_picture_is_known_by_code_field_or_words() {
    for body in [
        r#"{"error":{"message":"Too bad.","code":"invalid_image"}}"#,
        r#"{"error":{"message":"Too bad.","code":"image_parse_error"}}"#,
        r#"{"error":{"message":"Too bad.","type":"image_generation_user_error"}}"#,
        r#"{"error":{"message":"Too bad.","param":"input[2].content[1].image_url"}}"#,
        r#"{"error":{"message":"The image data you provided does not represent a valid image.","code":"invalid_value"}}"#,
    ] {
        let error = model_error(answer(400, &[], body), &chatgpt());
        assert!(matches!(error, ModelError::Picture { .. }), "{body}: {error:?}");
        assert_eq!(
            (error.retry(), error.kind()),
            (RetryAdvice::WithoutPictures, ProblemKind::BadRequest)
        );
    }
    for (status, body) in [
        (400, r#"{"error":{"message":"Invalid schema for function 'view_image'"}}"#),
        (500, r#"{"error":{"message":"The image could not be stored"}}"#),
        (400, r#"{"error":{"message":"Too bad."}}"#),
    ] {
        let error = model_error(answer(status, &[], body), &chatgpt());
        assert!(!matches!(error, ModelError::Picture { .. }), "{body}");
    }
}
