//! Reading a line of a log.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use crate::base::Timestamp;
use crate::protocol::{
    CallId, CompactionResult, ContextNoteKind, Direction, Effort, JobId, LeftTurns, ModelRef,
    Patches, Problem, ProblemKind, Record, ServiceTier, SessionId, SessionSettings, Tuning, TurnId,
    TurnOrigin, TurnOutcome, Usage, Verbosity,
};

use super::super::recorded_session::LogHeader;
use super::items::{is_about_place, item_id, read_item};
use super::{
    LineContent, LiveWords, LogLine, WORDS, files, planned_action, read_note, read_provider,
};

/// Reads a line; `None` if it is damaged.
pub(in crate::store) fn read(bytes: &[u8]) -> Option<LineContent> {
    let line: LogLine<String> = match serde_json::from_slice(bytes) {
        Ok(line) => line,
        // A known field of another shape belongs to an unknown type.
        Err(_damaged_or_new) => return unknown(bytes),
    };
    let held = match line.kind.as_str() {
        "session" => LineContent::Header(LogHeader {
            version: line.version?,
            id: SessionId::new(line.id?),
            folder: PathBuf::from(line.folder?),
            created: Timestamp(line.at?),
            forked_from: line.forked_from.map(SessionId::new),
        }),
        "settings" => LineContent::Record(Record::Settings(SessionSettings {
            model: ModelRef::new(read_provider(line.provider), line.model?),
            effort: line.effort.map(Effort),
            tuning: Tuning {
                verbosity: line.verbosity.as_deref().and_then(Verbosity::named),
                tier: line.tier.as_deref().and_then(ServiceTier::named).unwrap_or_default(),
            },
            context: line.context,
            patches: match line.patches.as_deref() {
                Some("argument") => Patches::AsArgument,
                Some("text") => Patches::AsText,
                _ => Patches::Never,
            },
        })),
        "words" => {
            LineContent::Words(LiveWords::More { item: item_id(&line.id?), text: line.text? })
        }
        "words_void" => LineContent::Words(LiveWords::Void(item_id(&line.id?))),
        "title" => LineContent::Record(Record::Title(line.title?)),
        "turn_started" => LineContent::Record(Record::TurnStarted(TurnId(line.turn?))),
        "turn_ended" => LineContent::Record(Record::TurnEnded {
            turn: TurnId(line.turn?),
            outcome: match line.outcome?.as_str() {
                "done" => TurnOutcome::Done,
                "interrupted" => TurnOutcome::Interrupted,
                "max_steps" => TurnOutcome::MaxSteps,
                _ => TurnOutcome::Failed(Problem {
                    kind: ProblemKind::Internal,
                    message: line.message.unwrap_or_default(),
                    next: line.next,
                }),
            },
        }),
        "usage" => {
            let [input, cached, output, reasoning] = line.usage?;
            let cost = line.cost;
            LineContent::Record(Record::Usage(Usage { input, cached, output, reasoning, cost }))
        }
        "changed" => LineContent::Record(Record::Changed {
            turn: TurnId(line.turn?),
            id: line.id.unwrap_or_default(),
            files: files::read(line.files?)?,
        }),
        // A newer codling may know this kind.
        "planned" => match planned_action::read(line.action?) {
            Some(action) => LineContent::Record(Record::CallPlanned {
                call: CallId::new(line.call?),
                action: Arc::new(action),
            }),
            None => LineContent::Unknown,
        },
        "turn_origin" => match read_turn_origin(&line)? {
            Some(origin) => LineContent::Record(Record::TurnOrigin(origin)),
            None => LineContent::Unknown,
        },
        "job_ended" => LineContent::Record(Record::JobEnded(JobId(line.job?))),
        "compacted" | "sealed" => {
            let [before, after] = line.tokens?;
            let compaction = CompactionResult { before, after };
            LineContent::Record(Record::Compacted {
                summary: Arc::new(read_item(line)?),
                compaction,
            })
        }
        "item_left_out" => LineContent::Record(Record::ItemLeftOut {
            item: item_id(&line.id?),
            why: line.message?,
        }),
        "pictures_dropped" => LineContent::Record(Record::PicturesDropped {
            item: item_id(&line.id?),
            why: line.message?,
        }),
        "undone" if line.direction.as_deref() == Some(WORDS) => {
            let before = TurnId(line.turn?);
            let left = LeftTurns { before, records: Vec::new() };
            LineContent::Record(Record::WentBack(Arc::new(left)))
        }
        // Logs before version 0.2 say "retraced" and do not name the files.
        kind @ ("retraced" | "undo_begun" | "undone") => {
            let is_begun = kind == "undo_begun";
            let direction = match line.direction?.as_str() {
                "redo" => Direction::Redo,
                "undo" => Direction::Undo,
                _ => return None,
            };
            let (turn, files) =
                (TurnId(line.turn?), line.files.map_or(Some(Vec::new()), files::read)?);
            LineContent::Record(if is_begun {
                Record::UndoBegun { turn, direction, files }
            } else {
                Record::Undone { turn, direction, files }
            })
        }
        "remark" => LineContent::Record(Record::ContextNote {
            kind: match read_note(line.note.as_deref()) {
                ContextNoteKind::Unknown if is_about_place(line.id.as_deref()) => {
                    ContextNoteKind::Environment
                }
                kind => kind,
            },
            item: Arc::new(read_item(line)?),
        }),
        "user" | "assistant" | "reasoning" | "call" | "output" | "other" => {
            LineContent::Record(Record::Item(Arc::new(read_item(line)?)))
        }
        _ => LineContent::Unknown,
    };
    Some(held)
}

/// Valid JSON with an unknown type is for a newer reader; anything else is damaged.
fn unknown(bytes: &[u8]) -> Option<LineContent> {
    #[derive(Deserialize)]
    struct LineType {
        #[serde(rename = "type")]
        kind: String,
    }
    const OURS: &[&str] = &[
        "session",
        "settings",
        "title",
        "turn_started",
        "turn_origin",
        "turn_ended",
        "usage",
        "remark",
        "user",
        "assistant",
        "reasoning",
        "call",
        "output",
        "changed",
        "compacted",
        "sealed",
        "planned",
        "item_left_out",
        "pictures_dropped",
        "retraced",
        "undo_begun",
        "undone",
    ];
    let typed: LineType = serde_json::from_slice(bytes).ok()?;
    (!OURS.contains(&typed.kind.as_str())).then_some(LineContent::Unknown)
}

/// Reads the origin: `Some(None)` if only a newer codling may know it, `None` if the line is
/// damaged.
fn read_turn_origin(line: &LogLine<String>) -> Option<Option<TurnOrigin>> {
    Some(match line.origin.as_deref()? {
        "queued" => Some(TurnOrigin::Queued),
        "review" => Some(TurnOrigin::Review(line.text.clone()?)),
        _ => None,
    })
}
