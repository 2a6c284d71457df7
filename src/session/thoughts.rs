//! Reasoning, and the model that wrote it: what is sealed goes back to that model, and to no other.

use std::collections::HashMap;
use std::sync::Arc;

use crate::protocol::{Item, ItemId, ItemKind, ModelRef};

use super::Session;

/// Which model wrote which reasoning.
#[derive(Debug, Default)]
pub(super) struct Thoughts(HashMap<ItemId, ModelRef>);

impl Session {
    /// Notes who wrote an item: the model that was asked last, by what is recorded.
    pub(super) fn attribute(&mut self, item: &Item) {
        if let (ItemKind::Reasoning { .. }, Some(asked)) = (&item.kind, &self.recorded) {
            self.thoughts.0.insert(item.id.clone(), asked.model.clone());
        }
    }

    /// Items of the conversation as the model in use gets them: without what others thought.
    pub(super) fn for_model_in_use(&self, mut items: Vec<Arc<Item>>) -> Vec<Arc<Item>> {
        let is_foreign = |item: &Item| {
            let writer = self.thoughts.0.get(&item.id);
            writer.is_some_and(|writer| *writer != self.settings.model)
        };
        if items.iter().any(|item| is_foreign(item)) {
            leave_out_thoughts(&mut items, |_, item| is_foreign(item));
        }
        items
    }
}

/// Leaves out reasoning, by its place. What followed it refers to it by ids of the server's, and is sent in words of ours.
pub(super) fn leave_out_thoughts(
    items: &mut Vec<Arc<Item>>,
    is_out: impl Fn(usize, &Item) -> bool,
) {
    let mut place = 0;
    let mut follows = false;
    items.retain_mut(|item| {
        let is_thought = matches!(item.kind, ItemKind::Reasoning { .. });
        let is_out = is_thought && is_out(place, item);
        place += 1;
        follows = is_out || follows && item.wire.is_some() && !is_thought;
        if follows && !is_out {
            *item = Arc::new(Item { wire: None, ..(**item).clone() });
        }
        !is_out
    });
}
