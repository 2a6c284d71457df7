//! A conversation as the dialects with messages write it: what one answer brought stands together,
//! and the outputs of its calls right behind it.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::protocol::{CallId, CallOutput, Item, ItemKind, Picture, ToolCall, WireSource};

/// For a call whose output is not in the conversation: servers refuse a call without one.
pub const NO_OUTPUT: &str = "The output of this call was not kept.";
/// In the place of a picture, for a model that sees none.
pub const NO_PICTURE: &str = "[picture left out]";

/// One answer of the model, or words of the person.
pub enum Entry<'a> {
    Answer(Answer<'a>),
    User { text: &'a str, images: &'a [Picture] },
}

/// The items of one answer, with the outputs of its calls.
#[derive(Default)]
pub struct Answer<'a> {
    /// Each with the form in which its server wrote it, where this is the server.
    pub items: Vec<(&'a Item, Option<Value>)>,
    /// In the order of the calls.
    pub outputs: Vec<(&'a ToolCall, Option<&'a CallOutput>)>,
}

/// The entries of a conversation that is sent to whoever writes wires of this source. Reasoning and
/// items of unknown kinds go back to their server alone.
pub fn entries<'a>(items: &'a [Arc<Item>], source: &WireSource) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    // More of the model's items belong to the last answer. Outputs and prompts end it.
    let mut is_open = false;
    for item in items {
        let own = item.wire.as_ref().filter(|wire| wire.source == *source);
        let own = own.and_then(|wire| serde_json::from_str::<Value>(&wire.text).ok());
        match &item.kind {
            ItemKind::User { text, images } => {
                is_open = false;
                entries.push(Entry::User { text, images });
            }
            ItemKind::Output { call, output } => {
                is_open = false;
                answer_call(&mut entries, call, output);
            }
            ItemKind::Reasoning { .. } | ItemKind::Unknown { .. } if own.is_none() => {}
            ItemKind::Assistant { text, .. } if text.trim().is_empty() => {}
            ItemKind::Compaction | ItemKind::WebSearch(_) => {}
            ItemKind::Assistant { .. }
            | ItemKind::Call(_)
            | ItemKind::Reasoning { .. }
            | ItemKind::Unknown { .. } => {
                if !is_open {
                    entries.push(Entry::Answer(Answer::default()));
                    is_open = true;
                }
                let Some(Entry::Answer(answer)) = entries.last_mut() else { continue };
                answer.items.push((item, own));
                if let ItemKind::Call(call) = &item.kind {
                    answer.outputs.push((call, None));
                }
            }
        }
    }
    entries
}

/// Puts an output beside the last call of this id that has none yet.
fn answer_call<'a>(entries: &mut [Entry<'a>], id: &CallId, output: &'a CallOutput) {
    let answers = entries.iter_mut().rev().filter_map(|entry| match entry {
        Entry::Answer(answer) => Some(answer),
        Entry::User { .. } => None,
    });
    let place = answers
        .flat_map(|answer| &mut answer.outputs)
        .find(|(call, output)| call.id == *id && output.is_none());
    if let Some((_, place)) = place {
        *place = Some(output);
    }
}

/// The text of arguments that are an object; a text that is none is the one argument of its tool.
pub fn as_arguments(text: &str) -> Cow<'_, str> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(json) if json.get().starts_with('{') => text.into(),
        _ => json!({ "input": text }).to_string().into(),
    }
}

/// Letters and digits in the place of a call's id that a server would not take, alike for the call
/// and its output.
pub fn hashed_id(id: &CallId, length: usize) -> String {
    // A hash: ids cut to their beginning would often be the same.
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(id.as_str().as_bytes());
    digest.iter().take(length).map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}
