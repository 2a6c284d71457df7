//! Model requests: one request to the model, and what streams back.

use std::sync::Arc;

use super::{
    Effort, Item, ItemId, ItemOpening, Limits, ModelRef, Patches, SessionId, ToolDefinition,
    Tuning, Usage, WebAccess,
};

/// All that a request holds besides who sends it.
#[derive(Clone, Debug)]
pub struct ModelRequest {
    /// Also the `session-id` header and the prompt cache key.
    pub session: SessionId,
    /// The model that is asked.
    pub model: ModelRef,
    /// How long it may think; `None` sends no effort.
    pub effort: Option<Effort>,
    /// How much it writes, and how soon it is served.
    pub tuning: Tuning,
    /// How the model changes files: whether the patch tool is sent with its grammar.
    pub patches: Patches,
    /// The system prompt.
    pub instructions: Arc<str>,
    /// The conversation, oldest item first; after a compaction it begins with the summary.
    pub items: Vec<Arc<Item>>,
    /// The same in all requests of a session, whether they may be called or not: prompt caches go by an equal head.
    pub tools: Arc<[ToolDefinition]>,
    /// Whether the provider's own web search is offered behind them, and how far it reaches. The
    /// same in all requests of a session; a provider of the person's own is never asked for it.
    pub web_search: Option<WebAccess>,
    /// `None` for the last step of a turn, and for a summary.
    pub tool_choice: ToolChoice,
    /// What is asked for.
    pub purpose: RequestPurpose,
    /// A JSON Schema that the answer has to fit, as text.
    pub schema: Option<Arc<str>>,
    /// `x-codex-turn-state` of an earlier response of the same turn, to be echoed.
    pub turn_state: Option<String>,
}

/// Who sums a conversation up that has become too long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compactor {
    /// The model, in words that people and other models can read.
    #[default]
    Model,
    /// OpenAI's server, where the model in use is OpenAI's.
    Server,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestPurpose {
    /// The model's next words.
    Answer,
    /// One [`ItemKind::Compaction`](super::ItemKind::Compaction) that stands for all the items sent. Asked of the built-in
    /// provider alone.
    Compaction,
}

/// Whether the model may call tools in its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// As the model sees fit.
    Auto,
    /// Not in this answer.
    None,
}

/// What a stream brings, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelDelta {
    /// An item is whole.
    Item(Item),
    /// What is left of the plan, from the headers or a `codex.rate_limits` event.
    Limits(Limits),
    /// The model begins to write an item.
    Opened {
        /// The id that the deltas of this item carry.
        item: ItemId,
        /// What kind of item it is.
        opening: ItemOpening,
    },
    /// More of a reasoning summary.
    Reasoning {
        /// The reasoning item that grows.
        item: ItemId,
        /// What is added at its end.
        text: String,
    },
    /// More of an answer.
    Text {
        /// The assistant item that grows.
        item: ItemId,
        /// What is added at its end.
        text: String,
    },
    /// The `x-codex-turn-state` header, to be sent with the turn's next request.
    TurnState(String),
}

/// What the end of a complete stream says (`response.completed`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelRequestEnd {
    /// The tokens it took; `None` where the server does not count them.
    pub usage: Option<Usage>,
    /// `Some(false)`: the server wants another request though no tool was called.
    pub end_turn: Option<bool>,
}
