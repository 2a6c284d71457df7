//! Selecting in the transcript, and opening single folds.

use std::sync::Arc;

use ratatui::layout::Rect;

use super::TranscriptView;
use super::cell::EntryCell;
use super::scroll_position::ScrollPosition;
use crate::protocol::TranscriptEntry;
use crate::tui::paint::{Canvas, Role, TextRow};
use crate::tui::selection::{Selection, SelectionUnit, TextPoint, TextRows};

impl TextRows for [EntryCell] {
    fn entries(&self) -> usize {
        self.len()
    }

    fn text_row(&self, entry: usize, row: usize) -> Option<TextRow<'_>> {
        self.get(entry)?.text_row(row)
    }
}

impl TranscriptView {
    /// The point under a cell of a view of this height; `None` below the last row.
    pub fn point_at(&self, column: u16, y: u16, height: u16) -> Option<TextPoint> {
        let (mut entry, mut row) = self.top(height);
        row += usize::from(y);
        while let Some(cell) = self.cells.get(entry) {
            if row < cell.height() {
                return Some(TextPoint { entry, row, column });
            }
            row -= cell.height();
            entry += 1;
        }
        None
    }

    /// The end of the last row.
    pub fn last_point(&self) -> Option<TextPoint> {
        let entry = self.cells.iter().rposition(|cell| cell.height() > 0)?;
        Some(TextPoint { entry, row: self.cells[entry].height() - 1, column: u16::MAX })
    }

    /// Selects the piece at a point.
    pub fn select(&mut self, at: TextPoint, unit: SelectionUnit) {
        self.selection = Selection::new(&*self.cells, at, unit);
    }

    /// Extends the selection to a point.
    pub fn select_to(&mut self, to: TextPoint) {
        if let Some(selection) = &mut self.selection {
            selection.extend(&*self.cells, to);
        }
    }

    pub fn is_selecting(&self) -> bool {
        self.selection.is_some()
    }

    /// The selected text.
    pub fn selected(&self) -> Option<String> {
        self.selection.map(|selection| selection.text(&*self.cells))
    }

    /// Ends the selection; returns whether there was one.
    pub fn unselect(&mut self) -> bool {
        self.selection.take().is_some()
    }

    /// Opens or closes the fold at a point, which stays where it is in a view of this height.
    pub fn turn_fold(&mut self, entries: &[Arc<TranscriptEntry>], at: TextPoint, height: u16) {
        let (Some(cell), Some(entry)) = (self.cells.get_mut(at.entry), entries.get(at.entry))
        else {
            return;
        };
        if !cell.is_fold(entry, at.row) {
            return;
        }
        cell.turn_fold();
        let top = self.top(height);
        self.lay_out(at.entry, entries);
        let end = self.rows.saturating_sub(usize::from(height));
        if self.row_of(top) >= end {
            self.scroll_position = ScrollPosition::End;
        } else {
            self.scroll_position.leave_for(top);
        }
    }

    /// Marks the selected cells of an entry's row that is drawn at `y`.
    pub(super) fn mark_selected(
        &self,
        (entry, row): (usize, usize),
        y: u16,
        area: Rect,
        canvas: &mut Canvas,
    ) {
        let Some(selection) = &self.selection else { return };
        let Some(text) = self.cells.text_row(entry, row) else { return };
        if let Some(columns) = selection.columns(entry, row, text) {
            let end = columns.end.min(area.width);
            let place = Rect {
                x: area.x + columns.start.min(end),
                y,
                width: end.saturating_sub(columns.start),
                height: 1,
            };
            canvas.fill(place, Role::Selection);
        }
    }
}
