//! One `config.toml` as a layer: every key with its place, and a warning for unknown ones. Opens no
//! file.

use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, Key, TableLike};

use crate::base::nearest;
use crate::protocol::{ApprovalMode, Rule, RuleSubject};

use super::setting::layer::Layer;
use super::setting::{Given, Kind, SetBy, Setting, members, quoted, roots};
use super::{ConfigError, ConfigWarning, Whence, permission, provider};

/// Follows a key that only a person's own file may set.
pub(super) const NOT_A_PROJECTS: &str = "cannot be set by a project, and is ignored";
/// Follows a key that no setting has.
pub(super) const NOT_A_SETTING: &str = "is not a setting, and is ignored";
/// Follows the key of the approval mode where a file sets it to `full`.
pub(super) const NOT_FOR_GOOD: &str = "cannot be `full` for good, and is ignored";

/// Whose file it is. A project's may not say where credentials are or where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigOwner {
    Project,
    User,
}

impl ConfigOwner {
    fn set_by(self) -> SetBy {
        match self {
            Self::Project => SetBy::Anyone,
            Self::User => SetBy::Person,
        }
    }
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

impl ConfigSource<'_> {
    /// Reads the file's settings over those in `layer`. Keys that are unknown or not the project's
    /// to set become warnings.
    ///
    /// # Errors
    ///
    /// The text is no TOML, or a value cannot be used: the first one.
    pub fn parse(
        self,
        layer: &mut Layer,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Result<(), ConfigError> {
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        let source = ConfigSource { text, ..self };
        let document = Document::parse(text).map_err(|error| ConfigError::Malformed {
            whence: source.at(error.span().map_or(0, |span| span.start)),
            detail: error.message().lines().collect::<Vec<_>>().join(", "),
        })?;
        for (key, item) in entries(document.as_table()) {
            if source.owner == ConfigOwner::Project
                && roots(SetBy::Person).contains(&key.get())
                && !roots(SetBy::Anyone).contains(&key.get())
            {
                warnings.push(source.refusal(key));
                continue;
            }
            source.take(key, item, layer, warnings)?;
        }
        Ok(())
    }

    fn take(
        self,
        key: &Key,
        item: &Item,
        layer: &mut Layer,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Result<(), ConfigError> {
        if let Some(setting) = Setting::named(key.get()) {
            return self.value(setting, key, item, layer, warnings);
        }
        let (table, inner) = (key.get(), members(key.get()));
        if inner.is_empty() {
            warnings.push(self.unknown(key, &roots(self.owner.set_by())));
            return Ok(());
        }
        let expected = || format!("a table of {}", quoted(&inner, "and"));
        let entries_of = item.as_table_like().ok_or_else(|| self.wrong(key, item, expected()))?;
        for (key, item) in entries(entries_of) {
            match Setting::named(&format!("{table}.{}", key.get())) {
                Some(setting) => self.value(setting, key, item, layer, warnings)?,
                None => warnings.push(self.unknown(key, &inner)),
            }
        }
        Ok(())
    }

    fn value(
        self,
        setting: &Setting,
        key: &Key,
        item: &Item,
        layer: &mut Layer,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Result<(), ConfigError> {
        let wrong = |item: &Item| self.wrong(key, item, setting.expected());
        let list = item.as_array().map(|list| list.iter().cloned().map(Item::Value).collect());
        let values: Vec<Item> = match setting.kind {
            Kind::Permissions => {
                layer.rules = self.rules(key, item, warnings)?;
                return Ok(());
            }
            Kind::Providers => {
                layer.providers = provider::providers(self, key, item, warnings)?;
                return Ok(());
            }
            Kind::Servers => return Ok(()),
            Kind::List(..) => list.ok_or_else(|| wrong(item))?,
            // An empty list would allow every one, which nobody means by it.
            Kind::OneOrMore(..) if item.is_array() => {
                list.filter(|list: &Vec<Item>| !list.is_empty()).ok_or_else(|| wrong(item))?
            }
            _ => vec![item.clone()],
        };
        for item in &values {
            let text = match setting.kind {
                Kind::Switch { .. } => item.as_bool().map(|switch| switch.to_string()),
                Kind::Number { .. } => item.as_integer().map(|number| number.to_string()),
                _ => item.as_str().map(str::to_owned),
            };
            let text = text.ok_or_else(|| wrong(item))?;
            if setting.key == "approvals" && text.trim() == ApprovalMode::Full.as_str() {
                warnings.push(self.too_much(key, item));
                continue;
            }
            let given = Given {
                text: &text,
                whence: &self.place(key, item),
                folder: self.path.parent().unwrap_or(Path::new("")),
                home: self.home,
                closed: self.closed,
            };
            setting.read(layer, &given)?.ok_or_else(|| wrong(item))?;
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

    pub(super) fn wrong(self, key: &Key, item: &Item, expected: impl Into<String>) -> ConfigError {
        let expected = expected.into();
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
        let expected = expected.into();
        ConfigError::Value { whence: self.place(key, &Item::None), key: of.into(), expected, found }
    }

    fn too_much(self, key: &Key, item: &Item) -> ConfigWarning {
        ConfigWarning {
            whence: self.place(key, item),
            message: format!("`{}` {NOT_FOR_GOOD}", key.get()),
            next: Some("Use `--approval-mode full` where you want it".into()),
        }
    }

    pub(super) fn unknown(self, key: &Key, known: &[&'static str]) -> ConfigWarning {
        let name = shown(key.get());
        let next =
            nearest(&name, known.iter().copied()).map(|near| format!("Did you mean `{near}`?"));
        ConfigWarning {
            whence: self.place(key, &Item::None),
            message: format!("`{name}` {NOT_A_SETTING}"),
            next,
        }
    }

    fn refusal(self, key: &Key) -> ConfigWarning {
        ConfigWarning {
            whence: self.place(key, &Item::None),
            message: format!("`{}` {NOT_A_PROJECTS}", key.get()),
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
