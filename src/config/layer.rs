//! One layer of settings, and the rules each value must keep.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::base::{is_openable, is_secret_place, is_showable, resolved};
use crate::protocol::{
    AllowedHost, ApprovalMode, Compactor, Effort, ModelName, Origin, Provider, Rule, ServiceTier,
    SignInMethod, ToolFace, Verbosity, WebAccess,
};

use super::{ConfigError, Whence};

/// The settings of one source; `None` for each that it leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    pub model: Option<ModelSetting>,
    pub providers: Option<Vec<Provider>>,
    pub effort: Option<Effort>,
    pub verbosity: Option<Verbosity>,
    pub service_tier: Option<ServiceTier>,
    pub max_steps: Option<u32>,
    pub idle_limit: Option<Duration>,
    pub reconnect_limit: Option<Duration>,
    pub auth_file: Option<AuthFile>,
    pub auth_origin: Option<Origin>,
    pub chatgpt_origin: Option<Origin>,
    pub api_origin: Option<Origin>,
    pub models_origin: Option<Origin>,
    pub log: Option<LevelFilter>,
    pub approvals: Option<ApprovalMode>,
    pub compact_at: Option<u8>,
    pub compactor: Option<Compactor>,
    pub rules: Option<Vec<Rule>>,
    pub opencode_permissions: Option<Trust>,
    pub sandbox_network: Option<Vec<AllowedHost>>,
    pub sandbox_read: Option<Vec<PathBuf>>,
    pub sandbox_write: Option<Vec<PathBuf>>,
    pub tool_face: Option<Option<ToolFace>>,
    pub web_search: Option<WebSearchSetting>,
    pub sign_in_method: Option<SignInMethod>,
    pub workspaces: Option<Vec<String>>,
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
    Cached,
    Live,
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

impl Layer {
    /// The settings of `over`, and this layer's where `over` has none.
    pub fn under(self, over: Self) -> Self {
        Self {
            model: over.model.or(self.model),
            providers: over.providers.or(self.providers),
            effort: over.effort.or(self.effort),
            verbosity: over.verbosity.or(self.verbosity),
            service_tier: over.service_tier.or(self.service_tier),
            max_steps: over.max_steps.or(self.max_steps),
            idle_limit: over.idle_limit.or(self.idle_limit),
            reconnect_limit: over.reconnect_limit.or(self.reconnect_limit),
            auth_file: over.auth_file.or(self.auth_file),
            auth_origin: over.auth_origin.or(self.auth_origin),
            chatgpt_origin: over.chatgpt_origin.or(self.chatgpt_origin),
            api_origin: over.api_origin.or(self.api_origin),
            models_origin: over.models_origin.or(self.models_origin),
            log: over.log.or(self.log),
            approvals: over.approvals.or(self.approvals),
            compact_at: over.compact_at.or(self.compact_at),
            compactor: over.compactor.or(self.compactor),
            rules: over.rules.or(self.rules),
            opencode_permissions: over.opencode_permissions.or(self.opencode_permissions),
            sandbox_network: over.sandbox_network.or(self.sandbox_network),
            sandbox_read: over.sandbox_read.or(self.sandbox_read),
            sandbox_write: over.sandbox_write.or(self.sandbox_write),
            tool_face: over.tool_face.or(self.tool_face),
            web_search: over.web_search.or(self.web_search),
            sign_in_method: over.sign_in_method.or(self.sign_in_method),
            workspaces: over.workspaces.or(self.workspaces),
        }
    }
}

pub const MODEL: &str = "a model's id such as `gpt-5.3-codex`, or `provider/id`";
pub const EFFORT: &str = "a word such as `low`, `medium` or `high`";
pub const VERBOSITY: &str = "`low`, `medium` or `high`";
pub const SERVICE_TIER: &str = "`fast` or `standard`";
pub const MAX_STEPS: &str = "a whole number from 1 to 10000";
pub const IDLE_LIMIT: &str = "a whole number of seconds from 1 to 86400";
pub const RECONNECT_LIMIT: &str = "a whole number of seconds from 0 to 3600";
pub const AUTH_FILE: &str = "a path, or the word `opencode`";
pub const ORIGIN: &str = "an address such as `https://host`";
pub const LOG: &str = "`off`, `error`, `warn`, `info`, `debug` or `trace`";
pub const APPROVALS: &str = "`read-only`, `ask` or `auto`";
pub const COMPACT_AT: &str = "a whole number of percent from 10 to 95";
pub const OPENCODE_PERMISSIONS: &str = "`strict` or `all`";
pub const SIGN_IN_METHOD: &str = "`chatgpt` or `api`";
pub const WORKSPACES: &str = "the id of a ChatGPT workspace, or a list of such ids";
pub const TOOL_FACE: &str = "`auto`, `codex` or `own`";
pub fn tool_face(text: &str) -> Option<Option<ToolFace>> {
    match text.trim() {
        "auto" => Some(None),
        "codex" => Some(Some(ToolFace::Codex)),
        "own" => Some(Some(ToolFace::Own)),
        _ => None,
    }
}

