//! The endpoints of the auth origin: authorize, token, revoke, and the device codes.

use std::collections::HashMap;

use serde_json::{Value, json};
use url::{Host, Url};

use super::pages;
use super::record::SeenRequest;
use super::shared::Shared;
use crate::base::Timestamp;
use crate::demo::CLIENT_ID;
use crate::demo::accounts::devices::{DeviceDecision, DevicePollAnswer};
use crate::demo::accounts::issuer::{Refused, Tokens};
use crate::demo::accounts::jwt;
use crate::demo::answer::ScriptedAnswer;
use crate::demo::options::DeviceCodes;

/// `GET /oauth/authorize`: a page with two buttons, or one that says what the address lacks.
pub fn authorize_page(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    match Authorize::read(&request.query) {
        Ok(_) => pages::authorize(&request.query, &shared.options.person),
        Err(reason) => pages::message(400, "This sign-in cannot go on", &reason),
    }
}

/// `POST /oauth/authorize`: one of the buttons was pressed; back to the client.
pub fn authorize_decision(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    let decision = decision(request);
    let asked = request.field("request").unwrap_or_default();
    match decide(shared, &asked, decision) {
        Ok(back) => ScriptedAnswer::redirect(back.as_str()),
        Err(reason) => pages::message(400, "This sign-in cannot go on", &reason),
    }
}

/// The effect of the buttons: returns the address that the browser is sent back to.
///
/// # Errors
///
/// Fails with the sentence that the page shows if the request is incomplete or wrong.
pub fn decide(shared: &Shared, query: &str, decision: DeviceDecision) -> Result<Url, String> {
    let asked = Authorize::read(query)?;
    let mut back = asked.redirect;
    match decision {
        DeviceDecision::Approve => {
            let code =
                shared.state().issuer.code(asked.challenge, asked.redirect_text, shared.now());
            back.query_pairs_mut()
                .append_pair("code", &code)
                .append_pair("scope", &asked.scope)
                .append_pair("state", &asked.state);
        }
        DeviceDecision::Deny => {
            back.query_pairs_mut()
                .append_pair("error", "access_denied")
                .append_pair("error_description", "The sign-in was denied on the stand-in's page")
                .append_pair("state", &asked.state);
        }
    }
    Ok(back)
}

/// `POST /oauth/token`: a code or a refresh token for tokens, as a form or as JSON.
pub fn token(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    let field = |name: &str| request.field(name).unwrap_or_default();
    if field("client_id") != CLIENT_ID {
        return grant_error(&Refused {
            status: 401,
            code: "invalid_client",
            message: "The client_id is not known".into(),
        });
    }
    let now = shared.now();
    match field("grant_type").as_str() {
        "authorization_code" => {
            let tokens = shared.state().issuer.exchange(
                &field("code"),
                &field("redirect_uri"),
                &field("code_verifier"),
                now,
            );
            tokens.map_or_else(|refused| grant_error(&refused), |tokens| granted(&tokens, now))
        }
        "refresh_token" => {
            let tokens = shared.state().issuer.rotate(&field("refresh_token"), now);
            tokens.map_or_else(|refused| refused.answer(), |tokens| granted(&tokens, now))
        }
        other => grant_error(&Refused {
            status: 400,
            code: "unsupported_grant_type",
            message: format!(
                "The grant type `{}` is not supported",
                other.chars().take(80).collect::<String>()
            ),
        }),
    }
}

/// `POST /oauth/revoke`
pub fn revoke(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    match request.field("token") {
        Some(token) => {
            shared.state().issuer.revoke(&token);
            ScriptedAnswer::json(&json!({}))
        }
        None => ScriptedAnswer::error(400, "invalid_request", "There is no token to revoke"),
    }
}

/// `POST /api/accounts/deviceauth/usercode`
pub fn device_begin(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    if shared.options.device_codes == DeviceCodes::NotEnabled {
        return ScriptedAnswer::error(404, "not_found", "Device codes are not enabled");
    }
    if request.field("client_id").as_deref() != Some(CLIENT_ID) {
        return ScriptedAnswer::error(400, "invalid_client", "The client_id is not known");
    }
    let (id, user_code) = shared.state().devices.begin(shared.now());
    ScriptedAnswer::json(
        &json!({ "device_auth_id": id, "user_code": user_code, "interval": shared.options.interval.to_string() }),
    )
}

