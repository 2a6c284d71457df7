//! `Auth`: who is signed in, what requests may carry, signing in and out.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;

use super::codex;
use super::error::AuthError;
use super::listing::{self, AccountListing};
use super::renewal::RenewalCause;
use super::shared_state::CredentialPlace;
use super::warning::AuthWarning;
use super::{AuthContext, OAuthTokens};
use crate::auth::auth_json::auth_file::AuthStore;
use crate::auth::auth_json::credential::Credential;
use crate::auth::auth_json::oauth_grant::OAuthGrant;
use crate::auth::endpoint::jwt::Claims;
use crate::auth::shared_state::{AuthInner, Holding, key_access, lent};
use crate::base::Secret;
use crate::protocol::{
    Access, AccessKind, Account, CredentialStanding, Provider, ProviderId, SentCredential,
};

/// The outcome of a sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// Whether there was an entry to take away.
    pub removed: bool,
    pub revoked: Revoked,
}

/// How the sign-in server answered a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It was not reached or refused: the tokens live on until they end.
    Failed,
    /// There was no token of OpenAI's to revoke.
    NotNeeded,
    /// The server ended the tokens.
    Yes,
}

/// Credentials for requests. Clones share all they know.
#[derive(Clone, Debug)]
pub struct Auth {
    pub(super) inner: Arc<AuthInner>,
}

impl Auth {
    /// Reads no file yet. An empty `api_key` counts as none.
    pub fn new(context: AuthContext, place: CredentialPlace) -> Self {
        let place =
            CredentialPlace { api_key: place.api_key.filter(|key| !key.is_empty()), ..place };
        Self { inner: Arc::new(AuthInner::new(context, place)) }
    }

    /// The auth.json in use.
    pub fn file(&self) -> PathBuf {
        self.inner.place().file
    }

    /// Where credentials may be: the auth.json in use, and opencode's.
    pub fn files(&self) -> [PathBuf; 2] {
        let place = self.inner.place();
        [place.file, place.opencode_file]
    }

    /// Uses opencode's auth.json from now on: shared with it, never copied.
    pub fn share_opencode(&self) {
        self.inner.share_opencode();
        self.inner.memory().forget();
    }

    /// All credentials, the environment's included, and which one requests use. Blocks on the disk
    /// for a moment.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is damaged.
    pub fn accounts(&self) -> Result<AccountListing, AuthError> {
        let place = self.inner.place();
        let contents = AuthStore::new(&place.file).read()?;
        let opencode_offer = listing::offers_opencode(&contents, &place);
        let mut memory = self.inner.memory();
        if let Some(mode) = contents.exposed {
            memory.warn_once(AuthWarning::Readable { path: place.file.clone(), mode });
        }
        let mut accounts = listing::accounts(&contents, &place, |grant| memory.overlay(grant));
        if let Some(own) = self.inner.client_account() {
            listing::shadow(&mut accounts, own);
        }
        let codex_offer =
            if listing::has_openai(&contents) { None } else { codex::offered(&place) };
        Ok(AccountListing { accounts, opencode_offer, codex_offer })
    }

    /// The account that requests to OpenAI would use now. Blocks on the disk for a moment, and
    /// looks at no other program's file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is damaged.
    pub fn account_in_use(&self) -> Result<Option<Account>, AuthError> {
        if let Some(own) = self.inner.client_account() {
            return Ok(Some(own));
        }
        let place = self.inner.place();
        let contents = AuthStore::new(&place.file).read()?;
        let accounts =
            listing::accounts(&contents, &place, |grant| self.inner.memory().overlay(grant));
        Ok(accounts.into_iter().find(|account| {
            account.provider.is_openai() && account.standing == CredentialStanding::Wins
        }))
    }

    /// The warnings that turned up since the last call, each returned once.
    pub fn take_warnings(&self) -> Vec<AuthWarning> {
        self.inner.memory().take_warnings()
    }

    /// The credential that requests to OpenAI use: the entry `openai` of the file, else
    /// `OPENAI_API_KEY`.
    ///
    /// An access token with five minutes or less to live is renewed first. Where that fails and the
    /// old one still lives, it is used.
    pub(super) async fn openai_access(&self) -> Result<Access, AuthError> {
        if let Some(access) = self.inner.client_access() {
            return Ok(access);
        }
        let holding = self.inner.holding().await?;
        let access = match holding {
            Holding::Key { key, .. } => key_access(key),
            Holding::Grant { grant, .. } if self.inner.may_be_used(&grant) => grant.access(),
            Holding::Grant { .. } => self.renewed(RenewalCause::Lasting).await?,
        };
        self.inner.allowed(access)
    }

    /// Renews the tokens of the sign-in in use where they end soon; a client's own stay as they
    /// are.
    ///
    /// # Errors
    ///
    /// There is no sign-in, or its tokens could not be renewed.
    pub async fn refresh(&self) -> Result<(), AuthError> {
        if self.holds_client_tokens() {
            return Ok(());
        }
        match self.inner.holding().await? {
            Holding::Key { .. } => Ok(()),
            Holding::Grant { grant, .. } => {
                let rejected = RenewalCause::OtherThan(grant.access());
                self.renewed(rejected).await.map(drop)
            }
        }
    }

