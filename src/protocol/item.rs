//! The items a conversation is made of, in the order they came.

use std::sync::Arc;

use super::{CallId, CallOutput, DialectId, ItemId, Picture, ProviderId, ToolCall};

/// An item as the server wrote it: sent back letter for letter to whom it came from, read by the model room alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// JSON, in the dialect's words.
    pub text: Arc<str>,
    pub source: WireSource,
}

/// Who wrote an item, and in which dialect. To anybody else it means nothing: what is sealed in it cannot be opened, and its names are unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireSource {
    pub provider: ProviderId,
    pub dialect: DialectId,
}

impl WireSource {
    /// What wrote every item before others could.
    pub fn openai() -> Self {
        Self { provider: ProviderId::openai(), dialect: DialectId::responses() }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub id: ItemId,
    pub kind: ItemKind,
    /// What the server sent, for items of the server's; `None` for ours.
    pub wire: Option<Wire>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    Assistant {
        text: String,
    },
    Call(ToolCall),
    /// The answer to a call: `call` names it.
    Output {
        call: CallId,
        output: CallOutput,
    },
    Reasoning {
        summary: String,
    },
    /// Of a kind we do not know; carried, not shown. The word after `type`.
    Unknown {
        kind: String,
    },
    User {
        text: String,
        images: Vec<Picture>,
    },
}

impl ItemKind {
    /// Words without a picture.
    pub fn user(text: impl Into<String>) -> Self {
        Self::User { text: text.into(), images: Vec::new() }
    }
}

/// What kind of item begins to stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemOpening {
    Assistant,
    /// The name of the tool whose arguments are being written.
    Call {
        name: String,
    },
    Reasoning,
    Unknown,
}
