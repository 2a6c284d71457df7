//! The items of a response while they stream, and which of them a piece belongs to: servers leave
//! out ids or indexes, or change them on the way.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::protocol::{
    CallId, Item, ItemId, ItemKind, ItemOpening, ModelDelta, ToolCall, Wire, WireSource,
};

use super::item_sort::{self, ItemSort};
use super::shapes::{self, OwnedText};

/// All items that a response has begun, in that order.
pub struct ItemDrafts {
    name: String,
    source: WireSource,
    drafts: Vec<ItemDraft>,
    calls: usize,
}

pub struct ItemDraft {
    pub id: ItemId,
    /// The text that the deltas have brought: of an answer, a call's arguments, a summary.
    pub text: String,
    /// The section of the summary that is being written.
    pub section: Option<u64>,
    sort: ItemSort,
    index: Option<u64>,
    wire_id: Option<String>,
    call: Option<String>,
    tool: String,
    /// The server's own JSON, once it is whole.
    done: Option<Arc<str>>,
}

/// The marks by which a piece names its item.
#[derive(Clone, Copy, Debug)]
pub struct Hint<'a> {
    /// `output_index`
    pub index: Option<u64>,
    /// `item_id`
    pub wire_id: Option<&'a str>,
}

impl ItemDrafts {
    pub fn new(name: &str, source: WireSource) -> Self {
        Self { name: name.to_owned(), source, drafts: Vec::new(), calls: 0 }
    }

    /// How many items have begun.
    pub fn items(&self) -> usize {
        self.drafts.len()
    }

    /// How many of them are calls.
    pub fn calls(&self) -> usize {
        self.calls
    }

    /// The item a piece belongs to; `None` when there is none, or when it is whole already.
    pub fn find(&mut self, hint: Hint<'_>, opening: &ItemOpening) -> Option<&mut ItemDraft> {
        let at = self.position(hint, |sort| fits(sort, opening))?;
        Some(&mut self.drafts[at]).filter(|draft| draft.done.is_none())
    }

