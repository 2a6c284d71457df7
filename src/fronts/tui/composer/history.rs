//! The prompt history of the composer, walked with up and down; the draft is kept meanwhile.

use std::borrow::Cow;

use crate::base::text::clean;
use crate::protocol::PastPrompt;

use super::folds::without_stand_ins;

/// The prompts, and the position of the walk.
#[derive(Debug, Default)]
pub struct PromptRecall {
    /// Oldest first.
    entries: Vec<PastPrompt>,
    walk: Option<Walk>,
}

#[derive(Debug)]
struct Walk {
    at: usize,
    /// The field's text for the recalled prompt.
    held: String,
    draft: String,
}

/// The text to put into the field.
pub(super) enum Recalled {
    /// The draft, with its folds.
    Draft(String),
    Prompt(PastPrompt),
}

impl PromptRecall {
    /// Takes the prompts, oldest first, and cleans them like a paste, because the file may contain
    /// anything.
    pub fn new(entries: Vec<PastPrompt>) -> Self {
        Self { entries: entries.into_iter().map(cleaned).collect(), walk: None }
    }

    /// Adds a sent prompt, unless it repeats the last, and ends the walk.
    pub fn push(&mut self, prompt: PastPrompt) {
        self.walk = None;
        match self.entries.last_mut() {
            // It may have got its pictures again.
            Some(last) if last.text == prompt.text => *last = prompt,
            _ if prompt.text.trim().is_empty() => {}
            _ => self.entries.push(prompt),
        }
    }

    /// The newest prompt with this text, with its folds and pictures; else the text, cleaned.
    pub fn find(&self, text: &str) -> PastPrompt {
        let found = self.entries.iter().rev().find(|entry| entry.text == text);
        found.cloned().unwrap_or_else(|| cleaned(text.into()))
    }

    /// Whether the field still holds the recalled prompt.
    pub fn is_at(&self, held: &str) -> bool {
        self.walk.as_ref().is_some_and(|walk| walk.held == held)
    }

    /// Records the field's text for the recalled prompt.
    pub fn settle(&mut self, held: &str) {
        if let Some(walk) = &mut self.walk {
            held.clone_into(&mut walk.held);
        }
    }

    /// One step back; the first step keeps the field's text as the draft.
    pub(super) fn older(&mut self, held: &str) -> Option<Recalled> {
        if !self.is_at(held) {
            // The recalled prompt was changed, so it is the draft now.
            self.walk = None;
        }
        let at = self.walk.as_ref().map_or(self.entries.len(), |walk| walk.at).checked_sub(1)?;
        match &mut self.walk {
            Some(walk) => walk.at = at,
            None => self.walk = Some(Walk { at, held: String::new(), draft: held.to_owned() }),
        }
        self.entries.get(at).cloned().map(Recalled::Prompt)
    }

    /// One step forward; the draft comes after the newest.
    pub(super) fn newer(&mut self) -> Option<Recalled> {
        let walk = self.walk.as_mut()?;
        walk.at += 1;
        match self.entries.get(walk.at) {
            Some(entry) => Some(Recalled::Prompt(entry.clone())),
            None => self.walk.take().map(|walk| Recalled::Draft(walk.draft)),
        }
    }
}

/// Cleans a prompt; if that changes its text, its fold ranges are invalid and dropped.
fn cleaned(prompt: PastPrompt) -> PastPrompt {
    match without_stand_ins(clean(&prompt.text)) {
        Cow::Borrowed(_) => prompt,
        Cow::Owned(text) => text.into(),
    }
}
