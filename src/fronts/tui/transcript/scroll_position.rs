//! The scroll position: at the growing end, or at a fixed row.

use super::cell::EntryCell;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScrollPosition {
    At {
        cell: usize,
        row: usize,
        /// Rows that arrived since the position left the end.
        new: usize,
    },
    #[default]
    End,
}

impl ScrollPosition {
    /// Fixes the position at a row; rows that arrive below count as new.
    pub fn leave_for(&mut self, (cell, row): (usize, usize)) {
        let new = match *self {
            Self::At { new, .. } => new,
            Self::End => 0,
        };
        *self = Self::At { cell, row, new };
    }

    /// Records that the number of rows grew.
    pub fn grew(&mut self, before: usize, after: usize) {
        if let Self::At { new, .. } = self {
            *new = (*new + after).saturating_sub(before);
        }
    }

    /// Records that a cell was removed.
    pub fn removed(&mut self, at: usize) {
        if let Self::At { cell, row, .. } = self {
            match (*cell).cmp(&at) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => *row = 0,
                std::cmp::Ordering::Greater => *cell -= 1,
            }
        }
    }

    /// Keeps the row within its cell after a new layout.
    pub fn keep_within(&mut self, cells: &[EntryCell]) {
        if let Self::At { cell, row, .. } = self {
            *cell = (*cell).min(cells.len().saturating_sub(1));
            *row = (*row).min(cells.get(*cell).map_or(0, EntryCell::height).saturating_sub(1));
        }
    }
}
