//! Whether the person is looking at this window, by the terminal's focus reports or, without them,
//! by recent keys.

use std::time::Duration;

use crate::base::Timestamp;
use crate::tui::messages::Focus;

#[derive(Clone, Copy, Debug)]
pub struct Attention {
    /// The last reported focus; `None` if the terminal never reported it (screen, the console, tmux
    /// by default).
    focus: Option<Focus>,
    last_key: Timestamp,
    /// When a turn ran, an ask waited or a dialog was open the last time.
    engaged: Timestamp,
    /// Without a key for this long, the person may look elsewhere.
    away: Duration,
}

impl Attention {
    pub fn new(now: Timestamp, away: Duration) -> Self {
        Self { focus: None, last_key: now, engaged: Timestamp(0), away }
    }

    pub fn focus(&mut self, focus: Focus) {
        self.focus = Some(focus);
    }

    /// Records a key press, a turn of the wheel or a paste.
    pub fn key(&mut self, now: Timestamp) {
        self.last_key = now;
    }

    /// Records that a turn runs, an ask waits or a dialog is open.
    pub fn engage(&mut self, now: Timestamp) {
        self.engaged = now;
    }

    /// Whether nothing of that has been for so long.
    pub fn is_calm(&self, now: Timestamp, long: Duration) -> bool {
        now >= self.engaged + long
    }

    pub fn is_elsewhere(&self, now: Timestamp) -> bool {
        match self.focus {
            Some(focus) => focus == Focus::Lost,
            None => now.since(self.last_key) >= self.away,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_count_only_until_the_terminal_reports_its_focus() {
        let (start, away) = (Timestamp(0), Duration::from_secs(3));
        let mut attention = Attention::new(start, away);
        assert!(!attention.is_elsewhere(start + Duration::from_millis(2_999)));
        assert!(attention.is_elsewhere(start + away));
        attention.key(start + away);
        assert!(!attention.is_elsewhere(start + away));
        attention.focus(Focus::Gained);
        assert!(!attention.is_elsewhere(start + away * 9));
    }
}
