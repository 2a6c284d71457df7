//! The body of a request. What one answer brought becomes one message, its calls are answered right
//! behind it, and members always stand in the same order, so that equal beginnings stay equal.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{Chat, thinking};
use crate::model::dialect::{BodyTerms, Concession, Dialect};
use crate::model::messages::{
    Answer, Entry, NO_OUTPUT, NO_PICTURE, as_arguments, entries, hashed_id,
};
use crate::protocol::{CallId, ItemKind, ModelRequest, Picture, ProviderId, ToolCall, ToolChoice};

/// The name of an answer's schema, which no person sees.
const SCHEMA_NAME: &str = "codling_output_schema";
/// Accepted by Google for calls that another model made.
const UNSIGNED: &str = "skip_thought_signature_validator";

/// The JSON of `POST …/chat/completions`.
///
/// # Errors
///
/// The schema of a tool or of the answer is no JSON.
pub fn body(request: &ModelRequest, terms: BodyTerms<'_>) -> serde_json::Result<String> {
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
    let effort = request.effort.as_ref().map(|effort| effort.0.as_str());
    let is_silent = request.tool_choice == ToolChoice::None && !tools.is_empty();
    serde_json::to_string(&Body {
        model: request.model.id.as_str(),
        messages: messages(request, terms.model.pictures != Some(false)),
        tools,
        tool_choice: is_silent.then_some("none"),
        stream: true,
        stream_options: terms
            .allow(Concession::StreamOptions)
            .then_some(StreamOptions { include_usage: true }),
        thinking: thinking::members(request.model.provider.as_str(), effort),
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
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(flatten)]
    thinking: Map<String, Value>,
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

/// All messages, the instructions first.
fn messages(request: &ModelRequest, sees: bool) -> Vec<Value> {
    let provider = &request.model.provider;
    let mut messages = vec![json!({ "role": "system", "content": &*request.instructions })];
    for entry in entries(&request.items, &Chat.source(provider)) {
        match entry {
            Entry::User { text, images } => messages.push(user(text, images, sees)),
            Entry::Answer(answer) => write(answer, provider, sees, &mut messages),
        }
    }
    messages
}

/// Writes an answer and the outputs of its calls.
fn write(answer: Answer<'_>, provider: &ProviderId, sees: bool, messages: &mut Vec<Value>) {
    let mut message = Map::new();
    message.insert("role".into(), "assistant".into());
    let (mut text, mut calls, mut parts) = (String::new(), Vec::new(), Vec::new());
    for (item, own) in answer.items {
        match (&item.kind, own) {
            (ItemKind::Assistant { text: more, .. }, _) => {
                if !text.is_empty() {
                    text.push_str("\n\n");
                }
                text.push_str(more);
            }
            (ItemKind::Call(call), own) => {
                let extra = own.and_then(|mut own| own.get_mut("extra_content").map(Value::take));
                calls.push(written(provider, calls.len(), call, extra));
            }
            (ItemKind::Reasoning { .. }, Some(Value::Object(thought))) => {
                for (field, value) in thought {
                    if field == "part" {
                        parts.push(value);
                    } else {
                        message.insert(field, value);
                    }
                }
            }
            _ => {}
        }
    }
    let content = if parts.is_empty() {
        text.into()
    } else {
        if !text.is_empty() {
            parts.push(json!({ "type": "text", "text": text }));
        }
        Value::Array(parts)
    };
    message.insert("content".into(), content);
    // DeepSeek wants its thoughts on every message, were they none.
    if provider.as_str() == "deepseek" && !message.contains_key("reasoning_content") {
        message.insert("reasoning_content".into(), "".into());
    }
    if !calls.is_empty() {
        message.insert("tool_calls".into(), calls.into());
    }
    messages.push(Value::Object(message));
    let mut pictures: Vec<&Picture> = Vec::new();
    for (call, output) in answer.outputs {
        let mut text = Cow::from(output.map_or(NO_OUTPUT, |output| output.text.as_str()));
        let images = output.map_or(&[][..], |output| &output.images);
        if !sees && !images.is_empty() {
            text = format!("{text}\n{NO_PICTURE}").into();
        }
        messages.push(json!({
            "role": "tool",
            "tool_call_id": call_id(provider, &call.id),
            "content": text,
        }));
        pictures.extend(images.iter().filter(|_| sees));
    }
    // The outputs of tools hold text alone.
    if !pictures.is_empty() {
        let parts = pictures.into_iter().map(image);
        messages.push(json!({ "role": "user", "content": parts.collect::<Vec<_>>() }));
    }
}

fn written(provider: &ProviderId, at: usize, call: &ToolCall, extra: Option<Value>) -> Value {
    let mut written = json!({
        "id": call_id(provider, &call.id),
        "type": "function",
        "function": { "name": call.name, "arguments": as_arguments(&call.arguments) },
    });
    match extra {
        Some(extra) => written["extra_content"] = extra,
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
    hashed_id(id, 9).into()
}

/// A prompt: plain text where it can be, since some servers take no list.
fn user(text: &str, images: &[Picture], sees: bool) -> Value {
    if images.is_empty() {
        return json!({ "role": "user", "content": text });
    }
    if !sees {
        let text = [text, NO_PICTURE].join("\n");
        return json!({ "role": "user", "content": text.trim_start() });
    }
    let words = (!text.is_empty()).then(|| json!({ "type": "text", "text": text }));
    let content: Vec<Value> = words.into_iter().chain(images.iter().map(image)).collect();
    json!({ "role": "user", "content": content })
}

fn image(Picture { mime, data }: &Picture) -> Value {
    json!({ "type": "image_url", "image_url": { "url": format!("data:{mime};base64,{data}") } })
}
