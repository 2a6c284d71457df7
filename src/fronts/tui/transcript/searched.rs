//! Searching in the transcript: going to hits, opening the folds that hide them, and marking them.

use std::ops::Range;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use ratatui::layout::{Position, Rect};

use super::TranscriptView;
use super::scroll_position::ScrollPosition;
use super::search::{HitAnchor, HitCount, RowHit, Search, Standing, in_rows};
use crate::protocol::TranscriptEntry;
use crate::tui::messages::Toward;
use crate::tui::paint::{Canvas, Role};

/// Earlier entries that are laid out in each frame while words are typed, so that the way to a hit
/// far above is there before anybody goes it.
const AHEAD: usize = 200;
/// Rows above a hit that one goes to, as a share of the view.
const ABOVE: u16 = 3;

/// A step of a search.
#[derive(Clone, Debug)]
pub enum SearchStep {
    /// Types the words, or types on.
    Begin,
    /// Ends it, and goes back to where one read before it.
    GoBack,
    /// Closes the field and keeps the hits.
    Keep,
    /// A key in the field.
    Key(KeyEvent),
    /// Goes to the next hit in a direction, round at the ends.
    Next(Toward),
    /// Pasted or given words.
    Paste(String),
    /// Ends it where one reads.
    Stop,
}

/// The hit among those of its entry.
#[derive(Clone, Copy, Debug)]
enum Nth {
    At(usize),
    Last,
}

impl TranscriptView {
    /// Takes a step of a search in a view of this height.
    pub fn search(&mut self, step: SearchStep, entries: &[Arc<TranscriptEntry>], height: u16) {
        self.settle(entries, self.width, height);
        match step {
            SearchStep::Begin => self.begin_search(entries, height),
            SearchStep::GoBack => {
                if let Some(search) = self.search.take() {
                    self.close_hits(entries, None);
                    self.scroll_position = search.origin;
                    self.scroll_position.keep_within(&self.cells);
                }
            }
            SearchStep::Keep => match self.hit_count() {
                Some(HitCount { of: 0, .. }) => {}
                Some(_) => {
                    if let Some(search) = &mut self.search {
                        search.standing = Standing::Kept;
                    }
                }
                None => self.search(SearchStep::GoBack, entries, height),
            },
            SearchStep::Key(key) => {
                if self.search.as_mut().is_some_and(|search| search.key(&key)) {
                    self.look(entries, height);
                }
            }
            SearchStep::Next(toward) => self.next_hit(toward, entries, height),
            SearchStep::Paste(words) => {
                if let Some(search) = &mut self.search {
                    search.field.paste(&words);
                    self.look(entries, height);
                }
            }
            SearchStep::Stop => self.stop_search(entries),
        }
        let last = self.rows.saturating_sub(usize::from(height));
        if self.row_of(self.top(height)) > last {
            self.scroll_position.leave_for(self.locate(last));
        }
    }

    /// Ends a search where one reads.
    pub fn stop_search(&mut self, entries: &[Arc<TranscriptEntry>]) {
        if self.search.take().is_some() {
            self.close_hits(entries, None);
        }
    }

    /// How far a search is; `None` if there is none.
    pub fn searching(&self) -> Option<Standing> {
        self.search.as_ref().map(|search| search.standing)
    }

    /// Which hit one is at; `None` without words.
    pub fn hit_count(&self) -> Option<HitCount> {
        self.search.as_ref()?.count()
    }

    /// Draws the field for the words; returns the caret's position.
    pub fn draw_search(&self, area: Rect, canvas: &mut Canvas) -> Option<Position> {
        self.search.as_ref().map(|search| search.field.draw(area, canvas))
    }

    /// Whether earlier entries are laid out in the next frames.
    pub fn lays_out_ahead(&self) -> bool {
        self.first > 0 && self.searching() == Some(Standing::Typed)
    }

    /// Lays out some earlier entries for a search.
    pub(super) fn lay_out_ahead(&mut self, entries: &[Arc<TranscriptEntry>]) {
        if self.lays_out_ahead() {
            let until = self.first.saturating_sub(AHEAD);
            self.reach_back(entries, |view| view.first > until);
        }
    }

    /// Puts the caret of the field at a cell of the screen; returns whether the field is there.
    pub fn click_search(&mut self, at: Position) -> bool {
        let typed = self.search.as_mut().filter(|search| search.standing == Standing::Typed);
        typed.is_some_and(|search| search.field.click(at))
    }

