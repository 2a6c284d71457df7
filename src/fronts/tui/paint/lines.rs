//! Laid-out lines in compact form: one text, one list of inks and one list of ends for many rows.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::base::text;
use crate::tui::paint::linked::LinkedStretches;
use crate::tui::paint::{Canvas, Ink};

/// Rows of inked text. They take four bytes per change of ink and twelve per row beside the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaidOutLines {
    text: String,
    runs: Vec<Run>,
    ends: Vec<End>,
    links: LinkedStretches,
    /// The margin of the current row.
    margin: Margin,
}

/// How a row goes on where the one before it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seam {
    /// With a new line.
    #[default]
    Line,
    /// With the rest of the same line, which was wrapped; so many spaces were dropped there.
    Wrapped(u8),
}

/// A row as the text that a person can select.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextRow<'a> {
    pub text: &'a str,
    /// The bytes before its own text: an indent, marks, numbers.
    pub gutter: usize,
    pub seam: Seam,
    /// The column in which it is drawn.
    pub column: u16,
}

/// Parts of a row that are not text of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Margin {
    gutter: u16,
    seam: Seam,
}

/// A run of one ink, in bytes; longer ones take several runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    len: u16,
    ink: Ink,
}

/// The end of a row in the text and in the runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct End {
    text: u32,
    run: u32,
    margin: Margin,
}

impl LaidOutLines {
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of finished rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds cleaned text to the current row.
    pub fn push(&mut self, piece: &str, ink: impl Into<Ink>) {
        let ink = ink.into();
        let first = self.ends.last().map_or(0, |end| end.run as usize);
        let mut left = piece;
        if self.runs.len() > first
            && let Some(run) = self.runs.last_mut()
            && run.ink == ink
        {
            let len;
            (len, left) = stretch(left, u16::MAX - run.len);
            run.len += len;
        }
        while !left.is_empty() {
            let len;
            (len, left) = stretch(left, u16::MAX);
            self.runs.push(Run { len, ink });
        }
        self.text.push_str(piece);
    }

    /// Ends the current row; without text it is empty.
    pub fn end_row(&mut self) {
        self.ends.push(End {
            text: u32::try_from(self.text.len()).unwrap_or(u32::MAX),
            run: u32::try_from(self.runs.len()).unwrap_or(u32::MAX),
            margin: std::mem::take(&mut self.margin),
        });
    }

    /// Takes the current row's text so far for its gutter, but for the last `kept` bytes.
    pub fn end_gutter(&mut self, kept: usize) {
        let gutter = self.bytes().saturating_sub(self.row_begins() + kept);
        self.margin.gutter = u16::try_from(gutter).unwrap_or(u16::MAX);
    }

    /// Makes the current row the rest of the line before it.
    pub fn go_on(&mut self, seam: Seam) {
        self.margin.seam = seam;
    }

