//! Thread items: prompts, answers, calls and searches in the protocol's shapes.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::protocol::{
    ActionKind, CLIENT_TOOLS, CallOutput, DiffKind, FileDiff, Item, ItemKind, Look, Picture,
    PlannedAction, ToolCall, ToolResult, UserReply, WebAction, WebSearch,
};

/// The progress of a call.
#[derive(Clone, Copy, Debug)]
pub enum CallStage<'a> {
    Running,
    Ended(&'a CallOutput),
    /// The turn ended before the call did.
    CutOff,
}

/// The kind of item that represents a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallShape {
    Command,
    FileChange,
    /// The call is shown in another way.
    Hidden,
    Other,
}

/// A prompt; `client_id` is the client's own name for it.
pub fn user(id: &str, text: &str, images: &[Picture], client_id: Option<&str>) -> Value {
    let text = (!text.is_empty() || images.is_empty())
        .then(|| json!({ "type": "text", "text": text, "text_elements": [] }));
    let images = images.iter().map(|picture| {
        let url = format!("data:{};base64,{}", picture.mime, picture.data);
        json!({ "type": "image", "url": url })
    });
    let content: Vec<Value> = text.into_iter().chain(images).collect();
    json!({ "type": "userMessage", "id": id, "clientId": client_id, "content": content })
}

pub fn agent_message(id: &str, text: &str) -> Value {
    json!({ "type": "agentMessage", "id": id, "text": text, "phase": null, "memoryCitation": null })
}

pub fn reasoning(id: &str, summary: &str) -> Value {
    let summary: Vec<&str> = Some(summary).filter(|text| !text.is_empty()).into_iter().collect();
    json!({ "type": "reasoning", "id": id, "summary": summary, "content": [] })
}

pub fn compaction(id: &str) -> Value {
    json!({ "type": "contextCompaction", "id": id })
}

pub fn web_search(id: &str, search: &WebSearch) -> Value {
    let (query, action) = match &search.action {
        WebAction::Search { queries } => (
            queries.join(", "),
            json!({ "type": "search", "query": queries.first(), "queries": queries }),
        ),
        WebAction::Open { url } => (url.clone(), json!({ "type": "openPage", "url": url })),
        WebAction::Find { url, pattern } => {
            let query = format!("'{pattern}' in {url}");
            (query, json!({ "type": "findInPage", "url": url, "pattern": pattern }))
        }
    };
    json!({ "type": "webSearch", "id": id, "query": query, "action": action })
}

/// A complete item; `None` for calls, their outputs, and items that are not shown. `client_id` is
/// the client's own name for a prompt.
pub fn whole(item: &Item, client_id: Option<&str>) -> Option<Value> {
    let id = item.id.as_str();
    match &item.kind {
        ItemKind::Assistant { text, .. } if text.is_empty() => None,
        ItemKind::Assistant { text, .. } => Some(agent_message(id, text)),
        ItemKind::Reasoning { summary } if summary.is_empty() => None,
        ItemKind::Reasoning { summary } => Some(reasoning(id, summary)),
        ItemKind::User { text, images } => Some(user(id, text, images, client_id)),
        ItemKind::WebSearch(search) => Some(web_search(id, search)),
        ItemKind::Call(_)
        | ItemKind::Compaction
        | ItemKind::Output { .. }
        | ItemKind::Unknown { .. } => None,
    }
}

impl CallShape {
    pub fn of(action: Option<&PlannedAction>) -> Self {
        match action.map(|action| &action.kind) {
            Some(ActionKind::Ask(_) | ActionKind::Plan(_)) => Self::Hidden,
            Some(
                ActionKind::Command { .. } | ActionKind::JobInput { .. } | ActionKind::Look { .. },
            ) => Self::Command,
            Some(ActionKind::Change { .. }) => Self::FileChange,
            Some(ActionKind::External { .. } | ActionKind::Fetch { .. }) | None => Self::Other,
        }
    }
}

