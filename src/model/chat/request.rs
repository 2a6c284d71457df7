//! The body of a request. What one answer brought becomes one message, its calls are answered right
//! behind it, and members always stand in the same order, so that equal beginnings stay equal.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::protocol::{
    CallId, CallOutput, Item, ItemKind, ModelRequest, Picture, ProviderId, ToolCall, ToolChoice,
    WireSource,
};

/// The name of an answer's schema, which no person sees.
const SCHEMA_NAME: &str = "codling_output_schema";
/// For a call whose output is not in the conversation: servers refuse a call without one.
const NO_OUTPUT: &str = "The output of this call was not kept.";
/// Accepted by Google for calls that another model made.
const UNSIGNED: &str = "skip_thought_signature_validator";

/// The JSON of `POST …/chat/completions`.
///
/// # Errors
///
/// The schema of a tool or of the answer is no JSON.
pub fn body(request: &ModelRequest) -> serde_json::Result<String> {
    let provider = &request.model.provider;
    let tools = request
        .tools
        .iter()
        .map(|tool| {
            Ok(Tool {
                kind: "function",
                function: Function {
                    name: &tool.name,
                    description: &tool.description,
                    parameters: serde_json::from_str(&tool.parameters)?,
                },
            })
        })
        .collect::<serde_json::Result<Vec<_>>>()?;
    let schema = request.schema.as_deref().map(serde_json::from_str::<&RawValue>).transpose()?;
    let is_silent = request.tool_choice == ToolChoice::None && !tools.is_empty();
    serde_json::to_string(&Body {
        model: request.model.id.as_str(),
        messages: messages(&request.instructions, &request.items, &super::source(provider)),
        tools,
        tool_choice: is_silent.then_some("none"),
        stream: true,
        stream_options: StreamOptions { include_usage: true },
        reasoning_effort: request.effort.as_ref().map(|effort| effort.0.as_str()),
        response_format: schema.map(|schema| ResponseFormat {
            kind: "json_schema",
            json_schema: Schema { name: SCHEMA_NAME, schema, strict: true },
        }),
    })
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'a str>,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Tool<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a RawValue,
}

#[derive(Serialize)]
struct ResponseFormat<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    json_schema: Schema<'a>,
}

#[derive(Serialize)]
struct Schema<'a> {
    name: &'a str,
    schema: &'a RawValue,
    strict: bool,
}

/// The items of one answer, with the outputs of its calls.
#[derive(Default)]
struct Answer<'a> {
    thoughts: Vec<Value>,
    text: String,
    calls: Vec<(&'a ToolCall, Option<Value>)>,
    outputs: Vec<Option<&'a CallOutput>>,
}

enum Entry<'a> {
    /// The answer at this position.
    Answer(usize),
    User {
        text: &'a str,
        images: &'a [Picture],
    },
}

/// A conversation as messages are made of it.
#[derive(Default)]
struct Entries<'a> {
    list: Vec<Entry<'a>>,
    answers: Vec<Answer<'a>>,
    /// More of the model's items belong to the last answer. Outputs and prompts end it.
    is_open: bool,
}

impl<'a> Entries<'a> {
    /// The answer that the next item of the model's belongs to.
    fn open(&mut self) -> &mut Answer<'a> {
        if !self.is_open {
            self.list.push(Entry::Answer(self.answers.len()));
            self.answers.push(Answer::default());
            self.is_open = true;
        }
        let at = self.answers.len() - 1;
        &mut self.answers[at]
    }

    /// Puts an output beside the last call of this id that has none yet.
    fn answer_call(&mut self, id: &CallId, output: &'a CallOutput) {
        self.is_open = false;
        let mut places =
            self.answers.iter_mut().rev().flat_map(|answer| {
                answer.calls.iter().map(|(call, _)| call).zip(&mut answer.outputs)
            });
        let place = places.find(|(call, output)| call.id == *id && output.is_none());
        if let Some((_, place)) = place {
            *place = Some(output);
        }
    }
}

