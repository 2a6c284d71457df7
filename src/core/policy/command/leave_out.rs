//! Committed secrets in a whole line: edits of the words of its `git` commands become edits of the
//! line.

use std::mem;
use std::path::PathBuf;

use crate::protocol::{LineEdit, LineEdits};

use super::super::shell::{PathRoot, ShellWord, WordForm};
use super::super::shell_path::Dir;
use super::git::{Git, HistoryAccess, WordEdit, history};
use super::walk::{LineWalk, WalkScene};
use super::{AskReason, ReasonKind};

/// Bytes that are added to a line; Linux takes 128 KiB as one word.
const MOST: usize = 80 * 1024;
const UNCLEAR: &str = "It may show secrets that were committed, and they cannot be left out here";

impl LineWalk<'_> {
    /// Notes how a command leaves committed secrets out, or tells why it cannot.
    pub(super) fn leave_out(
        &mut self,
        git: &Git<'_>,
        words: &[ShellWord],
        dirs: &[Dir],
    ) -> Option<AskReason> {
        let (edits, leaves_out) = match history(git, words) {
            HistoryAccess::Asks(name, why) => {
                return Some(AskReason::new(ReasonKind::Secret(name), why));
            }
            HistoryAccess::Names(edits) => (edits, false),
            HistoryAccess::LeftOut(edits) => (edits, true),
        };
        let place = |edit: WordEdit| {
            let (WordEdit::Behind(at, _)
            | WordEdit::BehindUnlessPath(at, ..)
            | WordEdit::Instead(at, _)) = &edit;
            let span = words.get(*at)?.span.clone()?;
            let behind = span.end..span.end;
            Some(match edit {
                WordEdit::Behind(_, text) => {
                    vec![LineEdit { letters: behind, text, unless_there: Vec::new() }]
                }
                WordEdit::BehindUnlessPath(_, text, paths) => {
                    let places = places(git, &paths, dirs);
                    let edit = |unless_there| LineEdit { letters: behind, text, unless_there };
                    places.map(edit).into_iter().collect()
                }
                WordEdit::Instead(_, text) => {
                    vec![LineEdit { letters: span, text: quoted(&text), unless_there: Vec::new() }]
                }
            })
        };
        match edits.into_iter().map(place).collect::<Option<Vec<_>>>() {
            Some(found) => {
                self.edits.edits.extend(found.into_iter().flatten());
                self.edits.leaves_out |= leaves_out;
                None
            }
            None => Some(AskReason::new(ReasonKind::Secret("git".to_owned()), UNCLEAR)),
        }
    }

    /// A script in one of these words, or made of them.
    pub(super) fn script_in(&mut self, words: &[ShellWord], script: &str, scene: &WalkScene) {
        let (before, known) = (mem::take(&mut self.edits), self.parts.len());
        self.script(script, scene);
        let mut inner = mem::replace(&mut self.edits, before);
        if inner.edits.is_empty() {
            return;
        }
        inner.edits.sort_by_key(|edit| (edit.letters.start, edit.letters.end));
        inner.edits.dedup();
        let mut hosts = words.iter().filter(|word| word.text == script && word.is_literal());
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.span.clone(),
            _ => None,
        };
        match host {
            Some(letters) => {
                let text = quoted(&inner.apply(script, |_| true));
                self.edits.edits.push(LineEdit { letters, text, unless_there: Vec::new() });
                self.edits.leaves_out |= inner.leaves_out;
            }
            None => self.ask_of(known, "git"),
        }
    }

    /// Asks if variables could disable the words that leave secrets out, or if the line becomes too
    /// long for a system to start it.
    pub(super) fn heed_limits(&mut self, line: &str) {
        let added: usize = self.edits.edits.iter().map(|edit| edit.text.len()).sum();
        if added > MOST {
            self.edits = LineEdits::default();
            self.ask_of(0, "git");
        }
        if line.contains("PATHSPECS") && self.edits.leaves_out {
            self.edits = LineEdits::default();
            self.ask_of(0, "PATHSPECS");
        }
    }

    fn ask_of(&mut self, from: usize, name: &str) {
        for part in &mut self.parts[from..] {
            part.reasons.push(AskReason::new(ReasonKind::Secret(name.to_owned()), UNCLEAR));
        }
    }
}

/// Where these words lead if they are paths; `None` where that is not known.
fn places(git: &Git<'_>, words: &[ShellWord], dirs: &[Dir]) -> Option<Vec<PathBuf>> {
    let is_known =
        |word: &&ShellWord| word.form == WordForm::Literal && word.root == PathRoot::None;
    let mut places = Vec::new();
    for dir in dirs.iter().filter(|_| !words.is_empty()) {
        let Dir::At(dir) = dir else { return None };
        let mut at = dir.clone();
        for folder in &git.folders {
            at.push(Some(folder).filter(|word| is_known(word))?.text.as_str());
        }
        for word in words {
            places.push(at.join(Some(word).filter(is_known)?.text.as_str()));
        }
    }
    Some(places)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
