//! Whether the person is looking at this window, by the terminal's focus reports or, without them,
//! by recent keys.

use std::time::Duration;

use crate::base::Timestamp;
use crate::fronts::tui::messages::Focus;

/// Without a key for this long, the person may look elsewhere.
const AWAY: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug)]
pub struct Attention {
    /// The last reported focus; `None` if the terminal never reported it (screen, the console, tmux
    /// by default).
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

    /// Records a key press, a turn of the wheel or a paste.
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
