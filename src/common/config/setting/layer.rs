//! The settings as sources fill them in, and the rules each value must keep.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::base::{is_openable, is_secret_place, is_showable, resolved};
use crate::protocol::{
    AllowedHost, ApprovalMode, Compactor, Effort, ModelName, MouseUse, OnUsageLimit, Origin,
    Provider, Rule, ServiceTier, SignInMethod, StatusPart, ToolFace, Verbosity, WebAccess,
};

use super::Given;
use crate::config::Whence;

/// Settings before they are made [`Settings`](crate::config::Settings). Each source of settings,
/// from the built-in ones to the flags, writes over what the ones before it said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    pub model: Option<ModelSetting>,
    pub providers: Vec<Provider>,
    pub effort: Option<Effort>,
    pub verbosity: Option<Verbosity>,
    pub service_tier: Option<ServiceTier>,
    pub max_steps: u32,
    pub idle_limit: Duration,
    pub reconnect_limit: Duration,
    pub on_usage_limit: OnUsageLimit,
    pub keep_running: KeepRunning,
    pub notify: Vec<String>,
    pub mouse: MouseUse,
    pub copy_on_select: bool,
    pub notify_after: Duration,
    pub status: Vec<StatusPart>,
    pub status_command: Vec<String>,
    pub has_title: bool,
    pub auth_file: Option<AuthFile>,
    pub auth_origin: Option<Origin>,
    pub chatgpt_origin: Option<Origin>,
    pub api_origin: Option<Origin>,
    pub models_origin: Option<Origin>,
    pub log: Option<LevelFilter>,
    pub approvals: ApprovalMode,
    pub compact_at: u8,
    pub compactor: Compactor,
    pub small_model: Option<ModelSetting>,
    pub rules: Vec<Rule>,
    pub opencode_permissions: Trust,
    pub sandbox_network: Vec<AllowedHost>,
    pub sandbox_read: Vec<PathBuf>,
    pub sandbox_write: Vec<PathBuf>,
    pub tool_face: Option<ToolFace>,
    pub web_search: Option<WebSearchSetting>,
    pub sign_in_method: Option<SignInMethod>,
    pub workspaces: Vec<String>,
}

/// The work that goes on when the terminal is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeepRunning {
    /// A turn, a queue and jobs, to their end.
    #[default]
    Turn,
    /// Nothing.
    Off,
}

/// A model, and where it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSetting {
    pub name: ModelName,
    pub whence: Whence,
}

/// The rules that are taken over from opencode's permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    All,
    /// Those that ask or deny.
    #[default]
    Strict,
}

/// The person's choice about OpenAI's own web search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebSearchSetting {
    /// Answers out of OpenAI's cache of the web.
    Cached,
    /// Opens any address the model comes up with.
    Live,
    /// No search.
    Off,
}

impl WebSearchSetting {
    /// How far the search reaches in a conversation that opens in this mode. Without a setting it
    /// answers out of OpenAI's cache of the web: a live search opens any address that the model
    /// comes up with, and so could carry words of the conversation to a stranger's server, unasked.
    /// A mode that only reads this folder has none.
    pub fn access(set: Option<Self>, mode: ApprovalMode) -> Option<WebAccess> {
        match (set, mode) {
            (Some(Self::Off), _) | (None, ApprovalMode::ReadOnly) => None,
            (Some(Self::Live), _) => Some(WebAccess::Live),
            (Some(Self::Cached) | None, _) => Some(WebAccess::Cached),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthFile {
    /// The word `opencode`: the file that opencode itself uses.
    Opencode,
    Path(PathBuf),
}

pub fn model(text: &str) -> Option<ModelName> {
    let text = text.trim();
    let good = !text.is_empty()
        && text.len() <= 200
        && text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    good.then(|| ModelName::parse(text))
}

pub fn effort(text: &str) -> Option<Effort> {
    let text = text.trim().to_ascii_lowercase();
    let good = !text.is_empty()
        && text.len() <= 32
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    good.then_some(Effort(text))
}

/// `~/` is the home; a relative path begins at `base`.
pub fn auth_file(text: &str, base: &Path, home: Option<&Path>) -> Option<AuthFile> {
    match (text, text.strip_prefix("~/"), home) {
        ("" | "~", _, _) | (_, Some(_), None) => None,
        ("opencode", _, _) => Some(AuthFile::Opencode),
        (_, Some(rest), Some(home)) => Some(AuthFile::Path(home.join(rest))),
        (path, None, _) => Some(AuthFile::Path(base.join(path))),
    }
}

/// The id of a ChatGPT workspace.
pub fn workspace(text: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_graphic() && byte != b',';
    (!text.is_empty() && text.bytes().all(fits)).then(|| text.to_owned())
}

/// A folder to open for writing. `~/` is the home. Links are followed, and their target is judged;
/// the folder need not exist.
pub fn sandbox_write(given: &Given<'_>) -> Option<PathBuf> {
    let (_, found, home, closed) = place(given)?;
    (is_openable(&found, home.as_deref(), &closed) && !found.is_file()).then_some(found)
}

/// As [`sandbox_write`], but for reading; also a secret, if it is written by its own name.
pub fn sandbox_read(given: &Given<'_>) -> Option<PathBuf> {
    let (path, found, home, closed) = place(given)?;
    let is_named = found == path || !is_secret_place(&found, home.as_deref());
    (is_named && is_showable(&found, home.as_deref(), &closed)).then_some(found)
}

/// The path as written, where it leads, the home, and what stays closed.
fn place(given: &Given<'_>) -> Option<(PathBuf, PathBuf, Option<PathBuf>, Vec<PathBuf>)> {
    let home = given.home.and_then(resolved);
    let path = match given.text.strip_prefix("~/") {
        Some(rest) => home.as_ref()?.join(rest),
        None => PathBuf::from(given.text),
    };
    let closed = given.closed.iter().filter_map(|path| resolved(path)).collect();
    Some((path.clone(), resolved(&path)?, home, closed))
}
