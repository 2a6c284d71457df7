//! Queued prompts: those that wait for the running step to end.

use std::collections::VecDeque;

use crate::protocol::{
    EventKind, PromptId, QueuedPrompt, Reply, ReplyResult, UnqueueReason, UserPrompt,
};

use super::effect::EffectQueue;
use super::{Session, not_now};

#[derive(Debug, Default)]
pub(super) struct PromptQueue(VecDeque<(PromptId, UserPrompt)>);

impl PromptQueue {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Session {
    /// The prompt waits for the running step to end.
    pub(super) fn enqueue(&mut self, draft: UserPrompt, effects: &mut EffectQueue) -> PromptId {
        let id = self.names.prompt();
        effects.tell(EventKind::Queued(QueuedPrompt { id, text: draft.text.clone() }));
        self.queue.0.push_back((id, draft));
        id
    }

    /// All that wait join the conversation.
    pub(super) fn dequeue(&mut self, effects: &mut EffectQueue) -> Vec<UserPrompt> {
        self.empty_queue(UnqueueReason::Sent, effects)
    }

    /// Hands the last one back, to be edited or let go of.
    pub(super) fn unqueue(&mut self, effects: &mut EffectQueue) -> ReplyResult {
        let Some((id, draft)) = self.queue.0.pop_back() else {
            return Err(not_now("No prompt waits in the queue"));
        };
        let prompt = QueuedPrompt { id, text: draft.text };
        let prompts = vec![prompt.clone()];
        effects.tell(EventKind::Unqueued { prompts, why: UnqueueReason::TakenBack });
        Ok(Reply::Unqueued(prompt))
    }

    /// Hands all of them back to the fronts, for somebody to edit them again.
    pub(super) fn return_queue(&mut self, effects: &mut EffectQueue) {
        self.empty_queue(UnqueueReason::TurnEnded, effects);
    }

    fn empty_queue(&mut self, why: UnqueueReason, effects: &mut EffectQueue) -> Vec<UserPrompt> {
        let queued: Vec<_> = self.queue.0.drain(..).collect();
        if !queued.is_empty() {
            let prompts = queued
                .iter()
                .map(|(id, draft)| QueuedPrompt { id: *id, text: draft.text.clone() })
                .collect();
            effects.tell(EventKind::Unqueued { prompts, why });
        }
        queued.into_iter().map(|(_, draft)| draft).collect()
    }
}
