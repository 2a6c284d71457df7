//! The requests to a sign-in server: registration (RFC 7591), a code or a refresh token for tokens
//! (RFC 6749, sections 4.1.3 and 6). Keeps nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::auth::endpoint::{self, AuthorizationCode, answer, wire};
use crate::auth::{AuthContext, EndpointError};
use crate::base::{Secret, Timestamp};

use super::SignInTarget;
use super::address::{Endpoint, Reach};
use super::at;
use super::discovery::Discovered;
use super::error::ServerFault;

/// This program, as the sign-in server knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredClient {
    pub id: String,
    pub secret: Option<Secret>,
}

/// The tokens for one server, and all that renewing them needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerGrant {
    pub access: Secret,
    pub refresh: Option<Secret>,
    /// When the access token ends, where the sign-in server said so.
    pub expires: Option<Timestamp>,
    pub scope: Option<String>,
    pub client: RegisteredClient,
    pub issuer: String,
    /// Where it is renewed.
    pub token_endpoint: String,
    pub resource: String,
}

/// The client of the settings, else a new one for this redirect.
///
/// # Errors
///
/// Fails if the sign-in server registers none.
pub async fn register(
    context: &AuthContext,
    target: &SignInTarget,
    found: &Discovered,
    redirect: &str,
) -> Result<RegisteredClient, ServerFault> {
    if let Some(id) = &target.sign_in.client_id {
        return Ok(RegisteredClient { id: id.clone(), secret: None });
    }
    let place = found.registration.as_ref().ok_or(ServerFault::NoRegistration)?;
    let mut body = json!({
        "client_name": "codling",
        "redirect_uris": [redirect],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    if !found.scopes.is_empty() {
        body["scope"] = Value::from(found.scopes.join(" "));
    }
    let registration = |source| ServerFault::Registration { source };
    let request = post(context, place).map_err(registration)?;
    let request = request.header("content-type", "application/json").body(body.to_string());
    let context = at(context, &place.origin);
    let answer = answer::read(&context, request, &[]).await.map_err(registration)?;
    let id = answer["client_id"].as_str().filter(|id| !id.is_empty());
    let id = id.ok_or(EndpointError::Incomplete { field: "client_id" }).map_err(registration)?;
    let secret = endpoint::secret(&answer, "client_secret");
    Ok(RegisteredClient { id: id.to_owned(), secret })
}

/// Buys tokens for a code.
///
/// # Errors
///
/// The request failed, the server refused the code, or its answer cannot be used.
pub async fn exchange(
    context: &AuthContext,
    found: &Discovered,
    client: &RegisteredClient,
    AuthorizationCode { code, verifier, redirect }: AuthorizationCode<'_>,
) -> Result<ServerGrant, EndpointError> {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("redirect_uri", redirect),
        ("code_verifier", verifier.expose()),
        ("resource", &found.resource),
    ];
    let secrets = [code.expose(), verifier.expose()];
    let answer = ask(context, &found.token, client, &form, &secrets).await?;
    let blank = ServerGrant {
        access: Secret::new(""),
        refresh: None,
        expires: None,
        scope: None,
        client: client.clone(),
        issuer: found.issuer.clone(),
        token_endpoint: found.token.url.to_string(),
        resource: found.resource.clone(),
    };
    renewed(context, &blank, &answer)
}

/// Spends the refresh token of a grant. What comes back must be saved before it is used.
///
/// # Errors
///
/// As above, and with a refusal where the grant cannot be renewed at all.
pub async fn refresh(
    context: &AuthContext,
    grant: &ServerGrant,
) -> Result<ServerGrant, EndpointError> {
    let ended = || EndpointError::Refused {
        status: 401,
        code: None,
        message: "there is nothing to renew it with".into(),
    };
    let token = grant.refresh.as_ref().ok_or_else(ended)?;
    // It was allowed when it was kept; the file may have been changed by hand since.
    let place =
        Endpoint::parse(&grant.token_endpoint, Reach::Anywhere).map_err(|_fault| ended())?;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.expose()),
        ("resource", &grant.resource),
    ];
    let answer = ask(context, &place, &grant.client, &form, &[token.expose()]).await?;
    renewed(context, grant, &answer)
}

/// The grant with what an answer of the token endpoint changes of it.
fn renewed(
    context: &AuthContext,
    grant: &ServerGrant,
    answer: &Value,
) -> Result<ServerGrant, EndpointError> {
    let is_bearer = |kind: &str| kind.eq_ignore_ascii_case("bearer");
    if !answer["token_type"].as_str().is_none_or(is_bearer) {
        return Err(EndpointError::Incomplete { field: "token_type: Bearer" });
    }
    let access = endpoint::secret(answer, "access_token");
    let access = access.filter(|token| token.expose().bytes().all(|byte| byte.is_ascii_graphic()));
    Ok(ServerGrant {
        access: access.ok_or(EndpointError::Incomplete { field: "access_token" })?,
        refresh: endpoint::secret(answer, "refresh_token").or_else(|| grant.refresh.clone()),
        expires: endpoint::lifetime(answer).map(|left| context.clock.now() + left),
        scope: answer["scope"].as_str().map(str::to_owned).or_else(|| grant.scope.clone()),
        ..grant.clone()
    })
}

async fn ask(
    context: &AuthContext,
    place: &Endpoint,
    client: &RegisteredClient,
    form: &[(&str, &str)],
    secrets: &[&str],
) -> Result<Value, EndpointError> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .append_pair("client_id", &client.id)
        .finish();
    let mut request = post(context, place)?;
    if let Some(secret) = &client.secret {
        // RFC 6749, section 2.3.1: both halves are encoded as in a form.
        let half =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", half(&client.id), half(secret.expose()));
        request = request.header("authorization", format!("Basic {}", STANDARD.encode(pair)));
    }
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
    answer::read(&at(context, &place.origin), request, secrets).await
}

fn post(context: &AuthContext, place: &Endpoint) -> Result<RequestBuilder, EndpointError> {
    let request = endpoint::post(context, &place.origin, place.url.clone())?;
    Ok(request.timeout(wire::TOKEN_LIMIT))
}