    /// Like [`ItemDrafts::find`], but begins the item when there is none.
    pub fn find_or_open(
        &mut self,
        hint: Hint<'_>,
        opening: ItemOpening,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Option<&mut ItemDraft> {
        let at = match self.position(hint, |sort| fits(sort, &opening)) {
            Some(at) => at,
            None => {
                let sort = match opening {
                    ItemOpening::Assistant => ItemSort::Assistant,
                    ItemOpening::Call { .. } => ItemSort::Call,
                    ItemOpening::Reasoning => ItemSort::Reasoning,
                    ItemOpening::Unknown => ItemSort::Unknown,
                    ItemOpening::WebSearch => ItemSort::WebSearch,
                };
                let at = self.push(hint, sort);
                emit(ModelDelta::Opened { item: self.drafts[at].id.clone(), opening });
                at
            }
        };
        Some(&mut self.drafts[at]).filter(|draft| draft.done.is_none())
    }

    /// Takes in `response.output_item.added`.
    pub fn open_item(
        &mut self,
        index: Option<u64>,
        item: &shapes::WireItem<'_>,
        emit: &mut dyn FnMut(ModelDelta),
    ) {
        let at = self.push(
            Hint { index, wire_id: item.id.as_ref().map(OwnedText::as_str) },
            ItemSort::of(item),
        );
        let draft = &mut self.drafts[at];
        draft.call = item.call_id.as_ref().map(|id| id.as_str().to_owned());
        draft.tool = item_sort::tool(item);
        emit(ModelDelta::Opened { item: draft.id.clone(), opening: item_sort::opening(item) });
    }

    /// Takes in a whole item, and says how many bytes of it came in deltas; `None` when it was
    /// there before.
    pub fn finish(
        &mut self,
        index: Option<u64>,
        raw: &RawValue,
        item: &shapes::WireItem<'_>,
    ) -> Option<(Item, usize)> {
        let sort = ItemSort::of(item);
        let hint = Hint { index, wire_id: item.id.as_ref().map(OwnedText::as_str) };
        let at = match self
            .position(hint, |other| other == sort || other.is_call() && sort.is_call())
        {
            Some(at) if self.drafts[at].done.is_none() => at,
            Some(at) if self.drafts[at].done.as_ref().is_some_and(|wire| **wire == *raw.get()) => {
                return None;
            }
            _ => self.push(hint, sort),
        };
        let draft = &mut self.drafts[at];
        let kind = item_sort::kind(item, draft.id.as_str());
        let wire = item_sort::wire(raw, item, &kind);
        // Deltas alone do not tell one sort of call from the other.
        draft.sort = sort;
        draft.done = Some(Arc::clone(&wire));
        let streamed = std::mem::take(&mut draft.text).len();
        let wire = Some(Wire { text: wire, source: self.source.clone() });
        Some((Item { id: draft.id.clone(), kind, wire }, streamed))
    }

    /// Whether the final response's item of this index was told before.
    pub fn has_finished(&self, index: usize, item: &shapes::WireItem<'_>) -> bool {
        let id = item.id.as_ref().map(OwnedText::as_str);
        let mut finished = self.drafts.iter().filter(|draft| draft.done.is_some());
        match id {
            Some(_) if finished.clone().any(|draft| draft.wire_id.as_deref() == id) => true,
            // Without ids in common, the order of the items tells.
            _ => finished.nth(index).is_some_and(|draft| draft.sort == ItemSort::of(item)),
        }
    }

    /// Makes whole items of those whose deltas are all there is.
    pub fn finish_rest(&mut self) -> Vec<Item> {
        let rest = self.drafts.iter_mut().filter(|draft| draft.done.is_none());
        rest.filter_map(|draft| draft.finish(&self.source)).collect()
    }

    fn push(&mut self, hint: Hint<'_>, sort: ItemSort) -> usize {
        let at = self.drafts.len();
        self.calls += usize::from(sort.is_call());
        self.drafts.push(ItemDraft {
            id: ItemId::new(format!("{}.{at}", self.name)),
            text: String::new(),
            section: None,
            sort,
            index: hint.index,
            wire_id: hint.wire_id.map(str::to_owned),
            call: None,
            tool: String::new(),
            done: None,
        });
        at
    }

    /// An id says most; then an index, while its item is open; then that an item of the right sort
    /// is open and nothing speaks against it.
    fn position(&self, hint: Hint<'_>, fits: impl Fn(ItemSort) -> bool) -> Option<usize> {
        let same_id =
            |draft: &ItemDraft| hint.wire_id.is_some() && draft.wire_id.as_deref() == hint.wire_id;
        let same_index = |draft: &ItemDraft| hint.index.is_some() && draft.index == hint.index;
        let no_other_id = |draft: &ItemDraft| hint.wire_id.is_none() || draft.wire_id.is_none();
        let no_other_index = |draft: &ItemDraft| hint.index.is_none() || draft.index.is_none();
        let last = |test: &dyn Fn(&ItemDraft) -> bool| {
            self.drafts.iter().rposition(|draft| fits(draft.sort) && test(draft))
        };
        last(&same_id)
            .or_else(|| {
                last(&|draft| same_index(draft) && (draft.done.is_none() || no_other_id(draft)))
            })
            .or_else(|| {
                last(&|draft| draft.done.is_none() && no_other_id(draft) && no_other_index(draft))
            })
    }
}

impl ItemDraft {
    fn finish(&mut self, source: &WireSource) -> Option<Item> {
        let text = std::mem::take(&mut self.text);
        let (kind, wire) = match self.sort {
            ItemSort::Assistant => {
                let wire = (!text.is_empty()).then(|| item_sort::message_wire(&text));
                (ItemKind::assistant(text), wire)
            }
            // A call that never told its tool cannot be run, nor be answered.
            ItemSort::Call | ItemSort::CustomCall if self.tool.is_empty() => return None,
            ItemSort::Call | ItemSort::CustomCall => {
                let id = self.call.as_deref().unwrap_or(self.id.as_str());
                let call =
                    ToolCall { id: CallId::new(id), name: self.tool.clone(), arguments: text };
                let wire = item_sort::call_wire(self.sort, &call);
                (ItemKind::Call(call), Some(wire))
            }
            ItemSort::Reasoning => (ItemKind::Reasoning { summary: text }, None),
            // Only the whole item tells what it did.
            ItemSort::Compaction
            | ItemSort::ToolSearch
            | ItemSort::Unknown
            | ItemSort::WebSearch => return None,
        };
        let wire = wire.map(|text| Wire { text, source: source.clone() });
        Some(Item { id: self.id.clone(), kind, wire })
    }
}

fn fits(sort: ItemSort, opening: &ItemOpening) -> bool {
    match opening {
        ItemOpening::Assistant => sort == ItemSort::Assistant,
        ItemOpening::Call { .. } => sort.is_call(),
        ItemOpening::Reasoning => sort == ItemSort::Reasoning,
        ItemOpening::Unknown => matches!(sort, ItemSort::Compaction | ItemSort::Unknown),
        ItemOpening::WebSearch => sort == ItemSort::WebSearch,
    }
}
