//! Whether a person looks at this window: by what the terminal reports of its focus, or by the keys where it reports nothing.

use std::time::Duration;

use crate::base::Timestamp;
use crate::fronts::tui::messages::Focus;

/// Without a key for so long, a person may look elsewhere.
const AWAY: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug)]
pub struct Attention {
    /// As the terminal told last; `None` where it never did (screen, the console, tmux unless it is set to).
    focus: Option<Focus>,
    last_key: Timestamp,
}

impl Attention {
    pub fn new(now: Timestamp) -> Self {
        Self { focus: None, last_key: now }
    }

    pub fn focus(&mut self, focus: Focus) {
        self.focus = Some(focus);
    }

    /// A key was pressed, the wheel turned, or something pasted.
    pub fn key(&mut self, now: Timestamp) {
        self.last_key = now;
    }

    pub fn is_elsewhere(&self, now: Timestamp) -> bool {
        match self.focus {
            Some(focus) => focus == Focus::Lost,
            None => now.since(self.last_key) >= AWAY,
        }
    }
}
