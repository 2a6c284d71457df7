//! A step: one response of the model, received to its end and judged as a whole.

use crate::protocol::{EventKind, Item, ItemId, ItemKind, ItemOpening, ModelDelta, ModelRequestId};

use super::super::effect::EffectQueue;
use super::partial_output::partial;

/// The items that one request has brought so far.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) request: ModelRequestId,
    /// Whole items, in the order they came.
    items: Vec<Item>,
    /// Begun and not yet whole, with the text so far of those that are text.
    pub(super) open: Vec<(ItemId, String)>,
}

impl Step {
    pub(super) fn new(request: ModelRequestId) -> Self {
        Self { request, items: Vec::new(), open: Vec::new() }
    }

    /// The same step, which leaves an empty one behind.
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.request))
    }

    /// Takes a part of an answer, and shows it.
    pub(super) fn receive(&mut self, delta: ModelDelta, effects: &mut EffectQueue) {
        match delta {
            ModelDelta::Opened { item, opening } => {
                let is_shown = matches!(
                    opening,
                    ItemOpening::Assistant | ItemOpening::Reasoning | ItemOpening::WebSearch
                );
                if is_shown {
                    self.open.push((item.clone(), String::new()));
                }
                effects.emit(EventKind::ItemStarted { item, opening });
            }
            ModelDelta::Text { item, text } => {
                match self.open.iter_mut().rev().find(|(id, _)| *id == item) {
                    Some((_, so_far)) => so_far.push_str(&text),
                    None => self.open.push((item.clone(), text.clone())),
                }
                effects.emit(EventKind::TextDelta { item, text });
            }
            ModelDelta::Reasoning { item, text } => {
                if !self.open.iter().any(|(id, _)| *id == item) {
                    self.open.push((item.clone(), String::new()));
                }
                effects.emit(EventKind::ReasoningDelta { item, text });
            }
            ModelDelta::Item(item) => {
                self.open.retain(|(id, _)| *id != item.id);
                effects.emit(EventKind::ItemDone(item.clone()));
                self.items.push(item);
            }
            ModelDelta::TurnState(_) | ModelDelta::Limits(_) => {}
        }
    }

    /// Takes an item that is not shown.
    pub(super) fn receive_hidden(&mut self, item: Item) {
        self.items.push(item);
    }

    /// The text of the model's whole items.
    pub(super) fn text(&self) -> String {
        let texts = self.items.iter().filter_map(|item| {
            if let ItemKind::Assistant { text, .. } = &item.kind {
                Some(text.as_str())
            } else {
                None
            }
        });
        texts.collect::<Vec<_>>().join("\n\n")
    }

    /// The server's summary, in an item that can be sent back to it.
    pub(super) fn compaction(&self) -> Option<Item> {
        let is_sealed = |item: &&Item| item.kind == ItemKind::Compaction && item.wire.is_some();
        self.items.iter().rfind(is_sealed).cloned()
    }

    /// The whole items of a response that is over. Partial ones are void, on the screen as well.
    pub(super) fn into_whole(self, effects: &mut EffectQueue) -> Vec<Item> {
        for (item, _) in self.open {
            effects.emit(EventKind::ItemDropped(item));
        }
        self.items
    }

    /// The items of a response that was stopped, with the text of those that never became whole:
    /// the person has seen it, and may speak of it.
    pub(super) fn into_all(self) -> Vec<Item> {
        let texts = self.open.into_iter().filter(|(_, text)| !text.is_empty());
        self.items.into_iter().chain(texts.map(|(id, text)| partial(id, text))).collect()
    }
}
