//! The `permission` of opencode's own settings, as rules of ours. Errors in them are warnings: they
//! are not ours to refuse.

use std::path::{Path, PathBuf};

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, parse_to_ast};

use crate::base::Advice;
use crate::base::text::JSONC;
use crate::protocol::{Rule, RuleSubject, Ruling};

use super::parse::shown;
use super::setting::layer::Trust;
use super::{ConfigWarning, Whence, load, permission};

/// Why a file of opencode's is not read.
pub(super) const BROKEN: &str = "it is not valid JSON";
/// Why the rules of a file of opencode's are not read.
pub(super) const NO_TABLE: &str = "`permission` is not a table";

/// The rules of these files, in order, each with its file. Missing files say nothing.
///
/// Reads the rules. With [`Trust::Strict`] they allow nothing new: an `allow` counts only as an
/// exception from a `deny` before it, and asks.
pub fn rules(
    files: &[PathBuf],
    trust: Trust,
    home: Option<&Path>,
    warnings: &mut Vec<ConfigWarning>,
) -> Vec<(Rule, PathBuf)> {
    let mut sourced = Vec::new();
    for path in files {
        match load::read(path) {
            Ok(None) => {}
            Ok(Some(text)) => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
                let mut rules = Vec::new();
                File { path, text, home }.read(&mut rules, warnings);
                sourced.extend(rules.into_iter().map(|rule| (rule, path.clone())));
            }
            Err(error) => warnings.push(ConfigWarning {
                whence: start(path),
                message: ignored(&error.to_string()),
                next: error.next_step(),
            }),
        }
    }
    if trust == Trust::Strict { strict(sourced) } else { sourced }
}

fn strict(rules: Vec<(Rule, PathBuf)>) -> Vec<(Rule, PathBuf)> {
    let mut kept: Vec<(Rule, PathBuf)> = Vec::with_capacity(rules.len());
    for (rule, path) in rules {
        let meets = |before: &Rule| {
            [before.subject, rule.subject].contains(&RuleSubject::Any)
                || before.subject == rule.subject
        };
        match rule.ruling {
            Ruling::Ask | Ruling::Deny => kept.push((rule, path)),
            Ruling::Allow
                if kept
                    .iter()
                    .any(|(before, _)| before.ruling == Ruling::Deny && meets(before)) =>
            {
                kept.push((Rule { ruling: Ruling::Ask, ..rule }, path));
            }
            Ruling::Allow => {}
        }
    }
    kept
}

/// One of the files.
#[derive(Clone, Copy)]
struct File<'a> {
    path: &'a Path,
    text: &'a str,
    home: Option<&'a Path>,
}

impl File<'_> {
    fn read(self, rules: &mut Vec<Rule>, warnings: &mut Vec<ConfigWarning>) {
        let read = match parse_to_ast(self.text, &CollectOptions::default(), &JSONC) {
            Ok(read) => read.value,
            Err(error) => return warnings.push(self.warning(error.range().start, BROKEN)),
        };
        let Some(Value::Object(settings)) = read else {
            return warnings.push(self.warning(0, BROKEN));
        };
        let mut settings = settings.properties.into_iter();
        let Some(permission) = settings.rfind(|entry| entry.name.as_str() == "permission") else {
            return;
        };
        if let Some(ruling) = ruling(&permission.value) {
            return rules.push(Rule::new(RuleSubject::Any, "*", ruling));
        }
        let Value::Object(subjects) = &permission.value else {
            let what = NO_TABLE;
            return warnings.push(self.warning(permission.value.start(), what));
        };
        for entry in &subjects.properties {
            let (name, value) = (entry.name.as_str(), &entry.value);
            // Built-in tools of opencode's that are not here need no rules.
            if let Some(subject) = permission::subject(name) {
                self.read_subject(subject, name, value, rules, warnings);
            } else if permission::names_tools(name) {
                rules.extend(ruling(value).and_then(|ruling| {
                    permission::rule(RuleSubject::Tool, name, ruling, self.home)
                }));
            }
        }
    }

    fn read_subject(
        self,
        subject: RuleSubject,
        name: &str,
        value: &Value<'_>,
        rules: &mut Vec<Rule>,
        warnings: &mut Vec<ConfigWarning>,
    ) {
        let patterns = match value {
            Value::Object(patterns) => {
                let entries = patterns.properties.iter();
                entries.map(|entry| (entry.name.as_str(), &entry.value)).collect()
            }
            value => vec![("*", value)],
        };
        for (pattern, value) in patterns {
            let rule = ruling(value)
                .and_then(|ruling| permission::rule(subject, pattern, ruling, self.home));
            match rule {
                Some(rule) => rules.push(rule),
                None => {
                    let what = format!(
                        "what `{}` says about `{}` is not understood",
                        shown(name),
                        shown(pattern)
                    );
                    warnings.push(self.warning(value.start(), &what));
                }
            }
        }
    }

    /// `offset` is a byte of the text.
    fn warning(self, offset: usize, what: &str) -> ConfigWarning {
        ConfigWarning {
            whence: Whence::at(self.path, self.text, offset),
            message: ignored(what),
            next: None,
        }
    }
}

fn ruling(value: &Value<'_>) -> Option<Ruling> {
    permission::ruling(&value.as_string_lit()?.value)
}

fn ignored(what: &str) -> String {
    format!("opencode's permissions are not taken over: {what}")
}

fn start(path: &Path) -> Whence {
    Whence::at(path, "", 0)
}
