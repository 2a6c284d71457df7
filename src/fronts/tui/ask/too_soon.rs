//! Notes about keys that came too soon to be an answer, so that none is dropped silently. Keys
//! pressed while an ask is hidden answer nothing.

use std::time::Duration;

use super::Asks;
use super::keys::{MeantFor, QUIET, Quiet};
use crate::base::Timestamp;
use crate::tui::messages::Sight;

/// How long the note is shown.
const STAYS: Duration = Duration::from_secs(3);

/// A key that was no answer yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct EarlyKey {
    went: Went,
    until: Timestamp,
}

/// Where the key went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Went {
    Nowhere,
    ToThePrompt,
}

impl Asks {
    /// Notes that a key was dropped.
    pub(super) fn key_dropped(&mut self, now: Timestamp) {
        self.early_key = Some(EarlyKey { went: Went::Nowhere, until: now + STAYS });
    }

    /// Notes that a key became the first letter of a prompt.
    pub fn key_typed(&mut self, now: Timestamp) {
        self.early_key = Some(EarlyKey { went: Went::ToThePrompt, until: now + STAYS });
    }

    /// The note about a key that was pressed too soon.
    pub fn early_key(&self, now: Timestamp) -> Option<&'static str> {
        let key = self.early_key.filter(|key| now < key.until)?;
        Some(match key.went {
            Went::Nowhere => "! Too soon, press the key again",
            Went::ToThePrompt => "! Typed into your prompt, press it again",
        })
    }

    /// The time at which the note disappears.
    pub(super) fn early_key_ends(&self, now: Timestamp) -> Option<Timestamp> {
        self.early_key.map(|key| key.until).filter(|until| now < *until)
    }
}

impl Asks {
    /// Records whether the first ask can be seen.
    pub fn see(&mut self, sight: Sight, now: Timestamp) {
        match (std::mem::replace(&mut self.sight, sight), sight) {
            (Sight::Seen, Sight::Hidden) if self.is_pressed() => drop(self.take_back()),
            (Sight::Hidden, Sight::Seen) => self.reappear(now),
            _ => {}
        }
    }

    /// Handles that the first ask is visible again: keys on their way were not meant for it.
    pub fn reappear(&mut self, now: Timestamp) {
        if !self.is_empty() {
            self.quiet = Some(Quiet { until: now + QUIET, meant_for: MeantFor::Nobody });
        }
    }
}
