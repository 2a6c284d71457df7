//! The services of the engine (auth, model, tools, store, snapshots), made from the settings.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::auth::{Auth, AuthContext, CredentialPlace, ServerTokens, SignInTarget};
use crate::base::text::sentence;
use crate::base::{Advice, Clock, Secret};
use crate::config::Settings;
use crate::mcp::{McpPool, McpSurroundings, McpTokens, TokenAnswer};
use crate::model::{Api, ApiOptions};
use crate::net::{Net, NetSettings};
use crate::protocol::{
    AccessKind, AccountKind, CredentialSource, McpServer, Model, ModelSource, Notice, Problem,
    Provider, ProviderAuth, ProviderId, ProviderSource, SentCredential,
};
use crate::store::{ModelMarksFile, PromptHistory, SessionStore};
use crate::tools::{CommandLimits, ToolSource};
use crate::undo::Snapshots;

use super::model_lists::ModelLists;
use super::problem;
use super::work::notify::Notifier;

#[derive(Clone)]
pub(super) struct Services {
    pub(super) auth: Auth,
    pub(super) context: AuthContext,
    pub(super) net: Net,
    pub(super) api: Arc<Api>,
    pub(super) model_lists: ModelLists,
    /// All providers but OpenAI: those of the settings, and those that are built in.
    providers: Arc<RwLock<Arc<[Provider]>>>,
    pub(super) tool_sources: Arc<[Arc<dyn ToolSource>]>,
    pub(super) mcp: McpPool,
    /// The tokens of those who signed in to MCP servers.
    pub(super) server_tokens: ServerTokens,
    /// Keeps commands in.
    pub(super) program: PathBuf,
    pub(super) history: Arc<PromptHistory>,
    pub(super) model_marks: ModelMarksFile,
    pub(super) sessions: SessionStore,
    pub(super) snapshots: Snapshots,
    pub(super) follow_links: FollowLinks,
    pub(super) notifier: Notifier,
}

/// The real place of a folder; as it was given where that cannot be found out. The first look at a
/// folder is this one, and it lasts as long as the disk or the network behind the folder takes.
pub(super) type FollowLinks = Arc<dyn Fn(&Path) -> PathBuf + Send + Sync>;

/// The tokens for the connections of the mcp room.
#[derive(Debug)]
struct SignedInServers(ServerTokens);

impl McpTokens for SignedInServers {
    fn token<'a>(&'a self, server: &'a McpServer, refused: Option<&'a Secret>) -> TokenAnswer<'a> {
        Box::pin(async move {
            let Some(target) = SignInTarget::of(server) else { return Ok(None) };
            self.0.token(&target, refused).await.map_err(|error| error.to_string())
        })
    }
}

impl Services {
    pub(super) fn new(
        settings: &Settings,
        tool_sources: Arc<[Arc<dyn ToolSource>]>,
        limits: CommandLimits,
    ) -> Self {
        let program = limits.program.clone();
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
        let context = AuthContext {
            net: net.clone(),
            origins: settings.origins.clone(),
            clock: Clock::system(),
            user_agent: user_agent.clone(),
            rule: settings.sign_in_rule.clone(),
        };
        let place = CredentialPlace {
            file: settings.auth_file.clone(),
            opencode_file: settings.opencode_file.clone(),
            codex_file: settings.codex_file.clone(),
            api_key: settings.api_key.clone(),
            providers: Arc::clone(&settings.providers),
        };
        let options = ApiOptions {
            user_agent,
            idle_limit: settings.idle_limit,
            cache: settings.paths.cache.clone(),
            catalogue_file: settings.models_file.clone(),
        };
        let server_tokens =
            ServerTokens::new(context.clone(), settings.paths.data.join("mcp-auth.json"));
        let surroundings = McpSurroundings {
            net: net.clone(),
            tokens: Arc::new(SignedInServers(server_tokens.clone())),
            limits,
        };
        Self {
            auth: Auth::new(context.clone(), place),
            context,
            net: net.clone(),
            api: Arc::new(
                Api::new(net.clone(), settings.origins.clone(), options)
                    .with_providers(Arc::clone(&settings.providers)),
            ),
            model_lists: ModelLists::default(),
            providers: Arc::new(RwLock::new(Arc::clone(&settings.providers))),
            tool_sources,
            mcp: McpPool::new(surroundings),
            server_tokens,
            notifier: Notifier::new(Arc::clone(&settings.notify), program.clone()),
            program,
            history: Arc::new(PromptHistory::open(settings.paths.state.join("history.jsonl"))),
            model_marks: ModelMarksFile::open(settings.paths.state.join("models.json")),
            sessions: SessionStore::new(settings.paths.data.join("sessions"), Clock::system()),
            snapshots: Snapshots::new(settings.paths.data.join("snapshots")),
            follow_links: Arc::new(|folder| {
                std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
            }),
        }
    }

