//! One `config.toml` as a layer: every key with its place, and a warning for unknown ones. Opens no
//! file.

use std::path::{Path, PathBuf};

use toml_edit::{Array, Document, Item, Key, TableLike, Value};

use crate::base::nearest;
use crate::protocol::{AllowedHost, ApprovalMode, ProviderId, Rule, RuleSubject};

use super::layer::{self, Layer, ModelSetting};
use super::{ConfigError, ConfigWarning, Whence, permission, provider};

/// Whose file it is. A project's may not say where credentials are or where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigOwner {
    Project,
    User,
}

/// A file's text with what is needed to judge it.
#[derive(Clone, Copy)]
pub struct ConfigSource<'a> {
    pub path: &'a Path,
    pub text: &'a str,
    pub owner: ConfigOwner,
    pub home: Option<&'a Path>,
    /// Folders that are never opened to commands.
    pub closed: &'a [PathBuf],
    /// The wire dialects that a provider can speak.
    pub dialects: &'a [&'a str],
}

/// Every key and table at the top of a file.
pub const ROOT: [&str; 25] = [
    "mcp",
    "mcp_servers",
    "model",
    "effort",
    "max_steps",
    "idle_limit_seconds",
    "reconnect_seconds",
    "auth_file",
    "log",
    "origins",
    "approvals",
    "compact_at",
    "compaction",
    "permission",
    "provider",
    "opencode_permissions",
    "sandbox_network",
    "sandbox_read",
    "sandbox_write",
    "tool_face",
    "web_search",
    "forced_login_method",
    "forced_chatgpt_workspace_id",
    "verbosity",
    "service_tier",
];
const ORIGINS: [&str; 3] = ["auth", "chatgpt", "api"];
/// The keys that a project may set: none moves a credential or widens what may be done.
const PROJECT: [&str; 8] = [
    "mcp",
    "mcp_servers",
    "model",
    "effort",
    "verbosity",
    "max_steps",
    "idle_limit_seconds",
    "reconnect_seconds",
];

/// Whether there is a setting of this name.
pub fn is_setting(key: &str) -> bool {
    ROOT.contains(&key)
}

