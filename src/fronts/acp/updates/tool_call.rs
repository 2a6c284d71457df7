//! Tool calls: their kind, places and input follow from what codling understood the call to do.

use std::path::Path;

use agent_client_protocol::v1::schema::{
    ToolCallContent, ToolCallLocation, ToolCallStatus, ToolKind,
};
use serde_json::{Value, json};

use crate::protocol::{
    ActionKind, CallOutput, CallState, CommandExit, DiffKind, FileDiff, Look, PlannedAction,
    Target, ToolCall, ToolResult, WebAction, WebSearch, WebSearchState,
};

use super::content;

/// The longest input that is sent along, in bytes.
const LONGEST_INPUT: usize = 64 << 10;

/// A call as a client is told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownCall {
    pub title: String,
    pub kind: ToolKind,
    pub status: ToolCallStatus,
    pub content: Vec<ToolCallContent>,
    pub locations: Vec<ToolCallLocation>,
    pub output: Option<Value>,
}

/// Returns whether a call is not shown as a call: a plan is shown in another way.
pub fn is_hidden(action: Option<&PlannedAction>) -> bool {
    matches!(action.map(|action| &action.kind), Some(ActionKind::Plan(_)))
}

/// Returns a call in its present state; `None` while it is not understood.
pub fn shown(
    call: &ToolCall,
    title: &str,
    action: Option<&PlannedAction>,
    state: &CallState,
    folder: &Path,
) -> Option<ShownCall> {
    if action.is_none() && *state == CallState::Waiting {
        return None;
    }
    let output = if let CallState::Ended(output) = state { Some(output) } else { None };
    let done = output.map(|output| output.result.diffs()).unwrap_or_default();
    let content = match state {
        CallState::Running { tail } => content::verbatim(tail).into_iter().collect(),
        CallState::Ended(output) => content::output(output, folder),
        CallState::Asking | CallState::Interrupted | CallState::Waiting => Vec::new(),
    };
    Some(ShownCall {
        title: action.map_or_else(|| plain_title(call, title), headline),
        kind: action.map_or(ToolKind::Other, |action| kind(action, done)),
        status: status(state),
        content,
        locations: action.map(|action| locations(action, done, folder)).unwrap_or_default(),
        output: output.and_then(raw_output),
    })
}

fn plain_title(call: &ToolCall, title: &str) -> String {
    if title.is_empty() { call.name.clone() } else { title.to_owned() }
}

/// Returns a command as it is, and for anything else what is done to what.
fn headline(action: &PlannedAction) -> String {
    match &action.kind {
        ActionKind::Command { line, .. } => line.clone(),
        ActionKind::Ask(question) => question.text.clone(),
        _ => [action.verb.as_ref(), action.title.as_str()].join(" ").trim().to_owned(),
    }
}

/// Returns the kind of a call; `done` holds the changes that it made to files.
fn kind(action: &PlannedAction, done: &[FileDiff]) -> ToolKind {
    match &action.kind {
        ActionKind::Look { look: Look::Read, .. } => ToolKind::Read,
        ActionKind::Look { look: Look::List | Look::Search, .. } => ToolKind::Search,
        ActionKind::Change { diffs, .. } => {
            let diffs = if done.is_empty() { diffs } else { done };
            let all = |is: fn(&DiffKind) -> bool| {
                !diffs.is_empty() && diffs.iter().all(|diff| is(&diff.kind))
            };
            if all(|kind| *kind == DiffKind::Deleted) {
                ToolKind::Delete
            } else if all(|kind| matches!(kind, DiffKind::Moved { .. })) {
                ToolKind::Move
            } else {
                ToolKind::Edit
            }
        }
        ActionKind::Command { .. } | ActionKind::JobInput { .. } => ToolKind::Execute,
        ActionKind::Fetch { .. } => ToolKind::Fetch,
        ActionKind::Plan(_) => ToolKind::Think,
        ActionKind::Ask(_) | ActionKind::External { .. } => ToolKind::Other,
    }
}

/// Returns the files that a call is about; changed files come with the first line that changed.
fn locations(action: &PlannedAction, done: &[FileDiff], folder: &Path) -> Vec<ToolCallLocation> {
    let at = |target: &Target| ToolCallLocation::new(target.path.clone());
    match &action.kind {
        ActionKind::Change { .. } if !done.is_empty() => done
            .iter()
            .map(|diff| {
                let line = content::hunks(&diff.hunks).first().map(|hunk| hunk.line);
                ToolCallLocation::new(folder.join(&diff.path)).line(line)
            })
            .collect(),
        ActionKind::Change { targets, .. } | ActionKind::Look { targets, .. } => {
            targets.iter().map(at).collect()
        }
        _ => Vec::new(),
    }
}

fn status(state: &CallState) -> ToolCallStatus {
    match state {
        CallState::Asking | CallState::Waiting => ToolCallStatus::Pending,
        CallState::Running { .. } => ToolCallStatus::InProgress,
        CallState::Ended(output) if output.ok => ToolCallStatus::Completed,
        CallState::Ended(_) | CallState::Interrupted => ToolCallStatus::Failed,
    }
}

