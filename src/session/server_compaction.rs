//! Compaction by the provider's server: what it sums up comes sealed, and only the model that wrote it can read it. What it
//! stands for is kept, and every other model gets that in its place, so that nothing is lost when the model is another one.

use std::sync::Arc;

use crate::protocol::{
    Compactor, EventKind, Failure, Item, ItemId, ItemKind, ModelRef, Notice, ProblemKind,
    ProviderId,
};

use super::Session;
use super::context_usage::{BYTES_PER_TOKEN, bytes};
use super::effect::EffectQueue;

const NOT_BY_SERVER: &str =
    "OpenAI's server did not sum the conversation up: the model does it from here on";
const NOT_THIS_TIME: &str =
    "OpenAI's server could not sum the conversation up this time: the model does it";

/// The part of the conversation that a sealed summary stands for.
#[derive(Debug)]
pub(super) struct SealedPast {
    pub(super) summary: ItemId,
    /// The one that can read it; `None` where the log does not say who it was.
    writer: Option<ModelRef>,
    pub(super) items: Vec<Arc<Item>>,
    /// The summary among them, if the past began with one.
    earlier: Option<ItemId>,
    /// Whether the server's last count was of these items, and not of the summary.
    is_counted: bool,
}

/// For how long the server is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GivenUp {
    ForGood,
    ThisTime,
}

impl SealedPast {
    fn is_foreign_to(&self, model: Option<&ModelRef>) -> bool {
        self.writer.is_none() || self.writer.as_ref() != model
    }

    /// As a rule of thumb.
    fn tokens(&self) -> u64 {
        self.items.iter().map(|item| bytes(item)).sum::<u64>() / BYTES_PER_TOKEN
    }
}

impl Session {
    /// Whether summaries are asked of the server.
    pub(super) fn is_server_asked(&self) -> bool {
        self.config.compactor == Compactor::Server
            && self.settings.model.provider == ProviderId::openai()
    }

    /// Says that the server does not do it.
    pub(super) fn give_up_server(&mut self, given_up: GivenUp, effects: &mut EffectQueue) {
        let message = match given_up {
            GivenUp::ForGood => {
                self.config.compactor = Compactor::Model;
                NOT_BY_SERVER
            }
            GivenUp::ThisTime => NOT_THIS_TIME,
        };
        effects.tell(EventKind::Notice(Notice { message: message.into(), next: None }));
    }

    /// Whether this model gets what the sealed summary stands for.
    fn is_sealed_for(&self, model: Option<&ModelRef>) -> bool {
        self.sealed.as_ref().is_some_and(|past| past.is_foreign_to(model))
    }

    /// Whether an item is a summary that the model in use can read.
    pub(super) fn is_readable_summary(&self, item: &Item) -> bool {
        item.kind == ItemKind::Compaction && !self.is_sealed_for(Some(&self.settings.model))
    }

    /// The conversation as the model in use gets it.
    pub(super) fn in_use(&self) -> Vec<Arc<Item>> {
        if self.is_sealed_for(Some(&self.settings.model)) {
            self.unsealed()
        } else {
            self.history.clone()
        }
    }

    /// The conversation with what a sealed summary stands for in its place.
    pub(super) fn unsealed(&self) -> Vec<Arc<Item>> {
        let behind = |past: &SealedPast| {
            self.history.iter().position(|item| item.id == past.summary).map(|at| at + 1)
        };
        match self.sealed.as_ref().and_then(|past| Some((past, behind(past)?))) {
            Some((past, behind)) => {
                past.items.iter().chain(&self.history[behind..]).cloned().collect()
            }
            None => self.history.clone(),
        }
    }

    /// Notes what a new summary stands for, where only its writer can read it: the model that was asked last.
    pub(super) fn seal(&mut self, summary: &Item, past: Vec<Arc<Item>>) {
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

    /// Forgets what the server counted: the conversation is another one now.
    pub(super) fn recount(&mut self) {
        self.context_usage.restart(self.history.iter().map(|item| &**item));
        if let Some(past) = &mut self.sealed {
            past.is_counted = false;
        }
    }

    /// Notes which form of the conversation the server has counted: the one for the model that was asked last.
    pub(super) fn note_counted(&mut self) {
        let asked = self.recorded.as_ref().map(|settings| &settings.model);
        if let Some(past) = &mut self.sealed {
            past.is_counted = past.is_foreign_to(asked);
        }
    }

    /// Tokens of the conversation for the model in use, where `tokens` are those of the form that was counted.
    pub(super) fn for_form_in_use(&self, tokens: u64) -> u64 {
        let Some(past) = &self.sealed else { return tokens };
        match (past.is_foreign_to(Some(&self.settings.model)), past.is_counted) {
            (true, false) => tokens.saturating_add(past.tokens()),
            (false, true) => tokens.saturating_sub(past.tokens()),
            _ => tokens,
        }
    }
}

/// Whether it was the question that the server did not take, and not that it could not answer now.
pub(super) fn is_refusal(failure: &Failure) -> bool {
    failure.problem.kind == ProblemKind::BadRequest
}
