//! The words a scripted answer is told in: what happens on the stream, in order.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::protocol::Usage;

/// One thing that happens on a stream of events.
#[derive(Clone, Debug)]
pub struct ScriptPiece(pub PieceKind);

#[derive(Clone, Debug)]
pub enum PieceKind {
    Call { call: String, namespace: Option<String>, name: String, arguments: String },
    Cite { url: String, title: String },
    Completed { usage: Option<Usage>, end_turn: Option<bool> },
    Created,
    CustomCall { call: String, name: String, input: String },
    Cut,
    Done,
    Event(Value),
    Failed { code: String, message: String },
    Forever { round: Round, pause: Duration },
    Gate(String),
    Incomplete { reason: String },
    Item(Value),
    Raw(Bytes),
    Reasoning(String),
    Stall,
    Text(String),
    ToolSearch { call: String, arguments: Value },
    Wait(Duration),
    WebSearch(Value),
}

/// The pieces of one round of an endless answer, counted from 0.
pub type Round = fn(u64) -> Vec<ScriptPiece>;

/// `response.created` and `response.in_progress`.
pub fn created() -> ScriptPiece {
    ScriptPiece(PieceKind::Created)
}

/// A delta of the answer's text. The message is opened by the first and closed by whatever is not
/// text.
pub fn text(delta: impl Into<String>) -> ScriptPiece {
    ScriptPiece(PieceKind::Text(delta.into()))
}

/// A whole text in deltas of a few characters each, as models send them.
pub fn typed(text: &str) -> Vec<ScriptPiece> {
    deltas(text).map(self::text).collect()
}

/// The answer that is being told refers to a page.
pub fn cite(url: impl Into<String>, title: impl Into<String>) -> ScriptPiece {
    ScriptPiece(PieceKind::Cite { url: url.into(), title: title.into() })
}

/// A whole `web_search_call`: begun, at work, done with this action.
pub fn web_search(action: Value) -> ScriptPiece {
    ScriptPiece(PieceKind::WebSearch(action))
}

/// A delta of the reasoning's summary. The item is opened by the first and closed by whatever is
/// not reasoning.
pub fn reasoning(delta: impl Into<String>) -> ScriptPiece {
    ScriptPiece(PieceKind::Reasoning(delta.into()))
}

/// A whole call: opened, its arguments in deltas, done.
pub fn function_call(
    call: impl Into<String>,
    name: impl Into<String>,
    arguments: impl Into<String>,
) -> ScriptPiece {
    ScriptPiece(PieceKind::Call {
        call: call.into(),
        namespace: None,
        name: name.into(),
        arguments: arguments.into(),
    })
}

/// A whole call of a function in a namespace, as models make them of tools that a search found.
pub fn namespaced_call(
    call: impl Into<String>,
    namespace: impl Into<String>,
    name: impl Into<String>,
    arguments: impl Into<String>,
) -> ScriptPiece {
    ScriptPiece(PieceKind::Call {
        call: call.into(),
        namespace: Some(namespace.into()),
        name: name.into(),
        arguments: arguments.into(),
    })
}

/// A whole `tool_search_call`, which the client answers.
pub fn tool_search(call: impl Into<String>, arguments: Value) -> ScriptPiece {
    ScriptPiece(PieceKind::ToolSearch { call: call.into(), arguments })
}

/// A whole `custom_tool_call`, whose input is free text.
pub fn custom_call(
    call: impl Into<String>,
    name: impl Into<String>,
    input: impl Into<String>,
) -> ScriptPiece {
    ScriptPiece(PieceKind::CustomCall { call: call.into(), name: name.into(), input: input.into() })
}

/// Closes the open item, so that the next text opens another message.
pub fn item_done() -> ScriptPiece {
    ScriptPiece(PieceKind::Done)
}

/// An item of any kind, added and done.
pub fn item(item: Value) -> ScriptPiece {
    ScriptPiece(PieceKind::Item(item))
}

/// An event as it stands; what it lacks is not added.
pub fn event(event: Value) -> ScriptPiece {
    ScriptPiece(PieceKind::Event(event))
}

/// Bytes as they stand, framing and all.
pub fn raw(bytes: impl Into<Bytes>) -> ScriptPiece {
    ScriptPiece(PieceKind::Raw(bytes.into()))
}

/// The end of a complete response, with its usage.
pub fn completed(usage: Usage) -> ScriptPiece {
    ScriptPiece(PieceKind::Completed { usage: Some(usage), end_turn: None })
}

/// The same without its usage.
pub fn completed_without_usage() -> ScriptPiece {
    ScriptPiece(PieceKind::Completed { usage: None, end_turn: None })
}

/// Completed with `end_turn: false`: the server wants another request though nothing was called.
pub fn completed_to_go_on(usage: Usage) -> ScriptPiece {
    ScriptPiece(PieceKind::Completed { usage: Some(usage), end_turn: Some(false) })
}

/// `response.failed` with an error of this code.
pub fn failed(code: impl Into<String>, message: impl Into<String>) -> ScriptPiece {
    ScriptPiece(PieceKind::Failed { code: code.into(), message: message.into() })
}

/// `response.incomplete`: `max_output_tokens` or `content_filter`.
pub fn incomplete(reason: impl Into<String>) -> ScriptPiece {
    ScriptPiece(PieceKind::Incomplete { reason: reason.into() })
}

/// Holds the stream until the test opens the gate of this name.
pub fn gate(name: impl Into<String>) -> ScriptPiece {
    ScriptPiece(PieceKind::Gate(name.into()))
}

/// Waits before the next piece.
pub fn wait(time: Duration) -> ScriptPiece {
    ScriptPiece(PieceKind::Wait(time))
}

/// Goes on with one round after the other until the client leaves.
pub fn forever(round: Round, pause: Duration) -> ScriptPiece {
    ScriptPiece(PieceKind::Forever { round, pause })
}

/// Cuts the connection here, in the middle of the body.
pub fn cut() -> ScriptPiece {
    ScriptPiece(PieceKind::Cut)
}

/// Says nothing more, and leaves the connection open.
pub fn stall() -> ScriptPiece {
    ScriptPiece(PieceKind::Stall)
}

/// Cuts a text where a model might: a word with the space before it, long words in two.
pub fn deltas(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut seen = 0;
        let end = rest
            .char_indices()
            .skip(1)
            .find(|&(_, c)| {
                seen += 1;
                seen >= 8 || c == ' ' || c == '\n'
            })
            .map_or(rest.len(), |(at, _)| at);
        let (delta, left) = rest.split_at(end);
        rest = left;
        Some(delta)
    })
}
