//! Prompts sent before, walked with up and down; what was being written is kept meanwhile.

use std::borrow::Cow;

use crate::base::text::clean;
use crate::protocol::PastPrompt;

use super::folds::without_stand_ins;

/// The prompts, and where a walk through them stands.
#[derive(Debug, Default)]
pub struct PromptRecall {
    /// Oldest first.
    entries: Vec<PastPrompt>,
    walk: Option<Walk>,
}

#[derive(Debug)]
struct Walk {
    at: usize,
    /// What the field holds of the prompt it stands at.
    held: String,
    draft: String,
}

/// What comes into the field.
pub(super) enum Recalled {
    /// What was being written, as the field held it.
    Draft(String),
    Prompt(PastPrompt),
}

impl PromptRecall {
    /// Oldest first. They come from a file, which anything can have written: cleaned as a paste is.
    pub fn new(entries: Vec<PastPrompt>) -> Self {
        Self { entries: entries.into_iter().map(cleaned).collect(), walk: None }
    }

    /// Adds a prompt just sent and ends any walk. A repetition of the last is not added.
    pub fn push(&mut self, prompt: PastPrompt) {
        self.walk = None;
        if self.entries.last().is_none_or(|last| last.text != prompt.text)
            && !prompt.text.trim().is_empty()
        {
            self.entries.push(prompt);
        }
    }

    /// The newest prompt of this text, with what was folded in it.
    pub fn find(&self, text: &str) -> Option<&PastPrompt> {
        self.entries.iter().rev().find(|entry| entry.text == text)
    }

    /// Whether a walk stands at just what the field holds.
    pub(super) fn is_at(&self, held: &str) -> bool {
        self.walk.as_ref().is_some_and(|walk| walk.held == held)
    }

    /// What the field holds of the prompt that it was given.
    pub(super) fn settle(&mut self, held: &str) {
        if let Some(walk) = &mut self.walk {
            held.clone_into(&mut walk.held);
        }
    }

    /// One step back; the first one keeps what is held as the draft.
    pub(super) fn older(&mut self, held: &str) -> Option<Recalled> {
        if !self.is_at(held) {
            // Changed since: what stands there now is the draft.
            self.walk = None;
        }
        let at = self.walk.as_ref().map_or(self.entries.len(), |walk| walk.at).checked_sub(1)?;
        match &mut self.walk {
            Some(walk) => walk.at = at,
            None => self.walk = Some(Walk { at, held: String::new(), draft: held.to_owned() }),
        }
        self.entries.get(at).cloned().map(Recalled::Prompt)
    }

    /// One step forward; after the newest comes the draft.
    pub(super) fn newer(&mut self) -> Option<Recalled> {
        let walk = self.walk.as_mut()?;
        walk.at += 1;
        match self.entries.get(walk.at) {
            Some(entry) => Some(Recalled::Prompt(entry.clone())),
            None => self.walk.take().map(|walk| Recalled::Draft(walk.draft)),
        }
    }
}

/// Where something had to be taken out, nobody knows any more what was folded.
fn cleaned(prompt: PastPrompt) -> PastPrompt {
    match without_stand_ins(clean(&prompt.text)) {
        Cow::Borrowed(_) => prompt,
        Cow::Owned(text) => text.into(),
    }
}
