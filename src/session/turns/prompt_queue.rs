//! Queued prompts: those that wait for the running step to end.

use std::collections::VecDeque;

use crate::protocol::{
    ClientId, EventKind, PromptId, QueuedPrompt, Reply, ReplyResult, UnqueueReason, UserPrompt,
};

use super::super::effect::{EffectQueue, not_now};

#[derive(Debug, Default)]
pub(super) struct PromptQueue(VecDeque<QueueEntry>);

#[derive(Debug)]
struct QueueEntry {
    id: PromptId,
    by: Option<ClientId>,
    prompt: UserPrompt,
}

impl QueueEntry {
    fn shown(&self) -> QueuedPrompt {
        QueuedPrompt { id: self.id, text: self.prompt.text.clone(), by: self.by }
    }
}

impl PromptQueue {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Queues a prompt, and returns its id.
    pub(super) fn add(
        &mut self,
        id: PromptId,
        by: Option<ClientId>,
        prompt: UserPrompt,
        effects: &mut EffectQueue,
    ) -> PromptId {
        let entry = QueueEntry { id, by, prompt };
        effects.emit(EventKind::Queued(entry.shown()));
        self.0.push_back(entry);
        id
    }

    /// The client listens no more: anybody may take its prompts back.
    pub(super) fn disown(&mut self, client: ClientId) {
        for entry in self.0.iter_mut().filter(|entry| entry.by == Some(client)) {
            entry.by = None;
        }
    }

    /// Hands the last one of this client back to its person, who may edit it or let go of it.
    pub(super) fn take_back(
        &mut self,
        client: Option<ClientId>,
        effects: &mut EffectQueue,
    ) -> ReplyResult {
        let is_own = |entry: &QueueEntry| entry.by.is_none() || entry.by == client;
        let Some(entry) = self.0.iter().rposition(is_own).and_then(|at| self.0.remove(at)) else {
            return Err(not_now("No prompt of yours waits in the queue"));
        };
        let prompt = entry.shown();
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
            let prompts = queued.iter().map(QueueEntry::shown).collect();
            effects.emit(EventKind::Unqueued { prompts, why });
        }
        queued.into_iter().map(|entry| entry.prompt).collect()
    }
}
