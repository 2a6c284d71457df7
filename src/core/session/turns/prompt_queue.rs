//! Queued prompts: those that wait for the running step to end, and behind them those that wait for
//! the turn.

use std::collections::VecDeque;

use crate::protocol::{
    ClientId, EventKind, PromptId, PromptTiming, QueueCommand, QueuedPrompt, Reply, ReplyResult,
    UnqueueReason, UserPrompt,
};

use super::super::effect::{EffectQueue, not_now};

/// Prompts that steer the running turn stand first.
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
        let timing = self.prompt.timing;
        QueuedPrompt { id: self.id, text: self.prompt.text.clone(), timing, by: self.by }
    }
}

impl PromptQueue {
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
        self.insert(entry);
        id
    }

    /// The client listens no more: anybody may change its prompts.
    pub(super) fn disown(&mut self, client: ClientId, effects: &mut EffectQueue) {
        let mut own = self.0.iter_mut().filter(|entry| entry.by == Some(client)).peekable();
        if own.peek().is_some() {
            own.for_each(|entry| entry.by = None);
            self.tell(effects);
        }
    }

    fn tell(&self, effects: &mut EffectQueue) {
        effects.emit(EventKind::Requeued(self.0.iter().map(QueueEntry::shown).collect()));
    }

    /// Changes a prompt's place, or hands it back.
    ///
    /// # Errors
    ///
    /// Fails for a prompt that waits no more, and for one of another client that still listens.
    pub(super) fn change(
        &mut self,
        command: QueueCommand,
        client: Option<ClientId>,
        effects: &mut EffectQueue,
    ) -> ReplyResult {
        let (QueueCommand::Drop(id)
        | QueueCommand::Earlier(id)
        | QueueCommand::Later(id)
        | QueueCommand::Steer(id)
        | QueueCommand::TakeBack(id)) = command;
        let Some(at) = self.0.iter().position(|entry| entry.id == id) else {
            return Err(not_now("This prompt waits in the queue no more"));
        };
        if self.0[at].by.is_some_and(|by| Some(by) != client) {
            return Err(not_now("This prompt was written on another screen"));
        }
        match command {
            QueueCommand::Earlier(_) => self.swap(at.checked_sub(1), at),
            QueueCommand::Later(_) => self.swap(Some(at), at + 1),
            QueueCommand::Steer(_) if self.0[at].prompt.review.is_some() => {
                return Err(not_now("A review begins a turn of its own"));
            }
            QueueCommand::Steer(_) => {
                let moved = self.0.remove(at).filter(|entry| entry.prompt.timing != STEER);
                if let Some(mut entry) = moved {
                    entry.prompt.timing = STEER;
                    self.insert(entry);
                }
            }
            QueueCommand::Drop(_) | QueueCommand::TakeBack(_) => {
                let prompt = self.0[at].shown();
                self.0.remove(at);
                let prompts = vec![prompt.clone()];
                effects.emit(EventKind::Unqueued { prompts, why: UnqueueReason::TakenBack });
                return Ok(match command {
                    QueueCommand::TakeBack(_) => Reply::Unqueued(prompt),
                    _ => Reply::Done,
                });
            }
        }
        self.tell(effects);
        Ok(Reply::Done)
    }

    /// Takes those that steer the running turn.
    pub(super) fn take_steering(&mut self, effects: &mut EffectQueue) -> Vec<UserPrompt> {
        let steering = self.0.iter().take_while(|entry| entry.prompt.timing == STEER).count();
        self.take(steering, UnqueueReason::Sent, effects)
    }

    /// Takes what the next turn begins with: those that steered too late, or else the first one
    /// that waited for the turn.
    pub(super) fn take_next(&mut self, effects: &mut EffectQueue) -> Vec<UserPrompt> {
        let steering = self.take_steering(effects);
        if steering.is_empty() { self.take(1, UnqueueReason::Sent, effects) } else { steering }
    }

    /// Hands all of them back.
    pub(super) fn give_back(&mut self, effects: &mut EffectQueue) {
        self.take(self.0.len(), UnqueueReason::TurnEnded, effects);
    }

    fn take(
        &mut self,
        count: usize,
        why: UnqueueReason,
        effects: &mut EffectQueue,
    ) -> Vec<UserPrompt> {
        let taken: Vec<_> = self.0.drain(..count.min(self.0.len())).collect();
        if !taken.is_empty() {
            let prompts = taken.iter().map(QueueEntry::shown).collect();
            effects.emit(EventKind::Unqueued { prompts, why });
        }
        taken.into_iter().map(|entry| entry.prompt).collect()
    }

    /// Puts a prompt behind those that wait for the same time.
    fn insert(&mut self, entry: QueueEntry) {
        let behind = match entry.prompt.timing {
            PromptTiming::NextTurn => self.0.len(),
            STEER => self.0.iter().take_while(|entry| entry.prompt.timing == STEER).count(),
        };
        self.0.insert(behind, entry);
    }

    /// Swaps two neighbours if both are there and wait for the same time.
    fn swap(&mut self, first: Option<usize>, second: usize) {
        let timing = |at: usize| self.0.get(at).map(|entry| entry.prompt.timing);
        if let Some(first) = first.filter(|first| timing(*first) == timing(second)) {
            self.0.swap(first, second);
        }
    }
}

const STEER: PromptTiming = PromptTiming::Steer;
