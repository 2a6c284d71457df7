//! Queued prompts: those that wait for the running step to end.

use std::collections::VecDeque;

use crate::protocol::{
    EventKind, PromptId, QueuedPrompt, Reply, ReplyResult, UnqueueReason, UserPrompt,
};

use super::super::effect::{EffectQueue, not_now};

#[derive(Debug, Default)]
pub(super) struct PromptQueue(VecDeque<(PromptId, UserPrompt)>);

impl PromptQueue {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Queues a prompt, and returns its id.
    pub(super) fn add(
        &mut self,
        id: PromptId,
        prompt: UserPrompt,
        effects: &mut EffectQueue,
    ) -> PromptId {
        effects.emit(EventKind::Queued(QueuedPrompt { id, text: prompt.text.clone() }));
        self.0.push_back((id, prompt));
        id
    }

    /// Hands the last one back to the person, who may edit it or let go of it.
    pub(super) fn take_back(&mut self, effects: &mut EffectQueue) -> ReplyResult {
        let Some((id, prompt)) = self.0.pop_back() else {
            return Err(not_now("No prompt waits in the queue"));
        };
        let prompt = QueuedPrompt { id, text: prompt.text };
        let prompts = vec![prompt.clone()];
        effects.emit(EventKind::Unqueued { prompts, why: UnqueueReason::TakenBack });
        Ok(Reply::Unqueued(prompt))
    }

    /// Takes all of them.
    pub(super) fn take(
        &mut self,
        why: UnqueueReason,
        effects: &mut EffectQueue,
    ) -> Vec<UserPrompt> {
        let queued: Vec<_> = self.0.drain(..).collect();
        if !queued.is_empty() {
            let prompts = queued
                .iter()
                .map(|(id, prompt)| QueuedPrompt { id: *id, text: prompt.text.clone() })
                .collect();
            effects.emit(EventKind::Unqueued { prompts, why });
        }
        queued.into_iter().map(|(_, prompt)| prompt).collect()
    }
}
