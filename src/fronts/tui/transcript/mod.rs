//! The transcript as rows. Entries are laid out once, from the end back to the first visible one;
//! only visible rows are drawn, and new text never moves the text being read.

mod call;
mod cell;
mod scroll_position;
mod search;
mod searched;
mod selected;
mod web;

use std::sync::Arc;

use ratatui::layout::Rect;

pub use self::call::Details;
use self::cell::EntryCell;
use self::scroll_position::ScrollPosition;
use self::search::Search;
pub use self::search::{HitCount, Standing};
pub use self::searched::SearchStep;
use crate::protocol::{TranscriptChange, TranscriptEntry};
use crate::tui::messages::Toward;
use crate::tui::paint::Canvas;
use crate::tui::selection::Selection;
use crate::tui::terminal::Links;

/// A transcript's rows at one width, and the scroll position.
#[derive(Debug, Default)]
pub struct TranscriptView {
    cells: Vec<EntryCell>,
    /// The first cell that is laid out at this width; earlier ones were never visible.
    first: usize,
    /// Cells from here on may all have changed.
    stale_from: Option<usize>,
    /// Other changed cells.
    stale: Vec<usize>,
    width: u16,
    height: u16,
    /// The rows of all laid-out cells.
    rows: usize,
    scroll_position: ScrollPosition,
    details: Details,
    selection: Option<Selection>,
    search: Option<Box<Search>>,
    /// The entry that is open because a hit is in it.
    opened_for_hit: Option<usize>,
    /// How often a cell was laid out.
    #[cfg(test)]
    laid_out: usize,
}

/// The content below the visible rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Below {
    Following,
    /// Rows that arrived since the person scrolled away.
    New(usize),
}

impl TranscriptView {
    /// Records a change; `entries` are those after it.
    pub fn note(&mut self, change: TranscriptChange, entries: &[Arc<TranscriptEntry>]) {
        if let Some(search) = &mut self.search {
            search.note(change);
        }
        match change {
            TranscriptChange::None => {}
            TranscriptChange::One(at) => {
                if self.stale.last() != Some(&at) {
                    self.stale.push(at);
                }
            }
            TranscriptChange::From(at) => {
                if entries.len() < self.cells.len() && at < self.cells.len() {
                    self.remove(at);
                }
                self.stale_from = Some(self.stale_from.map_or(at, |from| from.min(at)));
            }
        }
    }

    /// Shows or folds details.
    pub fn toggle_details(&mut self) -> Details {
        self.details =
            if self.details == Details::Folded { Details::Shown } else { Details::Folded };
        self.cells.iter_mut().for_each(EntryCell::forget_fold);
        (self.selection, self.opened_for_hit) = (None, None);
        self.stale_from = Some(0);
        self.details
    }

    /// Lays out changed entries and those visible in a view of this size.
    pub fn settle(&mut self, entries: &[Arc<TranscriptEntry>], width: u16, height: u16) {
        let is_resized = (width, height) != (self.width, self.height);
        let keeps_hit = is_resized && self.sees_hit(self.height);
        self.height = height;
        if width != self.width {
            self.width = width;
            self.selection = None;
            self.stale_from = Some(0);
        }
        match &mut self.search {
            Some(search) if !entries.is_empty() => search.refresh(entries),
            // Nothing is left that could be searched.
            _ => self.search = None,
        }
        let from = self.stale_from.take().unwrap_or(usize::MAX).min(self.cells.len());
        let mut stale = std::mem::take(&mut self.stale);
        stale.retain(|at| (self.first..from).contains(at));
        stale.sort_unstable();
        stale.dedup();
        let before = self.rows;
        for at in stale.drain(..) {
            self.lay_out(at, entries);
        }
        self.stale = stale;
        if from > self.first {
            (from..entries.len()).for_each(|at| self.lay_out(at, entries));
            self.scroll_position.grew(before, self.rows);
            if let Some(search) = &mut self.search {
                search.origin.grew(before, self.rows);
            }
        } else {
            // None of the old layout is left.
            self.cells.resize_with(entries.len(), EntryCell::default);
            (self.first, self.rows) = (entries.len(), 0);
        }
        match self.scroll_position {
            ScrollPosition::At { cell, .. } => self.reach_back(entries, |view| view.first > cell),
            ScrollPosition::End => self.reach_back(entries, |view| view.rows < usize::from(height)),
        }
        self.scroll_position.keep_within(&self.cells);
        if keeps_hit {
            self.keep_hit_in_sight(entries, height);
        }
        self.lay_out_ahead(entries);
        self.place_hit();
    }

    /// Highlights code visible in a view of this height; hidden code costs nothing.
    pub fn highlight(&mut self, entries: &[Arc<TranscriptEntry>], height: u16) {
        let (mut at, mut row) = self.top(height);
        let mut left = usize::from(height);
        while left > 0
            && let (Some(cell), Some(entry)) = (self.cells.get_mut(at), entries.get(at))
        {
            let rows = row..cell.height().min(row + left);
            left -= rows.len();
            cell.highlight(rows, entry, self.width, self.details);
            (at, row) = (at + 1, 0);
        }
    }

