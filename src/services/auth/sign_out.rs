//! Changes of who is signed in: one entry at a time, under the lock, the former token revoked. Asks
//! nobody for consent.

use std::time::Duration;

use tokio::sync::oneshot;

use super::codex;
use super::credentials::{Revoked, SignedOut};
use super::endpoint;
use super::error::AuthError;
use super::listing;
use super::warning::AuthWarning;
use crate::auth::auth_json::auth_file::{AuthChange, AuthStore, Damaged};
use crate::auth::auth_json::credential::Credential;
use crate::auth::shared_state::{AuthInner, blocking, file_lock, key_access};
use crate::base::Secret;
use crate::protocol::{Account, ProviderId};

/// How long another holder of the file's lock is waited for; longer than any of ours keeps it.
const LOCK_LIMIT: Duration = Duration::from_secs(45);

impl AuthInner {
    pub(super) async fn save(
        &self,
        provider: ProviderId,
        credential: Credential,
    ) -> Result<Account, AuthError> {
        let _turn = self.turn.lock().await;
        let file = self.place().file;
        let lock = file_lock(&file, LOCK_LIMIT).await?;
        let store = AuthStore::new(&file);
        let (saved, of) = (credential.clone(), provider.clone());
        let (before, copy) = blocking(move || {
            let mut before = None;
            let copy = store.change(&lock, Damaged::SetAside, |contents| {
                before = contents.credential(&of);
                contents.set(&of, &saved)
            })?;
            Ok((before, copy))
        })
        .await?;
        // Tokens of others are not ours to revoke.
        let before = before.filter(|_| provider.is_openai());
        if let Some(superseded) = self.superseded(before, &credential) {
            drop(self.revoke(superseded));
        }
        let mut memory = self.memory();
        if provider.is_openai() {
            memory.forget();
        }
        if let Some(copy) = copy {
            memory.warn_once(AuthWarning::SetAside { copy });
        }
        Ok(listing::account(provider, &credential, &file))
    }

    pub(super) async fn take_over_codex(&self) -> Result<Account, AuthError> {
        let path = self.place().codex_file;
        // Codex renews under this lock.
        let _lock = file_lock(&path, LOCK_LIMIT).await?;
        let (file, gone) = (path.clone(), path.clone());
        let found = blocking(move || Ok(codex::read(&file))).await?;
        let found = found.ok_or(AuthError::NotInCodex { path: gone })?;
        let is_key = match &found.credential {
            Credential::OAuth(grant) => self.allowed(grant.access()).map(|_| false),
            Credential::Api { key, .. } => self.allowed(key_access(key.clone())).map(|_| true),
            Credential::Unknown { .. } | Credential::WellKnown { .. } => Ok(true),
        }?;
        let saved = self.save(ProviderId::openai(), found.credential.clone()).await?;
        if !is_key {
            let file = path.clone();
            let forgotten = blocking(move || Ok(codex::forget_tokens(&file)?)).await;
            if forgotten.is_err() {
                self.memory().warn_once(AuthWarning::StillInCodex { path });
            }
        }
        Ok(found.saved_as(saved))
    }

    /// The refresh token that nobody will use again: that of the file, or the one that could not be
    /// written there.
    fn superseded(&self, before: Option<Credential>, now: &Credential) -> Option<Secret> {
        let Some(Credential::OAuth(before)) = before else { return None };
        let old = self.memory().overlay(before).refresh;
        let kept = matches!(now, Credential::OAuth(grant) if grant.refresh == old);
        (!kept && !old.is_empty()).then_some(old)
    }

    pub(super) async fn sign_out(&self, provider: &ProviderId) -> Result<SignedOut, AuthError> {
        // The client's sign-out leaves the entry in the file alone.
        if provider.is_openai() && self.forget_client_tokens() {
            return Ok(SignedOut { removed: true, revoked: Revoked::NotNeeded });
        }
        let turn = self.turn.lock().await;
        let store = AuthStore::new(self.place().file);
        let lock = file_lock(store.path(), LOCK_LIMIT).await?;
        let name = provider.clone();
        let (before, change) = blocking(move || {
            let (mut before, mut change) = (None, AuthChange::NotNeeded);
            store.change(&lock, Damaged::Refuse, |contents| {
                before = contents.credential(&name).or_else(|| contents.credential(&bare(&name)));
                change = contents.remove(&name);
                change
            })?;
            Ok((before, change))
        })
        .await?;
        let is_ours = bare(provider) == ProviderId::openai();
        let token = match before {
            Some(Credential::OAuth(grant)) if is_ours => {
                Some(self.memory().overlay(grant).refresh).filter(|token| !token.is_empty())
            }
            _ => None,
        };
        if is_ours {
            self.memory().forget();
        }
        let revoking = token.map(|token| self.revoke(token));
        drop(turn);
        let revoked = match revoking {
            Some(receiver) => receiver.await.unwrap_or(Revoked::Failed),
            None => Revoked::NotNeeded,
        };
        Ok(SignedOut { removed: change == AuthChange::Made, revoked })
    }

    /// Revokes without holding up anybody: what comes of it may be waited for or not, and
    /// [`super::Auth::settle`] waits for it.
    fn revoke(&self, token: Secret) -> oneshot::Receiver<Revoked> {
        let context = self.context.clone();
        let (sender, receiver) = oneshot::channel();
        let task = tokio::spawn(async move {
            let revoked = match endpoint::revoke(&context, &token).await {
                Ok(()) => Revoked::Yes,
                Err(error) => {
                    tracing::warn!(%error, "the refresh token could not be revoked");
                    Revoked::Failed
                }
            };
            let _nobody_asked = sender.send(revoked);
        });
        self.let_loose(task);
        receiver
    }
}

/// A provider's name without the final slashes that opencode forgives.
fn bare(provider: &ProviderId) -> ProviderId {
    ProviderId::new(provider.as_str().trim_end_matches('/'))
}
