//! A session as it was left: what it held, and what a sudden end left open in it. Runs nothing again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::protocol::{
    CallId, CallOutput, ContextNoteKind, Item, ItemKind, JobId, Record, SessionSettings,
    ToolResult, TurnId, TurnOutcome,
};

use super::turn::is_environment_note;
use super::{RecordedHistory, Session, SessionConfig};

const CALL_CUT_OFF: &str =
    "Interrupted: codling ended before this finished. It may have been done in part.";

impl Session {
    /// Goes on with what a log holds. Nothing is written and nothing is asked until there is a prompt.
    ///
    /// A call that has no output gets one that says that it was interrupted; an output without its call is left out. Both may come of a crash,
    /// or of a damaged log, and the model's server takes neither.
    pub fn resume(config: SessionConfig, settings: SessionSettings, records: &[Record]) -> Self {
        let mut session = Self::new(config, settings);
        let doubled = doubled(records);
        let answered = answered(records, &doubled);
        let ended = ended_jobs(records);
        let mut called: HashSet<CallId> = HashSet::new();
        let mut open: Option<TurnId> = None;
        session.names.items = records.iter().filter_map(own_number).max().unwrap_or(0);
        for (at, record) in records.iter().enumerate() {
            match record {
                Record::Item(_) if doubled.contains(&at) => {}
                // It was a part of one request alone.
                Record::ContextNote { kind: ContextNoteKind::LastStep, .. } => {}
                Record::Item(item) | Record::ContextNote { item, .. } => match &item.kind {
                    ItemKind::Call(call) => {
                        session.push(Arc::clone(item));
                        called.insert(call.id.clone());
                        if !answered.contains(&at) {
                            session.answer_cut_off(call.id.clone());
                        }
                    }
                    ItemKind::Output { call, .. } if !called.remove(call) => {}
                    ItemKind::Output { output, .. } => {
                        if let ToolResult::Plan(todos) = &output.result {
                            session.carried_over.planned(todos);
                        }
                        if let Some(job) = output.result.job()
                            && !ended.contains(&job)
                        {
                            session.jobs.recall(job, &output.title);
                        }
                        session.push(Arc::clone(item));
                    }
                    ItemKind::User { text, .. } => {
                        match record {
                            Record::ContextNote { kind, item } => {
                                session.mode.recall(*kind, is_environment_note(item), text)
                            }
                            _ => {
                                session.carried_over.prompted(&item.id);
                                session.change_log.begin(open.unwrap_or(TurnId(0)), text);
                            }
                        }
                        session.push(Arc::clone(item));
                    }
                    _ => session.push(Arc::clone(item)),
                },
                Record::Changed { turn, id, files } => session.change_log.note(*turn, id, files),
                Record::Compacted { summary, .. } => session.fold(summary),
                Record::CallPlanned { .. } => {}
                // Told beforehand: one that ends before its response is done stands before the output that names it.
                Record::JobEnded(_) => {}
                // The engine looks how far it came.
                Record::UndoBegun { .. } => {}
                Record::ItemLeftOut { item, why } => session.forget(item, why),
                Record::PicturesDropped { item, why } => session.blind(item, why),
                Record::Undone { turn, direction, files } => {
                    session.change_log.mark(*turn, *direction, files);
                    session.change_log.add_news(*direction, &[], &[]);
                }
                Record::Settings(settings) => session.recorded = Some(settings.clone()),
                Record::TurnStarted(turn) => {
                    // The model has been told with it.
                    session.change_log.take_news();
                    session.names.turns = session.names.turns.max(turn.0);
                    session.past = if open.replace(*turn).is_some() {
                        RecordedHistory::CutOff
                    } else {
                        RecordedHistory::Settled
                    };
                }
                Record::TurnEnded { outcome, .. } => {
                    open = None;
                    session.past = if *outcome == TurnOutcome::Interrupted {
                        RecordedHistory::Interrupted
                    } else {
                        RecordedHistory::Settled
                    };
                }
                Record::Title(_) | Record::TurnOrigin(_) => {}
                Record::Usage(usage) => {
                    session.context_usage.settle(*usage);
                    session.note_counted();
                }
            }
        }
        session.mended.extend(session.jobs.lose().into_iter().map(Record::JobEnded));
        if let Some(turn) = open {
            session.past = RecordedHistory::CutOff;
            session.mended.push(Record::TurnEnded { turn, outcome: TurnOutcome::Interrupted });
        }
        session
    }

    fn answer_cut_off(&mut self, call: CallId) {
        let output = CallOutput::refusal("", CALL_CUT_OFF);
        let item = Arc::new(Item {
            id: self.names.item(),
            kind: ItemKind::Output { call, output },
            wire: None,
        });
        self.mended.push(Record::Item(Arc::clone(&item)));
        self.push(item);
    }
}

/// Jobs that are known to have ended; no number is given twice.
fn ended_jobs(records: &[Record]) -> HashSet<JobId> {
    let ended =
        |record: &Record| if let Record::JobEnded(job) = record { Some(*job) } else { None };
    records.iter().filter_map(ended).collect()
}

/// Places of the calls that repeat one which has no output yet, word for word: a line that was
/// written twice.
fn doubled(records: &[Record]) -> HashSet<usize> {
    let (mut open, mut doubled) = (HashMap::new(), HashSet::new());
    for (at, record) in records.iter().enumerate() {
        match record {
            Record::TurnStarted(_) => open.clear(),
            Record::Item(item) => match &item.kind {
                ItemKind::Call(call) if open.insert(&call.id, call) == Some(call) => {
                    doubled.insert(at);
                }
                ItemKind::Output { call, .. } => drop(open.remove(call)),
                _ => {}
            },
            _ => {}
        }
    }
    doubled
}

/// Places of the calls that have an output of their own: a name may come again, and an output belongs to the call before it.
fn answered(records: &[Record], doubled: &HashSet<usize>) -> HashSet<usize> {
    let (mut outputs, mut answered) = (HashSet::new(), HashSet::new());
    let single = |(at, _): &(usize, _)| !doubled.contains(at);
    for (at, record) in records.iter().enumerate().rev().filter(single) {
        let Record::Item(item) = record else { continue };
        match &item.kind {
            ItemKind::Output { call, .. } => drop(outputs.insert(call)),
            ItemKind::Call(call) if outputs.remove(&call.id) => drop(answered.insert(at)),
            _ => {}
        }
    }
    answered
}

/// The number in a name that a session gave out itself.
fn own_number(record: &Record) -> Option<u64> {
    match record {
        Record::Compacted { summary: item, .. }
        | Record::Item(item)
        | Record::ContextNote { item, .. } => item.id.as_str().rsplit_once("own_")?.1.parse().ok(),
        _ => None,
    }
}
