//! Finds out where one signs in to an MCP server: its protected resource metadata (RFC 9728), then
//! the metadata of its authorization server (RFC 8414). Believes nothing that does not fit the
//! address that was asked.

use std::time::Duration;

use reqwest::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};
use url::Url;

use crate::auth::endpoint::answer;
use crate::auth::{AuthContext, EndpointError};
use crate::net::NetFailure;

use super::SignInTarget;
use super::address::{Endpoint, Reach};
use super::at;
use super::error::ServerFault;

/// The longest that one answer is waited for.
const LIMIT: Duration = Duration::from_secs(20);
/// Scopes that are asked for at most, of those that a server names.
const SCOPES: usize = 50;

/// Where and for what one signs in.
#[derive(Clone, Debug)]
pub struct Discovered {
    /// The identifier of the server that the tokens are for (RFC 8707).
    pub resource: String,
    /// The sign-in server, as it names itself.
    pub issuer: String,
    /// Where a browser goes to approve.
    pub authorize: Endpoint,
    pub token: Endpoint,
    pub registration: Option<Endpoint>,
    pub scopes: Vec<String>,
    /// Whether the address that the browser ends on must name the issuer (RFC 9207).
    pub names_issuer: bool,
}

/// The server's answer to a request without a token.
#[derive(Debug, Default, PartialEq, Eq)]
struct Challenge {
    metadata: Option<String>,
    scope: Option<String>,
}

/// Asks the MCP server, then the sign-in server that it names.
///
/// # Errors
///
/// Fails if neither can be asked, or what they say does not fit together.
pub async fn discover(
    context: &AuthContext,
    target: &SignInTarget,
) -> Result<Discovered, ServerFault> {
    let server = Endpoint::parse(&target.url, Reach::Anywhere)?;
    let reach = Reach::of(&server.url);
    let challenge = challenge(context, &server).await?;
    let described = resource_metadata(context, &server, reach, &challenge).await?;
    let named = described.as_ref().map(|found| &found["authorization_servers"][0]);
    let issuer = match named.and_then(Value::as_str) {
        Some(issuer) => Endpoint::parse(issuer, reach)?,
        None => Endpoint::of(server.origin.at("/"), reach)?,
    };
    let found = issuer_metadata(context, &issuer).await?;
    let told = described.as_ref().and_then(|found| found["resource"].as_str());
    let resource = target.sign_in.resource.as_deref().or(told).unwrap_or(&target.url);
    let scopes = scopes(target, &challenge, described.as_ref(), &found);
    let endpoint = |name: &str| match &found[name] {
        Value::String(text) => Endpoint::parse(text, reach).map(Some),
        _ => Ok(None),
    };
    Ok(Discovered {
        resource: resource.to_owned(),
        issuer: found["issuer"].as_str().unwrap_or_default().to_owned(),
        authorize: endpoint("authorization_endpoint")?.ok_or(ServerFault::NotDescribed)?,
        token: endpoint("token_endpoint")?.ok_or(ServerFault::NotDescribed)?,
        registration: endpoint("registration_endpoint")?,
        scopes,
        names_issuer: found["authorization_response_iss_parameter_supported"] == true,
    })
}

/// Greets the server without a token; what it answers says where its description is.
async fn challenge(context: &AuthContext, server: &Endpoint) -> Result<Challenge, ServerFault> {
    let greeting = json!({
        "jsonrpc": "2.0",
        "id": 0,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "codling", "version": env!("CARGO_PKG_VERSION") },
        },
    });
    let unreached = |source| ServerFault::Unreached { source };
    let client = context.net.client(&server.origin);
    let client = client.map_err(|source| unreached(EndpointError::Setup { source }))?;
    let request = client
        .post(server.url.clone())
        .timeout(LIMIT)
        .header("user-agent", &context.user_agent)
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .body(greeting.to_string());
    let response = request.send().await.map_err(|error| {
        let host = server.origin.host().to_string();
        unreached(EndpointError::Unreachable { host, failure: NetFailure::of(&error) })
    })?;
    let headers = response.headers().get_all(WWW_AUTHENTICATE).into_iter();
    Ok(Challenge::read(headers.filter_map(|value| value.to_str().ok())))
}

impl Challenge {
    /// Reads `WWW-Authenticate` (RFC 9110, section 11.6.1) as far as it is about this.
    fn read<'a>(headers: impl Iterator<Item = &'a str>) -> Self {
        let mut challenge = Self::default();
        for header in headers {
            challenge.metadata =
                challenge.metadata.or_else(|| parameter(header, "resource_metadata"));
            challenge.scope = challenge.scope.or_else(|| parameter(header, "scope"));
        }
        challenge
    }
}

/// The value of `name="value"` or `name=value`.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header;
    loop {
        let at = rest.find(name)?;
        let before = rest[..at].chars().next_back();
        let after = &rest[at + name.len()..];
        let is_whole = before.is_none_or(|c| c == ' ' || c == ',');
        let Some(value) = after.trim_start().strip_prefix('=').filter(|_| is_whole) else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        let value = match value.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => value.split([',', ' ']).next(),
        };
        return value.filter(|value| !value.is_empty()).map(str::to_owned);
    }
}

