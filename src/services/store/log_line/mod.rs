//! One line of a session's log as JSON: writing a record, and reading it back.
//!
//! Each line has a `type` that determines its other fields. Readers skip unknown types.

mod files;
mod items;
mod planned_action;
mod read;
mod tool_result;
mod web;

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;
use crate::protocol::{
    Agent, CompactionResult, ContextNoteKind, Direction, ItemId, ItemKind, Patches, ProviderId,
    Record, ServiceTier, SessionId, SessionSettings, TurnOrigin, TurnOutcome, Usage, Verbosity,
};

use super::recorded_session::LogHeader;
use files::ChangedFile;
use items::{PictureLine, item_kind, write_item};
use planned_action::ActionLine;
use tool_result::{DiffLine, ResultLine, TodoLine};
use web::{CitationLine, WebLine};

pub(super) use read::read;

/// The version of the format. A log of a greater version is left alone.
pub const VERSION: u32 = 2;

/// The direction of an `undone` line that takes back turns instead of changes of files.
pub(super) const WORDS: &str = "words";

/// Any line; fields that its type does not use are absent.
#[derive(Default, Deserialize, Serialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(super) struct LogLine<T> {
    #[serde(rename = "type")]
    kind: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    /// Milliseconds since 1970 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forked_from: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<T>,
    /// The provider of the model, or the one that wrote `wire`; absent for `openai`.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<T>,
    /// The dialect of `wire`; absent for `responses`.
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verbosity: Option<T>,
    /// `fast`; absent for the standard tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patches: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ok: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<Vec<PictureLine<T>>>,
    /// Pages that an answer cites.
    #[serde(skip_serializing_if = "Option::is_none")]
    citations: Option<Vec<CitationLine<T>>>,
    /// An item of the provider's web search.
    #[serde(skip_serializing_if = "Option::is_none")]
    web: Option<WebLine<T>>,
    /// Diffs that the person sees instead of the output's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    diffs: Option<Vec<DiffLine<T>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    todos: Option<Vec<TodoLine<T>>>,
    /// Since version 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<ResultLine<T>>,
    /// The action that a call plans.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<ActionLine<T>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<ChangedFile<T>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<T>,
    /// Tokens before and after a compaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<[u64; 2]>,
    /// The type of the item in a line of another type; absent for a prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<T>,
    /// The number of a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<u64>,
    /// Since version 2: the subject of a remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<T>,
    /// The cause of a turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<[u64; 4]>,
    /// Millionths of a US dollar.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<u64>,
    /// The item as the server sent it, as a JSON text, unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    wire: Option<T>,
    /// `wire` split around the line's own long text, which is not stored twice: the parts before
    /// and after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    wire_around: Option<[T; 2]>,
}

/// Text of an answer that is still being written; no record holds it until it is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveWords {
    /// More text of an item, to append to what came before.
    #[allow(missing_docs, reason = "their names say it")]
    More { item: ItemId, text: String },
    /// Discards the text of this item.
    Void(ItemId),
}

/// Appends the line with its line feed.
pub(super) fn write_words(words: &LiveWords, into: &mut Vec<u8>) {
    let line = LogLine::<&str>::default();
    let line = match words {
        LiveWords::More { item, text } => {
            LogLine { kind: "words", id: Some(item.as_str()), text: Some(text), ..line }
        }
        LiveWords::Void(item) => LogLine { kind: "words_void", id: Some(item.as_str()), ..line },
    };
    push(&line, into);
}

/// The content of a line.
#[derive(Debug, PartialEq)]
pub(super) enum LineContent {
    Header(LogHeader),
    Record(Record),
    Words(LiveWords),
    /// A type that a newer codling may know.
    Unknown,
}

