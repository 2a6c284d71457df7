//! The chunks of an answer into deltas, items and an end.
//!
//! All items are told when the answer ends: only then is it certain that a call is whole. Whether
//! the model wants its calls run is judged by the calls, never by `finish_reason`.

use serde_json::{Value, json};

use crate::base::Timestamp;
use crate::protocol::{
    CallId, Item, ItemId, ItemKind, ItemOpening, ModelDelta, ModelRequestEnd, ToolCall, Usage,
    Wire, WireSource,
};

use super::calls::{CallDrafts, Taken, is_whole_json};
use super::shapes::{CallPiece, Choice, Chunk, Message, Tokens};
use super::thoughts::{TextPiece, ThoughtTags};
use crate::model::dialect::{AnswerDecoder, DecoderEnd};
use crate::model::error::refusal::ServerRefusal;
use crate::model::stream::bounds::{self, AnswerSize};

/// How far an answer has come. One for each request.
pub struct ChunkDecoder {
    name: String,
    source: WireSource,
    /// The items so far, in the order they began.
    drafts: Vec<ItemDraft>,
    calls: CallDrafts,
    thoughts: Vec<Thought>,
    tags: ThoughtTags,
    usage: Option<Usage>,
    finish: Option<String>,
    size: AnswerSize,
    broken: usize,
}

enum ItemDraft {
    Text(String),
    /// The thought at this position.
    Thought(usize),
    /// The call at this position.
    Call(usize),
}

/// A reasoning item while it grows, with the form in which it goes back.
#[derive(Default)]
struct Thought {
    text: String,
    field: Option<&'static str>,
    details: Vec<Value>,
}

impl ChunkDecoder {
    /// `name` begins the ids of this answer's items, and must be new with every answer.
    pub fn new(name: &str, source: WireSource) -> Self {
        Self {
            name: name.to_owned(),
            source,
            drafts: Vec::new(),
            calls: CallDrafts::default(),
            thoughts: Vec::new(),
            tags: ThoughtTags::default(),
            usage: None,
            finish: None,
            size: AnswerSize::default(),
            broken: 0,
        }
    }
}

