//! An item that the server refuses: it is left out of what is sent, so that the conversation can go on. The log keeps the whole.

use std::sync::Arc;

use crate::protocol::{
    CallId, CallOutput, Compactor, EventKind, Item, ItemId, ItemKind, Notice, Problem, Record,
};

use super::Session;
use super::effect::EffectQueue;
use super::thoughts::leave_out_thoughts;

const SENT_INSTEAD: &str = "The messages that the summary stood for are sent in its place, and the model sums up from here on";

impl Session {
    /// Leaves the item out from here on, and says so. `false` where there is none of this name, as of a request for a summary.
    pub(super) fn leave_out(
        &mut self,
        item: &ItemId,
        problem: &Problem,
        effects: &mut EffectQueue,
    ) -> bool {
        let Some(found) = self.known(item) else { return false };
        let what = match &found.kind {
            ItemKind::Assistant { .. } => "an answer of the model's".into(),
            ItemKind::Compaction => {
                self.config.compactor = Compactor::Model;
                let message = format!("{}. {SENT_INSTEAD}", problem.message);
                self.note_left_out(item, problem, message, effects);
                return true;
            }
            ItemKind::Call(call) => format!("a call of `{}`, with its output", call.name),
            ItemKind::Output { .. } => "the output of a call".into(),
            ItemKind::Reasoning { .. } => "the model's thoughts so far".into(),
            ItemKind::Unknown { kind } => format!("an item of the kind `{kind}`"),
            ItemKind::User { .. } => "a message to the model".into(),
            ItemKind::WebSearch(_) => "a web search".into(),
        };
        let message = format!("{}. The conversation goes on without {what}", problem.message);
        self.note_left_out(item, problem, message, effects);
        true
    }

    fn note_left_out(
        &mut self,
        item: &ItemId,
        problem: &Problem,
        message: String,
        effects: &mut EffectQueue,
    ) {
        self.forget(item, &problem.message);
        effects.append(Record::ItemLeftOut { item: item.clone(), why: problem.message.clone() });
        let next = "The session's log keeps it".to_owned();
        effects.tell(EventKind::Notice(Notice { message, next: Some(next) }));
    }

    /// Takes an item out of the conversation, or puts a note in its place where something must stand there: a message, or the output of a call.
    ///
    /// A call goes with its output. What is sealed goes with all that was sealed before it, by the same key; a sealed summary makes room for what
    /// it stands for.
    pub(super) fn forget(&mut self, item: &ItemId, why: &str) {
        let Some(refused) = self.known(item).cloned() else { return };
        match &refused.kind {
            ItemKind::Compaction => {
                self.unseal_without_thoughts();
                self.history.retain(|other| other.id != *item);
            }
            ItemKind::Reasoning { .. } => {
                if self.history.iter().any(|other| other.id == *item) {
                    self.unseal_without_thoughts();
                }
                self.each_form(|items| {
                    if let Some(at) = items.iter().position(|other| other.id == *item) {
                        leave_out_thoughts(items, |place, _| place <= at);
                    }
                });
            }
            _ => self.each_form(|items| leave_out_of(items, item, why)),
        }
        self.recount();
    }

    /// An item of the conversation, or of what a sealed summary stands for.
    fn known(&self, item: &ItemId) -> Option<&Arc<Item>> {
        let past = self.sealed.iter().flat_map(|past| &past.items);
        self.history.iter().chain(past).find(|other| other.id == *item)
    }

    /// Changes the conversation, and what a sealed summary stands for.
    pub(super) fn each_form(&mut self, mut change: impl FnMut(&mut Vec<Arc<Item>>)) {
        change(&mut self.history);
        if let Some(past) = &mut self.sealed {
            change(&mut past.items);
        }
    }

    /// Puts the past in the place of the sealed summary; what was thought in it was sealed by the same key.
    fn unseal_without_thoughts(&mut self) {
        if let Some(past) = &mut self.sealed {
            leave_out_thoughts(&mut past.items, |_, _| true);
        }
        self.unseal();
    }
}

/// Takes an item that is no thought out, or puts a note in its place.
fn leave_out_of(items: &mut Vec<Arc<Item>>, item: &ItemId, why: &str) {
    let Some(at) = items.iter().position(|other| other.id == *item) else { return };
    let refused = Arc::clone(&items[at]);
    let noted = |kind| Arc::new(Item { kind, ..(*refused).clone() });
    match &refused.kind {
        ItemKind::User { .. } => {
            items[at] = noted(ItemKind::user(format!("(A message was left out here. {why}.)")));
        }
        ItemKind::Output { call, output } => {
            let output = CallOutput {
                text: format!("(The output was left out here. {why}.)"),
                images: Vec::new(),
                ..output.clone()
            };
            items[at] = noted(ItemKind::Output { call: call.clone(), output });
        }
        ItemKind::Call(call) => leave_out_call(items, at, &call.id),
        _ => drop(items.remove(at)),
    }
}

/// A name may come again: the output is the next one of this name.
fn leave_out_call(items: &mut Vec<Arc<Item>>, at: usize, call: &CallId) {
    items.remove(at);
    let output = items[at..]
        .iter()
        .position(|item| matches!(&item.kind, ItemKind::Output { call: of, .. } if of == call));
    if let Some(output) = output {
        items.remove(at + output);
    }
}
