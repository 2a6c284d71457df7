//! The services of the engine (auth, model, tools, store, snapshots), made from the settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::auth::{Auth, AuthContext, CredentialPlace};
use crate::base::text::sentence;
use crate::base::{Advice, Clock};
use crate::config::Settings;
use crate::model::{Api, ApiOptions};
use crate::net::{Net, NetSettings};
use crate::protocol::{AccessKind, AccountKind, Model, ModelSource, Notice};
use crate::store::{PromptHistory, SessionStore};
use crate::undo::Snapshots;

#[derive(Clone)]
pub(super) struct Services {
    pub(super) auth: Auth,
    pub(super) ground: AuthContext,
    pub(super) net: Net,
    pub(super) api: Arc<Api>,
    pub(super) history: Arc<PromptHistory>,
    pub(super) sessions: SessionStore,
    pub(super) snapshots: Snapshots,
    pub(super) follow_links: FollowLinks,
}

/// The real place of a folder; as it was given where that cannot be found out. The first look at a folder is this one, and it lasts as long as the disk
/// or the network behind the folder takes.
pub(super) type FollowLinks = Arc<dyn Fn(&Path) -> PathBuf + Send + Sync>;

impl Services {
    pub(super) fn new(settings: &Settings) -> Self {
        let net = Net::new(NetSettings {
            ca_file: settings.ca_file.clone(),
            node_ca_file: settings.node_ca_file.clone(),
        });
        let user_agent = format!(
            "codling/{} ({}; {})",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        );
        let ground = AuthContext {
            net: net.clone(),
            origins: settings.origins.clone(),
            clock: Clock::system(),
            user_agent: user_agent.clone(),
        };
        let place = CredentialPlace {
            file: settings.auth_file.clone(),
            opencode_file: settings.opencode_file.clone(),
            api_key: settings.api_key.clone(),
        };
        let options = ApiOptions {
            user_agent,
            idle_limit: settings.idle_limit,
            cache: settings.paths.cache.clone(),
        };
        Self {
            auth: Auth::new(ground.clone(), place),
            ground,
            net: net.clone(),
            api: Arc::new(Api::new(net, settings.origins.clone(), options)),
            history: Arc::new(PromptHistory::open(settings.paths.state.join("history.jsonl"))),
            sessions: SessionStore::new(settings.paths.data.join("sessions"), Clock::system()),
            snapshots: Snapshots::new(settings.paths.data.join("snapshots")),
            follow_links: Arc::new(|folder| {
                std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
            }),
        }
    }

    /// The kind of access requests would use now; `None` while nobody is signed in. Blocks on the disk for a moment.
    pub(super) fn kind_in_use(&self) -> Option<AccessKind> {
        let account = self.auth.account_in_use().unwrap_or_else(|error| {
            tracing::debug!(%error, "who is signed in could not be read");
            None
        });
        account.and_then(|account| match account.kind {
            AccountKind::ApiKey => Some(AccessKind::ApiKey),
            AccountKind::ChatGpt { account, .. } => {
                Some(AccessKind::ChatGpt { account, residency: None })
            }
            AccountKind::OAuth | AccountKind::Unknown { .. } | AccountKind::WellKnown => None,
        })
    }

    /// Models as they can be known without a request: ChatGPT's while nobody is signed in, so that there are names. Blocks as above.
    pub(super) fn known_models(&self) -> (Vec<Model>, ModelSource) {
        self.api.known_models(
            &self.kind_in_use().unwrap_or(AccessKind::ChatGpt { account: None, residency: None }),
        )
    }

    /// What is worth saying about the credentials since this was last asked.
    pub(super) fn notices(&self) -> impl Iterator<Item = Notice> {
        self.auth.take_warnings().into_iter().map(|warning| Notice {
            message: sentence(&warning.to_string()).into_owned(),
            next: warning.next_step(),
        })
    }
}
