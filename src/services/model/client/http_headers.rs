//! The HTTP headers that say who asks: those of both OpenAI backends, and what a provider of one's
//! own is sent.

use std::borrow::Cow;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use super::destination::Destination;
use crate::model::ModelError;
use crate::model::dialect::KeyHeader;
use crate::model::header_names::{ACCOUNT_ID, ORIGINATOR, ORIGINATOR_NAME, RESIDENCY};
use crate::protocol::{Access, AccessKind};

/// The headers that identify the sender of a request. Headers of the settings for a provider come
/// first, so that they replace nothing.
///
/// # Errors
///
/// The token or a value of the settings holds characters that no header may have.
pub fn identity(
    access: &Access,
    to: &Destination<'_>,
    user_agent: &str,
) -> Result<HeaderMap, ModelError> {
    let mut headers = HeaderMap::new();
    for (name, value) in to.own.iter().flat_map(|own| own.headers.iter()) {
        let name = HeaderName::from_bytes(name.as_bytes()).ok();
        let value = HeaderValue::from_str(value.expose()).ok();
        let Some((name, mut value)) = name.zip(value) else {
            return Err(ModelError::Credential {});
        };
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    put(&mut headers, USER_AGENT, user_agent);
    for (name, value) in to.dialect.headers() {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if access.token.is_empty() && to.own.is_some() {
        return Ok(headers);
    }
    let token = access.token.expose();
    let named = to.own.and_then(|own| own.key_header.as_deref());
    let (name, value) = match (named, to.dialect.key_header()) {
        (Some("authorization"), _) => (Some(AUTHORIZATION), Cow::from(format!("Bearer {token}"))),
        (Some(name), _) => (HeaderName::from_bytes(name.as_bytes()).ok(), token.into()),
        (None, KeyHeader::Named(name)) => (Some(HeaderName::from_static(name)), token.into()),
        (None, KeyHeader::Bearer) => (Some(AUTHORIZATION), Cow::from(format!("Bearer {token}"))),
    };
    let value = HeaderValue::from_str(&value).ok();
    let Some((name, mut value)) = name.zip(value) else {
        return Err(ModelError::Credential {});
    };
    value.set_sensitive(true);
    headers.insert(name, value);
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
    use crate::protocol::{BaseUrl, Origin, Origins, Provider, SentCredential};

    use super::*;

    fn chatgpt(account: Option<&str>, residency: Option<&str>) -> AccessKind {
        AccessKind::ChatGpt {
            account: account.map(Into::into),
            residency: residency.map(Into::into),
        }
    }

    fn origins() -> Origins {
        let [auth, chatgpt, api] = ["auth", "chatgpt", "api"]
            .map(|name| Origin::parse(&format!("https://{name}.example")).unwrap());
        Origins { auth, chatgpt, api, models: None }
    }

    fn sent(access: &Access) -> Result<HeaderMap, ModelError> {
        let origins = origins();
        let to = Destination::of(&origins, &[], &access.kind).unwrap();
        identity(access, &to, "codling/1")
    }

    #[test]
    fn a_key_travels_in_the_header_of_its_dialect_or_of_its_provider() {
        let base = BaseUrl::parse("https://llm.acme.example/v1").unwrap();
        for (dialect, named, expected) in [
            ("chat", None, ("authorization", "Bearer k")),
            ("chat", Some("api-key"), ("api-key", "k")),
            ("anthropic", None, ("x-api-key", "k")),
            ("anthropic", Some("authorization"), ("authorization", "Bearer k")),
        ] {
            let key_header = named.map(str::to_owned);
            let base = base.clone();
            let acme =
                Provider { key_header, ..Provider::new("acme".into(), base, dialect.into()) };
            let credential = SentCredential::None;
            let kind = AccessKind::Provider { id: "acme".into(), credential };
            let (providers, origins) = ([acme], origins());
            let to = Destination::of(&origins, &providers, &kind).unwrap();
            let headers =
                identity(&Access { token: Secret::new("k"), kind: kind.clone() }, &to, "c")
                    .unwrap();
            assert_eq!(headers[expected.0], expected.1, "{dialect}");
            let keys = ["authorization", "api-key", "x-api-key"];
            assert_eq!(keys.iter().filter(|key| headers.contains_key(**key)).count(), 1);
            assert_eq!(headers.contains_key("anthropic-version"), dialect == "anthropic");
        }
    }

    #[test]
    fn an_api_key_travels_without_any_chatgpt_header() {
        let access = Access { token: Secret::new("sk-1"), kind: AccessKind::ApiKey };
        let headers = sent(&access).unwrap();
        let names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["user-agent", "authorization"]);
    }

    #[test]
    fn a_chatgpt_token_names_its_account_and_residency_when_known() {
        let access = Access { token: Secret::new("t"), kind: chatgpt(Some("acc"), Some("us")) };
        let headers = sent(&access).unwrap();
        assert_eq!(headers[ACCOUNT_ID], "acc");
        assert_eq!(headers[RESIDENCY], "us");
        assert_eq!(headers[ORIGINATOR_NAME], "codling");
        let bare = sent(&Access { token: Secret::new("t"), kind: chatgpt(None, None) }).unwrap();
        assert!(!bare.contains_key(ACCOUNT_ID) && !bare.contains_key(RESIDENCY));
    }

    #[test]
    fn a_token_with_a_line_break_is_refused_and_not_shown() {
        let access = Access { token: Secret::new("sk-1\nx: y"), kind: AccessKind::ApiKey };
        let error = sent(&access).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sk-1"));
    }

    #[test]
    fn the_bearer_is_hidden_from_debug() {
        let access = Access { token: Secret::new("sk-secret"), kind: AccessKind::ApiKey };
        assert!(!format!("{:?}", sent(&access).unwrap()).contains("sk-secret"));
    }
}