impl ConfigSource<'_> {
    /// Fails at the first value that cannot be used; keys that are unknown or not the project's to
    /// set become warnings.
    pub fn parse(self, warnings: &mut Vec<ConfigWarning>) -> Result<Layer, ConfigError> {
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        let source = ConfigSource { text, ..self };
        let document = Document::parse(text).map_err(|error| ConfigError::Malformed {
            whence: source.at(error.span().map_or(0, |span| span.start)),
            detail: error.message().lines().collect::<Vec<_>>().join(", "),
        })?;
        let mut layer = Layer::default();
        for (key, item) in entries(document.as_table()) {
            if source.owner == ConfigOwner::Project
                && ROOT.contains(&key.get())
                && !PROJECT.contains(&key.get())
            {
                warnings.push(source.refusal(key));
                continue;
            }
            source.take(key, item, &mut layer, warnings)?;
        }
        Ok(layer)
    }

    fn take(
        self,
        key: &Key,
        item: &Item,
        layer: &mut Layer,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Result<(), ConfigError> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        match key.get() {
            "model" => {
                let name = self.text(key, item, layer::MODEL, layer::model)?;
                // In a file a bare id is always of the built-in provider.
                let name = name.of(&ProviderId::openai()).into();
                layer.model = Some(ModelSetting { name, whence: self.place(key, item) });
            }
            "effort" => layer.effort = Some(self.text(key, item, layer::EFFORT, layer::effort)?),
            "verbosity" => {
                layer.verbosity = Some(self.text(key, item, layer::VERBOSITY, layer::verbosity)?)
            }
            "service_tier" => {
                layer.service_tier =
                    Some(self.text(key, item, layer::SERVICE_TIER, layer::service_tier)?)
            }
            "max_steps" => {
                layer.max_steps =
                    Some(self.number(key, item, layer::MAX_STEPS, layer::max_steps)?)
            }
            "idle_limit_seconds" => {
                layer.idle_limit =
                    Some(self.number(key, item, layer::IDLE_LIMIT, layer::idle_limit)?)
            }
            "reconnect_seconds" => {
                layer.reconnect_limit =
                    Some(self.number(key, item, layer::RECONNECT_LIMIT, layer::reconnect_limit)?);
            }
            "auth_file" => {
                layer.auth_file = Some(self.text(key, item, layer::AUTH_FILE, |text| {
                    layer::auth_file(text, folder, self.home)
                })?);
            }
            // Read with those of other files when a conversation begins.
            "mcp" | "mcp_servers" => {}
            "log" => layer.log = Some(self.text(key, item, layer::LOG, layer::log)?),
            "approvals" => match self.text(key, item, layer::APPROVALS, layer::approvals)? {
                ApprovalMode::Full => warnings.push(self.too_much(key, item)),
                mode => layer.approvals = Some(mode),
            },
            "compact_at" => {
                layer.compact_at =
                    Some(self.number(key, item, layer::COMPACT_AT, layer::compact_at)?)
            }
            "provider" => {
                layer.providers = Some(provider::providers(self, key, item, warnings)?);
            }
            "compaction" => {
                layer.compactor = Some(self.text(key, item, layer::COMPACTOR, layer::compactor)?);
            }
            "permission" => layer.rules = Some(self.rules(key, item, warnings)?),
            "opencode_permissions" => {
                layer.opencode_permissions = Some(self.text(
                    key,
                    item,
                    layer::OPENCODE_PERMISSIONS,
                    layer::opencode_permissions,
                )?);
            }
            "sandbox_network" => {
                layer.sandbox_network =
                    Some(self.list(key, item, layer::SANDBOX_NETWORK, AllowedHost::parse)?)
            }
            "sandbox_read" => {
                let read = |text: &str| layer::sandbox_read(text, self.home, self.closed);
                layer.sandbox_read = Some(self.list(key, item, layer::SANDBOX_READ, read)?);
            }
            "sandbox_write" => {
                let read = |text: &str| layer::sandbox_write(text, self.home, self.closed);
                layer.sandbox_write = Some(self.list(key, item, layer::SANDBOX_WRITE, read)?);
            }
            "tool_face" => {
                layer.tool_face = Some(self.text(key, item, layer::TOOL_FACE, layer::tool_face)?);
            }
            "web_search" => {
                layer.web_search =
                    Some(self.text(key, item, layer::WEB_SEARCH, layer::web_search)?);
            }
            "forced_login_method" => {
                layer.sign_in_method =
                    Some(self.text(key, item, layer::SIGN_IN_METHOD, layer::sign_in_method)?);
            }
            "forced_chatgpt_workspace_id" => {
                layer.workspaces = Some(match item.as_str().map(layer::workspace) {
                    Some(Some(one)) => vec![one],
                    // An empty list would allow every one, which nobody means by it.
                    _ if item.as_array().is_some_and(Array::is_empty) => {
                        return Err(self.wrong(key, item, layer::WORKSPACES));
                    }
                    _ => self.list(key, item, layer::WORKSPACES, layer::workspace)?,
                });
            }
            "origins" => {
                let table = item.as_table_like().ok_or_else(|| {
                    self.wrong(key, item, "a table of `auth`, `chatgpt` and `api`")
                })?;
                for (key, item) in entries(table) {
                    let place = match key.get() {
                        "auth" => &mut layer.auth_origin,
                        "chatgpt" => &mut layer.chatgpt_origin,
                        "api" => &mut layer.api_origin,
                        "models" => &mut layer.models_origin,
                        _ => {
                            warnings.push(self.unknown(key, &ORIGINS));
                            continue;
                        }
                    };
                    let address =
                        item.as_str().ok_or_else(|| self.wrong(key, item, layer::ORIGIN))?;
                    *place = Some(layer::origin(address, || self.place(key, item))?);
                }
            }
            _ => warnings.push(self.unknown(key, &ROOT)),
        }
        Ok(())
    }

    /// `"ask"`, or a table of subjects, each with a word or with a table of patterns.
    fn rules(
        self,
        key: &Key,
        item: &Item,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Result<Vec<Rule>, ConfigError> {
        if let Some(ruling) = item.as_str().and_then(permission::ruling) {
            return Ok(vec![Rule::new(RuleSubject::Any, "*", ruling)]);
        }
        let table = item.as_table_like().ok_or_else(|| self.wrong(key, item, permission::TABLE))?;
        let mut rules = Vec::new();
        for (key, item) in entries(table) {
            if permission::names_tools(key.get()) {
                let ruling = self.text(key, item, permission::RULING, permission::ruling)?;
                let rule = permission::rule(RuleSubject::Tool, key.get(), ruling, self.home);
                let wrong = || self.badly_named("permission", key, permission::PATTERN);
                rules.push(rule.ok_or_else(wrong)?);
                continue;
            }
            let Some(subject) = permission::subject(key.get()) else {
                warnings.push(self.unknown(key, &permission::SUBJECTS));
                continue;
            };
            match item.as_table_like() {
                None => rules.push(Rule::new(
                    subject,
                    "*",
                    self.text(key, item, permission::RULING, permission::ruling)?,
                )),
                Some(patterns) => {
                    for (pattern, item) in entries(patterns) {
                        let ruling =
                            self.text(pattern, item, permission::RULING, permission::ruling)?;
                        let Some(rule) =
                            permission::rule(subject, pattern.get(), ruling, self.home)
                        else {
                            return Err(self.badly_named(
                                "permission",
                                pattern,
                                permission::PATTERN,
                            ));
                        };
                        rules.push(rule);
                    }
                }
            }
        }
        Ok(rules)
    }

    fn text<T>(
        self,
        key: &Key,
        item: &Item,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        item.as_str().and_then(read).ok_or_else(|| self.wrong(key, item, expected))
    }

    /// Fails at the first value that cannot be used.
    fn list<T>(
        self,
        key: &Key,
        item: &Item,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, ConfigError> {
        let values = item.as_array().ok_or_else(|| self.wrong(key, item, expected))?;
        let read = |value: &Value| {
            value
                .as_str()
                .and_then(&read)
                .ok_or_else(|| self.wrong(key, &Item::Value(value.clone()), expected))
        };
        values.iter().map(read).collect()
    }

    fn number<T>(
        self,
        key: &Key,
        item: &Item,
        expected: &'static str,
        read: impl Fn(i64) -> Option<T>,
    ) -> Result<T, ConfigError> {
        item.as_integer().and_then(read).ok_or_else(|| self.wrong(key, item, expected))
    }

    pub(super) fn wrong(self, key: &Key, item: &Item, expected: &'static str) -> ConfigError {
        let found = match (item.as_integer(), item.as_str()) {
            (Some(number), _) => number.to_string(),
            (_, Some("")) => "empty".into(),
            (_, Some(text)) => format!("`{}`", shown(text)),
            _ => with_article(item.type_name()),
        };
        ConfigError::Value { whence: self.place(key, item), key: shown(key.get()), expected, found }
    }

    /// A key of the table `of` that cannot be one.
    pub(super) fn badly_named(self, of: &str, key: &Key, expected: &'static str) -> ConfigError {
        let found = format!("`{}`", shown(key.get()));
        ConfigError::Value { whence: self.place(key, &Item::None), key: of.into(), expected, found }
    }

    fn too_much(self, key: &Key, item: &Item) -> ConfigWarning {
        ConfigWarning {
            whence: self.place(key, item),
            message: format!("`{}` cannot be `full` for good, and is ignored", key.get()),
            next: Some("Use `--approval-mode full` where you want it".into()),
        }
    }

    pub(super) fn unknown(self, key: &Key, known: &[&'static str]) -> ConfigWarning {
        let allowed = |name: &&str| self.owner == ConfigOwner::User || PROJECT.contains(name);
        let name = shown(key.get());
        let next = nearest(&name, known.iter().copied().filter(allowed))
            .map(|near| format!("Did you mean `{near}`?"));
        ConfigWarning {
            whence: self.place(key, &Item::None),
            message: format!("`{name}` is not a setting, and is ignored"),
            next,
        }
    }

    fn refusal(self, key: &Key) -> ConfigWarning {
        ConfigWarning {
            whence: self.place(key, &Item::None),
            message: format!("`{}` cannot be set by a project, and is ignored", key.get()),
            next: Some("Set it in your own `config.toml` if you want it".into()),
        }
    }

    /// Where a value stands; where the parser kept no place of it, where its key does.
    pub(super) fn place(self, key: &Key, item: &Item) -> Whence {
        self.at(item.span().or_else(|| key.span()).map_or(0, |span| span.start))
    }

    fn at(self, offset: usize) -> Whence {
        Whence::at(self.path, self.text, offset)
    }
}

/// No more of a text than a line of a message holds.
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

pub(super) fn entries(table: &dyn TableLike) -> impl Iterator<Item = (&Key, &Item)> {
    table.iter().filter_map(move |(name, _)| table.get_key_value(name))
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}
