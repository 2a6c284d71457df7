//! Tool results as parts of a line, and reading them back. A part that is not understood is left
//! out, and the text is shown instead.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::{
    CommandExit, CommandResult, Completeness, Denial, DenialCause, DiffKind, FileDiff, Found,
    JobId, OutputRest, PageResult, Todo, TodoState, ToolResult, UserReply,
};

/// The result of a call, except diffs and plans, which have their own fields. Fields that the kind
/// does not use are absent.
#[derive(Default, Deserialize, Serialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(super) struct ResultLine<T> {
    /// `command`, `denied`, `found`, `lines`, `page` or `reply`.
    kind: T,
    /// The outcome. Command: `code`, `failed`, `signal`, `stopped` or `timed_out`; found: `files`
    /// or `matches`; reply: `answered`, `declined`, `not_asked`, `not_run`, `refused` or `stopped`;
    /// denied: `plan`, `read_only` or `rule`.
    what: T,
    /// Command: exit code, signal or limit in milliseconds; page: HTTP status; otherwise a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<i64>,
    /// The command's duration in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    /// Command: remarks; denied: the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_at: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    silent: Option<bool>,
    /// Whether the text holds only the beginning and the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncated: Option<bool>,
    /// The file with the whole output.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The person's own words, the last words of a stopped call, or the forbidden part of a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
}

#[derive(Default, Deserialize, Serialize)]
pub(super) struct DiffLine<T> {
    path: T,
    /// `added`, `deleted`, `moved` or `updated`.
    what: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<T>,
    added: u32,
    removed: u32,
    hunks: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<bool>,
}

#[derive(Deserialize, Serialize)]
pub(super) struct TodoLine<T> {
    text: T,
    /// `doing`, `done`, `dropped` or `open`.
    state: T,
}

pub(super) struct Parts<T> {
    pub diffs: Option<Vec<DiffLine<T>>>,
    pub todos: Option<Vec<TodoLine<T>>>,
    pub result: Option<ResultLine<T>>,
}

pub(super) fn write(result: &ToolResult) -> Parts<&str> {
    let nothing = Parts { diffs: None, todos: None, result: None };
    let line = ResultLine { kind: result.kind(), ..ResultLine::default() };
    let line = match result {
        ToolResult::Edits(diffs) => {
            return Parts { diffs: Some(diffs.iter().map(diff).collect()), ..nothing };
        }
        ToolResult::Plan(todos) => {
            return Parts { todos: Some(write_todos(todos)), ..nothing };
        }
        ToolResult::Text => return nothing,
        ToolResult::Command(result) => command(result, line),
        ToolResult::Denied(denial) => {
            let (what, rule) = match &denial.cause {
                DenialCause::Plan => ("plan", None),
                DenialCause::ReadOnly => ("read_only", None),
                DenialCause::Rule(rule) => ("rule", Some(vec![rule.clone()])),
            };
            ResultLine { what, words: denial.detail.as_deref(), notes: rule, ..line }
        }
        ToolResult::Found { count, what } => {
            let what = match what {
                Found::Files => "files",
                Found::Matches => "matches",
            };
            ResultLine { what, number: number(*count), ..line }
        }
        ToolResult::Lines { count } => ResultLine { number: number(*count), ..line },
        ToolResult::Page(PageResult { url, status, bytes }) => ResultLine {
            number: Some(i64::from(*status)),
            url: Some(url.as_str()),
            bytes: Some(*bytes),
            ..line
        },
        ToolResult::Reply { reply: said, proposed } => {
            let (what, words) = reply(said);
            let diffs = (!proposed.is_empty()).then(|| proposed.iter().map(diff).collect());
            return Parts { diffs, result: Some(ResultLine { what, words, ..line }), ..nothing };
        }
    };
    Parts { result: Some(line), ..nothing }
}

pub(super) fn read(Parts { diffs, todos, result }: Parts<String>) -> ToolResult {
    let diffs =
        diffs.and_then(|diffs| diffs.into_iter().map(read_diff).collect::<Option<Vec<_>>>());
    let todos = todos.and_then(read_todos);
    match (result, diffs, todos) {
        (Some(line), diffs, _) => read_line(line, diffs.unwrap_or_default()).unwrap_or_default(),
        (None, Some(diffs), _) => ToolResult::Edits(diffs),
        (None, None, Some(todos)) => ToolResult::Plan(todos),
        (None, None, None) => ToolResult::Text,
    }
}

