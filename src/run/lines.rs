//! `--json`: the events as lines of our own, documented in `codling run --help` and the README. Knows nothing of the order they come in.

use std::borrow::Cow;

use serde::Serialize;

use crate::base::Console;
use crate::protocol::{
    CallOutput, EventKind, Exit, Item, ItemKind, Limit, Limits, Notice, Problem, ProblemKind, SessionSettings, Usage, in_shell,
};

use super::turn::{Ask, End};

/// Of the shapes, in the first line. It grows when a line's meaning changes; new kinds of lines and new fields leave it as it is.
const VERSION: u32 = 1;

/// Nothing is written before the session has its name, which the first line tells.
#[derive(Default)]
pub struct Lines {
    begun: bool,
    early: Vec<EventKind>,
}

/// One line. Fields that are not known are left out.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    /// First of all.
    Start { version: u32, codling: &'a str, session: &'a str, folder: String },
    /// The model in use, at the start and when it changes.
    Model {
        model: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        effort: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<u64>,
    },
    /// More of a message.
    TextDelta { item: &'a str, text: &'a str },
    /// A whole message; it replaces its deltas.
    Message { item: &'a str, text: &'a str },
    /// More of a summary of thoughts.
    ReasoningDelta { item: &'a str, text: &'a str },
    /// A whole summary of thoughts.
    Reasoning { item: &'a str, text: &'a str },
    /// The stream broke: what an item had so far is void.
    Dropped { item: &'a str },
    /// A tool runs. `arguments` is the JSON text that the model wrote.
    Call { call: &'a str, tool: &'a str, arguments: &'a str },
    /// What the tool answered the model.
    Output { call: &'a str, ok: bool, title: &'a str, text: &'a str, images: usize },
    /// A request is tried again.
    Retry { attempt: u32, of: u32, wait_ms: u64, problem: ProblemLine<'a> },
    /// The stream is up again.
    Resumed {},
    Notice {
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<Cow<'a, str>>,
    },
    /// Tokens of the last request.
    Usage { input: u64, cached: u64, output: u64, reasoning: u64 },
    /// How much of the plan is used.
    Limits {
        #[serde(skip_serializing_if = "Option::is_none")]
        primary: Option<LimitLine>,
        #[serde(skip_serializing_if = "Option::is_none")]
        secondary: Option<LimitLine>,
    },
    /// Last of all.
    End {
        /// `done`, `failed` or `interrupted`.
        outcome: &'a str,
        /// The exit code.
        exit: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        problem: Option<ProblemLine<'a>>,
    },
}

#[derive(Serialize)]
struct LimitLine {
    used_percent: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    window_minutes: Option<u64>,
    /// Milliseconds since 1970 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    resets_at_ms: Option<i64>,
}

#[derive(Serialize)]
struct ProblemLine<'a> {
    kind: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Cow<'a, str>>,
    /// Of a usage limit: milliseconds since 1970 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    resets_at_ms: Option<i64>,
}

impl Lines {
    pub fn begin(&mut self, ask: &Ask, console: &mut Console) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let folder = ask.folder.to_string_lossy().into_owned();
        write(&Line::Start { version: VERSION, codling: env!("CARGO_PKG_VERSION"), session: ask.session.as_str(), folder }, console);
        for event in std::mem::take(&mut self.early) {
            self.tell(&event, console);
        }
    }

    pub fn tell(&mut self, event: &EventKind, console: &mut Console) {
        if !self.begun {
            self.early.push(event.clone());
        } else if let Some(line) = line(event) {
            write(&line, console);
        }
    }

    pub fn end(&self, end: &End, exit: Exit, console: &mut Console) {
        let (outcome, problem) = match end {
            End::Done => ("done", None),
            End::Failed(problem) => ("failed", Some(ProblemLine::of(problem))),
            End::Interrupted => ("interrupted", None),
        };
        write(&Line::End { outcome, exit: exit.code(), problem }, console);
    }
}

fn line(event: &EventKind) -> Option<Line<'_>> {
    Some(match event {
        EventKind::Settings(SessionSettings { model, effort, context }) => {
            Line::Model { model: model.as_str(), effort: effort.as_ref().map(|effort| effort.0.as_str()), context: *context }
        }
        EventKind::TextDelta { item, text } => Line::TextDelta { item: item.as_str(), text },
        EventKind::ReasoningDelta { item, text } => Line::ReasoningDelta { item: item.as_str(), text },
        EventKind::ItemDone(Item { id, kind: ItemKind::Assistant { text }, .. }) => Line::Message { item: id.as_str(), text },
        EventKind::ItemDone(Item { id, kind: ItemKind::Reasoning { summary }, .. }) => Line::Reasoning { item: id.as_str(), text: summary },
        EventKind::ItemDropped(item) => Line::Dropped { item: item.as_str() },
        EventKind::CallStarted(call) => Line::Call { call: call.id.as_str(), tool: &call.name, arguments: &call.arguments },
        EventKind::CallEnded { call, output: CallOutput { title, text, images, ok, .. } } => {
            Line::Output { call: call.as_str(), ok: *ok, title, text, images: images.len() }
        }
        EventKind::Retrying { attempt, of, wait, problem } => Line::Retry {
            attempt: *attempt,
            of: *of,
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            problem: ProblemLine::of(problem),
        },
        EventKind::Resumed => Line::Resumed {},
        EventKind::Notice(Notice { message, next }) => Line::Notice { message, next: next.as_deref().map(in_shell) },
        EventKind::Usage(Usage { input, cached, output, reasoning }) => {
            Line::Usage { input: *input, cached: *cached, output: *output, reasoning: *reasoning }
        }
        EventKind::Limits(Limits { primary, secondary }) => {
            Line::Limits { primary: primary.as_ref().map(LimitLine::of), secondary: secondary.as_ref().map(LimitLine::of) }
        }
        _ => return None,
    })
}

/// JSON text holds no line feed and no raw control code, so that a line is a line on a terminal too.
fn write(line: &Line<'_>, console: &mut Console) {
    // These shapes have text keys and finite numbers only: they cannot fail to serialise.
    if let Ok(json) = serde_json::to_string(line) {
        console.line(&json);
    }
}

impl LimitLine {
    fn of(limit: &Limit) -> Self {
        Self { used_percent: limit.used_percent, window_minutes: limit.window_minutes, resets_at_ms: limit.resets.map(|at| at.0) }
    }
}

impl<'a> ProblemLine<'a> {
    fn of(problem: &'a Problem) -> Self {
        let resets = match &problem.kind {
            ProblemKind::UsageLimit { resets } => *resets,
            _ => None,
        };
        Self {
            kind: kind(&problem.kind),
            message: &problem.message,
            next: problem.next.as_deref().map(in_shell),
            resets_at_ms: resets.map(|at| at.0),
        }
    }
}

fn kind(kind: &ProblemKind) -> &'static str {
    match kind {
        ProblemKind::BadRequest => "bad_request",
        ProblemKind::BrokenStream => "broken_stream",
        ProblemKind::Config => "config",
        ProblemKind::ContextLength => "context_length",
        ProblemKind::CredentialFile => "credential_file",
        ProblemKind::Internal => "internal",
        ProblemKind::Network => "network",
        ProblemKind::NotSignedIn => "not_signed_in",
        ProblemKind::Overloaded => "overloaded",
        ProblemKind::Quota => "quota",
        ProblemKind::RateLimited => "rate_limited",
        ProblemKind::Refused => "refused",
        ProblemKind::SignIn => "sign_in",
        ProblemKind::UsageLimit { .. } => "usage_limit",
    }
}
