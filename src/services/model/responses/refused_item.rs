//! The item that a server refuses, by its place in `input` or by the id that the server gave it.

use serde_json::value::RawValue;

use crate::protocol::{AccessKind, Item, ItemId, ItemKind, ModelRequest};

use super::{Responses, request, shapes};
use crate::model::dialect::Dialect;
use crate::model::error::refusal::ServerRefusal;

/// The code by which a server refuses sealed content of another account or another model.
const UNREADABLE: &str = "invalid_encrypted_content";
/// Shorter ids may be words, or numbers that mean something else.
const SHORTEST_ID: usize = 4;

/// The item meant: the one at `input[17]`, named in the field at fault or in the message; else the
/// first that the message names by its id or its call's; else, of what cannot be read because it is
/// sealed, the last.
pub(super) fn find(
    prompt: &ModelRequest,
    kind: &AccessKind,
    refusal: &ServerRefusal,
) -> Option<ItemId> {
    if !matches!(refusal.status.map(|status| status.as_u16()), None | Some(400 | 404 | 422)) {
        return None;
    }
    let source = Responses.source(&prompt.model.provider);
    let takes_sealed = request::takes_sealed(kind, prompt.model.id.as_str());
    let sent: Vec<_> = request::sent(&prompt.items, &source, takes_sealed).collect();
    let by_place = place(&refusal.param).or_else(|| place(&refusal.message));
    if let Some(place) = by_place {
        return sent.get(place).map(|(item, _)| item.id.clone());
    }
    let named = sent.iter().filter_map(|(item, raw)| {
        let at = ids(item, *raw).iter().filter_map(|id| word(&refusal.message, id)).min()?;
        Some((at, item))
    });
    let unread = || {
        let mut last = sent.iter().rev().map(|(item, _)| item);
        last.find(|item| matches!(item.kind, ItemKind::Compaction | ItemKind::Reasoning { .. }))
    };
    named
        .min_by_key(|(at, _)| *at)
        .map(|(_, item)| item)
        .or_else(|| unread().filter(|_| refusal.is(UNREADABLE)))
        .map(|item| item.id.clone())
}

/// The number in the first `input[17]` of a text.
fn place(text: &str) -> Option<usize> {
    let (_, rest) = text.split_once("input[")?;
    rest.split_once(']')?.0.parse().ok()
}

/// The names that a server knows an item by.
fn ids(item: &Item, raw: Option<&RawValue>) -> Vec<String> {
    let of_call = match &item.kind {
        ItemKind::Call(call) => Some(call.id.as_str().to_owned()),
        ItemKind::Output { call, .. } => Some(call.as_str().to_owned()),
        _ => None,
    };
    let own = raw.and_then(|raw| {
        let item: shapes::WireItem<'_> = serde_json::from_str(raw.get()).ok()?;
        Some(item.id?.as_str().to_owned())
    });
    let is_telling =
        |id: &String| id.len() >= SHORTEST_ID && id.bytes().any(|byte| byte.is_ascii_digit());
    own.into_iter().chain(of_call).filter(is_telling).collect()
}

/// Where a text holds a name that is not part of a longer one.
fn word(text: &str, name: &str) -> Option<usize> {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(name)
        .map(|(at, _)| at)
        .find(|at| !text[..*at].ends_with(goes_on) && !text[at + name.len()..].starts_with(goes_on))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use reqwest::StatusCode;

    use crate::protocol::{CallOutput, ModelRef, SessionId, ToolCall, Wire, WireSource};

    use super::*;

    const CHATGPT: AccessKind = AccessKind::ChatGpt { account: None, residency: None };

    fn theirs(id: &str, kind: ItemKind, wire: &str) -> Arc<Item> {
        let wire = Some(Wire { text: wire.into(), source: WireSource::openai() });
        Arc::new(Item { id: ItemId::new(id), kind, wire })
    }

    fn ours(id: &str, kind: ItemKind) -> Arc<Item> {
        Arc::new(Item { id: ItemId::new(id), kind, wire: None })
    }

    /// The third item is unsealed and is not sent: places behind it are one less than in the
    /// conversation.
    fn prompt() -> ModelRequest {
        let thought = |_| ItemKind::Reasoning { summary: String::new() };
        let call = |id: &str| ToolCall { id: id.into(), name: "read".into(), arguments: "".into() };
        let output = |id: &str| ItemKind::Output {
            call: id.into(),
            output: CallOutput::text("", "contents"),
        };
        ModelRequest::plain(
            SessionId::new("ses_1"),
            ModelRef::openai("gpt-5.5"),
            vec![
                ours("prompt", ItemKind::user("look at input[3]")),
                theirs(
                    "first",
                    thought(()),
                    r#"{"type":"reasoning","id":"rs_1a","encrypted_content":"x","summary":[]}"#,
                ),
                theirs("bare", thought(()), r#"{"type":"reasoning","id":"rs_2b","summary":[]}"#),
                theirs(
                    "call",
                    ItemKind::Call(call("call_3c")),
                    r#"{"type":"function_call","id":"fc_3c","call_id":"call_3c"}"#,
                ),
                ours("output", output("call_3c")),
                theirs(
                    "second",
                    thought(()),
                    r#"{"type":"reasoning","id":"rs_10","encrypted_content":"y","summary":[]}"#,
                ),
            ],
        )
    }

    #[test]
    fn a_refused_item_is_found_by_its_place_or_its_id() {
        for (param, message, code, expected) in [
            ("input[0].content", "Invalid value", "", Some("prompt")),
            ("input[2].arguments", "Invalid value", "", Some("call")),
            ("input[3]", "", "", Some("output")),
            ("", "Invalid 'input[4].encrypted_content': too long", "", Some("second")),
            ("input[5]", "there is no such item", "", None),
            ("tools[2].parameters", "Invalid schema", "", None),
            ("input", "Item with id 'rs_1a' not found.", "", Some("first")),
            ("", "The encrypted content for item rs_10 could not be verified.", "", Some("second")),
            (
                "",
                "Item 'fc_3c' of type 'function_call' was provided without its required 'reasoning' item: 'rs_1a'",
                "",
                Some("call"),
            ),
            ("", "No tool output found for function call call_3c.", "", Some("call")),
            ("", "Item 'rs_1' not found, nor 'rs_100' or 'my-rs_10'", "", None),
            ("", "The encrypted content could not be verified", UNREADABLE, Some("second")),
            ("", "Too bad", "", None),
        ] {
            let refusal = ServerRefusal {
                status: Some(StatusCode::BAD_REQUEST),
                param: param.into(),
                message: message.into(),
                code: code.into(),
                ..ServerRefusal::default()
            };
            let found = find(&prompt(), &CHATGPT, &refusal);
            assert_eq!(found.as_ref().map(ItemId::as_str), expected, "{param} {message}");
            let busy = ServerRefusal { status: Some(StatusCode::SERVICE_UNAVAILABLE), ..refusal };
            assert_eq!(find(&prompt(), &CHATGPT, &busy), None, "{message}");
        }
    }
}
