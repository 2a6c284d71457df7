//! The number of hits in each entry. An entry's text is read once and again when it changes, so
//! that a key costs a look through text alone, and a delta one entry.

use std::sync::Arc;

use super::needle::{self, Case, Needle};
use super::words;
use crate::protocol::{TranscriptChange, TranscriptEntry};
use crate::tui::messages::Toward;

#[derive(Debug, Default)]
pub struct SearchIndex {
    entries: Vec<IndexedEntry>,
    total: usize,
    stale: Stale,
}

#[derive(Debug, Default)]
struct IndexedEntry {
    text: Box<str>,
    /// The same in small letters; empty if nothing in it has capitals.
    folded: Box<str>,
    hits: usize,
}

/// Entries that changed since the last look.
#[derive(Debug, Default)]
struct Stale {
    ones: Vec<usize>,
    from: Option<usize>,
}

/// An entry that was read anew: its hits before and now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recounted {
    pub entry: usize,
    pub before: usize,
    pub now: usize,
}

impl SearchIndex {
    /// Records that entries changed.
    pub fn note(&mut self, change: TranscriptChange) {
        match change {
            TranscriptChange::None => {}
            TranscriptChange::One(at) => {
                if self.stale.ones.last() != Some(&at) {
                    self.stale.ones.push(at);
                }
            }
            TranscriptChange::From(at) => {
                self.stale.from = Some(self.stale.from.map_or(at, |from| from.min(at)));
            }
        }
    }

    /// Records that an entry was removed.
    pub fn removed(&mut self, at: usize) {
        if at < self.entries.len() {
            self.total -= self.entries.remove(at).hits;
        }
    }

    /// Reads changed and new entries; returns those whose hits may be others.
    pub fn refresh(
        &mut self,
        entries: &[Arc<TranscriptEntry>],
        needle: Option<&Needle>,
    ) -> Vec<Recounted> {
        for gone in self.entries.drain(entries.len().min(self.entries.len())..) {
            self.total -= gone.hits;
        }
        let known = self.entries.len();
        let from = self.stale.from.take().unwrap_or(known).min(known);
        let mut ones = std::mem::take(&mut self.stale.ones);
        ones.retain(|at| *at < from);
        ones.sort_unstable();
        ones.dedup();
        let all = ones.into_iter().chain(from..entries.len());
        all.filter_map(|at| self.read(at, entries.get(at)?, needle)).collect()
    }

    /// Counts the hits of other words; entries without any are skipped if there can be none.
    pub fn count(&mut self, needle: Option<&Needle>, narrows: Narrows) {
        self.total = 0;
        for entry in &mut self.entries {
            if narrows == Narrows::No || entry.hits > 0 {
                entry.count(needle);
            }
            self.total += entry.hits;
        }
    }

    /// Corrects the hits of an entry to those that can be shown.
    pub fn correct(&mut self, at: usize, hits: usize) {
        if let Some(entry) = self.entries.get_mut(at) {
            self.total = self.total - entry.hits + hits;
            entry.hits = hits;
        }
    }

    pub fn total(&self) -> usize {
        self.total
    }

    pub fn hits(&self, at: usize) -> usize {
        self.entries.get(at).map_or(0, |entry| entry.hits)
    }

    /// The hits in all entries before one.
    pub fn before(&self, at: usize) -> usize {
        self.entries.iter().take(at).map(|entry| entry.hits).sum()
    }

    /// The nearest entry with hits in a direction, without the one at `at`.
    pub fn next(&self, at: usize, toward: Toward) -> Option<usize> {
        let has_hits = |at: &usize| self.entries[*at].hits > 0;
        match toward {
            Toward::End => (at.saturating_add(1)..self.entries.len()).find(has_hits),
            Toward::Start => (0..at.min(self.entries.len())).rev().find(has_hits),
        }
    }

    /// The first or the last entry with hits.
    pub fn outermost(&self, toward: Toward) -> Option<usize> {
        let mut all = 0..self.entries.len();
        let has_hits = |at: &usize| self.entries[*at].hits > 0;
        match toward {
            Toward::Start => all.find(has_hits),
            Toward::End => all.rev().find(has_hits),
        }
    }

    fn read(
        &mut self,
        at: usize,
        entry: &TranscriptEntry,
        needle: Option<&Needle>,
    ) -> Option<Recounted> {
        if at == self.entries.len() {
            self.entries.push(IndexedEntry::default());
        }
        let indexed = self.entries.get_mut(at)?;
        let before = indexed.hits;
        indexed.text = words::of(entry).into_boxed_str();
        indexed.folded = match needle::fold(&indexed.text) {
            folded if *folded == *indexed.text => Box::default(),
            folded => folded.into_owned().into_boxed_str(),
        };
        indexed.count(needle);
        self.total = self.total - before + indexed.hits;
        Some(Recounted { entry: at, before, now: indexed.hits })
    }
}

/// Whether only entries that had hits can have some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Narrows {
    No,
    Yes,
}

impl IndexedEntry {
    fn count(&mut self, needle: Option<&Needle>) {
        self.hits = needle.map_or(0, |needle| {
            let is_folded = needle.case() == Case::Ignored && !self.folded.is_empty();
            needle.hits(if is_folded { &self.folded } else { &self.text }).count()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Notice;

    fn entry(message: &str) -> Arc<TranscriptEntry> {
        Arc::new(TranscriptEntry::Notice(Notice { message: message.into(), next: None }))
    }

    /// Checks the counts against those of a search that begins now.
    fn check(index: &SearchIndex, entries: &[Arc<TranscriptEntry>], needle: &Needle) {
        let mut fresh = SearchIndex::default();
        fresh.refresh(entries, Some(needle));
        assert_eq!(index.total(), fresh.total());
        for at in 0..=entries.len() {
            assert_eq!(index.hits(at), fresh.hits(at), "{at}");
            assert_eq!(index.before(at), fresh.before(at), "{at}");
            for toward in [Toward::Start, Toward::End] {
                assert_eq!(index.next(at, toward), fresh.next(at, toward), "{at}");
            }
        }
    }

    #[test]
    fn counts_follow_changes_of_entries_and_of_words() {
        let needle = |words| Needle::new(words).unwrap();
        let (pe, pear) = (needle("pe"), needle("pear"));
        let mut entries = vec![entry("Pear, pear"), entry("plum"), entry("a person, a pear")];
        let mut index = SearchIndex::default();
        index.refresh(&entries, None);
        assert_eq!(index.total(), 0);
        index.count(Some(&pe), Narrows::No);
        check(&index, &entries, &pe);
        index.count(Some(&pear), Narrows::Yes);
        check(&index, &entries, &pear);
        // One changes, and one is new.
        entries[1] = entry("a pear after all");
        entries.push(entry("pear pear pear"));
        index.note(TranscriptChange::One(1));
        let news = index.refresh(&entries, Some(&pear));
        assert_eq!(news[0], Recounted { entry: 1, before: 0, now: 1 });
        check(&index, &entries, &pear);
        // One is removed, as the transcript's cells are.
        entries.remove(0);
        index.removed(0);
        index.note(TranscriptChange::From(0));
        index.refresh(&entries, Some(&pear));
        check(&index, &entries, &pear);
        // None is left but one.
        entries.truncate(1);
        index.note(TranscriptChange::From(7));
        index.refresh(&entries, Some(&pear));
        check(&index, &entries, &pear);
        index.correct(0, 0);
        assert_eq!((index.total(), index.outermost(Toward::Start)), (0, None));
    }
}
