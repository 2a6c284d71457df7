//! The wire dialect of OpenAI's Responses API: request bodies, and event streams with typed items.

mod events;
mod item_drafts;
mod item_sort;
mod refused_item;
mod request;
pub(super) mod shapes;
mod web_items;

use reqwest::StatusCode;

use crate::protocol::{AccessKind, ItemId, ModelRequest};

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
        let decoder = Box::new(EventDecoder::new(name, self.source(&request.model.provider)));
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
        if refusal.status != Some(StatusCode::BAD_REQUEST) {
            return None;
        }
        if refusal.param == "reasoning.summary" {
            return Some(Concession::ReasoningSummary);
        }
        refusal.message.contains("tool_search").then_some(Concession::ToolSearch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_part_is_left_out_and_no_other_refusal_is_taken_for_one() {
        let of = |status, param: &str, message: &str| {
            let refusal = ServerRefusal {
                status: Some(status),
                param: param.into(),
                message: message.into(),
                ..ServerRefusal::default()
            };
            Responses.concession(&refusal)
        };
        let unknown = "Tool 'tool_search' is not supported with gpt-5.1.";
        let bad = StatusCode::BAD_REQUEST;
        assert_eq!(of(bad, "tools", unknown), Some(Concession::ToolSearch));
        assert_eq!(of(bad, "reasoning.summary", ""), Some(Concession::ReasoningSummary));
        assert_eq!(of(bad, "tools", "Invalid schema"), None);
        assert_eq!(of(StatusCode::TOO_MANY_REQUESTS, "tools", unknown), None);
    }
}
