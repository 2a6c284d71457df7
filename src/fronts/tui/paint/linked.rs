//! Links in laid-out lines (OSC 8).

use std::ops::Range;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::LaidOutLines;
use crate::base::text;
use crate::tui::terminal::Links;

/// Sorted by position, without overlaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LinkedStretches(Vec<LinkedStretch>);

/// A byte range of the text, within one row.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LinkedStretch {
    bytes: Range<usize>,
    address: Arc<str>,
}

impl LinkedStretches {
    /// Adds a range in a row that begins at `row`; merges it with the previous one if they touch.
    pub fn push(&mut self, bytes: Range<usize>, row: usize, address: &Arc<str>) {
        match self.0.last_mut() {
            Some(last)
                if last.bytes.end == bytes.start
                    && last.bytes.start >= row
                    && last.address == *address =>
            {
                last.bytes.end = bytes.end;
            }
            _ => self.0.push(LinkedStretch { bytes, address: Arc::clone(address) }),
        }
    }

    /// Removes links from a byte on.
    pub fn truncate(&mut self, end: usize) {
        let kept = self.0.partition_point(|stretch| stretch.bytes.start < end);
        self.0.truncate(kept);
    }

    pub fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    /// The links within a byte range.
    fn within(&self, bytes: Range<usize>) -> impl Iterator<Item = &LinkedStretch> {
        let first = self.0.partition_point(|stretch| stretch.bytes.end <= bytes.start);
        self.0[first..].iter().take_while(move |stretch| stretch.bytes.start < bytes.end)
    }
}

impl LaidOutLines {
    /// Adds cleaned, linked text to the current row.
    pub fn push_linked(
        &mut self,
        piece: &str,
        ink: impl Into<super::Ink>,
        address: Option<&Arc<str>>,
    ) {
        let start = self.bytes();
        self.push(piece, ink);
        if let Some(address) = address.filter(|_| !piece.is_empty()) {
            let end = self.bytes();
            let row = self.row_begins();
            self.links_mut().push(start..end, row, address);
        }
    }

    /// Adds a row of other lines to the current row.
    pub fn push_from(&mut self, other: &LaidOutLines, row: usize) {
        let (from, to, begins) = (self.bytes(), other.row_bytes(row), self.row_begins());
        for (piece, ink) in other.row(row) {
            self.push(piece, ink);
        }
        for stretch in other.links().within(to.clone()) {
            let at = |byte: usize| from + byte - to.start;
            let bytes = at(stretch.bytes.start)..at(stretch.bytes.end);
            self.links_mut().push(bytes, begins, &stretch.address);
        }
    }

    /// Marks the cells of drawn rows as links for the terminal.
    pub fn mark_links(
        &self,
        rows: Range<usize>,
        area: Rect,
        buffer: &mut Buffer,
        links: &mut Links,
    ) {
        for (y, row) in (area.y..area.bottom()).zip(rows.start..rows.end.min(self.len())) {
            let bytes = self.row_bytes(row);
            for stretch in self.links().within(bytes.clone()) {
                let Some(mark) = links.mark(&stretch.address) else { continue };
                let (plain, start) = (self.plain(row), stretch.bytes.start - bytes.start);
                let before = columns(&plain[..start]).min(area.width);
                let wide = columns(&plain[start..stretch.bytes.end - bytes.start]);
                let place =
                    Rect { x: area.x + before, y, width: wide.min(area.width - before), height: 1 };
                buffer.set_style(place, Style::new().underline_color(mark));
            }
        }
    }
}

fn columns(piece: &str) -> u16 {
    u16::try_from(text::width(piece)).unwrap_or(u16::MAX)
}
