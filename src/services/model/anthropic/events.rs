//! The events of an answer into deltas, items and an end.
//!
//! A block is an item, told when it is closed. Whether the model wants its calls run is judged by
//! the calls, never by `stop_reason`.

use reqwest::StatusCode;
use serde_json::{Map, Value, json};

use crate::base::Timestamp;
use crate::model::dialect::{AnswerDecoder, DecoderEnd, Dialect};
use crate::model::error::refusal::ServerRefusal;
use crate::model::stream::bounds::{self, AnswerSize};
use crate::protocol::{
    CallId, Item, ItemId, ItemKind, ItemOpening, ModelDelta, ModelRef, ModelRequestEnd, ToolCall,
    Usage, Wire,
};

use super::Anthropic;
use super::shapes::{Delta, Event, Start, Tokens};

/// How far an answer has come. One for each request.
pub struct BlockDecoder {
    name: String,
    model: ModelRef,
    /// A mark of the request, which the thoughts of its answer are bound to.
    binding: String,
    /// In the order they began.
    blocks: Vec<Block>,
    stop: Option<String>,
    tokens: Option<Tokens>,
    size: AnswerSize,
    broken: usize,
}

/// A block while it grows.
struct Block {
    /// As the server counts.
    index: Option<u64>,
    /// As it began; a text, a thought and its signature grow here.
    value: Map<String, Value>,
    /// The pieces of a call's arguments.
    arguments: String,
    is_told: bool,
}