/// Appends the record's line with its line feed.
pub(super) fn write(record: &Record, now: Timestamp, into: &mut Vec<u8>) {
    let line = LogLine::<&str>::default();
    let line = match record {
        Record::Changed { turn, id, files } => {
            let (files, id) = (files::write(files), Some(id.as_str()).filter(|id| !id.is_empty()));
            LogLine {
                kind: "changed",
                at: Some(now.0),
                turn: Some(turn.0),
                id,
                files: Some(files),
                ..line
            }
        }
        Record::CallPlanned { call, action } => LogLine {
            kind: "planned",
            call: Some(call.as_str()),
            action: Some(planned_action::write(action)),
            ..line
        },
        Record::Compacted { summary, compaction: CompactionResult { before, after } } => {
            // An older codling skips this line, and so keeps the items that the sealed summary
            // replaces.
            let is_sealed = summary.kind == ItemKind::Compaction;
            let line = LogLine {
                kind: if is_sealed { "sealed" } else { "compacted" },
                at: Some(now.0),
                tokens: Some([*before, *after]),
                item: Some(item_kind(summary)),
                ..line
            };
            write_item(summary, line)
        }
        Record::Item(item) => write_item(item, LogLine { kind: item_kind(item), ..line }),
        Record::JobEnded(job) => {
            LogLine { kind: "job_ended", at: Some(now.0), job: Some(job.0), ..line }
        }
        Record::ItemLeftOut { item, why } | Record::PicturesDropped { item, why } => {
            let is_item = matches!(record, Record::ItemLeftOut { .. });
            LogLine {
                kind: if is_item { "item_left_out" } else { "pictures_dropped" },
                id: Some(item.as_str()),
                message: Some(why),
                ..line
            }
        }
        Record::ContextNote { kind: note, item } => {
            let kind = Some(item_kind(item)).filter(|kind| *kind != "user");
            write_item(item, LogLine { kind: "remark", item: kind, note: note_word(*note), ..line })
        }
        Record::Settings(SessionSettings { model, effort, tuning, context, patches }) => {
            let effort = effort.as_ref().map(|effort| effort.0.as_str());
            let patches = match patches {
                Patches::AsArgument => Some("argument"),
                Patches::AsText => Some("text"),
                Patches::Never => None,
            };
            LogLine {
                kind: "settings",
                model: Some(model.id.as_str()),
                provider: provider_word(&model.provider),
                effort,
                verbosity: tuning.verbosity.map(Verbosity::as_str),
                tier: Some(tuning.tier)
                    .filter(|tier| *tier != ServiceTier::Standard)
                    .map(ServiceTier::as_str),
                context: *context,
                patches,
                ..line
            }
        }
        Record::Title(title) => LogLine { kind: "title", title: Some(title), ..line },
        Record::TurnEnded { turn, outcome } => {
            let (word, problem) = match outcome {
                TurnOutcome::Done => ("done", None),
                TurnOutcome::Failed(problem) => ("failed", Some(problem)),
                TurnOutcome::Interrupted => ("interrupted", None),
                TurnOutcome::MaxSteps => ("max_steps", None),
            };
            let message = problem.map(|problem| problem.message.as_str());
            let next = problem.and_then(|problem| problem.next.as_deref());
            LogLine {
                kind: "turn_ended",
                at: Some(now.0),
                turn: Some(turn.0),
                outcome: Some(word),
                message,
                next,
                ..line
            }
        }
        Record::TurnOrigin(origin) => write_turn_origin(origin, line),
        Record::TurnStarted(turn) => {
            LogLine { kind: "turn_started", at: Some(now.0), turn: Some(turn.0), ..line }
        }
        Record::UndoBegun { turn, direction, files }
        | Record::Undone { turn, direction, files } => {
            let kind =
                if matches!(record, Record::Undone { .. }) { "undone" } else { "undo_begun" };
            let direction = match direction {
                Direction::Redo => "redo",
                Direction::Undo => "undo",
            };
            let files = Some(files::write(files)).filter(|files| !files.is_empty());
            LogLine {
                kind,
                at: Some(now.0),
                turn: Some(turn.0),
                direction: Some(direction),
                files,
                ..line
            }
        }
        // A codling that knows no going back takes this line for damaged, and says so: a type of
        // its own would be skipped in silence, and the turns shown as if none had been left.
        Record::WentBack(left) => LogLine {
            kind: "undone",
            at: Some(now.0),
            turn: Some(left.before.0),
            direction: Some(WORDS),
            ..line
        },
        Record::Usage(Usage { input, cached, output, reasoning, cost }) => LogLine {
            kind: "usage",
            usage: Some([*input, *cached, *output, *reasoning]),
            cost: *cost,
            ..line
        },
    };
    push(&line, into);
}

