//! Highlighting of diffs, keys and values, and tags.

use super::Runs;
use crate::tui::paint::{Ink, Role};

type Inked = Box<[(u16, Ink)]>;

pub(super) fn diff_line(line: &str) -> Inked {
    let headers =
        ["diff ", "index ", "--- ", "+++ ", "new file", "deleted file", "rename ", "similarity "];
    let role = match line.bytes().next() {
        _ if headers.iter().any(|header| line.starts_with(header)) => Role::SyntaxType,
        Some(b'+') => Role::Added,
        Some(b'-') => Role::Removed,
        Some(b'@') => Role::SyntaxFunction,
        _ => Role::Text,
    };
    let mut runs = Runs::default();
    runs.push(line.len(), role);
    runs.done()
}

/// Highlights `key: value`, `key = value` and `[section]`, with comments after a mark.
pub(super) fn keys_line(line: &str, comment: &str) -> Inked {
    let mut runs = Runs::default();
    let indent = line.len() - line.trim_start_matches([' ', '-']).len();
    runs.push(indent, Role::SyntaxPunctuation);
    let body = &line[indent..];
    if body.starts_with('[') && !body.contains('=') {
        runs.push(body.len(), Role::SyntaxType);
        return runs.done();
    }
    let value = match key_end(body) {
        Some(end) => {
            runs.push(end, Role::SyntaxFunction);
            runs.push(1, Role::SyntaxPunctuation);
            &body[end + 1..]
        }
        None => body,
    };
    put_value(&mut runs, value, comment);
    runs.done()
}

fn key_end(body: &str) -> Option<usize> {
    let end = body.find([':', '='])?;
    let separates =
        body[end..].starts_with('=') || matches!(body.as_bytes().get(end + 1), None | Some(b' '));
    (separates && !body.starts_with(['#', '"', '\'']) || body[..end].ends_with(['"', '\'']))
        .then_some(end)
}

fn put_value(runs: &mut Runs, value: &str, comment: &str) {
    let mut at = 0;
    while at < value.len() {
        let rest = &value[at..];
        let first = rest.chars().next().unwrap_or(' ');
        let starts_word = value[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let (len, role) = if rest.starts_with(comment)
            && value[..at].chars().next_back().is_none_or(char::is_whitespace)
        {
            (rest.len(), Role::SyntaxComment)
        } else if first == '"' || first == '\'' {
            (rest[1..].find(first).map_or(rest.len(), |end| end + 2), Role::SyntaxString)
        } else if first.is_ascii_digit() && starts_word {
            (
                rest.find(|c: char| !c.is_alphanumeric() && !"._-:+".contains(c))
                    .unwrap_or(rest.len()),
                Role::SyntaxNumber,
            )
        } else if first.is_alphabetic() {
            let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let is_constant =
                matches!(&rest[..len], "true" | "false" | "null" | "yes" | "no" | "on" | "off");
            (len, if is_constant { Role::SyntaxNumber } else { Role::SyntaxVariable })
        } else {
            (first.len_utf8(), Role::SyntaxPunctuation)
        };
        runs.push(len, role);
        at += len;
    }
}

/// HTML and XML, across lines.
#[derive(Default)]
pub(super) struct Tags {
    state: Inside,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Inside {
    Comment,
    Tag,
    #[default]
    Text,
}

impl Tags {
    pub fn line(&mut self, line: &str) -> Inked {
        let mut runs = Runs::default();
        let mut at = 0;
        while at < line.len() {
            let (len, role) = self.next(&line[at..]);
            runs.push(len, role);
            at += len;
        }
        runs.done()
    }

    fn next(&mut self, rest: &str) -> (usize, Role) {
        let first = rest.chars().next().unwrap_or(' ');
        let word = |from: usize| {
            let body = &rest[from..];
            from + body
                .find(|c: char| !c.is_alphanumeric() && !"-_:.@".contains(c))
                .unwrap_or(body.len())
        };
        match self.state {
            Inside::Comment => match rest.find("-->") {
                Some(end) => {
                    self.state = Inside::Text;
                    (end + 3, Role::SyntaxComment)
                }
                None => (rest.len(), Role::SyntaxComment),
            },
            Inside::Text if rest.starts_with("<!--") => {
                self.state = Inside::Comment;
                (4, Role::SyntaxComment)
            }
            Inside::Text if first == '<' => {
                self.state = Inside::Tag;
                let mark = 1 + usize::from(rest[1..].starts_with(['/', '!', '?']));
                (word(mark), Role::SyntaxKeyword)
            }
            Inside::Text => (rest.find('<').unwrap_or(rest.len()), Role::Text),
            Inside::Tag if first == '>' => {
                self.state = Inside::Text;
                (1, Role::SyntaxKeyword)
            }
            Inside::Tag if first == '"' || first == '\'' => {
                (rest[1..].find(first).map_or(rest.len(), |end| end + 2), Role::SyntaxString)
            }
            Inside::Tag if first == '/' || first == '?' => (1, Role::SyntaxKeyword),
            Inside::Tag => {
                let end = word(0);
                if end == 0 {
                    (first.len_utf8(), Role::SyntaxPunctuation)
                } else {
                    (end, Role::SyntaxType)
                }
            }
        }
    }
}