/// The server's description of itself; `None` where it has none.
async fn resource_metadata(
    context: &AuthContext,
    server: &Endpoint,
    reach: Reach,
    challenge: &Challenge,
) -> Result<Option<Value>, ServerFault> {
    let mut places = Vec::new();
    if let Some(named) = &challenge.metadata {
        let url = server.url.join(named).map_err(|_malformed| ServerFault::Address)?;
        places.push(Endpoint::of(url, reach)?);
    }
    let path = server.url.path().trim_end_matches('/');
    for path in [path, ""] {
        let url = server.origin.at(&format!("/.well-known/oauth-protected-resource{path}"));
        places.push(Endpoint::of(url, reach)?);
    }
    let Some(found) = first(context, &places).await? else { return Ok(None) };
    let resource = found["resource"].as_str().unwrap_or_default();
    match Url::parse(resource).is_ok_and(|resource| covers(&resource, &server.url)) {
        true => Ok(Some(found)),
        false => Err(ServerFault::Resource),
    }
}

/// Whether a description of this resource may be about that server: the same origin, and a path
/// that the server's begins with.
fn covers(resource: &Url, server: &Url) -> bool {
    let path = resource.path().trim_end_matches('/');
    let rest = server.path().strip_prefix(path);
    resource.origin() == server.origin()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The metadata of the sign-in server, which must name itself as it was named.
async fn issuer_metadata(context: &AuthContext, issuer: &Endpoint) -> Result<Value, ServerFault> {
    let path = issuer.url.path().trim_end_matches('/');
    let mut paths = vec![
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
    ];
    if !path.is_empty() {
        paths.push(format!("{path}/.well-known/openid-configuration"));
    }
    let places = paths
        .iter()
        .map(|path| Endpoint { url: issuer.origin.at(path), origin: issuer.origin.clone() });
    let found = first(context, &places.collect::<Vec<_>>()).await?;
    let found = found.ok_or(ServerFault::NotDescribed)?;
    let own = found["issuer"].as_str().unwrap_or_default();
    if own.trim_end_matches('/') != issuer.identity() {
        return Err(ServerFault::Issuer);
    }
    let methods = found["code_challenge_methods_supported"].as_array();
    match methods.is_none_or(|methods| methods.iter().any(|method| method == "S256")) {
        true => Ok(found),
        false => Err(ServerFault::NoPkce),
    }
}

/// The first of these places that holds a JSON object. Only a place that cannot be reached ends the
/// search.
async fn first(context: &AuthContext, places: &[Endpoint]) -> Result<Option<Value>, ServerFault> {
    for place in places {
        let context = at(context, &place.origin);
        let client = context.net.client(&place.origin);
        let client = client.map_err(|source| EndpointError::Setup { source });
        let request = client
            .map_err(|source| ServerFault::Unreached { source })?
            .get(place.url.clone())
            .timeout(LIMIT)
            .header("user-agent", &context.user_agent)
            .header("accept", "application/json");
        match answer::read(&context, request, &[]).await {
            Ok(found) => return Ok(Some(found)),
            Err(
                EndpointError::Blocked { .. }
                | EndpointError::Malformed { .. }
                | EndpointError::Refused { .. },
            ) => {}
            Err(source) => return Err(ServerFault::Unreached { source }),
        }
    }
    Ok(None)
}

/// The scopes of the settings; else those that the server wants; and one for a refresh token where
/// the sign-in server knows that.
fn scopes(
    target: &SignInTarget,
    challenge: &Challenge,
    described: Option<&Value>,
    issuer: &Value,
) -> Vec<String> {
    if !target.sign_in.scopes.is_empty() {
        return target.sign_in.scopes.clone();
    }
    let texts = |value: &Value| -> Vec<String> {
        let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        texts.take(SCOPES).map(str::to_owned).collect()
    };
    let mut scopes = match (&challenge.scope, described) {
        (Some(scope), _) => scope.split_whitespace().take(SCOPES).map(str::to_owned).collect(),
        (None, Some(described)) => texts(&described["scopes_supported"]),
        (None, None) => Vec::new(),
    };
    let offline = "offline_access".to_owned();
    if texts(&issuer["scopes_supported"]).contains(&offline) && !scopes.contains(&offline) {
        scopes.push(offline);
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_however_it_is_written() {
        for (header, metadata, scope) in [
            (
                r#"Bearer resource_metadata="https://a.example/x", scope="a b""#,
                "https://a.example/x",
                "a b",
            ),
            (
                r#"Bearer error="invalid_token", resource_metadata=https://a.example/x, realm="r""#,
                "https://a.example/x",
                "",
            ),
            (r#"Basic realm="x_scope=no", Bearer scope = "s""#, "", "s"),
            (r#"Bearer resource_metadata="""#, "", ""),
            (r#"Bearer resource_metadata"#, "", ""),
            ("", "", ""),
        ] {
            let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let expected = Challenge { metadata: some(metadata), scope: some(scope) };
            assert_eq!(Challenge::read([header].into_iter()), expected, "{header}");
        }
    }

    #[test]
    fn a_description_covers_its_own_origin_and_the_paths_below_it() {
        for (resource, server, is_covered) in [
            ("https://a.example/mcp", "https://a.example/mcp", true),
            ("https://a.example/mcp/", "https://a.example/mcp", true),
            ("https://a.example", "https://a.example/mcp", true),
            ("https://a.example/mc", "https://a.example/mcp", false),
            ("https://a.example/mcp/x", "https://a.example/mcp", false),
            ("https://b.example/mcp", "https://a.example/mcp", false),
            ("http://a.example/mcp", "https://a.example/mcp", false),
            ("https://a.example:8443/mcp", "https://a.example/mcp", false),
        ] {
            let [resource, server] = [resource, server].map(|text| Url::parse(text).unwrap());
            assert_eq!(covers(&resource, &server), is_covered, "{resource} {server}");
        }
    }
}
