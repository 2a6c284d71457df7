//! Short notes that disappear by themselves.

use std::time::Duration;

use crate::base::Timestamp;

const STAYS: Duration = Duration::from_secs(6);
/// A warning contains advice, so it stays long enough to be read.
const WARNING_STAYS: Duration = Duration::from_secs(12);
/// The most warnings that wait to be shown again.
const MOST: usize = 3;

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
    /// `None` while another note is shown.
    until: Option<Timestamp>,
}

/// Words for a person, and how they are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub tone: Tone,
    pub words: String,
}

impl Note {
    pub fn plain(words: impl Into<String>) -> Self {
        Self { tone: Tone::Plain, words: words.into() }
    }

    pub fn warning(words: impl Into<String>) -> Self {
        Self { tone: Tone::Warn, words: words.into() }
    }
}

/// The notes; only the last one is shown. A warning that it replaced comes back after it.
#[derive(Clone, Debug, Default)]
pub struct Toasts(Vec<Toast>);

impl Toasts {
    pub fn say(&mut self, tone: Tone, text: impl Into<String>, now: Timestamp) {
        let text = text.into();
        self.0.retain(|toast| toast.text != text && toast.tone == Tone::Warn);
        if let Some(shown) = self.0.last_mut() {
            shown.until = None;
        }
        self.0.push(Toast { tone, text, until: Some(now + stays(tone)) });
        if self.0.len() > MOST {
            self.0.remove(0);
        }
    }

    /// Removes all notes.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Removes notes that were shown long enough.
    pub fn expire(&mut self, now: Timestamp) {
        while let Some(shown) = self.0.last_mut() {
            match shown.until {
                Some(until) if until <= now => drop(self.0.pop()),
                Some(_) => return,
                None => shown.until = Some(now + stays(shown.tone)),
            }
        }
    }

    /// Restarts the note's time, because it cannot be seen now.
    pub fn hold(&mut self, now: Timestamp) {
        if let Some(shown) = self.0.last_mut() {
            shown.until = Some(now + stays(shown.tone));
        }
    }

    pub fn shown(&self) -> Option<&Toast> {
        self.0.last()
    }

    /// The time at which the shown note disappears.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.shown()?.until
    }
}

fn stays(tone: Tone) -> Duration {
    if tone == Tone::Warn { WARNING_STAYS } else { STAYS }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(toasts: &Toasts) -> Option<&str> {
        toasts.shown().map(|toast| toast.text.as_str())
    }

    #[test]
    fn one_is_shown_at_a_time_and_a_warning_comes_back_after_what_took_its_place() {
        let mut toasts = Toasts::default();
        toasts.say(Tone::Plain, "passing", Timestamp(0));
        toasts.say(Tone::Warn, "warning", Timestamp(1_000));
        toasts.say(Tone::Good, "done", Timestamp(2_000));
        assert_eq!((shown(&toasts), toasts.next_end()), (Some("done"), Some(Timestamp(8_000))));
        toasts.expire(Timestamp(8_000));
        assert_eq!((shown(&toasts), toasts.next_end()), (Some("warning"), Some(Timestamp(20_000))));
        toasts.expire(Timestamp(20_000));
        assert_eq!((shown(&toasts), toasts.next_end()), (None, None));
    }

    #[test]
    fn what_is_said_again_is_shown_once_and_what_cannot_be_seen_keeps_its_time() {
        let mut toasts = Toasts::default();
        toasts.say(Tone::Warn, "one", Timestamp(0));
        toasts.say(Tone::Warn, "one", Timestamp(1_000));
        toasts.hold(Timestamp(12_999));
        toasts.expire(Timestamp(13_000));
        assert_eq!(shown(&toasts), Some("one"));
        toasts.expire(Timestamp(24_999));
        assert_eq!(shown(&toasts), None);
    }
}
