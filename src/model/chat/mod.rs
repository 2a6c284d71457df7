//! The wire dialect of Chat Completions, which most providers and local servers speak: messages in,
//! chunks with choices out.

mod calls;
mod events;
mod request;
mod shapes;
mod thoughts;

use crate::protocol::{AccessKind, DialectId, ItemId, ModelRequest, ProviderId, WireSource};

use super::dialect::{AnswerDecoder, BodyTerms, Dialect};
use crate::model::error::refusal::ServerRefusal;

/// `POST …/chat/completions`, answered by `chat.completion.chunk`s.
pub(super) struct Chat;

impl Dialect for Chat {
    fn name(&self) -> &'static str {
        "chat"
    }

    fn path(&self) -> &'static str {
        "chat/completions"
    }

    fn body(&self, request: &ModelRequest, _terms: BodyTerms<'_>) -> serde_json::Result<String> {
        request::body(request)
    }

    /// No server of this dialect names the message that it refuses in a way that others share.
    fn refused_item(
        &self,
        _request: &ModelRequest,
        _kind: &AccessKind,
        _refusal: &ServerRefusal,
    ) -> Option<ItemId> {
        None
    }

    fn decoder(&self, name: &str, provider: &ProviderId) -> Box<dyn AnswerDecoder> {
        Box::new(events::ChunkDecoder::new(name, source(provider)))
    }
}

/// The source of items that came in this dialect.
fn source(provider: &ProviderId) -> WireSource {
    WireSource { provider: provider.clone(), dialect: DialectId::from("chat") }
}

#[cfg(test)]
mod tests;