    /// After a 401: another token for the same account, from the file if it holds one by now, else
    /// by renewing.
    ///
    /// A provider's own key cannot be renewed; the sign-in that it was lent can.
    ///
    /// # Errors
    ///
    /// There is no sign-in any more, it is of another account now, or its tokens could not be
    /// renewed.
    pub async fn renew(&self, rejected: &Access) -> Result<Access, AuthError> {
        let is_own_key = matches!(
            &rejected.kind,
            AccessKind::Provider { credential, .. } if !matches!(credential, SentCredential::OpenAi(_))
        );
        if self.holds_client_tokens() && !is_own_key {
            return self.inner.renew_client_tokens(rejected).await;
        }
        match &rejected.kind {
            AccessKind::Provider { id, credential: SentCredential::OpenAi(kind) } => {
                let own = Access { token: rejected.token.clone(), kind: (**kind).clone() };
                Ok(lent(id, self.renewed(RenewalCause::OtherThan(own)).await?))
            }
            AccessKind::Provider { id, .. } => self.access(id).await,
            AccessKind::ApiKey | AccessKind::ChatGpt { .. } => {
                self.renewed(RenewalCause::OtherThan(rejected.clone())).await
            }
        }
    }

    /// Puts a completed sign-in in the place of the one before, whose refresh token is then
    /// revoked, without delaying anyone.
    ///
    /// A damaged file is set aside: signing in anew is the decision to go on without it.
    ///
    /// # Errors
    ///
    /// The settings do not allow the workspace, or the file cannot be written.
    pub async fn save_tokens(&self, tokens: OAuthTokens) -> Result<Account, AuthError> {
        let grant = OAuthGrant::new(&tokens, self.inner.context.clock.now());
        self.inner.check_workspace(grant.account().as_deref())?;
        // The id token is not kept, and knows the e-mail address best.
        let claims =
            tokens.id.as_ref().map(Claims::of).unwrap_or_default().or(Claims::of(&tokens.access));
        let saved = self
            .detached(|inner| async move {
                inner.save(ProviderId::openai(), Credential::OAuth(grant)).await
            })
            .await?;
        Ok(listing::with_claims(saved, claims))
    }

    /// Puts an API key in the place of what was signed in before.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub async fn save_key(&self, key: Secret) -> Result<Account, AuthError> {
        let entry = Credential::Api { key, origin: None };
        self.detached(|inner| async move { inner.save(ProviderId::openai(), entry).await }).await
    }

    /// Puts a key in the place of what auth.json held for a provider. It is good for the origin of
    /// the provider's address alone.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub async fn save_provider_key(
        &self,
        own: &Provider,
        key: Secret,
    ) -> Result<Account, AuthError> {
        let (provider, origin) = (own.id.clone(), Some(own.base.origin().to_string()));
        let entry = Credential::Api { key, origin };
        let saved = self.detached(|inner| async move { inner.save(provider, entry).await }).await?;
        let standing = listing::standing(&saved, &self.inner.place());
        Ok(Account { standing, ..saved })
    }

    /// Knows these providers from now on.
    pub fn set_providers(&self, providers: Arc<[Provider]>) {
        self.inner.set_providers(providers);
    }

    /// Puts what Codex is signed in with in the place of what was signed in before. Tokens leave
    /// Codex's file, as they are good for one program only; a key stays in it.
    ///
    /// # Errors
    ///
    /// Codex has no sign-in, the settings do not allow it, or a file cannot be written.
    pub async fn take_over_codex(&self) -> Result<Account, AuthError> {
        self.detached(|inner| async move { inner.take_over_codex().await }).await
    }

    /// Takes a provider's entry away, and no other; then has OpenAI's refresh token revoked, for 10
    /// s at the most.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written. A failed revocation is no error.
    pub async fn sign_out(&self, provider: &ProviderId) -> Result<SignedOut, AuthError> {
        let provider = provider.clone();
        self.detached(|inner| async move { inner.sign_out(&provider).await }).await
    }

    /// Waits until no renewal and no revocation is under way: before the program ends, so that no
    /// token is spent unsaved.
    pub async fn settle(&self) {
        let _turn = self.inner.turn.lock().await;
        for task in self.inner.take_loose() {
            let _ended = task.await;
        }
    }

    /// Renewing goes on when the asker goes away: a spent refresh token whose answer is dropped
    /// would end the sign-in.
    async fn renewed(&self, want: RenewalCause) -> Result<Access, AuthError> {
        self.detached(|inner| async move { inner.renew(want).await }).await
    }

    async fn detached<T, F, W>(&self, work: W) -> Result<T, AuthError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AuthError>> + Send + 'static,
        W: FnOnce(Arc<AuthInner>) -> F,
    {
        tokio::spawn(work(self.inner.clone()).boxed()).await.map_err(|_ended| AuthError::Stopped)?
    }
}
