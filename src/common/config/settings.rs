//! All settings, as meant: the layers are already folded.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::base::Secret;
use crate::protocol::{
    ApprovalMode, Compactor, Effort, ModelRef, MouseUse, OnUsageLimit, Origins, Provider, Rule,
    SandboxOpenings, ServiceTier, SignInRule, StatusChoice, Surroundings, ToolFace, Verbosity,
};

use super::{KeepRunning, Paths, WebSearchSetting};

/// The settings that a start of the program goes by.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where codling keeps its files.
    pub paths: Paths,
    /// The servers that are asked.
    pub origins: Origins,
    /// `OPENCODE_MODELS_PATH`: a file that is read in the place of the public catalogue of models.
    pub models_file: Option<PathBuf>,
    /// The auth.json in use.
    pub auth_file: PathBuf,
    /// opencode's own auth.json, whether or not it exists; empty where there is no home to look in.
    pub opencode_file: PathBuf,
    /// Codex's auth.json, whether or not it exists; empty where there is no home to look in.
    pub codex_file: PathBuf,
    /// opencode's settings, each stronger than those before it.
    pub opencode_settings: Vec<PathBuf>,
    /// `OPENAI_API_KEY`, when set and not empty.
    pub api_key: Option<Secret>,
    /// `SSL_CERT_FILE`: certificates (PEM) that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// `NODE_EXTRA_CA_CERTS`: the same, as it is set for Node programs; an unreadable one is passed
    /// over, as there.
    pub node_ca_file: Option<PathBuf>,
    /// The model that was chosen; `None` for the default.
    pub model: Option<ModelRef>,
    /// Providers of the person's own, by name.
    pub providers: Arc<[Provider]>,
    /// The reasoning effort that was chosen.
    pub effort: Option<Effort>,
    /// The verbosity that was chosen.
    pub verbosity: Option<Verbosity>,
    /// The service tier that was chosen.
    pub service_tier: Option<ServiceTier>,
    /// Requests to the model in one turn, at the most.
    pub max_steps: u32,
    /// The work that goes on when the terminal is gone.
    pub keep_running: KeepRunning,
    /// A command that is told what waits for a person, and its arguments; empty for none.
    pub notify: Arc<[String]>,
    /// The part of the mouse that the screen takes.
    pub mouse: MouseUse,
    /// Whether selected text is copied when the button is released.
    pub copy_on_select: bool,
    /// How long without a key counts as elsewhere, where a terminal never reports its focus.
    pub notify_after: Duration,
    /// The status line that was chosen.
    pub status: StatusChoice,
    /// Whether the window gets a title.
    pub has_title: bool,
    /// Silence on a stream after which it counts as broken.
    pub idle_limit: Duration,
    /// How long a server that cannot be reached is tried again; zero for not at all.
    pub reconnect_limit: Duration,
    /// The choice for a turn that a usage limit stops.
    pub on_usage_limit: OnUsageLimit,
    /// How much is written to the log file; `OFF` opens none.
    pub log: LevelFilter,
    /// The kind of place the program runs in.
    pub surroundings: Surroundings,
    /// The approval mode that conversations open in; never `Full`, which only a flag or a person in
    /// a session can choose.
    pub approvals: ApprovalMode,
    /// Which sign-ins to OpenAI the person allows.
    pub sign_in_rule: SignInRule,
    /// The tools that the person chose; `None` for those that fit the model.
    pub tool_face: Option<ToolFace>,
    /// The person's choice about OpenAI's own web search, if they made one.
    pub web_search: Option<WebSearchSetting>,
    /// How full the model's context gets before the conversation is summed up, in percent.
    pub compact_at: u8,
    /// Who sums it up.
    pub compactor: Compactor,
    /// A cheaper model that does it in the place of the conversation's.
    pub small_model: Option<ModelRef>,
    /// Rules of opencode's user file first, then those of `config.toml`, each in the order they
    /// were written.
    pub rules: Arc<[Rule]>,
    /// The file that each of the rules stands in.
    pub rule_files: Arc<[PathBuf]>,
    /// Hosts and folders that are open to commands in the sandbox.
    pub grants: SandboxOpenings,
    /// Folders that are worked in as the session's own is.
    pub added_folders: Vec<PathBuf>,
    /// Whether the folder's programs are trusted as they are when a conversation opens.
    pub trusts_project: bool,
    /// The person's home folder, where there is one.
    pub home: Option<PathBuf>,
    /// The person's own `AGENTS.md`, whether or not it exists.
    pub guidance: PathBuf,
    /// Where the browser sign-in listens: the registered ports, unless a stand-in allows others.
    pub callback_ports: [u16; 2],
}
