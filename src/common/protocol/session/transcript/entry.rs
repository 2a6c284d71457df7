//! Entries of a transcript: what one piece of a conversation looks like, and how far it has come.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::{
    CallOutput, Citation, Item, ItemId, ItemKind, Notice, Picture, PlannedAction, Problem,
    ToolCall, WebSearch, WebSearchState,
};

/// One entry of the conversation, as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TranscriptEntry {
    /// The model's words for the person.
    Assistant {
        /// The item they belong to.
        item: ItemId,
        /// The text so far.
        text: String,
        /// The pages that it refers to; none before it is done.
        citations: Vec<Citation>,
        /// Whether no more will come.
        done: bool,
    },
    /// A tool call, from the moment the turn has it to answer.
    Call {
        /// The call as the model made it.
        call: ToolCall,
        /// Its arguments in words; empty until they are known.
        title: String,
        /// Its action, without diffs; `None` until that is known, and always in older logs.
        action: Option<Arc<PlannedAction>>,
        /// How far it has come, and what came of it.
        state: CallState,
    },
    /// The turn was stopped here.
    Interrupted,
    /// Something the person should know, and that ended nothing.
    Notice(Notice),
    /// The turn failed here.
    Problem(Problem),
    /// The model's reasoning, as far as its provider shows it.
    Reasoning {
        /// The item it belongs to.
        item: ItemId,
        /// The summary so far.
        text: String,
        /// Whether no more will come.
        done: bool,
    },
    /// A prompt of the person's.
    User {
        /// The typed text.
        text: String,
        /// The pictures that went along with it.
        images: Vec<Picture>,
    },
    /// The model's provider looked something up on the web.
    WebSearch {
        /// The item it belongs to.
        item: ItemId,
        /// The search, and how far it has come.
        search: WebSearch,
    },
}

/// How far a call has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CallState {
    /// A person is asked first.
    Asking,
    /// It has its output, whether or not it ran.
    Ended(CallOutput),
    /// The turn ended before the call did.
    Interrupted,
    /// It runs.
    Running {
        /// The last of what it has put out so far; it replaces what was there before.
        tail: String,
    },
    /// It waits for other calls to end, or has yet to be understood.
    Waiting,
}

impl TranscriptEntry {
    /// The entry for a whole item; `None` for calls, which have events of their own, and for
    /// what is not shown.
    pub(super) fn of(whole: &Item) -> Option<Self> {
        let item = whole.id.clone();
        match &whole.kind {
            ItemKind::Assistant { text, citations } => Some(Self::Assistant {
                item,
                text: text.clone(),
                citations: citations.clone(),
                done: true,
            }),
            ItemKind::Reasoning { summary } => {
                Some(Self::Reasoning { item, text: summary.clone(), done: true })
            }
            ItemKind::User { text, images } => {
                Some(Self::User { text: text.clone(), images: images.clone() })
            }
            ItemKind::WebSearch(search) => Some(Self::WebSearch { item, search: search.clone() }),
            ItemKind::Call(_)
            | ItemKind::Compaction
            | ItemKind::Output { .. }
            | ItemKind::Unknown { .. } => None,
        }
    }

    /// A call that the turn has to answer, before anything else is known of it.
    pub(super) fn waiting(call: &ToolCall) -> Self {
        Self::Call {
            call: call.clone(),
            title: String::new(),
            action: None,
            state: CallState::Waiting,
        }
    }

    /// Whether it is text of the model's and none has come: it is not shown then.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Assistant { text, .. } | Self::Reasoning { text, .. } if text.is_empty())
    }

    /// Whether more of it may come.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Assistant { done, .. } | Self::Reasoning { done, .. } => !done,
            Self::Call { state, .. } => state.is_open(),
            Self::WebSearch { search, .. } => search.state == WebSearchState::Running,
            Self::Interrupted | Self::Notice(_) | Self::Problem(_) | Self::User { .. } => false,
        }
    }
}

impl CallState {
    /// Whether it is still to end.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Asking | Self::Running { .. } | Self::Waiting)
    }
}
