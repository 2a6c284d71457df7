//! Planned actions: what a call would do, as far as it can be known before it is done, and what a
//! person is shown of what was done.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::{Confinement, JobId, path_bytes};

/// The action of a call, understood before it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedAction {
    /// A word for people, before the title: `read`, `patch` or `$`.
    pub verb: Cow<'static, str>,
    /// Short, for the head of a cell: `src/main.rs`, or the first line of a command.
    pub title: String,
    /// Why, in the model's own words, where it gave any.
    pub reason: Option<String>,
    /// The kind of action, by which policy and fronts tell one from another.
    pub kind: ActionKind,
}

impl PlannedAction {
    /// An action with neither a verb nor a reason.
    pub fn new(title: impl Into<String>, kind: ActionKind) -> Self {
        Self { verb: Cow::Borrowed(""), title: title.into(), reason: None, kind }
    }

    /// The same without diffs, for the log: what became of files is kept with the result.
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

/// The kind of a planned action, which policy rules on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionKind {
    /// A person is asked, and their answer is the output.
    Ask(Question),
    /// Files are written, moved or removed.
    Change {
        /// All files that are written, moved or removed.
        targets: Vec<Target>,
        /// The diffs, one for each file; empty in a log and where they are not known.
        diffs: Vec<FileDiff>,
    },
    /// A line for the shell, run in `folder`.
    Command {
        /// The whole command line, as the shell would get it.
        line: String,
        /// The working directory.
        folder: Target,
        /// Whether the model asks to run it outside of the sandbox.
        wanted: RequestedConfinement,
    },
    /// A tool of a tool source is called: of an MCP server, or of a client.
    External {
        /// The tool source, such as the name of an MCP server.
        server: String,
        /// The tool's name at that source; the model knows it by another.
        tool: String,
        /// Whether the tool only reads, by the source's own word.
        read_only: bool,
    },
    /// An http(s) address is fetched.
    Fetch {
        /// The whole address, as it would be requested.
        url: String,
        /// Whether it leads to this machine or a private network.
        host: HostLocation,
    },
    /// Something is typed into a job, or its output is waited for.
    JobInput {
        /// The job.
        job: JobId,
        /// The whole command that the job runs.
        command: String,
        /// The text that is typed; empty where the call only waits.
        text: String,
        /// The confinement of the job.
        confinement: Confinement,
    },
    /// Files or folders are read.
    Look {
        /// How they are looked at.
        look: Look,
        /// Where the reading begins: the file itself, or the folder that is listed or searched.
        targets: Vec<Target>,
    },
    /// The plan is replaced, which changes nothing but the screen.
    Plan(Vec<Todo>),
}

/// How something is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Look {
    /// The names in a folder.
    List,
    /// The content of a file.
    Read,
    /// Names or lines below a folder.
    Search,
}

/// Whether the model asks to run a command without anything that keeps it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestedConfinement {
    /// The approval mode decides what keeps it in.
    AsUsual,
    /// It asked to run without the sandbox.
    Unconfined,
}

/// A file or folder that a call is about, with every link followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Absolute, with every link followed, also where nothing is there yet.
    #[serde(with = "path_bytes::one")]
    pub path: PathBuf,
    /// For people and the model: relative to the folder with `/` between names, absolute outside.
    pub shown: String,
    /// Whether `path` lies in the folder of the session.
    pub location: Location,
}

/// Where a path lies, seen from the folder of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Location {
    /// The folder itself, or something below it.
    Inside,
    /// Anywhere else, which a person or a rule has to allow.
    Outside,
}

/// Where an address leads, as far as its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostLocation {
    /// This machine or a private network.
    Private,
    /// Any other host, as far as its name tells.
    Public,
}

/// The change of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDiff {
    /// As it is now (as it was, when it was deleted), for people.
    pub path: String,
    /// Whether the file was added, deleted, moved or changed where it is.
    pub kind: DiffKind,
    /// Lines that are new, of the whole change.
    pub added: u32,
    /// Lines that are no longer there, of the whole change.
    pub removed: u32,
    /// Unified hunks with three lines of context: `@@ -1,4 +1,5 @@`, then lines that begin with a
    /// space, `-`, `+` or `\`. Empty where the file is not text.
    pub hunks: Arc<str>,
    /// Whether `hunks` holds the whole change.
    pub completeness: Completeness,
}

/// The kind of change of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiffKind {
    /// There was no file at the path before.
    Added,
    /// The file is gone.
    Deleted,
    /// It was moved, changed or not.
    Moved {
        /// The old path, for people.
        from: String,
    },
    /// Its content changed, and its path did not.
    Updated,
}

/// Whether a list, or the hunks of a diff, are all there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Completeness {
    /// There were too many to keep.
    Truncated,
    /// Nothing is left out.
    Complete,
}

/// A question of the model for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The model's own id for it, under which it expects the answer (`{"answers":{"ID":…}}`).
    pub id: Option<String>,
    /// Who asks, where it is not the model: an MCP server's name.
    pub asker: Option<String>,
    /// The question as the person reads it.
    pub text: String,
    /// Options for the person; an answer in their own words is always possible, and the
    /// only one where this is empty.
    pub options: Vec<QuestionOption>,
    /// Whether one option or several may be chosen.
    pub selection: Selection,
    /// Asked by the same call, one after the other, once this one is answered.
    pub next: Vec<Question>,
}

/// How many options of a question may be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selection {
    /// As many as the person likes.
    Any,
    /// No more than one.
    #[default]
    One,
}

/// An answer that the model offers to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionOption {
    /// The answer in a few words, on one line; it is what the model gets back.
    pub label: String,
    /// One line, or empty.
    pub description: String,
}

/// A step of the model's plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Todo {
    /// The task in a few words.
    pub text: String,
    /// How far the step has come.
    pub state: TodoState,
}

/// How far a step of the plan has come, as the model says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TodoState {
    /// It is no longer wanted.
    Dropped,
    /// The model works on it.
    Doing,
    /// It was carried out.
    Done,
    /// It has not been begun.
    Open,
}

#[cfg(any(test, debug_assertions))]
impl PlannedAction {
    /// For tests of fronts: what a call would do, by the names that tools have, without a title.
    pub fn of(call: &crate::protocol::ToolCall) -> Self {
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
            "question" => ("question", ActionKind::Ask(Question::default())),
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
