//! The JSON of a response's events and items, borrowed from the text it stands in. Knows shapes,
//! and not what they mean.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Text that is copied only where escapes force it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct OwnedText<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// The fields of every event and every item.
#[derive(Debug, Default, Deserialize)]
pub struct EventHead<'a> {
    #[serde(borrow, default, rename = "type")]
    pub kind: OwnedText<'a>,
}

/// `response.*.delta` and `response.*.done`; what any event looks like at the first look.
#[derive(Debug, Default, Deserialize)]
pub struct EventPiece<'a> {
    #[serde(borrow, default, rename = "type")]
    pub kind: OwnedText<'a>,
    #[serde(borrow, default)]
    pub item_id: Option<OwnedText<'a>>,
    #[serde(default)]
    pub output_index: Option<u64>,
    #[serde(default)]
    pub summary_index: Option<u64>,
    /// The one that holds what the event brings, by its type.
    #[serde(
        borrow,
        alias = "text",
        alias = "arguments",
        alias = "input",
        alias = "refusal",
        default
    )]
    pub delta: Option<OwnedText<'a>>,
}

/// `response.output_item.added` and `.done`.
#[derive(Debug, Deserialize)]
pub struct ItemEvent<'a> {
    #[serde(default)]
    pub output_index: Option<u64>,
    #[serde(borrow)]
    pub item: &'a RawValue,
}

/// `response.completed`, `.failed`, `.incomplete`.
#[derive(Debug, Deserialize)]
pub struct ResponseEvent<'a> {
    #[serde(borrow, default)]
    pub response: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Response<'a> {
    #[serde(borrow, default)]
    pub usage: Option<&'a RawValue>,
    #[serde(default)]
    pub end_turn: Option<bool>,
    #[serde(borrow, default)]
    pub output: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub incomplete_details: Option<Incomplete<'a>>,
    #[serde(borrow, default)]
    pub status: Option<&'a RawValue>,
}

impl Response<'_> {
    /// Whether it was cut off, whatever its event says.
    pub fn is_incomplete(&self) -> bool {
        self.status.is_some_and(|status| status.get() == "\"incomplete\"")
    }

    /// The reason of the end, as the server names it; empty where it names none.
    pub fn cut_off_by(self) -> String {
        let reason = self.incomplete_details.and_then(|details| details.reason);
        reason.map(|reason| reason.0.into_owned()).unwrap_or_default()
    }
}

#[derive(Debug, Default, Deserialize)]
pub struct Incomplete<'a> {
    #[serde(borrow, default)]
    pub reason: Option<OwnedText<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub struct WireUsage {
    #[serde(default, deserialize_with = "or_default")]
    pub input_tokens: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub input_tokens_details: InputDetails,
    #[serde(default, deserialize_with = "or_default")]
    pub output_tokens: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub output_tokens_details: OutputDetails,
}

#[derive(Debug, Default, Deserialize)]
pub struct InputDetails {
    #[serde(default, deserialize_with = "or_default")]
    pub cached_tokens: u64,
}

#[derive(Debug, Default, Deserialize)]
pub struct OutputDetails {
    #[serde(default, deserialize_with = "or_default")]
    pub reasoning_tokens: u64,
}

/// An item of any type, as far as we look into it.
#[derive(Debug, Default, Deserialize)]
pub struct WireItem<'a> {
    #[serde(borrow, default, rename = "type")]
    pub kind: OwnedText<'a>,
    #[serde(borrow, default)]
    pub id: Option<OwnedText<'a>>,
    #[serde(borrow, default)]
    pub call_id: Option<OwnedText<'a>>,
    #[serde(borrow, default)]
    pub name: Option<OwnedText<'a>>,
    /// The namespace of the function that is called.
    #[serde(borrow, default)]
    pub namespace: Option<OwnedText<'a>>,
    /// Who searches for tools: `client` or `server`.
    #[serde(borrow, default)]
    pub execution: Option<&'a RawValue>,
    /// A string of JSON, as the API says; JSON itself from servers that imitate it.
    #[serde(borrow, default)]
    pub arguments: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub input: Option<&'a RawValue>,
    /// Parts, or a bare string.
    #[serde(borrow, default)]
    pub content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub summary: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub encrypted_content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub status: Option<&'a RawValue>,
    /// The action of a `web_search_call`: a [`WireWebAction`].
    #[serde(borrow, default)]
    pub action: Option<&'a RawValue>,
}

/// The action of a `web_search_call`.
#[derive(Debug, Default, Deserialize)]
pub struct WireWebAction<'a> {
    /// `search`, `open_page` or `find_in_page`.
    #[serde(borrow, default, rename = "type")]
    pub kind: OwnedText<'a>,
    #[serde(borrow, default)]
    pub query: Option<OwnedText<'a>>,
    #[serde(borrow, default)]
    pub queries: Option<Vec<OwnedText<'a>>>,
    #[serde(borrow, default)]
    pub url: Option<OwnedText<'a>>,
    #[serde(borrow, default)]
    pub pattern: Option<OwnedText<'a>>,
}

/// One of the `annotations` of a part.
#[derive(Debug, Default, Deserialize)]
pub struct WireAnnotation<'a> {
    /// `url_citation`, and others that are passed over.
    #[serde(borrow, default, rename = "type")]
    pub kind: OwnedText<'a>,
    #[serde(borrow, default)]
    pub url: Option<OwnedText<'a>>,
    #[serde(borrow, default)]
    pub title: Option<OwnedText<'a>>,
}

/// One of an item's `content` or `summary`.
#[derive(Debug, Default, Deserialize)]
pub struct ContentPart<'a> {
    #[serde(borrow, default)]
    pub text: Option<OwnedText<'a>>,
    #[serde(borrow, default)]
    pub refusal: Option<OwnedText<'a>>,
    #[serde(borrow, default)]
    pub annotations: Option<&'a RawValue>,
}

/// `response.metadata` and `codex.response.metadata`: response headers, sent in band.
#[derive(Debug, Deserialize)]
pub struct Metadata<'a> {
    #[serde(borrow, default)]
    pub headers: Option<&'a RawValue>,
}

impl WireItem<'_> {
    /// Whether the server stopped in the middle of it.
    pub fn is_incomplete(&self) -> bool {
        self.status.is_some_and(|status| status.get() == "\"incomplete\"")
    }
}

impl OwnedText<'_> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `null` is as good as nothing at all.
///
/// # Errors
///
/// Fails if there is a value that is no `T`.
pub fn or_default<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(
    source: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(source)?.unwrap_or_default())
}

/// A JSON string's text, or the JSON as it stands where it is something else; empty for nothing.
pub fn plain(raw: Option<&RawValue>) -> String {
    raw.map_or_else(String::new, |raw| {
        serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
    })
}
