//! The rule-driven model: reads the conversation, and either calls a tool or answers from what the
//! tools gave back. Understands nothing, keeps nothing between requests.

mod intent;
mod rules;
mod seen;
mod words;

use serde_json::Value;

use crate::demo::answer::script_piece;
use crate::demo::answer::script_piece::ScriptPiece;
use crate::protocol::Usage;
use rules::next_step::Next;
use seen::conversation::SeenConversation;

/// Bytes of a long answer, and how many deltas it comes in.
const LONG: usize = 8_000;
const DELTAS: usize = 120;

/// The answer to the body of a Responses request.
pub(super) fn answer(body: &Value) -> Vec<ScriptPiece> {
    let conversation = SeenConversation::read(body);
    let next = crate::demo::brain::rules::plan::next(&conversation);
    let mut pieces = vec![script_piece::created()];
    let mut written = 0;
    let thought = next.thought();
    pieces.extend(script_piece::deltas(thought).map(script_piece::reasoning));
    match &next {
        Next::Answer { text, .. } if conversation.is_sealed => {
            written += text.len();
            pieces.push(script_piece::item(crate::demo::brain::seen::summary::sealed(
                text,
                conversation.calls,
            )));
        }
        Next::Answer { text, .. } => {
            let form = conversation
                .schema
                .as_ref()
                .map(|schema| crate::demo::brain::words::schema_form::fill(schema, text));
            let text = form.as_ref().unwrap_or(text);
            written += text.len();
            pieces.extend(told_in_time(text));
        }
        Next::Call { say, calls, .. } => {
            written += say.len();
            pieces.extend(script_piece::typed(say));
            for (index, call) in calls.iter().enumerate() {
                let spoken = conversation
                    .stand_in(call.tool)
                    .map(|tool| crate::demo::brain::seen::tool_sets::spoken(call, tool));
                let call = spoken.as_ref().unwrap_or(call);
                let id = format!("call_demo_{}", conversation.calls + index + 1);
                let (length, call) = match &call.arguments {
                    Value::String(input) => {
                        (input.len(), script_piece::custom_call(id, call.tool, input))
                    }
                    arguments => (
                        arguments.to_string().len(),
                        script_piece::function_call(id, call.tool, arguments.to_string()),
                    ),
                };
                written += length;
                pieces.push(call);
            }
        }
        Next::Web { actions, text, pages, .. } => {
            written += text.len();
            pieces.extend(actions.iter().cloned().map(script_piece::web_search));
            pieces.extend(told_in_time(text));
            pieces.extend(pages.iter().map(|[title, url]| script_piece::cite(url, title)));
        }
    }
    pieces.push(script_piece::completed(usage(&conversation, written, thought.len())));
    pieces
}

/// As models type; what would take minutes that way comes in larger pieces.
fn told_in_time(text: &str) -> Vec<ScriptPiece> {
    if text.len() <= LONG {
        return script_piece::typed(text);
    }
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(letters.len().div_ceil(DELTAS))
        .map(|letters| script_piece::text(letters.iter().collect::<String>()))
        .collect()
}

/// Plausible numbers: about four bytes to a token, and all but the newest part of a conversation in
/// the cache.
fn usage(conversation: &SeenConversation, written: usize, thought: usize) -> Usage {
    let tokens = |bytes: usize| bytes as u64 / 4 + 1;
    let input = tokens(conversation.bytes);
    let cached = if conversation.is_new { 0 } else { input * 4 / 5 };
    Usage {
        input,
        cached,
        output: tokens(written) + tokens(thought),
        reasoning: tokens(thought),
        cost: None,
    }
}

#[cfg(test)]
mod tests;
