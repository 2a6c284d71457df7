//! A selection: the cells from the piece where the button went down to the piece under the pointer.

use std::ops::Range;

use super::text::{self, TextPoint, TextRows};
use super::words;
use crate::tui::paint::TextRow;

/// The pieces that a selection grows by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectionUnit {
    Cell,
    Word,
    /// A line as it was written, however many rows it takes.
    Line,
}

/// The cells from one piece to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    unit: SelectionUnit,
    /// The first and the last cell of the piece in which it began.
    anchor: (TextPoint, TextPoint),
    /// The piece under the pointer.
    head: (TextPoint, TextPoint),
}

impl Selection {
    /// Selects the piece at a point; `None` where there is none.
    pub fn new(
        rows: &(impl TextRows + ?Sized),
        at: TextPoint,
        unit: SelectionUnit,
    ) -> Option<Self> {
        let anchor = piece(rows, at, unit)?;
        Some(Self { unit, anchor, head: anchor })
    }

    /// Moves its other end to the piece at a point.
    pub fn extend(&mut self, rows: &(impl TextRows + ?Sized), to: TextPoint) {
        self.head = piece(rows, to, self.unit).unwrap_or((to, to));
    }

    /// Its first and its last cell.
    pub fn bounds(&self) -> (TextPoint, TextPoint) {
        (self.anchor.0.min(self.head.0), self.anchor.1.max(self.head.1))
    }

    /// Records that an entry was removed; `None` if it began or ended there.
    pub fn removed(self, entry: usize) -> Option<Self> {
        let moved = |point: TextPoint| match point.entry.cmp(&entry) {
            std::cmp::Ordering::Less => Some(point),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(TextPoint { entry: point.entry - 1, ..point }),
        };
        let both = |(from, to)| Some((moved(from)?, moved(to)?));
        Some(Self { anchor: both(self.anchor)?, head: both(self.head)?, ..self })
    }

    /// The columns of a row that are selected; `None` if none are.
    pub fn columns(&self, entry: usize, row: usize, text: TextRow<'_>) -> Option<Range<u16>> {
        text::columns(self.bounds(), (entry, row), text)
    }

    /// The selected text: wrapped rows are one line, and gutters are left out.
    pub fn text(&self, rows: &(impl TextRows + ?Sized)) -> String {
        text::between(rows, self.bounds())
    }
}

fn piece(
    rows: &(impl TextRows + ?Sized),
    at: TextPoint,
    unit: SelectionUnit,
) -> Option<(TextPoint, TextPoint)> {
    match unit {
        SelectionUnit::Cell => Some((at, at)),
        SelectionUnit::Word => words::word(rows, at),
        SelectionUnit::Line => Some(words::line(rows, at)),
    }
}
