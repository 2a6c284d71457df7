//! Tool results: what came of a call, as data, for people and programs. What the model reads is
//! made from it where the call ends, and is never read back.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::{Denial, FileDiff, JobId, Todo, UserReply, path_bytes};

/// The result of a call as data: fronts show it by its kind, never by the tool's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToolResult {
    /// A command that was run.
    Command(Box<CommandResult>),
    /// It was refused without a question.
    Denied(Box<Denial>),
    /// Changes that were made to files.
    Edits(Vec<FileDiff>),
    /// The matches of a search.
    Found {
        /// How many there are, also where the model was told of only some.
        count: u64,
        /// The things that were counted.
        what: Found,
    },
    /// A file, or a part of it.
    Lines {
        /// How many lines the model got.
        count: u64,
    },
    /// A page of the web.
    Page(PageResult),
    /// The model's plan, whole.
    Plan(Vec<Todo>),
    /// A person answered, refused or stopped the call, or nobody could be asked.
    Reply {
        /// The reply of the person.
        reply: Box<UserReply>,
        /// The changes they were shown; empty where the call would have changed nothing.
        proposed: Vec<FileDiff>,
    },
    /// There is nothing to show but the text.
    #[default]
    Text,
}

/// How a command ended, and where its output is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandResult {
    /// How it ended.
    pub exit: CommandExit,
    /// How long it ran.
    pub duration: Duration,
    /// Notes for people and the model, one sentence each without a full stop.
    pub notes: Vec<String>,
    /// The byte of [`crate::protocol::CallOutput::text`] at which its own output begins.
    pub output_at: usize,
    /// Whether it wrote nothing.
    pub is_silent: bool,
    /// Where its output is kept; `None` unless the text holds only the beginning and the end.
    pub rest: Option<OutputRest>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommandExit {
    /// It ended by itself with this exit code.
    Code(i32),
    /// It goes on running as a job of this number.
    Running(JobId),
    /// It was not started, or nobody knows what became of it; the text says why.
    Failed,
    /// It was ended by the signal of this number; codling sends one only as an interrupt.
    Signal(i32),
    /// Codling ended it: the turn was stopped, or the program ended.
    Stopped,
    /// It was ended because it took longer than this.
    TimedOut(Duration),
}

/// The output of a command that is too long for the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutputRest {
    /// It is in this file, which the model may read: all of it, or its beginning, which the text
    /// says.
    File(#[serde(with = "path_bytes::one")] PathBuf),
    /// The middle is lost: no file could be written, or an older log did not name it.
    NotKept,
}

/// The things that a search counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Found {
    /// Paths that fit a glob.
    Files,
    /// Places in files that fit a pattern.
    Matches,
}

/// A page that was fetched, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageResult {
    /// The address after all redirects.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// The length of the body, as it was received.
    pub bytes: u64,
}

impl ToolResult {
    /// `command`, `edits`, `found`, `lines`, `page`, `plan`, `reply`, `text`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Command(_) => "command",
            Self::Denied(_) => "denied",
            Self::Edits(_) => "edits",
            Self::Found { .. } => "found",
            Self::Lines { .. } => "lines",
            Self::Page(_) => "page",
            Self::Plan(_) => "plan",
            Self::Reply { .. } => "reply",
            Self::Text => "text",
        }
    }

    /// The reply of the person, if it ended the call.
    pub fn reply(&self) -> Option<&UserReply> {
        if let Self::Reply { reply, .. } = self { Some(reply) } else { None }
    }

    /// The job that a command became, where it goes on running.
    pub fn job(&self) -> Option<JobId> {
        match self {
            Self::Command(command) => match command.exit {
                CommandExit::Running(job) => Some(job),
                _ => None,
            },
            _ => None,
        }
    }

    /// The diffs of changes that were made or proposed.
    pub fn diffs(&self) -> &[FileDiff] {
        match self {
            Self::Edits(diffs) | Self::Reply { proposed: diffs, .. } => diffs,
            _ => &[],
        }
    }
}

#[cfg(any(test, debug_assertions))]
impl crate::protocol::CallOutput {
    /// A command that ended by itself after so many milliseconds and wrote this.
    pub fn command(title: &str, code: i32, ms: u64, output: &str) -> Self {
        let head = format!("Exit code {code}\n\n");
        let result = CommandResult {
            exit: CommandExit::Code(code),
            duration: Duration::from_millis(ms),
            notes: Vec::new(),
            output_at: head.len(),
            is_silent: output.is_empty(),
            rest: None,
        };
        let text = format!("{head}{}", if output.is_empty() { "(no output)" } else { output });
        Self { ok: code == 0, ..Self::text(title, text) }
            .with(ToolResult::Command(Box::new(result)))
    }
}
