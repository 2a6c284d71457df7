//! What a call is called for people: a word for its tool, and what it is about.

use super::ShownCall;
use super::arguments::texts;
use crate::base::text;
use std::borrow::Cow;

use crate::protocol::{
    ActionKind, CallOutput, CallState, PlannedAction, ToolCall, ToolResult, UserReply,
};

/// Names of arguments that say best what a call is about.
const TELLING: [&str; 8] =
    ["filePath", "command", "url", "pattern", "question", "path", "input", "patch"];
/// Before a command line.
const COMMAND: &str = "$";
/// A gist is one line: more of an argument than this is not looked at.
const LONGEST: usize = 400;

/// A tool that is shown in a way of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    Command,
    Other,
    Plan,
    Question,
}

/// By what it would do, or else, in logs that do not say that, by what came of it.
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

/// Whether a command is shown by what it looks at.
fn is_look(action: Option<&PlannedAction>) -> bool {
    action.is_some_and(|action| action.verb != COMMAND)
}

/// Whether the call takes one row, so that its like may stand close together.
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

/// One word, or two: the tool's name until it is known what it would do.
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

/// One line: what the arguments mean, or else the output says, or else the arguments hold.
pub fn title(ShownCall { call, title: known, state, .. }: ShownCall<'_>) -> String {
    let told = match state {
        // The tool's own name is a title where nothing else was understood.
        CallState::Ended(CallOutput { title, .. }) if known.is_empty() && *title == call.name => "",
        CallState::Ended(CallOutput { title, .. }) if known.is_empty() => title,
        _ => known,
    };
    if told.is_empty() { gist(&call.arguments) } else { text::clean_line(told).into_owned() }
}

/// The whole command line; empty where the arguments hold none.
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

/// The files that a patch names.
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
        let ended = |title: &str| CallState::Ended(CallOutput::refusal(title, "It is read-only"));
        for (known, told, expected) in
            [("", "apply_patch", "a.rs"), ("", "b.rs", "b.rs"), ("c.rs", "apply_patch", "c.rs")]
        {
            let state = &ended(told);
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
