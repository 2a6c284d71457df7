//! Contents of the folder that a command may destroy: all of them, unless its words prove that it
//! leaves the rest alone.

use std::path::PathBuf;

use super::super::shell::{ShellWord, WordForm};
use super::super::shell_path::{self, Dir, Spot};
use super::walk::LineWalk;
use super::{CommandPart, CommandText, NamedFiles, ReasonKind, needs, operands};

/// They make, or change what is no content.
const HARMLESS: [&str; 8] =
    ["chgrp", "chmod", "chown", "mkdir", "mkfifo", "rmdir", "setfacl", "touch"];
/// They write where their words say, and nowhere else.
const WRITERS: [&str; 13] = [
    "cp", "dd", "install", "link", "ln", "mv", "rm", "shred", "srm", "tee", "trash", "truncate",
    "unlink",
];
/// Subcommands with which git only adds to its own files.
const ADDING: [&str; 7] = ["add", "branch", "commit", "fetch", "init", "push", "tag"];
/// They put words behind those of another command.
const APPENDING: [&str; 6] = ["fd", "fdfind", "find", "gfind", "parallel", "xargs"];

/// With what its output goes to.
pub fn losses(part: &CommandPart) -> Vec<NamedFiles> {
    let written = part.reasons.iter().filter_map(|reason| match &reason.kind {
        ReasonKind::Write(path) => Some(NamedFiles::Tree(path.clone())),
        _ => None,
    });
    part.loses.iter().cloned().chain(written).collect()
}

/// All there is in the folder.
pub(super) fn all() -> Vec<NamedFiles> {
    vec![NamedFiles::Tree(PathBuf::new())]
}

impl LineWalk<'_> {
    /// The files that a command may destroy which is not known to only read.
    pub(super) fn loses(
        &self,
        name: &str,
        words: &[ShellWord],
        outer_texts: &[CommandText],
        dirs: &[Dir],
    ) -> Vec<NamedFiles> {
        let is_adding = || operands(&words[1..]).next().is_some_and(adds);
        if HARMLESS.contains(&name) || name == "git" && is_adding() {
            return Vec::new();
        }
        let appends = |text: &CommandText| {
            let [_, named] = &text.also;
            APPENDING.contains(&named.split(' ').next().unwrap_or_default())
        };
        if !WRITERS.contains(&name) || outer_texts.iter().any(appends) {
            return all();
        }
        let written = needs::written(name, words);
        let mut found = Vec::new();
        for word in &written {
            match shell_path::locate(self.policy, dirs, word) {
                Spot::Inside(path) if word.form == WordForm::Glob => {
                    found.push(NamedFiles::Glob(path.to_string_lossy().into_owned()));
                }
                Spot::Inside(path) => found.push(NamedFiles::Tree(path)),
                Spot::Outside(_) | Spot::Stream => {}
                Spot::Unknown => return all(),
            }
        }
        if written.is_empty() { all() } else { found }
    }
}

fn adds(sub: &ShellWord) -> bool {
    sub.form == WordForm::Literal && ADDING.contains(&sub.text.as_str())
}
