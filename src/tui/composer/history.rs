//! Prompts sent before, walked with up and down; what was being written is kept meanwhile. Does not know the field.

use crate::base::text::clean;

use super::folds::without_stand_ins;

/// The prompts, and where a walk through them stands.
#[derive(Debug, Default)]
pub struct History {
    /// Oldest first.
    entries: Vec<String>,
    walk: Option<Walk>,
}

#[derive(Debug)]
struct Walk {
    at: usize,
    draft: String,
}

impl History {
    /// Oldest first. They come from a file, which anything can have written: cleaned as a paste is.
    pub fn new(entries: Vec<String>) -> Self {
        let entries = entries.into_iter().map(|entry| without_stand_ins(clean(&entry)).into_owned()).collect();
        Self { entries, walk: None }
    }

    /// Adds a prompt just sent and ends any walk. A repetition of the last is not added.
    pub fn push(&mut self, prompt: &str) {
        self.walk = None;
        if self.entries.last().is_none_or(|last| last != prompt) && !prompt.trim().is_empty() {
            self.entries.push(prompt.to_owned());
        }
    }

    /// Whether a walk stands at just this text.
    pub(super) fn is_at(&self, text: &str) -> bool {
        self.walk.as_ref().is_some_and(|walk| self.entries.get(walk.at).is_some_and(|entry| entry == text))
    }

    /// One step back; the first one keeps the text as the draft.
    pub(super) fn older(&mut self, text: &str) -> Option<String> {
        if !self.is_at(text) {
            // Changed since: what stands there now is the draft.
            self.walk = None;
        }
        let at = self.walk.as_ref().map_or(self.entries.len(), |walk| walk.at).checked_sub(1)?;
        match &mut self.walk {
            Some(walk) => walk.at = at,
            None => self.walk = Some(Walk { at, draft: text.to_owned() }),
        }
        self.entries.get(at).cloned()
    }

    /// One step forward; after the newest comes the draft.
    pub(super) fn newer(&mut self) -> Option<String> {
        let walk = self.walk.as_mut()?;
        walk.at += 1;
        match self.entries.get(walk.at) {
            Some(entry) => Some(entry.clone()),
            None => self.walk.take().map(|walk| walk.draft),
        }
    }
}
