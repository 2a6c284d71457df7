//! Queued prompts: those that wait for the running step to end.

use std::collections::VecDeque;

use crate::protocol::{EventKind, UserPrompt};

use super::Session;
use super::effect::EffectQueue;

#[derive(Debug, Default)]
pub(super) struct PromptQueue(VecDeque<UserPrompt>);

impl PromptQueue {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, draft: UserPrompt) {
        self.0.push_back(draft);
    }

    pub(super) fn take(&mut self) -> Vec<UserPrompt> {
        self.0.drain(..).collect()
    }
}

impl Session {
    /// Hands the last one back, to be edited or let go of.
    pub(super) fn unqueue(&mut self, effects: &mut EffectQueue) {
        if let Some(draft) = self.queue.0.pop_back() {
            effects.tell(EventKind::Unqueued { text: draft.text });
        }
    }

    /// Hands all of them back to the front, which puts them into the composer.
    pub(super) fn return_queue(&mut self, effects: &mut EffectQueue) {
        let drafts = self.queue.take();
        if !drafts.is_empty() {
            let texts: Vec<String> = drafts.into_iter().map(|draft| draft.text).collect();
            effects.tell(EventKind::Unqueued { text: texts.join("\n\n") });
        }
    }
}
