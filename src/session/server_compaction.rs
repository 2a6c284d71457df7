//! Compaction by the provider's server: what it sums up comes sealed, and only the model that wrote it can read it. What it
//! stands for is kept for every other model, so that nothing is lost when the model, or the server, is another one.

use std::sync::Arc;

use crate::protocol::{
    Compactor, EventKind, Failure, Item, ItemId, ItemKind, ModelRef, Notice, ProblemKind,
    ProviderId,
};

use super::Session;
use super::effect::EffectQueue;

const NOT_BY_SERVER: &str =
    "OpenAI's server did not sum the conversation up: the model does it from here on";

/// The part of the conversation that a sealed summary stands for.
#[derive(Debug)]
pub(super) struct SealedPast {
    summary: ItemId,
    /// The one that can read it; `None` where the log does not say who it was.
    writer: Option<ModelRef>,
    items: Vec<Arc<Item>>,
    /// The summary among them, if the past began with one.
    earlier: Option<ItemId>,
}

impl Session {
    /// Whether the next summary is asked of the server.
    pub(super) fn is_server_asked(&self) -> bool {
        self.config.compactor == Compactor::Server
            && self.settings.model.provider == ProviderId::openai()
    }

    /// The server does not do it, or not here: it is not asked again.
    pub(super) fn give_up_server(&mut self, effects: &mut EffectQueue) {
        self.config.compactor = Compactor::Model;
        effects.tell(EventKind::Notice(Notice { message: NOT_BY_SERVER.into(), next: None }));
    }

    /// The conversation with what a sealed summary stands for in its place.
    pub(super) fn readable(&self) -> Vec<Arc<Item>> {
        let place = |past: &SealedPast| {
            self.history.iter().position(|item| item.id == past.summary).map(|at| at + 1)
        };
        match self.sealed.as_ref().and_then(|past| Some((past, place(past)?))) {
            Some((past, behind)) => {
                past.items.iter().chain(&self.history[behind..]).cloned().collect()
            }
            None => self.history.clone(),
        }
    }

    /// Notes what a new summary stands for, where only its writer can read it.
    pub(super) fn seal(&mut self, summary: &Item, past: Vec<Arc<Item>>) {
        let earlier = self.sealed.take().map_or(self.summary.take(), |sealed| sealed.earlier);
        self.sealed = (summary.kind == ItemKind::Compaction).then(|| SealedPast {
            summary: summary.id.clone(),
            writer: self.recorded.as_ref().map(|settings| settings.model.clone()),
            items: past,
            earlier,
        });
        self.summary = Some(summary.id.clone());
    }

    /// Puts the past back in the place of a sealed summary that the model in use cannot read.
    pub(super) fn unseal_for_model(&mut self) {
        let is_foreign = |past: &SealedPast| past.writer.as_ref() != Some(&self.settings.model);
        if self.sealed.as_ref().is_some_and(is_foreign) {
            self.unseal();
        }
    }

    /// Puts the past back in the place of the sealed summary.
    pub(super) fn unseal(&mut self) {
        self.history = self.readable();
        if let Some(past) = self.sealed.take() {
            self.summary = past.earlier;
            self.context_usage.restart(self.history.iter().map(|item| &**item));
        }
    }
}

/// Whether it was the question that the server did not take, and not that it could not answer now.
pub(super) fn is_refusal(failure: &Failure) -> bool {
    matches!(failure.problem.kind, ProblemKind::BadRequest | ProblemKind::Refused)
}
