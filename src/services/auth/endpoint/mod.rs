//! The token endpoint: code exchange, refresh and revocation (RFC 6749 sections 4.1.3, 5 and 6, RFC
//! 7009). Keeps nothing.

pub mod answer;
pub mod jwt;
pub mod tokens;
pub mod wire;

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::base::Secret;
use crate::protocol::Origin;

use super::{AuthContext, OAuthTokens};

pub use answer::EndpointError;

/// The answer to a refresh; a field it left out stays as it was.
#[derive(Clone, Debug)]
pub struct Refreshed {
    pub access: Option<Secret>,
    pub refresh: Option<Secret>,
    pub id: Option<Secret>,
    pub lifetime: Option<Duration>,
}

/// Why a refresh is asked for; the server is told in `refresh_reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// The access token ends soon or has ended.
    Expiry,
    /// The access token was refused with a 401.
    Unauthorized,
}

/// An approval: both halves of what a token endpoint wants, and the redirect they belong to, letter
/// for letter the one that the code was asked for with.
#[derive(Clone, Copy)]
pub struct AuthorizationCode<'a> {
    pub code: &'a Secret,
    pub verifier: &'a Secret,
    pub redirect: &'a str,
}

/// Buys tokens for an authorization code: `POST {auth}/oauth/token`, form-encoded.
///
/// # Errors
///
/// The request failed, the server refused the code, or a token is missing in the answer.
pub async fn exchange(
    context: &AuthContext,
    AuthorizationCode { code, verifier, redirect }: AuthorizationCode<'_>,
) -> Result<OAuthTokens, EndpointError> {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("client_id", wire::CLIENT_ID)
        .append_pair("code", code.expose())
        .append_pair("redirect_uri", redirect)
        .append_pair("code_verifier", verifier.expose())
        .finish();
    let auth = &context.origins.auth;
    let request = post(context, auth, auth.at(wire::TOKEN_PATH))?
        .timeout(wire::TOKEN_LIMIT)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let answer = answer::read(context, request, &[code.expose(), verifier.expose()]).await?;
    Ok(OAuthTokens {
        access: secret(&answer, "access_token")
            .ok_or(EndpointError::Incomplete { field: "access_token" })?,
        refresh: secret(&answer, "refresh_token")
            .ok_or(EndpointError::Incomplete { field: "refresh_token" })?,
        id: secret(&answer, "id_token"),
        lifetime: lifetime(&answer),
    })
}

/// Spends a refresh token: `POST {auth}/oauth/token`, JSON. It is single-use: what comes back must
/// be saved before it is used.
///
/// # Errors
///
/// The request failed, or the server refused the token. The error says whether the token may be
/// spent.
pub async fn refresh(
    context: &AuthContext,
    token: &Secret,
    reason: RefusalReason,
) -> Result<Refreshed, EndpointError> {
    let reason = match reason {
        RefusalReason::Expiry => "proactive_expiry",
        RefusalReason::Unauthorized => "unauthorized_recovery",
    };
    let body = json!({
        "client_id": wire::CLIENT_ID,
        "grant_type": "refresh_token",
        "refresh_token": token.expose(),
        "refresh_reason": reason,
    });
    let request = post_json(context, wire::TOKEN_PATH, &body)?
        .timeout(wire::TOKEN_LIMIT)
        .header("originator", wire::ORIGINATOR);
    let answer = answer::read(context, request, &[token.expose()]).await?;
    Ok(Refreshed {
        access: secret(&answer, "access_token"),
        refresh: secret(&answer, "refresh_token"),
        id: secret(&answer, "id_token"),
        lifetime: lifetime(&answer),
    })
}

/// Ends a refresh token, and with it its access tokens: `POST {auth}/oauth/revoke`, JSON, 10 s at
/// the most.
///
/// # Errors
///
/// The request failed, or the server refused it.
pub async fn revoke(context: &AuthContext, token: &Secret) -> Result<(), EndpointError> {
    let body = json!({
        "token": token.expose(),
        "token_type_hint": "refresh_token",
        "client_id": wire::CLIENT_ID,
    });
    let request = post_json(context, wire::REVOKE_PATH, &body)?
        .timeout(wire::REVOKE_LIMIT)
        .header("originator", wire::ORIGINATOR);
    answer::check(context, request, &[token.expose()]).await
}

/// A request to an address of this origin that takes JSON for an answer.
///
/// # Errors
///
/// No client can be made for the origin.
pub fn post(
    context: &AuthContext,
    origin: &Origin,
    url: Url,
) -> Result<RequestBuilder, EndpointError> {
    let client = context.net.client(origin).map_err(|source| EndpointError::Setup { source })?;
    Ok(client
        .post(url)
        .header("user-agent", &context.user_agent)
        .header("accept", "application/json"))
}

/// A request with a body of JSON to OpenAI's sign-in server.
///
/// # Errors
///
/// As above.
pub fn post_json(
    context: &AuthContext,
    path: &str,
    body: &Value,
) -> Result<RequestBuilder, EndpointError> {
    let auth = &context.origins.auth;
    Ok(post(context, auth, auth.at(path))?
        .header("content-type", "application/json")
        .body(body.to_string()))
}

/// A text of an answer that must not be shown.
pub fn secret(answer: &Value, field: &str) -> Option<Secret> {
    answer.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()).map(Secret::new)
}

/// `expires_in`, in seconds, as a number or as digits in a string.
pub fn lifetime(answer: &Value) -> Option<Duration> {
    let seconds = match answer.get("expires_in")? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // A year bounds what a broken server could make of it.
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(366.0 * 86_400.0)))
}
