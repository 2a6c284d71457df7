//! Partial output: text of a stream that broke. It stays on the screen until the next try has its
//! own, and becomes part of the conversation where none comes.

use crate::base::text::head;
use crate::protocol::{EventKind, Item, ItemId, ItemKind};
use crate::session::sentences::REST_LEFT_OUT;

use super::super::effect::EffectQueue;

/// Bytes that are kept of an answer that did not come to its end: some 16,000 tokens.
const LONGEST: usize = 64 * 1024;

#[derive(Debug, Default)]
pub(super) struct PartialOutput(Vec<(ItemId, String)>);

impl PartialOutput {
    /// Takes over the items that a stream left open. Those without text are void, and if there is
    /// text, so is that of an earlier try.
    pub(super) fn take_over(&mut self, open: Vec<(ItemId, String)>, effects: &mut EffectQueue) {
        let (void, words): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|(_, text)| text.is_empty());
        let before =
            if words.is_empty() { Vec::new() } else { std::mem::replace(&mut self.0, words) };
        tell_void(void.into_iter().chain(before), effects);
    }

    /// Drops the text: the next try has its own.
    pub(super) fn drop(&mut self, effects: &mut EffectQueue) {
        tell_void(self.0.drain(..), effects);
    }

    /// Hands out the text as items: the person has seen it, and may speak of it.
    pub(super) fn keep(&mut self) -> Vec<Item> {
        self.0.drain(..).map(|(id, text)| partial(id, text)).collect()
    }
}

/// The text of an answer that never became whole, as an item. Only the beginning of a very long one
/// is kept, so that the model has room for what comes next.
pub(super) fn partial(id: ItemId, mut text: String) -> Item {
    if text.len() > LONGEST {
        text.truncate(head(&text, LONGEST).len());
        text.push_str(REST_LEFT_OUT);
    }
    Item { id, kind: ItemKind::assistant(text), wire: None }
}

fn tell_void(items: impl Iterator<Item = (ItemId, String)>, effects: &mut EffectQueue) {
    for (item, _) in items {
        effects.emit(EventKind::ItemDropped(item));
    }
}
