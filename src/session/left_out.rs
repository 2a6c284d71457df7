//! An item that the server refuses: it is left out of what is sent, so that the conversation can go on. The log keeps the whole.

use std::sync::Arc;

use crate::protocol::{
    CallId, CallOutput, EventKind, Item, ItemId, ItemKind, Notice, Problem, Record,
};

use super::Session;
use super::effect::EffectQueue;
use super::thoughts::leave_out_thoughts;

impl Session {
    /// Leaves the item out from here on, and says so. `false` where there is none of this name, as of a request for a summary.
    pub(super) fn leave_out(
        &mut self,
        item: &ItemId,
        problem: &Problem,
        effects: &mut EffectQueue,
    ) -> bool {
        let Some(found) = self.history.iter().find(|other| other.id == *item) else {
            return false;
        };
        let what = match &found.kind {
            ItemKind::Assistant { .. } => "an answer of the model's".into(),
            ItemKind::Compaction => "its summary, with all that this stood for".into(),
            ItemKind::Call(call) => format!("a call of `{}`, with its output", call.name),
            ItemKind::Output { .. } => "the output of a call".into(),
            ItemKind::Reasoning { .. } => "the model's thoughts so far".into(),
            ItemKind::Unknown { kind } => format!("an item of the kind `{kind}`"),
            ItemKind::User { .. } => "a message to the model".into(),
            ItemKind::WebSearch(_) => "a web search".into(),
        };
        self.forget(item, &problem.message);
        effects.append(Record::ItemLeftOut { item: item.clone(), why: problem.message.clone() });
        let message = format!("{}. The conversation goes on without {what}", problem.message);
        let next = "The session's log keeps it".to_owned();
        effects.tell(EventKind::Notice(Notice { message, next: Some(next) }));
        true
    }

    /// Takes an item out of the conversation, or puts a note in its place where something must stand there: a message, or the output of a call.
    ///
    /// A call goes with its output. What is sealed goes with all that was sealed before it, by the same key; a sealed summary makes room for what
    /// it stands for.
    pub(super) fn forget(&mut self, item: &ItemId, why: &str) {
        let Some(at) = self.history.iter().position(|other| other.id == *item) else { return };
        let refused = Arc::clone(&self.history[at]);
        match &refused.kind {
            ItemKind::User { .. } => {
                let note = format!("(A message was left out here. {why}.)");
                self.put(at, ItemKind::user(note));
            }
            ItemKind::Output { call, output } => {
                let output = CallOutput {
                    text: format!("(The output was left out here. {why}.)"),
                    images: Vec::new(),
                    ..output.clone()
                };
                self.put(at, ItemKind::Output { call: call.clone(), output });
            }
            ItemKind::Call(call) => self.forget_call(at, &call.id),
            ItemKind::Compaction | ItemKind::Reasoning { .. } => {
                let behind = self.history.len() - at;
                self.unseal();
                if refused.kind == ItemKind::Compaction {
                    self.history.retain(|other| other.id != *item);
                }
                let sealed = self.history.len() + 1 - behind;
                leave_out_thoughts(&mut self.history, |place, _| place < sealed);
            }
            ItemKind::Assistant { .. } | ItemKind::Unknown { .. } | ItemKind::WebSearch(_) => {
                self.history.remove(at);
            }
        }
        self.context_usage.restart(self.history.iter().map(|item| &**item));
    }

    fn put(&mut self, at: usize, kind: ItemKind) {
        self.history[at] = Arc::new(Item { kind, ..(*self.history[at]).clone() });
    }

    /// A name may come again: the output is the next one of this name.
    fn forget_call(&mut self, at: usize, call: &CallId) {
        self.history.remove(at);
        let output = self.history[at..]
            .iter()
            .position(|item| matches!(&item.kind, ItemKind::Output { call: of, .. } if of == call));
        if let Some(output) = output {
            self.history.remove(at + output);
        }
    }
}
