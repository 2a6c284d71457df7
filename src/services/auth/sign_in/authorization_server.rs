//! The server that a browser is sent to: OpenAI's, or that of an MCP server.

use std::future::Future;

use crate::auth::endpoint::{self, AuthorizationCode, wire};
use crate::auth::{AuthContext, EndpointError, OAuthTokens};
use crate::base::Secret;

use super::error::SignInError;

/// One that answers an approval with a code, and a code with tokens.
pub trait AuthorizationServer: Sync {
    /// This program, as it is known there.
    type Client: Send + Sync;
    /// The tokens that a sign-in ends with.
    type Tokens: Send;

    /// Advice besides pasting the address, where no port can be listened on.
    const OTHER_WAY: &'static str;

    /// Makes this program known for this redirect.
    fn register(
        &self,
        redirect: &str,
    ) -> impl Future<Output = Result<Self::Client, SignInError>> + Send;

    /// The address to approve at.
    fn authorize_url(
        &self,
        client: &Self::Client,
        redirect: &str,
        challenge_and_state: (&str, &Secret),
    ) -> String;

    /// Whether an answer may come from the issuer that it names.
    ///
    /// # Errors
    ///
    /// It is another's: its code must not be sent anywhere.
    fn check_issuer(&self, issuer: Option<&str>) -> Result<(), SignInError>;

    /// Buys the tokens: one try.
    fn exchange(
        &self,
        client: &Self::Client,
        approval: AuthorizationCode<'_>,
    ) -> impl Future<Output = Result<Self::Tokens, EndpointError>> + Send;
}

/// OpenAI's.
pub(super) struct OpenAi<'a>(pub &'a AuthContext);

impl AuthorizationServer for OpenAi<'_> {
    type Client = ();
    type Tokens = OAuthTokens;

    const OTHER_WAY: &'static str = "; or use the headless way";

    async fn register(&self, _redirect: &str) -> Result<(), SignInError> {
        Ok(())
    }

    /// As opencode and Codex send it, without Codex's scopes for connectors.
    fn authorize_url(
        &self,
        _client: &(),
        redirect: &str,
        (challenge, state): (&str, &Secret),
    ) -> String {
        let mut url = self.0.origins.auth.at(wire::AUTHORIZE_PATH);
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", wire::CLIENT_ID)
            .append_pair("redirect_uri", redirect)
            .append_pair("scope", wire::SCOPE)
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("id_token_add_organizations", "true")
            .append_pair("codex_cli_simplified_flow", "true")
            .append_pair("state", state.expose())
            .append_pair("originator", wire::ORIGINATOR);
        let workspaces = &self.0.rule.workspaces;
        if !workspaces.is_empty() {
            url.query_pairs_mut().append_pair("allowed_workspace_id", &workspaces.join(","));
        }
        url.into()
    }

    fn check_issuer(&self, _issuer: Option<&str>) -> Result<(), SignInError> {
        Ok(())
    }

    async fn exchange(
        &self,
        _client: &(),
        approval: AuthorizationCode<'_>,
    ) -> Result<OAuthTokens, EndpointError> {
        endpoint::exchange(self.0, approval).await
    }
}