    /// A row as text to select; `None` past the last row.
    pub fn text_row(&self, row: usize) -> Option<TextRow<'_>> {
        let Margin { gutter, seam } = self.ends.get(row)?.margin;
        let text = self.plain(row);
        Some(TextRow { text, gutter: usize::from(gutter).min(text.len()), seam, column: 0 })
    }

    /// Adds a row of one ink.
    pub fn push_row(&mut self, piece: &str, ink: impl Into<Ink>) {
        self.push(piece, ink);
        self.end_row();
    }

    pub fn append(&mut self, other: &LaidOutLines) {
        for row in 0..other.len() {
            self.push_from(other, row);
            self.margin = other.ends[row].margin;
            self.end_row();
        }
    }

    /// Removes all rows from `row` on.
    pub fn truncate(&mut self, row: usize) {
        self.ends.truncate(row);
        let end = self.ends.last().copied().unwrap_or_default();
        self.text.truncate(end.text as usize);
        self.runs.truncate(end.run as usize);
        self.links.truncate(end.text as usize);
        self.margin = Margin::default();
    }

    /// The bytes of all text.
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The byte offset of the current row.
    pub(super) fn row_begins(&self) -> usize {
        self.ends.last().map_or(0, |end| end.text as usize)
    }

    /// The byte range of a row.
    pub(super) fn row_bytes(&self, row: usize) -> Range<usize> {
        let (start, end) = self.bounds(row);
        start.text as usize..end.text as usize
    }

    pub(super) fn links(&self) -> &LinkedStretches {
        &self.links
    }

    pub(super) fn links_mut(&mut self) -> &mut LinkedStretches {
        &mut self.links
    }

    /// Replaces the inks of rows from `first` on, each given as byte lengths that cover the row.
    /// The text stays.
    pub fn ink_rows(&mut self, first: usize, inks: &[Vec<(usize, Ink)>]) {
        let Some(last) = (first + inks.len()).checked_sub(1).filter(|last| *last < self.len())
        else {
            return;
        };
        let (start, end) = (self.bounds(first).0.run as usize, self.bounds(last).1.run as usize);
        let mut runs = Vec::with_capacity(end - start);
        for (row, stretches) in inks.iter().enumerate() {
            let mut text = self.plain(first + row);
            for (len, ink) in stretches {
                let (mut left, rest) = text.split_at_checked(*len).unwrap_or((text, ""));
                while !left.is_empty() {
                    let len;
                    (len, left) = stretch(left, u16::MAX);
                    runs.push(Run { len, ink: *ink });
                }
                text = rest;
            }
            self.ends[first + row].run = u32::try_from(start + runs.len()).unwrap_or(u32::MAX);
        }
        let new_end = start + runs.len();
        self.runs.splice(start..end, runs);
        for end_of_row in &mut self.ends[last + 1..] {
            end_of_row.run =
                u32::try_from(end_of_row.run as usize - end + new_end).unwrap_or(u32::MAX);
        }
    }

    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.runs.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.links.shrink();
    }

    /// The row's text without its inks; empty past the last row.
    pub fn plain(&self, row: usize) -> &str {
        let (start, end) = self.bounds(row);
        &self.text[start.text as usize..end.text as usize]
    }

    /// The row's runs with their inks.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (&str, Ink)> {
        let (start, end) = self.bounds(row);
        let mut at = start.text as usize;
        self.runs[start.run as usize..end.run as usize].iter().map(move |run| {
            let from = at;
            at += usize::from(run.len);
            (&self.text[from..at], run.ink)
        })
    }

    /// Draws rows from the area's top, cut at its right edge. Cells keep their background if an ink
    /// has none; a diff's background extends to the edge.
    pub fn draw(&self, rows: Range<usize>, area: Rect, canvas: &mut Canvas) {
        for (y, row) in (area.y..area.bottom()).zip(rows.start..rows.end.min(self.len())) {
            self.draw_row(row, area.x, y, area.width, canvas);
        }
    }

    fn draw_row(&self, row: usize, x: u16, y: u16, width: u16, canvas: &mut Canvas) {
        let right = x.saturating_add(width);
        let mut x = x;
        for (piece, ink) in self.row(row) {
            if x >= right {
                break;
            }
            x = put(canvas.buffer, (x, y), right, piece, canvas.theme.style(ink));
        }
        if let Some(ground) = self.row(row).last().and_then(|(_, ink)| canvas.theme.ground_of(ink))
        {
            canvas
                .buffer
                .set_style(Rect { x, y, width: right.saturating_sub(x), height: 1 }, ground);
        }
    }

    /// The columns of a row.
    pub fn width(&self, row: usize) -> usize {
        text::width(self.plain(row))
    }

    /// All rows as text, each ended by a line feed.
    #[cfg(test)]
    pub fn to_text(&self) -> String {
        (0..self.len()).flat_map(|row| [self.plain(row), "\n"]).collect()
    }

    /// Bytes held on the heap.
    #[cfg(test)]
    pub fn heap_bytes(&self) -> usize {
        self.text.capacity()
            + self.runs.capacity() * size_of::<Run>()
            + self.ends.capacity() * size_of::<End>()
    }

    fn bounds(&self, row: usize) -> (End, End) {
        let end = self.ends.get(row).or(self.ends.last()).copied().unwrap_or_default();
        let start = match row {
            0 => End::default(),
            _ => self.ends.get(row - 1).copied().unwrap_or(end),
        };
        if row < self.ends.len() { (start, end) } else { (end, end) }
    }
}

/// Splits a text into the part that fits in a run, cut at a character, and the rest.
fn stretch(text: &str, room: u16) -> (u16, &str) {
    let mut end = text.len().min(usize::from(room));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (u16::try_from(end).unwrap_or(0), &text[end..])
}

