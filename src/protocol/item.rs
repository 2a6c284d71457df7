//! The items a conversation is made of, in the order they came.

use std::sync::Arc;

use super::{CallId, CallOutput, ItemId, Picture, ToolCall};

/// An item as the server wrote it, as JSON text: sent back letter for letter, read by the model room alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire(pub Arc<str>);

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
