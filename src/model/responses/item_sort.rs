//! The sort of a server's item, and items written in the server's form where it never sent one.

use std::sync::Arc;

use serde_json::json;
use serde_json::value::RawValue;

use crate::protocol::{CallId, ItemKind, ItemOpening, ToolCall};

use super::shapes::{ContentPart, OwnedText, WireItem, plain};
use super::web_items;

/// The types of item that we look into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemSort {
    Assistant,
    Call,
    Compaction,
    /// Like a call, but its argument is free text, and its output is named differently.
    CustomCall,
    Reasoning,
    Unknown,
    WebSearch,
}

impl ItemSort {
    pub fn is_call(self) -> bool {
        matches!(self, Self::Call | Self::CustomCall)
    }

    pub fn of(kind: &str) -> Self {
        match kind {
            "message" => Self::Assistant,
            "function_call" => Self::Call,
            "compaction" | "compaction_summary" => Self::Compaction,
            "custom_tool_call" => Self::CustomCall,
            "reasoning" => Self::Reasoning,
            "web_search_call" => Self::WebSearch,
            _ => Self::Unknown,
        }
    }
}

/// The opening to report when an item begins.
pub fn opening(item: &WireItem<'_>) -> ItemOpening {
    match ItemSort::of(item.kind.as_str()) {
        ItemSort::Assistant => ItemOpening::Assistant,
        ItemSort::Call | ItemSort::CustomCall => {
            ItemOpening::Call { name: text(item.name.as_ref()) }
        }
        ItemSort::Reasoning => ItemOpening::Reasoning,
        ItemSort::Compaction | ItemSort::Unknown => ItemOpening::Unknown,
        ItemSort::WebSearch => ItemOpening::WebSearch,
    }
}

/// The kind of a whole item. `id` names a call whose server forgot to.
pub fn kind(item: &WireItem<'_>, id: &str) -> ItemKind {
    let call = |arguments| {
        let id = item.call_id.as_ref().map_or(id, OwnedText::as_str);
        ItemKind::Call(ToolCall {
            id: CallId::new(id),
            name: text(item.name.as_ref()),
            arguments: plain(arguments),
        })
    };
    match ItemSort::of(item.kind.as_str()) {
        ItemSort::Assistant => ItemKind::Assistant {
            text: parts(item.content).concat(),
            citations: web_items::citations(item.content),
        },
        ItemSort::Call => call(item.arguments),
        ItemSort::Compaction if is_sealed(item) => ItemKind::Compaction,
        ItemSort::CustomCall => call(item.input),
        ItemSort::Reasoning => {
            let summary = parts(item.summary);
            let shown = if summary.is_empty() { parts(item.content) } else { summary };
            ItemKind::Reasoning { summary: shown.join("\n\n") }
        }
        ItemSort::Compaction | ItemSort::Unknown => {
            ItemKind::Unknown { kind: text(Some(&item.kind)) }
        }
        ItemSort::WebSearch => ItemKind::WebSearch(web_items::search(item)),
    }
}

/// A whole item's wire form: as it was sent, except for a call without a name for itself, which no
/// output could answer.
pub fn wire(raw: &RawValue, item: &WireItem<'_>, kind: &ItemKind) -> Arc<str> {
    match (ItemSort::of(item.kind.as_str()), &item.call_id, kind) {
        (sort @ (ItemSort::Call | ItemSort::CustomCall), None, ItemKind::Call(call)) => {
            call_wire(sort, call)
        }
        _ => Arc::from(raw.get()),
    }
}

/// A call in the server's words.
pub fn call_wire(sort: ItemSort, call: &ToolCall) -> Arc<str> {
    let wire = match sort {
        ItemSort::CustomCall => {
            json!({"type": "custom_tool_call", "call_id": call.id.as_str(), "name": call.name, "input": call.arguments})
        }
        _ => {
            json!({"type": "function_call", "call_id": call.id.as_str(), "name": call.name, "arguments": call.arguments})
        }
    };
    Arc::from(wire.to_string())
}

/// An answer in the server's words, without an id: it has none that the server would know.
pub fn message_wire(text: &str) -> Arc<str> {
    let wire = json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]});
    Arc::from(wire.to_string())
}

/// Whether there is something in it to be sent back.
fn is_sealed(item: &WireItem<'_>) -> bool {
    item.encrypted_content.is_some_and(|content| !matches!(content.get(), "null" | "\"\""))
}