/// A call as an item; `None` if it is shown in another way, as plans and questions are.
///
/// `folder` is the session's, for paths that are relative to it.
pub fn call(
    id: &str,
    call: &ToolCall,
    action: Option<&PlannedAction>,
    stage: CallStage<'_>,
    folder: &Path,
    by: Starter,
) -> Option<Value> {
    let Some(action) = action else {
        return Some(dynamic(id, None, &call.name, call, stage));
    };
    Some(match &action.kind {
        ActionKind::Ask(_) | ActionKind::Plan(_) => return None,
        ActionKind::Command { line, folder, .. } => {
            let known = vec![json!({ "type": "unknown", "command": line })];
            command(id, &shell_words(line), &folder.path, known, stage, by)
        }
        ActionKind::JobInput { command: job, text, .. } => {
            let line = typed(job, text);
            let known = vec![json!({ "type": "unknown", "command": line })];
            command(id, &line, folder, known, stage, by)
        }
        ActionKind::Look { look, targets } => {
            let line = look_line(action);
            let known =
                targets.iter().map(|target| look_action(*look, &line, &target.path, &action.title));
            command(id, &line, folder, known.collect(), stage, by)
        }
        ActionKind::Change { diffs, .. } => {
            let done = match stage {
                CallStage::Ended(output) if !output.result.diffs().is_empty() => {
                    output.result.diffs()
                }
                _ => diffs,
            };
            json!({
                "type": "fileChange", "id": id, "status": status(stage),
                "changes": done.iter().map(|diff| change(diff, folder)).collect::<Vec<_>>(),
            })
        }
        ActionKind::External { server, tool, .. } => match client_tool(server, tool) {
            Some((namespace, tool)) => dynamic(id, namespace, tool, call, stage),
            None => external(id, server, tool, call, stage),
        },
        ActionKind::Fetch { url, .. } => {
            json!({
                "type": "webSearch", "id": id, "query": url,
                "action": { "type": "openPage", "url": url },
            })
        }
    })
}

/// Returns a client's tool as namespace and name; `None` for any other tool.
pub fn client_tool<'a>(server: &str, tool: &'a str) -> Option<(Option<&'a str>, &'a str)> {
    let parts = match tool.split_once('.') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, tool),
    };
    (server == CLIENT_TOOLS).then_some(parts)
}

/// The party that started a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    Model,
    Person,
}

fn command(
    id: &str,
    line: &str,
    folder: &Path,
    actions: Vec<Value>,
    stage: CallStage<'_>,
    by: Starter,
) -> Value {
    let output = if let CallStage::Ended(output) = stage { Some(output) } else { None };
    let result = output.and_then(|output| match &output.result {
        ToolResult::Command(result) => Some(result),
        _ => None,
    });
    let (exit, duration) = match (result, output) {
        (Some(result), _) => {
            let millis = u64::try_from(result.duration.as_millis()).unwrap_or(u64::MAX);
            (exit_code(&result.exit), Some(millis))
        }
        (None, Some(output)) => (Some(i32::from(!output.ok)), None),
        (None, None) => (None, None),
    };
    json!({
        "type": "commandExecution", "id": id, "command": line, "cwd": folder,
        "processId": null, "commandActions": actions, "status": status(stage),
        "source": match by { Starter::Model => "agent", Starter::Person => "userShell" },
        "aggregatedOutput": output.map(written), "exitCode": exit, "durationMs": duration,
    })
}

/// The command's own output, without codling's remarks on it.
fn written(output: &CallOutput) -> Cow<'_, str> {
    match &output.result {
        ToolResult::Command(result) if result.is_silent => Cow::Borrowed(""),
        ToolResult::Command(result) => {
            Cow::Borrowed(output.text.get(result.output_at..).unwrap_or(&output.text))
        }
        _ => output.for_people(),
    }
}

fn exit_code(exit: &crate::protocol::CommandExit) -> Option<i32> {
    use crate::protocol::CommandExit;
    match exit {
        CommandExit::Code(code) => Some(*code),
        CommandExit::Signal(number) => Some(128 + number),
        CommandExit::TimedOut(_) => Some(124),
        CommandExit::Stopped => Some(130),
        CommandExit::Failed | CommandExit::Running(_) => None,
    }
}

/// A command line as words of the shell that runs it. Clients split a command into words and join
/// them again; from the bare line they would show a different command.
pub fn shell_words(line: &str) -> String {
    format!("bash -lc {}", quoted(line))
}

/// Text typed into a running command, written as a command.
pub fn typed(job: &str, text: &str) -> String {
    format!("write_stdin {} {}", quoted(job), quoted(text))
}

/// Quotes one word of a command line if it needs quotes.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Returns a line such as `read src/main.rs`.
fn look_line(action: &PlannedAction) -> String {
    let words = [action.verb.as_ref(), action.title.as_str()];
    let words = words.into_iter().filter(|word| !word.is_empty()).map(quoted);
    words.collect::<Vec<_>>().join(" ")
}

fn look_action(look: Look, line: &str, path: &Path, title: &str) -> Value {
    match look {
        Look::Read => {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            json!({ "type": "read", "command": line, "name": name, "path": path })
        }
        Look::List => json!({ "type": "listFiles", "command": line, "path": path }),
        Look::Search => json!({ "type": "search", "command": line, "query": title, "path": path }),
    }
}