    /// The kind of access requests would use now; `None` while nobody is signed in. Blocks on the
    /// disk for a moment.
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

    /// Models of a provider as they can be known without a request: of OpenAI, ChatGPT's while
    /// nobody is signed in, so that there are names. Blocks as above.
    pub(super) fn known_models(&self, provider: &ProviderId) -> (Vec<Model>, ModelSource) {
        let kind = match provider.is_openai() {
            true => {
                self.kind_in_use().unwrap_or(AccessKind::ChatGpt { account: None, residency: None })
            }
            false => {
                AccessKind::Provider { id: provider.clone(), credential: SentCredential::None }
            }
        };
        self.api.known_models(&kind)
    }

    /// All providers but OpenAI.
    pub(super) fn providers(&self) -> Arc<[Provider]> {
        Arc::clone(&self.providers.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Knows these providers from now on, in every session.
    pub(super) fn set_providers(&self, providers: Arc<[Provider]>) {
        self.auth.set_providers(Arc::clone(&providers));
        self.api.set_providers(Arc::clone(&providers));
        *self.providers.write().unwrap_or_else(PoisonError::into_inner) = providers;
    }

    /// The providers whose models can be used, and how each is connected. Blocks on the disk for a
    /// moment.
    pub(super) fn connected(&self) -> Vec<(Provider, Connected)> {
        let accounts = self.auth.accounts().unwrap_or_default().accounts;
        let has_key = |own: &Provider| {
            accounts.iter().any(|account| {
                account.provider == own.id && matches!(account.source, CredentialSource::File(_))
            })
        };
        let providers = self.providers();
        let connected = providers.iter().filter_map(|own| {
            let how = match own.source {
                ProviderSource::Settings => Connected::ByPerson,
                ProviderSource::Local => Connected::Local,
                ProviderSource::BuiltIn if has_key(own) => Connected::ByPerson,
                ProviderSource::BuiltIn if own.usual_key().is_some() => Connected::ByVariable,
                ProviderSource::BuiltIn => return None,
            };
            Some((own.clone(), how))
        });
        connected.collect()
    }

    /// The same of all providers, OpenAI's first.
    pub(super) fn all_models(&self) -> Vec<Model> {
        let own = self.connected().into_iter().map(|(own, _)| own.id);
        std::iter::once(ProviderId::openai())
            .chain(own)
            .flat_map(|provider| self.known_models(&provider).0)
            .collect()
    }

    /// Files that hold credentials; the settings do where a provider has headers.
    pub(super) fn private(&self, config_file: &Path) -> Vec<PathBuf> {
        let config = config_holding_secrets(&self.providers(), config_file);
        let tokens = self.server_tokens.file().to_owned();
        self.auth.files().into_iter().chain([tokens]).chain(config).collect()
    }

    /// Variables that the settings take keys from.
    pub(super) fn key_variables(&self) -> Vec<String> {
        key_variables(&self.providers())
    }

    /// Why a model of this provider cannot be used.
    pub(super) fn missing(&self, provider: &ProviderId) -> Option<Problem> {
        let providers = self.providers();
        let is_known = provider.is_openai() || providers.iter().any(|own| own.id == *provider);
        (!is_known).then(|| problem::no_provider(provider, &providers))
    }

    /// The notices about the credentials since this was last asked.
    pub(super) fn notices(&self) -> impl Iterator<Item = Notice> {
        self.auth.take_warnings().into_iter().map(|warning| Notice {
            message: sentence(&warning.to_string()).into_owned(),
            next: warning.next_step(),
        })
    }
}

/// How a provider came to be connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connected {
    /// By its section in the settings, or by its key in auth.json.
    ByPerson,
    /// By a variable that is set: its server is asked only where a person looks for models.
    ByVariable,
    /// Not at all: it may be running on this machine.
    Local,
}

/// The settings, where they hold what may be secret: the headers of a provider.
pub(super) fn config_holding_secrets(providers: &[Provider], file: &Path) -> Option<PathBuf> {
    providers.iter().any(|own| !own.headers.is_empty()).then(|| file.to_owned())
}

/// Variables that hold keys of these providers.
pub(super) fn key_variables(providers: &[Provider]) -> Vec<String> {
    let names = providers.iter().flat_map(|own| {
        let set = match &own.auth {
            ProviderAuth::Key(variable) => variable.as_ref(),
            ProviderAuth::OpenAiSignIn => None,
        };
        let usual = own.usual_variable.as_ref().filter(|usual| usual.value.is_some());
        set.into_iter().chain(usual).map(|variable| variable.name.clone())
    });
    names.collect()
}
