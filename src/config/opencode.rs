//! The `permission` of opencode's own settings, as rules of ours. What is wrong in them is a warning: they are not ours to refuse.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::base::Advice;
use crate::protocol::{Rule, RuleSubject, Ruling};

use super::layer::Trust;
use super::parse::shown;
use super::{ConfigWarning, Whence, jsonc, load, permission};

/// The rules of these files, in order. Missing files say nothing.
///
/// With [`Trust::Strict`] nothing is allowed that would not be anyway: an `allow` counts only as an exception from a `deny` before it, and asks.
pub fn rules(
    files: &[PathBuf],
    trust: Trust,
    home: Option<&Path>,
    warnings: &mut Vec<ConfigWarning>,
) -> Vec<Rule> {
    let mut rules = Vec::new();
    for path in files {
        match load::read(path) {
            Ok(None) => {}
            Ok(Some(text)) => {
                File { path, text: &jsonc::plain(&text), home }.read(&mut rules, warnings)
            }
            Err(error) => warnings.push(ConfigWarning {
                whence: start(path),
                message: ignored(&error.to_string()),
                next: error.next_step(),
            }),
        }
    }
    if trust == Trust::Strict { strict(rules) } else { rules }
}

fn strict(rules: Vec<Rule>) -> Vec<Rule> {
    let mut kept: Vec<Rule> = Vec::with_capacity(rules.len());
    for rule in rules {
        let meets = |before: &Rule| {
            [before.subject, rule.subject].contains(&RuleSubject::Any)
                || before.subject == rule.subject
        };
        match rule.ruling {
            Ruling::Ask | Ruling::Deny => kept.push(rule),
            Ruling::Allow
                if kept.iter().any(|before| before.ruling == Ruling::Deny && meets(before)) =>
            {
                kept.push(Rule { ruling: Ruling::Ask, ..rule });
            }
            Ruling::Allow => {}
        }
    }
    kept
}

/// One of the files, as JSON.
#[derive(Clone, Copy)]
struct File<'a> {
    path: &'a Path,
    text: &'a str,
    home: Option<&'a Path>,
}

impl File<'_> {
    fn read(self, rules: &mut Vec<Rule>, warnings: &mut Vec<ConfigWarning>) {
        let settings: Entries<'_> = match serde_json::from_str(self.text) {
            Ok(settings) => settings,
            Err(error) => {
                let whence = Whence::File {
                    path: self.path.to_owned(),
                    line: error.line().max(1),
                    column: error.column().max(1),
                };
                return warnings.push(ConfigWarning {
                    whence,
                    message: ignored("it is not valid JSON"),
                    next: None,
                });
            }
        };
        let Some((_, permission)) = settings.0.into_iter().rfind(|(name, _)| name == "permission")
        else {
            return;
        };
        if let Some(ruling) = word(permission).as_deref().and_then(permission::ruling) {
            return rules.push(Rule::new(RuleSubject::Any, "*", ruling));
        }
        let Ok(Entries(subjects)) = serde_json::from_str(permission.get()) else {
            return warnings.push(self.warning(permission, "`permission` is not a table"));
        };
        for (name, value) in subjects {
            // Built-in tools of opencode's that are not here need no rules.
            if let Some(subject) = permission::subject(&name) {
                self.read_subject(subject, &name, value, rules, warnings);
            } else if permission::names_tools(&name) {
                let ruling = word(value).as_deref().and_then(permission::ruling);
                rules.extend(ruling.and_then(|ruling| {
                    permission::rule(RuleSubject::Tool, &name, ruling, self.home)
                }));
            }
        }
    }

    fn read_subject(
        self,
        subject: RuleSubject,
        name: &str,
        value: &RawValue,
        rules: &mut Vec<Rule>,
        warnings: &mut Vec<ConfigWarning>,
    ) {
        let patterns = match serde_json::from_str(value.get()) {
            Ok(Entries(patterns)) => patterns,
            Err(_no_table) => vec![("*".to_owned(), value)],
        };
        for (pattern, value) in patterns {
            let ruling = word(value).as_deref().and_then(permission::ruling);
            match ruling.and_then(|ruling| permission::rule(subject, &pattern, ruling, self.home)) {
                Some(rule) => rules.push(rule),
                None => {
                    let what = format!(
                        "what `{}` says about `{}` is not understood",
                        shown(name),
                        shown(&pattern)
                    );
                    warnings.push(self.warning(value, &what));
                }
            }
        }
    }

    fn warning(self, value: &RawValue, what: &str) -> ConfigWarning {
        // A raw value is a part of the text it was read from.
        let offset = (value.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        ConfigWarning {
            whence: Whence::at(self.path, self.text, offset),
            message: ignored(what),
            next: None,
        }
    }
}

fn word(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

fn ignored(what: &str) -> String {
    format!("opencode's permissions are not taken over: {what}")
}

fn start(path: &Path) -> Whence {
    Whence::at(path, "", 0)
}

/// The entries of an object, in order and unread.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
