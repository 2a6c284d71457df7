//! A planned action as a part of a line, without the planned file contents, and reading it back. An
//! action that is not understood is left out.

use std::borrow::Cow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::protocol::{
    ActionKind, Confinement, HostLocation, JobId, Location, Look, PlannedAction, Question,
    QuestionOption, RequestedConfinement, Selection, Target,
};

use super::tool_result::{TodoLine, read_todos, write_todos};

/// Fields that the kind does not use are absent.
#[derive(Default, Deserialize, Serialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(super) struct ActionLine<T> {
    /// One of `ask`, `change`, `command`, `external`, `fetch`, `job_input`, `list`, `plan`, `read`
    /// and `search`.
    kind: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    verb: Option<T>,
    title: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<T>,
    /// Absolute paths with links followed; for a command, its folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    targets: Option<Vec<TargetLine>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<T>,
    /// The call asked to run without a sandbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    unconfined: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_only: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<T>,
    /// The address belongs to this machine or a private network.
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Vec<[T; 2]>>,
    /// Several answers may be chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    several: Option<bool>,
    /// The model's name for the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<T>,
    /// Further questions of the same call.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    next: Vec<QuestionLine<T>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    todos: Option<Vec<TodoLine<T>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<u64>,
    /// The text to type into the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<T>,
    /// The sandbox: `folder`, `free` or `read_only`.
    #[serde(skip_serializing_if = "Option::is_none")]
    confinement: Option<T>,
}

/// A further question of a call.
#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct QuestionLine<T> {
    question: T,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    options: Vec<[T; 2]>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    several: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<T>,
}

#[derive(Deserialize, Serialize)]
struct TargetLine {
    /// The path, with bytes replaced that are not UTF-8.
    path: String,
    shown: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    outside: bool,
}

pub(super) fn write(action: &PlannedAction) -> ActionLine<&str> {
    let PlannedAction { verb, title, reason, kind } = action;
    let line = ActionLine {
        verb: Some(&**verb).filter(|verb| !verb.is_empty()),
        title,
        reason: reason.as_deref(),
        ..ActionLine::default()
    };
    let when = |is: bool| is.then_some(true);
    match kind {
        ActionKind::Ask(question) => ActionLine {
            kind: "ask",
            question: Some(&question.text),
            options: Some(write_options(question)),
            several: when(question.selection == Selection::Any),
            name: question.id.as_deref(),
            next: question.next.iter().map(write_question).collect(),
            ..line
        },
        ActionKind::Change { targets, .. } => {
            ActionLine { kind: "change", targets: Some(write_targets(targets)), ..line }
        }
        ActionKind::Command { line: command, folder, wanted } => ActionLine {
            kind: "command",
            command: Some(command),
            targets: Some(write_targets([folder])),
            unconfined: when(*wanted == RequestedConfinement::Unconfined),
            ..line
        },
        ActionKind::External { server, tool, read_only } => ActionLine {
            kind: "external",
            server: Some(server),
            tool: Some(tool),
            read_only: when(*read_only),
            ..line
        },
        ActionKind::Fetch { url, host } => ActionLine {
            kind: "fetch",
            url: Some(url),
            private: when(*host == HostLocation::Private),
            ..line
        },
        ActionKind::JobInput { job, command, text, confinement } => ActionLine {
            kind: "job_input",
            job: Some(job.0),
            command: Some(command),
            text: Some(text),
            confinement: Some(match confinement {
                Confinement::Folder => "folder",
                Confinement::Free => "free",
                Confinement::ReadOnly => "read_only",
            }),
            ..line
        },
        ActionKind::Look { look, targets } => {
            let kind = match look {
                Look::List => "list",
                Look::Read => "read",
                Look::Search => "search",
            };
            ActionLine { kind, targets: Some(write_targets(targets)), ..line }
        }
        ActionKind::Plan(todos) => {
            ActionLine { kind: "plan", todos: Some(write_todos(todos)), ..line }
        }
    }
}

pub(super) fn read(line: ActionLine<String>) -> Option<PlannedAction> {
    let targets = || line.targets.map(|all| all.into_iter().map(read_target).collect::<Vec<_>>());
    let kind = match line.kind.as_str() {
        "ask" => {
            let first = read_question(QuestionLine {
                question: line.question?,
                options: line.options?,
                several: line.several == Some(true),
                name: line.name,
            });
            let next = line.next.into_iter().map(read_question).collect();
            ActionKind::Ask(Question { next, ..first })
        }
        "change" => ActionKind::Change { targets: targets()?, diffs: Vec::new() },
        "command" => ActionKind::Command {
            line: line.command?,
            folder: targets()?.pop()?,
            wanted: if line.unconfined == Some(true) {
                RequestedConfinement::Unconfined
            } else {
                RequestedConfinement::AsUsual
            },
        },
        "external" => ActionKind::External {
            server: line.server?,
            tool: line.tool?,
            read_only: line.read_only == Some(true),
        },
        "fetch" => ActionKind::Fetch {
            url: line.url?,
            host: if line.private == Some(true) {
                HostLocation::Private
            } else {
                HostLocation::Public
            },
        },
        "job_input" => ActionKind::JobInput {
            job: JobId(line.job?),
            command: line.command?,
            text: line.text?,
            confinement: match line.confinement?.as_str() {
                "folder" => Confinement::Folder,
                "read_only" => Confinement::ReadOnly,
                _ => Confinement::Free,
            },
        },
        "list" => ActionKind::Look { look: Look::List, targets: targets()? },
        "read" => ActionKind::Look { look: Look::Read, targets: targets()? },
        "search" => ActionKind::Look { look: Look::Search, targets: targets()? },
        "plan" => ActionKind::Plan(read_todos(line.todos?)?),
        _ => return None,
    };
    let verb = line.verb.map_or(Cow::Borrowed(""), Cow::Owned);
    Some(PlannedAction { verb, title: line.title, reason: line.reason, kind })
}

fn write_options(question: &Question) -> Vec<[&str; 2]> {
    let options = question.options.iter();
    options.map(|option| [option.label.as_str(), option.description.as_str()]).collect()
}

fn write_question(question: &Question) -> QuestionLine<&str> {
    QuestionLine {
        question: &question.text,
        options: write_options(question),
        several: question.selection == Selection::Any,
        name: question.id.as_deref(),
    }
}

fn read_question(line: QuestionLine<String>) -> Question {
    let option = |[label, description]: [String; 2]| QuestionOption { label, description };
    Question {
        // Only a server's question has one, and it is asked in the middle of a call.
        asker: None,
        id: line.name,
        text: line.question,
        options: line.options.into_iter().map(option).collect(),
        selection: if line.several { Selection::Any } else { Selection::One },
        next: Vec::new(),
    }
}

fn write_targets<'a>(targets: impl IntoIterator<Item = &'a Target>) -> Vec<TargetLine> {
    let line = |target: &Target| TargetLine {
        path: target.path.to_string_lossy().into_owned(),
        shown: target.shown.clone(),
        outside: target.location == Location::Outside,
    };
    targets.into_iter().map(line).collect()
}

fn read_target(line: TargetLine) -> Target {
    let location = if line.outside { Location::Outside } else { Location::Inside };
    Target { path: PathBuf::from(line.path), shown: line.shown, location }
}
