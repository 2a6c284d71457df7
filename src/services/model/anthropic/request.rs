//! The body of a request. Members always stand in the same order, so that equal beginnings stay
//! equal; marks for the prompt cache stand at the end of the instructions and of the last two
//! messages of the person's side.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hasher};

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Anthropic, claude};
use crate::model::dialect::{BodyTerms, Concession, Dialect};
use crate::model::messages::{
    Answer, Entry, NO_OUTPUT, NO_PICTURE, as_arguments, entries, hashed_id,
};
use crate::protocol::{CallId, CallOutput, ItemKind, ModelRequest, Picture, ToolChoice};

/// Said where a request would end with an answer, which the server takes for its beginning.
const GO_ON: &str = "Go on.";
/// The person's side begins every conversation.
const BEGINNING: &str = "The beginning of this conversation was left out.";
/// Messages of the person's side whose end is marked for the prompt cache.
const MARKED: usize = 2;

/// The JSON of `POST …/messages`, and a mark of all that it holds: thoughts of its answer are bound
/// to it.
///
/// # Errors
///
/// The schema of a tool or of the answer is no JSON.
pub fn body(request: &ModelRequest, terms: BodyTerms<'_>) -> serde_json::Result<(String, String)> {
    let id = request.model.id.as_str();
    let max_tokens = claude::max_tokens(terms.model.output);
    let effort = request.effort.as_ref().map(|effort| effort.0.as_str());
    let (thinking, effort) = claude::thinking(id, effort, max_tokens);
    let tools = request
        .tools
        .iter()
        .map(|tool| {
            Ok(Tool {
                name: &tool.name,
                description: &tool.description,
                input_schema: serde_json::from_str(&tool.parameters)?,
            })
        })
        .collect::<serde_json::Result<Vec<_>>>()?;
    let schema = request.schema.as_deref().map(serde_json::from_str::<&RawValue>).transpose()?;
    let format = schema.map(|schema| Format { kind: "json_schema", schema });
    let mut writer = Writer {
        request,
        sees: terms.model.pictures != Some(false),
        takes_thoughts: terms.allow(Concession::Thoughts),
        messages: Vec::new(),
        binding: DefaultHasher::new(),
    };
    writer.bind(&request.instructions);
    for tool in &tools {
        for text in [tool.name, tool.description, tool.input_schema.get()] {
            writer.bind(text);
        }
    }
    writer.write();
    let is_silent = request.tool_choice == ToolChoice::None && !tools.is_empty();
    let body = Body {
        model: id,
        max_tokens,
        system: [json!({
            "type": "text",
            "text": if request.instructions.trim().is_empty() { "." } else { &request.instructions },
            "cache_control": { "type": "ephemeral" },
        })],
        tools,
        tool_choice: is_silent.then(|| json!({ "type": "none" })),
        messages: &writer.messages,
        thinking,
        output_config: (effort.is_some() || format.is_some())
            .then_some(OutputConfig { effort, format }),
        stream: true,
    };
    Ok((serde_json::to_string(&body)?, mark(&writer.binding)))
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u64,
    system: [Value; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    messages: &'a [Message],
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig<'a>>,
    stream: bool,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a RawValue,
}

#[derive(Serialize)]
struct OutputConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format<'a>>,
}

#[derive(Serialize)]
struct Format<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    schema: &'a RawValue,
}

#[derive(Serialize)]
struct Message {
    role: &'static str,
    content: Vec<Value>,
}

/// Writes the messages of a conversation, and keeps a mark of all that was written.
struct Writer<'a> {
    request: &'a ModelRequest,
    sees: bool,
    takes_thoughts: bool,
    messages: Vec<Message>,
    binding: DefaultHasher,
}

