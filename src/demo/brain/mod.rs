//! The rule-driven model: reads the conversation, and either calls a tool or answers from what the tools gave back. Understands nothing, keeps nothing between requests.

mod conversation;

mod intent;
mod orders;

mod change;
mod job;
mod plan;
mod single_tool;

mod folder;
mod heed;
mod hunks;
mod tidy;

mod faces;
mod reading;

mod form;
mod summary;
mod telling;

use serde_json::Value;

use crate::protocol::Usage;

use super::piece::{self, ScriptPiece};
use conversation::SeenConversation;
use plan::Next;

/// Bytes of a long answer, and how many deltas it comes in.
const LONG: usize = 8_000;
const DELTAS: usize = 120;

/// The answer to the body of a Responses request.
pub(super) fn answer(body: &Value) -> Vec<ScriptPiece> {
    let conversation = SeenConversation::read(body);
    let next = plan::next(&conversation);
    let mut pieces = vec![piece::created()];
    let mut told = 0;
    let thought = next.thought();
    pieces.extend(piece::deltas(thought).map(piece::reasoning));
    match &next {
        Next::Answer { text, .. } if conversation.is_sealed => {
            told += text.len();
            pieces.push(piece::item(summary::sealed(text, conversation.calls)));
        }
        Next::Answer { text, .. } => {
            let form = conversation.schema.as_ref().map(|schema| form::fill(schema, text));
            let text = form.as_ref().unwrap_or(text);
            told += text.len();
            pieces.extend(told_in_time(text));
        }
        Next::Call { say, calls, .. } => {
            told += say.len();
            pieces.extend(piece::typed(say));
            for (index, call) in calls.iter().enumerate() {
                let spoken = conversation.stand_in(call.tool).map(|tool| faces::spoken(call, tool));
                let call = spoken.as_ref().unwrap_or(call);
                let id = format!("call_demo_{}", conversation.calls + index + 1);
                let (length, call) = match &call.arguments {
                    Value::String(input) => (input.len(), piece::custom_call(id, call.tool, input)),
                    arguments => (
                        arguments.to_string().len(),
                        piece::function_call(id, call.tool, arguments.to_string()),
                    ),
                };
                told += length;
                pieces.push(call);
            }
        }
        Next::Web { actions, text, pages, .. } => {
            told += text.len();
            pieces.extend(actions.iter().cloned().map(piece::web_search));
            pieces.extend(told_in_time(text));
            pieces.extend(pages.iter().map(|[title, url]| piece::cite(url, title)));
        }
    }
    pieces.push(piece::completed(usage(&conversation, told, thought.len())));
    pieces
}

/// As models type; what would take minutes that way comes in larger pieces.
fn told_in_time(text: &str) -> Vec<ScriptPiece> {
    if text.len() <= LONG {
        return piece::typed(text);
    }
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(letters.len().div_ceil(DELTAS))
        .map(|letters| piece::text(letters.iter().collect::<String>()))
        .collect()
}

/// Plausible numbers: about four bytes to a token, and all but the newest part of a conversation in the cache.
fn usage(conversation: &SeenConversation, told: usize, thought: usize) -> Usage {
    let tokens = |bytes: usize| bytes as u64 / 4 + 1;
    let input = tokens(conversation.bytes);
    let cached = if conversation.is_new { 0 } else { input * 4 / 5 };
    Usage { input, cached, output: tokens(told) + tokens(thought), reasoning: tokens(thought) }
}

#[cfg(test)]
mod tests;
