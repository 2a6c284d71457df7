//! The time in which nobody looked at a session, and what happened meanwhile, counted without a
//! model.

use std::time::Duration;

use crate::base::Timestamp;
use crate::protocol::{ActionKind, CallState, Notice, SessionView, TranscriptEntry};

/// A shorter time is not told of.
const LEAST: Duration = Duration::from_secs(5 * 60);

/// The moment at which the last client left, and how far the session had come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Away {
    since: Timestamp,
    entries: usize,
    /// The bytes of the answer that was still streaming, which is the last entry then.
    streamed: Option<usize>,
    changed: usize,
}

impl Away {
    /// Begins the time in which nobody looks at this session.
    pub(super) fn begin(view: &SessionView, now: Timestamp) -> Self {
        let entries = view.transcript.entries();
        let streamed = entries.last().and_then(|entry| match &**entry {
            TranscriptEntry::Assistant { text, done: false, .. } => Some(text.len()),
            _ => None,
        });
        let (entries, changed) = (entries.len(), view.changed.len());
        Self { since: now, entries, streamed, changed }
    }

    /// The sentence for whoever comes back now; `None` where it was not long, or nothing happened.
    pub(super) fn told(&self, view: &SessionView, now: Timestamp) -> Option<Notice> {
        let away = now.since(self.since);
        let all = view.transcript.entries();
        let entries = all.get(self.entries..).unwrap_or_default();
        let begun = self.entries.checked_sub(1).and_then(|at| all.get(at));
        let went_on = match (self.streamed, begun.map(|entry| &**entry)) {
            (Some(before), Some(TranscriptEntry::Assistant { text, .. })) => text.len() > before,
            _ => false,
        };
        if away < LEAST || (entries.is_empty() && !went_on) {
            return None;
        }
        let is_command = |entry: &TranscriptEntry| match entry {
            TranscriptEntry::Call { action: Some(action), state: CallState::Ended(_), .. } => {
                matches!(action.kind, ActionKind::Command { .. })
            }
            _ => false,
        };
        let count = |number: usize, one: &str, many: &str| match number {
            0 => None,
            1 => Some(format!("1 {one}")),
            number => Some(format!("{number} {many}")),
        };
        let answers =
            entries.iter().filter(|it| matches!(***it, TranscriptEntry::Assistant { .. })).count();
        let answers = answers + usize::from(went_on);
        let parts: Vec<String> = [
            count(answers, "answer", "answers"),
            count(entries.iter().filter(|it| is_command(it)).count(), "command", "commands"),
            count(view.changed.len().saturating_sub(self.changed), "file changed", "files changed"),
            count(view.asks.len(), "request waits for you", "requests wait for you"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let minutes = away.as_secs() / 60;
        let message = format!("While you were away ({minutes} min): {}", parts.join(", "));
        (!parts.is_empty()).then_some(Notice { message, next: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{EventKind, Item, ItemKind};

    fn answer(view: &mut SessionView, id: &str) {
        let kind = ItemKind::assistant("Done.".to_owned());
        view.apply(&EventKind::ItemDone(Item { id: id.into(), kind, wire: None }));
    }

    #[test]
    fn only_a_long_time_in_which_something_happened_is_told_of() {
        let mut view = SessionView::new("ses_1".into());
        answer(&mut view, "a");
        let away = Away::begin(&view, Timestamp(0));
        let (soon, late) = (Timestamp(60_000), Timestamp(20 * 60_000));
        assert_eq!(away.told(&view, late), None, "nothing happened");
        answer(&mut view, "b");
        answer(&mut view, "c");
        assert_eq!(away.told(&view, soon), None);
        let told = away.told(&view, late).unwrap().message;
        assert!(told.contains("20 min") && told.contains("2 answers"), "{told}");
    }

    #[test]
    fn an_answer_that_went_on_is_told_of_and_one_that_stalled_is_not() {
        let mut view = SessionView::new("ses_1".into());
        let begun = |view: &mut SessionView, text: &str| {
            view.apply(&EventKind::TextDelta { item: "a".into(), text: text.into() });
        };
        begun(&mut view, "Let me");
        let away = Away::begin(&view, Timestamp(0));
        let late = Timestamp(6 * 60_000);
        assert_eq!(away.told(&view, late), None);
        begun(&mut view, " see.");
        assert!(away.told(&view, late).unwrap().message.contains("1 answer"));
    }
}
