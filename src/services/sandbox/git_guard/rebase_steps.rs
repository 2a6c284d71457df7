//! The todo list of a rebase that was begun, which `git rebase --continue` goes on with: it can
//! have lines that run a command.

use std::ffi::OsStr;

use crate::base::folder_handle::FolderHandle;

use super::content::{Content, content};

/// The folder of a repository that it lies in, and its name.
pub(super) const FOLDER: &str = "rebase-merge";
pub(super) const NAME: &str = "git-rebase-todo";

/// Words that may begin a line; any other could run something.
const STEPS: [&str; 24] = [
    "b",
    "break",
    "d",
    "drop",
    "e",
    "edit",
    "f",
    "fixup",
    "l",
    "label",
    "m",
    "merge",
    "noop",
    "p",
    "pick",
    "r",
    "reset",
    "reword",
    "revert",
    "s",
    "squash",
    "t",
    "u",
    "update-ref",
];

/// The list of a repository.
pub(super) fn of(git: &FolderHandle) -> Content {
    git.subfolder(OsStr::new(FOLDER))
        .map_or(Content::Nothing, |folder| content(&folder, OsStr::new(NAME)))
}

/// Whether a list has a line that may run something, and that did not stand there before.
pub(super) fn runs_something(now: &Content, before: &Content) -> bool {
    let text = |content: &Content| match content {
        Content::File { bytes, .. } => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    };
    if matches!(now, Content::Nothing | Content::Folder) || now == before {
        return false;
    }
    let Some(now) = text(now) else { return true };
    let before = text(before).unwrap_or_default();
    let is_harmless = |line: &str| {
        let step = line.trim_start_matches([' ', '\t']);
        let word = step.split([' ', '\t', '\r']).next().unwrap_or_default();
        word.is_empty() || word.starts_with('#') || STEPS.contains(&word)
    };
    now.split('\n').any(|line| !is_harmless(line) && !before.split('\n').any(|old| old == line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Content {
        Content::File { bytes: text.into(), mode: 0o644, owner: [0; 2] }
    }

    #[test]
    fn a_line_that_runs_something_is_found_unless_it_was_there() {
        let plain = "pick 1234 a: b # exec\n\n# exec x\nupdate-ref refs/heads/a\nmerge -C 12 x\n";
        assert!(!runs_something(&file(plain), &Content::Nothing));
        for armed in ["exec ./x", "x ./x", "  exec\t./x", "pick 1\nexec ./x\n", "later ./x"] {
            assert!(runs_something(&file(armed), &Content::Nothing), "{armed}");
            assert!(!runs_something(&file(armed), &file(&format!("pick 1\n{armed}\n"))));
        }
        assert!(runs_something(&file("exec a\nexec b"), &file("exec a")));
        assert!(runs_something(&Content::Link("x".into()), &Content::Nothing));
    }
}
