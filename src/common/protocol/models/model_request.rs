//! Model requests: one request to the model, and what streams back.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::{
    Effort, Item, ItemId, ItemOpening, Limits, ModelRef, Patches, SessionId, ToolDefinition,
    Tuning, Usage, WebAccess,
};

/// A request to the model, without its credential.
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
    /// The items among them in which codling speaks, and not the person. A dialect may have a role
    /// of its own for them.
    pub notes: HashSet<ItemId>,
    /// The same in all requests of a session, whether they may be called or not: prompt caches go
    /// by an equal head.
    pub tools: Arc<[ToolDefinition]>,
    /// Whether the provider's own web search is offered behind them, and how far it reaches. The
    /// same in all requests of a session; a provider of the person's own is never asked for it.
    pub web_search: Option<WebAccess>,
    /// `None` for the last step of a turn, and for a summary.
    pub tool_choice: ToolChoice,
    /// The purpose of the request.
    pub purpose: RequestPurpose,
    /// A JSON Schema that the answer has to fit, as text.
    pub schema: Option<Arc<str>>,
    /// `x-codex-turn-state` of an earlier response of the same turn, to be echoed.
    pub turn_state: Option<String>,
}

impl ModelRequest {
    /// A request for an answer to these items alone: it has no instructions, tools, schema or
    /// settings of the model.
    pub fn plain(session: SessionId, model: ModelRef, items: Vec<Arc<Item>>) -> Self {
        Self {
            session,
            model,
            effort: None,
            tuning: Tuning::default(),
            patches: Patches::Never,
            instructions: "".into(),
            notes: HashSet::new(),
            items,
            tools: [].into(),
            web_search: None,
            tool_choice: ToolChoice::Auto,
            purpose: RequestPurpose::Answer,
            schema: None,
            turn_state: None,
        }
    }
}

/// Who sums a conversation up that has become too long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compactor {
    /// The model, in words that people and other models can read.
    #[default]
    Model,
    /// OpenAI's server, where the model in use is OpenAI's.
    Server,
}

/// The purpose of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestPurpose {
    /// The model's next words.
    Answer,
    /// One [`ItemKind::Compaction`](crate::protocol::ItemKind::Compaction) that stands for all the
    /// items sent. Asked of the built-in provider alone.
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

/// Parts of a response stream, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelDelta {
    /// An item is whole.
    Item(Item),
    /// Limits of the plan, from the headers or a `codex.rate_limits` event.
    Limits(Limits),
    /// The model begins to write an item.
    Opened {
        /// The id that the deltas of this item carry.
        item: ItemId,
        /// The kind of item.
        opening: ItemOpening,
    },
    /// More of a reasoning summary.
    Reasoning {
        /// The reasoning item that grows.
        item: ItemId,
        /// The text to append.
        text: String,
    },
    /// More of an answer.
    Text {
        /// The assistant item that grows.
        item: ItemId,
        /// The text to append.
        text: String,
    },
    /// The `x-codex-turn-state` header, to be sent with the turn's next request.
    TurnState(String),
}

/// The end of a complete stream (`response.completed`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelRequestEnd {
    /// The tokens it took; `None` where the server does not count them.
    pub usage: Option<Usage>,
    /// `Some(false)`: the server wants another request though no tool was called.
    pub end_turn: Option<bool>,
}