impl Block {
    fn kind(&self) -> &str {
        self.value.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    fn text(&self, key: &str) -> &str {
        self.value.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    fn grow(&mut self, key: &str, more: &str) {
        if let Some(Value::String(text)) = self.value.get_mut(key) {
            text.push_str(more);
        } else {
            self.value.insert(key.to_owned(), more.into());
        }
    }

    /// The arguments of a call; `None` while they are no whole object.
    fn input(&self) -> Option<String> {
        let is_object = |text: &str| serde_json::from_str::<Map<String, Value>>(text).is_ok();
        if is_object(&self.arguments) {
            return Some(self.arguments.clone());
        }
        match self.value.get("input") {
            Some(Value::Object(input)) if !input.is_empty() => {
                Some(Value::Object(input.clone()).to_string())
            }
            _ if self.arguments.trim().is_empty() => Some("{}".into()),
            _ => None,
        }
    }
}

impl BlockDecoder {
    /// `name` begins the ids of this answer's items, and must be new with every answer.
    pub fn new(name: &str, model: ModelRef, binding: String) -> Self {
        Self {
            name: name.to_owned(),
            model,
            binding,
            blocks: Vec::new(),
            stop: None,
            tokens: None,
            size: AnswerSize::default(),
            broken: 0,
        }
    }
}

impl AnswerDecoder for BlockDecoder {
    fn take(
        &mut self,
        data: &str,
        now: Timestamp,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Option<DecoderEnd> {
        if data.trim() == "[DONE]" {
            // This dialect has no such end. Others, who write it, speak another one.
            let is_foreign = self.blocks.is_empty() && self.stop.is_none();
            return if is_foreign { Some(DecoderEnd::garbled()) } else { self.ended(emit) };
        }
        let Ok(event) = serde_json::from_str::<Event>(data) else {
            tracing::warn!(bytes = data.len(), "an event was skipped: it is malformed");
            self.broken += 1;
            return (self.broken > bounds::BROKEN).then(DecoderEnd::garbled);
        };
        let end = self.event(event, data, now, emit);
        end.or_else(|| self.size.excess().map(DecoderEnd::Excessive))
    }

    fn whole(
        &mut self,
        body: &str,
        _now: Timestamp,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Option<DecoderEnd> {
        let mut message = serde_json::from_str::<Start>(body).ok()?;
        let content = message.content.take()?;
        for block in content {
            self.open(None, block, emit);
        }
        self.note(message.usage);
        self.stop = message.stop_reason.or(Some("end_turn".into()));
        self.size.excess().map(DecoderEnd::Excessive).or_else(|| self.ended(emit))
    }

    fn size(&self) -> AnswerSize {
        self.size
    }

    fn is_closing(&self) -> bool {
        self.stop.is_some()
    }

    fn ended(&mut self, emit: &mut dyn FnMut(ModelDelta)) -> Option<DecoderEnd> {
        let stop = self.stop.take()?;
        let is_short = stop == "max_tokens";
        for at in 0..self.blocks.len() {
            self.close(at, !is_short, emit);
        }
        let has_cut_call = self.blocks.iter().any(|block| !block.is_told);
        Some(match stop.as_str() {
            "max_tokens" => DecoderEnd::Incomplete("max_output_tokens".into()),
            "refusal" => DecoderEnd::Incomplete("content_filter".into()),
            "model_context_window_exceeded" => DecoderEnd::Refused(ServerRefusal {
                code: "context_length_exceeded".into(),
                ..ServerRefusal::default()
            }),
            _ if has_cut_call => DecoderEnd::Incomplete(String::new()),
            stop => DecoderEnd::Completed(ModelRequestEnd {
                usage: self.tokens.and_then(counted),
                end_turn: (stop == "pause_turn").then_some(false),
            }),
        })
    }
}

impl BlockDecoder {
    fn event(
        &mut self,
        event: Event,
        data: &str,
        now: Timestamp,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Option<DecoderEnd> {
        let Event { kind, index, content_block, delta, message, usage, error } = event;
        // Some leave the type out, which stands before the event as well.
        let kind = kind.as_deref().unwrap_or(match (&error, &content_block, &delta, &message) {
            (Some(_), ..) => "error",
            (_, Some(_), ..) => "content_block_start",
            (_, _, Some(_), _) if index.is_some() => "content_block_delta",
            (_, _, Some(_), _) => "message_delta",
            (_, _, _, Some(_)) => "message_start",
            _ => "",
        });
        match kind {
            "error" => return Some(DecoderEnd::Refused(refusal(data, now))),
            "message_start" => self.note(message.and_then(|message| message.usage)),
            "content_block_start" => {
                if let Some(block) = content_block {
                    self.open(index, block, emit);
                }
            }
            "content_block_delta" => {
                if let Some(delta) = delta {
                    self.grow(index, &delta, emit);
                }
            }
            "content_block_stop" => {
                let at = self.blocks.iter().rposition(|block| block.index == index);
                at.into_iter().for_each(|at| self.close(at, false, emit));
            }
            "message_delta" => {
                self.note(usage);
                let stop = delta.and_then(|delta| delta.stop_reason);
                self.stop = stop.or(self.stop.take());
            }
            "message_stop" => return self.ended(emit),
            _ => {}
        }
        None
    }

    fn note(&mut self, usage: Option<Tokens>) {
        if let Some(usage) = usage {
            self.tokens.get_or_insert_default().update(usage);
        }
    }

    fn open(&mut self, index: Option<u64>, block: Value, emit: &mut dyn FnMut(ModelDelta)) {
        let Value::Object(value) = block else { return };
        let written = value.values().map(|value| value.to_string().len()).sum::<usize>();
        let block = Block { index, value, arguments: String::new(), is_told: false };
        let at = self.blocks.len();
        let item = self.id(at);
        self.size.items += 1;
        let opening = match block.kind() {
            "text" => ItemOpening::Assistant,
            "thinking" | "redacted_thinking" => {
                self.size.whole += block.text("data").len();
                ItemOpening::Reasoning
            }
            "tool_use" => {
                self.size.calls += 1;
                self.size.arguments +=
                    block.value.get("input").map_or(0, |it| it.to_string().len());
                ItemOpening::Call { name: block.text("name").to_owned() }
            }
            _ => {
                self.size.whole += written;
                ItemOpening::Unknown
            }
        };
        emit(ModelDelta::Opened { item: item.clone(), opening });
        // Some blocks begin with text.
        let (text, thought) = (block.text("text").to_owned(), block.text("thinking").to_owned());
        self.blocks.push(block);
        self.told_text(&item, text, emit);
        self.told_thought(&item, thought, emit);
    }

    fn told_text(&mut self, item: &ItemId, text: String, emit: &mut dyn FnMut(ModelDelta)) {
        self.size.text += text.len();
        if !text.is_empty() {
            emit(ModelDelta::Text { item: item.clone(), text });
        }
    }

    fn told_thought(&mut self, item: &ItemId, text: String, emit: &mut dyn FnMut(ModelDelta)) {
        self.size.reasoning += text.len();
        if !text.is_empty() {
            emit(ModelDelta::Reasoning { item: item.clone(), text });
        }
    }

    fn grow(&mut self, index: Option<u64>, delta: &Delta, emit: &mut dyn FnMut(ModelDelta)) {
        let found = self.blocks.iter().rposition(|block| block.index == index && !block.is_told);
        let at = found.unwrap_or_else(|| {
            // Some never say that a block begins.
            let kind = match delta.kind.as_deref() {
                Some("thinking_delta" | "signature_delta") => "thinking",
                _ => "text",
            };
            self.open(index, json!({ "type": kind }), emit);
            self.blocks.len() - 1
        });
        let item = self.id(at);
        let Some(block) = self.blocks.get_mut(at) else { return };
        if let Some(json) = &delta.partial_json {
            block.arguments.push_str(json);
            self.size.arguments += json.len();
        }
        if let Some(signature) = &delta.signature {
            block.grow("signature", signature);
            self.size.whole += signature.len();
        }
        if let Some(text) = &delta.text {
            block.grow("text", text);
            self.told_text(&item, text.clone(), emit);
        } else if let Some(text) = &delta.thinking {
            block.grow("thinking", text);
            self.told_thought(&item, text.clone(), emit);
        }
    }

    /// Tells a block as an item. A call whose arguments are no object is told at the last, for its
    /// tool to refuse, unless it was cut off.
    fn close(&mut self, at: usize, is_last: bool, emit: &mut dyn FnMut(ModelDelta)) {
        let id = self.id(at);
        let Some(block) = self.blocks.get_mut(at).filter(|block| !block.is_told) else { return };
        let kind = match block.kind() {
            "text" => ItemKind::assistant(block.text("text")),
            "thinking" | "redacted_thinking" => {
                ItemKind::Reasoning { summary: block.text("thinking").to_owned() }
            }
            "tool_use" => {
                let is_closed = block.arguments.trim_end().ends_with('}');
                let broken = (is_last && is_closed).then(|| block.arguments.clone());
                let Some(arguments) = block.input().or(broken) else { return };
                let own = Some(block.text("id")).filter(|id| !id.trim().is_empty());
                let call = own.map_or_else(|| id.as_str().replace('.', "_"), str::to_owned);
                let name = block.text("name").to_owned();
                ItemKind::Call(ToolCall { id: CallId::new(call), name, arguments })
            }
            other => ItemKind::Unknown { kind: other.to_owned() },
        };
        block.is_told = true;
        let is_carried = matches!(kind, ItemKind::Reasoning { .. } | ItemKind::Unknown { .. });
        let wire = is_carried.then(|| {
            let block = Value::Object(block.value.clone());
            let (model, binding) = (self.model.id.as_str(), &self.binding);
            let wire = json!({ "block": block, "model": model, "binding": binding });
            Wire { text: wire.to_string().into(), source: Anthropic.source(&self.model.provider) }
        });
        emit(ModelDelta::Item(Item { id, kind, wire }));
    }

    fn id(&self, at: usize) -> ItemId {
        ItemId::new(format!("{}.{at}", self.name))
    }
}

/// An error inside an answer that began well: its type says the status that it would have had.
fn refusal(data: &str, now: Timestamp) -> ServerRefusal {
    let mut refusal = ServerRefusal::of_event(data, now);
    let status = match refusal.kind.as_str() {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "api_error" => 500,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => return refusal,
    };
    refusal.status = refusal.status.or(StatusCode::from_u16(status).ok());
    refusal
}

fn counted(tokens: Tokens) -> Option<Usage> {
    let cached = tokens.cache_read_input_tokens.unwrap_or_default();
    let written = tokens.cache_creation_input_tokens.unwrap_or_default();
    let details = tokens.output_tokens_details.unwrap_or_default();
    Some(Usage {
        input: tokens.input_tokens?.saturating_add(written).saturating_add(cached),
        cached,
        output: tokens.output_tokens.unwrap_or_default(),
        reasoning: details.thinking_tokens.unwrap_or_default(),
        cost: None,
    })
}