pub const COMPACTOR: &str = "`model` or `server`";
pub const WEB_SEARCH: &str = "`live`, `cached` or `off`";
pub const SANDBOX_NETWORK: &str =
    "a list of hosts such as `crates.io`, `*.example.com` or `host:8443`";
pub const SANDBOX_READ: &str = "a list of files and folders as `/whole/path` or `~/path` that hold no home and nothing of codling's or the system's own; secrets by their whole name, not by a link";
pub const SANDBOX_WRITE: &str = "a list of folders as `/whole/path` or `~/path` that hold no home, no secrets, and nothing of codling's or the system's own";

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

pub fn verbosity(text: &str) -> Option<Verbosity> {
    Verbosity::named(text.trim())
}

pub fn service_tier(text: &str) -> Option<ServiceTier> {
    ServiceTier::named(text.trim())
}

pub fn max_steps(number: i64) -> Option<u32> {
    u32::try_from(number).ok().filter(|steps| (1..=10_000).contains(steps))
}

pub fn idle_limit(seconds: i64) -> Option<Duration> {
    u64::try_from(seconds)
        .ok()
        .filter(|seconds| (1..=86_400).contains(seconds))
        .map(Duration::from_secs)
}

pub fn reconnect_limit(seconds: i64) -> Option<Duration> {
    u64::try_from(seconds).ok().filter(|seconds| *seconds <= 3600).map(Duration::from_secs)
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

pub fn origin(text: &str, whence: impl FnOnce() -> Whence) -> Result<Origin, ConfigError> {
    Origin::parse(text).map_err(|source| ConfigError::Origin { whence: whence(), source })
}

pub fn log(text: &str) -> Option<LevelFilter> {
    match text.trim().to_ascii_lowercase().as_str() {
        "off" => Some(LevelFilter::OFF),
        "error" => Some(LevelFilter::ERROR),
        "warn" => Some(LevelFilter::WARN),
        "info" => Some(LevelFilter::INFO),
        "debug" => Some(LevelFilter::DEBUG),
        "trace" => Some(LevelFilter::TRACE),
        _ => None,
    }
}

pub fn approvals(text: &str) -> Option<ApprovalMode> {
    ApprovalMode::named(text.trim())
}

pub fn compact_at(percent: i64) -> Option<u8> {
    u8::try_from(percent).ok().filter(|percent| (10..=95).contains(percent))
}

pub fn compactor(text: &str) -> Option<Compactor> {
    match text.trim() {
        "model" => Some(Compactor::Model),
        "server" => Some(Compactor::Server),
        _ => None,
    }
}

pub fn opencode_permissions(text: &str) -> Option<Trust> {
    match text.trim() {
        "all" => Some(Trust::All),
        "strict" => Some(Trust::Strict),
        _ => None,
    }
}

pub fn sign_in_method(text: &str) -> Option<SignInMethod> {
    match text {
        "api" => Some(SignInMethod::ApiKey),
        "chatgpt" => Some(SignInMethod::ChatGpt),
        _ => None,
    }
}

/// The id of a ChatGPT workspace.
pub fn workspace(text: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_graphic() && byte != b',';
    (!text.is_empty() && text.bytes().all(fits)).then(|| text.to_owned())
}

pub fn web_search(text: &str) -> Option<WebSearchSetting> {
    match text.trim() {
        "live" => Some(WebSearchSetting::Live),
        "cached" => Some(WebSearchSetting::Cached),
        "off" => Some(WebSearchSetting::Off),
        _ => None,
    }
}

/// A folder to open for writing. `~/` is the home. Links are followed, and their target is judged;
/// the folder need not exist. `closed` are folders that stay closed.
pub fn sandbox_write(text: &str, home: Option<&Path>, closed: &[PathBuf]) -> Option<PathBuf> {
    let path = match text.strip_prefix("~/") {
        Some(rest) => home?.join(rest),
        None => PathBuf::from(text),
    };
    let found = resolved(&path)?;
    let home = home.and_then(resolved);
    let closed: Vec<PathBuf> = closed.iter().filter_map(|path| resolved(path)).collect();
    (is_openable(&found, home.as_deref(), &closed) && !found.is_file()).then_some(found)
}

/// As [`sandbox_write`], but for reading; also a secret, if it is written by its own name.
pub fn sandbox_read(text: &str, home: Option<&Path>, closed: &[PathBuf]) -> Option<PathBuf> {
    let home_found = home.and_then(resolved);
    let path = match text.strip_prefix("~/") {
        Some(rest) => home_found.clone()?.join(rest),
        None => PathBuf::from(text),
    };
    let found = resolved(&path)?;
    let closed: Vec<PathBuf> = closed.iter().filter_map(|path| resolved(path)).collect();
    let is_named = found == path || !is_secret_place(&found, home_found.as_deref());
    (is_named && is_showable(&found, home_found.as_deref(), &closed)).then_some(found)
}
