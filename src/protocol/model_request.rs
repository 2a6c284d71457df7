//! Model requests: one request to the model, and what streams back.

use std::sync::Arc;

use super::{
    Effort, Item, ItemId, ItemOpening, Limits, ModelRef, Patches, SessionId, ToolDefinition, Usage,
};

/// All that a request holds besides who sends it.
#[derive(Clone, Debug)]
pub struct ModelRequest {
    /// Also the `session-id` header and the prompt cache key.
    pub session: SessionId,
    pub model: ModelRef,
    pub effort: Option<Effort>,
    pub patches: Patches,
    pub instructions: Arc<str>,
    pub items: Vec<Arc<Item>>,
    /// The same in all requests of a session, whether they may be called or not: prompt caches go by an equal head.
    pub tools: Arc<[ToolDefinition]>,
    pub tool_choice: ToolChoice,
    /// A JSON Schema that the answer has to fit, as text.
    pub schema: Option<Arc<str>>,
    /// `x-codex-turn-state` of an earlier response of the same turn, to be echoed.
    pub turn_state: Option<String>,
}

/// Whether the model may call tools in its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    Auto,
    None,
}

/// What a stream brings, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelDelta {
    /// An item is whole.
    Item(Item),
    Limits(Limits),
    Opened {
        item: ItemId,
        opening: ItemOpening,
    },
    Reasoning {
        item: ItemId,
        text: String,
    },
    Text {
        item: ItemId,
        text: String,
    },
    TurnState(String),
}

/// The end of a stream that came to its end (`response.completed`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelRequestEnd {
    pub usage: Option<Usage>,
    /// `Some(false)`: the server wants another request though no tool was called.
    pub end_turn: Option<bool>,
}
