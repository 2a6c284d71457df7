//! The result of a call as the fields of its line.

use serde::Serialize;

use super::parts::{DiffPart, is_false};
use crate::protocol::{
    CallId, CallOutput, CommandExit, CommandResult, OutputRest, PageResult, ToolResult, UserReply,
};

#[derive(Serialize)]
pub struct OutputPart<'a> {
    call: &'a str,
    ok: bool,
    title: &'a str,
    text: &'a str,
    images: usize,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    diffs: Vec<DiffPart<'a>>,
    /// `command`, `denied`, `edits`, `found`, `lines`, `page`, `plan`, `reply` or `text`.
    kind: &'static str,
    /// Command: its end as `exit_code` or `signal`, or neither with `timed_out` or `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<i32>,
    #[serde(skip_serializing_if = "is_false")]
    timed_out: bool,
    #[serde(skip_serializing_if = "is_false")]
    failed: bool,
    /// The number of the job as which the command goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    /// The text holds only the beginning and the end; `file` names the whole, if it could be kept.
    #[serde(skip_serializing_if = "is_false")]
    truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The number of files, matches or lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// A page's final address, its HTTP status and its size.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// Changed files.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    paths: Vec<&'a str>,
    /// `answered`, `declined`, `not_asked`, `not_run`, `refused` or `stopped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<&'static str>,
}

impl<'a> OutputPart<'a> {
    pub fn of(call: &'a CallId, output: &'a CallOutput) -> Self {
        let CallOutput { title, text, images, result, ok } = output;
        let part = Self {
            call: call.as_str(),
            ok: *ok,
            title,
            text,
            images: images.len(),
            diffs: DiffPart::all(result.diffs()),
            kind: result.kind(),
            exit_code: None,
            signal: None,
            timed_out: false,
            failed: false,
            job: None,
            duration_ms: None,
            truncated: false,
            file: None,
            count: None,
            url: None,
            status: None,
            bytes: None,
            paths: Vec::new(),
            reply: None,
        };
        match result {
            ToolResult::Command(result) => part.command(result),
            ToolResult::Edits(diffs) if *ok => {
                Self { paths: diffs.iter().map(|diff| diff.path.as_str()).collect(), ..part }
            }
            ToolResult::Found { count, .. } | ToolResult::Lines { count } => {
                Self { count: Some(*count), ..part }
            }
            ToolResult::Page(PageResult { url, status, bytes }) => {
                Self { url: Some(url), status: Some(*status), bytes: Some(*bytes), ..part }
            }
            ToolResult::Reply { reply, .. } => Self { reply: Some(reply_word(reply)), ..part },
            ToolResult::Denied(_)
            | ToolResult::Edits(_)
            | ToolResult::Plan(_)
            | ToolResult::Text => part,
        }
    }

    fn command(self, CommandResult { exit, duration, rest, .. }: &CommandResult) -> Self {
        let (mut exit_code, mut signal) = (None, None);
        match exit {
            CommandExit::Code(code) => exit_code = Some(*code),
            CommandExit::Signal(number) => signal = Some(*number),
            CommandExit::Failed
            | CommandExit::Running(_)
            | CommandExit::Stopped
            | CommandExit::TimedOut(_) => {}
        }
        Self {
            exit_code,
            signal,
            timed_out: matches!(exit, CommandExit::TimedOut(_)),
            failed: *exit == CommandExit::Failed,
            job: if let CommandExit::Running(job) = exit { Some(job.0) } else { None },
            duration_ms: Some(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
            truncated: rest.is_some(),
            file: if let Some(OutputRest::File(file)) = rest {
                Some(file.display().to_string())
            } else {
                None
            },
            ..self
        }
    }
}

fn reply_word(reply: &UserReply) -> &'static str {
    match reply {
        UserReply::Answered(_) => "answered",
        UserReply::Declined(_) => "declined",
        UserReply::NotAsked(_) => "not_asked",
        UserReply::NotRun => "not_run",
        UserReply::Refused(_) => "refused",
        UserReply::Stopped(_) => "stopped",
    }
}
