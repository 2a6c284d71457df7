//! Compaction by the provider's server: its summary comes sealed, and only the model that wrote it
//! can read it. The items that it stands for are kept, and every other model gets those instead, so
//! that nothing is lost when the model changes.

use crate::protocol::{Compactor, EventKind, Item, ItemId, ItemKind, ModelRef, Notice, ProviderId};
use crate::session::sentences::{NOT_BY_SERVER, NOT_THIS_TIME};

use super::super::effect::EffectQueue;
use super::context_usage::{BYTES_PER_TOKEN, bytes};
use super::entry::Entry;
use super::history::Conversation;

/// The part of the conversation that a sealed summary stands for.
#[derive(Debug)]
pub(super) struct SealedPast {
    summary: ItemId,
    /// The model that can read it; `None` where the log does not say which one.
    writer: Option<ModelRef>,
    pub(super) items: Vec<Entry>,
    /// The summary among them, if the past began with one.
    earlier: Option<ItemId>,
    /// Whether the server's last count was of these items, and not of the summary.
    is_counted: bool,
}

/// For how long the server is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    ForGood,
    ThisTime,
}

impl SealedPast {
    fn is_foreign_to(&self, model: Option<&ModelRef>) -> bool {
        self.writer.is_none() || self.writer.as_ref() != model
    }

    /// The tokens of its items, as a rule of thumb.
    fn tokens(&self) -> u64 {
        self.items.iter().map(|entry| bytes(&entry.item)).sum::<u64>() / BYTES_PER_TOKEN
    }
}

impl Conversation {
    /// Whether summaries are asked of the server.
    pub fn is_server_asked(&self, model: &ModelRef) -> bool {
        self.compactor == Compactor::Server && model.provider == ProviderId::openai()
    }

    /// Says that the server does not do it.
    pub fn give_up_server(&mut self, given_up: GivenUp, effects: &mut EffectQueue) {
        let message = match given_up {
            GivenUp::ForGood => {
                self.compactor = Compactor::Model;
                NOT_BY_SERVER
            }
            GivenUp::ThisTime => NOT_THIS_TIME,
        };
        effects.emit(EventKind::Notice(Notice { message: message.into(), next: None }));
    }

    /// Whether this model gets the items that the sealed summary stands for.
    pub(super) fn is_sealed_for(&self, model: &ModelRef) -> bool {
        self.sealed.as_ref().is_some_and(|past| past.is_foreign_to(Some(model)))
    }

    /// Whether an item is a sealed summary that this model can read.
    pub(super) fn is_readable_summary(&self, item: &Item, model: &ModelRef) -> bool {
        item.kind == ItemKind::Compaction && !self.is_sealed_for(model)
    }

    /// The conversation as this model gets it, before thoughts of others are left out.
    pub(super) fn in_use(&self, model: &ModelRef) -> Vec<Entry> {
        if self.is_sealed_for(model) { self.unsealed() } else { self.history.clone() }
    }

    /// The conversation with the items that a sealed summary stands for in its place.
    pub(super) fn unsealed(&self) -> Vec<Entry> {
        let behind = |past: &SealedPast| {
            let is_summary = |entry: &Entry| entry.item.id == past.summary;
            self.history.iter().position(is_summary).map(|at| at + 1)
        };
        match self.sealed.as_ref().and_then(|past| Some((past, behind(past)?))) {
            Some((past, behind)) => {
                past.items.iter().chain(&self.history[behind..]).cloned().collect()
            }
            None => self.history.clone(),
        }
    }

    /// Notes the items that a new summary stands for, where only its writer can read it: the model
    /// that was asked last.
    pub(super) fn seal(&mut self, summary: &Item, past: Vec<Entry>) {
        let earlier = self.sealed.take().map_or(self.summary.take(), |sealed| sealed.earlier);
        self.sealed = (summary.kind == ItemKind::Compaction).then(|| SealedPast {
            summary: summary.id.clone(),
            writer: self.recorded.as_ref().map(|settings| settings.model.clone()),
            items: past,
            earlier,
            is_counted: false,
        });
        self.summary = Some(summary.id.clone());
    }

    /// Puts the past back in the place of the sealed summary, which nobody can read any more.
    pub(super) fn unseal(&mut self) {
        self.history = self.unsealed();
        if let Some(past) = self.sealed.take() {
            self.summary = past.earlier;
            self.recount();
        }
    }

    /// Forgets the server's count: the conversation is another one now.
    pub(super) fn recount(&mut self) {
        self.usage.restart(self.history.iter().map(|entry| &*entry.item));
        if let Some(past) = &mut self.sealed {
            past.is_counted = false;
        }
    }

    /// Notes which form of the conversation the server has counted: the one for the model that was
    /// asked last.
    pub(super) fn note_counted(&mut self) {
        let asked = self.recorded.as_ref().map(|settings| &settings.model);
        if let Some(past) = &mut self.sealed {
            past.is_counted = past.is_foreign_to(asked);
        }
    }

    /// Tokens of the items that this model gets in the place of the sealed summary.
    pub(super) fn sealed_tokens(&self, model: &ModelRef) -> u64 {
        let past = self.sealed.as_ref().filter(|past| past.is_foreign_to(Some(model)));
        past.map_or(0, SealedPast::tokens)
    }

    /// Tokens of the conversation for this model, where `tokens` are those of the form that was
    /// counted.
    pub(super) fn for_form_in_use(&self, tokens: u64, model: &ModelRef) -> u64 {
        let Some(past) = &self.sealed else { return tokens };
        match (past.is_foreign_to(Some(model)), past.is_counted) {
            (true, false) => tokens.saturating_add(past.tokens()),
            (false, true) => tokens.saturating_sub(past.tokens()),
            _ => tokens,
        }
    }
}
