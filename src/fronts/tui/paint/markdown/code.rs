//! Code blocks to be highlighted: their rows and their code.

use std::ops::Range;

use crate::tui::paint::highlight::{Highlight, MOST_CODE};
use crate::tui::paint::{Emphasis, Ink, LaidOutLines, Role};

/// The id of a code block in a [`super::Markdown`]; valid until its width changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodeId(pub(super) u32);

/// Code that should be highlighted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRequest {
    pub id: CodeId,
    pub language: String,
    pub code: String,
}

/// A finished code block.
#[derive(Debug)]
pub(super) struct CodeBlock {
    pub id: CodeId,
    pub rows: Range<usize>,
    /// Bytes before the code in the first row of each line, and in its further rows.
    pub first_prefix: usize,
    pub rest_prefix: usize,
    pub language: Box<str>,
    /// The code as shown: cleaned, tabs expanded, each line ended. Empty once it is no longer
    /// needed.
    pub code: Box<str>,
    pub asked: bool,
}

/// Whether code is worth keeping for a highlight.
pub(super) fn is_worth_it(language: &str, code: &str) -> bool {
    let plain = ["", "text", "txt", "plain", "plaintext", "output", "console", "none"];
    !plain.contains(&language) && !code.trim().is_empty() && code.len() <= MOST_CODE
}

impl CodeBlock {
    pub fn overlaps(&self, rows: &Range<usize>) -> bool {
        self.rows.start < rows.end && rows.start < self.rows.end
    }

    /// Replaces the inks of the code's rows in `lines`; their text stays.
    pub fn ink(&self, highlight: &Highlight, lines: &mut LaidOutLines) {
        let mut inked: Vec<Vec<(usize, Ink)>> = Vec::with_capacity(self.rows.len());
        let mut row = self.rows.start;
        for (line, inks) in self.code.lines().zip(highlight.lines()) {
            let mut inks = inks
                .iter()
                .map(|(len, ink)| (usize::from(*len), *ink))
                .collect::<Vec<_>>()
                .into_iter()
                .peekable();
            let mut taken = 0;
            loop {
                let prefix = if taken == 0 { self.first_prefix } else { self.rest_prefix };
                let Some(body) =
                    lines.plain(row).len().checked_sub(prefix).filter(|_| row < self.rows.end)
                else {
                    return;
                };
                let mut runs = prefix_runs(lines, row, prefix);
                let mut left = body;
                while left > 0 {
                    let Some((len, ink)) = inks.peek_mut() else { break };
                    let part = left.min(*len);
                    runs.push((part, ink.with(Emphasis::BLOCK)));
                    *len -= part;
                    left -= part;
                    if *len == 0 {
                        inks.next();
                    }
                }
                if left > 0 {
                    runs.push((left, Ink::new(Role::Text, Emphasis::BLOCK)));
                }
                inked.push(runs);
                row += 1;
                taken += body;
                if taken >= line.len() {
                    break;
                }
            }
        }
        lines.ink_rows(self.rows.start, &inked);
    }
}

fn prefix_runs(lines: &LaidOutLines, row: usize, prefix: usize) -> Vec<(usize, Ink)> {
    let mut left = prefix;
    let mut runs = Vec::new();
    for (piece, ink) in lines.row(row) {
        let part = piece.len().min(left);
        if part > 0 {
            runs.push((part, ink));
        }
        left -= part;
    }
    runs
}
