//! The scrolling rows of an ask.

use std::ops::Range;

use ratatui::layout::Rect;

use super::fold::Fold;
use crate::tui::messages::Toward;
use crate::tui::paint::{Canvas, LaidOutLines};

#[derive(Debug, Default)]
pub struct AskBody {
    pub lines: LaidOutLines,
    /// The shortened view that is shown until the person scrolls.
    pub fold: Option<Fold>,
    top: usize,
    room: usize,
    /// The number of rows at the last layout.
    count: usize,
}

impl AskBody {
    /// Adapts to new rows or room. Keeps the scroll position if possible; the end stays the end.
    pub fn fit(&mut self, room: usize) {
        let was_at_end = self.top > 0 && self.top + self.room >= self.count;
        let last = self.lines.len().saturating_sub(room);
        (self.room, self.count) = (room, self.lines.len());
        self.top = if was_at_end { last } else { self.top.min(last) };
    }

    /// Returns to the beginning.
    pub fn rewind(&mut self) {
        self.top = 0;
    }

    /// Scrolls; returns whether there was anything more to see.
    pub fn scroll(&mut self, toward: Toward, rows: usize) -> bool {
        let before = self.top;
        // The fold already showed the beginning.
        let rows = match self.folded() {
            Some(fold) if rows < self.lines.len() => rows.min(fold.head),
            _ => rows,
        };
        self.top = match toward {
            Toward::End => {
                self.top.saturating_add(rows).min(self.lines.len().saturating_sub(self.room))
            }
            Toward::Start => self.top.saturating_sub(rows),
        };
        self.top != before
    }

    /// Scrolls to these rows, above all to the first.
    pub fn show(&mut self, rows: &Range<usize>) {
        self.top = self.top.max(rows.end.saturating_sub(self.room)).min(rows.start);
    }

    /// Whether all of these rows are visible.
    pub fn shows(&self, rows: &Range<usize>) -> bool {
        let sight = self.in_sight();
        sight.start <= rows.start && rows.end <= sight.end
    }

    /// The number of rows to show: the fold's, if there is one.
    pub fn len(&self) -> usize {
        self.fold.as_ref().map_or(self.lines.len(), |fold| fold.lines.len())
    }

    /// The rows of a page.
    pub fn page(&self) -> usize {
        self.room.saturating_sub(1).max(1)
    }

    pub fn in_sight(&self) -> Range<usize> {
        self.top..(self.top + self.room).min(self.lines.len())
    }

    /// The fold while it is shown.
    fn folded(&self) -> Option<&Fold> {
        self.fold.as_ref().filter(|_| self.top == 0)
    }

    /// Draws the visible rows; returns the first row below them.
    pub fn draw(&self, area: Rect, canvas: &mut Canvas) -> u16 {
        let (lines, rows) = match self.folded() {
            Some(fold) => (&fold.lines, 0..fold.lines.len()),
            None => (&self.lines, self.in_sight()),
        };
        let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).min(area.height);
        lines.draw(rows, Rect { height, ..area }, canvas);
        area.y + height
    }

    /// A note on hidden rows; empty if there are none.
    pub fn hidden(&self) -> String {
        if let Some(fold) = self.folded() {
            return format!("{} lines left out · pgdn", fold.hidden);
        }
        let below = self.lines.len() - self.in_sight().end.min(self.lines.len());
        match (below, self.top) {
            (0, 0) => String::new(),
            (0, 1) => "↑ 1 more row · pgup".into(),
            (0, above) => format!("↑ {above} more rows · pgup"),
            (1, _) => "↓ 1 more row · pgdn".into(),
            (below, _) => format!("↓ {below} more rows · pgdn"),
        }
    }
}
