//! Calls under the names and in the forms of other harnesses, which models learned there: where
//! they can mean one thing only, they are that.

use serde_json::{Map, Value, json};

use crate::protocol::ToolCall;
use crate::tools::ask::todo;
use crate::tools::files::{edit, glob, grep, list, patch, read, write};
use crate::tools::pictures::view_image;
use crate::tools::shell;

use super::patch_command;
use super::table::TOOLS;

/// The names of our tools in other harnesses.
const NAMES: [(&str, &[&str]); 10] = [
    (
        shell::SPEC.name,
        &[
            "bash",
            "container.exec",
            "execute_command",
            "local_shell",
            "run_command",
            "shell_command",
            "terminal",
        ],
    ),
    (read::SPEC.name, &["read_file", "view_file"]),
    (grep::SPEC.name, &["grep_files", "search_files"]),
    (glob::SPEC.name, &["find_files", "glob_files"]),
    (list::SPEC.name, &["list_dir", "list_directory", "list_files", "ls"]),
    (edit::SPEC.name, &["edit_file", "str_replace"]),
    (write::SPEC.name, &["create_file", "write_file"]),
    (patch::SPEC.name, &["applypatch"]),
    (todo::SPEC.name, &["todo_write", "todowrite"]),
    (view_image::SPEC.name, &["view_picture"]),
];

/// The names of our parameters in other harnesses.
const PARAMETERS: [(&str, &[&str]); 8] = [
    ("command", &["cmd", "script"]),
    ("workdir", &["cwd", "working_directory"]),
    ("timeout", &["timeout_ms"]),
    ("reason", &["justification", "description"]),
    ("filePath", &["file_path", "path", "file", "filename"]),
    ("oldString", &["old_string", "old_str"]),
    ("newString", &["new_string", "new_str"]),
    ("replaceAll", &["replace_all"]),
];

/// The call that is meant; `None` where it is meant as it stands, or nobody knows.
pub fn meant(call: &ToolCall) -> Option<ToolCall> {
    let renamed = renamed(call);
    let known = renamed.as_ref().unwrap_or(call);
    patch_command::meant(known).or(renamed)
}

fn renamed(call: &ToolCall) -> Option<ToolCall> {
    let own = own_name(&call.plain_name().to_ascii_lowercase())?;
    with(call, own, |fields| match own {
        "exec_command" => rename(fields, "cmd", &["command", "script"]),
        "shell" => command(fields),
        "list" | "grep" | "glob" | "view_image" => {
            rename(fields, "path", &["dir_path", "directory", "folder"])
        }
        "edit" | "read" | "write" => ["filePath", "oldString", "newString", "replaceAll"]
            .into_iter()
            .map(|name| rename_known(fields, name))
            .fold(false, |one, other| one | other),
        _ => false,
    })
}

/// The name of our tool that has this one elsewhere, or that is spelled like it.
fn own_name(lower: &str) -> Option<&'static str> {
    let alias = NAMES.iter().find(|(_, others)| others.contains(&lower)).map(|(own, _)| *own);
    let spelled = lower.replace('-', "_");
    let own = || TOOLS.iter().map(|tool| tool.spec.name).find(|own| *own == spelled);
    alias.or_else(own)
}

/// The call with its fields changed; `None` where nothing is another than it was.
fn with(
    call: &ToolCall,
    name: &str,
    change: impl FnOnce(&mut Map<String, Value>) -> bool,
) -> Option<ToolCall> {
    let (is_other, changed) = match serde_json::from_str(&call.arguments) {
        Ok(Value::Object(mut fields)) => {
            let is_other = change(&mut fields);
            (is_other, Some(Value::Object(fields).to_string()))
        }
        // Whatever is wrong with them is said by the tool.
        _ => (false, None),
    };
    let arguments = changed.filter(|_| is_other).unwrap_or_else(|| call.arguments.clone());
    (is_other || call.name != name).then(|| ToolCall {
        id: call.id.clone(),
        name: name.to_owned(),
        arguments,
    })
}

/// Whether a field was found under another name.
fn rename(fields: &mut Map<String, Value>, own: &str, others: &[&str]) -> bool {
    if fields.contains_key(own) {
        return false;
    }
    match others.iter().find_map(|other| fields.shift_remove(*other)) {
        Some(value) => {
            fields.insert(own.to_owned(), value);
            true
        }
        None => false,
    }
}

fn rename_known(fields: &mut Map<String, Value>, own: &str) -> bool {
    let others = PARAMETERS.iter().find(|(name, _)| *name == own).map_or(&[][..], |(_, all)| all);
    rename(fields, own, others)
}

/// A command line, whatever it is called and however it is written.
fn command(fields: &mut Map<String, Value>) -> bool {
    let mut is_other = false;
    for name in ["command", "workdir", "timeout", "reason"] {
        is_other |= rename_known(fields, name);
    }
    if let Some(Value::Array(words)) = fields.get("command") {
        let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
        if let Some(line) = words.and_then(|words| line(&words)) {
            fields.insert("command".to_owned(), Value::String(line));
            is_other = true;
        }
    }
    let asked = [
        ("with_escalated_permissions", json!(true)),
        ("sandbox_permissions", json!("require_escalated")),
    ];
    for (name, asks) in asked {
        let Some(found) = fields.shift_remove(name) else { continue };
        is_other = true;
        if found == asks {
            fields.insert("unconfined".to_owned(), Value::Bool(true));
        }
    }
    is_other
}

