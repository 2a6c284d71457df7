//! Visibility of an ask: keys pressed while it is hidden answer nothing.

use super::{Asks, MeantFor, QUIET, Quiet};
use crate::base::Timestamp;
use crate::fronts::tui::messages::Sight;

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
            self.quiet =
                Some(Quiet { until: now + QUIET, each: QUIET, meant_for: MeantFor::Nobody });
        }
    }
}
