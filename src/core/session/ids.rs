//! Ids: numbers that a session gives out once each.

use crate::protocol::{AskId, ModelRequestId, PromptId, TimerId, TurnId};

/// Counts what was given out. Items are counted by the conversation, whose log holds their ids.
#[derive(Debug, Default)]
pub(super) struct IdSource {
    turns: u64,
    requests: u64,
    timers: u64,
    asks: u64,
    prompts: u64,
}

impl IdSource {
    pub(super) fn turn(&mut self) -> TurnId {
        self.turns += 1;
        TurnId(self.turns)
    }

    /// Skips the ids up to one that a log holds.
    pub(super) fn begin_after(&mut self, turn: TurnId) {
        self.turns = self.turns.max(turn.0);
    }

    pub(super) fn request(&mut self) -> ModelRequestId {
        self.requests += 1;
        ModelRequestId(self.requests)
    }

    pub(super) fn timer(&mut self) -> TimerId {
        self.timers += 1;
        TimerId(self.timers)
    }

    pub(super) fn ask(&mut self) -> AskId {
        self.asks += 1;
        AskId(self.asks)
    }

    pub(super) fn prompt(&mut self) -> PromptId {
        self.prompts += 1;
        PromptId(self.prompts)
    }
}
