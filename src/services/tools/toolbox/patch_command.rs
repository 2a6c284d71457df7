//! A patch that a model sends through the shell, `apply_patch <<'EOF'`: the tool of this name does
//! what is meant, and shows it to the person as a diff. Longer lines call the program of this name
//! (`src/services/tools/files/patch/program/mod.rs`).

use serde_json::{Value, json};

use crate::protocol::ToolCall;
use crate::tools::files::patch::{HEADS, NAMES, SPEC};
use crate::tools::jobs::exec_command;
use crate::tools::shell;

/// The call that is meant, where a command is nothing but a patch. A command that does anything
/// else stays what it is.
pub fn meant(call: &ToolCall) -> Option<ToolCall> {
    let field = match &*call.name {
        name if name == shell::SPEC.name => "command",
        name if name == exec_command::SPEC.name => "cmd",
        _ => return None,
    };
    if !call.arguments.contains("*** Begin Patch") {
        return None;
    }
    let arguments: Value = serde_json::from_str(&call.arguments).ok()?;
    let folder = arguments["workdir"].as_str().filter(|folder| !folder.is_empty());
    let (inner, patch) = read(arguments[field].as_str()?)?;
    let patch = [inner, folder]
        .into_iter()
        .flatten()
        .fold(patch.to_owned(), |patch, folder| within(folder, &patch));
    Some(ToolCall {
        id: call.id.clone(),
        name: SPEC.name.into(),
        arguments: json!({ "input": patch }).to_string(),
    })
}

/// The folder that a command goes to first, and the patch it applies there.
fn read(command: &str) -> Option<(Option<&str>, &str)> {
    let command = command.trim();
    let (folder, command) = match command.strip_prefix("cd ").and_then(|rest| rest.split_once("&&"))
    {
        Some((folder, rest)) => (Some(plain_word(folder.trim())?), rest.trim_start()),
        None => (None, command),
    };
    let rest = NAMES
        .iter()
        .find_map(|name| command.strip_prefix(name))
        .filter(|rest| rest.starts_with([' ', '\t', '<']))?
        .trim_start();
    let patch = match rest.strip_prefix("<<") {
        Some(rest) => heredoc(rest)?,
        None => quoted(rest)?,
    };
    Some((folder, patch))
}

/// The text between the word and the line that repeats it, with nothing before or behind.
fn heredoc(rest: &str) -> Option<&str> {
    let (head, body) = rest.split_once('\n')?;
    let word = plain_word(head.strip_prefix('-').unwrap_or(head).trim())?;
    let (text, last) = body.trim_end().rsplit_once('\n')?;
    let is_end = |line: &str| line.trim_end_matches('\r').trim_start_matches('\t') == word;
    (is_end(last) && !text.lines().any(is_end)).then_some(text)
}

fn quoted(rest: &str) -> Option<&str> {
    // Between double quotes a shell changes what it reads.
    let inner = rest.strip_prefix('\'')?.strip_suffix('\'')?;
    (!inner.contains('\'')).then_some(inner)
}

/// A word that a shell takes as it stands, quotes around it taken off.
fn plain_word(word: &str) -> Option<&str> {
    let bare = ['\'', '"']
        .into_iter()
        .find_map(|quote| word.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(word);
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+' | '@');
    (!bare.is_empty() && bare.chars().all(is_plain)).then_some(bare)
}

/// The patch with paths as they are seen from above a folder.
fn within(folder: &str, patch: &str) -> String {
    let line = |line: &str| {
        let head = HEADS.into_iter().find(|head| line.starts_with(head));
        match head.map(|head| (head, line[head.len()..].trim())) {
            Some((head, path)) if !path.starts_with('/') => {
                format!("{head} {}/{path}", folder.trim_end_matches('/'))
            }
            _ => line.to_owned(),
        }
    };
    patch.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str =
        "*** Begin Patch\n*** Update File: src/a.rs\n@@\n-a\n+b\n*** Move to: b.rs\n*** End Patch";

    fn call(arguments: Value) -> ToolCall {
        ToolCall { id: "c".into(), name: "shell".into(), arguments: arguments.to_string() }
    }

    fn input(arguments: Value) -> Option<String> {
        let meant = meant(&call(arguments))?;
        assert_eq!((meant.id.as_str(), meant.name.as_str()), ("c", "apply_patch"));
        let arguments: Value = serde_json::from_str(&meant.arguments).unwrap();
        Some(arguments["input"].as_str().unwrap().to_owned())
    }

    #[test]
    fn a_patch_through_the_shell_is_taken_for_what_it_is() {
        for command in [
            format!("apply_patch <<'EOF'\n{PATCH}\nEOF"),
            format!("apply_patch <<EOF\n{PATCH}\nEOF\n"),
            format!("  apply_patch << \"PATCH\"\n{PATCH}\nPATCH"),
            format!("applypatch <<-EOF\n{PATCH}\n\tEOF"),
            format!("apply_patch '{PATCH}'"),
        ] {
            assert_eq!(input(json!({ "command": command })).as_deref(), Some(PATCH), "{command}");
        }
    }

    #[test]
    fn paths_are_those_of_the_folder_it_begins_in() {
        let there = PATCH.replace("src/a.rs", "sub/src/a.rs").replace("b.rs\n***", "sub/b.rs\n***");
        let command = format!("apply_patch <<'EOF'\n{PATCH}\nEOF");
        assert_eq!(input(json!({ "command": command, "workdir": "sub/" })), Some(there.clone()));
        assert_eq!(
            input(json!({ "command": format!("cd sub && {command}") })),
            Some(there.clone())
        );
        assert_eq!(
            input(json!({ "command": format!("cd 'sub' && {command}"), "workdir": "up" })),
            Some(there.replace("sub/", "up/sub/"))
        );
        let absolute = PATCH.replace("src/a.rs", "/src/a.rs");
        let command = format!("apply_patch <<'EOF'\n{absolute}\nEOF");
        assert!(
            input(json!({ "command": command, "workdir": "sub" }))
                .unwrap()
                .contains("File: /src/a.rs")
        );
    }

    #[test]
    fn a_command_that_does_anything_else_stays_a_command() {
        for command in [
            format!("apply_patch <<'EOF'\n{PATCH}\nEOF\nrm -rf /"),
            format!("apply_patch <<'EOF'; rm x\n{PATCH}\nEOF"),
            format!("apply_patch <<'EOF' | tee x\n{PATCH}\nEOF"),
            format!("apply_patch <<'EOF'\n{PATCH}\nEOF\nrm x\nEOF"),
            format!("cd $(rm x) && apply_patch <<'EOF'\n{PATCH}\nEOF"),
            format!("rm x; apply_patch <<'EOF'\n{PATCH}\nEOF"),
            format!("cat <<'EOF'\n{PATCH}\nEOF"),
            format!("apply_patches <<'EOF'\n{PATCH}\nEOF"),
            format!("apply_patch \"{PATCH}\""),
            format!("apply_patch '{PATCH}'; rm 'x'"),
            PATCH.to_owned(),
        ] {
            assert_eq!(input(json!({ "command": command })), None, "{command}");
        }
        let read = ToolCall {
            name: "read".into(),
            ..call(json!({ "command": format!("apply_patch '{PATCH}'") }))
        };
        assert!(meant(&read).is_none());
    }
}
