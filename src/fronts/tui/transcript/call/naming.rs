//! The words for a call: one for its tool, and its subject.

use super::arguments::texts;
use super::sheet::ShownCall;
use crate::base::text;
use std::borrow::Cow;

use crate::protocol::{
    ActionKind, CallOutput, CallState, PlannedAction, ToolCall, ToolResult, UserReply,
};

/// Arguments that describe a call best.
const TELLING: [&str; 8] =
    ["filePath", "command", "url", "pattern", "question", "path", "input", "patch"];
/// The mark before a command line.
const COMMAND: &str = "$";
/// Bytes of an argument that are read: its gist is one line.
const LONGEST: usize = 400;

/// Tools with a display of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    Command,
    Other,
    Plan,
    Question,
}

/// The kind of a call by its planned action, else by its result, in logs without the action.
pub fn kind(action: Option<&PlannedAction>, state: &CallState) -> CallKind {
    match (action.map(|action| &action.kind), state) {
        (Some(ActionKind::Command { .. }), _) if !is_look(action) => CallKind::Command,
        (Some(ActionKind::Plan(_)), _) => CallKind::Plan,
        (Some(ActionKind::Ask(_)), _) => CallKind::Question,
        (Some(_), _) => CallKind::Other,
        (None, CallState::Ended(CallOutput { result, .. })) => match result {
            ToolResult::Command(_) => CallKind::Command,
            ToolResult::Plan(_) => CallKind::Plan,
            ToolResult::Reply { reply, .. } if matches!(**reply, UserReply::Answered(_)) => {
                CallKind::Question
            }
            _ => CallKind::Other,
        },
        (None, _) => CallKind::Other,
    }
}

/// Whether a command is shown as reading.
fn is_look(action: Option<&PlannedAction>) -> bool {
    action.is_some_and(|action| action.verb != COMMAND)
}

/// Whether the call takes one row, so that similar ones stand without gaps.
pub fn is_brief(action: Option<&PlannedAction>, state: &CallState) -> bool {
    match (action.map(|action| &action.kind), state) {
        (Some(ActionKind::Look { .. } | ActionKind::Fetch { .. }), _) => true,
        (Some(ActionKind::Command { .. }), _) => is_look(action),
        (None, CallState::Ended(output)) => matches!(
            output.result,
            ToolResult::Found { .. } | ToolResult::Lines { .. } | ToolResult::Page(_)
        ),
        _ => false,
    }
}

/// One or two words; the tool's name until its action is known.
pub fn word<'a>(
    call: &'a ToolCall,
    action: Option<&'a PlannedAction>,
    state: &CallState,
) -> Cow<'a, str> {
    match (action.map(|action| &*action.verb).filter(|verb| !verb.is_empty()), kind(action, state))
    {
        (Some(verb), _) => text::clean_line(verb),
        (None, CallKind::Command) => Cow::Borrowed(COMMAND),
        (None, CallKind::Plan) => Cow::Borrowed("plan"),
        (None, CallKind::Other | CallKind::Question) => text::clean_line(&call.name),
    }
}

/// One line: the meaning of the arguments, else the output's title, else the arguments.
pub fn title(ShownCall { call, title: known, state, .. }: ShownCall<'_>) -> String {
    let title = match state {
        // The output's title is the tool's name if nothing else was understood.
        CallState::Ended(CallOutput { title, .. }) if known.is_empty() && *title == call.name => "",
        CallState::Ended(CallOutput { title, .. }) if known.is_empty() => title,
        _ => known,
    };
    if title.is_empty() { gist(&call.arguments) } else { text::clean_line(title).into_owned() }
}

/// The whole command line; empty if the arguments hold none.
pub fn command(call: &ToolCall) -> String {
    texts(&call.arguments)
        .find(|(key, _)| key == "command")
        .map(|(_, command)| command)
        .unwrap_or_default()
}

fn gist(arguments: &str) -> String {
    let all: Vec<_> = texts(arguments).take(TELLING.len()).collect();
    let telling = TELLING.iter().find_map(|key| all.iter().find(|(name, _)| name == key));
    let found = telling.or(all.first()).map_or(arguments.trim(), |(_, value)| value);
    let files = patched(found);
    if !files.is_empty() {
        return files;
    }
    let end = found.char_indices().nth(LONGEST).map_or(found.len(), |(at, _)| at);
    text::clean_line(&found[..end]).into_owned()
}

/// The files in a patch.
fn patched(patch: &str) -> String {
    let named = |line: &str| {
        let (act, path) = line.strip_prefix("*** ")?.split_once(" File: ")?;
        matches!(act, "Add" | "Delete" | "Update")
            .then(|| text::clean_line(path.trim()).into_owned())
    };
    let files: Vec<_> = patch.lines().filter_map(named).take(LONGEST / 10).collect();
    files.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tools_own_name_is_no_title_where_the_arguments_tell_more() {
        let patch = r#"{"input":"*** Begin Patch\n*** Add File: a.rs\n+x\n*** End Patch"}"#;
        let call = ToolCall { id: "c".into(), name: "apply_patch".into(), arguments: patch.into() };
        let ended = |given: &str| CallState::Ended(CallOutput::refusal(given, "It is read-only"));
        for (known, given, expected) in
            [("", "apply_patch", "a.rs"), ("", "b.rs", "b.rs"), ("c.rs", "apply_patch", "c.rs")]
        {
            let state = &ended(given);
            let shown = ShownCall { call: &call, title: known, action: None, state };
            assert_eq!(title(shown), expected);
        }
    }

    #[test]
    fn the_gist_of_arguments_is_what_they_are_about() {
        for (arguments, gist_of) in [
            (r#"{"filePath":"src/main.rs","limit":5}"#, "src/main.rs"),
            (r#"{"content":"fn main() {}","filePath":"src/main.rs"}"#, "src/main.rs"),
            (r#"{"pattern": "a \"b\"\n", "path": "x"}"#, r#"a "b" "#),
            (r#"{"unheard": "of\tit"}"#, "of it"),
            ("{}", "{}"),
            ("not json", "not json"),
            (r#"{"path":"unfinis"#, "unfinis"),
            ("{\"a\":\"\u{1b}[31m\"}", "␛[31m"),
            (
                "*** Begin Patch\n*** Add File: a.rs\n+x\n*** Update File: b.rs\n*** Move to: c.rs\n*** Delete File: d\u{7}.rs\n",
                "a.rs, b.rs, d␇.rs",
            ),
            (r#"{"input":"*** Begin Patch\n*** Delete File: a.rs\n*** End Patch"}"#, "a.rs"),
        ] {
            assert_eq!(gist(arguments), gist_of, "{arguments}");
        }
    }
}
