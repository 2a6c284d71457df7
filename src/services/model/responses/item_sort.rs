//! The sort of a server's item, and items written in the server's form where it never sent one.

use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::base::tool_name;
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
    /// A call of `find_tools`, whose argument is JSON itself. Its output holds the tools.
    ToolSearch,
    Unknown,
    WebSearch,
}

impl ItemSort {
    pub fn is_call(self) -> bool {
        matches!(self, Self::Call | Self::CustomCall | Self::ToolSearch)
    }

    pub fn of(item: &WireItem<'_>) -> Self {
        match item.kind.as_str() {
            "message" => Self::Assistant,
            "function_call" => Self::Call,
            "compaction" | "compaction_summary" => Self::Compaction,
            "custom_tool_call" => Self::CustomCall,
            "reasoning" => Self::Reasoning,
            // A server that searches by itself wants no answer.
            "tool_search_call" if plain(item.execution) != "server" => Self::ToolSearch,
            "web_search_call" => Self::WebSearch,
            _ => Self::Unknown,
        }
    }
}

/// The opening to report when an item begins.
pub fn opening(item: &WireItem<'_>) -> ItemOpening {
    match ItemSort::of(item) {
        ItemSort::Assistant => ItemOpening::Assistant,
        ItemSort::Call | ItemSort::CustomCall | ItemSort::ToolSearch => {
            ItemOpening::Call { name: tool(item) }
        }
        ItemSort::Reasoning => ItemOpening::Reasoning,
        ItemSort::Compaction | ItemSort::Unknown => ItemOpening::Unknown,
        ItemSort::WebSearch => ItemOpening::WebSearch,
    }
}

/// The tool that a call means; empty where it says none.
pub fn tool(item: &WireItem<'_>) -> String {
    match (ItemSort::of(item), &item.namespace) {
        (ItemSort::ToolSearch, _) => tool_name::FIND.to_owned(),
        (_, Some(namespace)) => tool_name::joined(namespace.as_str(), &text(item.name.as_ref())),
        (_, None) => text(item.name.as_ref()),
    }
}

/// The kind of a whole item. `id` names a call whose server forgot to.
pub fn kind(item: &WireItem<'_>, id: &str) -> ItemKind {
    let call = |arguments| {
        let id = item.call_id.as_ref().map_or(id, OwnedText::as_str);
        ItemKind::Call(ToolCall {
            id: CallId::new(id),
            name: tool(item),
            arguments: plain(arguments),
        })
    };
    match ItemSort::of(item) {
        ItemSort::Assistant => ItemKind::Assistant {
            text: parts(item.content).concat(),
            citations: web_items::citations(item.content),
        },
        ItemSort::Call | ItemSort::ToolSearch => call(item.arguments),
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
    match (ItemSort::of(item), &item.call_id, kind) {
        (sort, None, ItemKind::Call(call)) => call_wire(sort, call),
        _ => Arc::from(raw.get()),
    }
}

/// A call in the server's words.
pub fn call_wire(sort: ItemSort, call: &ToolCall) -> Arc<str> {
    let wire = match sort {
        ItemSort::CustomCall => {
            json!({"type": "custom_tool_call", "call_id": call.id.as_str(), "name": call.name, "input": call.arguments})
        }
        ItemSort::ToolSearch => {
            let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
            json!({"type": "tool_search_call", "call_id": call.id.as_str(), "status": "completed", "execution": "client", "arguments": arguments})
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
                r#"{"type":"function_call","name":"echo","namespace":"mcp__every_thing","arguments":"{}","call_id":"c"}"#,
                call("c", "mcp__every_thing__echo", "{}"),
            ),
            (
                r#"{"type":"function_call","name":"read","namespace":null,"arguments":"{}","call_id":"c"}"#,
                call("c", "read", "{}"),
            ),
            (
                r#"{"id":"tsc_1","type":"tool_search_call","status":"completed","arguments":{"query":"echo","limit":8},"call_id":"c","execution":"client"}"#,
                call("c", "find_tools", r#"{"query":"echo","limit":8}"#),
            ),
            (
                r#"{"type":"tool_search_call","arguments":{"paths":["a"]},"call_id":null,"execution":"server"}"#,
                ItemKind::Unknown { kind: "tool_search_call".into() },
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
        let (kind, wire) = read(r#"{"type":"tool_search_call","arguments":{"query":"a"}}"#);
        assert_eq!(kind, call("ours", "find_tools", r#"{"query":"a"}"#));
        assert_eq!(
            wire,
            r#"{"type":"tool_search_call","call_id":"ours","status":"completed","execution":"client","arguments":{"query":"a"}}"#
        );
    }
}
