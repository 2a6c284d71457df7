//! A server's no, whatever form it came in: an HTTP answer, an event of the stream. Reads it, and
//! does not judge it.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use super::wait;
use crate::base::{Secret, Timestamp};
use crate::model::header_names;

/// The longest message that is passed on, in characters.
const LONGEST: usize = 300;

/// The refusal as it was read. Texts are empty where the server gave none; none holds HTML, JSON,
/// control codes or the token that was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerRefusal {
    /// The status of the HTTP answer, or the one named in an event.
    pub status: Option<StatusCode>,
    /// `error.type` and `error.code`, in lower case.
    pub kind: String,
    pub code: String,
    /// Which field of the request was at fault.
    pub param: String,
    pub message: String,
    pub page: Option<ErrorPage>,
    pub plan: Option<String>,
    pub resets: Option<Timestamp>,
    /// The time that the server asks to wait.
    pub wait: Option<Duration>,
    /// Whether the server says that the same request may be sent again.
    pub may_retry: Option<bool>,
    /// A named limit that is not the plan's own.
    pub limit: Option<String>,
    /// The advice of the server to the person.
    pub promotion: Option<String>,
    pub request: Option<String>,
}

/// Where an API's answer should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorPage {
    /// The guard before the server, which did not let the request through.
    Cloudflare,
    Html,
}

impl ServerRefusal {
    /// Reads an HTTP answer. `body` may have been cut.
    pub fn of_answer(status: StatusCode, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Self {
        let body = String::from_utf8_lossy(body);
        let mut refusal = Self::default();
        match serde_json::from_str::<Value>(&body) {
            Ok(json) => refusal.read(&json, now, wait::clock_lead(headers, now)),
            Err(_) => refusal.message = clean(&body),
        }
        refusal.status = Some(status);
        refusal.page = page(headers, &body);
        refusal.read_headers(headers, now);
        refusal
    }

    /// Reads an event: an `error`, or the `error` of a failed response.
    pub fn of_event(json: &str, now: Timestamp) -> Self {
        let mut refusal = Self::default();
        if let Ok(json) = serde_json::from_str::<Value>(json) {
            refusal.read(&json, now, 0);
            let status = ["status", "status_code"].iter().find_map(|key| json.get(key)?.as_u64());
            // Some say the status as the code of their error.
            let error = error_of(&json);
            let status = status.or_else(|| error.get("code")?.as_u64());
            refusal.status =
                status.and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
            if let Some(Value::Object(pairs)) = json.get("headers") {
                let pairs = pairs.iter().filter_map(|(name, value)| {
                    Some((name.parse().ok()?, value.as_str()?.parse().ok()?))
                });
                refusal.read_headers(&pairs.collect(), now);
            }
        }
        refusal
    }

    /// Whether a word is the server's `type` or `code` of this.
    pub fn is(&self, word: &str) -> bool {
        self.code == word || self.kind == word
    }

    /// Takes a token out, should the server have repeated it.
    pub fn without(mut self, token: &Secret) -> Self {
        if !token.is_empty() && self.message.contains(token.expose()) {
            self.message = self.message.replace(token.expose(), "…");
        }
        self
    }

    /// `lead` is how far this machine's clock is before the server's, in milliseconds.
    fn read(&mut self, json: &Value, now: Timestamp, lead: i64) {
        let error = error_of(json);
        let text = |key: &str| {
            error.get(key).and_then(Value::as_str).or(error.as_str().filter(|_| key == "message"))
        };
        self.message = text("message").map(clean).unwrap_or_default();
        // An event's own type is `error`, which says nothing.
        self.kind = text("type").filter(|kind| *kind != "error").map(word).unwrap_or_default();
        // Anthropic's own codes stand a level deeper; some codes are numbers.
        let deep = error.pointer("/details/error_code").and_then(Value::as_str);
        let number = error.get("code").and_then(Value::as_u64).map(|code| code.to_string());
        let code = deep.or(text("code")).map(word).or(number.filter(|code| code.len() > 3));
        self.code = code.unwrap_or_default();
        self.param = text("param").map(word).unwrap_or_default();
        self.plan = text("plan_type").map(word);
        let number = |key: &str| {
            error.get(key).and_then(|value| value.as_i64().or(value.as_f64().map(|n| n as i64)))
        };
        let after = |seconds: i64| Timestamp(now.0.saturating_add(seconds.saturating_mul(1000)));
        let at = |seconds| Timestamp(Timestamp::from_seconds(seconds).0.saturating_add(lead));
        // A time from now on holds whatever the two clocks show.
        self.resets =
            number("resets_in_seconds").map(after).or_else(|| number("resets_at").map(at));
    }

    fn read_headers(&mut self, headers: &HeaderMap, now: Timestamp) {
        let text = |name: &str| {
            headers.get(name)?.to_str().ok().map(clean).filter(|text| !text.is_empty())
        };
        self.wait = wait::retry_after(headers, now);
        self.may_retry = text(header_names::SHOULD_RETRY).and_then(|word| word.parse().ok());
        self.request = header_names::REQUEST_IDS.iter().find_map(|name| text(name));
        self.promotion = text(header_names::PROMOTION);
        self.limit = text(header_names::ACTIVE_LIMIT)
            .map(|limit| limit.replace('_', "-"))
            .and_then(|limit| text(&format!("x-{limit}-limit-name")));
    }
}

/// The part of a refusal's JSON that describes it. Google sends a list of one.
fn error_of(json: &Value) -> &Value {
    let json = json.as_array().and_then(|list| list.first()).unwrap_or(json);
    match json.get("error").or(json.get("detail")) {
        Some(error @ (Value::Object(_) | Value::String(_))) => error,
        _ => json,
    }
}

/// A server's sentence, fit for a screen: one line, without control codes, markup or anything like
/// a key, and not too long.
pub fn clean(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with(['<', '{', '[']) || text.to_ascii_lowercase().contains("<html") {
        return String::new();
    }
    let visible: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !is_trick(*c))
        .collect();
    let words: Vec<&str> =
        visible.split_whitespace().map(|word| if is_secret(word) { "…" } else { word }).collect();
    let line = words.join(" ");
    let line = line.strip_suffix('.').unwrap_or(&line);
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

/// An identifier of the server's: short, in lower case.
fn word(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic()).take(80).collect::<String>().to_ascii_lowercase()
}