/// Writes cleaned text from a cell up to the column `right`; returns the column after it. Cells
/// keep their background if the style has none. Unlike the buffer's own method it measures exactly
/// as [`text::width`] does.
pub fn put(buffer: &mut Buffer, (x, y): (u16, u16), right: u16, piece: &str, style: Style) -> u16 {
    let mut x = x;
    let right = right.min(buffer.area().right());
    if x < right && !piece.is_empty() {
        blank_half(buffer, (x, y));
    }
    for grapheme in text::graphemes(piece) {
        let columns = u16::try_from(text::grapheme_width(grapheme)).unwrap_or(0);
        if columns == 0 || grapheme.starts_with(char::is_control) {
            continue;
        }
        if x + columns > right {
            break;
        }
        if let Some(cell) = buffer.cell_mut((x, y)) {
            cell.set_symbol(grapheme).set_style(style);
        }
        if columns == 2
            && let Some(cell) = buffer.cell_mut((x + 1, y))
        {
            cell.set_symbol(" ").set_style(style);
        }
        x += columns;
    }
    x
}

/// Blanks the wide character whose second half is in this cell, which is about to be overwritten.
pub fn blank_half(buffer: &mut Buffer, (x, y): (u16, u16)) {
    let area = *buffer.area();
    if x <= area.x || x >= area.right() || y < area.y || y >= area.bottom() {
        return;
    }
    let before = &mut buffer[(x - 1, y)];
    if before.symbol().len() > 1 && text::grapheme_width(before.symbol()) == 2 {
        before.set_symbol(" ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::paint::{Background, Depth, Role, Theme};

    #[test]
    fn rows_come_back_as_they_were_written() {
        let mut lines = LaidOutLines::new();
        lines.push("one ", Role::Text);
        lines.push("two", Role::Text);
        lines.push("!", Role::Bad);
        lines.end_row();
        lines.end_row();
        lines.push_row("three", Role::Text);
        assert_eq!(lines.len(), 3);
        assert_eq!(
            lines.row(0).collect::<Vec<_>>(),
            [("one two", Role::Text.into()), ("!", Role::Bad.into())]
        );
        assert_eq!(lines.plain(1), "");
        assert_eq!(lines.row(2).collect::<Vec<_>>(), [("three", Role::Text.into())]);
        assert_eq!(lines.plain(3), "");
        lines.truncate(1);
        assert_eq!(lines.to_text(), "one two!\n");
    }

    #[test]
    fn a_run_longer_than_its_counter_is_kept_whole() {
        let long = "x".repeat(200_000);
        let mut lines = LaidOutLines::new();
        lines.push(&long, Role::Text);
        lines.push(&long, Role::Text);
        lines.end_row();
        assert_eq!(lines.plain(0).len(), 400_000);
        assert_eq!(lines.row(0).map(|(piece, _)| piece.len()).sum::<usize>(), 400_000);
    }

    #[test]
    fn runs_end_between_characters_however_long_a_row_is() {
        for lead in 0..4 {
            let long = format!("{}{}", "x".repeat(lead), "中👩".repeat(40_000));
            let mut lines = LaidOutLines::new();
            lines.push("x", Role::Text);
            lines.push(&long, Role::Text);
            lines.end_row();
            assert_eq!(
                lines.row(0).map(|(piece, _)| piece).collect::<String>(),
                format!("x{long}")
            );
            let inks = [vec![(1, Role::Bad.into()), (long.len(), Role::Text.into())]];
            lines.ink_rows(0, &inks);
            assert_eq!(
                lines.row(0).map(|(piece, _)| piece).collect::<String>(),
                format!("x{long}")
            );
        }
    }

    #[test]
    fn drawing_cuts_at_the_right_edge_and_never_halves_a_wide_character() {
        let mut lines = LaidOutLines::new();
        lines.push("ab", Role::Text);
        lines.push("中文", Role::Bad);
        lines.end_row();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        lines.draw(
            0..9,
            Rect::new(1, 0, 5, 1),
            &mut Canvas { buffer: &mut buffer, theme: Theme::new(Depth::Mono, Background::Dark) },
        );
        let shown: String = buffer.content().iter().map(|cell| cell.symbol()).collect();
        assert_eq!(shown, " ab中    ");
    }
}
