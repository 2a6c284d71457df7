//! Keys that came too soon after something was asked to be an answer: they are never dropped without a word.

use std::time::Duration;

use super::Asks;
use crate::base::Timestamp;

/// For so long it is told.
const STAYS: Duration = Duration::from_secs(3);

/// A key that was no answer yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct EarlyKey {
    went: Went,
    until: Timestamp,
}

/// Where it went instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Went {
    Nowhere,
    ToThePrompt,
}

impl Asks {
    /// A key was meant for something that is gone, or for nothing.
    pub(super) fn key_dropped(&mut self, now: Timestamp) {
        self.early_key = Some(EarlyKey { went: Went::Nowhere, until: now + STAYS });
    }

    /// A key became the first letter of a prompt that nobody was writing.
    pub fn key_typed(&mut self, now: Timestamp) {
        self.early_key = Some(EarlyKey { went: Went::ToThePrompt, until: now + STAYS });
    }

    /// What became of a key that was just pressed too soon.
    pub fn early_key(&self, now: Timestamp) -> Option<&'static str> {
        let key = self.early_key.filter(|key| now < key.until)?;
        Some(match key.went {
            Went::Nowhere => "! Too soon, press the key again",
            Went::ToThePrompt => "! Typed into your prompt, press it again",
        })
    }

    /// When that is told no more.
    pub(super) fn early_key_ends(&self, now: Timestamp) -> Option<Timestamp> {
        self.early_key.map(|key| key.until).filter(|until| now < *until)
    }
}
