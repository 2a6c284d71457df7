//! The items a conversation is made of, in the order they came.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::{
    CallId, CallOutput, Citation, DialectId, ItemId, Picture, ProviderId, ToolCall, WebSearch,
};

/// An item as the server wrote it: it is sent back unchanged to whoever wrote it, and read in
/// `model` alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// JSON, in the dialect's words.
    pub text: Arc<str>,
    /// Who wrote it, and so the only one it may be sent back to as it is.
    pub source: WireSource,
}

/// Who wrote an item, and in which dialect. Nobody else can use it: what is encrypted in it cannot
/// be read there, and its names are unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireSource {
    /// The provider that the item came from.
    pub provider: ProviderId,
    /// The dialect that `Wire::text` is written in.
    pub dialect: DialectId,
}

impl WireSource {
    /// The source of every item from before there were other providers.
    pub fn openai() -> Self {
        Self { provider: ProviderId::openai(), dialect: DialectId::responses() }
    }
}

/// One piece of a conversation: a prompt, an answer, reasoning, a call, or its output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its name in this session: codling numbers items itself, and never takes the server's ids.
    pub id: ItemId,
    /// The kind of item, with its readable parts.
    pub kind: ItemKind,
    /// The item as the server sent it; `None` for our own items, and in another codling that has
    /// joined.
    #[serde(skip)]
    pub wire: Option<Wire>,
}

/// The kind of item, with its readable parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ItemKind {
    /// Text that the model wrote for the person.
    Assistant {
        /// Markdown, as the model wrote it.
        text: String,
        /// The pages that it refers to, each address once.
        citations: Vec<Citation>,
    },
    /// The model calls a tool.
    Call(ToolCall),
    /// A summary by the provider's server: sealed in `Item::wire`, and
    /// readable for the model that wrote it alone.
    Compaction,
    /// The output of a call.
    Output {
        /// The call, by the id that the model gave it.
        call: CallId,
        /// The result.
        output: CallOutput,
    },
    /// The model's reasoning, as far as its provider shows it.
    Reasoning {
        /// The summary; empty where the provider gives none.
        summary: String,
    },
    /// An item of a kind that codling does not know; it is carried, not shown.
    Unknown {
        /// The word after `type` in the server's JSON.
        kind: String,
    },
    /// Text that a person typed, or a note or summary that codling adds in the same role.
    User {
        /// The text as it is sent.
        text: String,
        /// The pictures that go along with it.
        images: Vec<Picture>,
    },
    /// The model's provider looked something up on the web.
    WebSearch(WebSearch),
}

impl ItemKind {
    /// An answer that refers to no page.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::Assistant { text: text.into(), citations: Vec::new() }
    }

    /// A text of the user's, without pictures.
    pub fn user(text: impl Into<String>) -> Self {
        Self::User { text: text.into(), images: Vec::new() }
    }
}

/// The kind of item that begins to stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ItemOpening {
    /// An answer for the person.
    Assistant,
    /// A tool call, whose arguments are being written.
    Call {
        /// The tool that is being called, by the name the model was given for it.
        name: String,
    },
    /// A reasoning summary.
    Reasoning,
    /// An item of a kind that is carried, not shown.
    Unknown,
    /// The provider looks something up on the web.
    WebSearch,
}