/// The time of a line; `None` if it has none.
pub(super) fn time(bytes: &[u8]) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct LineTime {
        at: Option<i64>,
    }
    serde_json::from_slice::<LineTime>(bytes).ok()?.at.map(Timestamp)
}

/// The provider to store; `None` for the built-in one.
fn provider_word(provider: &ProviderId) -> Option<&str> {
    (!provider.is_openai()).then_some(provider.as_str())
}

fn read_provider(word: Option<String>) -> ProviderId {
    word.map_or_else(ProviderId::openai, ProviderId::new)
}

fn note_word(note: ContextNoteKind) -> Option<&'static str> {
    Some(match note {
        ContextNoteKind::Agent(Agent::Build) => "agent_build",
        ContextNoteKind::Agent(Agent::Plan) => "agent_plan",
        ContextNoteKind::CutOff => "cut_off",
        ContextNoteKind::Environment => "environment",
        ContextNoteKind::Expansion => "expansion",
        ContextNoteKind::Interrupted => "interrupted",
        ContextNoteKind::Jobs => "jobs",
        ContextNoteKind::LastStep => "last_step",
        ContextNoteKind::OwnCommand => "own_command",
        ContextNoteKind::Permissions => "permissions",
        ContextNoteKind::Progress => "progress",
        ContextNoteKind::PromptCommands => "prompt_commands",
        ContextNoteKind::Review => "review",
        ContextNoteKind::Undo => "undo",
        ContextNoteKind::Unknown => return None,
    })
}

fn read_note(word: Option<&str>) -> ContextNoteKind {
    match word {
        Some("agent_build") => ContextNoteKind::Agent(Agent::Build),
        Some("agent_plan") => ContextNoteKind::Agent(Agent::Plan),
        Some("cut_off") => ContextNoteKind::CutOff,
        Some("environment") => ContextNoteKind::Environment,
        Some("expansion") => ContextNoteKind::Expansion,
        Some("interrupted") => ContextNoteKind::Interrupted,
        Some("jobs") => ContextNoteKind::Jobs,
        Some("last_step") => ContextNoteKind::LastStep,
        Some("own_command") => ContextNoteKind::OwnCommand,
        Some("permissions") => ContextNoteKind::Permissions,
        Some("progress") => ContextNoteKind::Progress,
        Some("prompt_commands") => ContextNoteKind::PromptCommands,
        Some("review") => ContextNoteKind::Review,
        Some("undo") => ContextNoteKind::Undo,
        Some(_) | None => ContextNoteKind::Unknown,
    }
}

pub(super) fn write_header(header: &LogHeader, into: &mut Vec<u8>) {
    let line = LogLine {
        kind: "session",
        version: Some(VERSION),
        id: Some(header.id.as_str()),
        folder: Some(header.folder.to_string_lossy().into_owned()),
        at: Some(header.created.0),
        forked_from: header.forked_from.as_ref().map(SessionId::as_str),
        ..LogLine::default()
    };
    push(&line, into);
}

fn push(line: &LogLine<&str>, into: &mut Vec<u8>) {
    // Text keys, text and integers always serialize.
    if let Ok(json) = serde_json::to_vec(line) {
        into.extend_from_slice(&json);
        into.push(b'\n');
    }
}

fn write_turn_origin<'a>(origin: &'a TurnOrigin, line: LogLine<&'a str>) -> LogLine<&'a str> {
    let (origin, text) = match origin {
        TurnOrigin::Queued => ("queued", None),
        TurnOrigin::Review(what) => ("review", Some(what.as_str())),
    };
    LogLine { kind: "turn_origin", origin: Some(origin), text, ..line }
}
