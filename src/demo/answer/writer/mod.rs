//! Spells the pieces of an answer as server-sent events of the Responses endpoint.

use bytes::Bytes;
use serde_json::{Value, json};
use std::time::Duration;

use crate::protocol::Usage;

use super::script_piece::{PieceKind, Round, ScriptPiece};

mod web;

/// The acts of the player, in order.
#[derive(Clone, Debug)]
pub enum Step {
    Cut,
    Forever { round: Round, pause: Duration },
    Gate(String),
    Send(Track),
    Stall,
    Wait(Duration),
}

/// Bytes, and where the deltas in them end: a paced answer is told from one mark to the next.
#[derive(Clone, Debug, Default)]
pub struct Track {
    pub bytes: Bytes,
    pub marks: Vec<usize>,
}

/// Writes out an answer; `number` tells its ids from those of other answers.
pub fn write(pieces: &[ScriptPiece], number: u64) -> Vec<Step> {
    let mut writer = Writer { response: format!("resp_{number:04}"), number, ..Writer::default() };
    for piece in pieces {
        writer.piece(&piece.0);
    }
    writer.flush();
    writer.steps
}

#[derive(Default)]
struct Writer {
    response: String,
    number: u64,
    steps: Vec<Step>,
    bytes: Vec<u8>,
    marks: Vec<usize>,
    sequence: u64,
    items: u64,
    open: Option<Open>,
}

struct Open {
    kind: OpenKind,
    id: String,
    index: u64,
    text: String,
    annotations: Vec<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OpenKind {
    Message,
    Reasoning,
}

impl Writer {
    fn piece(&mut self, piece: &PieceKind) {
        match piece {
            PieceKind::Text(delta) => self.delta(OpenKind::Message, delta),
            PieceKind::Reasoning(delta) => self.delta(OpenKind::Reasoning, delta),
            PieceKind::Event(event) => self.event(event),
            PieceKind::Raw(bytes) => self.bytes.extend_from_slice(bytes),
            PieceKind::Gate(name) => self.step(Step::Gate(name.clone())),
            PieceKind::Wait(time) => self.step(Step::Wait(*time)),
            PieceKind::Forever { round, pause } => {
                self.step(Step::Forever { round: *round, pause: *pause })
            }
            PieceKind::Cut => self.step(Step::Cut),
            PieceKind::Stall => self.step(Step::Stall),
            PieceKind::Created => self.created(),
            PieceKind::Done => self.close(),
            PieceKind::Call { call, namespace, name, arguments } => {
                self.call(call, namespace.as_deref(), name, arguments)
            }
            PieceKind::ToolSearch { call, arguments } => self.tool_search(call, arguments),
            PieceKind::CustomCall { call, name, input } => self.custom_call(call, name, input),
            PieceKind::Cite { url, title } => self.cite(url, title),
            PieceKind::WebSearch(action) => self.web_search(action),
            PieceKind::Item(item) => self.item(item.clone()),
            PieceKind::Completed { usage, end_turn } => self.completed(*usage, *end_turn),
            PieceKind::Failed { code, message } => self.failed(code, message),
            PieceKind::Incomplete { reason } => self.incomplete(reason),
        }
    }

    fn created(&mut self) {
        let response = self.response_object("in_progress");
        self.numbered("response.created", json!({ "response": response }));
        self.numbered("response.in_progress", json!({ "response": response }));
    }

    fn delta(&mut self, kind: OpenKind, delta: &str) {
        if self.open.as_ref().is_none_or(|open| open.kind != kind) {
            self.close();
            self.begin(kind);
        }
        let Some(open) = &mut self.open else { return };
        open.text.push_str(delta);
        let (id, index) = (&open.id, open.index);
        let delta = Value::from(delta);
        let sequence = self.sequence;
        // Written by hand: a load test has tens of thousands of these.
        let event = match kind {
            OpenKind::Message => format!(
                "event: response.output_text.delta\ndata: {{\"type\":\"response.output_text.delta\",\"sequence_number\":{sequence},\"item_id\":\"{id}\",\"output_index\":{index},\"content_index\":0,\"delta\":{delta}}}\n\n"
            ),
            OpenKind::Reasoning => format!(
                "event: response.reasoning_summary_text.delta\ndata: {{\"type\":\"response.reasoning_summary_text.delta\",\"sequence_number\":{sequence},\"item_id\":\"{id}\",\"output_index\":{index},\"summary_index\":0,\"delta\":{delta}}}\n\n"
            ),
        };
        self.sequence += 1;
        self.bytes.extend_from_slice(event.as_bytes());
        self.marks.push(self.bytes.len());
    }

