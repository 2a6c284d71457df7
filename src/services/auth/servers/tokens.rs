//! `ServerTokens`: what requests to MCP servers carry. A refresh token is spent once over all tasks
//! and processes: the file's lock is held from reading it until its successor is saved.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::auth::AuthContext;
use crate::auth::shared_state::file_lock;
use crate::base::files::Lock;
use crate::base::{Secret, Timestamp};

use super::SignInTarget;
use super::error::ServerFault;
use super::grant::{self, ServerGrant};
use super::token_file::TokenFile;

/// An access token with less left than this is renewed before it is used. Some live for minutes
/// only.
const MARGIN: Duration = Duration::from_secs(10);
/// How long the file's lock is waited for, which another process may hold while it renews.
const LOCK_LIMIT: Duration = Duration::from_secs(45);

/// The tokens for MCP servers. Clones share all they know.
#[derive(Clone, Debug)]
pub struct ServerTokens {
    context: AuthContext,
    file: TokenFile,
    /// One change or renewal at a time in this process; the file's lock is for the others.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl ServerTokens {
    /// Keeps them in `file`, which the first sign-in makes.
    pub fn new(context: AuthContext, file: PathBuf) -> Self {
        Self { context, file: TokenFile::new(file), turn: Arc::default() }
    }

    /// The `mcp-auth.json` in use, whether or not it exists.
    pub fn file(&self) -> &Path {
        self.file.path()
    }

    /// The access token for requests to this server: renewed where it ends soon or was `refused`;
    /// `None` where a person has to sign in.
    ///
    /// # Errors
    ///
    /// The file cannot be used, or the sign-in server cannot be asked.
    pub async fn token(
        &self,
        target: &SignInTarget,
        refused: Option<&Secret>,
    ) -> Result<Option<Secret>, ServerFault> {
        let Some(grant) = self.grant(target).await? else { return Ok(None) };
        if self.is_good(&grant, refused) {
            return Ok(Some(grant.access));
        }
        let (own, target, refused) = (self.clone(), target.clone(), refused.cloned());
        // The one who asks may be gone before the answer, which holds the only good refresh token.
        let renewing = async move { own.renewed(&target, refused.as_ref()).await };
        tokio::spawn(renewing).await.map_err(|_ended| ServerFault::Stopped)?
    }

    /// Keeps the tokens of a sign-in.
    ///
    /// # Errors
    ///
    /// The file cannot be changed.
    pub async fn keep(&self, target: &SignInTarget, grant: ServerGrant) -> Result<(), ServerFault> {
        let _turn = self.turn.lock().await;
        let lock = self.lock().await?;
        self.put(lock, target, Some(grant)).await
    }

    /// Forgets the tokens of all servers of this name; says whether there were any.
    ///
    /// # Errors
    ///
    /// The file cannot be changed.
    pub async fn forget(&self, name: &str) -> Result<bool, ServerFault> {
        let _turn = self.turn.lock().await;
        let (file, lock, name) = (self.file.clone(), self.lock().await?, name.to_owned());
        blocking(move || file.forget(&lock, &name)).await
    }

    async fn renewed(
        &self,
        target: &SignInTarget,
        refused: Option<&Secret>,
    ) -> Result<Option<Secret>, ServerFault> {
        let _turn = self.turn.lock().await;
        let lock = self.lock().await?;
        let Some(grant) = self.grant(target).await? else { return Ok(None) };
        if self.is_good(&grant, refused) {
            return Ok(Some(grant.access));
        }
        let lives = refused != Some(&grant.access) && !self.ends_within(&grant, Duration::ZERO);
        if grant.refresh.is_none() {
            return Ok(lives.then_some(grant.access));
        }
        match grant::refresh(&self.context, &grant).await {
            Ok(newer) => {
                let token = newer.access.clone();
                if let Err(error) = self.put(lock, target, Some(newer)).await {
                    tracing::warn!(%error, "renewed tokens of an MCP server were not saved");
                }
                Ok(Some(token))
            }
            Err(error) if error.ends_token() || is_client_unknown(&error) => {
                tracing::info!(server = target.name, %error, "a sign-in to an MCP server has ended");
                self.put(lock, target, None).await?;
                Ok(None)
            }
            Err(error) if lives => {
                tracing::warn!(%error, "the token of an MCP server was not renewed");
                Ok(Some(grant.access))
            }
            Err(source) => Err(ServerFault::Renewal { source }),
        }
    }

    fn is_good(&self, grant: &ServerGrant, refused: Option<&Secret>) -> bool {
        refused != Some(&grant.access) && !self.ends_within(grant, MARGIN)
    }

    fn ends_within(&self, grant: &ServerGrant, margin: Duration) -> bool {
        let then: Timestamp = self.context.clock.now() + margin;
        grant.expires.is_some_and(|expires| expires <= then)
    }

    async fn grant(&self, target: &SignInTarget) -> Result<Option<ServerGrant>, ServerFault> {
        let (file, target) = (self.file.clone(), target.clone());
        blocking(move || file.grant(&target)).await
    }

    async fn put(
        &self,
        lock: Lock,
        target: &SignInTarget,
        grant: Option<ServerGrant>,
    ) -> Result<(), ServerFault> {
        let (file, target) = (self.file.clone(), target.clone());
        blocking(move || file.put(&lock, &target, grant.as_ref())).await
    }

    async fn lock(&self) -> Result<Lock, ServerFault> {
        let path = self.file.path();
        let lock = file_lock(path, LOCK_LIMIT).await;
        lock.map_err(|_busy| ServerFault::Busy { path: path.to_owned() })
    }
}

/// The sign-in server forgot the client that the tokens belong to.
fn is_client_unknown(error: &crate::auth::EndpointError) -> bool {
    use crate::auth::EndpointError::Refused;
    matches!(error, Refused { code: Some(code), .. } if code == "invalid_client" || code == "unauthorized_client")
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServerFault> + Send + 'static,
) -> Result<T, ServerFault> {
    tokio::task::spawn_blocking(work).await.map_err(|_ended| ServerFault::Stopped)?
}