/// The change of a file: the full text of a new or removed file, or the hunks of an existing one.
pub fn change(diff: &FileDiff, folder: &Path) -> Value {
    let path = absolute(&diff.path, folder);
    let (path, kind, text) = match &diff.kind {
        DiffKind::Added => (path, json!({ "type": "add" }), sides(&diff.hunks, '+')),
        DiffKind::Deleted => (path, json!({ "type": "delete" }), sides(&diff.hunks, '-')),
        DiffKind::Moved { from } => (
            absolute(from, folder),
            json!({ "type": "update", "move_path": path }),
            diff.hunks.to_string(),
        ),
        DiffKind::Updated => {
            (path, json!({ "type": "update", "move_path": null }), diff.hunks.to_string())
        }
    };
    json!({ "path": path, "kind": kind, "diff": text })
}

fn absolute(path: &str, folder: &Path) -> PathBuf {
    folder.join(path)
}

/// The lines on one side of a diff.
fn sides(hunks: &str, side: char) -> String {
    let lines = hunks.lines().filter_map(|line| line.strip_prefix(side));
    lines.map(|line| format!("{line}\n")).collect()
}

/// All changes of a turn as one unified diff.
pub fn unified(diffs: &[FileDiff]) -> String {
    let one = |diff: &FileDiff| {
        let (old, new) = match &diff.kind {
            DiffKind::Added => ("/dev/null".to_owned(), format!("b/{}", diff.path)),
            DiffKind::Deleted => (format!("a/{}", diff.path), "/dev/null".to_owned()),
            DiffKind::Moved { from } => (format!("a/{from}"), format!("b/{}", diff.path)),
            DiffKind::Updated => (format!("a/{}", diff.path), format!("b/{}", diff.path)),
        };
        let from = match &diff.kind {
            DiffKind::Moved { from } => from,
            _ => &diff.path,
        };
        let hunks = diff.hunks.trim_end_matches('\n');
        format!("diff --git a/{from} b/{}\n--- {old}\n+++ {new}\n{hunks}\n", diff.path)
    };
    diffs.iter().map(one).collect()
}

fn external(id: &str, server: &str, tool: &str, call: &ToolCall, stage: CallStage<'_>) -> Value {
    let (result, error) = match stage {
        CallStage::Ended(output) if output.ok => {
            (json!({ "content": [{ "type": "text", "text": output.text }] }), Value::Null)
        }
        CallStage::Ended(output) => (Value::Null, json!({ "message": output.for_people() })),
        CallStage::Running | CallStage::CutOff => (Value::Null, Value::Null),
    };
    json!({
        "type": "mcpToolCall", "id": id, "server": server, "tool": tool,
        "status": plain_status(stage), "arguments": arguments(call),
        "result": result, "error": error, "durationMs": null,
    })
}

/// A call of a client's tool, or of a tool that is known only by its name.
fn dynamic(
    id: &str,
    namespace: Option<&str>,
    tool: &str,
    call: &ToolCall,
    stage: CallStage<'_>,
) -> Value {
    let (content, success) = match stage {
        CallStage::Ended(output) => {
            (json!([{ "type": "inputText", "text": output.text }]), Value::Bool(output.ok))
        }
        CallStage::Running | CallStage::CutOff => (Value::Null, Value::Null),
    };
    json!({
        "type": "dynamicToolCall", "id": id, "tool": tool, "namespace": namespace,
        "arguments": arguments(call), "status": plain_status(stage),
        "contentItems": content, "success": success, "durationMs": null,
    })
}

/// The arguments that the model wrote, as a string if they are not JSON.
pub fn arguments(call: &ToolCall) -> Value {
    serde_json::from_str(&call.arguments).unwrap_or_else(|_broken| json!(call.arguments))
}

fn status(stage: CallStage<'_>) -> &'static str {
    match stage {
        CallStage::Ended(output) => match output.result.reply() {
            Some(UserReply::Refused(_) | UserReply::NotAsked(_) | UserReply::Declined(_)) => {
                "declined"
            }
            _ => plain_status(stage),
        },
        CallStage::Running | CallStage::CutOff => plain_status(stage),
    }
}

fn plain_status(stage: CallStage<'_>) -> &'static str {
    match stage {
        CallStage::Running => "inProgress",
        CallStage::Ended(output) if output.ok => "completed",
        CallStage::Ended(_) | CallStage::CutOff => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_word_of_the_shell_that_runs_it() {
        for (line, words) in [
            ("ls", "bash -lc ls"),
            ("touch a; echo b", "bash -lc 'touch a; echo b'"),
            ("echo 'a b'", r"bash -lc 'echo '\''a b'\'''"),
            ("", "bash -lc ''"),
        ] {
            assert_eq!(shell_words(line), words);
        }
    }

    #[test]
    fn the_name_of_a_clients_tool_has_its_namespace_in_front() {
        assert_eq!(client_tool(CLIENT_TOOLS, "ui.look"), Some((Some("ui"), "look")));
        assert_eq!(client_tool("acme", "ui.look"), None);
    }
}
