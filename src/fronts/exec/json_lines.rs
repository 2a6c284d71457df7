//! `--json`: the events as lines of our own, documented in `codling run --help` and the guide.

mod output;
mod parts;
mod web;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::base::Console;
use crate::protocol::{
    Approval, CompactionResult, EventKind, Exit, Item, ItemKind, Limits, Notice, Question, Retry,
    SandboxOpenings, Selection, ServiceTier, SessionMode, SessionSettings, SessionView, Usage,
    Verbosity, in_shell,
};

use super::turn::{RunEnd, RunRequest};
use super::{changes, nobody};
use output::OutputPart;
use parts::{ChoicePart, LimitPart, ProblemPart, RulePart, SubjectPart, TodoPart};
use web::{CitationPart, WebSearchPart};

/// Of the shapes, in the first line. It grows when a line's meaning changes; new kinds of lines and new fields leave it as it is.
const VERSION: u32 = 2;

/// Nothing is written before the session has its name, which the first line tells.
#[derive(Default)]
pub struct JsonLines {
    begun: bool,
    early: Vec<EventKind>,
    opened: bool,
    /// Paths of files that calls changed.
    changed: BTreeSet<String>,
}

/// One line. Fields that are not known are left out.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    /// First of all.
    Start { version: u32, codling: &'a str, session: &'a str, folder: String },
    /// The model in use, at the start and when it changes.
    Model {
        model: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        effort: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        verbosity: Option<&'a str>,
        /// Absent where requests are served in their turn.
        #[serde(skip_serializing_if = "Option::is_none")]
        tier: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<u64>,
    },
    /// More of a message.
    TextDelta { item: &'a str, text: &'a str },
    /// A whole message; it replaces its deltas.
    Message {
        item: &'a str,
        text: &'a str,
        /// The pages that it refers to.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        citations: Vec<CitationPart<'a>>,
    },
    /// More of a summary of thoughts.
    ReasoningDelta { item: &'a str, text: &'a str },
    /// A whole summary of thoughts.
    Reasoning { item: &'a str, text: &'a str },
    /// The model's provider looked something up on the web.
    WebSearch {
        item: &'a str,
        #[serde(flatten)]
        search: WebSearchPart<'a>,
    },
    /// The stream broke: what an item had so far is void.
    Dropped { item: &'a str },
    /// A tool runs. `arguments` is the JSON text that the model wrote.
    Call { call: &'a str, tool: &'a str, arguments: &'a str },
    /// It runs; `title` is what its arguments mean.
    CallRunning { call: &'a str, title: &'a str },
    /// The last lines of what it has put out so far, in place of those before.
    Progress { call: &'a str, tail: &'a str },
    /// Something asked for a person, and was refused: there is none.
    Approval {
        call: &'a str,
        tool: &'a str,
        title: &'a str,
        subject: SubjectPart<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<&'a str>,
        why: &'a str,
        /// The model's own.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        rules: Vec<RulePart<'a>>,
        /// `refused`
        answer: &'a str,
        next: String,
    },
    /// The model asked a person, and was told that there is no answer.
    Question {
        call: &'a str,
        text: &'a str,
        options: Vec<ChoicePart<'a>>,
        /// Whether several could have been chosen.
        several: bool,
        /// `declined`
        answer: &'a str,
        next: &'a str,
    },
    /// What the tool answered the model, and what it did.
    Output(OutputPart<'a>),
    /// The model's plan, whole.
    Todos { items: Vec<TodoPart<'a>> },
    /// What may happen without asking from here on.
    SessionMode {
        agent: String,
        mode: &'a str,
        sandbox: &'a str,
        tier: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        lacks: Option<&'static str>,
    },
    /// What commands that are kept in find here; where there is anything to tell.
    Sandbox {
        /// Why they are kept in no better.
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        refused: &'a [String],
        /// Hosts and folders that the settings open to them.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        hosts: Vec<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        folders: Vec<String>,
        /// What they can read besides.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        readable: Vec<String>,
    },
    /// The conversation was summed up; without numbers, the attempt was given up.
    Compacted {
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<u64>,
    },
    /// All files that tools changed; before the end, where there are any.
    Changed { files: &'a BTreeSet<String> },
    /// A request is tried again.
    Retry { attempt: u32, of: u32, wait_ms: u64, problem: ProblemPart<'a> },
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
        primary: Option<LimitPart>,
        #[serde(skip_serializing_if = "Option::is_none")]
        secondary: Option<LimitPart>,
    },
    /// Last of all.
    End {
        /// `done`, `failed` or `interrupted`.
        outcome: &'a str,
        /// `max_steps` where the turn is done only because its steps are used up.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        /// The exit code.
        exit: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        problem: Option<ProblemPart<'a>>,
    },
}

impl JsonLines {
    pub fn begin(&mut self, ask: &RunRequest, console: &mut Console) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let folder = ask.folder.to_string_lossy().into_owned();
        write(
            &Line::Start {
                version: VERSION,
                codling: env!("CARGO_PKG_VERSION"),
                session: ask.session.as_str(),
                folder,
            },
            console,
        );
        for event in std::mem::take(&mut self.early) {
            self.tell(&event, console);
        }
    }

    pub fn tell(&mut self, event: &EventKind, console: &mut Console) {
        if !self.begun {
            self.early.push(event.clone());
            return;
        }
        if let EventKind::Snapshot(view) = event {
            return self.open(view, console);
        }
        self.changed.extend(changes::done(event).iter().map(|diff| diff.path.clone()));
        if let Some(line) = line(event) {
            write(&line, console);
        }
    }

    /// The session as it is when it opens; later, where lines were read so slowly that events had to be left out, as it is by then.
    fn open(&mut self, view: &SessionView, console: &mut Console) {
        if std::mem::replace(&mut self.opened, true) {
            let message = "Lines are read too slowly: what happened meanwhile is left out";
            return write(&Line::Notice { message, next: None }, console);
        }
        let told = [
            view.settings.clone().map(EventKind::Settings),
            view.session_mode.map(EventKind::SessionMode),
        ];
        for event in told.into_iter().flatten() {
            self.tell(&event, console);
        }
        if let Some(line) = sandbox(view) {
            write(&line, console);
        }
    }

    pub fn end(&self, end: &RunEnd, exit: Exit, console: &mut Console) {
        let (outcome, problem) = match end {
            RunEnd::Done | RunEnd::MaxSteps => ("done", None),
            RunEnd::Failed(problem) => ("failed", Some(ProblemPart::of(problem))),
            RunEnd::Interrupted => ("interrupted", None),
        };
        if !self.changed.is_empty() {
            write(&Line::Changed { files: &self.changed }, console);
        }
        let reason = (*end == RunEnd::MaxSteps).then_some("max_steps");
        write(&Line::End { outcome, reason, exit: exit.code(), problem }, console);
    }
}

fn line(event: &EventKind) -> Option<Line<'_>> {
    Some(match event {
        EventKind::Approval(approval) => refused(approval),
        EventKind::Asked {
            call,
            question: Question { text, options, selection: pick, .. },
            ..
        } => Line::Question {
            call: call.as_str(),
            text,
            options: ChoicePart::all(options),
            several: *pick == Selection::Any,
            answer: "declined",
            next: nobody::ANSWER_FIRST,
        },
        EventKind::CallProgress { call, tail } => Line::Progress { call: call.as_str(), tail },
        EventKind::CallRunning { call, title } => Line::CallRunning { call: call.as_str(), title },
        EventKind::Compacted(None) => Line::Compacted { before: None, after: None },
        EventKind::Compacted(Some(CompactionResult { before, after })) => {
            Line::Compacted { before: Some(*before), after: Some(*after) }
        }
        EventKind::SessionMode(SessionMode { agent, approval_mode: mode, sandbox }) => {
            Line::SessionMode {
                agent: agent.as_str().to_lowercase(),
                mode: mode.as_str(),
                sandbox: if sandbox.is_present() { "present" } else { "absent" },
                tier: sandbox.tier(),
                lacks: sandbox.lacks(),
            }
        }
        EventKind::Todos(todos) => Line::Todos { items: TodoPart::all(todos) },
        EventKind::Settings(SessionSettings { model, effort, tuning, context, .. }) => {
            Line::Model {
                model: model.to_string(),
                effort: effort.as_ref().map(|effort| effort.0.as_str()),
                verbosity: tuning.verbosity.map(Verbosity::as_str),
                tier: (tuning.tier == ServiceTier::Fast).then(|| tuning.tier.as_str()),
                context: *context,
            }
        }
        EventKind::TextDelta { item, text } => Line::TextDelta { item: item.as_str(), text },
        EventKind::ReasoningDelta { item, text } => {
            Line::ReasoningDelta { item: item.as_str(), text }
        }
        EventKind::ItemDone(Item { id, kind: ItemKind::Assistant { text, citations }, .. }) => {
            Line::Message { item: id.as_str(), text, citations: CitationPart::all(citations) }
        }
        EventKind::ItemDone(Item { id, kind: ItemKind::Reasoning { summary }, .. }) => {
            Line::Reasoning { item: id.as_str(), text: summary }
        }
        EventKind::ItemDone(Item { id, kind: ItemKind::WebSearch(search), .. }) => {
            Line::WebSearch { item: id.as_str(), search: WebSearchPart::of(search) }
        }
        EventKind::ItemDropped(item) => Line::Dropped { item: item.as_str() },
        EventKind::CallStarted(call) => {
            Line::Call { call: call.id.as_str(), tool: &call.name, arguments: &call.arguments }
        }
        EventKind::CallEnded { call, output } => Line::Output(OutputPart::of(call, output)),
        EventKind::Retrying(Retry { attempt, of, wait, problem }) => Line::Retry {
            attempt: *attempt,
            of: *of,
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            problem: ProblemPart::of(problem),
        },
        EventKind::Resumed => Line::Resumed {},
        EventKind::Notice(Notice { message, next }) => {
            Line::Notice { message, next: next.as_deref().map(in_shell) }
        }
        EventKind::Usage(Usage { input, cached, output, reasoning }) => {
            Line::Usage { input: *input, cached: *cached, output: *output, reasoning: *reasoning }
        }
        EventKind::Limits(Limits { primary, secondary }) => Line::Limits {
            primary: primary.as_ref().map(LimitPart::of),
            secondary: secondary.as_ref().map(LimitPart::of),
        },
        _ => return None,
    })
}

/// What commands that are kept in find, where there is anything to tell.
fn sandbox(view: &SessionView) -> Option<Line<'_>> {
    let SandboxOpenings { hosts, folders, readable } = &view.opened;
    if view.refused.is_empty() && view.opened.is_empty() {
        return None;
    }
    Some(Line::Sandbox {
        refused: &view.refused,
        hosts: hosts.iter().map(ToString::to_string).collect(),
        folders: folders.iter().map(|folder| folder.display().to_string()).collect(),
        readable: readable.iter().map(|path| path.display().to_string()).collect(),
    })
}

fn refused(approval: &Approval) -> Line<'_> {
    Line::Approval {
        call: approval.call.as_str(),
        tool: &approval.tool,
        title: &approval.title,
        subject: SubjectPart::of(&approval.subject),
        place: approval.place.as_deref(),
        why: &approval.why,
        reason: approval.reason.as_deref(),
        rules: RulePart::all(approval),
        answer: "refused",
        next: nobody::way_around(approval),
    }
}

/// JSON text holds no line feed and no raw control code, so that a line is a line on a terminal too.
fn write(line: &Line<'_>, console: &mut Console) {
    // These shapes have text keys and finite numbers only: they cannot fail to serialise.
    if let Ok(json) = serde_json::to_string(line) {
        console.line(&json);
    }
}
