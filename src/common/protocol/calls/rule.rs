//! Permission rules: what a person said beforehand about calls, and where a rule stands.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::protocol::path_bytes;

/// A person's ruling on future calls of one sort. Where several rules match, the last one
/// counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Which sort of call it is about.
    pub subject: RuleSubject,
    /// A glob: `*` is any text, `?` one letter; of a command line, a path relative to the folder
    /// (or absolute), an address, or the name of a tool.
    pub pattern: String,
    /// The ruling on a call that matches.
    pub ruling: Ruling,
}

/// The sort of calls that a rule covers. opencode's names are in brackets where they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleSubject {
    /// Every subject (`*`).
    Any,
    /// A change of a file, by whichever tool: `edit`.
    Edit,
    /// Text that is typed into a job, by the job's command: `input`.
    Input,
    /// A file or folder outside of the folder: `external_directory`.
    Outside,
    /// Reading a file: `read`.
    Read,
    /// The same call again and again: `doom_loop`.
    Repeat,
    /// A command: `shell` (`bash`).
    Shell,
    /// A tool of a tool source, by its name.
    Tool,
    /// An address: `webfetch`.
    WebFetch,
}

/// The effect of a rule on a call that matches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ruling {
    /// It runs without asking.
    Allow,
    /// A person is asked first.
    Ask,
    /// It does not run, and the model is told so.
    Deny,
}

/// A permission rule that holds in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownRule {
    /// The rule itself.
    pub rule: Rule,
    /// Where it stands, and so where it can be taken back.
    pub source: RuleSource,
}

/// Where a permission rule stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleSource {
    /// A person said "always" in this session; it is forgotten when the session is closed.
    Conversation,
    /// A person kept it for this folder: it holds in every later session here.
    Folder,
    /// In this file, which a person wrote by hand.
    Settings(#[serde(with = "path_bytes::one")] PathBuf),
}

impl Rule {
    /// A rule for calls of one sort that fit the pattern.
    pub fn new(subject: RuleSubject, pattern: impl Into<String>, ruling: Ruling) -> Self {
        Self { subject, pattern: pattern.into(), ruling }
    }
}

impl RuleSubject {
    /// As it is written in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "*",
            Self::Edit => "edit",
            Self::Input => "input",
            Self::Outside => "external_directory",
            Self::Read => "read",
            Self::Repeat => "doom_loop",
            Self::Shell => "shell",
            Self::Tool => "tool",
            Self::WebFetch => "webfetch",
        }
    }
}