/// All messages, the instructions first.
fn messages(instructions: &str, items: &[Arc<Item>], source: &WireSource) -> Vec<Value> {
    let mut entries = Entries::default();
    for item in items {
        let own = item.wire.as_ref().filter(|wire| wire.source == *source);
        let own = own.and_then(|wire| serde_json::from_str::<Value>(&wire.text).ok());
        match &item.kind {
            ItemKind::User { text, images } => {
                entries.list.push(Entry::User { text, images });
                entries.is_open = false;
            }
            ItemKind::Output { call, output } => entries.answer_call(call, output),
            // Thoughts go back to the provider that wrote them alone.
            ItemKind::Reasoning { .. } if own.is_none() => {}
            ItemKind::Reasoning { .. } => entries.open().thoughts.extend(own),
            ItemKind::Assistant { text, .. } if text.is_empty() => {}
            ItemKind::Assistant { text, .. } => {
                let answer = entries.open();
                if !answer.text.is_empty() {
                    answer.text.push_str("\n\n");
                }
                answer.text.push_str(text);
            }
            ItemKind::Call(call) => {
                let answer = entries.open();
                let extra = own.and_then(|mut own| own.get_mut("extra_content").map(Value::take));
                answer.calls.push((call, extra));
                answer.outputs.push(None);
            }
            ItemKind::Compaction | ItemKind::Unknown { .. } | ItemKind::WebSearch(_) => {}
        }
    }
    let mut messages = vec![json!({ "role": "system", "content": instructions })];
    for entry in &entries.list {
        match entry {
            Entry::User { text, images } => messages.push(user(text, images)),
            Entry::Answer(at) => entries.answers[*at].write(&source.provider, &mut messages),
        }
    }
    messages
}

impl Answer<'_> {
    fn write(&self, provider: &ProviderId, messages: &mut Vec<Value>) {
        let mut message = Map::new();
        message.insert("role".into(), "assistant".into());
        let mut parts: Vec<Value> = Vec::new();
        for thought in &self.thoughts {
            let Value::Object(thought) = thought else { continue };
            for (field, value) in thought {
                if field == "part" {
                    parts.push(value.clone());
                } else {
                    message.insert(field.clone(), value.clone());
                }
            }
        }
        let content = if parts.is_empty() {
            self.text.as_str().into()
        } else {
            if !self.text.is_empty() {
                parts.push(json!({ "type": "text", "text": self.text }));
            }
            Value::Array(parts)
        };
        message.insert("content".into(), content);
        // DeepSeek wants its thoughts on every message, were they none.
        if provider.as_str() == "deepseek" && !message.contains_key("reasoning_content") {
            message.insert("reasoning_content".into(), "".into());
        }
        if !self.calls.is_empty() {
            let calls = self.calls.iter().enumerate();
            let calls =
                calls.map(|(at, (call, extra))| written(provider, at, call, extra.as_ref()));
            message.insert("tool_calls".into(), calls.collect());
        }
        messages.push(Value::Object(message));
        let mut pictures: Vec<&Picture> = Vec::new();
        for ((call, _), output) in self.calls.iter().zip(&self.outputs) {
            let text = output.map_or(NO_OUTPUT, |output| output.text.as_str());
            messages.push(json!({
                "role": "tool",
                "tool_call_id": call_id(provider, &call.id),
                "content": text,
            }));
            pictures.extend(output.iter().flat_map(|output| &output.images));
        }
        // The outputs of tools hold text alone.
        if !pictures.is_empty() {
            let parts = pictures.into_iter().map(image);
            messages.push(json!({ "role": "user", "content": parts.collect::<Vec<_>>() }));
        }
    }
}

fn written(provider: &ProviderId, at: usize, call: &ToolCall, extra: Option<&Value>) -> Value {
    let mut written = json!({
        "id": call_id(provider, &call.id),
        "type": "function",
        "function": { "name": call.name, "arguments": as_arguments(&call.arguments) },
    });
    match extra {
        Some(extra) => written["extra_content"] = extra.clone(),
        None if provider.as_str() == "google" && at == 0 => {
            written["extra_content"] = json!({ "google": { "thought_signature": UNSIGNED } });
        }
        None => {}
    }
    written
}

/// The id of a call as this provider takes it: Mistral wants nine letters and digits.
fn call_id<'a>(provider: &ProviderId, id: &'a CallId) -> Cow<'a, str> {
    let own = id.as_str();
    let is_fine = own.len() == 9 && own.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if provider.as_str() != "mistral" || is_fine {
        return own.into();
    }
    // A hash: ids cut to their beginning would often be the same.
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(own.as_bytes());
    digest.iter().take(9).map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// The text of arguments that are JSON; a text that is none is the one argument of its tool.
fn as_arguments(text: &str) -> Cow<'_, str> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(json) if json.get().starts_with('{') => text.into(),
        _ => json!({ "input": text }).to_string().into(),
    }
}

/// A prompt: plain text where it can be, since some servers take no list.
fn user(text: &str, images: &[Picture]) -> Value {
    if images.is_empty() {
        return json!({ "role": "user", "content": text });
    }
    let words = (!text.is_empty()).then(|| json!({ "type": "text", "text": text }));
    let content: Vec<Value> = words.into_iter().chain(images.iter().map(image)).collect();
    json!({ "role": "user", "content": content })
}

fn image(Picture { mime, data }: &Picture) -> Value {
    json!({ "type": "image_url", "image_url": { "url": format!("data:{mime};base64,{data}") } })
}
