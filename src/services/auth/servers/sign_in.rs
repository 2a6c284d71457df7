//! The browser way to an MCP server: found out where, registered, approved, exchanged.

use tokio::sync::mpsc;

use crate::auth::endpoint::AuthorizationCode;
use crate::auth::sign_in::{
    AuthorizationServer, Opener, Ports, SignInError, SignInPace, StepSink, approve,
};
use crate::auth::{AuthContext, EndpointError};
use crate::base::Secret;

use super::SignInTarget;
use super::discovery::{Discovered, discover};
use super::error::ServerFault;
use super::grant::{self, RegisteredClient, ServerGrant};

/// Signs in to a server with the browser, as `sign_in::browser` does to OpenAI.
///
/// # Errors
///
/// The server does not say where to sign in, or as of every sign-in with the browser.
pub async fn sign_in(
    context: &AuthContext,
    target: &SignInTarget,
    ports: Ports,
    open: Opener,
    pasted: mpsc::UnboundedReceiver<String>,
    report: StepSink<'_>,
) -> Result<ServerGrant, SignInError> {
    let found = discover(context, target).await?;
    let server = McpAuthorization { context, target, found };
    approve(&context.clock, &server, (ports, open), pasted, report, SignInPace::REAL).await
}

struct McpAuthorization<'a> {
    context: &'a AuthContext,
    target: &'a SignInTarget,
    found: Discovered,
}

impl AuthorizationServer for McpAuthorization<'_> {
    type Client = RegisteredClient;
    type Tokens = ServerGrant;

    const OTHER_WAY: &'static str = "";

    async fn register(&self, redirect: &str) -> Result<RegisteredClient, SignInError> {
        Ok(grant::register(self.context, self.target, &self.found, redirect).await?)
    }

    fn authorize_url(
        &self,
        client: &RegisteredClient,
        redirect: &str,
        (challenge, state): (&str, &Secret),
    ) -> String {
        let mut url = self.found.authorize.url.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.id)
            .append_pair("redirect_uri", redirect)
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("state", state.expose())
            .append_pair("resource", &self.found.resource);
        if !self.found.scopes.is_empty() {
            url.query_pairs_mut().append_pair("scope", &self.found.scopes.join(" "));
        }
        url.into()
    }

    /// RFC 9207: an answer that another server gave is refused before its code is sent anywhere.
    fn check_issuer(&self, issuer: Option<&str>) -> Result<(), SignInError> {
        match issuer {
            Some(issuer) if issuer == self.found.issuer => Ok(()),
            None if !self.found.names_issuer => Ok(()),
            _ => Err(ServerFault::Issuer.into()),
        }
    }

    async fn exchange(
        &self,
        client: &RegisteredClient,
        approval: AuthorizationCode<'_>,
    ) -> Result<ServerGrant, EndpointError> {
        grant::exchange(self.context, &self.found, client, approval).await
    }
}
