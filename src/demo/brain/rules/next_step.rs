//! The next step of the model: an answer, calls of tools, or a search of the web.

use serde_json::Value;

use crate::demo::brain::seen::conversation::SeenConversation;
use crate::demo::brain::seen::tool_sets::NextCall;
use crate::demo::brain::words::replies;

/// The next step of the model.
pub enum Next {
    Answer {
        thought: &'static str,
        text: String,
    },
    Call {
        thought: &'static str,
        say: String,
        calls: Vec<NextCall>,
    },
    /// Actions of the server on the web, and an answer that cites pages, each a title and an
    /// address.
    Web {
        thought: &'static str,
        actions: Vec<Value>,
        text: String,
        pages: Vec<[String; 2]>,
    },
}

impl Next {
    /// A short summary of why.
    pub fn thought(&self) -> &'static str {
        match self {
            Self::Answer { thought, .. }
            | Self::Call { thought, .. }
            | Self::Web { thought, .. } => thought,
        }
    }
}

pub fn call(
    conversation: &SeenConversation,
    thought: &'static str,
    say: &str,
    tool: &'static str,
    arguments: impl IntoIterator<Item = Value>,
) -> Next {
    if !conversation.offers(tool) {
        return answer(
            "**Going without tools**\n\nThe one this needs is not on offer.",
            replies::no_tool(tool),
        );
    }
    let calls = arguments.into_iter().map(|arguments| NextCall { tool, arguments }).collect();
    Next::Call { thought, say: say.into(), calls }
}

pub fn answer(thought: &'static str, text: String) -> Next {
    Next::Answer { thought, text }
}
