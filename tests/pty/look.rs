//! Looking at a screen: its rows, texts and cells.

use vt100::{Cell, Screen};

/// Columns and rows count from 0.
pub trait Look {
    /// The rows without trailing blanks.
    fn lines(&self) -> Vec<String>;
    fn shows(&self, text: &str) -> bool;
    /// The column and the row where a text begins.
    fn find(&self, text: &str) -> Option<(u16, u16)>;
    /// The cell at the beginning of a text, for its colours.
    fn cell_of(&self, text: &str) -> Option<&Cell>;
    /// The column and the row of the cursor; `None` while it is hidden.
    fn cursor(&self) -> Option<(u16, u16)>;
}

impl Look for Screen {
    fn lines(&self) -> Vec<String> {
        let (_, columns) = self.size();
        self.rows(0, columns.get()).map(|row| row.trim_end().to_owned()).collect()
    }

    fn shows(&self, text: &str) -> bool {
        self.find(text).is_some()
    }

    fn find(&self, text: &str) -> Option<(u16, u16)> {
        let (rows, columns) = self.size();
        let wanted: Vec<char> = text.chars().collect();
        (0..rows.get()).find_map(|row| {
            // Each character with its column: wide ones take two.
            let mut placed: Vec<(char, u16)> = Vec::new();
            for column in 0..columns.get() {
                match self.cell(row, column) {
                    Some(cell) if cell.is_wide_continuation() => {}
                    Some(cell) if cell.has_contents() => {
                        placed.extend(cell.contents().chars().map(|c| (c, column)))
                    }
                    _ => placed.push((' ', column)),
                }
            }
            let at = placed
                .windows(wanted.len().max(1))
                .position(|window| window.iter().map(|(c, _)| *c).eq(wanted.iter().copied()))?;
            Some((placed[at].1, row))
        })
    }

    fn cell_of(&self, text: &str) -> Option<&Cell> {
        let (column, row) = self.find(text)?;
        self.cell(row, column)
    }

    fn cursor(&self) -> Option<(u16, u16)> {
        let (row, column) = self.cursor_position();
        (!self.hide_cursor()).then_some((column, row))
    }
}
