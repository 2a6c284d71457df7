//! Items and pictures that the server refuses: they are left out of what is sent, so that the
//! conversation can go on. The log keeps the whole.

use crate::protocol::{
    CallId, CallOutput, Compactor, EventKind, Item, ItemId, ItemKind, ModelRef, Notice, Problem,
    Record,
};
use crate::session::sentences::{GOES_ON_WITHOUT, SENT_INSTEAD};

use super::super::effect::EffectQueue;
use super::entry::Entry;
use super::history::Conversation;
use super::reasoning::leave_out_reasoning;

impl Conversation {
    /// Leaves the item out from here on, and says so. `false` where the conversation has none of
    /// this name, such as that of a request for a summary.
    pub fn leave_out(
        &mut self,
        item: &ItemId,
        problem: &Problem,
        effects: &mut EffectQueue,
    ) -> bool {
        let Some(found) = self.known(item) else { return false };
        let what = match &found.item.kind {
            ItemKind::Assistant { .. } => "an answer of the model's".into(),
            ItemKind::Compaction => {
                self.compactor = Compactor::Model;
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
        let message = format!("{}. {GOES_ON_WITHOUT} {what}", problem.message);
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
        effects.emit(EventKind::Notice(Notice { message, next: Some(next) }));
    }

    /// Takes an item out of the conversation, or puts a note in its place where something must
    /// stand there: a message, or the output of a call.
    ///
    /// A call goes with its output. A sealed item goes with all that was sealed before it, by the
    /// same key; a sealed summary makes room for the items it stands for.
    pub fn forget(&mut self, item: &ItemId, why: &str) {
        let Some(refused) = self.known(item).cloned() else { return };
        match &refused.item.kind {
            ItemKind::Compaction => {
                self.unseal_without_thoughts();
                self.history.retain(|other| other.item.id != *item);
            }
            ItemKind::Reasoning { .. } => {
                if self.history.iter().any(|other| other.item.id == *item) {
                    self.unseal_without_thoughts();
                }
                self.each_form(|items| {
                    if let Some(at) = items.iter().position(|other| other.item.id == *item) {
                        leave_out_reasoning(items, |place, _| place <= at);
                    }
                });
            }
            _ => self.each_form(|items| leave_out_of(items, item, why)),
        }
        self.recount();
    }

    /// An item of the conversation, or of what a sealed summary stands for.
    fn known(&self, item: &ItemId) -> Option<&Entry> {
        let past = self.sealed.iter().flat_map(|past| &past.items);
        self.history.iter().chain(past).find(|other| other.item.id == *item)
    }

    /// Changes the conversation, and the items that a sealed summary stands for.
    fn each_form(&mut self, mut change: impl FnMut(&mut Vec<Entry>)) {
        change(&mut self.history);
        if let Some(past) = &mut self.sealed {
            change(&mut past.items);
        }
    }

    /// Puts the past in the place of the sealed summary, without its thoughts: they were sealed by
    /// the same key.
    fn unseal_without_thoughts(&mut self) {
        if let Some(past) = &mut self.sealed {
            leave_out_reasoning(&mut past.items, |_, _| true);
        }
        self.unseal();
    }

    /// Drops the pictures that came since the model's last word; where there are none, all of them.
    /// `false` where there is no picture to drop.
    pub fn drop_pictures(
        &mut self,
        problem: &Problem,
        model: &ModelRef,
        effects: &mut EffectQueue,
    ) -> bool {
        let sent = self.in_use(model);
        let is_answer = |entry: &Entry| entry.item.wire.is_some();
        let since = sent.iter().rposition(is_answer).map_or(0, |last| last + 1);
        let is_new = sent[since..].iter().any(|entry| pictures(&entry.item) > 0);
        let dropped: Vec<(ItemId, usize)> = sent[if is_new { since } else { 0 }..]
            .iter()
            .map(|entry| (entry.item.id.clone(), pictures(&entry.item)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let count: usize = dropped.iter().map(|(_, count)| count).sum();
        for (item, _) in dropped {
            self.drop_item_pictures(&item, &problem.message);
            effects.append(Record::PicturesDropped { item, why: problem.message.clone() });
        }
        if count > 0 {
            let it = if count == 1 { "it".into() } else { format!("{count} pictures") };
            let message = format!("{}. {GOES_ON_WITHOUT} {it}", problem.message);
            effects.emit(EventKind::Notice(Notice {
                message,
                next: Some("Convert what is missing to PNG or JPEG, or make it smaller".into()),
            }));
        }
        count > 0
    }

    /// Leaves the pictures of an item out, for a note to the model.
    pub fn drop_item_pictures(&mut self, item: &ItemId, why: &str) {
        self.each_form(|entries| {
            for entry in entries.iter_mut().filter(|other| other.item.id == *item) {
                if let Some(kind) = without_pictures(&entry.item.kind, why) {
                    *entry = entry.with(kind);
                }
            }
        });
    }
}

/// Takes an item that is no thought out, or puts a note in its place.
fn leave_out_of(items: &mut Vec<Entry>, item: &ItemId, why: &str) {
    let Some(at) = items.iter().position(|other| other.item.id == *item) else { return };
    let refused = items[at].clone();
    match &refused.item.kind {
        ItemKind::User { .. } => {
            items[at] =
                refused.with(ItemKind::user(format!("(A message was left out here. {why}.)")));
        }
        ItemKind::Output { call, output } => {
            let output = CallOutput {
                text: format!("(The output was left out here. {why}.)"),
                images: Vec::new(),
                ..output.clone()
            };
            items[at] = refused.with(ItemKind::Output { call: call.clone(), output });
        }
        ItemKind::Call(call) => leave_out_call(items, at, &call.id),
        _ => drop(items.remove(at)),
    }
}

/// A name may come again: the output is the next one of this name.
fn leave_out_call(items: &mut Vec<Entry>, at: usize, call: &CallId) {
    items.remove(at);
    let output = items[at..].iter().position(
        |entry| matches!(&entry.item.kind, ItemKind::Output { call: of, .. } if of == call),
    );
    if let Some(output) = output {
        items.remove(at + output);
    }
}

/// The number of pictures that an item holds.
pub(super) fn pictures(item: &Item) -> usize {
    match &item.kind {
        ItemKind::User { images, .. } => images.len(),
        ItemKind::Output { output, .. } => output.images.len(),
        _ => 0,
    }
}

fn without_pictures(kind: &ItemKind, why: &str) -> Option<ItemKind> {
    let noted = |text: &str, count: usize| {
        let what =
            if count == 1 { "A picture was".into() } else { format!("{count} pictures were") };
        let note = format!("({what} left out here. {why}.)");
        if text.is_empty() { note } else { format!("{text}\n\n{note}") }
    };
    match kind {
        ItemKind::User { text, images } if !images.is_empty() => {
            Some(ItemKind::User { text: noted(text, images.len()), images: Vec::new() })
        }
        ItemKind::Output { call, output } if !output.images.is_empty() => {
            let text = noted(&output.text, output.images.len());
            Some(ItemKind::Output {
                call: call.clone(),
                output: CallOutput { text, images: Vec::new(), ..output.clone() },
            })
        }
        _ => None,
    }
}
