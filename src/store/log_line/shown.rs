//! What a person sees of an output, as parts of a line, and back. A part that is not understood is shown as text.

use serde::{Deserialize, Serialize};

use crate::protocol::{Completeness, DiffKind, FileDiff, OutputDisplay, Todo, TodoState};

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

pub(super) type Parts<T> = (Option<Vec<DiffLine<T>>>, Option<Vec<TodoLine<T>>>);

pub(super) fn write(shown: &OutputDisplay) -> Parts<&str> {
    match shown {
        OutputDisplay::Diffs(diffs) => (Some(diffs.iter().map(diff).collect()), None),
        OutputDisplay::Text => (None, None),
        OutputDisplay::Todos(todos) => (None, Some(todos.iter().map(todo).collect())),
    }
}

pub(super) fn read(diffs: Option<Vec<DiffLine<String>>>, todos: Option<Vec<TodoLine<String>>>) -> OutputDisplay {
    let diffs = diffs.and_then(|diffs| diffs.into_iter().map(read_diff).collect::<Option<_>>());
    let todos = todos.and_then(|todos| todos.into_iter().map(read_todo).collect::<Option<_>>());
    match (diffs, todos) {
        (Some(diffs), _) => OutputDisplay::Diffs(diffs),
        (None, Some(todos)) => OutputDisplay::Todos(todos),
        (None, None) => OutputDisplay::Text,
    }
}

fn diff(FileDiff { path, kind, added, removed, hunks, completeness: whole }: &FileDiff) -> DiffLine<&str> {
    let (what, from) = match kind {
        DiffKind::Added => ("added", None),
        DiffKind::Deleted => ("deleted", None),
        DiffKind::Moved { from } => ("moved", Some(from.as_str())),
        DiffKind::Updated => ("updated", None),
    };
    DiffLine { path, what, from, added: *added, removed: *removed, hunks, cut: (*whole == Completeness::Truncated).then_some(true) }
}

fn read_diff(DiffLine { path, what, from, added, removed, hunks, cut }: DiffLine<String>) -> Option<FileDiff> {
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
