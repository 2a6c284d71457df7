//! The values that a session begins with: its place, its model, and the settings for every session.
//! Opens nothing.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::config::{AllowedRules, Paths, Settings, WebSearchSetting};
use crate::extensions::ExtensionPlaces;
use crate::extensions::mcp::McpFiles;
use crate::policy::PolicyConfig;
use crate::protocol::{
    ApprovalMode, Effort, ModelRef, Notice, OnUsageLimit, OpenOptions, Presence, Rule, Sandbox,
    SandboxOpenings, ServiceTier, SessionId, SessionMode, ToolDefinition, ToolFace, Tuning,
    Verbosity, spares,
};
use crate::session::{CompactionConfig, Instructions, ReconnectConfig, SessionConfig};
use crate::store::{LogOrigin, RecordedSession, SessionLog};
use crate::tools;
use crate::undo::{SnapshotStore, Snapshots};
use crate::workspace;

use super::super::remote::rendezvous;
use super::super::services::Services;
use super::session_extensions::SessionExtensions;

const INSTRUCTIONS: &str = codling_assets::prompts::SYSTEM;

pub(crate) struct OpenSession {
    pub(crate) id: SessionId,
    pub(crate) folder: PathBuf,
    /// With every link on the way to it followed; as it was given where it cannot be.
    pub(crate) real_folder: PathBuf,
    pub(crate) model: Option<ModelRef>,
    pub(crate) effort: Option<Effort>,
    pub(crate) tuning: Tuning,
    pub(crate) log: SessionLog,
    /// The records of the log, when the session is an earlier one.
    pub(crate) past: Option<(RecordedSession, LogOrigin)>,
}

/// The settings for every session.
#[derive(Clone, Debug)]
pub(crate) struct EngineDefaults {
    pub(crate) model: Option<ModelRef>,
    pub(crate) effort: Option<Effort>,
    verbosity: Option<Verbosity>,
    service_tier: Option<ServiceTier>,
    pub(crate) mode: ApprovalMode,
    max_steps: u32,
    compaction: CompactionConfig,
    pub(crate) small_model: Option<ModelRef>,
    tool_face: Option<ToolFace>,
    web_search: Option<WebSearchSetting>,
    reconnect_limit: Duration,
    on_usage_limit: OnUsageLimit,
    mcp_files: McpFiles,
    rules: Arc<[Rule]>,
    rule_files: Arc<[PathBuf]>,
    grants: SandboxOpenings,
    added: Vec<PathBuf>,
    pub(crate) home: Option<PathBuf>,
    /// The file with a person's guidance for every model.
    pub(crate) guidance: PathBuf,
    /// The program's own folders: what changes there is no change of a session's.
    own: Paths,
    /// Whether a folder's programs are trusted as they are when a session opens.
    pub(crate) trusts_project: bool,
    /// Places that nothing of a session may read.
    pub(crate) hidden_places: Arc<Vec<PathBuf>>,
}

