//! The sign-in server of the small MCP server: it describes itself, registers programs, approves at
//! once whoever its page is opened by, and gives out tokens whose refresh tokens work once.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

use crate::demo::answer::ScriptedAnswer;
use crate::demo::server::record::SeenRequest;
use crate::demo::server::shared::Shared;

/// Codes and tokens that were given out.
#[derive(Debug, Default)]
pub struct McpIssuer {
    given: usize,
    /// Codes that were not traded yet, with the challenge and the redirect they are for.
    codes: HashMap<String, (String, String)>,
    refresh: HashSet<String>,
    revoked: HashSet<String>,
    access: HashSet<String>,
    renewals: usize,
}

impl McpIssuer {
    /// How many times a refresh token was traded.
    pub fn renewals(&self) -> usize {
        self.renewals
    }

    /// Refuses every access token given out so far.
    pub fn revoke_access(&mut self) {
        self.revoked.extend(self.access.drain());
    }

    /// Whether requests with this token are answered.
    pub fn takes(&self, token: &str) -> bool {
        token.starts_with("mcp-") && !self.revoked.contains(token)
    }

    fn number(&mut self) -> usize {
        self.given += 1;
        self.given
    }

    fn tokens(&mut self) -> Value {
        let number = self.number();
        let (access, refresh) = (format!("mcp-access-{number}"), format!("mcp-refresh-{number}"));
        self.access.insert(access.clone());
        self.refresh.insert(refresh.clone());
        json!({
            "access_token": access, "refresh_token": refresh, "token_type": "Bearer",
            "expires_in": 3600, "scope": "tools",
        })
    }
}

/// The server's description of itself.
pub fn resource(shared: &Shared) -> ScriptedAnswer {
    let origin = &shared.origin;
    ScriptedAnswer::json(&json!({
        "resource": format!("{origin}/mcp"),
        "authorization_servers": [format!("{origin}/mcp-auth")],
        "scopes_supported": ["tools"],
    }))
}

/// The sign-in server's description of itself.
pub fn metadata(shared: &Shared) -> ScriptedAnswer {
    let issuer = format!("{}/mcp-auth", shared.origin);
    ScriptedAnswer::json(&json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

/// Registers a program.
pub fn register(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    if request.json()["redirect_uris"][0].as_str().is_none() {
        return refused("invalid_redirect_uri");
    }
    let number = shared.state().mcp_issuer.number();
    ScriptedAnswer::json(&json!({ "client_id": format!("program-{number}") }))
}

/// The page that a browser opens: it sends the browser back with a code.
pub fn authorize(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    let asked = fields(&request.query);
    let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let is_right = text("response_type") == "code"
        && text("code_challenge_method") == "S256"
        && text("resource") == format!("{}/mcp", shared.origin)
        && text("client_id").starts_with("program-");
    let Some(mut back) = Url::parse(&text("redirect_uri")).ok().filter(|_| is_right) else {
        return refused("invalid_request");
    };
    let mut state = shared.state();
    let code = format!("mcp-code-{}", state.mcp_issuer.number());
    let kept = (text("code_challenge"), text("redirect_uri"));
    state.mcp_issuer.codes.insert(code.clone(), kept);
    drop(state);
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &text("state"))
        .append_pair("iss", &format!("{}/mcp-auth", shared.origin));
    ScriptedAnswer::redirect(back.as_str())
}

/// A code or a refresh token for tokens. A refresh token that comes twice is a violation.
pub fn token(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    let asked = fields(&request.body);
    let text = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let mut state = shared.state();
    let is_good = match text("grant_type") {
        "authorization_code" => {
            let kept = state.mcp_issuer.codes.remove(text("code"));
            kept.is_some_and(|(challenge, redirect)| {
                let hash = Sha256::digest(text("code_verifier"));
                URL_SAFE_NO_PAD.encode(hash) == challenge && redirect == text("redirect_uri")
            })
        }
        "refresh_token" => {
            let is_first = state.mcp_issuer.refresh.remove(text("refresh_token"));
            state.mcp_issuer.renewals += usize::from(is_first);
            if !is_first {
                state.violations.push("a refresh token of the MCP server came twice".into());
            }
            is_first
        }
        _ => false,
    };
    match is_good && text("resource") == format!("{}/mcp", shared.origin) {
        true => ScriptedAnswer::json(&state.mcp_issuer.tokens()),
        false => refused("invalid_grant"),
    }
}

fn refused(code: &str) -> ScriptedAnswer {
    let mut answer = ScriptedAnswer::json(&json!({ "error": code }));
    answer.status = 400;
    answer
}

fn fields(form: &str) -> HashMap<String, String> {
    form_urlencoded::parse(form.as_bytes()).into_owned().collect()
}