/// Returns the arguments as JSON, or as text if they are no JSON; `None` if they are very long.
pub fn raw_input(call: &ToolCall) -> Option<Value> {
    let short = call.arguments.len() <= LONGEST_INPUT;
    let read =
        || serde_json::from_str(&call.arguments).unwrap_or_else(|_broken| json!(call.arguments));
    short.then(read)
}

fn raw_output(output: &CallOutput) -> Option<Value> {
    let ToolResult::Command(result) = &output.result else { return None };
    let millis = u64::try_from(result.duration.as_millis()).unwrap_or(u64::MAX);
    let mut raw = json!({ "durationMs": millis });
    match &result.exit {
        CommandExit::Code(code) => raw["exitCode"] = json!(code),
        CommandExit::Signal(number) => raw["signal"] = json!(number),
        CommandExit::TimedOut(_) => raw["timedOut"] = json!(true),
        CommandExit::Running(_) => raw["running"] = json!(true),
        CommandExit::Failed | CommandExit::Stopped => {}
    }
    Some(raw)
}

/// Returns a web search of the provider's as a call.
pub fn web_search(search: &WebSearch) -> ShownCall {
    let kind = match &search.action {
        WebAction::Search { .. } => ToolKind::Search,
        WebAction::Open { .. } | WebAction::Find { .. } => ToolKind::Fetch,
    };
    let status = match search.state {
        WebSearchState::Running => ToolCallStatus::InProgress,
        WebSearchState::Done => ToolCallStatus::Completed,
        WebSearchState::Failed => ToolCallStatus::Failed,
    };
    ShownCall {
        title: search.sentence(),
        kind,
        status,
        content: Vec::new(),
        locations: Vec::new(),
        output: None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::protocol::{CallId, Completeness, Location};

    fn call() -> ToolCall {
        ToolCall { id: CallId::new("c1"), name: "tool".into(), arguments: r#"{"a":1}"#.into() }
    }

    fn diff(kind: DiffKind) -> FileDiff {
        FileDiff {
            path: "a.txt".into(),
            kind,
            added: 1,
            removed: 1,
            hunks: "@@ -4,1 +4,1 @@\n-old\n+new\n".into(),
            completeness: Completeness::Complete,
        }
    }

    fn target() -> Target {
        Target { path: "/w/a.txt".into(), shown: "a.txt".into(), location: Location::Inside }
    }

    fn change(diffs: Vec<FileDiff>) -> PlannedAction {
        PlannedAction::new("a.txt", ActionKind::Change { targets: vec![target()], diffs })
    }

    #[test]
    fn a_kind_comes_from_what_is_done_and_not_from_a_name() {
        let look =
            |look| PlannedAction::new("a.txt", ActionKind::Look { look, targets: vec![target()] });
        let moved = DiffKind::Moved { from: "b.txt".into() };
        for (action, expected) in [
            (look(Look::Read), ToolKind::Read),
            (look(Look::List), ToolKind::Search),
            (look(Look::Search), ToolKind::Search),
            (change(vec![diff(DiffKind::Updated)]), ToolKind::Edit),
            (change(vec![diff(DiffKind::Deleted)]), ToolKind::Delete),
            (change(vec![diff(moved)]), ToolKind::Move),
            (change(vec![]), ToolKind::Edit),
        ] {
            assert_eq!(kind(&action, &[]), expected, "{action:?}");
        }
        assert_eq!(kind(&change(vec![]), &[diff(DiffKind::Deleted)]), ToolKind::Delete);
    }

    #[test]
    fn a_call_is_told_of_once_it_is_understood_and_a_change_with_both_sides_and_its_line() {
        let folder = Path::new("/w");
        assert_eq!(shown(&call(), "", None, &CallState::Waiting, folder), None);
        let action = Arc::new(change(Vec::new()));
        let output = CallOutput::text("a.txt", "done")
            .with(ToolResult::Edits(vec![diff(DiffKind::Updated)]));
        let state = CallState::Ended(output);
        let update = shown(&call(), "", Some(&action), &state, folder).unwrap();
        assert_eq!((update.status, update.kind), (ToolCallStatus::Completed, ToolKind::Edit));
        assert_eq!(update.locations, [ToolCallLocation::new("/w/a.txt").line(4)]);
        let both = serde_json::to_value(&update.content).unwrap();
        assert_eq!(
            both,
            json!([{ "type": "diff", "path": "/w/a.txt", "oldText": "old\n", "newText": "new\n" }])
        );
    }

    #[test]
    fn a_call_that_nobody_understood_still_has_a_name_and_its_words() {
        let state = CallState::Ended(CallOutput::refusal("", "no such tool"));
        let update = shown(&call(), "", None, &state, Path::new("/w")).unwrap();
        assert_eq!((update.title.as_str(), update.status), ("tool", ToolCallStatus::Failed));
        assert_eq!(raw_input(&call()), Some(json!({ "a": 1 })));
        let broken = ToolCall { arguments: "{".into(), ..call() };
        assert_eq!(raw_input(&broken), Some(json!("{")));
    }
}