    fn begin_search(&mut self, entries: &[Arc<TranscriptEntry>], height: u16) {
        let (entry, row) = self.top(height);
        let search = self.search.get_or_insert_with(|| Box::new(Search::new(entries)));
        search.standing = Standing::Typed;
        search.origin = self.scroll_position;
        search.anchor = HitAnchor { entry, row };
    }

    /// Goes to the first hit of other words, or back if there is none.
    fn look(&mut self, entries: &[Arc<TranscriptEntry>], height: u16) {
        let Some(search) = &mut self.search else { return };
        search.look();
        match self.first_hit() {
            Some((entry, nth, toward)) => self.go_to(entry, nth, toward, entries, height),
            None => {
                self.close_hits(entries, None);
                if let Some(search) = &self.search {
                    self.scroll_position = search.origin;
                    self.scroll_position.keep_within(&self.cells);
                }
            }
        }
    }

    /// The hit to begin with, and the side on which others are looked for: the newest one for a
    /// person who follows the conversation, else the first one from the row where they read, else
    /// the last one before it.
    fn first_hit(&self) -> Option<(usize, Nth, Toward)> {
        let search = self.search.as_ref()?;
        let HitAnchor { entry, row } = search.anchor;
        let last = |entry| (entry, Nth::Last, Toward::Start);
        if search.origin == ScrollPosition::End {
            return search.index.outermost(Toward::End).map(last);
        }
        let rows = self.hits_of(entry);
        let below = rows.iter().position(|hit| hit.row() >= row);
        // It may be hidden in a fold.
        let hidden = (rows.is_empty() && search.index.hits(entry) > 0).then_some(0);
        if let Some(nth) = below.or(hidden) {
            return Some((entry, Nth::At(nth), Toward::End));
        }
        if let Some(after) = search.index.next(entry, Toward::End) {
            return Some((after, Nth::At(0), Toward::End));
        }
        let here = (!rows.is_empty()).then_some(entry);
        here.or_else(|| search.index.next(entry, Toward::Start)).map(last)
    }

    fn next_hit(&mut self, toward: Toward, entries: &[Arc<TranscriptEntry>], height: u16) {
        let Some(search) = &self.search else { return };
        let (entry, nth) = match (search.current(), toward) {
            (Some(hit), Toward::End) if hit.nth + 1 < search.index.hits(hit.entry) => {
                (Some(hit.entry), Nth::At(hit.nth + 1))
            }
            (Some(hit), Toward::Start) if hit.nth > 0 => (Some(hit.entry), Nth::At(hit.nth - 1)),
            (Some(hit), Toward::End) => (search.entry_after(hit.entry, toward), Nth::At(0)),
            (Some(hit), Toward::Start) => (search.entry_after(hit.entry, toward), Nth::Last),
            (None, Toward::End) => (search.index.outermost(Toward::Start), Nth::At(0)),
            (None, Toward::Start) => (search.index.outermost(Toward::End), Nth::Last),
        };
        if let Some(entry) = entry {
            self.go_to(entry, nth, toward, entries, height);
        }
    }

    /// Goes to a hit; if its entry shows none after all, to the next one in a direction.
    fn go_to(
        &mut self,
        entry: usize,
        nth: Nth,
        toward: Toward,
        entries: &[Arc<TranscriptEntry>],
        height: u16,
    ) {
        let (mut entry, mut nth) = (entry, nth);
        loop {
            let hits = self.reveal(entry, entries);
            let Some(search) = &mut self.search else { return };
            search.index.correct(entry, hits.len());
            let at = match nth {
                Nth::At(nth) => nth.min(hits.len().saturating_sub(1)),
                Nth::Last => hits.len().saturating_sub(1),
            };
            if let Some(hit) = hits.get(at) {
                search.set_current(Some((entry, at)));
                self.scroll_to((entry, hit.row()), entries, height);
                return;
            }
            match search.entry_after(entry, toward) {
                Some(next) => entry = next,
                None => {
                    search.set_current(None);
                    return;
                }
            }
            nth = if toward == Toward::End { Nth::At(0) } else { Nth::Last };
        }
    }

    /// Lays an entry out, opened if hits are hidden in it, and closes others that hits opened;
    /// returns its hits.
    fn reveal(&mut self, entry: usize, entries: &[Arc<TranscriptEntry>]) -> Vec<RowHit> {
        self.close_hits(entries, Some(entry));
        self.reach_back(entries, |view| view.first > entry);
        let hits = self.hits_of(entry);
        let counted = self.search.as_ref().map_or(0, |search| search.index.hits(entry));
        if hits.len() < counted
            && let (Some(cell), Some(whole)) = (self.cells.get_mut(entry), entries.get(entry))
            && cell.open_for_hit(whole)
        {
            self.opened_for_hit = Some(entry);
            self.lay_out(entry, entries);
            return self.hits_of(entry);
        }
        hits
    }

