//! A fenced code block laid out line by line, so that growth costs only the added lines.

use crate::base::text::clean;
use crate::tui::paint::wrap::{Prefix, Span, expand_tabs};
use crate::tui::paint::{Emphasis, Ink, LaidOutLines, Role};

/// An open fence (CommonMark 4.5).
#[derive(Debug)]
pub(super) struct CodeFence {
    mark: char,
    length: usize,
    indent: usize,
    pub language: String,
    /// The code so far, as shown.
    pub code: String,
    /// The first row of code.
    pub first_row: usize,
}

/// The role of a line in the fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Closed,
    Code,
}

impl CodeFence {
    /// Parses the opening line.
    pub fn open(line: &str) -> Option<Self> {
        let body = line.trim_start_matches(' ');
        let indent = line.len() - body.len();
        let mark = body.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = body.trim_start_matches(mark);
        let length = body.len() - info.len();
        let language = info.trim().split([' ', ',', '{', '\t']).next().unwrap_or_default();
        let is_fence = indent < 4 && length >= 3 && !(mark == '`' && info.contains('`'));
        is_fence.then(|| Self {
            mark,
            length,
            indent,
            language: clean(language).to_lowercase(),
            code: String::new(),
            first_row: 0,
        })
    }

    /// Adds the row above the code with its language.
    pub fn put_label(&mut self, lines: &mut LaidOutLines) {
        if !self.language.is_empty() {
            put_label(lines, &self.language, &[]);
        }
        self.first_row = lines.len();
    }

    /// Takes a complete line, without its line feed.
    pub fn take(&mut self, line: &str, lines: &mut LaidOutLines, width: usize) -> Taken {
        if self.closes(line) {
            return Taken::Closed;
        }
        let shown = self.shown(line);
        put_code(lines, &shown, width, &[]);
        self.code.push_str(&shown);
        self.code.push('\n');
        Taken::Code
    }

    /// Shows an incomplete line, unless it may become the fence's end.
    pub fn show(&self, line: &str, lines: &mut LaidOutLines, width: usize) {
        let body = line.trim();
        let may_close = body.chars().all(|c| c == self.mark);
        if !may_close {
            put_code(lines, &self.shown(line), width, &[]);
        }
    }

    fn closes(&self, line: &str) -> bool {
        let body = line.trim_start_matches(' ');
        let rest = body.trim_start_matches(self.mark);
        line.len() - body.len() < 4
            && body.len() - rest.len() >= self.length
            && rest.trim().is_empty()
    }

    fn shown(&self, line: &str) -> String {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        as_code(&line[spaces.min(self.indent)..])
    }
}

/// A line of code as shown: cleaned, tabs expanded.
pub(super) fn as_code(line: &str) -> String {
    let line = line.strip_suffix('\r').unwrap_or(line);
    expand_tabs(&clean(line).replace('\n', " ")).into_owned()
}

/// Adds code with an indent of two columns; further rows of a long line are marked there, so that
/// they are not taken for lines.
pub(super) fn put_code(
    lines: &mut LaidOutLines,
    shown: &str,
    width: usize,
    outer: &[Span<'static>],
) {
    lines.wrap_anywhere(
        &[Span::new(shown, Ink::new(Role::Text, Emphasis::BLOCK))],
        width,
        &code_prefix(outer),
    );
}

pub(super) fn code_prefix(outer: &[Span<'static>]) -> Prefix {
    let with = |mark: Span<'static>| outer.iter().cloned().chain([mark]).collect();
    let on_block = |text, role| Span::new(text, Ink::new(role, Emphasis::BLOCK));
    Prefix::new(with(on_block("  ", Role::Text)), with(on_block("» ", Role::Faint)))
}

pub(super) fn put_label(lines: &mut LaidOutLines, language: &str, outer: &[Span<'static>]) {
    for span in outer {
        lines.push(&span.text, span.ink);
    }
    lines.push("  ", Ink::new(Role::Text, Emphasis::BLOCK));
    lines.end_gutter(0);
    lines.push_row(language, Ink::new(Role::Faint, Emphasis::BLOCK));
}
