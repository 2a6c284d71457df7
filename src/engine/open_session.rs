//! What a session begins with: its place, its model, and what the settings say of every session. Opens nothing.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{AllowedRules, Paths, Settings, WebSearchSetting};
use crate::policy::PolicyConfig;
use crate::protocol::{
    ApprovalMode, Compactor, Effort, Model, ModelRef, Notice, OpenOptions, Presence, Rule, Sandbox,
    SandboxOpenings, ServiceTier, SessionId, SessionMode, ToolDefinition, ToolFace, Tuning,
    Verbosity,
};
use crate::session::{ReconnectConfig, SessionConfig};
use crate::store::{LogOrigin, RecordedSession, SessionLog};
use crate::tools;
use crate::undo::{SnapshotStore, Snapshots};

use super::services::Services;

const INSTRUCTIONS: &str = include_str!("../../assets/prompts/system.md");

pub(super) struct OpenSession {
    pub(super) id: SessionId,
    pub(super) folder: PathBuf,
    /// With every link on the way to it followed; as it was given where it cannot be.
    pub(super) real_folder: PathBuf,
    pub(super) model: Option<ModelRef>,
    pub(super) effort: Option<Effort>,
    pub(super) tuning: Tuning,
    pub(super) log: SessionLog,
    /// What the log holds, when the session is an earlier one.
    pub(super) past: Option<(RecordedSession, LogOrigin)>,
}

/// What the settings say of every session.
#[derive(Clone, Debug)]
pub(super) struct EngineDefaults {
    pub(super) model: Option<ModelRef>,
    pub(super) effort: Option<Effort>,
    verbosity: Option<Verbosity>,
    service_tier: Option<ServiceTier>,
    pub(super) mode: ApprovalMode,
    max_steps: u32,
    compact_at: u8,
    compactor: Compactor,
    tool_face: Option<ToolFace>,
    web_search: Option<WebSearchSetting>,
    reconnect_limit: Duration,
    rules: Arc<[Rule]>,
    rule_files: Arc<[PathBuf]>,
    grants: SandboxOpenings,
    pub(super) home: Option<PathBuf>,
    /// What a person wants every model to know.
    pub(super) guidance: PathBuf,
    /// The program's own folders: what changes there is no change of a session's.
    own: Paths,
}

impl EngineDefaults {
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            model: settings.model.clone(),
            effort: settings.effort.clone(),
            verbosity: settings.verbosity,
            service_tier: settings.service_tier,
            mode: settings.approvals,
            max_steps: settings.max_steps,
            compact_at: settings.compact_at,
            compactor: settings.compactor,
            tool_face: settings.tool_face,
            web_search: settings.web_search,
            reconnect_limit: settings.reconnect_limit,
            rules: Arc::clone(&settings.rules),
            rule_files: Arc::clone(&settings.rule_files),
            grants: settings.grants.clone(),
            home: settings.home.clone(),
            guidance: settings.guidance.clone(),
            own: settings.paths.clone(),
        }
    }

    /// How a conversation is asked for, which was left with this.
    pub(super) fn tuning(&self, left: Tuning) -> Tuning {
        Tuning {
            verbosity: self.verbosity.or(left.verbosity),
            tier: self.service_tier.unwrap_or(left.tier),
        }
    }

    pub(super) fn config_file(&self) -> PathBuf {
        self.own.config_file()
    }

    /// Where jobs are seen from other programs.
    pub(super) fn jobs(&self) -> PathBuf {
        super::jobs::folder(&self.own.state)
    }

    /// Where what commands in the sandbox write to caches is kept from one to the next.
    pub(super) fn kept_caches(&self) -> PathBuf {
        self.own.cache.join("commands")
    }

    /// What no command in the sandbox may write to.
    pub(super) fn closed(&self) -> Vec<PathBuf> {
        self.own.all()
    }

    /// Where conversations, sign-ins, prompts and the log are.
    pub(super) fn hidden(&self) -> Vec<PathBuf> {
        let Paths { data, state, .. } = &self.own;
        [data, state].map(PathBuf::clone).into()
    }
}

/// The system prompt of a session.
pub(super) fn instructions(options: &OpenOptions) -> Arc<str> {
    let own = options.instructions.clone().unwrap_or_else(|| INSTRUCTIONS.into());
    match &options.guidance {
        Some(more) => format!("{}\n\n{more}", own.trim_end()).into(),
        None => own,
    }
}

impl OpenSession {
    /// What keeps the contents that files had. A copy gets those that its records name.
    pub(super) fn snapshots(
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

    /// What the person allowed in this folder from now on.
    pub(super) fn allowed(&self, defaults: &EngineDefaults) -> AllowedRules {
        AllowedRules::of(&defaults.own, self.real_folder.clone())
    }

    pub(super) fn session_config(
        &self,
        defaults: &EngineDefaults,
        tools: Arc<[ToolDefinition]>,
        kept_rules: Vec<Rule>,
        session_mode: SessionMode,
        presence: Presence,
        instructions: Arc<str>,
    ) -> SessionConfig {
        let EngineDefaults {
            max_steps,
            compact_at,
            compactor,
            tool_face,
            web_search,
            reconnect_limit,
            rules,
            rule_files,
            grants,
            home,
            own,
            ..
        } = defaults.clone();
        SessionConfig {
            id: self.id.clone(),
            instructions,
            tools,
            tool_face,
            web_search: WebSearchSetting::access(web_search, session_mode.approval_mode),
            max_steps,
            policy: PolicyConfig {
                folder: self.real_folder.clone(),
                home: home.map(|home| fs::canonicalize(&home).unwrap_or(home)),
                rules,
                rule_files,
                grants,
                closed: own.all(),
            },
            kept_rules,
            compact_at,
            compactor,
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

/// What is told once, at the beginning of a conversation, where commands are not kept in by the best that there is.
pub(super) fn remark(sandbox: Sandbox) -> Option<Notice> {
    let lacks = sandbox.lacks().filter(|_| sandbox.tier() > 1)?;
    let message = format!("Commands run in tier {} of 4 of the sandbox. {lacks}", sandbox.tier());
    Some(Notice {
        message,
        next: Some("`/status` shows the tier, `codling sandbox` says why".into()),
    })
}

/// What is told at the beginning where hosts are to be open to commands, and cannot be.
pub(super) fn closed_hosts(grants: &SandboxOpenings, sandbox: Sandbox) -> Option<Notice> {
    let closed = !grants.hosts.is_empty() && !sandbox.has_network();
    let message = "The hosts of `sandbox_network` stay closed: commands have no network of their own on this system";
    closed.then(|| Notice {
        message: message.to_owned(),
        next: Some("A command that needs the network asks, and runs without the sandbox".into()),
    })
}

/// The first model of a list is its default.
pub(super) fn default_model(models: &[Model]) -> Option<ModelRef> {
    models.first().map(Model::reference)
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
            let told = remark(sandbox);
            assert_eq!(told.is_some(), sandbox.tier() > 1, "{sandbox:?}");
            assert!(
                told.is_none_or(|told| told.message.contains(sandbox.lacks().unwrap())),
                "{sandbox:?}"
            );
        }
    }
}