impl EngineDefaults {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            model: settings.model.clone(),
            effort: settings.effort.clone(),
            verbosity: settings.verbosity,
            service_tier: settings.service_tier,
            mode: settings.approvals,
            max_steps: settings.max_steps,
            compaction: CompactionConfig {
                at: settings.compact_at,
                by: settings.compactor,
                small_model: None,
            },
            small_model: settings.small_model.clone(),
            tool_face: settings.tool_face,
            web_search: settings.web_search,
            reconnect_limit: settings.reconnect_limit,
            on_usage_limit: settings.on_usage_limit,
            mcp_files: McpFiles {
                own: settings.paths.config_file(),
                codex: settings.codex_file.with_file_name("config.toml"),
                opencode: settings.opencode_settings.clone(),
            },
            rules: Arc::clone(&settings.rules),
            rule_files: Arc::clone(&settings.rule_files),
            grants: settings.grants.clone(),
            added: settings.added_folders.clone(),
            trusts_project: settings.trusts_project,
            home: settings.home.clone(),
            guidance: settings.guidance.clone(),
            own: settings.paths.clone(),
            hidden_places: Arc::default(),
        }
    }

    /// The settings for a session that is opened like this. Nothing opens what is hidden from it.
    pub(crate) fn opened(&self, options: &OpenOptions) -> Self {
        let mut own = self.clone();
        own.tool_face = options.tool_face.or(own.tool_face);
        own.hidden_places = Arc::clone(&options.hidden);
        own.grants = own.grants.sparing(&options.hidden);
        own.added.retain(|folder| spares(folder, &options.hidden));
        own
    }

    /// How a conversation is asked for, which was left with this.
    pub(crate) fn tuning(&self, left: Tuning) -> Tuning {
        Tuning {
            verbosity: self.verbosity.or(left.verbosity),
            tier: self.service_tier.unwrap_or(left.tier),
        }
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.own.config_file()
    }

    /// The person's own files that may describe MCP servers.
    pub(crate) fn mcp_files(&self) -> McpFiles {
        self.mcp_files.clone()
    }

    /// The folder for what is kept of this machine.
    pub(crate) fn state(&self) -> PathBuf {
        self.own.state.clone()
    }

    /// Where other programs join conversations.
    pub(crate) fn live(&self) -> PathBuf {
        rendezvous::folder(&self.own.state)
    }

    /// Where what commands in the sandbox write to caches is kept from one to the next.
    pub(crate) fn kept_caches(&self) -> PathBuf {
        self.own.cache.join("commands")
    }

    /// Where slash commands and skills of a folder are read from. Blocks.
    pub(crate) fn extensions(&self, folder: &Path) -> SessionExtensions {
        let root = workspace::repository(folder).unwrap_or(folder);
        let Paths { config, state, .. } = &self.own;
        let places = ExtensionPlaces::new(folder, root, self.home.as_deref(), config);
        SessionExtensions::new(places, state)
    }

    /// The folders that no command in the sandbox may write to.
    pub(crate) fn closed(&self) -> Vec<PathBuf> {
        self.own.all()
    }

    /// Where conversations, sign-ins, prompts and the log are.
    pub(crate) fn hidden(&self) -> Vec<PathBuf> {
        let Paths { data, state, .. } = &self.own;
        [data, state].map(PathBuf::clone).into()
    }
}

/// The system prompt of a session.
pub(crate) fn instructions(options: &OpenOptions) -> Instructions {
    match (&options.instructions, &options.guidance) {
        (Some(own), Some(more)) => format!("{}\n\n{more}", own.trim_end()).into(),
        (Some(own), None) => Instructions::Fixed(Arc::clone(own)),
        (None, Some(more)) => Instructions::Conditional(INSTRUCTIONS, format!("\n{more}").into()),
        (None, None) => Instructions::Conditional(INSTRUCTIONS, "".into()),
    }
}

impl OpenSession {
    /// The store for the contents that files had. A copy gets those that its records name.
    pub(crate) fn snapshots(
        &self,
        services: &Services,
        defaults: &EngineDefaults,
    ) -> SnapshotStore {
        let Paths { data, config, state, cache } = defaults.own.clone();
        let private =
            services.auth.files().into_iter().chain([data, config, state, cache]).collect();
        let images = services.sessions.images(&self.id);
        if let Some((past, LogOrigin::Copy | LogOrigin::Held(_))) = &self.past
            && let Some(from) = past.header.as_ref().and_then(|header| header.forked_from.as_ref())
        {
            let from = services.sessions.images(from);
            Snapshots::share_images(from, images.clone(), &past.records);
        }
        services.snapshots.session(self.id.clone(), self.real_folder.clone(), images, private)
    }

    /// The rules that the person allowed in this folder for good.
    pub(crate) fn allowed(&self, defaults: &EngineDefaults) -> AllowedRules {
        AllowedRules::of(&defaults.own, self.real_folder.clone())
    }

    /// Where its slash commands and skills are read from.
    pub(crate) fn extensions(&self, defaults: &EngineDefaults) -> SessionExtensions {
        defaults.extensions(&self.real_folder)
    }

