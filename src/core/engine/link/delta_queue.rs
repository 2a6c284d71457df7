//! Words of an answer on their way from the wire to the loop: joined while they wait, so that they
//! are no more than one answer may hold, however busy the loop is.

use std::sync::{Mutex, PoisonError};

use crate::protocol::ModelDelta;

/// Bounded by what one answer may hold (`model/stream/bounds.rs`): text that streams is joined with
/// the text before it.
#[derive(Debug, Default)]
pub(crate) struct DeltaQueue(Mutex<Vec<ModelDelta>>);

/// Whether somebody has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueState {
    HadMore,
    WasEmpty,
}

impl DeltaQueue {
    pub(crate) fn push(&self, delta: ModelDelta) -> QueueState {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = if waiting.is_empty() { QueueState::WasEmpty } else { QueueState::HadMore };
        match (waiting.last_mut(), delta) {
            (Some(ModelDelta::Text { item, text }), ModelDelta::Text { item: of, text: more })
            | (
                Some(ModelDelta::Reasoning { item, text }),
                ModelDelta::Reasoning { item: of, text: more },
            ) if *item == of => text.push_str(&more),
            (_, delta) => waiting.push(delta),
        }
        state
    }

    /// Takes everything that waits, in its order.
    pub(crate) fn take(&self) -> Vec<ModelDelta> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(item: &str, text: &str) -> ModelDelta {
        ModelDelta::Text { item: item.into(), text: text.into() }
    }

    #[test]
    fn words_are_joined_while_they_wait_and_told_of_once() {
        let queue = DeltaQueue::default();
        assert_eq!(queue.push(text("a", "one ")), QueueState::WasEmpty);
        assert_eq!(queue.push(text("a", "two")), QueueState::HadMore);
        assert_eq!(queue.push(text("b", "three")), QueueState::HadMore);
        assert_eq!(queue.push(ModelDelta::TurnState("s".into())), QueueState::HadMore);
        assert_eq!(queue.push(text("b", "four")), QueueState::HadMore);
        let taken = format!("{:?}", queue.take());
        let expected = format!(
            "{:?}",
            [
                text("a", "one two"),
                text("b", "three"),
                ModelDelta::TurnState("s".into()),
                text("b", "four")
            ]
        );
        assert_eq!(taken, expected);
        assert_eq!(queue.push(text("b", "!")), QueueState::WasEmpty);
    }

    #[test]
    fn a_flood_of_deltas_takes_one_place() {
        let queue = DeltaQueue::default();
        for _ in 0..100_000 {
            queue.push(text("a", "x"));
        }
        assert_eq!(queue.take().len(), 1);
    }
}
