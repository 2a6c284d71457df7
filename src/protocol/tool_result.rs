//! Tool results: what came of a call, as data, for people and programs. What the model reads is
//! made from it where the call ends, and is never read back.

use std::path::PathBuf;
use std::time::Duration;

use super::{FileDiff, Todo, UserReply};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ToolResult {
    /// A command that was run.
    Command(Box<CommandResult>),
    /// What changed in files, as it was done.
    Edits(Vec<FileDiff>),
    /// What was looked for.
    Found { count: u64, what: Found },
    /// A file, or a part of it.
    Lines { count: u64 },
    /// A page of the web.
    Page(PageResult),
    /// The model's plan, whole.
    Plan(Vec<Todo>),
    /// What a person said or did to the call; `proposed` is what it would have changed.
    Reply { reply: Box<UserReply>, proposed: Vec<FileDiff> },
    /// There is nothing to know but the text.
    #[default]
    Text,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandResult {
    pub exit: CommandExit,
    pub duration: Duration,
    /// What there is to tell of it besides, one sentence each without a full stop.
    pub notes: Vec<String>,
    /// Where in the text its own output begins, in bytes.
    pub output_at: usize,
    /// Whether it wrote anything.
    pub is_silent: bool,
    /// Where all of its output is, when the text holds the beginning and the end alone.
    pub rest: Option<OutputRest>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandExit {
    Code(i32),
    /// It was not started, or what kept it failed; the text says why.
    Failed,
    Signal(i32),
    /// It was ended with the program, or at its wish.
    Stopped,
    /// It took longer than it was given.
    TimedOut(Duration),
}

/// The output of a command that is too long for the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputRest {
    File(PathBuf),
    NotKept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Files,
    Matches,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageResult {
    /// Where it was in the end.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// Of the body, as it was received.
    pub bytes: u64,
}

impl ToolResult {
    /// `command`, `edits`, `found`, `lines`, `page`, `plan`, `reply`, `text`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Command(_) => "command",
            Self::Edits(_) => "edits",
            Self::Found { .. } => "found",
            Self::Lines { .. } => "lines",
            Self::Page(_) => "page",
            Self::Plan(_) => "plan",
            Self::Reply { .. } => "reply",
            Self::Text => "text",
        }
    }

    pub fn reply(&self) -> Option<&UserReply> {
        if let Self::Reply { reply, .. } = self { Some(reply) } else { None }
    }

    /// What was changed, or would have been.
    pub fn diffs(&self) -> &[FileDiff] {
        match self {
            Self::Edits(diffs) | Self::Reply { proposed: diffs, .. } => diffs,
            _ => &[],
        }
    }
}

#[cfg(test)]
impl super::CallOutput {
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
