//! The wire dialect of OpenAI's Responses API: request bodies, and event streams with typed items.

mod events;
mod item_drafts;
mod item_sort;
mod refused_item;
mod request;
pub(super) mod shapes;
mod web_items;

use reqwest::StatusCode;

use crate::protocol::{AccessKind, DialectId, ItemId, ModelRequest, ProviderId, WireSource};

use super::dialect::{BodyTerms, Concession, Dialect, Exchange};
use crate::model::error::refusal::ServerRefusal;

pub(super) use events::EventDecoder;

/// `POST …/responses`, answered by `response.*` events.
pub(super) struct Responses;

impl Dialect for Responses {
    fn name(&self) -> &'static str {
        "responses"
    }

    fn path(&self) -> &'static str {
        "responses"
    }

    fn exchange(
        &self,
        name: &str,
        request: &ModelRequest,
        terms: BodyTerms<'_>,
    ) -> serde_json::Result<Exchange> {
        let body = request::body(request, terms)?;
        let decoder = Box::new(EventDecoder::new(name, source(&request.model.provider)));
        Ok(Exchange { body, decoder })
    }

    fn refused_item(
        &self,
        request: &ModelRequest,
        kind: &AccessKind,
        refusal: &ServerRefusal,
    ) -> Option<ItemId> {
        refused_item::find(request, kind, refusal)
    }

    fn concession(&self, refusal: &ServerRefusal) -> Option<Concession> {
        let is_summary = refusal.param == "reasoning.summary";
        (is_summary && refusal.status == Some(StatusCode::BAD_REQUEST))
            .then_some(Concession::ReasoningSummary)
    }
}

/// The tag of items that this dialect brought.
fn source(provider: &ProviderId) -> WireSource {
    WireSource { provider: provider.clone(), dialect: DialectId::responses() }
}
