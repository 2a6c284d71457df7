//! The wire dialect: how a request and its answer are written. Each dialect has a folder of its own
//! and a row in `dialect_table.rs`.

use crate::base::Timestamp;
use crate::model::error::refusal::ServerRefusal;
use crate::model::stream::bounds::{AnswerExcess, AnswerSize};
use crate::protocol::{AccessKind, ItemId, ModelDelta, ModelRequest, ModelRequestEnd, ProviderId};

/// A way to ask a model over HTTP and to read the event stream that it answers with. It holds no
/// connection, no address and no credential.
pub trait Dialect: Sync {
    /// The word for it in settings and logs.
    fn name(&self) -> &'static str;

    /// Where a provider takes requests, behind its base address: `responses`.
    fn path(&self) -> &'static str;

    /// The JSON of one request, in one pass over the conversation.
    fn body(&self, request: &ModelRequest, terms: BodyTerms<'_>) -> serde_json::Result<String>;

    /// The item of a request that its server refuses, where it says which one.
    fn refused_item(
        &self,
        request: &ModelRequest,
        kind: &AccessKind,
        refusal: &ServerRefusal,
    ) -> Option<ItemId>;

    /// Reads the stream of one answer of `provider`'s. `name` begins the ids of its items, and is
    /// new with every answer: servers use theirs again.
    fn decoder(&self, name: &str, provider: &ProviderId) -> Box<dyn AnswerDecoder>;
}

/// The terms that the body of a request depends on besides the request.
#[derive(Clone, Copy, Debug)]
pub struct BodyTerms<'a> {
    pub kind: &'a AccessKind,
    pub summary: ReasoningSummary,
}

/// Whether a summary of the model's reasoning is asked for. Some API accounts may not have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasoningSummary {
    Auto,
    Without,
}

/// How far an answer has come.
pub trait AnswerDecoder: Send {
    /// Takes one event's data in. After an end nothing more is to be asked.
    fn take(
        &mut self,
        data: &str,
        now: Timestamp,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Option<DecoderEnd>;

    /// Takes a whole answer in, from a server that does not stream; `None` where it is none.
    fn whole(
        &mut self,
        _body: &str,
        _now: Timestamp,
        _emit: &mut dyn FnMut(ModelDelta),
    ) -> Option<DecoderEnd> {
        None
    }

    /// The size of the answer so far.
    fn size(&self) -> AnswerSize;

    /// Whether the server said that the answer is over, or failed; a better end, or the tokens that
    /// it took, may still follow, and are not waited for long.
    fn is_closing(&self) -> bool;

    /// The end of an answer whose stream ended; `None` where it was broken off.
    fn ended(&mut self, _emit: &mut dyn FnMut(ModelDelta)) -> Option<DecoderEnd> {
        None
    }

    /// The refusal that the server sent before it cut the stream off. Returned once.
    fn failure(&mut self) -> Option<ServerRefusal>;
}

/// The end of an answer.
#[derive(Debug, PartialEq)]
pub enum DecoderEnd {
    Completed(ModelRequestEnd),
    /// It brought more than any answer does; what it completed stays good.
    Excessive(AnswerExcess),
    /// With the server's word why: `max_output_tokens`, `content_filter`.
    Incomplete(String),
    Refused(ServerRefusal),
}
