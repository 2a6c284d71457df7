//! HTTP headers: those of both OpenAI backends, and what a provider of one's own is sent.
//!
//! The ChatGPT endpoints are private to OpenAI and change without notice: a change of them is meant
//! to be a change of this file.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use crate::model::ModelError;
use crate::protocol::{Access, AccessKind, Provider};

/// Who we say we are, in the `originator` header of ChatGPT requests.
pub const ORIGINATOR: &str = "codling";

pub const ACCOUNT_ID: HeaderName = HeaderName::from_static("chatgpt-account-id");
pub const ORIGINATOR_NAME: HeaderName = HeaderName::from_static("originator");
pub const RESIDENCY: HeaderName = HeaderName::from_static("x-openai-internal-codex-residency");
pub const SESSION_ID: HeaderName = HeaderName::from_static("session-id");
/// Sent by the server with a response, echoed on every later request of the same turn.
pub const TURN_STATE: HeaderName = HeaderName::from_static("x-codex-turn-state");

/// Names of the same id, by age.
pub const REQUEST_IDS: [&str; 2] = ["x-request-id", "x-oai-request-id"];
pub const CLOUDFLARE_MITIGATED: &str = "cf-mitigated";
pub const RETRY_AFTER_MS: &str = "retry-after-ms";
/// Which limit was reached, where it is not the plan's own (`codex`); its name is in
/// `x-<limit>-limit-name`.
pub const ACTIVE_LIMIT: &str = "x-codex-active-limit";
/// The server's own advice at a usage limit.
pub const PROMOTION: &str = "x-codex-promo-message";

/// Windows of a plan's limits, each followed by one of the three endings.
pub const LIMIT_PREFIXES: [&str; 2] = ["x-codex-primary", "x-codex-secondary"];
pub const LIMIT_USED: &str = "used-percent";
pub const LIMIT_WINDOW: &str = "window-minutes";
pub const LIMIT_RESET: &str = "reset-at";

/// Names the newer features of the server that a request uses.
pub const BETA_FEATURES: HeaderName = HeaderName::from_static("x-codex-beta-features");
/// Compaction by the server, in a stream.
pub const SERVER_COMPACTION: &str = "remote_compaction_v2";

/// Asked of models that reason, so that their thoughts can go back to them though nothing is
/// stored.
pub const ENCRYPTED_REASONING: &str = "reasoning.encrypted_content";

/// The headers that identify the sender of a request. Headers of the settings for a provider come
/// first, so that they replace nothing.
///
/// # Errors
///
/// The token or a value of the settings holds characters that no header may have.
pub fn identity(
    access: &Access,
    own: Option<&Provider>,
    user_agent: &str,
) -> Result<HeaderMap, ModelError> {
    let mut headers = HeaderMap::new();
    for (name, value) in own.iter().flat_map(|own| own.headers.iter()) {
        let name = HeaderName::from_bytes(name.as_bytes()).ok();
        let value = HeaderValue::from_str(value.expose()).ok();
        let Some((name, mut value)) = name.zip(value) else {
            return Err(ModelError::Credential {});
        };
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    put(&mut headers, USER_AGENT, user_agent);
    if access.token.is_empty() && own.is_some() {
        return Ok(headers);
    }
    let mut bearer = HeaderValue::from_str(&format!("Bearer {}", access.token.expose()))
        .map_err(|_holds_the_token| ModelError::Credential {})?;
    bearer.set_sensitive(true);
    headers.insert(AUTHORIZATION, bearer);
    if let AccessKind::ChatGpt { account, residency } = &access.kind {
        put(&mut headers, ORIGINATOR_NAME, ORIGINATOR);
        if let Some(account) = account {
            put(&mut headers, ACCOUNT_ID, account);
        }
        if let Some(residency) = residency {
            put(&mut headers, RESIDENCY, residency);
        }
    }
    Ok(headers)
}

/// Adds a header, unless its text is one that no header can hold: then the request is better off
/// without.
pub fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    match HeaderValue::from_str(text) {
        Ok(value) => drop(headers.insert(name, value)),
        Err(_) => tracing::warn!(%name, "a header was left out: its text cannot be sent"),
    }
}

#[cfg(test)]
mod tests {
    use crate::base::Secret;

    use super::*;

    fn chatgpt(account: Option<&str>, residency: Option<&str>) -> AccessKind {
        AccessKind::ChatGpt {
            account: account.map(Into::into),
            residency: residency.map(Into::into),
        }
    }

    #[test]
    fn an_api_key_travels_without_any_chatgpt_header() {
        let access = Access { token: Secret::new("sk-1"), kind: AccessKind::ApiKey };
        let headers = identity(&access, None, "codling/1").unwrap();
        let names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["user-agent", "authorization"]);
    }

    #[test]
    fn a_chatgpt_token_names_its_account_and_residency_when_known() {
        let access = Access { token: Secret::new("t"), kind: chatgpt(Some("acc"), Some("us")) };
        let headers = identity(&access, None, "codling/1").unwrap();
        assert_eq!(headers[ACCOUNT_ID], "acc");
        assert_eq!(headers[RESIDENCY], "us");
        assert_eq!(headers[ORIGINATOR_NAME], "codling");
        let bare = identity(
            &Access { token: Secret::new("t"), kind: chatgpt(None, None) },
            None,
            "codling/1",
        )
        .unwrap();
        assert!(!bare.contains_key(ACCOUNT_ID) && !bare.contains_key(RESIDENCY));
    }

    #[test]
    fn a_token_with_a_line_break_is_refused_and_not_shown() {
        let access = Access { token: Secret::new("sk-1\nx: y"), kind: AccessKind::ApiKey };
        let error = identity(&access, None, "codling/1").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sk-1"));
    }

    #[test]
    fn the_bearer_is_hidden_from_debug() {
        let access = Access { token: Secret::new("sk-secret"), kind: AccessKind::ApiKey };
        assert!(
            !format!("{:?}", identity(&access, None, "codling/1").unwrap()).contains("sk-secret")
        );
    }
}
