//! Renewing an access token so that a refresh token is spent once, over all tasks and processes,
//! and what comes back is never lost.
//!
//! In this process one renewal runs at a time (`Inner::turn`); across processes the file's lock is
//! held from reading the token until its successor is saved, the HTTP call included. Who comes
//! second reads the file and finds the work done. Knows nothing of the request to come.

use std::sync::Arc;
use std::time::Duration;

use super::endpoint::{self, Refreshed, RefusalReason};
use super::error::AuthError;
use super::shared_state::CredentialPlace;
use crate::auth::auth_json::auth_file::{AuthChange, AuthStore, Damaged};
use crate::auth::auth_json::credential::Credential;
use crate::auth::auth_json::oauth_grant::OAuthGrant;
use crate::auth::shared_state::{AuthInner, Holding, blocking, file_lock, key_access};
use crate::base::Secret;
use crate::base::files::Lock;
use crate::protocol::{Access, AccessKind, ProviderId};

/// How long the lock is waited for while the old token still lives, and when it does not.
const SHORT_WAIT: Duration = Duration::from_secs(5);
const LONG_WAIT: Duration = Duration::from_secs(45);
/// A program that spent our refresh token without taking the lock is given this long to write what
/// it got.
const NEIGHBOUR: Duration = Duration::from_millis(300);

/// The kind of token that is asked for.
#[derive(Clone, Debug)]
pub(super) enum RenewalCause {
    /// One that lives for more than five minutes.
    Lasting,
    /// One for the same account as this, which a server rejected.
    OtherThan(Access),
}

enum RenewalVerdict {
    Enough,
    Renew(RefusalReason),
}

impl AuthInner {
    pub(super) async fn renew(self: Arc<Self>, want: RenewalCause) -> Result<Access, AuthError> {
        let _turn = self.turn.lock().await;
        let place = self.place();
        let grant = match self.holding_at(place.clone()).await? {
            Holding::Key { key, place } => return self.other_key(&want, key, place),
            Holding::Grant { grant, .. } => grant,
        };
        let enough = matches!(self.renewal_verdict(&want, &grant)?, RenewalVerdict::Enough);
        if enough && self.memory().unsaved().is_none() {
            return Ok(grant.access());
        }
        match self.renew_locked(&want, &grant, &place).await {
            Err(error)
                if enough
                    || (matches!(want, RenewalCause::Lasting) && !grant.has_ended(self.now())) =>
            {
                tracing::warn!(%error, "the access token was not renewed; it is used while it lives");
                Ok(grant.access())
            }
            outcome => outcome,
        }
    }

    async fn renew_locked(
        &self,
        want: &RenewalCause,
        seen: &OAuthGrant,
        place: &CredentialPlace,
    ) -> Result<Access, AuthError> {
        if seen.refresh.is_empty() {
            return Err(AuthError::Ended);
        }
        // A token that was refused is not worth the lock.
        self.memory().check(&seen.refresh, self.now())?;
        let patience = if seen.has_ended(self.now()) { LONG_WAIT } else { SHORT_WAIT };
        let lock = Arc::new(file_lock(&place.file, patience).await?);
        let (mut grant, mut on_disk) = match self.holding_at(place.clone()).await? {
            Holding::Key { key, place } => return self.other_key(want, key, place),
            Holding::Grant { grant, on_disk } => (grant, on_disk),
        };
        let unsaved = self.memory().unsaved();
        if let Some((unsaved, spent)) = unsaved {
            self.save_renewed(&lock, &unsaved, &spent).await;
            (grant, on_disk) = match self.holding_at(place.clone()).await? {
                Holding::Key { key, place } => return self.other_key(want, key, place),
                Holding::Grant { grant, on_disk } => (grant, on_disk),
            };
        }
        let mut second_look = true;
        loop {
            let reason = match self.renewal_verdict(want, &grant)? {
                RenewalVerdict::Enough => return Ok(grant.access()),
                RenewalVerdict::Renew(reason) => reason,
            };
            self.memory().check(&grant.refresh, self.now())?;
            let error = match endpoint::refresh(&self.context, &grant.refresh, reason).await {
                Ok(answer) => return self.keep(&lock, &grant, &on_disk, &answer).await,
                Err(error) => error,
            };
            if error.may_have_spent() && self.memory().broke_off(&grant.refresh) {
                continue;
            }
            let is_spent = error.says_spent() || error.may_have_spent();
            let newer = match is_spent && second_look {
                true => self.newer_than(&on_disk, place).await,
                false => None,
            };
            let Some((newer, newer_on_disk)) = newer else {
                return Err(self.memory().failed(&grant.refresh, error, self.now()));
            };
            if newer.is_of_another_account(grant.account().as_deref()) {
                return Err(AuthError::AccountChanged { path: self.place().file });
            }
            (grant, on_disk, second_look) = (newer, newer_on_disk, false);
        }
    }

