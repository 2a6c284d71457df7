//! The wire dialect of Chat Completions, which most providers and local servers speak: messages in,
//! chunks with choices out.

mod calls;
mod events;
mod request;
mod shapes;
mod thinking;
mod thoughts;

use crate::protocol::ModelRequest;

use super::dialect::{BodyTerms, Concession, Dialect, Exchange};
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

    fn exchange(
        &self,
        name: &str,
        request: &ModelRequest,
        terms: BodyTerms<'_>,
    ) -> serde_json::Result<Exchange> {
        let body = request::body(request, terms)?;
        let decoder = events::ChunkDecoder::new(name, self.source(&request.model.provider));
        Ok(Exchange { body, decoder: Box::new(decoder) })
    }

    /// Servers that do not know `stream_options` name it in their refusal.
    fn concession(&self, refusal: &ServerRefusal) -> Option<Concession> {
        let is_named =
            refusal.param == "stream_options" || refusal.message.contains("stream_options");
        let is_bad = matches!(refusal.status.map(|status| status.as_u16()), Some(400 | 422));
        (is_named && is_bad).then_some(Concession::StreamOptions)
    }
}

#[cfg(test)]
mod tests;
