//! A text as lines, each with its own end. Changes nothing.

use std::borrow::Cow;

/// One line of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextRow<'a> {
    /// Where it begins, in bytes.
    pub start: usize,
    pub text: &'a str,
    /// `\n`, `\r\n`, or nothing for a last line that has no end.
    pub end: &'a str,
}

/// How lines end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnding {
    CrLf,
    #[default]
    Lf,
}

pub fn rows(text: &str) -> Vec<TextRow<'_>> {
    let mut start = 0;
    let row = |line| {
        let text = bare(line);
        let row = TextRow { start, text, end: &line[text.len()..] };
        start += line.len();
        row
    };
    text.split_inclusive('\n').map(row).collect()
}

/// A line without its end.
fn bare(line: &str) -> &str {
    line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line))
}

/// The same with `\n` at the end of every line.
pub fn unify(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

impl TextRow<'_> {
    /// Where the next one begins.
    pub fn after(&self) -> usize {
        self.start + self.text.len() + self.end.len()
    }
}

impl LineEnding {
    /// How most lines of a text end; `None` when it has no line end.
    pub fn of(text: &str) -> Option<Self> {
        let all = text.bytes().filter(|byte| *byte == b'\n').count();
        let crlf = text.matches("\r\n").count();
        (all > 0).then_some(if crlf * 2 > all { Self::CrLf } else { Self::Lf })
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::CrLf => "\r\n",
            Self::Lf => "\n",
        }
    }

    /// A text with lines that end like this.
    pub fn dress(self, text: &str) -> String {
        match self {
            Self::CrLf => unify(text).replace('\n', "\r\n"),
            Self::Lf => unify(text).into_owned(),
        }
    }
}
