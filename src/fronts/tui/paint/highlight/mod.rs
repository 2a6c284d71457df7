//! Syntax highlighting: comments, strings, numbers, keywords, names of types and functions.
//!
//! Uses a lexer for each family of languages instead of full grammars, which cost 7 MB when loaded,
//! 5 to 40 MB more for each language, and a second for the first line of some. The lexers cost
//! nothing until used, and then a few nanoseconds per byte.

use crate::tui::paint::{Ink, Role};

use self::languages::{Language, find};
use self::lexer::Lexer;

mod languages;
mod lexer;
mod markup;

/// The inks of each line of code: byte lengths in order that cover the whole line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Highlight {
    lines: Vec<Box<[(u16, Ink)]>>,
}

/// Longer code than this stays plain.
pub const MOST_CODE: usize = 64 << 10;

/// Code with a longer line stays plain: it is minified.
const LONGEST_LINE: usize = 2 << 10;

/// Highlights code in `language` (the word after a fence's backticks, lower case). `None` if the
/// language is unknown or the code is too long.
pub fn highlight(language: &str, code: &str) -> Option<Highlight> {
    if code.len() > MOST_CODE || code.lines().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    let lines = match find(language)? {
        Language::Code(rules) => {
            let mut lexer = Lexer::new(rules);
            code.lines().map(|line| lexer.line(line)).collect()
        }
        Language::Diff => code.lines().map(markup::diff_line).collect(),
        Language::Keys(comment) => {
            code.lines().map(|line| markup::keys_line(line, comment)).collect()
        }
        Language::Tags => {
            let mut tags = markup::Tags::default();
            code.lines().map(|line| tags.line(line)).collect()
        }
    };
    Some(Highlight { lines })
}

impl Highlight {
    pub fn lines(&self) -> &[Box<[(u16, Ink)]>] {
        &self.lines
    }
}

/// Collects the runs of a line.
#[derive(Debug, Default)]
struct Runs(Vec<(u16, Ink)>);

impl Runs {
    fn push(&mut self, len: usize, role: Role) {
        let ink = Ink::from(role);
        let len = u16::try_from(len).unwrap_or(u16::MAX);
        match self.0.last_mut() {
            _ if len == 0 => {}
            Some((last, same)) if *same == ink => *last += len,
            _ => self.0.push((len, ink)),
        }
    }

    fn done(self) -> Box<[(u16, Ink)]> {
        self.0.into_boxed_slice()
    }
}

#[cfg(test)]
mod tests;