impl Writer<'_> {
    fn write(&mut self) {
        let source = Anthropic.source(&self.request.model.provider);
        let request = self.request;
        for entry in entries(&request.items, &source) {
            match entry {
                Entry::User { text, images } => self.user(text, images),
                Entry::Answer(answer) => self.answer(answer),
            }
        }
        let is_whole = match self.messages.last() {
            // An answer in the middle of which the server searches goes on as it is.
            Some(last) => last.role == "user" || last.content.last().is_some_and(is_of_server),
            None => false,
        };
        if !is_whole {
            self.user(GO_ON, &[]);
        }
        let users = self.messages.iter_mut().rev().filter(|message| message.role == "user");
        for message in users.take(MARKED) {
            if let Some(last) = message.content.last_mut() {
                last["cache_control"] = json!({ "type": "ephemeral" });
            }
        }
    }

    fn bind(&mut self, text: &str) {
        self.binding.write(text.as_bytes());
        self.binding.write_u8(0xff);
    }

    /// The blocks of the last message, if it is this side's, else of a new one.
    fn blocks(&mut self, role: &'static str) -> &mut Vec<Value> {
        if self.messages.last().is_none_or(|last| last.role != role) {
            self.messages.push(Message { role, content: Vec::new() });
        }
        let at = self.messages.len() - 1;
        &mut self.messages[at].content
    }

    fn push(&mut self, role: &'static str, block: Value) {
        self.bind(role);
        self.bind(&block.to_string());
        self.blocks(role).push(block);
    }

    fn user(&mut self, text: &str, images: &[Picture]) {
        for image in images {
            let block = self.picture(image);
            self.push("user", block);
        }
        if !text.trim().is_empty() {
            self.push("user", json!({ "type": "text", "text": text }));
        }
    }

    fn picture(&self, Picture { mime, data }: &Picture) -> Value {
        if !self.sees {
            return json!({ "type": "text", "text": NO_PICTURE });
        }
        let source = json!({ "type": "base64", "media_type": mime, "data": &**data });
        json!({ "type": "image", "source": source })
    }

    fn answer(&mut self, answer: Answer<'_>) {
        let before = mark(&self.binding);
        let mut blocks = Vec::new();
        let mut calls = Vec::new();
        for (item, own) in answer.items {
            match (&item.kind, own) {
                (ItemKind::Assistant { text, .. }, _) => {
                    blocks.push(json!({ "type": "text", "text": text.trim_end() }));
                }
                (ItemKind::Call(call), _) => {
                    let arguments = as_arguments(&call.arguments);
                    let input: Value = serde_json::from_str(&arguments).unwrap_or_default();
                    calls.push(json!({
                        "type": "tool_use",
                        "id": call_id(&call.id),
                        "name": call.name,
                        "input": input,
                    }));
                }
                (ItemKind::Reasoning { .. }, Some(mut own)) => {
                    let is_good = self.takes_thoughts
                        && own["model"] == self.request.model.id.as_str()
                        && own["binding"] == before;
                    blocks.extend(is_good.then(|| own["block"].take()));
                }
                (_, Some(mut own)) => blocks.push(own["block"].take()),
                (_, None) => {}
            }
        }
        if blocks.is_empty() && calls.is_empty() {
            return;
        }
        if self.messages.is_empty() {
            self.user(BEGINNING, &[]);
        }
        blocks.into_iter().chain(calls).for_each(|block| self.push("assistant", block));
        for (call, output) in answer.outputs {
            let block = self.output(&call.id, output);
            self.push("user", block);
        }
    }

    fn output(&self, id: &CallId, output: Option<&CallOutput>) -> Value {
        let mut block = json!({ "type": "tool_result", "tool_use_id": call_id(id) });
        let text = output.map_or(NO_OUTPUT, |output| output.text.as_str());
        let images = output.map_or(&[][..], |output| &output.images);
        let words = (!text.trim().is_empty()).then(|| json!({ "type": "text", "text": text }));
        if images.is_empty() {
            if words.is_some() {
                block["content"] = text.into();
            }
        } else {
            let pictures = images.iter().map(|image| self.picture(image));
            block["content"] = words.into_iter().chain(pictures).collect();
        }
        if output.is_some_and(|output| !output.ok) {
            block["is_error"] = true.into();
        }
        block
    }
}

fn mark(binding: &DefaultHasher) -> String {
    format!("{:016x}", binding.finish())
}

/// Whether a block is one of a tool that the server runs itself.
fn is_of_server(block: &Value) -> bool {
    let kind = block["type"].as_str().unwrap_or_default();
    !matches!(kind, "text" | "thinking" | "redacted_thinking" | "tool_use")
}

/// The id of a call as the server takes it: letters, digits, `_` and `-`.
fn call_id(id: &CallId) -> Cow<'_, str> {
    let own = id.as_str();
    let is_fine = (1..=64).contains(&own.len())
        && own.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_fine { own.into() } else { hashed_id(id, 24).into() }
}
