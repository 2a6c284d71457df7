//! The cells and the text between two points.

use std::ops::Range;

use crate::base::text::{self, grapheme_width, graphemes};
use crate::tui::paint::{Seam, TextRow};

/// A cell of the transcript; in reading order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextPoint {
    pub entry: usize,
    /// The row in the entry.
    pub row: usize,
    /// The column in the transcript's area.
    pub column: u16,
}

/// Rows of text in entries.
pub trait TextRows {
    /// The number of entries.
    fn entries(&self) -> usize;
    /// A row; `None` past an entry's last one.
    fn text_row(&self, entry: usize, row: usize) -> Option<TextRow<'_>>;
}

/// The selected columns of one row, which may end in the middle of neither a wide character nor a
/// gutter.
pub(super) fn columns(
    bounds: (TextPoint, TextPoint),
    at: (usize, usize),
    row: TextRow<'_>,
) -> Option<Range<u16>> {
    let bytes = bytes(bounds, at, row);
    let column = |end: usize| {
        let before = u16::try_from(text::width(&row.text[..end])).unwrap_or(u16::MAX);
        row.column.saturating_add(before)
    };
    (!bytes.is_empty()).then(|| column(bytes.start)..column(bytes.end))
}

/// The text between two points, both included.
pub(super) fn between(rows: &(impl TextRows + ?Sized), bounds: (TextPoint, TextPoint)) -> String {
    let (from, to) = bounds;
    let mut text = String::new();
    let mut entry = from.entry;
    let mut row = from.row;
    while entry < rows.entries() && (entry, row) <= (to.entry, to.row) {
        let Some(here) = rows.text_row(entry, row) else {
            (entry, row) = (entry + 1, 0);
            continue;
        };
        if (entry, row) > (from.entry, from.row) {
            match here.seam {
                Seam::Line => {
                    text.truncate(text.trim_end_matches(' ').len());
                    text.push('\n');
                }
                Seam::Wrapped(spaces) => {
                    text.extend(std::iter::repeat_n(' ', usize::from(spaces)));
                }
            }
        }
        text.push_str(&here.text[bytes(bounds, (entry, row), here)]);
        row += 1;
    }
    let end = text.trim_end().len();
    text.truncate(end);
    text.trim_start_matches('\n').to_owned()
}

/// The selected bytes of one row.
fn bytes((from, to): (TextPoint, TextPoint), at: (usize, usize), row: TextRow<'_>) -> Range<usize> {
    let none = row.gutter..row.gutter;
    if at < (from.entry, from.row) || at > (to.entry, to.row) {
        return none;
    }
    let first = if at == (from.entry, from.row) { usize::from(from.column) } else { 0 };
    let last = if at == (to.entry, to.row) { usize::from(to.column) } else { usize::MAX };
    let (mut column, mut byte) = (usize::from(row.column), 0);
    let mut selected: Option<Range<usize>> = None;
    for grapheme in graphemes(row.text) {
        let (start, end) = (column, column + grapheme_width(grapheme));
        if byte >= row.gutter && end > first && start <= last {
            let from = selected.map_or(byte, |range| range.start);
            selected = Some(from..byte + grapheme.len());
        }
        (column, byte) = (end, byte + grapheme.len());
    }
    selected.unwrap_or(none)
}