/// Direction overrides and characters of no width.
fn is_trick(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Keys begin with `sk-`, tokens (as JWTs do) with `eyJ`.
fn is_secret(word: &str) -> bool {
    ["sk-", "eyJ"].iter().any(|lead| word.find(lead).is_some_and(|at| word.len() - at > 12))
}

fn page(headers: &HeaderMap, body: &str) -> Option<ErrorPage> {
    let start = body.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let says_html = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().to_ascii_lowercase().starts_with(b"text/html"));
    if headers.contains_key(header_names::CLOUDFLARE_MITIGATED) {
        return Some(ErrorPage::Cloudflare);
    }
    if !says_html && !start.starts_with('<') {
        return None;
    }
    Some(if body.to_ascii_lowercase().contains("cloudflare") {
        ErrorPage::Cloudflare
    } else {
        ErrorPage::Html
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::DATE;

    use super::*;

    type Headers = &'static [(&'static str, &'static str)];

    const NOW: Timestamp = Timestamp(5_000);

    fn answer(status: u16, headers: Headers, body: &str) -> ServerRefusal {
        let status = StatusCode::from_u16(status).unwrap();
        ServerRefusal::of_answer(status, &header_names::headers(headers), body.as_bytes(), NOW)
    }

    #[test]
    fn an_error_is_read_in_every_shape_it_comes_in() {
        for body in [
            r#"{"error":{"message":"No such thing.","type":"t","code":"c"}}"#,
            r#"{"detail":{"message":"No such thing","type":"t","code":"c"}}"#,
            r#"{"message":"No such\n thing","type":"T","code":"C","param":null}"#,
        ] {
            let refusal = answer(400, &[], body);
            assert_eq!(
                (refusal.message.as_str(), refusal.kind.as_str(), refusal.code.as_str()),
                ("No such thing", "t", "c"),
                "{body}"
            );
        }
        for body in
            [r#"{"error":"No such thing"}"#, r#"{"detail":"No such thing"}"#, "No such thing"]
        {
            assert_eq!(answer(400, &[], body).message, "No such thing", "{body}");
        }
        for body in [
            "",
            "{}",
            "[]",
            "null",
            r#"{"error":null}"#,
            r#"{"error":{"message":7}}"#,
            r#"{"error":{"message":"cut of"#,
        ] {
            assert_eq!(answer(400, &[], body).message, "", "{body}");
        }
    }

    #[test]
    fn a_page_is_told_from_an_answer_and_never_repeated() {
        let table: [(Headers, &str, Option<ErrorPage>); 5] = [
            (
                &[("content-type", "text/html; charset=UTF-8")],
                "<!DOCTYPE html><title>502</title>",
                Some(ErrorPage::Html),
            ),
            (
                &[],
                "\n <html><body>Attention Required! | Cloudflare</body>",
                Some(ErrorPage::Cloudflare),
            ),
            (&[("cf-mitigated", "challenge")], "", Some(ErrorPage::Cloudflare)),
            (&[("content-type", "application/json")], r#"{"error":{"message":"<html>"}}"#, None),
            (&[], "plain", None),
        ];
        for (headers, body, page) in table {
            let refusal = answer(403, headers, body);
            assert_eq!(refusal.page, page, "{body}");
            assert!(!refusal.message.contains('<'), "{body}");
        }
    }

    #[test]
    fn a_message_is_cleaned_before_anyone_sees_it() {
        let table = [
            ("a\u{1b}[31mb\u{7}\r\nc", "a [31mb c"),
            ("a\u{202e}b\u{200b}c\u{feff}", "abc"),
            (
                "Incorrect API key provided: sk-proj-abcdefghijk. See docs.",
                "Incorrect API key provided: … See docs",
            ),
            ("token eyJhbGciOiJIUzI1NiJ9.e30.x is bad", "token … is bad"),
            ("{\"raw\": \"json\"}", ""),
            ("see <HTML>", ""),
        ];
        for (text, expected) in table {
            assert_eq!(clean(text), expected, "{text:?}");
        }
        assert_eq!(clean(&"é".repeat(400)).chars().count(), 301);
    }

    #[test]
    fn the_token_that_was_sent_is_taken_out() {
        let refusal = answer(401, &[], r#"{"error":"bad token abc.def here"}"#);
        assert_eq!(refusal.without(&Secret::new("abc.def")).message, "bad token … here");
    }

    #[test]
    fn limits_and_waits_are_read_from_body_and_headers() {
        let headers: Headers = &[
            ("retry-after", "3"),
            ("x-request-id", "req_1"),
            ("x-codex-active-limit", "codex_bengal"),
            ("x-codex-bengal-limit-name", "Bengal"),
            ("x-codex-promo-message", "Buy more"),
        ];
        let refusal = answer(
            429,
            headers,
            r#"{"error":{"type":"usage_limit_reached","plan_type":"Plus","resets_in_seconds":60}}"#,
        );
        assert_eq!(refusal.plan.as_deref(), Some("plus"));
        assert_eq!(refusal.resets, Some(Timestamp(65_000)));
        assert_eq!(refusal.wait, Some(Duration::from_secs(3)));
        assert_eq!(refusal.request.as_deref(), Some("req_1"));
        assert_eq!(refusal.limit.as_deref(), Some("Bengal"));
        assert_eq!(refusal.promotion.as_deref(), Some("Buy more"));
        let both = answer(429, &[], r#"{"error":{"resets_at":100.0,"resets_in_seconds":60}}"#);
        assert_eq!(both.resets, Some(Timestamp(65_000)));
    }

    #[test]
    fn a_reset_is_told_by_this_machine_s_clock_whatever_the_server_s_shows() {
        // Here it is second 5.
        for (date, resets) in [
            ("Thu, 01 Jan 1970 00:00:05 GMT", 100_000),
            ("Thu, 01 Jan 1970 00:00:04 GMT", 100_000),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 105_000),
            ("Thu, 01 Jan 1970 00:01:00 GMT", 45_000),
            ("soon", 100_000),
        ] {
            let headers = HeaderMap::from_iter([(DATE, date.parse().unwrap())]);
            let body = br#"{"error":{"type":"usage_limit_reached","resets_at":100}}"#;
            let status = StatusCode::TOO_MANY_REQUESTS;
            let refusal = ServerRefusal::of_answer(status, &headers, body, NOW);
            assert_eq!(refusal.resets, Some(Timestamp(resets)), "{date}");
        }
    }

    #[test]
    fn an_event_may_carry_a_status_and_headers() {
        let event = r#"{"type":"error","status":429,"error":{"type":"usage_limit_reached","message":"m"},"headers":{"retry-after":"7","odd":1}}"#;
        let refusal = ServerRefusal::of_event(event, NOW);
        assert_eq!(refusal.status, Some(StatusCode::TOO_MANY_REQUESTS));
        assert!(refusal.is("usage_limit_reached"));
        assert_eq!(refusal.wait, Some(Duration::from_secs(7)));
        let flat = ServerRefusal::of_event(
            r#"{"type":"error","code":"server_error","message":"m","param":null}"#,
            NOW,
        );
        assert_eq!(
            (flat.kind.as_str(), flat.code.as_str(), flat.message.as_str()),
            ("", "server_error", "m")
        );
    }
}
