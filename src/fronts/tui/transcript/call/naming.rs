//! What a call is called for people: a word for its tool, and what it is about.

use super::arguments::texts;
use crate::base::text;
use crate::protocol::{CallOutput, CallState, ToolCall};

/// Names of arguments that say best what a call is about.
const TELLING: [&str; 8] =
    ["filePath", "command", "url", "pattern", "question", "path", "input", "patch"];
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

pub fn kind(call: &ToolCall) -> CallKind {
    match call.name.as_str() {
        "shell" => CallKind::Command,
        "todo" => CallKind::Plan,
        "question" => CallKind::Question,
        _ => CallKind::Other,
    }
}

/// Whether the call takes one row, so that its like may stand close together.
pub fn is_brief(call: &ToolCall) -> bool {
    matches!(call.name.as_str(), "glob" | "grep" | "list" | "read" | "view_image" | "webfetch")
}

/// One word.
pub fn word(call: &ToolCall) -> String {
    let word = match call.name.as_str() {
        "apply_patch" => "patch",
        "shell" => "$",
        "todo" => "plan",
        "view_image" => "look at",
        "webfetch" => "fetch",
        name if name.starts_with("mcp__") => "call",
        name => return text::clean_line(name).into_owned(),
    };
    word.into()
}

/// One line: what the arguments mean, or else the output says, or else the arguments hold.
pub fn title(call: &ToolCall, known: &str, state: &CallState) -> String {
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
            assert_eq!(title(&call, known, &ended(told)), expected);
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
