//! The lexer for programming languages: line by line, by their rules.

use super::Runs;
use super::languages::{CommentReach, Escape, KeyStyle, KeywordCase, LanguageRules, Quote};
use crate::tui::paint::{Ink, Role};

pub(super) struct Lexer {
    rules: &'static LanguageRules,
    state: State,
}

/// The state at the end of the previous line.
#[derive(Clone, Copy)]
enum State {
    Comment,
    Normal,
    Text(&'static Quote),
}

impl Lexer {
    pub fn new(rules: &'static LanguageRules) -> Self {
        Self { rules, state: State::Normal }
    }

    pub fn line(&mut self, line: &str) -> Box<[(u16, Ink)]> {
        let mut runs = Runs::default();
        let mut at = 0;
        while at < line.len() {
            let (len, role) = self.next(line, at);
            // Always advances, so that the loop ends with any rules.
            let len = len.max(line[at..].chars().next().map_or(1, char::len_utf8));
            runs.push(len, role);
            at += len;
        }
        runs.done()
    }

    fn next(&mut self, line: &str, at: usize) -> (usize, Role) {
        let rest = &line[at..];
        match self.state {
            State::Comment => return (self.comment(rest, 0), Role::SyntaxComment),
            State::Text(quote) => return (self.text(rest, 0, quote), Role::SyntaxString),
            State::Normal => {}
        }
        if let Some((open, _)) = self.rules.block_comment
            && rest.starts_with(open)
        {
            self.state = State::Comment;
            return (self.comment(rest, open.len()), Role::SyntaxComment);
        }
        if self
            .rules
            .line_comments
            .iter()
            .any(|mark| rest.starts_with(mark) && begins_comment(mark, line, at))
        {
            return (rest.len(), Role::SyntaxComment);
        }
        if let Some(quote) = self.rules.quotes.iter().find(|quote| rest.starts_with(quote.mark)) {
            let len = self.text(rest, quote.mark.len(), quote);
            let is_key = self.rules.strings_before_colon == KeyStyle::Are
                && rest[len..].trim_start().starts_with(':');
            return (len, if is_key { Role::SyntaxFunction } else { Role::SyntaxString });
        }
        let first = rest.chars().next().unwrap_or(' ');
        match first {
            '\'' => character_or_lifetime(rest),
            '0'..='9' => (
                rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
                    .unwrap_or(rest.len()),
                Role::SyntaxNumber,
            ),
            c if is_word(c) => self.word(line, at),
            c => (c.len_utf8(), Role::SyntaxPunctuation),
        }
    }

    /// The length up to the end of a block comment; `from` bytes of it are known.
    fn comment(&mut self, rest: &str, from: usize) -> usize {
        let close = self.rules.block_comment.map_or("", |(_, close)| close);
        match rest[from..].find(close) {
            Some(end) => {
                self.state = State::Normal;
                from + end + close.len()
            }
            None => rest.len(),
        }
    }

    /// The length up to the end of a string; `from` bytes of it are known.
    fn text(&mut self, rest: &str, from: usize, quote: &'static Quote) -> usize {
        let mut at = from;
        while at < rest.len() {
            if quote.escape == Escape::Backslash && rest[at..].starts_with('\\') {
                at += 1 + rest[at + 1..].chars().next().map_or(0, char::len_utf8);
            } else if rest[at..].starts_with(quote.mark) {
                self.state = State::Normal;
                return at + quote.mark.len();
            } else {
                at += rest[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        self.state =
            if quote.reach == CommentReach::Lines { State::Text(quote) } else { State::Normal };
        rest.len()
    }

    fn word(&self, line: &str, at: usize) -> (usize, Role) {
        let rest = &line[at..];
        let len = rest.find(|c: char| !(is_word(c) || c.is_alphanumeric())).unwrap_or(rest.len());
        let word = &rest[..len];
        let known = |words: &str| match self.rules.case {
            KeywordCase::Any => words.split(' ').any(|known| known.eq_ignore_ascii_case(word)),
            KeywordCase::CapitalsAreTypes | KeywordCase::Exact => {
                words.split(' ').any(|known| known == word)
            }
        };
        let is_member = line[..at].ends_with('.') && !line[..at].ends_with("..");
        let after = rest[len..].trim_start_matches('!');
        let role = if known(self.rules.keywords) && !is_member {
            Role::SyntaxKeyword
        } else if known(self.rules.constants) && !is_member {
            Role::SyntaxNumber
        } else if known(self.rules.types) {
            Role::SyntaxType
        } else if after.starts_with('(') || is_defined(&line[..at]) {
            Role::SyntaxFunction
        } else if self.rules.case == KeywordCase::CapitalsAreTypes
            && word.starts_with(char::is_uppercase)
        {
            Role::SyntaxType
        } else {
            Role::SyntaxVariable
        };
        (len, role)
    }
}

/// Whether a hash begins a comment: only where a word could begin, not in `$#`, `a#b` or `#fff`.
fn begins_comment(mark: &str, line: &str, at: usize) -> bool {
    mark != "#" || line[..at].chars().next_back().is_none_or(char::is_whitespace)
}

/// Reads a single quote that begins no string: `'x'` and `'\n'` are characters, `'name` is a
/// lifetime.
fn character_or_lifetime(rest: &str) -> (usize, Role) {
    let mut chars = rest.char_indices().skip(1);
    let end = match chars.next() {
        Some((_, '\\')) => {
            rest[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map(|(at, _)| at + 2)
        }
        Some(_) => chars.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at),
        None => None,
    };
    match end {
        Some(end) => (end + 1, Role::SyntaxString),
        None => (
            1 + rest[1..]
                .find(|c: char| !is_word(c) && !c.is_alphanumeric())
                .unwrap_or(rest.len() - 1),
            Role::SyntaxType,
        ),
    }
}

/// Whether the word before this one makes it a function's name.
fn is_defined(before: &str) -> bool {
    let word = before.trim_end().rsplit(' ').next().unwrap_or_default();
    before.ends_with(' ')
        && matches!(word, "fn" | "func" | "fun" | "function" | "def" | "defp" | "sub")
}

fn is_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}