    /// The tokens in the file, if they changed by now: another program may have spent the old one
    /// and not have saved yet.
    async fn newer_than(
        &self,
        spent: &Secret,
        place: &CredentialPlace,
    ) -> Option<(OAuthGrant, Secret)> {
        for pause in [Duration::ZERO, NEIGHBOUR] {
            tokio::time::sleep(pause).await;
            match self.holding_at(place.clone()).await {
                Ok(Holding::Grant { grant, on_disk }) if on_disk != *spent => {
                    return Some((grant, on_disk));
                }
                _ => {}
            }
        }
        None
    }

    /// Saves what came back, and only then lets it be used.
    async fn keep(
        &self,
        lock: &Arc<Lock>,
        old: &OAuthGrant,
        on_disk: &Secret,
        answer: &Refreshed,
    ) -> Result<Access, AuthError> {
        let now = self.now();
        let new = old.renewed(answer, now);
        self.save_renewed(lock, &new, on_disk).await;
        if answer.access.is_none() {
            // The refresh token may have been replaced all the same, and is saved; but there is
            // nothing to use.
            return Err(self.memory().failed(
                &new.refresh,
                super::EndpointError::Incomplete { field: "access_token" },
                now,
            ));
        }
        self.memory().succeeded(&new, now);
        Ok(new.access())
    }

    /// Writes a sign-in over the one it was bought with. Where that fails it is kept in memory;
    /// where the file changed, the file is right.
    async fn save_renewed(&self, lock: &Arc<Lock>, grant: &OAuthGrant, on_disk: &Secret) {
        let store = AuthStore::new(lock.target());
        let (held, credential, expected) =
            (lock.clone(), Credential::OAuth(grant.clone()), on_disk.clone());
        let saved = blocking(move || {
            store.change(&held, Damaged::Refuse, |contents| {
                let provider = ProviderId::openai();
                match contents.credential(&provider) {
                    Some(Credential::OAuth(in_file)) if in_file.refresh == expected => {
                        contents.set(&provider, &credential)
                    }
                    _changed => AuthChange::NotNeeded,
                }
            })
        });
        match saved.await {
            Ok(_no_copy) => self.memory().saved(),
            Err(error) => self.memory().keep_unsaved(on_disk.clone(), grant.clone(), &error),
        }
    }

    fn renewal_verdict(
        &self,
        want: &RenewalCause,
        grant: &OAuthGrant,
    ) -> Result<RenewalVerdict, AuthError> {
        let now = self.now();
        match want {
            RenewalCause::Lasting if !grant.is_due(now) || self.memory().is_fresh(grant, now) => {
                Ok(RenewalVerdict::Enough)
            }
            RenewalCause::Lasting => Ok(RenewalVerdict::Renew(RefusalReason::Expiry)),
            RenewalCause::OtherThan(rejected) => {
                let AccessKind::ChatGpt { account, .. } = &rejected.kind else {
                    return Err(AuthError::AccountChanged { path: self.place().file });
                };
                if grant.is_of_another_account(account.as_deref()) {
                    return Err(AuthError::AccountChanged { path: self.place().file });
                }
                match rejected.token != grant.access && !grant.has_ended(now) {
                    true => Ok(RenewalVerdict::Enough),
                    false => Ok(RenewalVerdict::Renew(RefusalReason::Unauthorized)),
                }
            }
        }
    }

    /// A key cannot be renewed; but the file may hold another by now.
    fn other_key(
        &self,
        want: &RenewalCause,
        key: Secret,
        place: String,
    ) -> Result<Access, AuthError> {
        match want {
            RenewalCause::Lasting => Ok(key_access(key)),
            RenewalCause::OtherThan(rejected) if rejected.kind != AccessKind::ApiKey => {
                Err(AuthError::AccountChanged { path: self.place().file })
            }
            RenewalCause::OtherThan(rejected) if rejected.token == key => {
                Err(AuthError::KeyRefused { place })
            }
            RenewalCause::OtherThan(_) => Ok(key_access(key)),
        }
    }
}
