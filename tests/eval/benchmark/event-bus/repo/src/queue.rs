//! Events, and those that wait.

use std::collections::VecDeque;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub topic: String,
    pub text: String,
}

/// Events that wait for their turn.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: VecDeque<Event>,
}

impl Queue {
    pub fn push(&mut self, event: Event) {
        self.waiting.push_back(event);
    }

    pub fn pop(&mut self) -> Option<Event> {
        self.waiting.pop_front()
    }
}
