//! Literal lines for an approval: blanks cannot hide text, and lookalike letters are marked.

use crate::base::lookalikes;
use crate::base::text::reveal;
use crate::fronts::tui::paint::wrap::{Breaks, Prefix, expand_tabs, wrap_into};
use crate::fronts::tui::paint::{LaidOutLines, Role, Span};

/// More blanks in a row are counted instead, because they push text out of sight.
const BLANKS: usize = 40;

/// Adds a line unaltered, broken at full rows. The mark stands only before its first row.
pub fn verbatim(lines: &mut LaidOutLines, mark: &'static str, line: &str, width: usize) {
    let prefix = Prefix::new(
        vec![Span::new(mark, Role::Dim)],
        vec![Span::new(" ".repeat(mark.len()), Role::Dim)],
    );
    let shown = closed(&expand_tabs(&reveal(line)));
    let mut spans = Vec::new();
    let mut from = 0;
    for (at, letter) in lookalikes(&shown) {
        let end = at + letter.len_utf8();
        spans.push(Span::new(&shown[from..end], Role::Code));
        spans.push(Span::new(format!("<{}>", code_point(letter)), Role::Warn));
        from = end;
    }
    spans.push(Span::new(&shown[from..], Role::Code));
    wrap_into(lines, &spans, width, &prefix, Breaks::Graphemes);
}

/// Whether the line shows nothing.
pub fn is_blank(line: &str) -> bool {
    line.chars().all(is_space)
}

/// The line with long runs of blanks replaced by their count.
fn closed(line: &str) -> String {
    let mut closed = String::with_capacity(line.len().min(4096));
    let mut rest = line;
    while let Some(at) = rest.find(is_space) {
        let (text, from) = rest.split_at(at);
        let run = from.find(|c| !is_space(c)).unwrap_or(from.len());
        let count = from[..run].chars().count();
        closed.push_str(text);
        if count > BLANKS {
            closed.push_str(&format!(" <{count} blanks> "));
        } else {
            closed.push_str(&from[..run]);
        }
        rest = &from[run..];
    }
    closed + rest
}

/// Whether a character is or looks like a blank.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// `U+0456`
pub fn code_point(letter: char) -> String {
    format!("U+{:04X}", u32::from(letter))
}
