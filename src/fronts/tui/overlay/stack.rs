//! The stack of open dialogs.

use std::time::Duration;

use crate::base::Timestamp;
use crate::tui::messages::Sight;
use crate::tui::overlay::Overlay;

/// How long after a dialog opened by itself typed text still goes to its former target; after a
/// dialog became visible again, it goes nowhere.
const SURPRISE: Duration = Duration::from_millis(400);

#[derive(Debug, Default)]
pub struct Stack {
    open: Vec<Overlay>,
    came_by_itself: Option<Timestamp>,
    came_back: Option<Timestamp>,
    sight: Sight,
}

impl Stack {
    /// Opens a dialog on request.
    pub fn open(&mut self, overlay: Overlay) {
        self.open.push(overlay);
        (self.came_by_itself, self.came_back) = (None, None);
    }

    /// Opens a dialog unasked.
    pub fn intrude(&mut self, overlay: Overlay, now: Timestamp) {
        self.open.push(overlay);
        self.came_by_itself = Some(now);
    }

    pub fn close(&mut self) {
        self.open.pop();
        self.came_by_itself = None;
    }

    /// Records whether dialogs can be seen.
    pub fn see(&mut self, sight: Sight, now: Timestamp) {
        let before = std::mem::replace(&mut self.sight, sight);
        if before == Sight::Hidden && sight == Sight::Seen {
            self.reappear(now);
        }
    }

    /// Handles that the top dialog is visible again.
    pub fn reappear(&mut self, now: Timestamp) {
        self.came_back = Some(now);
    }

    /// Whether a dialog became visible again too recently for a key to be meant for it.
    pub fn is_back(&self, now: Timestamp) -> bool {
        self.came_back.is_some_and(|came| now < came + SURPRISE)
    }

    pub fn top(&self) -> Option<&Overlay> {
        self.open.last()
    }

    pub fn top_mut(&mut self) -> Option<&mut Overlay> {
        self.open.last_mut()
    }

    pub fn each(&mut self) -> impl Iterator<Item = &mut Overlay> {
        self.open.iter_mut()
    }

    /// Closes all other dialogs, anywhere on the stack.
    pub fn retain(&mut self, stays: impl FnMut(&Overlay) -> bool) {
        self.open.retain(stays);
    }

    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether the top dialog opened too recently for a key to be meant for it.
    pub fn is_surprise(&self, now: Timestamp) -> bool {
        self.end_of_surprise().is_some_and(|end| now < end)
    }

    /// The next time at which the top dialog changes or begins to take keys.
    pub fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        let dialog = self.top().and_then(|dialog| dialog.wakes(now));
        [dialog, self.end_of_surprise().filter(|end| now < *end)].into_iter().flatten().min()
    }

    fn end_of_surprise(&self) -> Option<Timestamp> {
        self.came_by_itself.map(|came| came + SURPRISE)
    }
}
