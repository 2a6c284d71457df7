//! The rule-driven model: reads the conversation, and either calls a tool or answers from what the tools gave back. Understands nothing, keeps nothing between requests.

mod conversation;
mod folder;
mod plan;
mod telling;
mod wish;

use serde_json::Value;

use crate::protocol::Usage;

use super::piece::{self, Piece};
use conversation::Conversation;
use plan::Next;

/// The answer to the body of a Responses request.
pub(super) fn answer(body: &Value) -> Vec<Piece> {
    let conversation = Conversation::read(body);
    let next = plan::next(&conversation);
    let mut pieces = vec![piece::created()];
    let mut told = 0;
    let thought = next.thought();
    pieces.extend(piece::deltas(thought).map(piece::reasoning));
    match &next {
        Next::Answer { text, .. } => {
            told += text.len();
            pieces.extend(piece::typed(text));
        }
        Next::Call { say, calls, .. } => {
            told += say.len();
            pieces.extend(piece::typed(say));
            for (index, call) in calls.iter().enumerate() {
                let arguments = call.arguments.to_string();
                told += arguments.len();
                pieces.push(piece::function_call(format!("call_demo_{}", conversation.calls + index + 1), call.tool, arguments));
            }
        }
    }
    pieces.push(piece::completed(usage(&conversation, told, thought.len())));
    pieces
}

/// Plausible numbers: about four bytes to a token, and all but the newest part of a conversation in the cache.
fn usage(conversation: &Conversation, told: usize, thought: usize) -> Usage {
    let tokens = |bytes: usize| bytes as u64 / 4 + 1;
    let input = tokens(conversation.bytes);
    let cached = if conversation.is_new { 0 } else { input * 4 / 5 };
    Usage { input, cached, output: tokens(told) + tokens(thought), reasoning: tokens(thought) }
}

#[cfg(test)]
mod tests;
