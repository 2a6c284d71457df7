//! Redirections and here-documents.

use std::cell::OnceCell;
use std::rc::Rc;

use super::grammar::Parser;
use super::{Redirect, RedirectKind, ShellWord, Unclear};

/// A here-document whose body has yet to come.
pub(super) struct PendingHeredoc {
    delimiter: String,
    tabs: Tabs,
    text: Text,
    body: Rc<OnceCell<ShellWord>>,
}

#[derive(Clone, Copy)]
enum Tabs {
    Kept,
    Stripped,
}

#[derive(Clone, Copy)]
enum Text {
    AsItStands,
    Expanded,
}

impl Parser<'_> {
    pub(super) fn at_redirect(&self) -> bool {
        let digits = self.letters[self.at..].iter().take_while(|c| c.is_ascii_digit()).count();
        match self.letters.get(self.at + digits) {
            Some('<' | '>') => digits > 0 || self.second() != Some('('),
            Some('&') => digits == 0 && self.second() == Some('>'),
            _ => false,
        }
    }

    pub(super) fn redirect(&mut self) -> Result<Redirect, Unclear> {
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        if self.take("<<<") {
            return Ok(Redirect {
                way: RedirectKind::Here,
                target: self.target()?,
                body: Rc::default(),
            });
        }
        if self.take("<<-") {
            return self.here(Tabs::Stripped);
        }
        if self.take("<<") {
            return self.here(Tabs::Kept);
        }
        let signs = [
            ("&>>", RedirectKind::Write),
            ("&>", RedirectKind::Write),
            (">>", RedirectKind::Write),
            (">|", RedirectKind::Write),
            (">&", RedirectKind::Duplicate),
            ("<>", RedirectKind::Write),
            ("<&", RedirectKind::Duplicate),
            (">", RedirectKind::Write),
            ("<", RedirectKind::Read),
        ];
        let Some((_, mut way)) = signs.into_iter().find(|(sign, _)| self.take(sign)) else {
            return Err(Unclear("a redirection is not known"));
        };
        let target = self.target()?;
        let numbers =
            target.known().is_some_and(|text| text.chars().all(|c| c.is_ascii_digit() || c == '-'));
        if way == RedirectKind::Duplicate && !numbers {
            way = RedirectKind::Write;
        }
        Ok(Redirect { way, target, body: Rc::default() })
    }

    fn target(&mut self) -> Result<ShellWord, Unclear> {
        self.blanks();
        self.word()
    }

    fn here(&mut self, tabs: Tabs) -> Result<Redirect, Unclear> {
        let target = self.target()?;
        let delimiter =
            target.known().ok_or(Unclear("the end of a here-document is not plain"))?.to_owned();
        let text = if target.bare == target.text.len() { Text::Expanded } else { Text::AsItStands };
        let body = Rc::new(OnceCell::new());
        self.pending.push(PendingHeredoc { delimiter, tabs, text, body: Rc::clone(&body) });
        Ok(Redirect { way: RedirectKind::Here, target: ShellWord::literal(""), body })
    }

    /// Reads the bodies that were announced in the line that just ended.
    pub(super) fn bodies(&mut self) -> Result<(), Unclear> {
        for pending in std::mem::take(&mut self.pending) {
            let mut body = String::new();
            loop {
                if self.is_end() {
                    return Err(Unclear::HEREDOC_WITHOUT_END);
                }
                let line: String =
                    self.letters[self.at..].iter().take_while(|c| **c != '\n').collect();
                self.at = (self.at + line.chars().count() + 1).min(self.letters.len());
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
                    let letters: Vec<char> = body.chars().collect();
                    Parser::new(&letters, self.depth + 1)?.expanded()?
                }
            };
            // Each body has a cell of its own, so that it is always the first.
            let _ = pending.body.set(word);
        }
        Ok(())
    }

    /// At the end of a text: nothing may be owed.
    pub(super) fn settle(&self) -> Result<(), Unclear> {
        if self.pending.is_empty() { Ok(()) } else { Err(Unclear::HEREDOC_WITHOUT_BODY) }
    }
}
