//! A server that is reached over HTTP.

use std::collections::HashMap;
use std::sync::Arc;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use url::Url;

use crate::base::Secret;
use crate::mcp::error::McpError;
use crate::net::Net;
use crate::protocol::{McpServer, Origin};

use super::authorized::{AuthorizedClient, McpTokens};

/// The transport to a server's address. Redirects stay on its origin, and so does what it is sent.
///
/// # Errors
///
/// Fails if the address is neither https nor on this machine, or a header cannot be sent.
pub fn transport(
    server: &McpServer,
    (url, headers): (&str, &[(String, Secret)]),
    (net, tokens): (&Net, &Arc<dyn McpTokens>),
) -> Result<StreamableHttpClientTransport<AuthorizedClient>, McpError> {
    let parsed = Url::parse(url).map_err(|_unusable| McpError::Address)?;
    let origin = Origin::parse(&parsed.origin().ascii_serialization())
        .map_err(|_unusable| McpError::Address)?;
    let client = net.client(&origin).map_err(|error| McpError::Net(error.to_string()))?;
    let client =
        AuthorizedClient { client, server: Arc::new(server.clone()), tokens: Arc::clone(tokens) };
    let mut custom = HashMap::new();
    let mut config = StreamableHttpClientTransportConfig::with_uri(url);
    for (name, value) in headers {
        let refused = || McpError::Header(name.clone());
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_unusable| refused())?;
        let mut sent = HeaderValue::from_str(value.expose()).map_err(|_unusable| refused())?;
        sent.set_sensitive(true);
        let token = value.expose().strip_prefix("Bearer ");
        match token.filter(|_| header == AUTHORIZATION) {
            Some(token) => config = config.auth_header(token),
            None => drop(custom.insert(header, sent)),
        }
    }
    Ok(StreamableHttpClientTransport::with_client(client, config.custom_headers(custom)))
}
