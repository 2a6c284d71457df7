//! The wire dialect of Anthropic's Messages, which some other providers speak too: blocks in
//! messages, and events that open, fill and close blocks.

mod claude;
mod events;
mod request;
mod shapes;

use crate::protocol::ModelRequest;

use super::dialect::{BodyTerms, Concession, Dialect, Exchange, KeyHeader};
use crate::model::error::refusal::ServerRefusal;

pub(super) use claude::{context, efforts, output};

/// `POST …/messages`, answered by `message_*` and `content_block_*` events.
pub(super) struct Anthropic;

impl Dialect for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn path(&self) -> &'static str {
        "messages"
    }

    /// Without it the server tells twenty.
    fn models_query(&self) -> Option<&'static str> {
        Some("limit=1000")
    }

    fn key_header(&self) -> KeyHeader {
        KeyHeader::Named("x-api-key")
    }

    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("anthropic-version", "2023-06-01")]
    }

    fn exchange(
        &self,
        name: &str,
        request: &ModelRequest,
        terms: BodyTerms<'_>,
    ) -> serde_json::Result<Exchange> {
        let (body, binding) = request::body(request, terms)?;
        let decoder = events::BlockDecoder::new(name, request.model.clone(), binding);
        Ok(Exchange { body, decoder: Box::new(decoder) })
    }

    /// A thought is bound to what stood before it. Where the server holds one to be bound to
    /// something else, the request goes without thoughts.
    fn concession(&self, refusal: &ServerRefusal) -> Option<Concession> {
        let is_bad = refusal.status.is_some_and(|status| status.as_u16() == 400);
        let words = refusal.message.to_ascii_lowercase();
        let is_thought = words.contains("signature") && words.contains("thinking");
        (is_bad && is_thought).then_some(Concession::Thoughts)
    }
}

#[cfg(test)]
mod tests;
