//! Short notes that come and go by themselves.

use std::time::Duration;

use crate::base::Timestamp;

const STAYS: Duration = Duration::from_secs(6);
/// A warning holds what to do, and is to be read to its end.
const WARNING_STAYS: Duration = Duration::from_secs(12);
const AT_ONCE: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Plain,
    Warn,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    pub tone: Tone,
    pub text: String,
    until: Timestamp,
}

/// Newest last, three at the most.
#[derive(Clone, Debug, Default)]
pub struct Toasts(Vec<Toast>);

impl Toasts {
    pub fn say(&mut self, tone: Tone, text: impl Into<String>, now: Timestamp) {
        let text = text.into();
        self.0.retain(|toast| toast.text != text);
        let stays = if tone == Tone::Warn { WARNING_STAYS } else { STAYS };
        self.0.push(Toast { tone, text, until: now + stays });
        if self.0.len() > AT_ONCE {
            self.0.remove(0);
        }
    }

    /// Takes all away, where what comes under them is of more interest.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes away what has been shown long enough.
    pub fn expire(&mut self, now: Timestamp) {
        self.0.retain(|toast| toast.until > now);
    }

    pub fn shown(&self) -> &[Toast] {
        &self.0
    }

    /// When the next one goes.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.0.iter().map(|toast| toast.until).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toast_goes_after_its_time_and_is_never_shown_twice() {
        let mut toasts = Toasts::default();
        toasts.say(Tone::Good, "one", Timestamp(0));
        toasts.say(Tone::Plain, "two", Timestamp(1_000));
        toasts.say(Tone::Good, "one", Timestamp(2_000));
        assert_eq!(
            toasts.shown().iter().map(|t| t.text.as_str()).collect::<Vec<_>>(),
            ["two", "one"]
        );
        assert_eq!(toasts.next_end(), Some(Timestamp(7_000)));
        toasts.expire(Timestamp(7_000));
        assert_eq!(toasts.shown().len(), 1);
        toasts.expire(Timestamp(8_000));
        assert_eq!(toasts.next_end(), None);
    }
}
