//! Planned actions: what a call would do, as far as it can be known before it is done, and what a
//! person is shown of what was done.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

/// A call that was understood, before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedAction {
    /// A word for people, before the title: `read`, `patch` or `$`.
    pub verb: Cow<'static, str>,
    /// Short, for the head of a cell: `src/main.rs`, or the first line of a command.
    pub title: String,
    /// Why, in the model's own words, where it gave any.
    pub reason: Option<String>,
    pub kind: ActionKind,
}

impl PlannedAction {
    pub fn new(title: impl Into<String>, kind: ActionKind) -> Self {
        Self { verb: Cow::Borrowed(""), title: title.into(), reason: None, kind }
    }

    /// The same for keeping: what would become of files stands in the result once it has.
    pub fn without_diffs(self: &Arc<Self>) -> Arc<Self> {
        match &self.kind {
            ActionKind::Change { targets, diffs } if !diffs.is_empty() => Arc::new(Self {
                verb: self.verb.clone(),
                title: self.title.clone(),
                reason: self.reason.clone(),
                kind: ActionKind::Change { targets: targets.clone(), diffs: Vec::new() },
            }),
            _ => Arc::clone(self),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// The answer of a person is the output.
    Ask(Question),
    /// `targets` are all files that are written, moved or removed.
    Change {
        targets: Vec<Target>,
        diffs: Vec<FileDiff>,
    },
    /// A line for the shell, run in `folder`.
    Command {
        line: String,
        folder: Target,
        wanted: RequestedConfinement,
    },
    /// A tool of a tool source, by its names there: an MCP server's, or a client's.
    External {
        server: String,
        tool: String,
        /// By the source's own word.
        read_only: bool,
    },
    /// An http(s) address.
    Fetch {
        url: String,
        host: HostLocation,
    },
    Look {
        look: Look,
        targets: Vec<Target>,
    },
    /// Changes nothing but what is on the screen.
    Plan(Vec<Todo>),
}

/// How something is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The names in a folder.
    List,
    /// What a file holds.
    Read,
    /// Names or lines below a folder.
    Search,
}

/// Whether a command asked to run without anything that keeps it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedConfinement {
    AsUsual,
    Unconfined,
}

/// A file or folder that a call is about, with every link followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub path: PathBuf,
    /// For people and the model: relative to the folder with `/` between names, absolute outside.
    pub shown: String,
    pub location: Location,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    Inside,
    Outside,
}

/// Where an address leads, as far as its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostLocation {
    /// This machine or a private network.
    Private,
    Public,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// As it is now (as it was, when it was deleted), for people.
    pub path: String,
    pub kind: DiffKind,
    /// Lines, of the whole change.
    pub added: u32,
    pub removed: u32,
    /// Unified hunks with three lines around: `@@ -1,4 +1,5 @@`, then lines that begin with ` `, `-`, `+` or `\`. Empty for what is no text.
    pub hunks: Arc<str>,
    pub completeness: Completeness,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffKind {
    Added,
    Deleted,
    /// From there, changed or not.
    Moved {
        from: String,
    },
    Updated,
}

/// Whether hunks are all there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// Too many to keep.
    Truncated,
    Complete,
}

/// What the model wants to know of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub text: String,
    /// Empty: an answer in one's own words, which is always possible.
    pub options: Vec<QuestionOption>,
    pub selection: Selection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    Any,
    One,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionOption {
    pub label: String,
    /// One line, or empty.
    pub description: String,
}

/// A step of the model's plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    pub text: String,
    pub state: TodoState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TodoState {
    Dropped,
    Doing,
    Done,
    Open,
}

#[cfg(test)]
impl PlannedAction {
    /// For tests of fronts: what a call would do, by the names that tools have, without a title.
    pub fn of(call: &super::ToolCall) -> Self {
        let arguments: serde_json::Value =
            serde_json::from_str(&call.arguments).unwrap_or_default();
        let path = arguments["filePath"].as_str().unwrap_or("a").to_owned();
        let target = Target { path: path.clone().into(), shown: path, location: Location::Inside };
        let (verb, kind) = match call.name.as_str() {
            "shell" => {
                let line = arguments["command"].as_str().unwrap_or_default().to_owned();
                let wanted = RequestedConfinement::AsUsual;
                ("$", ActionKind::Command { line, folder: target, wanted })
            }
            "todo" => ("plan", ActionKind::Plan(Vec::new())),
            "question" => {
                let (text, options) = (String::new(), Vec::new());
                let question = Question { text, options, selection: Selection::One };
                ("question", ActionKind::Ask(question))
            }
            "webfetch" => {
                ("fetch", ActionKind::Fetch { url: String::new(), host: HostLocation::Public })
            }
            name @ ("glob" | "grep" | "list" | "read" | "view_image") => {
                let verb = if name == "view_image" { "look at" } else { name };
                let verb = verb.to_owned();
                let kind = ActionKind::Look { look: Look::Read, targets: vec![target] };
                return Self { verb: verb.into(), ..Self::new("", kind) };
            }
            name => {
                let verb = if name == "apply_patch" { "patch" } else { name }.to_owned();
                let kind = ActionKind::Change { targets: vec![target], diffs: Vec::new() };
                return Self { verb: verb.into(), ..Self::new("", kind) };
            }
        };
        Self { verb: verb.into(), ..Self::new("", kind) }
    }
}
