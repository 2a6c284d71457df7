//! Conversation items as parts of a line, and reading them back.

use serde::{Deserialize, Serialize};

use crate::protocol::{
    CallId, CallOutput, DialectId, Item, ItemId, ItemKind, Picture, ToolCall, Wire, WireSource,
};

use super::tool_result::Parts;
use super::web;
use super::{LogLine, provider_word, read_provider, tool_result};

/// The name of a compaction for readers that do not know its kind.
const COMPACTION: &str = "compaction";
/// Texts of at least this many bytes are not stored twice.
const LONG: usize = 1024;

#[derive(Deserialize, Serialize)]
pub(super) struct PictureLine<T> {
    mime: T,
    data: T,
}

pub(super) fn item_kind(item: &Item) -> &'static str {
    match &item.kind {
        ItemKind::Assistant { .. } => "assistant",
        ItemKind::Call(_) => "call",
        ItemKind::Output { .. } => "output",
        ItemKind::Reasoning { .. } => "reasoning",
        // Older readers know neither web search nor compaction as kinds: they store both as unknown
        // items.
        ItemKind::Compaction | ItemKind::Unknown { .. } | ItemKind::WebSearch(_) => "other",
        ItemKind::User { .. } => "user",
    }
}

/// Fills the line with the item's fields.
pub(super) fn write_item<'a>(item: &'a Item, line: LogLine<&'a str>) -> LogLine<&'a str> {
    let source = item.wire.as_ref().map(|wire| &wire.source);
    let wire = item.wire.as_ref().map(|wire| &*wire.text);
    let around = wire.zip(main_text(&item.kind)).and_then(|(wire, text)| around(wire, text));
    let line = LogLine {
        id: Some(item.id.as_str()),
        wire: wire.filter(|_| around.is_none()),
        wire_around: around,
        provider: source.and_then(|source| provider_word(&source.provider)),
        dialect: source.and_then(|source| dialect_word(&source.dialect)),
        ..line
    };
    match &item.kind {
        ItemKind::Assistant { text, citations } => {
            LogLine { text: Some(text), citations: web::write_citations(citations), ..line }
        }
        ItemKind::User { text, images } => {
            LogLine { text: Some(text), images: pictures(images), ..line }
        }
        ItemKind::Reasoning { summary } => LogLine { text: Some(summary), ..line },
        ItemKind::Call(ToolCall { id, name, arguments }) => LogLine {
            call: Some(id.as_str()),
            name: Some(name),
            arguments: Some(arguments),
            ..line
        },
        ItemKind::Output { call, output: CallOutput { title, text, images, result, ok } } => {
            let Parts { diffs, todos, result } = tool_result::write(result);
            let line = LogLine {
                call: Some(call.as_str()),
                title: Some(title),
                ok: Some(*ok),
                text: Some(text),
                ..line
            };
            LogLine { images: pictures(images), diffs, todos, result, ..line }
        }
        ItemKind::Compaction => LogLine { name: Some(COMPACTION), ..line },
        ItemKind::Unknown { kind } => LogLine { name: Some(kind), ..line },
        ItemKind::WebSearch(search) => {
            LogLine { name: Some(web::NAME), web: Some(web::write(search)), ..line }
        }
    }
}

pub(super) fn read_item(line: LogLine<String>) -> Option<Item> {
    let images = line.images.unwrap_or_default().into_iter().map(picture).collect::<Option<_>>()?;
    let holds_another = matches!(line.kind.as_str(), "compacted" | "remark" | "sealed");
    let kind =
        if holds_another { line.item.as_deref().unwrap_or("user") } else { line.kind.as_str() };
    let kind = match kind {
        "user" => ItemKind::User { text: line.text?, images },
        "assistant" => ItemKind::Assistant {
            text: line.text?,
            citations: web::read_citations(line.citations.unwrap_or_default()),
        },
        "reasoning" => ItemKind::Reasoning { summary: line.text? },
        "call" => ItemKind::Call(ToolCall {
            id: CallId::new(line.call?),
            name: line.name?,
            arguments: line.arguments?,
        }),
        "output" => {
            let result = tool_result::read(Parts {
                diffs: line.diffs,
                todos: line.todos,
                result: line.result,
            });
            let output =
                CallOutput { title: line.title?, text: line.text?, images, result, ok: line.ok? };
            ItemKind::Output { call: CallId::new(line.call?), output }
        }
        _ => match line.web.and_then(web::read) {
            Some(search) => ItemKind::WebSearch(search),
            None => match line.name? {
                name if name == COMPACTION => ItemKind::Compaction,
                kind => ItemKind::Unknown { kind },
            },
        },
    };
    let wire = match line.wire_around {
        Some([before, behind]) => Some(format!("{before}{}{behind}", escaped(main_text(&kind)?))),
        None => line.wire,
    };
    let source = WireSource {
        provider: read_provider(line.provider),
        dialect: line.dialect.map_or_else(DialectId::responses, DialectId::new),
    };
    let wire = wire.map(|text| Wire { text: text.into(), source });
    Some(Item { id: item_id(&line.id?), kind, wire })
}

/// Begins the names of notes about the place, and of those about permissions, in older logs: there
/// the name of a note says its subject.
const PLACE: &str = "place_";
const PERMISSIONS: &str = "permissions_";

/// The name of an item, without the subject that older logs put before it.
pub(super) fn item_id(text: &str) -> ItemId {
    let without = |prefix| text.strip_prefix(prefix);
    ItemId::new(without(PLACE).or_else(|| without(PERMISSIONS)).unwrap_or(text))
}

/// Whether the name of a note says that it is about the place.
pub(super) fn is_about_place(id: Option<&str>) -> bool {
    id.is_some_and(|id| id.starts_with(PLACE))
}

fn dialect_word(dialect: &DialectId) -> Option<&str> {
    (*dialect != DialectId::responses()).then_some(dialect.as_str())
}

/// The text of an item that its `wire` also contains.
fn main_text(kind: &ItemKind) -> Option<&str> {
    match kind {
        ItemKind::Assistant { text, .. } => Some(text),
        ItemKind::Call(call) => Some(&call.arguments),
        ItemKind::Compaction
        | ItemKind::Output { .. }
        | ItemKind::Reasoning { .. }
        | ItemKind::Unknown { .. }
        | ItemKind::User { .. }
        | ItemKind::WebSearch(_) => None,
    }
}

/// Splits `wire` around `text`, so that a call with a whole file stores it once. `None` unless the
/// server escapes JSON as we do: it must come back unchanged.
fn around<'a>(wire: &'a str, text: &str) -> Option<[&'a str; 2]> {
    let text = Some(text).filter(|text| text.len() >= LONG).map(escaped)?;
    let at = wire.find(&text)?;
    Some([&wire[..at], &wire[at + text.len()..]])
}

/// The text as JSON, without quotes.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn pictures(pictures: &[Picture]) -> Option<Vec<PictureLine<&str>>> {
    (!pictures.is_empty()).then(|| {
        pictures
            .iter()
            .map(|picture| PictureLine { mime: picture.mime, data: &*picture.data })
            .collect()
    })
}

fn picture(image: PictureLine<String>) -> Option<Picture> {
    Picture::of_type(&image.mime, image.data)
}