fn command<'a>(result: &'a CommandResult, line: ResultLine<&'a str>) -> ResultLine<&'a str> {
    let CommandResult { exit, duration, notes, output_at, is_silent, rest } = result;
    let (what, number) = match exit {
        CommandExit::Code(code) => ("code", Some(i64::from(*code))),
        CommandExit::Failed => ("failed", None),
        CommandExit::Running(job) => ("running", Some(i64::try_from(job.0).unwrap_or(i64::MAX))),
        CommandExit::Signal(signal) => ("signal", Some(i64::from(*signal))),
        CommandExit::Stopped => ("stopped", None),
        CommandExit::TimedOut(limit) => {
            ("timed_out", Some(i64::try_from(limit.as_millis()).unwrap_or(i64::MAX)))
        }
    };
    ResultLine {
        what,
        number,
        ms: Some(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
        notes: (!notes.is_empty()).then(|| notes.clone()),
        output_at: Some(*output_at),
        silent: is_silent.then_some(true),
        truncated: rest.is_some().then_some(true),
        file: if let Some(OutputRest::File(file)) = rest {
            Some(file.to_string_lossy().into_owned())
        } else {
            None
        },
        ..line
    }
}

fn reply(reply: &UserReply) -> (&'static str, Option<&str>) {
    match reply {
        UserReply::Answered(words) => ("answered", Some(words)),
        UserReply::Declined(words) => ("declined", words.as_deref()),
        UserReply::NotAsked(why) => ("not_asked", why.as_deref()),
        UserReply::NotRun => ("not_run", None),
        UserReply::Refused(words) => ("refused", words.as_deref()),
        UserReply::Stopped(words) => ("stopped", words.as_deref()),
    }
}

fn read_line(line: ResultLine<String>, proposed: Vec<FileDiff>) -> Option<ToolResult> {
    let count = || line.number.and_then(|number| u64::try_from(number).ok());
    Some(match line.kind.as_str() {
        "command" => {
            let small = || line.number.and_then(|number| i32::try_from(number).ok());
            let exit = match line.what.as_str() {
                "code" => CommandExit::Code(small()?),
                "failed" => CommandExit::Failed,
                "running" => CommandExit::Running(JobId(count()?)),
                "signal" => CommandExit::Signal(small()?),
                "stopped" => CommandExit::Stopped,
                "timed_out" => CommandExit::TimedOut(Duration::from_millis(count()?)),
                _ => return None,
            };
            let rest = match line.file {
                Some(file) => Some(OutputRest::File(PathBuf::from(file))),
                None => line.truncated.unwrap_or_default().then_some(OutputRest::NotKept),
            };
            ToolResult::Command(Box::new(CommandResult {
                exit,
                duration: Duration::from_millis(line.ms?),
                notes: line.notes.unwrap_or_default(),
                output_at: line.output_at?,
                is_silent: line.silent.unwrap_or_default(),
                rest,
            }))
        }
        "denied" => {
            let cause = match line.what.as_str() {
                "plan" => DenialCause::Plan,
                "read_only" => DenialCause::ReadOnly,
                "rule" => DenialCause::Rule(line.notes?.pop()?),
                _ => return None,
            };
            ToolResult::Denied(Box::new(Denial { cause, detail: line.words }))
        }
        "found" => {
            let what = match line.what.as_str() {
                "files" => Found::Files,
                "matches" => Found::Matches,
                _ => return None,
            };
            ToolResult::Found { count: count()?, what }
        }
        "lines" => ToolResult::Lines { count: count()? },
        "page" => ToolResult::Page(PageResult {
            url: line.url?,
            status: u16::try_from(line.number?).ok()?,
            bytes: line.bytes?,
        }),
        "reply" => {
            let reply = match line.what.as_str() {
                "answered" => UserReply::Answered(line.words?),
                "declined" => UserReply::Declined(line.words),
                "not_asked" => UserReply::NotAsked(line.words),
                "not_run" => UserReply::NotRun,
                "refused" => UserReply::Refused(line.words),
                "stopped" => UserReply::Stopped(line.words),
                _ => return None,
            };
            ToolResult::Reply { reply: Box::new(reply), proposed }
        }
        _ => return None,
    })
}

fn number(count: u64) -> Option<i64> {
    i64::try_from(count).ok()
}

fn diff(
    FileDiff { path, kind, added, removed, hunks, completeness: whole }: &FileDiff,
) -> DiffLine<&str> {
    let (what, from) = match kind {
        DiffKind::Added => ("added", None),
        DiffKind::Deleted => ("deleted", None),
        DiffKind::Moved { from } => ("moved", Some(from.as_str())),
        DiffKind::Updated => ("updated", None),
    };
    DiffLine {
        path,
        what,
        from,
        added: *added,
        removed: *removed,
        hunks,
        cut: (*whole == Completeness::Truncated).then_some(true),
    }
}

fn read_diff(
    DiffLine { path, what, from, added, removed, hunks, cut }: DiffLine<String>,
) -> Option<FileDiff> {
    let kind = match what.as_str() {
        "added" => DiffKind::Added,
        "deleted" => DiffKind::Deleted,
        "moved" => DiffKind::Moved { from: from? },
        "updated" => DiffKind::Updated,
        _ => return None,
    };
    let whole = if cut == Some(true) { Completeness::Truncated } else { Completeness::Complete };
    Some(FileDiff { path, kind, added, removed, hunks: hunks.into(), completeness: whole })
}

pub(super) fn write_todos(todos: &[Todo]) -> Vec<TodoLine<&str>> {
    todos.iter().map(todo).collect()
}

/// Reads the todos; `None` if one is not understood.
pub(super) fn read_todos(todos: Vec<TodoLine<String>>) -> Option<Vec<Todo>> {
    todos.into_iter().map(read_todo).collect()
}

fn todo(Todo { text, state }: &Todo) -> TodoLine<&str> {
    let state = match state {
        TodoState::Doing => "doing",
        TodoState::Done => "done",
        TodoState::Dropped => "dropped",
        TodoState::Open => "open",
    };
    TodoLine { text, state }
}

fn read_todo(TodoLine { text, state }: TodoLine<String>) -> Option<Todo> {
    let state = match state.as_str() {
        "doing" => TodoState::Doing,
        "done" => TodoState::Done,
        "dropped" => TodoState::Dropped,
        "open" => TodoState::Open,
        _ => return None,
    };
    Some(Todo { text, state })
}
