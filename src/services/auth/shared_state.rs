//! The state that all clones of `Auth` share, and how it reads the auth.json in use.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::base::files::Lock;
use crate::base::{Secret, Timestamp};
use crate::protocol::{
    Access, AccessKind, ClientTokens, Provider, ProviderId, SentCredential, SignInMethod,
};

use super::AuthContext;
use super::error::AuthError;
use super::renewal_memory::RenewalMemory;
use super::warning::AuthWarning;
use crate::auth::auth_json::auth_file::AuthStore;
use crate::auth::auth_json::credential::Credential;
use crate::auth::auth_json::oauth_grant::OAuthGrant;

/// How often a lock that another holds is asked for again.
const LOCK_PAUSE: Duration = Duration::from_millis(25);

/// The environment variable of [`CredentialPlace::api_key`].
pub const API_KEY_VARIABLE: &str = "OPENAI_API_KEY";

/// Where credentials are found.
#[derive(Clone, Debug)]
pub struct CredentialPlace {
    /// The auth.json in use.
    pub file: PathBuf,
    /// opencode's own, whether or not it exists.
    pub opencode_file: PathBuf,
    /// Codex's auth.json, whether or not it exists.
    pub codex_file: PathBuf,
    /// `OPENAI_API_KEY`, when set and not empty.
    pub api_key: Option<Secret>,
    /// The providers of the settings.
    pub providers: Arc<[Provider]>,
}

/// Asks the client for newer tokens: the number to answer under, and the account of those refused.
pub type WantedSink = Arc<dyn Fn(u64, Option<String>) + Send + Sync>;

/// The tokens that a client lent this process, and the request for newer ones that it has not
/// answered yet.
#[derive(Default)]
pub(super) struct ClientHolding {
    pub(super) held: Option<ClientTokens>,
    pub(super) wanted: Option<WantedSink>,
    /// Counts what was asked.
    pub(super) asked: u64,
    pub(super) waiting: Option<(u64, oneshot::Sender<Result<ClientTokens, String>>)>,
}

impl fmt::Debug for ClientHolding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientHolding").field("held", &self.held.is_some()).finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(super) struct AuthInner {
    pub(super) context: AuthContext,
    place: Mutex<CredentialPlace>,
    memory: Mutex<RenewalMemory>,
    client: Mutex<ClientHolding>,
    /// One change or renewal at a time in this process; the file's lock is for the others.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// Revocations that nobody waits for.
    loose: Mutex<Vec<JoinHandle<()>>>,
}

/// The credential that requests would use now.
#[derive(Clone, Debug)]
pub(super) enum Holding {
    Grant {
        grant: OAuthGrant,
        /// The refresh token in the file: another than the grant's where that could not be saved
        /// yet.
        on_disk: Secret,
    },
    Key {
        key: Secret,
        place: String,
    },
}

impl AuthInner {
    pub(super) fn new(context: AuthContext, place: CredentialPlace) -> Self {
        Self {
            context,
            place: Mutex::new(place),
            memory: Mutex::default(),
            client: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            loose: Mutex::default(),
        }
    }

    /// Reads which credential requests would use now; tokens that could not be saved come before
    /// those they were bought with.
    pub(super) async fn holding(&self) -> Result<Holding, AuthError> {
        self.holding_at(self.place()).await
    }