/// `POST /api/accounts/deviceauth/token`: 403 while it waits, then a code with the verifier that
/// belongs to it.
pub fn device_poll(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    let field = |name: &str| request.field(name).unwrap_or_default();
    let now = shared.now();
    let mut state = shared.state();
    match state.devices.poll(&field("device_auth_id"), &field("user_code"), now) {
        DevicePollAnswer::Pending => {
            ScriptedAnswer::error(403, "authorization_pending", "Nobody has approved the code yet")
        }
        DevicePollAnswer::Unknown => {
            ScriptedAnswer::error(404, "not_found", "There is no such code")
        }
        DevicePollAnswer::Denied => {
            ScriptedAnswer::error(401, "authorization_declined", "The sign-in was denied")
        }
        DevicePollAnswer::Expired => {
            ScriptedAnswer::error(400, "expired_token", "The code has expired")
        }
        DevicePollAnswer::Approved => {
            let verifier = jwt::random_text(48);
            let challenge = jwt::challenge(&verifier);
            let code = state.issuer.code(
                challenge.clone(),
                format!("{}/deviceauth/callback", shared.origin),
                now,
            );
            ScriptedAnswer::json(
                &json!({ "authorization_code": code, "code_challenge": challenge, "code_verifier": verifier }),
            )
        }
    }
}

/// `GET /codex/device`
pub fn device_page() -> ScriptedAnswer {
    pages::device()
}

/// `POST /codex/device`
pub fn device_decision(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    let decision = decision(request);
    let known = shared.state().devices.decide(
        &request.field("code").unwrap_or_default(),
        decision,
        shared.now(),
    );
    match (known, decision) {
        (false, _) => pages::message(
            400,
            "That code is not known",
            "It may have expired, been used, or been mistyped. Go back and try again.",
        ),
        (true, DeviceDecision::Approve) => {
            pages::message(200, "Approved", "codling goes on by itself. You can close this page.")
        }
        (true, DeviceDecision::Deny) => {
            pages::message(200, "Denied", "Nothing was signed in. You can close this page.")
        }
    }
}

/// The parameters of an authorize address (RFC 6749, section 4.1.1, with RFC 7636).
struct Authorize {
    challenge: String,
    redirect: Url,
    /// As it was sent: the exchange must repeat it letter for letter.
    redirect_text: String,
    scope: String,
    state: String,
}

impl Authorize {
    fn read(query: &str) -> Result<Self, String> {
        let mut fields: HashMap<String, String> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut take = |name: &str| {
            fields
                .remove(name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| format!("`{name}` is missing"))
        };
        if take("response_type")? != "code" {
            return Err("`response_type` is not `code`".into());
        }
        if take("client_id")? != CLIENT_ID {
            return Err("`client_id` is not known".into());
        }
        if take("code_challenge_method")? != "S256" {
            return Err("`code_challenge_method` is not `S256`".into());
        }
        let redirect_text = take("redirect_uri")?;
        let redirect = Url::parse(&redirect_text).ok().filter(is_loopback);
        let redirect = redirect.ok_or("`redirect_uri` does not lead to this machine")?;
        Ok(Self {
            challenge: take("code_challenge")?,
            redirect,
            redirect_text,
            scope: take("scope")?,
            state: take("state")?,
        })
    }
}

fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
}

fn decision(request: &SeenRequest) -> DeviceDecision {
    match request.field("decision").as_deref() {
        Some("approve") => DeviceDecision::Approve,
        _ => DeviceDecision::Deny,
    }
}

fn granted(tokens: &Tokens, now: Timestamp) -> ScriptedAnswer {
    let left = tokens.expires.since(now).as_secs();
    let mut body =
        json!({ "token_type": "Bearer", "scope": "openid profile email offline_access" });
    body["access_token"] = Value::from(tokens.access.as_str());
    body["refresh_token"] = Value::from(tokens.refresh.as_str());
    body["id_token"] = Value::from(tokens.id.as_str());
    body["expires_in"] = Value::from(left);
    ScriptedAnswer::json(&body).header("cache-control", "no-store")
}

/// An error as RFC 6749, section 5.2 words it.
fn grant_error(refused: &Refused) -> ScriptedAnswer {
    ScriptedAnswer::status(refused.status)
        .json_body(&json!({ "error": refused.code, "error_description": refused.message }))
}
