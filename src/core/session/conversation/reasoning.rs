//! Reasoning, and the model that wrote it: sealed thoughts go back to that model, and to no other.

use std::collections::HashMap;

use crate::protocol::{Item, ItemId, ItemKind, ModelRef};

use super::entry::Entry;

/// Which model wrote which reasoning.
#[derive(Debug, Default)]
pub(super) struct ReasoningModels(HashMap<ItemId, ModelRef>);

impl ReasoningModels {
    /// Notes who wrote an item: the model that was asked last, by what is recorded.
    pub(super) fn attribute(&mut self, item: &Item, asked: Option<&ModelRef>) {
        if let (ItemKind::Reasoning { .. }, Some(asked)) = (&item.kind, asked) {
            self.0.insert(item.id.clone(), asked.clone());
        }
    }

    /// Leaves out the thoughts of other models.
    pub(super) fn leave_out_foreign(&self, entries: &mut Vec<Entry>, model: &ModelRef) {
        let is_foreign = |item: &Item| self.0.get(&item.id).is_some_and(|writer| writer != model);
        if entries.iter().any(|entry| is_foreign(&entry.item)) {
            leave_out_reasoning(entries, |_, item| is_foreign(item));
        }
    }
}

/// Leaves out reasoning, by its place. Items that follow it refer to it by ids of the server's, and
/// are sent in our words.
pub(super) fn leave_out_reasoning(entries: &mut Vec<Entry>, is_out: impl Fn(usize, &Item) -> bool) {
    let mut place = 0;
    let mut follows = false;
    entries.retain_mut(|entry| {
        let is_thought = matches!(entry.item.kind, ItemKind::Reasoning { .. });
        let is_out = is_thought && is_out(place, &entry.item);
        place += 1;
        follows = is_out || follows && entry.item.wire.is_some() && !is_thought;
        if follows && !is_out {
            *entry = entry.without_wire();
        }
        !is_out
    });
}