    /// Scrolls by rows in a view of this height; at the last row it follows new text again.
    pub fn scroll(
        &mut self,
        entries: &[Arc<TranscriptEntry>],
        toward: Toward,
        rows: usize,
        height: u16,
    ) {
        let mut top = self.row_of(self.top(height));
        let to = match toward {
            Toward::End => top.saturating_add(rows),
            Toward::Start => {
                let (before, wanted) =
                    (self.rows, self.rows.saturating_add(rows.saturating_sub(top)));
                self.reach_back(entries, |view| view.rows < wanted);
                top += self.rows - before;
                top.saturating_sub(rows)
            }
        };
        if to >= self.rows.saturating_sub(usize::from(height)) {
            self.scroll_position = ScrollPosition::End;
        } else {
            self.scroll_position.leave_for(self.locate(to));
        }
    }

    pub fn go_to_start(&mut self, entries: &[Arc<TranscriptEntry>], height: u16) {
        self.scroll(entries, Toward::Start, usize::MAX, height);
    }

    pub fn follow(&mut self) {
        self.scroll_position = ScrollPosition::End;
    }

    pub fn below(&self) -> Below {
        match self.scroll_position {
            ScrollPosition::End => Below::Following,
            ScrollPosition::At { new, .. } => Below::New(new),
        }
    }

    pub fn draw(&self, area: Rect, canvas: &mut Canvas, links: &mut Links) {
        let (mut at, mut row) = self.top(area.height);
        let mut y = area.y;
        while y < area.bottom()
            && let Some(cell) = self.cells.get(at)
        {
            let rows = row..cell.height().min(row + usize::from(area.bottom() - y));
            let drawn = u16::try_from(rows.len()).unwrap_or(0);
            let place = Rect { y, height: drawn, ..area };
            cell.draw(rows.clone(), place, canvas, links);
            self.mark_hits(at, rows.clone(), place, canvas);
            for (y, row) in (y..).zip(rows) {
                self.mark_selected((at, row), y, area, canvas);
            }
            y += drawn;
            (at, row) = (at + 1, 0);
        }
    }

    /// Lays out a cell again, or the next one at the end.
    fn lay_out(&mut self, at: usize, entries: &[Arc<TranscriptEntry>]) {
        if at >= self.cells.len() {
            self.cells.push(EntryCell::default());
        }
        self.rows -= self.cells[at].height();
        self.update(at, entries);
        self.rows += self.cells[at].height();
    }

    /// Lays out earlier cells while `wanted`.
    fn reach_back(&mut self, entries: &[Arc<TranscriptEntry>], wanted: impl Fn(&Self) -> bool) {
        while self.first > 0 && wanted(self) {
            self.first -= 1;
            self.update(self.first, entries);
            self.rows += self.cells[self.first].height();
        }
    }

    fn update(&mut self, at: usize, entries: &[Arc<TranscriptEntry>]) {
        let Some(entry) = entries.get(at) else { return };
        let before = at.checked_sub(1).and_then(|at| entries.get(at));
        if let Some(search) = &mut self.search {
            search.laid_out(at);
        }
        self.cells[at].update(entry, before.map(|before| &**before), self.width, self.details);
        #[cfg(test)]
        {
            self.laid_out += 1;
        }
    }

    fn remove(&mut self, at: usize) {
        let rows = self.cells.remove(at).height();
        if at < self.first {
            self.first -= 1;
        } else {
            self.scroll_position.grew(self.rows, self.rows - rows);
            self.rows -= rows;
        }
        self.scroll_position.removed(at);
        if let Some(search) = &mut self.search {
            search.removed(at);
        }
        self.opened_for_hit = match self.opened_for_hit {
            Some(opened) if opened > at => Some(opened - 1),
            opened => opened.filter(|opened| *opened != at),
        };
        self.selection = self.selection.and_then(|selection| selection.removed(at));
    }

    #[cfg(test)]
    pub fn laid_out(&self) -> usize {
        self.laid_out
    }

    /// The number of cells that wait for highlighting.
    #[cfg(test)]
    pub fn owing(&self) -> usize {
        self.cells.iter().filter(|cell| cell.owes_colours()).count()
    }

    /// The first visible row, as a cell and a row in it.
    fn top(&self, height: u16) -> (usize, usize) {
        match self.scroll_position {
            ScrollPosition::At { cell, row, .. } => (cell, row),
            ScrollPosition::End => self.locate(self.rows.saturating_sub(usize::from(height))),
        }
    }

    /// The cell of a laid-out row; counts from the end, because the view is mostly there.
    fn locate(&self, row: usize) -> (usize, usize) {
        let mut start = self.rows;
        for (at, cell) in self.cells.iter().enumerate().skip(self.first).rev() {
            start -= cell.height();
            if start <= row {
                return (at, row - start);
            }
        }
        (self.first, 0)
    }

    /// The number of laid-out rows before this one.
    fn row_of(&self, (cell, row): (usize, usize)) -> usize {
        let below: usize = self.cells.iter().skip(cell).map(EntryCell::height).sum();
        self.rows.saturating_sub(below) + row
    }
}