    fn begin(&mut self, kind: OpenKind) {
        let index = self.items;
        match kind {
            OpenKind::Message => {
                let id = self.next_id("msg");
                let item = json!({ "id": id, "type": "message", "status": "in_progress", "role": "assistant", "content": [] });
                self.numbered(
                    "response.output_item.added",
                    json!({ "output_index": index, "item": item }),
                );
                self.numbered(
                    "response.content_part.added",
                    json!({ "item_id": id, "output_index": index, "content_index": 0, "part": output_text("") }),
                );
                self.open =
                    Some(Open { kind, id, index, text: String::new(), annotations: Vec::new() });
            }
            OpenKind::Reasoning => {
                let id = self.next_id("rs");
                let item = json!({ "id": id, "type": "reasoning", "summary": [], "encrypted_content": "" });
                self.numbered(
                    "response.output_item.added",
                    json!({ "output_index": index, "item": item }),
                );
                self.numbered(
                    "response.reasoning_summary_part.added",
                    json!({ "item_id": id, "output_index": index, "summary_index": 0, "part": summary_text("") }),
                );
                self.open =
                    Some(Open { kind, id, index, text: String::new(), annotations: Vec::new() });
            }
        }
    }

    fn close(&mut self) {
        let Some(Open { kind, id, index, text, annotations }) = self.open.take() else { return };
        let item = match kind {
            OpenKind::Message => {
                self.numbered(
                    "response.output_text.done",
                    json!({ "item_id": id, "output_index": index, "content_index": 0, "text": text }),
                );
                self.numbered(
                    "response.content_part.done",
                    json!({ "item_id": id, "output_index": index, "content_index": 0, "part": cited_text(&text, &annotations) }),
                );
                json!({ "id": id, "type": "message", "status": "completed", "role": "assistant", "content": [cited_text(&text, &annotations)] })
            }
            OpenKind::Reasoning => {
                self.numbered(
                    "response.reasoning_summary_text.done",
                    json!({ "item_id": id, "output_index": index, "summary_index": 0, "text": text }),
                );
                self.numbered(
                    "response.reasoning_summary_part.done",
                    json!({ "item_id": id, "output_index": index, "summary_index": 0, "part": summary_text(&text) }),
                );
                json!({ "id": id, "type": "reasoning", "summary": [summary_text(&text)], "encrypted_content": format!("sealed-{id}") })
            }
        };
        self.numbered("response.output_item.done", json!({ "output_index": index, "item": item }));
    }

    fn call(&mut self, call: &str, namespace: Option<&str>, name: &str, arguments: &str) {
        self.close();
        let index = self.items;
        let id = self.next_id("fc");
        let item = |arguments: &str, status: &str| {
            let mut item = json!({ "id": id, "type": "function_call", "status": status, "call_id": call, "name": name, "arguments": arguments });
            if let Some(namespace) = namespace {
                item["namespace"] = namespace.into();
            }
            item
        };
        self.numbered(
            "response.output_item.added",
            json!({ "output_index": index, "item": item("", "in_progress") }),
        );
        for delta in crate::demo::answer::script_piece::deltas(arguments) {
            self.numbered(
                "response.function_call_arguments.delta",
                json!({ "item_id": id, "output_index": index, "delta": delta }),
            );
        }
        self.numbered(
            "response.function_call_arguments.done",
            json!({ "item_id": id, "output_index": index, "arguments": arguments }),
        );
        self.numbered(
            "response.output_item.done",
            json!({ "output_index": index, "item": item(arguments, "completed") }),
        );
    }

