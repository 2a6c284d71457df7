//! Hyperlinks (OSC 8): which cells are a link, and which address they belong to, over one row or several. Writes nothing.

use ratatui::buffer::Cell;
use ratatui::style::Color;

/// The underline colour that marks cells as an address written out in full on one row: they become a link (OSC 8) to what they say.
/// Underlines are never coloured otherwise.
pub const LINK: Color = Color::Indexed(8);
/// The same for the rows after the first of a link that takes several.
pub const LINK_MORE: Color = Color::Indexed(9);

pub(super) fn is_link(cell: &Cell) -> bool {
    matches!(cell.underline_color, LINK | LINK_MORE)
}

/// Where a run of cells that are a link ends in its row.
pub(super) fn link_end(row: &[Cell], start: usize) -> usize {
    let mark = row[start].underline_color;
    (start..row.len()).find(|x| row[*x].underline_color != mark).unwrap_or(row.len())
}

/// The whole address that a link's cells in one of its rows belong to: from its first row to its last, all from the same column on.
pub(super) fn address(all: &[Cell], width: usize, y: usize, start: usize) -> String {
    let row = |y: usize| all.get(y * width..(y + 1) * width).unwrap_or_default();
    let mark = |y: usize| row(y).get(start).map(|cell| cell.underline_color);
    let first = (0..=y).rev().find(|y| mark(*y) != Some(LINK_MORE)).unwrap_or(0);
    let last = (first + 1..).find(|y| mark(*y) != Some(LINK_MORE)).unwrap_or(first + 1);
    let text = |y: usize| {
        row(y)[start..link_end(row(y), start)].iter().map(Cell::symbol).collect::<String>()
    };
    (first..last)
        .filter(|y| mark(*y).is_some_and(|mark| mark == LINK || mark == LINK_MORE))
        .map(text)
        .collect()
}

/// Only what a browser opens, and nothing that could end the sequence early.
pub(super) fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}
