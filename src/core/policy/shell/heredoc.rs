//! Here-documents: texts that stand below the line which announces them.

use std::cell::OnceCell;
use std::rc::Rc;

use super::grammar::Parser;
use super::letters::Letters;
use super::{Redirect, RedirectKind, ShellWord, Unclear};

/// The here-documents whose bodies have yet to come.
#[derive(Default)]
pub(super) struct Heredocs(Vec<PendingHeredoc>);

struct PendingHeredoc {
    delimiter: String,
    tabs: Tabs,
    text: Text,
    body: Rc<OnceCell<ShellWord>>,
}

#[derive(Clone, Copy)]
pub(super) enum Tabs {
    Kept,
    Stripped,
}

#[derive(Clone, Copy)]
enum Text {
    AsItStands,
    Expanded,
}

impl Heredocs {
    /// Announces one, whose body ends with the line `target`.
    pub(super) fn announce(&mut self, target: &ShellWord, tabs: Tabs) -> Result<Redirect, Unclear> {
        let delimiter =
            target.known().ok_or(Unclear("the end of a here-document is not plain"))?.to_owned();
        let text = if target.bare == target.text.len() { Text::Expanded } else { Text::AsItStands };
        let body = Rc::new(OnceCell::new());
        self.0.push(PendingHeredoc { delimiter, tabs, text, body: Rc::clone(&body) });
        Ok(Redirect { way: RedirectKind::Here, target: ShellWord::literal(""), body })
    }

    /// Reads the bodies that were announced in the line that just ended.
    pub(super) fn read(&mut self, letters: &mut Letters<'_>, depth: usize) -> Result<(), Unclear> {
        for pending in std::mem::take(&mut self.0) {
            let mut body = String::new();
            loop {
                if letters.is_end() {
                    return Err(Unclear::HEREDOC_WITHOUT_END);
                }
                let line: String =
                    letters.all[letters.at..].iter().take_while(|c| **c != '\n').collect();
                letters.at = (letters.at + line.chars().count() + 1).min(letters.all.len());
                let line = if matches!(pending.tabs, Tabs::Stripped) {
                    line.trim_start_matches('\t')
                } else {
                    &line
                };
                if line == pending.delimiter {
                    break;
                }
                body.push_str(line);
                body.push('\n');
            }
            let word = match pending.text {
                Text::AsItStands => ShellWord { text: body, ..ShellWord::default() },
                Text::Expanded => {
                    let body: Vec<char> = body.chars().collect();
                    Parser::new(&body, depth + 1)?.expanded()?
                }
            };
            // Each body has a cell of its own, so that it is always the first.
            let _ = pending.body.set(word);
        }
        Ok(())
    }

    /// At the end of a text: nothing may be owed.
    pub(super) fn settle(&self) -> Result<(), Unclear> {
        if self.0.is_empty() { Ok(()) } else { Err(Unclear::HEREDOC_WITHOUT_BODY) }
    }
}