    fn custom_call(&mut self, call: &str, name: &str, input: &str) {
        self.close();
        let index = self.items;
        let id = self.next_id("ctc");
        let item = |input: &str, status: &str| json!({ "id": id, "type": "custom_tool_call", "status": status, "call_id": call, "name": name, "input": input });
        self.numbered(
            "response.output_item.added",
            json!({ "output_index": index, "item": item("", "in_progress") }),
        );
        for delta in crate::demo::answer::script_piece::deltas(input) {
            self.numbered(
                "response.custom_tool_call_input.delta",
                json!({ "item_id": id, "output_index": index, "delta": delta }),
            );
        }
        self.numbered(
            "response.custom_tool_call_input.done",
            json!({ "item_id": id, "output_index": index, "input": input }),
        );
        self.numbered(
            "response.output_item.done",
            json!({ "output_index": index, "item": item(input, "completed") }),
        );
    }

    fn tool_search(&mut self, call: &str, arguments: &Value) {
        self.close();
        let index = self.items;
        let id = self.next_id("tsc");
        let item = |arguments: &Value, status: &str, call: &str| json!({ "id": id, "type": "tool_search_call", "status": status, "arguments": arguments, "call_id": call, "execution": "client" });
        // The server names the call anew when it is whole.
        let begun = item(&json!({}), "in_progress", &format!("{call}_begun"));
        self.numbered(
            "response.output_item.added",
            json!({ "output_index": index, "item": begun }),
        );
        self.numbered(
            "response.output_item.done",
            json!({ "output_index": index, "item": item(arguments, "completed", call) }),
        );
    }

    fn item(&mut self, item: Value) {
        self.close();
        let index = self.items;
        self.items += 1;
        self.numbered("response.output_item.added", json!({ "output_index": index, "item": item }));
        self.numbered("response.output_item.done", json!({ "output_index": index, "item": item }));
    }

    fn completed(&mut self, usage: Option<Usage>, end_turn: Option<bool>) {
        self.close();
        let mut response = self.response_object("completed");
        if let Some(usage) = usage {
            response["usage"] = json!({
                "input_tokens": usage.input,
                "input_tokens_details": { "cached_tokens": usage.cached },
                "output_tokens": usage.output,
                "output_tokens_details": { "reasoning_tokens": usage.reasoning },
                "total_tokens": usage.input + usage.output,
            });
        }
        if let Some(end_turn) = end_turn {
            response["end_turn"] = end_turn.into();
        }
        self.numbered("response.completed", json!({ "response": response }));
    }

    fn failed(&mut self, code: &str, message: &str) {
        let mut response = self.response_object("failed");
        response["error"] = json!({ "code": code, "message": message });
        self.numbered("response.failed", json!({ "response": response }));
    }

    fn incomplete(&mut self, reason: &str) {
        self.close();
        let mut response = self.response_object("incomplete");
        response["incomplete_details"] = json!({ "reason": reason });
        self.numbered("response.incomplete", json!({ "response": response }));
    }

    fn response_object(&self, status: &str) -> Value {
        json!({ "id": self.response, "object": "response", "status": status, "error": null, "incomplete_details": null, "output": [], "usage": null })
    }

    fn next_id(&mut self, prefix: &str) -> String {
        let id = format!("{prefix}_{:04}_{}", self.number, self.items);
        self.items += 1;
        id
    }

    fn numbered(&mut self, kind: &str, fields: Value) {
        let mut event = json!({ "type": kind, "sequence_number": self.sequence });
        self.sequence += 1;
        if let (Value::Object(event), Value::Object(fields)) = (&mut event, fields) {
            event.extend(fields);
        }
        self.event(&event);
    }

    fn event(&mut self, event: &Value) {
        let kind = event["type"].as_str().unwrap_or("message");
        let event = format!("event: {kind}\ndata: {event}\n\n");
        self.bytes.extend_from_slice(event.as_bytes());
    }

    fn step(&mut self, step: Step) {
        self.flush();
        self.steps.push(step);
    }

    fn flush(&mut self) {
        let bytes = Bytes::from(std::mem::take(&mut self.bytes));
        let marks = std::mem::take(&mut self.marks);
        if !bytes.is_empty() {
            self.steps.push(Step::Send(Track { bytes, marks }));
        }
    }
}

fn output_text(text: &str) -> Value {
    cited_text(text, &[])
}

fn cited_text(text: &str, annotations: &[Value]) -> Value {
    json!({ "type": "output_text", "annotations": annotations, "text": text })
}

fn summary_text(text: &str) -> Value {
    json!({ "type": "summary_text", "text": text })
}