    pub(crate) fn session_config(
        &self,
        defaults: &EngineDefaults,
        tools: Arc<[ToolDefinition]>,
        (weakest_rules, kept_rules): (Vec<Rule>, Vec<Rule>),
        session_mode: SessionMode,
        presence: Presence,
        instructions: Instructions,
    ) -> SessionConfig {
        let EngineDefaults {
            max_steps,
            compaction,
            tool_face,
            web_search,
            reconnect_limit,
            on_usage_limit,
            rules,
            rule_files,
            grants,
            added,
            home,
            own,
            hidden_places,
            ..
        } = defaults.clone();
        let own_file = own.config_file();
        let weakest_files = weakest_rules.iter().map(|_| own_file.clone());
        let policy = PolicyConfig {
            folder: self.real_folder.clone(),
            home: home.map(|home| fs::canonicalize(&home).unwrap_or(home)),
            rules: [&weakest_rules[..], &rules].concat().into(),
            rule_files: weakest_files.chain(rule_files.iter().cloned()).collect(),
            grants,
            closed: own.all(),
            added,
            hides: false,
        };
        SessionConfig {
            id: self.id.clone(),
            instructions,
            tools,
            tool_face,
            web_search: WebSearchSetting::access(web_search, session_mode.approval_mode),
            max_steps,
            policy: if hidden_places.is_empty() { policy } else { policy.hiding() },
            kept_rules,
            compaction,
            on_usage_limit,
            reconnect: ReconnectConfig { limit: reconnect_limit, jitter: jitter(&self.id) },
            session_mode,
            presence,
            answers: tools::answers,
        }
    }
}

/// A number that no two conversations share, so that their requests do not come back all at once.
fn jitter(id: &SessionId) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// The notice at the beginning of a conversation whose commands are not in the best sandbox tier.
pub(crate) fn remark(sandbox: Sandbox) -> Option<Notice> {
    let lacks = sandbox.lacks().filter(|_| sandbox.tier() > 1)?;
    let message = format!("Commands run in tier {} of 4 of the sandbox. {lacks}", sandbox.tier());
    Some(Notice {
        message,
        next: Some("`/status` shows the tier, `codling sandbox` says why".into()),
    })
}

/// The notice at the beginning where hosts should be open to commands, and cannot be.
pub(crate) fn closed_hosts(grants: &SandboxOpenings, sandbox: Sandbox) -> Option<Notice> {
    let closed = !grants.hosts.is_empty() && !sandbox.has_network();
    let message = "The hosts of `sandbox_network` stay closed: commands have no network of their own on this system";
    closed.then(|| Notice {
        message: message.to_owned(),
        next: Some("A command that needs the network asks, and runs without the sandbox".into()),
    })
}

#[cfg(test)]
mod tests {
    use crate::protocol::AllowedHost;

    use super::*;

    #[test]
    fn hosts_that_cannot_be_opened_are_told_where_a_command_has_no_network_of_its_own() {
        let hosts = SandboxOpenings {
            hosts: AllowedHost::parse("a.org").into_iter().collect(),
            folders: vec!["/srv".into()],
            readable: Vec::new(),
        };
        for sandbox in Sandbox::ALL {
            assert_eq!(
                closed_hosts(&hosts, sandbox).is_some(),
                !sandbox.has_network(),
                "{sandbox:?}"
            );
            assert_eq!(
                closed_hosts(&SandboxOpenings { hosts: Vec::new(), ..hosts.clone() }, sandbox),
                None
            );
        }
    }

    #[test]
    fn whoever_has_the_best_sandbox_is_told_nothing_and_everybody_else_what_it_lacks() {
        for sandbox in Sandbox::ALL {
            let remarked = remark(sandbox);
            assert_eq!(remarked.is_some(), sandbox.tier() > 1, "{sandbox:?}");
            assert!(
                remarked.is_none_or(|remarked| remarked.message.contains(sandbox.lacks().unwrap())),
                "{sandbox:?}"
            );
        }
    }
}
