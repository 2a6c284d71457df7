//! Tokens that a client owns: held in memory alone, and asked of it anew when a server refuses
//! them. Nothing of them reaches a file.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::protocol::{
    Access, AccessKind, Account, AccountKind, ClientTokens, CredentialSource, CredentialStanding,
    ProviderId,
};

use super::credentials::Auth;
use super::error::AuthError;
use super::shared_state::WantedSink;
use crate::auth::endpoint::jwt::Claims;
use crate::auth::shared_state::AuthInner;

/// How long the client may take to bring other tokens.
const LIMIT: Duration = Duration::from_secs(10);

impl Auth {
    /// Sets the sink that asks the client for newer tokens when a server refuses its present ones.
    pub fn on_wanted(&self, sink: WantedSink) {
        self.inner.client().wanted = Some(sink);
    }

    /// Uses these until they are replaced or signed out, whatever auth.json says.
    ///
    /// # Errors
    ///
    /// The access token is none, or the settings do not allow its workspace.
    pub fn hold(&self, tokens: ClientTokens) -> Result<(), AuthError> {
        self.inner.check_client_tokens(&tokens)?;
        self.inner.client().held = Some(tokens);
        Ok(())
    }

    /// Whether a client's tokens are in use.
    pub fn holds_client_tokens(&self) -> bool {
        self.inner.client().held.is_some()
    }

    /// The client's answer to the request of this number; a late or unknown one is dropped.
    pub fn give(&self, request: u64, tokens: Result<ClientTokens, String>) {
        let mut client = self.inner.client();
        if let Some((_, waiting)) = client.waiting.take_if(|(asked, _)| *asked == request) {
            // The waiting task may be gone.
            let _gone = waiting.send(tokens);
        }
    }
}

impl AuthInner {
    pub(super) fn client_access(&self) -> Option<Access> {
        self.client().held.as_ref().map(access)
    }

    pub(super) fn client_account(&self) -> Option<Account> {
        self.client().held.as_ref().map(account)
    }

    /// Whether there were any.
    pub(super) fn forget_client_tokens(&self) -> bool {
        self.client().held.take().is_some()
    }

    /// Others than these, which a server refused: those that came meanwhile, or what the client
    /// gives.
    pub(super) async fn renew_client_tokens(&self, rejected: &Access) -> Result<Access, AuthError> {
        let _turn = self.turn.lock().await;
        let (sender, receiver) = oneshot::channel();
        let (asked, sink, account) = {
            let mut client = self.client();
            let Some(held) = &client.held else { return Err(AuthError::NotSignedIn) };
            if held.access != rejected.token {
                return Ok(access(held));
            }
            let (account, sink) = (held.account.clone(), client.wanted.clone());
            client.asked += 1;
            client.waiting = Some((client.asked, sender));
            (client.asked, sink, account)
        };
        let Some(sink) = sink else { return Err(AuthError::Ended) };
        sink(asked, Some(account));
        let given = match tokio::time::timeout(LIMIT, receiver).await {
            Ok(Ok(Ok(tokens))) => tokens,
            Ok(Ok(Err(reason))) => return Err(AuthError::ClientRefused { reason }),
            Ok(Err(_replaced)) => return Err(AuthError::Stopped),
            Err(_late) => {
                self.client().waiting.take_if(|(waiting, _)| *waiting == asked);
                return Err(AuthError::ClientLate { seconds: LIMIT.as_secs() });
            }
        };
        self.check_client_tokens(&given).map_err(|error| match error {
            AuthError::NotAToken => AuthError::ClientInvalid,
            other => other,
        })?;
        let renewed = access(&given);
        self.client().held = Some(given);
        Ok(renewed)
    }

    fn check_client_tokens(&self, tokens: &ClientTokens) -> Result<(), AuthError> {
        if !Claims::can_be_read(&tokens.access) {
            return Err(AuthError::NotAToken);
        }
        self.check_workspace(Some(&tokens.account))
    }

    /// Whether the settings allow credentials of this workspace.
    pub(super) fn check_workspace(&self, account: Option<&str>) -> Result<(), AuthError> {
        let allowed = &self.context.rule.workspaces;
        let found = account.unwrap_or_default();
        if allowed.is_empty() || allowed.iter().any(|workspace| workspace == found) {
            return Ok(());
        }
        Err(AuthError::OtherWorkspace { allowed: allowed.to_vec(), found: found.to_owned() })
    }
}

fn access(tokens: &ClientTokens) -> Access {
    let residency = Claims::of(&tokens.access).residency;
    let kind = AccessKind::ChatGpt { account: Some(tokens.account.clone()), residency };
    Access { token: tokens.access.clone(), kind }
}

fn account(tokens: &ClientTokens) -> Account {
    let claims = Claims::of(&tokens.access);
    Account {
        provider: ProviderId::openai(),
        kind: AccountKind::ChatGpt {
            account: Some(tokens.account.clone()),
            email: claims.email,
            plan: tokens.plan.clone().or(claims.plan),
        },
        expires: claims.expires,
        source: CredentialSource::Client,
        standing: CredentialStanding::Wins,
    }
}
