//! HTTP headers, paths and constants of both OpenAI backends, and the one law of where a token may
//! go.
//!
//! The ChatGPT endpoints are private to OpenAI and change without notice: a change of them is meant to be a change of this file.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use url::Url;

use crate::protocol::{Access, AccessKind, Origin, Origins};

use super::ModelError;

/// Who we say we are, in the `originator` header of ChatGPT requests.
pub const ORIGINATOR: &str = "codling";

/// The `client_version` of the models endpoint. The server may leave out models that a client of that version is not known to support; it is the
/// version of the Codex client whose requests ours are modelled on, raised when a newer one has been looked at.
pub const CLIENT_VERSION: &str = "0.169.0";

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
/// Which limit was reached, where it is not the plan's own (`codex`); its name is in `x-<limit>-limit-name`.
pub const ACTIVE_LIMIT: &str = "x-codex-active-limit";
/// The server's own advice at a usage limit.
pub const PROMOTION: &str = "x-codex-promo-message";

/// Windows of a plan's limits, each followed by one of the three endings.
pub const LIMIT_PREFIXES: [&str; 2] = ["x-codex-primary", "x-codex-secondary"];
pub const LIMIT_USED: &str = "used-percent";
pub const LIMIT_WINDOW: &str = "window-minutes";
pub const LIMIT_RESET: &str = "reset-at";

/// Asked of models that reason, so that their thoughts can go back to them though nothing is stored.
pub const ENCRYPTED_REASONING: &str = "reasoning.encrypted_content";

const CHATGPT_BASE: &str = "/backend-api/codex";
const CHATGPT_USAGE: &str = "/backend-api/wham/usage";
const API_BASE: &str = "/v1";

/// The only origin a token may be sent to: an API key never reaches the ChatGPT origin, nor a ChatGPT token the API's.
pub fn origin<'a>(origins: &'a Origins, kind: &AccessKind) -> &'a Origin {
    match kind {
        AccessKind::ApiKey => &origins.api,
        AccessKind::ChatGpt { .. } => &origins.chatgpt,
    }
}

/// `POST`: one step of a conversation, answered as an event stream. `path` is the dialect's.
pub fn requests(origins: &Origins, kind: &AccessKind, path: &str) -> Url {
    let base = match kind {
        AccessKind::ApiKey => API_BASE,
        AccessKind::ChatGpt { .. } => CHATGPT_BASE,
    };
    origin(origins, kind).at(&format!("{base}/{path}"))
}

/// `GET`: the models of an account.
pub fn models(origins: &Origins, kind: &AccessKind) -> Url {
    let origin = origin(origins, kind);
    match kind {
        AccessKind::ApiKey => origin.at(&format!("{API_BASE}/models")),
        AccessKind::ChatGpt { .. } => {
            origin.at(&format!("{CHATGPT_BASE}/models?client_version={CLIENT_VERSION}"))
        }
    }
}

/// `GET`: how much of a plan is used. An API key has no plan.
pub fn usage(origins: &Origins, kind: &AccessKind) -> Option<Url> {
    match kind {
        AccessKind::ApiKey => None,
        AccessKind::ChatGpt { .. } => Some(origin(origins, kind).at(CHATGPT_USAGE)),
    }
}

/// What every request says about who sends it.
pub fn identity(access: &Access, user_agent: &str) -> Result<HeaderMap, ModelError> {
    let mut headers = HeaderMap::new();
    let mut bearer = HeaderValue::from_str(&format!("Bearer {}", access.token.expose()))
        .map_err(|_holds_the_token| ModelError::Credential {})?;
    bearer.set_sensitive(true);
    headers.insert(AUTHORIZATION, bearer);
    put(&mut headers, USER_AGENT, user_agent);
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

/// Adds a header, unless its text is one that no header can hold: then the request is better off without.
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

    fn origins() -> Origins {
        Origins {
            auth: Origin::parse("https://auth.example").unwrap(),
            chatgpt: Origin::parse("https://chatgpt.example").unwrap(),
            api: Origin::parse("https://api.example").unwrap(),
        }
    }

    fn chatgpt(account: Option<&str>, residency: Option<&str>) -> AccessKind {
        AccessKind::ChatGpt {
            account: account.map(Into::into),
            residency: residency.map(Into::into),
        }
    }

    #[test]
    fn a_token_goes_to_the_origin_it_belongs_to_and_to_no_other() {
        let origins = origins();
        let (key, token) = (AccessKind::ApiKey, chatgpt(None, None));
        let key_urls = [
            Some(requests(&origins, &key, "responses")),
            Some(models(&origins, &key)),
            usage(&origins, &key),
        ];
        for url in key_urls.into_iter().flatten() {
            assert!(origins.api.holds(&url), "{url}");
        }
        let token_urls = [
            Some(requests(&origins, &token, "responses")),
            Some(models(&origins, &token)),
            usage(&origins, &token),
        ];
        for url in token_urls.into_iter().flatten() {
            assert!(origins.chatgpt.holds(&url), "{url}");
        }
        assert_eq!(usage(&origins, &key), None);
        assert_eq!(
            requests(&origins, &token, "responses").as_str(),
            "https://chatgpt.example/backend-api/codex/responses"
        );
        assert_eq!(
            requests(&origins, &key, "responses").as_str(),
            "https://api.example/v1/responses"
        );
        assert_eq!(models(&origins, &token).query(), Some("client_version=0.169.0"));
    }

    #[test]
    fn an_api_key_travels_without_any_chatgpt_header() {
        let access = Access { token: Secret::new("sk-1"), kind: AccessKind::ApiKey };
        let headers = identity(&access, "codling/1").unwrap();
        let names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["authorization", "user-agent"]);
    }

    #[test]
    fn a_chatgpt_token_names_its_account_and_residency_when_known() {
        let access = Access { token: Secret::new("t"), kind: chatgpt(Some("acc"), Some("us")) };
        let headers = identity(&access, "codling/1").unwrap();
        assert_eq!(headers[ACCOUNT_ID], "acc");
        assert_eq!(headers[RESIDENCY], "us");
        assert_eq!(headers[ORIGINATOR_NAME], "codling");
        let bare =
            identity(&Access { token: Secret::new("t"), kind: chatgpt(None, None) }, "codling/1")
                .unwrap();
        assert!(!bare.contains_key(ACCOUNT_ID) && !bare.contains_key(RESIDENCY));
    }

    #[test]
    fn a_token_with_a_line_break_is_refused_and_not_shown() {
        let access = Access { token: Secret::new("sk-1\nx: y"), kind: AccessKind::ApiKey };
        let error = identity(&access, "codling/1").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sk-1"));
    }

    #[test]
    fn the_bearer_is_hidden_from_debug() {
        let access = Access { token: Secret::new("sk-secret"), kind: AccessKind::ApiKey };
        assert!(!format!("{:?}", identity(&access, "codling/1").unwrap()).contains("sk-secret"));
    }
}
