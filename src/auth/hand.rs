//! The hand itself: who is signed in, what requests may carry, signing in and out. Leaves renewing to its neighbour, and screens to others.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::base::files::Lock;
use crate::base::{Secret, Timestamp};
use crate::protocol::{Access, AccessKind, Account, ProviderId};

use super::credential::Credential;
use super::endpoint;
use super::error::AuthError;
use super::grant::Grant;
use super::jwt::Claims;
use super::listing::{self, Listing};
use super::memory::Memory;
use super::renewal::Want;
use super::store::{Change, Damaged, Store};
use super::warning::Warning;
use super::{Ground, Tokens};

/// The environment variable of [`Place::api_key`].
pub const API_KEY_VARIABLE: &str = "OPENAI_API_KEY";

/// How long another holder of the file's lock is waited for; longer than any of ours keeps it.
const LOCK_LIMIT: Duration = Duration::from_secs(45);
const LOCK_PAUSE: Duration = Duration::from_millis(25);

/// Where credentials are found.
#[derive(Clone, Debug)]
pub struct Place {
    /// The auth.json in use.
    pub file: PathBuf,
    /// opencode's own, whether or not it exists.
    pub opencode_file: PathBuf,
    /// `OPENAI_API_KEY`, when set and not empty.
    pub api_key: Option<Secret>,
}

/// What came of a sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// Whether there was an entry to take away.
    pub removed: bool,
    pub revoked: Revoked,
}

/// What the sign-in server made of a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It was not reached or refused: the tokens live on until they end.
    Failed,
    /// There was no token of OpenAI's to revoke.
    NotNeeded,
    Yes,
}

/// Credentials for requests. Clones share all they know.
#[derive(Clone, Debug)]
pub struct Auth {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) ground: Ground,
    place: Mutex<Place>,
    memory: Mutex<Memory>,
    /// One change or renewal at a time in this process; the file's lock is for the others.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// Revocations that nobody waits for.
    loose: Mutex<Vec<JoinHandle<()>>>,
}

/// What requests would use now.
#[derive(Clone, Debug)]
pub(super) enum Holding {
    Grant {
        grant: Grant,
        /// The refresh token in the file: another than the grant's where that could not be saved yet.
        on_disk: Secret,
    },
    Key {
        key: Secret,
        place: String,
    },
}