    /// The same of a certain place: a renewal that has begun stays with the file it began with.
    pub(super) async fn holding_at(&self, place: CredentialPlace) -> Result<Holding, AuthError> {
        let store = AuthStore::new(&place.file);
        let (entry, exposed) = match blocking(move || store.read()).await {
            Ok(contents) => (contents.credential(&ProviderId::openai()), contents.exposed),
            Err(error) => match self.memory().unsaved() {
                Some((grant, on_disk)) => return Ok(Holding::Grant { grant, on_disk }),
                None => return Err(error),
            },
        };
        if let Some(mode) = exposed {
            self.memory().warn_once(AuthWarning::Readable { path: place.file.clone(), mode });
        }
        match (entry, place.api_key) {
            (Some(Credential::OAuth(grant)), _) => {
                let on_disk = grant.refresh.clone();
                Ok(Holding::Grant { grant: self.memory().overlay(grant), on_disk })
            }
            (Some(Credential::Api { key, .. }), _) if !key.is_empty() => {
                Ok(Holding::Key { key, place: format!("`{}`", place.file.display()) })
            }
            (_, Some(key)) => Ok(Holding::Key { key, place: format!("`{API_KEY_VARIABLE}`") }),
            (Some(_unusable), None) => Err(AuthError::Unusable { path: place.file }),
            (None, None) => Err(AuthError::NotSignedIn),
        }
    }

    pub(super) fn may_be_used(&self, grant: &OAuthGrant) -> bool {
        let now = self.now();
        let memory = self.memory();
        memory.unsaved().is_none() && (!grant.is_due(now) || memory.is_fresh(grant, now))
    }

    /// Keeps hold of work that nobody waits for.
    pub(super) fn let_loose(&self, task: JoinHandle<()>) {
        let mut loose = lock(&self.loose);
        loose.retain(|task| !task.is_finished());
        loose.push(task);
    }

    pub(super) fn take_loose(&self) -> Vec<JoinHandle<()>> {
        std::mem::take(&mut *lock(&self.loose))
    }

    pub(super) fn share_opencode(&self) {
        let mut place = lock(&self.place);
        place.file = place.opencode_file.clone();
    }

    pub(super) fn set_providers(&self, providers: Arc<[Provider]>) {
        lock(&self.place).providers = providers;
    }

    pub(super) fn now(&self) -> Timestamp {
        self.context.clock.now()
    }

    pub(super) fn place(&self) -> CredentialPlace {
        lock(&self.place).clone()
    }

    pub(super) fn client(&self) -> MutexGuard<'_, ClientHolding> {
        lock(&self.client)
    }

    /// Fails where the settings do not allow what would be used.
    pub(super) fn allowed(&self, access: Access) -> Result<Access, AuthError> {
        let method = self.context.rule.method;
        match (&access.kind, method) {
            (AccessKind::ApiKey, Some(SignInMethod::ChatGpt)) => {
                Err(AuthError::OtherMethod { allowed: "a ChatGPT sign-in" })
            }
            (AccessKind::ChatGpt { .. }, Some(SignInMethod::ApiKey)) => {
                Err(AuthError::OtherMethod { allowed: "an API key" })
            }
            (AccessKind::ChatGpt { account, .. }, _) => {
                self.check_workspace(account.as_deref()).map(|()| access)
            }
            _ => Ok(access),
        }
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, RenewalMemory> {
        lock(&self.memory)
    }
}

pub(super) fn key_access(key: Secret) -> Access {
    Access { token: key, kind: AccessKind::ApiKey }
}

/// The OpenAI sign-in as it goes to a provider.
pub(super) fn lent(provider: &ProviderId, access: Access) -> Access {
    let credential = SentCredential::OpenAi(Box::new(access.kind));
    Access { token: access.token, kind: AccessKind::Provider { id: provider.clone(), credential } }
}

/// Waits for the lock of a file without holding up a thread.
pub(super) async fn file_lock(path: &Path, limit: Duration) -> Result<Lock, AuthError> {
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

/// Work that waits on the disk, on a thread of its own.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
) -> Result<T, AuthError> {
    // One kind of task for all that answer alike: each kind is some KiB of code.
    let work: Box<dyn FnOnce() -> Result<T, AuthError> + Send> = Box::new(work);
    tokio::task::spawn_blocking(work).await.map_err(|_ended| AuthError::Stopped)?
}

/// A panic elsewhere leaves these values whole: each is set in one go.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