    /// Closes the folds that hits opened, but for one entry.
    fn close_hits(&mut self, entries: &[Arc<TranscriptEntry>], but: Option<usize>) {
        let Some(opened) = self.opened_for_hit.take_if(|opened| Some(*opened) != but) else {
            return;
        };
        if self.cells.get_mut(opened).is_some_and(super::EntryCell::close_for_hit) {
            self.lay_out(opened, entries);
            self.scroll_position.keep_within(&self.cells);
        }
    }

    /// The hits in the rows of an entry as it is laid out.
    fn hits_of(&self, entry: usize) -> Vec<RowHit> {
        let rows = self.cells.get(entry).map_or(0, super::EntryCell::height);
        self.hits_in(entry, 0..rows)
    }

    fn hits_in(&self, entry: usize, rows: Range<usize>) -> Vec<RowHit> {
        let needle = self.search.as_ref().and_then(|search| search.needle());
        match (needle, self.cells.get(entry)) {
            (Some(needle), Some(cell)) => in_rows(|row| cell.text_row(row), rows, needle),
            _ => Vec::new(),
        }
    }

    /// Scrolls until a row can be seen, and stays there while text is added below.
    fn scroll_to(&mut self, at: (usize, usize), entries: &[Arc<TranscriptEntry>], height: u16) {
        let above = usize::from(height / ABOVE);
        let top = self.row_of(self.top(height));
        let row = self.row_of(at);
        let to = if (top..top + usize::from(height)).contains(&row) {
            top
        } else {
            self.reach_back(entries, |view| view.row_of(at) < above);
            self.row_of(at).saturating_sub(above)
        };
        let last = self.rows.saturating_sub(usize::from(height));
        self.scroll_position.leave_for(self.locate(to.min(last)));
    }

    /// Whether the hit that one is at can be seen in a view of this height.
    pub(super) fn sees_hit(&self, height: u16) -> bool {
        let search = self.search.as_ref();
        let Some((hit, place)) = search.and_then(|search| search.current().zip(search.place()))
        else {
            return false;
        };
        let top = self.row_of(self.top(height));
        (top..top + usize::from(height)).contains(&self.row_of((hit.entry, place.row())))
    }

    /// Scrolls to the hit that one is at.
    pub(super) fn keep_hit_in_sight(&mut self, entries: &[Arc<TranscriptEntry>], height: u16) {
        let Some(hit) = self.search.as_ref().and_then(|search| search.current()) else { return };
        self.reach_back(entries, |view| view.first > hit.entry);
        if let Some(place) = self.hits_of(hit.entry).get(hit.nth) {
            self.scroll_to((hit.entry, place.row()), entries, height);
        }
    }

    /// Finds the hit that one is at again, in rows that were laid out since.
    pub(super) fn place_hit(&mut self) {
        let Some(search) = &self.search else { return };
        let Some(hit) = search.current().filter(|_| search.place().is_none()) else { return };
        if hit.entry < self.first {
            return;
        }
        let place = self.hits_of(hit.entry).into_iter().nth(hit.nth);
        if let Some(search) = &mut self.search {
            search.set_place(place);
        }
    }

    /// Marks the hits in rows of an entry that are drawn from `area`'s top on.
    pub(super) fn mark_hits(
        &self,
        entry: usize,
        rows: Range<usize>,
        area: Rect,
        canvas: &mut Canvas,
    ) {
        let Some(search) = &self.search else { return };
        let is_here = search.current().is_some_and(|hit| hit.entry == entry);
        let current = search.place().filter(|_| is_here);
        for hit in self.hits_in(entry, rows.clone()) {
            let role = if Some(&hit) == current { Role::CurrentHit } else { Role::Hit };
            for (row, columns) in hit.pieces.iter().filter(|(row, _)| rows.contains(row)) {
                let end = columns.end.min(area.width);
                let place = Rect {
                    x: area.x + columns.start.min(end),
                    y: area.y + u16::try_from(row - rows.start).unwrap_or(0),
                    width: end.saturating_sub(columns.start),
                    height: 1,
                };
                canvas.fill(place, role);
            }
        }
    }
}