/// A list of words as a line: what a shell is to run, or the words themselves, quoted where they
/// have to be.
fn line(words: &[&str]) -> Option<String> {
    match words {
        [] => None,
        [shell, option, line]
            if shell::is_known(shell) && matches!(*option, "-c" | "-lc" | "-l -c" | "-cl") =>
        {
            Some((*line).to_owned())
        }
        words => Some(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")),
    }
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::CallId;

    fn understood(name: &str, arguments: &str) -> Option<(String, String)> {
        let call = ToolCall {
            id: CallId::from("c"),
            name: name.to_owned(),
            arguments: arguments.to_owned(),
        };
        meant(&call).map(|call| (call.name, call.arguments))
    }

    #[test]
    fn names_and_forms_of_other_harnesses_are_understood() {
        for (name, arguments, meant, as_what) in [
            (
                "bash",
                r#"{"command":"ls","description":"look"}"#,
                "shell",
                r#"{"command":"ls","reason":"look"}"#,
            ),
            ("Bash", r#"{"command":"ls","timeout":5}"#, "shell", r#"{"command":"ls","timeout":5}"#),
            (
                "shell",
                r#"{"command":["bash","-lc","a && b"],"workdir":"w"}"#,
                "shell",
                r#"{"command":"a && b","workdir":"w"}"#,
            ),
            (
                "local_shell",
                r#"{"command":["rg","-n","it's","src dir"]}"#,
                "shell",
                r#"{"command":"rg -n 'it'\\''s' 'src dir'"}"#,
            ),
            (
                "container.exec",
                r#"{"cmd":["ls"],"timeout_ms":9}"#,
                "shell",
                r#"{"command":"ls","timeout":9}"#,
            ),
            (
                "shell",
                r#"{"command":"ls","with_escalated_permissions":false}"#,
                "shell",
                r#"{"command":"ls"}"#,
            ),
            (
                "shell",
                r#"{"command":"ls","sandbox_permissions":"use_default"}"#,
                "shell",
                r#"{"command":"ls"}"#,
            ),
            (
                "shell",
                r#"{"command":"ls","with_escalated_permissions":true,"justification":"why"}"#,
                "shell",
                r#"{"command":"ls","reason":"why","unconfined":true}"#,
            ),
            ("exec_command", r#"{"command":"ls"}"#, "exec_command", r#"{"cmd":"ls"}"#),
            ("Read", r#"{"file_path":"a","limit":3}"#, "read", r#"{"limit":3,"filePath":"a"}"#),
            ("read_file", r#"{"path":"a"}"#, "read", r#"{"filePath":"a"}"#),
            (
                "Edit",
                r#"{"file_path":"a","old_string":"b","new_string":"c","replace_all":true}"#,
                "edit",
                r#"{"filePath":"a","oldString":"b","newString":"c","replaceAll":true}"#,
            ),
            ("LS", r#"{"path":"a"}"#, "list", r#"{"path":"a"}"#),
            ("list_dir", r#"{"dir_path":"a"}"#, "list", r#"{"path":"a"}"#),
            ("TodoWrite", r#"{"todos":[]}"#, "todo", r#"{"todos":[]}"#),
            ("functions.exec_command", r#"{"command":"ls"}"#, "exec_command", r#"{"cmd":"ls"}"#),
            (
                "exec_command<|channel|>commentary",
                r#"{"cmd":"ls"}"#,
                "exec_command",
                r#"{"cmd":"ls"}"#,
            ),
            ("functions.bash<|x", r#"{"command":"ls"}"#, "shell", r#"{"command":"ls"}"#),
            ("write_stdin \n", r#"{"session_id":1}"#, "write_stdin", r#"{"session_id":1}"#),
            ("apply-patch", "*** Begin Patch", "apply_patch", "*** Begin Patch"),
            ("exec-command", r#"{"cmd":"ls"}"#, "exec_command", r#"{"cmd":"ls"}"#),
            ("bash", "{broken", "shell", "{broken"),
        ] {
            assert_eq!(
                understood(name, arguments),
                Some((meant.into(), as_what.into())),
                "{name} {arguments}"
            );
        }
    }

    #[test]
    fn what_is_meant_as_it_stands_stays_and_what_nobody_knows_too() {
        for (name, arguments) in [
            ("shell", r#"{"command":"ls","workdir":"w"}"#),
            ("exec_command", r#"{"cmd":"ls"}"#),
            ("read", r#"{"filePath":"a"}"#),
            ("grep", r#"{"pattern":"a","path":"b"}"#),
            ("frobnicate", r#"{"command":"ls"}"#),
            ("functions.frobnicate", r#"{"command":"ls"}"#),
            ("functions.functions.read", r#"{"filePath":"a"}"#),
            ("functions.", "{}"),
            ("<|channel|>read", r#"{"filePath":"a"}"#),
            ("my_functions.read", r#"{"filePath":"a"}"#),
            ("shell", r#"{"command":[]}"#),
            ("shell", "[]"),
        ] {
            assert_eq!(understood(name, arguments), None, "{name} {arguments}");
        }
    }

    #[test]
    fn a_patch_in_a_command_is_a_patch_whatever_the_command_is_called() {
        let patch = "apply_patch <<'EOF'\n*** Begin Patch\n*** Delete File: a\n*** End Patch\nEOF";
        for (name, field) in [("exec_command", "cmd"), ("shell", "command"), ("bash", "command")] {
            let arguments = serde_json::json!({ field: patch }).to_string();
            let (name, arguments) = understood(name, &arguments).unwrap();
            assert_eq!(name, "apply_patch");
            assert!(arguments.contains("*** Delete File: a"), "{arguments}");
        }
    }
}
