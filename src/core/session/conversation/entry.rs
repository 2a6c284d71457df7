//! Entries of a conversation: an item, and the subject of a note that nobody typed.

use std::sync::Arc;

use crate::base::text::head;
use crate::protocol::{ContextNoteKind, Item, ItemKind};

const LEFT_OUT: &str = "\n(The rest was left out: it did not fit into the context.)";

/// One item as the model is sent it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub item: Arc<Item>,
    /// The subject, if it is a context note.
    pub note: Option<ContextNoteKind>,
}

impl Entry {
    /// The same entry with other content.
    pub(super) fn with(&self, kind: ItemKind) -> Self {
        Self { item: Arc::new(Item { kind, ..(*self.item).clone() }), note: self.note }
    }

    /// The same entry in our own words: the server's form of it refers to what is gone.
    pub(super) fn without_wire(&self) -> Self {
        Self { item: Arc::new(Item { wire: None, ..(*self.item).clone() }), note: self.note }
    }

    /// The beginning of a text, without pictures; other items stay whole.
    pub(super) fn cut(&self, most: usize) -> Self {
        match &self.item.kind {
            ItemKind::User { text, images } if text.len() > most || !images.is_empty() => {
                let kind = ItemKind::user(format!("{}{LEFT_OUT}", head(text, most)));
                self.with(kind).without_wire()
            }
            _ => self.clone(),
        }
    }

    /// Whether it tells the model where it is, or what may be done there.
    pub(super) fn is_about_surroundings(&self) -> bool {
        matches!(self.note, Some(ContextNoteKind::Environment | ContextNoteKind::Permissions))
    }
}