fn text(text: Option<&OwnedText<'_>>) -> String {
    text.map(|text| text.as_str().to_owned()).unwrap_or_default()
}

/// The non-empty texts of an item's parts; parts of other kinds are passed over.
fn parts(raw: Option<&RawValue>) -> Vec<String> {
    let Some(raw) = raw else { return Vec::new() };
    let Ok(parts) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        return serde_json::from_str::<String>(raw.get())
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
    };
    let texts = parts.into_iter().filter_map(|part| {
        let part: ContentPart<'_> = serde_json::from_str(part.get()).ok()?;
        part.text.or(part.refusal).map(|text| text.0.into_owned())
    });
    texts.filter(|text| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Citation, WebAction, WebSearch, WebSearchState};

    fn read(raw: &str) -> (ItemKind, String) {
        let raw: &RawValue = serde_json::from_str(raw).unwrap();
        let item: WireItem<'_> = serde_json::from_str(raw.get()).unwrap();
        let kind = kind(&item, "ours");
        let wire = wire(raw, &item, &kind);
        (kind, wire.to_string())
    }

    fn call(id: &str, name: &str, arguments: &str) -> ItemKind {
        ItemKind::Call(ToolCall {
            id: CallId::new(id),
            name: name.into(),
            arguments: arguments.into(),
        })
    }

    #[test]
    fn every_type_of_item_is_read_and_carried_letter_for_letter() {
        let table = [
            (
                r#"{"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"a\u00e9","annotations":[]},{"type":"refusal","refusal":"b"}]}"#,
                ItemKind::assistant("aéb"),
            ),
            (r#"{"type":"message","content":"bare"}"#, ItemKind::assistant("bare")),
            (r#"{"type":"message","content":null}"#, ItemKind::assistant(String::new())),
            (
                r#"{"type":"reasoning","summary":[{"type":"summary_text","text":"one"},{"text":"two"}],"content":null,"encrypted_content":"x"}"#,
                ItemKind::Reasoning { summary: "one\n\ntwo".into() },
            ),
            (
                r#"{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"raw"}]}"#,
                ItemKind::Reasoning { summary: "raw".into() },
            ),
            (
                r#"{"type":"function_call","id":"fc","call_id":"c","name":"read","arguments":"{\"a\":1}"}"#,
                call("c", "read", r#"{"a":1}"#),
            ),
            (
                r#"{ "type":"function_call", "call_id":"c","name":"read","arguments":{"a": 1.0} }"#,
                call("c", "read", r#"{"a": 1.0}"#),
            ),
            (
                r#"{"type":"custom_tool_call","call_id":"c","name":"apply_patch","input":"*** Begin"}"#,
                call("c", "apply_patch", "*** Begin"),
            ),
            (
                r#"{"type":"web_search_call","id":"w","n":1e2,"action":{"type":"search","query":"q"}}"#,
                ItemKind::WebSearch(WebSearch {
                    action: WebAction::Search { queries: vec!["q".into()] },
                    state: WebSearchState::Done,
                }),
            ),
            (
                r#"{"type":"message","content":[{"type":"output_text","text":"a","annotations":[{"type":"url_citation","url":"u","title":"t"}]}]}"#,
                ItemKind::Assistant {
                    text: "a".into(),
                    citations: vec![Citation { title: "t".into(), url: "u".into() }],
                },
            ),
            (r#"{"type":"compaction","encrypted_content":"e"}"#, ItemKind::Compaction),
            (r#"{"type":"compaction_summary","encrypted_content":"e"}"#, ItemKind::Compaction),
            (r#"{"type":"compaction"}"#, ItemKind::Unknown { kind: "compaction".into() }),
            (r#"{"type":"tomorrow"}"#, ItemKind::Unknown { kind: "tomorrow".into() }),
            (r#"{"odd":true}"#, ItemKind::Unknown { kind: String::new() }),
        ];
        for (raw, expected) in table {
            assert_eq!(read(raw), (expected, raw.to_owned()));
        }
    }

    #[test]
    fn a_call_without_a_call_id_gets_one_that_its_output_can_name() {
        let (kind, wire) = read(r#"{"type":"function_call","name":"read","arguments":"{}"}"#);
        assert_eq!(kind, call("ours", "read", "{}"));
        assert_eq!(
            wire,
            r#"{"type":"function_call","call_id":"ours","name":"read","arguments":"{}"}"#
        );
    }
}