impl AnswerDecoder for ChunkDecoder {
    fn take(
        &mut self,
        data: &str,
        now: Timestamp,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Option<DecoderEnd> {
        if data.trim() == "[DONE]" {
            return self.ended(emit);
        }
        let Ok(chunk) = serde_json::from_str::<Chunk>(data) else {
            tracing::warn!(bytes = data.len(), "a chunk was skipped: it is malformed");
            self.broken += 1;
            return (self.broken > bounds::BROKEN).then(DecoderEnd::garbled);
        };
        if let Some(refusal) = refusal(&chunk, data, now) {
            return Some(DecoderEnd::Refused(refusal));
        }
        self.chunk(chunk, emit);
        self.size.excess().map(DecoderEnd::Excessive)
    }

    fn whole(
        &mut self,
        body: &str,
        now: Timestamp,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Option<DecoderEnd> {
        let chunk = serde_json::from_str::<Chunk>(body).ok()?;
        let is_answer = !chunk.choices.is_empty() && refusal(&chunk, body, now).is_none();
        if !is_answer {
            return None;
        }
        self.chunk(chunk, emit);
        self.size.excess().map(DecoderEnd::Excessive).or_else(|| self.ended(emit))
    }

    fn size(&self) -> AnswerSize {
        self.size
    }

    fn is_closing(&self) -> bool {
        self.finish.is_some()
    }

    fn ended(&mut self, emit: &mut dyn FnMut(ModelDelta)) -> Option<DecoderEnd> {
        let finish = self.finish.take()?;
        if let Some(piece) = self.tags.rest() {
            self.piece(piece, emit);
        }
        let is_cut = self.tell_items(finish == "length" || finish == "model_length", emit);
        let has_calls = self.drafts.iter().any(|draft| matches!(draft, ItemDraft::Call(_)));
        let refused = |code: &str| {
            DecoderEnd::Refused(ServerRefusal { code: code.into(), ..ServerRefusal::default() })
        };
        Some(match finish.as_str() {
            "length" | "model_length" => DecoderEnd::Incomplete("max_output_tokens".into()),
            _ if is_cut => DecoderEnd::Incomplete(String::new()),
            "content_filter" if !has_calls => DecoderEnd::Incomplete("content_filter".into()),
            "error" => refused("server_error"),
            "insufficient_system_resource" => refused("server_is_overloaded"),
            "model_context_window_exceeded" => refused("context_length_exceeded"),
            _ => DecoderEnd::Completed(ModelRequestEnd { usage: self.usage, end_turn: None }),
        })
    }
}

impl ChunkDecoder {
    fn chunk(&mut self, chunk: Chunk, emit: &mut dyn FnMut(ModelDelta)) {
        let Chunk { choices, usage, x_groq, .. } = chunk;
        let mut tokens = usage.or(x_groq.and_then(|groq| groq.usage));
        let first = choices.into_iter().find(|choice| choice.index.unwrap_or_default() == 0);
        if let Some(Choice { delta, message, finish_reason, usage, .. }) = first {
            if let Some(delta) = delta {
                self.message(delta, emit);
            }
            if let Some(message) = message {
                self.rest_of(message, emit);
            }
            tokens = tokens.or(usage);
            self.finish = finish_reason.filter(|reason| !reason.is_empty()).or(self.finish.take());
        }
        self.usage = tokens.as_ref().and_then(counted).or(self.usage);
    }

    /// A whole message, of which pieces may have come already.
    fn rest_of(&mut self, mut message: Message, emit: &mut dyn FnMut(ModelDelta)) {
        let has = |test: fn(&ItemDraft) -> bool| self.drafts.iter().any(test);
        if has(|draft| matches!(draft, ItemDraft::Text(_))) {
            (message.content, message.refusal) = (None, None);
        }
        if has(|draft| matches!(draft, ItemDraft::Thought(_))) {
            message.reasoning_details.clear();
            (message.reasoning, message.reasoning_content, message.reasoning_text) =
                (None, None, None);
        }
        if has(|draft| matches!(draft, ItemDraft::Call(_))) {
            message.tool_calls.clear();
            message.function_call = None;
        }
        self.message(message, emit);
    }

    fn message(&mut self, message: Message, emit: &mut dyn FnMut(ModelDelta)) {
        let Message {
            content,
            refusal,
            reasoning_content,
            reasoning,
            reasoning_text,
            reasoning_details,
            tool_calls,
            function_call,
        } = message;
        let thoughts = [
            ("reasoning_content", reasoning_content),
            ("reasoning", reasoning),
            ("reasoning_text", reasoning_text),
        ];
        // Some send the same thought under two names.
        let thought = thoughts
            .into_iter()
            .find_map(|(field, text)| Some((field, text.filter(|text| !text.is_empty())?)));
        let detailed: String = reasoning_details.iter().filter_map(detail_text).collect();
        if !reasoning_details.is_empty() {
            // Sealed ones have no text, and go back with every request.
            self.size.whole += written(&reasoning_details);
            join_details(&mut self.thought(emit).details, reasoning_details);
        }
        match thought {
            Some((field, text)) => self.think(&text, Some(field), emit),
            None => self.think(&detailed, None, emit),
        }
        match content {
            Some(Value::String(text)) => self.text(&text, emit),
            Some(Value::Array(parts)) => parts.iter().for_each(|part| self.part(part, emit)),
            _ => {}
        }
        if let Some(refusal) = refusal {
            self.write(&refusal, emit);
        }
        let only = function_call.map(|function| CallPiece {
            index: Some(0),
            function: Some(function),
            ..CallPiece::default()
        });
        for piece in tool_calls.into_iter().chain(only) {
            self.call(piece, emit);
        }
    }

    /// A part of a content that is a list: Mistral's thoughts come so.
    fn part(&mut self, part: &Value, emit: &mut dyn FnMut(ModelDelta)) {
        match (part["type"].as_str(), &part["thinking"]) {
            (Some("thinking"), Value::Array(parts)) => {
                let text: String = parts.iter().filter_map(|part| part["text"].as_str()).collect();
                self.think(&text, Some("thinking"), emit);
            }
            (Some("thinking"), Value::String(text)) => self.think(text, Some("thinking"), emit),
            _ => self.write(part["text"].as_str().unwrap_or_default(), emit),
        }
    }

    fn text(&mut self, text: &str, emit: &mut dyn FnMut(ModelDelta)) {
        for piece in self.tags.take(text) {
            self.piece(piece, emit);
        }
    }

    fn piece(&mut self, piece: TextPiece, emit: &mut dyn FnMut(ModelDelta)) {
        match piece {
            TextPiece::Text(text) => self.write(&text, emit),
            TextPiece::Thought(text) => self.think(&text, None, emit),
        }
    }

    fn write(&mut self, text: &str, emit: &mut dyn FnMut(ModelDelta)) {
        if text.is_empty() {
            return;
        }
        self.size.text += text.len();
        if !matches!(self.drafts.last(), Some(ItemDraft::Text(_))) {
            self.open(ItemDraft::Text(String::new()), ItemOpening::Assistant, emit);
        }
        let item = self.last_id();
        if let Some(ItemDraft::Text(draft)) = self.drafts.last_mut() {
            draft.push_str(text);
        }
        emit(ModelDelta::Text { item, text: text.to_owned() });
    }

    fn think(&mut self, text: &str, field: Option<&'static str>, emit: &mut dyn FnMut(ModelDelta)) {
        if text.is_empty() {
            return;
        }
        self.size.reasoning += text.len();
        let thought = self.thought(emit);
        thought.field = field.or(thought.field);
        thought.text.push_str(text);
        emit(ModelDelta::Reasoning { item: self.last_id(), text: text.to_owned() });
    }

    /// The reasoning item that is open, or a new one.
    fn thought(&mut self, emit: &mut dyn FnMut(ModelDelta)) -> &mut Thought {
        let at = match self.drafts.last() {
            Some(ItemDraft::Thought(at)) => *at,
            _ => {
                let at = self.thoughts.len();
                self.thoughts.push(Thought::default());
                self.open(ItemDraft::Thought(at), ItemOpening::Reasoning, emit);
                at
            }
        };
        &mut self.thoughts[at]
    }

    fn call(&mut self, piece: CallPiece, emit: &mut dyn FnMut(ModelDelta)) {
        let name = piece.function.as_ref().and_then(|function| function.name.clone());
        self.size.whole += written(piece.extra_content.as_slice());
        let (taken, bytes) = self.calls.take(piece);
        self.size.arguments += bytes;
        if let Taken::Began(at) = taken {
            self.size.calls += 1;
            let opening = ItemOpening::Call { name: name.unwrap_or_default() };
            self.open(ItemDraft::Call(at), opening, emit);
        }
    }

    fn open(&mut self, draft: ItemDraft, opening: ItemOpening, emit: &mut dyn FnMut(ModelDelta)) {
        self.drafts.push(draft);
        self.size.items += 1;
        emit(ModelDelta::Opened { item: self.last_id(), opening });
    }

    fn last_id(&self) -> ItemId {
        self.id(self.drafts.len().saturating_sub(1))
    }

    fn id(&self, at: usize) -> ItemId {
        ItemId::new(format!("{}.{at}", self.name))
    }

    /// Tells all items, but for calls that are not whole; returns whether there was one although
    /// the answer was not cut short.
    fn tell_items(&mut self, is_short: bool, emit: &mut dyn FnMut(ModelDelta)) -> bool {
        let mut has_cut_call = false;
        for (at, draft) in self.drafts.iter().enumerate() {
            let id = self.id(at);
            let (kind, wire) = match draft {
                ItemDraft::Text(text) => (ItemKind::assistant(text.clone()), None),
                ItemDraft::Thought(at) => {
                    let thought = &self.thoughts[*at];
                    (ItemKind::Reasoning { summary: thought.text.clone() }, thought.wire())
                }
                ItemDraft::Call(at) => {
                    let call = &self.calls.0[*at];
                    if call.name.is_empty() {
                        tracing::warn!("a call was left out: it never told its tool");
                        continue;
                    }
                    // Arguments that are broken and not cut off are the tool's to refuse.
                    let is_broken = !is_short && is_closed(&call.arguments);
                    if !is_whole_json(&call.arguments) && !is_broken {
                        has_cut_call = true;
                        continue;
                    }
                    let arguments =
                        if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
                    let call_id = call.id.clone().unwrap_or_else(|| id.as_str().replace('.', "_"));
                    let kind = ItemKind::Call(ToolCall {
                        id: CallId::new(call_id),
                        name: call.name.clone(),
                        arguments: arguments.to_owned(),
                    });
                    let wire = call.extra.as_ref().map(|extra| json!({ "extra_content": extra }));
                    (kind, wire)
                }
            };
            let source = self.source.clone();
            let wire = wire.map(|wire| Wire { text: wire.to_string().into(), source });
            emit(ModelDelta::Item(Item { id, kind, wire }));
        }
        has_cut_call && !is_short
    }
}

impl Thought {
    /// How it goes back to the provider that wrote it; `None` where it came between tags.
    fn wire(&self) -> Option<Value> {
        if !self.details.is_empty() {
            return Some(json!({ "reasoning_details": self.details }));
        }
        match self.field? {
            "thinking" => {
                let part = json!({ "type": "thinking", "thinking": [{ "type": "text", "text": self.text }] });
                Some(json!({ "part": part }))
            }
            field => Some(json!({ field: self.text })),
        }
    }
}

/// Whether a text ends as an object does, so that it was not cut off.
fn is_closed(text: &str) -> bool {
    text.trim_end().ends_with('}')
}

/// Bytes of values as they are written.
fn written(values: &[Value]) -> usize {
    values.iter().map(|value| value.to_string().len()).sum()
}

fn detail_text(detail: &Value) -> Option<&str> {
    detail["text"].as_str().or_else(|| detail["summary"].as_str())
}

/// Adds details; the pieces of one text become one.
fn join_details(details: &mut Vec<Value>, more: Vec<Value>) {
    for piece in more {
        let is_text = |detail: &Value| detail["type"] == "reasoning.text";
        let is_signed = |detail: &Value| detail["signature"].is_string();
        match details.last_mut() {
            Some(last) if is_text(last) && is_text(&piece) && !is_signed(last) => {
                let text = [&*last, &piece].map(|one| one["text"].as_str().unwrap_or_default());
                let text = text.concat();
                if let (Some(last), Value::Object(piece)) = (last.as_object_mut(), piece) {
                    last.extend(piece.into_iter().filter(|(_, value)| !value.is_null()));
                    last.insert("text".into(), text.into());
                }
            }
            _ => details.push(piece),
        }
    }
}

/// An error inside an answer that began well, in any of the forms that servers give it.
fn refusal(chunk: &Chunk, data: &str, now: Timestamp) -> Option<ServerRefusal> {
    let in_choice = chunk.choices.iter().find_map(|choice| choice.error.as_ref());
    let is_error = chunk.error.as_ref().or(in_choice).is_some_and(|error| !error.is_null());
    if let Some(error) = in_choice.filter(|error| !error.is_null()) {
        return Some(ServerRefusal::of_event(&error.to_string(), now));
    }
    if is_error || chunk.object.as_deref() == Some("error") {
        return Some(ServerRefusal::of_event(data, now));
    }
    let base = chunk.base_resp.as_ref()?;
    (base["status_code"].as_i64().unwrap_or_default() != 0).then(|| {
        let message = base["status_msg"].as_str().unwrap_or_default();
        ServerRefusal::of_event(&json!({ "message": message }).to_string(), now)
    })
}

fn counted(tokens: &Tokens) -> Option<Usage> {
    let detail = |details: &Option<Value>, key: &str| details.as_ref()?[key].as_u64();
    let (input, output) = (tokens.prompt_tokens?, tokens.completion_tokens.unwrap_or_default());
    let cached = detail(&tokens.prompt_tokens_details, "cached_tokens")
        .or(tokens.prompt_cache_hit_tokens)
        .or(tokens.num_cached_tokens)
        .unwrap_or_default();
    let reasoning =
        detail(&tokens.completion_tokens_details, "reasoning_tokens").unwrap_or_default();
    Some(Usage {
        // xAI counts what was cached and what was thought apart.
        input: if cached > input { input.saturating_add(cached) } else { input },
        cached,
        output: if reasoning > output { output.saturating_add(reasoning) } else { output },
        reasoning,
        cost: None,
    })
}
