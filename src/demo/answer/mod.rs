//! Scripted answers: the reply to one request, faults included.

pub mod gates;
pub mod load;
pub mod playback;
pub mod recording;
pub mod script;
pub mod script_piece;
pub mod writer;

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::protocol::Usage;

use script_piece::ScriptPiece;
use writer::{Step, Track};

/// A status, headers and a body, and how they are sent.
#[derive(Clone, Debug)]
pub struct ScriptedAnswer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) manner: AnswerManner,
    content: Content,
    opening: AnswerOpening,
}

/// How the body goes out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AnswerManner {
    /// Deltas per second; `None` is as fast as it goes.
    pub per_second: Option<u32>,
    /// Bytes per write, at the most.
    pub split: Option<usize>,
    /// Body bytes after which the connection is cut.
    pub cut_after: Option<usize>,
}

/// The faults before the status line.
#[derive(Clone, Debug)]
pub(super) enum AnswerOpening {
    After(Duration),
    AtOnce,
    Gate(String),
    HangUp,
    Never,
}

#[derive(Clone, Debug)]
enum Content {
    Bytes(Bytes),
    Pieces(Vec<ScriptPiece>),
    /// Pieces, written out ahead of time.
    Steps(Vec<Step>),
}

impl ScriptedAnswer {
    /// 200 with a stream of events.
    pub fn sse(pieces: impl IntoIterator<Item = ScriptPiece>) -> Self {
        let mut answer = Self::status(200).header("content-type", "text/event-stream");
        answer.content = Content::Pieces(pieces.into_iter().collect());
        answer
    }

    /// A whole plain answer: created, the text in small deltas, completed.
    pub fn says(text: &str) -> Self {
        let usage = Usage {
            input: 1_200,
            cached: 0,
            output: text.len() as u64 / 4 + 1,
            reasoning: 0,
            cost: None,
        };
        Self::sse(
            [
                vec![script_piece::created()],
                script_piece::typed(text),
                vec![script_piece::completed(usage)],
            ]
            .concat(),
        )
    }

    /// One call of a tool that takes JSON arguments, and no word.
    pub fn calls(call: &str, tool: &str, arguments: &Value) -> Self {
        Self::acts(script_piece::function_call(call, tool, arguments.to_string()))
    }

    /// A patch, for a model that writes it as it is. The files stand between the marks, which are
    /// added.
    pub fn patches(call: &str, files: &str) -> Self {
        Self::acts(script_piece::custom_call(
            call,
            "apply_patch",
            format!("*** Begin Patch\n{}\n*** End Patch", files.trim_matches('\n')),
        ))
    }

    /// A command line for the shell.
    pub fn runs(call: &str, command: &str) -> Self {
        Self::calls(call, "shell", &json!({ "command": command, "reason": "The script says so" }))
    }

    /// Another text in the place of one that stands in a file once.
    pub fn edits(call: &str, path: &str, old: &str, new: &str) -> Self {
        Self::calls(call, "edit", &json!({ "filePath": path, "oldString": old, "newString": new }))
    }

    fn acts(call: ScriptPiece) -> Self {
        let usage = Usage { input: 1_200, cached: 0, output: 40, reasoning: 0, cost: None };
        Self::sse([script_piece::created(), call, script_piece::completed(usage)])
    }

    /// `deltas` small deltas of markdown (about 5 tokens each), in one burst or so many per second.
    /// Put a gate before it with [`ScriptedAnswer::gated`].
    pub fn load(deltas: usize, per_second: Option<u32>) -> Self {
        let mut answer = Self::sse(load::pieces(deltas));
        answer.manner.per_second = per_second;
        answer
    }

    /// A status with an empty body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            manner: AnswerManner::default(),
            content: Content::Bytes(Bytes::new()),
            opening: AnswerOpening::AtOnce,
        }
    }

    /// A 200 with JSON.
    pub fn json(body: &Value) -> Self {
        Self::status(200).json_body(body)
    }

    /// A 200 with a page.
    pub fn html(body: impl Into<Bytes>) -> Self {
        Self::status(200).header("content-type", "text/html; charset=utf-8").body(body)
    }

    /// 302 to an address.
    pub fn redirect(to: &str) -> Self {
        Self::status(302).header("location", to)
    }

    /// An error as the API words it: `{"error":{"type","code","message"}}`.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::status(status).json_body(
            &json!({ "error": { "message": message, "type": code, "param": null, "code": code } }),
        )
    }

    /// A 429: the plan's allowance is used up for so many seconds.
    pub fn usage_limit(seconds: u64) -> Self {
        Self::status(429).json_body(&json!({ "error": {
            "type": "usage_limit_reached",
            "message": "The usage limit has been reached",
            "plan_type": "plus",
            "resets_in_seconds": seconds,
        } }))
    }

    /// Closes the connection without a word.
    pub fn hang_up() -> Self {
        Self { opening: AnswerOpening::HangUp, ..Self::status(200) }
    }

    /// Never answers, and leaves the connection open.
    pub fn stall() -> Self {
        Self { opening: AnswerOpening::Never, ..Self::status(200) }
    }

    /// The same answer with one more header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// The same answer with this body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.content = Content::Bytes(body.into());
        self
    }

    /// The same answer with this JSON as its body.
    pub fn json_body(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// Waits before the status line.
    pub fn delay(mut self, time: Duration) -> Self {
        self.opening = AnswerOpening::After(time);
        self
    }

    /// Stands at a gate before the status line.
    pub fn gated(mut self, name: &str) -> Self {
        self.opening = AnswerOpening::Gate(name.into());
        self
    }

    /// Sends so many deltas in a second, by the clock, not by counting sleeps.
    pub fn per_second(mut self, deltas: u32) -> Self {
        self.manner.per_second = Some(deltas.max(1));
        self
    }

    /// Sends the body in writes of so many bytes, wherever that cuts.
    pub fn split_every(mut self, bytes: usize) -> Self {
        self.manner.split = Some(bytes.max(1));
        self
    }

    /// Cuts the connection after so many bytes of the body.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.manner.cut_after = Some(bytes);
        self
    }

    pub(super) fn opening(&self) -> &AnswerOpening {
        &self.opening
    }

    /// At so many deltas a second, or as fast as it goes.
    pub fn paced(mut self, per_second: Option<u32>) -> Self {
        self.manner.per_second = per_second;
        self
    }

    /// Writes the events out before anybody asks: a large answer then costs its stream no time.
    /// `number` tells its ids from those of others.
    pub(super) fn written(mut self, number: u64) -> Self {
        if let Content::Pieces(pieces) = &self.content {
            self.content = Content::Steps(writer::write(pieces, number));
        }
        self
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        match &self.content {
            Content::Bytes(bytes) if bytes.is_empty() => Vec::new(),
            Content::Bytes(bytes) => {
                vec![Step::Send(Track { bytes: bytes.clone(), marks: Vec::new() })]
            }
            Content::Pieces(pieces) => writer::write(pieces, 0),
            Content::Steps(steps) => steps.clone(),
        }
    }

    /// The length of the body, where it is known before it is sent.
    pub(super) fn length(&self) -> Option<usize> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes.len()),
            Content::Pieces(_) | Content::Steps(_) => None,
        }
    }
}
