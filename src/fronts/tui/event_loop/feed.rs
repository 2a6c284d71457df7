//! The engine's events on their way to the screen: words that stream are joined and wait for the
//! next frame, all else wakes the loop at once.

use std::sync::{Mutex, PoisonError};

use crate::protocol::{Event, EventKind};

/// How soon the loop should look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeedWake {
    /// Nothing new has come since the last look.
    #[default]
    Not,
    /// With the next frame.
    Soon,
    Now,
}

#[derive(Debug, Default)]
pub struct EventFeed(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    events: Vec<Event>,
    told: FeedWake,
}

impl EventFeed {
    /// Adds an event; answers with what the loop is to be told, if it has not been told that already.
    pub fn push(&self, event: Event) -> Option<FeedWake> {
        let wake = urgency(&event.kind);
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(event) = join(waiting.events.last_mut(), event) {
            waiting.events.push(event);
        }
        (wake > waiting.told).then(|| {
            waiting.told = wake;
            wake
        })
    }

    /// All that came since the last time.
    pub fn take(&self) -> Vec<Event> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.told = FeedWake::Not;
        std::mem::take(&mut waiting.events)
    }
}

fn urgency(kind: &EventKind) -> FeedWake {
    match kind {
        EventKind::TextDelta { .. } | EventKind::ReasoningDelta { .. } => FeedWake::Soon,
        _ => FeedWake::Now,
    }
}

/// Adds a delta's text to the one before it; gives back an event that stands for itself.
fn join(last: Option<&mut Event>, event: Event) -> Option<Event> {
    let Some(last) = last.filter(|last| last.session == event.session) else { return Some(event) };
    match (&mut last.kind, &event.kind) {
        (EventKind::TextDelta { item, text }, EventKind::TextDelta { item: of, text: more })
        | (
            EventKind::ReasoningDelta { item, text },
            EventKind::ReasoningDelta { item: of, text: more },
        ) if item == of => {
            text.push_str(more);
            None
        }
        _ => Some(event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ItemId, Limits};

    fn delta(item: &str, text: &str) -> Event {
        Event {
            session: None,
            kind: EventKind::TextDelta { item: ItemId::from(item), text: text.into() },
        }
    }

    #[test]
    fn streaming_words_of_one_item_are_joined_and_wake_once() {
        let feed = EventFeed::default();
        assert_eq!(feed.push(delta("a", "one ")), Some(FeedWake::Soon));
        assert_eq!(feed.push(delta("a", "two")), None);
        assert_eq!(feed.push(delta("b", "three")), None);
        assert_eq!(feed.take(), [delta("a", "one two"), delta("b", "three")]);
        assert_eq!(feed.push(delta("b", "!")), Some(FeedWake::Soon));
    }

    #[test]
    fn what_is_no_delta_wakes_at_once_even_after_deltas_did() {
        let limits = || Event { session: None, kind: EventKind::Limits(Limits::default()) };
        let feed = EventFeed::default();
        assert_eq!(feed.push(delta("a", "x")), Some(FeedWake::Soon));
        assert_eq!(feed.push(limits()), Some(FeedWake::Now));
        assert_eq!(feed.push(limits()), None);
        assert_eq!(feed.push(delta("a", "y")), None);
        assert_eq!(feed.take().len(), 4);
        assert!(feed.take().is_empty());
    }
}
