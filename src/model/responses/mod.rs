//! The wire dialect of OpenAI's Responses API: request bodies, and event streams with typed items.

mod events;
mod item_drafts;
mod item_sort;
mod refused_item;
mod request;
pub(super) mod shapes;
mod web_items;

use crate::protocol::{AccessKind, DialectId, ItemId, ModelRequest, ProviderId, WireSource};

use super::dialect::{AnswerDecoder, BodyTerms, Dialect};
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

    fn body(&self, request: &ModelRequest, terms: BodyTerms<'_>) -> serde_json::Result<String> {
        request::body(request, terms)
    }

    fn refused_item(
        &self,
        request: &ModelRequest,
        kind: &AccessKind,
        refusal: &ServerRefusal,
    ) -> Option<ItemId> {
        refused_item::find(request, kind, refusal)
    }

    fn decoder(&self, name: &str, provider: &ProviderId) -> Box<dyn AnswerDecoder> {
        Box::new(EventDecoder::new(name, source(provider)))
    }
}

/// The tag of items that this dialect brought.
fn source(provider: &ProviderId) -> WireSource {
    WireSource { provider: provider.clone(), dialect: DialectId::responses() }
}
