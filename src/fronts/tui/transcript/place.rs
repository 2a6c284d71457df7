//! Where one looks: at the end as it grows, or at a row that stays put.

use super::cell::EntryCell;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScrollPlace {
    At {
        cell: usize,
        row: usize,
        /// Rows that came since one left the end.
        new: usize,
    },
    #[default]
    End,
}

impl ScrollPlace {
    /// Looks at a row; what comes below from now on is new.
    pub fn leave_for(&mut self, (cell, row): (usize, usize)) {
        let new = match *self {
            Self::At { new, .. } => new,
            Self::End => 0,
        };
        *self = Self::At { cell, row, new };
    }

    /// There were so many rows, and are so many now.
    pub fn grew(&mut self, before: usize, after: usize) {
        if let Self::At { new, .. } = self {
            *new = (*new + after).saturating_sub(before);
        }
    }

    /// A cell is gone.
    pub fn removed(&mut self, at: usize) {
        if let Self::At { cell, row, .. } = self {
            match (*cell).cmp(&at) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => *row = 0,
                std::cmp::Ordering::Greater => *cell -= 1,
            }
        }
    }

    /// After a new layout the row may be beyond its cell's last.
    pub fn keep_within(&mut self, cells: &[EntryCell]) {
        if let Self::At { cell, row, .. } = self {
            *cell = (*cell).min(cells.len().saturating_sub(1));
            *row = (*row).min(cells.get(*cell).map_or(0, EntryCell::height).saturating_sub(1));
        }
    }
}
