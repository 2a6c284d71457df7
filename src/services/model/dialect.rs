//! The wire dialect: how a request and its answer are written. Each dialect has a folder of its own
//! and a row in `dialect_table.rs`.

use reqwest::StatusCode;

use crate::base::Timestamp;
use crate::model::error::refusal::ServerRefusal;
use crate::model::stream::bounds::{AnswerExcess, AnswerSize};
use crate::protocol::{
    AccessKind, DialectId, ItemId, Model, ModelDelta, ModelRequest, ModelRequestEnd, ProviderId,
    WireSource,
};

/// A way to ask a model over HTTP and to read the event stream that it answers with. It holds no
/// connection, no address and no credential.
pub trait Dialect: Sync {
    /// The word for it in settings and logs.
    fn name(&self) -> &'static str;

    /// Where a provider takes requests, behind its base address: `responses`.
    fn path(&self) -> &'static str;

    /// The source of items that came in this dialect.
    fn source(&self, provider: &ProviderId) -> WireSource {
        WireSource { provider: provider.clone(), dialect: DialectId::new(self.name()) }
    }

    /// The query with which a server tells all its models at once.
    fn models_query(&self) -> Option<&'static str> {
        None
    }

    /// The header that carries a key, where the settings of the provider name none.
    fn key_header(&self) -> KeyHeader {
        KeyHeader::Bearer
    }

    /// Other headers of every request, as names in lower case and values.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The body of one request, written in one pass over the conversation, and the reader of its
    /// answer. `name` begins the ids of the answer's items, and is new with every answer: servers
    /// use theirs again.
    ///
    /// # Errors
    ///
    /// The schema of a tool or of the answer is no JSON.
    fn exchange(
        &self,
        name: &str,
        request: &ModelRequest,
        terms: BodyTerms<'_>,
    ) -> serde_json::Result<Exchange>;

    /// The item of a request that its server refuses, where it says which one.
    fn refused_item(
        &self,
        _request: &ModelRequest,
        _kind: &AccessKind,
        _refusal: &ServerRefusal,
    ) -> Option<ItemId> {
        None
    }

    /// The part of a refused request without which it may be sent once more; `None` where that
    /// would be refused as well.
    fn concession(&self, _refusal: &ServerRefusal) -> Option<Concession> {
        None
    }
}

/// A request that is ready to be sent.
pub struct Exchange {
    /// JSON.
    pub body: String,
    /// Reads the event stream that answers it.
    pub decoder: Box<dyn AnswerDecoder>,
}

/// The header that carries a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHeader {
    /// `authorization: Bearer KEY`
    Bearer,
    /// A header of this name, in lower case, whose value is the key.
    Named(&'static str),
}

/// The terms that the body of a request depends on besides the request.
#[derive(Clone, Copy, Debug)]
pub struct BodyTerms<'a> {
    pub kind: &'a AccessKind,
    /// The facts of the model that is asked.
    pub model: &'a Model,
    pub conceded: &'a [Concession],
}

impl BodyTerms<'_> {
    /// Whether this may be part of the request.
    pub fn allow(&self, part: Concession) -> bool {
        !self.conceded.contains(&part)
    }
}

/// A part of requests that a server refused once, and that it is not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Concession {
    /// A summary of the model's reasoning. Some API accounts may not have one.
    ReasoningSummary,
    /// `stream_options`, which older servers do not know.
    StreamOptions,
    /// Thoughts of earlier answers, which are bound to what stood before them.
    Thoughts,
    /// Tool search in Codex's form, which older models do not know.
    ToolSearch,
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
    fn failure(&mut self) -> Option<ServerRefusal> {
        None
    }
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

impl DecoderEnd {
    /// The end of an answer that is not in this dialect: as a good one without words.
    pub fn garbled() -> Self {
        Self::Refused(ServerRefusal { status: Some(StatusCode::OK), ..ServerRefusal::default() })
    }
}
