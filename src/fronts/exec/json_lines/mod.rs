//! `--json`: events as our own JSON lines, documented in `codling run --help` and the guide.

mod output;
mod parts;
mod web;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::base::Console;
use crate::protocol::{
    Approval, CompactionResult, EventKind, Exit, Item, ItemKind, Limits, Notice, Question, Retry,
    SandboxOpenings, Selection, ServiceTier, SessionMode, SessionSettings, SessionView, Verbosity,
    in_shell,
};

use super::turn::{RunEnd, RunRequest};
use super::{nobody, progress};
use output::OutputPart;
use parts::{ChoicePart, LimitPart, ProblemPart, RulePart, SubjectPart, TodoPart};
use web::{CitationPart, WebSearchPart};

/// The version in the first line. It grows when the meaning of a line changes, not for new kinds of
/// lines and new fields.
const VERSION: u32 = 2;

/// The writer; it waits for the session's id, which the first line contains.
#[derive(Default)]
pub struct JsonLines {
    begun: bool,
    early: Vec<EventKind>,
    opened: bool,
    /// Paths of changed files.
    changed: BTreeSet<String>,
}

/// One line; unknown fields are left out.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    /// The first line.
    Start { version: u32, codling: &'a str, session: &'a str, folder: String },
    /// The model, at the start and when it changes.
    Model {
        model: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        effort: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        verbosity: Option<&'a str>,
        /// Absent for the standard tier.
        #[serde(skip_serializing_if = "Option::is_none")]
        tier: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<u64>,
    },
    /// More text of a message.
    TextDelta { item: &'a str, text: &'a str },
    /// A complete message; it replaces its deltas.
    Message {
        item: &'a str,
        text: &'a str,
        /// The pages that it cites.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        citations: Vec<CitationPart<'a>>,
    },
    /// More text of a reasoning summary.
    ReasoningDelta { item: &'a str, text: &'a str },
    /// A complete reasoning summary.
    Reasoning { item: &'a str, text: &'a str },
    /// A web search by the model's provider.
    WebSearch {
        item: &'a str,
        #[serde(flatten)]
        search: WebSearchPart<'a>,
    },
    /// The stream broke: discard the text of this item.
    Dropped { item: &'a str },
    /// The model calls a tool. `arguments` is the JSON text that it wrote.
    Call { call: &'a str, tool: &'a str, arguments: &'a str },
    /// The call runs; `title` describes its arguments.
    CallRunning { call: &'a str, title: &'a str },
    /// The last lines of its output; replaces the previous ones.
    Progress { call: &'a str, tail: &'a str },
    /// A call needed an approval and was refused, because no person is there.
    Approval {
        call: &'a str,
        tool: &'a str,
        title: &'a str,
        subject: SubjectPart<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<&'a str>,
        why: &'a str,
        /// The model's reason.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        rules: Vec<RulePart<'a>>,
        /// `refused`
        answer: &'a str,
        next: String,
    },
    /// The model asked a question; nobody answers it.
    Question {
        call: &'a str,
        text: &'a str,
        options: Vec<ChoicePart<'a>>,
        /// Whether several answers could be chosen.
        several: bool,
        /// `declined`
        answer: &'a str,
        next: &'a str,
    },
    /// The result of a call.
    Output(OutputPart<'a>),
    /// The model's whole plan.
    Todos { items: Vec<TodoPart<'a>> },
    /// The approval mode from here on.
    SessionMode {
        agent: String,
        mode: &'a str,
        sandbox: &'a str,
        tier: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        lacks: Option<&'static str>,
    },
    /// The sandbox of commands, if there is anything to report.
    Sandbox {
        /// Why no better sandbox is available.
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        refused: &'a [String],
        /// Hosts and folders that the settings open to them.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        hosts: Vec<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        folders: Vec<String>,
        /// Other folders that they may read.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        readable: Vec<String>,
    },
    /// The conversation was compacted; without numbers, the attempt failed.
    Compacted {
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<u64>,
    },
    /// All files that tools changed; before the end, if there are any.
    Changed { files: &'a BTreeSet<String> },
    /// A request is retried.
    Retry { attempt: u32, of: u32, wait_ms: u64, problem: ProblemPart<'a> },
    /// A usage limit is waited out: the request is sent again when it resets.
    LimitWait { until_ms: i64, problem: ProblemPart<'a> },
    /// The limit has reset, and the request is sent again.
    LimitPassed {},
    /// The stream works again.
    Resumed {},
    Notice {
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<Cow<'a, str>>,
    },
    /// Tokens of the last request.
    Usage {
        input: u64,
        cached: u64,
        output: u64,
        reasoning: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        cost_microdollars: Option<u64>,
    },
    /// How much of the plan's limits is used.
    Limits {
        #[serde(skip_serializing_if = "Option::is_none")]
        primary: Option<LimitPart>,
        #[serde(skip_serializing_if = "Option::is_none")]
        secondary: Option<LimitPart>,
    },
    /// The last line.
    End {
        /// `done`, `failed` or `interrupted`.
        outcome: &'a str,
        /// `max_steps` if the turn ended because its steps were used up.
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
            self.show(&event, console);
        }
    }

    pub fn show(&mut self, event: &EventKind, console: &mut Console) {
        if !self.begun {
            self.early.push(event.clone());
            return;
        }
        if let EventKind::Snapshot(view) = event {
            return self.open(view, console);
        }
        self.changed.extend(progress::done_changes(event).iter().map(|diff| diff.path.clone()));
        if let Some(line) = line(event) {
            write(&line, console);
        }
    }

    /// Writes the session's lines when it opens. If a slow reader missed events, it writes them
    /// again as they are then.
    fn open(&mut self, view: &SessionView, console: &mut Console) {
        if std::mem::replace(&mut self.opened, true) {
            let message = "Lines are read too slowly: what happened meanwhile is left out";
            return write(&Line::Notice { message, next: None }, console);
        }
        let events = [
            view.settings.clone().map(EventKind::Settings),
            view.session_mode.map(EventKind::SessionMode),
        ];
        for event in events.into_iter().flatten() {
            self.show(&event, console);
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
        EventKind::LimitHold(Some(hold)) => {
            Line::LimitWait { until_ms: hold.until.0, problem: ProblemPart::of(&hold.problem) }
        }
        EventKind::LimitHold(None) => Line::LimitPassed {},
        EventKind::Resumed => Line::Resumed {},
        EventKind::Notice(Notice { message, next }) => {
            Line::Notice { message, next: next.as_deref().map(in_shell) }
        }
        EventKind::Usage(usage) => Line::Usage {
            input: usage.input,
            cached: usage.cached,
            output: usage.output,
            reasoning: usage.reasoning,
            cost_microdollars: usage.cost,
        },
        EventKind::Limits(Limits { primary, secondary }) => Line::Limits {
            primary: primary.as_ref().map(LimitPart::of),
            secondary: secondary.as_ref().map(LimitPart::of),
        },
        _ => return None,
    })
}

/// The sandbox line, if there is anything to report.
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

/// Writes one line. JSON contains no raw line feeds or control codes, so it is safe on a terminal.
fn write(line: &Line<'_>, console: &mut Console) {
    // Text keys and finite numbers always serialize.
    if let Ok(json) = serde_json::to_string(line) {
        console.line(&json);
    }
}
