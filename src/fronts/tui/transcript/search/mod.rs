//! Searching a transcript: the field for the words, the hits of each entry, and the hit that one
//! is at. It reads text alone; the transcript opens folds and scrolls.

mod hits;
mod index;
mod needle;
mod words;

use std::sync::Arc;

use crossterm::event::KeyEvent;

pub use self::hits::{RowHit, in_rows};
pub use self::index::{Narrows, SearchIndex};
pub use self::needle::Needle;
use super::scroll_position::ScrollPosition;
use crate::protocol::{TranscriptChange, TranscriptEntry};
use crate::tui::composer::{Composer, FieldForm, FieldReply};
use crate::tui::messages::Toward;

/// A search in the transcript.
#[derive(Debug)]
pub struct Search {
    pub field: Composer,
    pub standing: Standing,
    needle: Option<Needle>,
    pub index: SearchIndex,
    current: Option<CurrentHit>,
    /// Where that hit is in its entry's rows, once they are laid out.
    place: Option<RowHit>,
    /// Where one read before it, and where it begins to look.
    pub origin: ScrollPosition,
    pub anchor: HitAnchor,
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The field was closed; the hits are still shown.
    Kept,
    /// Its words are being typed.
    Typed,
}

/// The row where a search begins to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HitAnchor {
    pub entry: usize,
    pub row: usize,
}

/// The hit that one is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentHit {
    pub entry: usize,
    /// Its index among the hits of its entry.
    pub nth: usize,
    /// Hits in the entries before.
    before: usize,
}

/// A hit among all others: `3/17`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HitCount {
    /// Which one it is, from 1; 0 if none was found.
    pub at: usize,
    pub of: usize,
}

impl Search {
    pub fn new(entries: &[Arc<TranscriptEntry>]) -> Self {
        let mut field = Composer::new(FieldForm::SingleLine);
        field.set_placeholder("Type to search this conversation");
        let mut index = SearchIndex::default();
        index.refresh(entries, None);
        Self {
            field,
            standing: Standing::Typed,
            needle: None,
            index,
            current: None,
            place: None,
            origin: ScrollPosition::End,
            anchor: HitAnchor::default(),
        }
    }

    /// Handles a key in the field; returns whether the words changed.
    pub fn key(&mut self, key: &KeyEvent) -> bool {
        self.field.key(*key) == FieldReply::Changed
    }

    /// Counts the hits of the words in the field.
    pub fn look(&mut self) {
        let needle = Needle::new(self.field.shown());
        let narrows = match (&needle, &self.needle) {
            (Some(new), Some(old)) if new.narrows(old) => Narrows::Yes,
            _ => Narrows::No,
        };
        self.index.count(needle.as_ref(), narrows);
        (self.needle, self.current, self.place) = (needle, None, None);
    }

    pub fn needle(&self) -> Option<&Needle> {
        self.needle.as_ref()
    }

    pub fn current(&self) -> Option<CurrentHit> {
        self.current
    }

    pub fn set_current(&mut self, hit: Option<(usize, usize)>) {
        self.place = None;
        let before = |entry| self.index.before(entry);
        self.current = hit.map(|(entry, nth)| CurrentHit { entry, nth, before: before(entry) });
    }

    /// Where that hit is in its entry's rows.
    pub fn place(&self) -> Option<&RowHit> {
        self.place.as_ref()
    }

    pub fn set_place(&mut self, place: Option<RowHit>) {
        self.place = place;
    }

    /// Records that an entry was laid out again.
    pub fn laid_out(&mut self, entry: usize) {
        if self.current.is_some_and(|hit| hit.entry == entry) {
            self.place = None;
        }
    }

    /// Which hit one is at; `None` while there are no words.
    pub fn count(&self) -> Option<HitCount> {
        self.needle.as_ref()?;
        let at = self.current.map_or(0, |hit| hit.before + hit.nth + 1);
        Some(HitCount { at, of: self.index.total() })
    }

    /// The entry of the next hit in a direction, all the way round.
    pub fn entry_after(&self, entry: usize, toward: Toward) -> Option<usize> {
        let opposite = match toward {
            Toward::End => Toward::Start,
            Toward::Start => Toward::End,
        };
        self.index.next(entry, toward).or_else(|| self.index.outermost(opposite))
    }

    /// Reads what changed; the hit that one is at stays.
    pub fn refresh(&mut self, entries: &[Arc<TranscriptEntry>]) {
        let recounted = self.index.refresh(entries, self.needle.as_ref());
        let Some(hit) = &mut self.current else { return };
        if hit.entry >= entries.len() {
            self.current = None;
            return;
        }
        for one in recounted.iter().filter(|one| one.entry < hit.entry) {
            hit.before = hit.before - one.before + one.now;
        }
        let hits = self.index.hits(hit.entry);
        match hits.checked_sub(1) {
            Some(last) => hit.nth = hit.nth.min(last),
            None => self.current = None,
        }
    }

    pub fn note(&mut self, change: TranscriptChange) {
        self.index.note(change);
    }

    /// Records that an entry was removed.
    pub fn removed(&mut self, at: usize) {
        let hits = self.index.hits(at);
        self.index.removed(at);
        self.origin.removed(at);
        if at < self.anchor.entry {
            self.anchor.entry -= 1;
        }
        match &mut self.current {
            Some(hit) if at < hit.entry => {
                (hit.entry, hit.before) = (hit.entry - 1, hit.before - hits);
            }
            Some(hit) if at == hit.entry => self.current = None,
            _ => {}
        }
    }
}