impl Auth {
    pub fn new(ground: Ground, place: Place) -> Self {
        let inner = Inner {
            ground,
            place: Mutex::new(place),
            memory: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            loose: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The auth.json in use.
    pub fn file(&self) -> PathBuf {
        self.inner.place().file
    }

    /// Uses opencode's auth.json from now on: shared with it, never copied.
    pub fn share_opencode(&self) {
        {
            let mut place = lock(&self.inner.place);
            place.file = place.opencode_file.clone();
        }
        self.inner.memory().forget();
    }

    /// All credentials, the environment's included, which one requests use, and what is worth a warning. Blocks on the disk for a moment.
    pub fn accounts(&self) -> Result<Listing, AuthError> {
        let place = self.inner.place();
        let contents = Store::new(&place.file).read()?;
        let opencode_offer = listing::offers_opencode(&contents, &place);
        let mut memory = self.inner.memory();
        if let Some(mode) = contents.exposed {
            memory.warn_once(Warning::Readable { path: place.file.clone(), mode });
        }
        let accounts = listing::accounts(&contents, &place, |grant| memory.overlay(grant));
        Ok(Listing { accounts, warnings: memory.take_warnings(), opencode_offer })
    }

    /// What turned up since the last call or listing, each told once.
    pub fn take_warnings(&self) -> Vec<Warning> {
        self.inner.memory().take_warnings()
    }

    /// The credential that requests use: the entry `openai` of the file, else `OPENAI_API_KEY`.
    ///
    /// An access token with five minutes or less to live is renewed first. Where that fails and the old one still lives, it is used.
    pub async fn access(&self) -> Result<Access, AuthError> {
        let holding = self.inner.holding().await?;
        match holding {
            Holding::Key { key, .. } => Ok(key_access(key)),
            Holding::Grant { grant, .. } if self.inner.may_be_used(&grant) => Ok(grant.access()),
            Holding::Grant { .. } => self.renewed(Want::Lasting).await,
        }
    }

    /// After a 401: another token for the same account, from the file if it holds one by now, else by renewing.
    pub async fn renew(&self, rejected: &Access) -> Result<Access, AuthError> {
        self.renewed(Want::OtherThan(rejected.clone())).await
    }

    /// Puts a completed sign-in in the place of the one before, whose refresh token is then revoked, without delaying anyone.
    ///
    /// A damaged file is set aside: signing in anew is the decision to go on without it.
    pub async fn save_tokens(&self, tokens: Tokens) -> Result<Account, AuthError> {
        let grant = Grant::new(&tokens, self.inner.ground.clock.now());
        // The id token is not kept, and knows the e-mail address best.
        let claims = tokens.id.as_ref().map(Claims::of).unwrap_or_default().or(Claims::of(&tokens.access));
        let saved = self.detached(|inner| async move { inner.save(Credential::OAuth(grant)).await }).await?;
        Ok(listing::with_claims(saved, claims))
    }

    /// Puts an API key in the place of what was signed in before.
    pub async fn save_key(&self, key: Secret) -> Result<Account, AuthError> {
        self.detached(|inner| async move { inner.save(Credential::Api { key }).await }).await
    }

    /// Takes a provider's entry away, and no other; then has OpenAI's refresh token revoked, for 10 s at the most.
    pub async fn sign_out(&self, provider: &ProviderId) -> Result<SignedOut, AuthError> {
        let provider = provider.clone();
        self.detached(|inner| async move { inner.sign_out(&provider).await }).await
    }

    /// Waits until no renewal and no revocation is under way: before the program ends, so that no token is spent unsaved.
    pub async fn settle(&self) {
        let loose = std::mem::take(&mut *lock(&self.inner.loose));
        for task in loose {
            let _ended = task.await;
        }
        let _turn = self.inner.turn.lock().await;
    }

    /// Renewing goes on when the asker goes away: a spent refresh token whose answer is dropped would end the sign-in.
    async fn renewed(&self, want: Want) -> Result<Access, AuthError> {
        self.detached(|inner| async move { inner.renew(want).await }).await
    }

    async fn detached<T, F, W>(&self, work: W) -> Result<T, AuthError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AuthError>> + Send + 'static,
        W: FnOnce(Arc<Inner>) -> F,
    {
        tokio::spawn(work(self.inner.clone())).await.map_err(|_ended| AuthError::Stopped)?
    }
}

impl Inner {
    async fn save(&self, credential: Credential) -> Result<Account, AuthError> {
        let _turn = self.turn.lock().await;
        let file = self.place().file;
        let lock = self.lock(&file, LOCK_LIMIT).await?;
        let provider = ProviderId::openai();
        let store = Store::new(&file);
        let saved = credential.clone();
        let (before, copy) = blocking(move || {
            let mut before = None;
            let copy = store.change(&lock, Damaged::SetAside, |contents| {
                before = contents.credential(&provider);
                contents.set(&provider, &saved)
            })?;
            Ok((before, copy))
        })
        .await?;
        if let Some(superseded) = self.superseded(before, &credential) {
            self.revoke_in_passing(superseded);
        }
        let mut memory = self.memory();
        memory.forget();
        if let Some(copy) = copy {
            memory.warn_once(Warning::SetAside { copy });
        }
        Ok(listing::account(ProviderId::openai(), &credential, &file))
    }

    /// The refresh token that nobody will use again: that of the file, or the one that could not be written there.
    fn superseded(&self, before: Option<Credential>, now: &Credential) -> Option<Secret> {
        let Some(Credential::OAuth(before)) = before else { return None };
        let old = self.memory().overlay(before).refresh;
        let kept = matches!(now, Credential::OAuth(grant) if grant.refresh == old);
        (!kept && !old.is_empty()).then_some(old)
    }

    async fn sign_out(&self, provider: &ProviderId) -> Result<SignedOut, AuthError> {
        let turn = self.turn.lock().await;
        let store = Store::new(self.place().file);
        let lock = self.lock(store.path(), LOCK_LIMIT).await?;
        let name = provider.clone();
        let (before, change) = blocking(move || {
            let (mut before, mut change) = (None, Change::NotNeeded);
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
            Some(Credential::OAuth(grant)) if is_ours => Some(self.memory().overlay(grant).refresh).filter(|token| !token.is_empty()),
            _ => None,
        };
        if is_ours {
            self.memory().forget();
        }
        drop(turn);
        let revoked = match token {
            Some(token) => self.revoke(&token).await,
            None => Revoked::NotNeeded,
        };
        Ok(SignedOut { removed: change == Change::Made, revoked })
    }

    async fn revoke(&self, token: &Secret) -> Revoked {
        match endpoint::revoke(&self.ground, token).await {
            Ok(()) => Revoked::Yes,
            Err(error) => {
                tracing::warn!(%error, "the refresh token could not be revoked");
                Revoked::Failed
            }
        }
    }

    fn revoke_in_passing(&self, token: Secret) {
        let ground = self.ground.clone();
        let task = tokio::spawn(async move {
            if let Err(error) = endpoint::revoke(&ground, &token).await {
                tracing::warn!(%error, "the superseded refresh token could not be revoked");
            }
        });
        let mut loose = lock(&self.loose);
        loose.retain(|task| !task.is_finished());
        loose.push(task);
    }

    /// What requests would use now, as the file stands; tokens that could not be saved come before those they were bought with.
    pub(super) async fn holding(&self) -> Result<Holding, AuthError> {
        let place = self.place();
        let store = Store::new(&place.file);
        let (entry, exposed) = match blocking(move || store.read()).await {
            Ok(contents) => (contents.credential(&ProviderId::openai()), contents.exposed),
            Err(error) => match self.memory().unsaved() {
                Some((grant, on_disk)) => return Ok(Holding::Grant { grant, on_disk }),
                None => return Err(error),
            },
        };
        if let Some(mode) = exposed {
            self.memory().warn_once(Warning::Readable { path: place.file.clone(), mode });
        }
        match (entry, place.api_key) {
            (Some(Credential::OAuth(grant)), _) => {
                let on_disk = grant.refresh.clone();
                Ok(Holding::Grant { grant: self.memory().overlay(grant), on_disk })
            }
            (Some(Credential::Api { key }), _) if !key.is_empty() => Ok(Holding::Key { key, place: format!("`{}`", place.file.display()) }),
            (_, Some(key)) => Ok(Holding::Key { key, place: format!("`{API_KEY_VARIABLE}`") }),
            (Some(_unusable), None) => Err(AuthError::Unusable { path: place.file }),
            (None, None) => Err(AuthError::NotSignedIn),
        }
    }

    /// Waits for the file's lock without holding up a thread.
    pub(super) async fn lock(&self, path: &Path, limit: Duration) -> Result<Lock, AuthError> {
        let end = Instant::now() + limit;
        loop {
            let wanted = path.to_owned();
            if let Some(lock) = blocking(move || Ok(Lock::try_take(&wanted)?)).await? {
                return Ok(lock);
            }
            if Instant::now() >= end {
                return Err(AuthError::Busy { path: path.to_owned() });
            }
            tokio::time::sleep(LOCK_PAUSE).await;
        }
    }

    fn may_be_used(&self, grant: &Grant) -> bool {
        let now = self.now();
        let memory = self.memory();
        memory.unsaved().is_none() && (!grant.is_due(now) || memory.is_fresh(grant, now))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.ground.clock.now()
    }

    pub(super) fn place(&self) -> Place {
        lock(&self.place).clone()
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }
}

pub(super) fn key_access(key: Secret) -> Access {
    Access { token: key, kind: AccessKind::ApiKey }
}

/// Work that waits on the disk, on a thread of its own.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, AuthError> + Send + 'static) -> Result<T, AuthError> {
    tokio::task::spawn_blocking(work).await.map_err(|_ended| AuthError::Stopped)?
}

/// A provider's name without the final slashes that opencode forgives.
fn bare(provider: &ProviderId) -> ProviderId {
    ProviderId::new(provider.as_str().trim_end_matches('/'))
}

/// A panic elsewhere leaves these values whole: each is set in one go.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
