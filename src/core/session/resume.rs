//! Reading a session back from its log, as it was left, and what a sudden end left open in it. Runs
//! nothing again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::protocol::{
    CallId, CallOutput, Compactor, ContextNoteKind, ItemKind, JobId, Record, SessionSettings,
    TurnId, TurnOutcome, with_left_turns,
};
use crate::session::sentences::CALL_CUT_OFF;

use super::changes::Changes;
use super::context::Context;
use super::conversation::Conversation;
use super::ids::IdSource;
use super::jobs::Jobs;
use super::turns::LastTurn;
use super::{Session, SessionConfig};

impl Session {
    /// Goes on with the records of a log. Nothing is written and nothing is asked until there is a
    /// prompt.
    ///
    /// A call that has no output gets one that says that it was interrupted; an output without its
    /// call is left out. Both may come of a crash, or of a damaged log, and the model's server
    /// takes neither.
    pub fn resume(config: SessionConfig, settings: SessionSettings, records: &[Record]) -> Self {
        let session = Self::new(config, settings);
        let past = PastSession::read(records, &session.context, session.compactor());
        let PastSession { ids, last, mut conversation, changes, mut jobs, open } = past;
        for job in jobs.lose() {
            conversation.repair(Record::JobEnded(job));
        }
        if let Some(turn) = open {
            let outcome = TurnOutcome::Interrupted;
            conversation.repair(Record::TurnEnded { turn, outcome });
        }
        let mut session = Self { ids, conversation, changes, jobs, ..session };
        session.turns.recall(last);
        session
    }
}

/// The parts of a session that its log holds.
pub(super) struct PastSession {
    ids: IdSource,
    /// How the last turn ended.
    pub(super) last: LastTurn,
    pub(super) conversation: Conversation,
    pub(super) changes: Changes,
    jobs: Jobs,
    /// The turn that has no end.
    open: Option<TurnId>,
}

impl PastSession {
    pub(super) fn read(records: &[Record], context: &Context, compactor: Compactor) -> Self {
        let mut past = Self {
            ids: IdSource::default(),
            last: LastTurn::default(),
            conversation: Conversation::new(compactor),
            changes: Changes::default(),
            jobs: Jobs::default(),
            open: None,
        };
        let Self { ids, last, conversation, changes, jobs, open } = &mut past;
        let doubled = doubled(records);
        let answered = answered(records, &doubled);
        let ended = ended_jobs(records);
        let unsent = prompt_commands(records);
        let mut called: HashSet<CallId> = HashSet::new();
        let numbers = with_left_turns(records).filter_map(own_number);
        conversation.begin_after(numbers.max().unwrap_or(0));
        for (at, record) in records.iter().enumerate() {
            match record {
                Record::Item(_) if doubled.contains(&at) => {}
                // It was a part of one request alone.
                Record::ContextNote { kind: ContextNoteKind::LastStep, .. } => {}
                Record::ContextNote { kind: ContextNoteKind::PromptCommands, .. } => {}
                Record::ContextNote { kind, item } => {
                    if let ItemKind::User { text, .. } = &item.kind {
                        conversation.recall_note(*kind, text);
                    }
                    conversation.push(Arc::clone(item), Some(*kind));
                }
                Record::Item(item) => {
                    match &item.kind {
                        ItemKind::Call(call) => drop(called.insert(call.id.clone())),
                        ItemKind::Output { call, .. } if !called.remove(call) => continue,
                        ItemKind::Output { output, .. } => {
                            if let Some(job) = output.result.job()
                                && !ended.contains(&job)
                            {
                                jobs.recall(job, &output.title);
                            }
                        }
                        ItemKind::User { text, .. } => {
                            conversation.recall_prompt(&item.id);
                            changes.begin(open.unwrap_or(TurnId(0)), text);
                        }
                        _ => {}
                    }
                    let is_sent = !unsent.contains(&at);
                    if is_sent {
                        conversation.push(Arc::clone(item), None);
                    }
                    if let ItemKind::Call(call) = &item.kind
                        && !answered.contains(&at)
                    {
                        let output = CallOutput::refusal("", CALL_CUT_OFF);
                        let output = ItemKind::Output { call: call.id.clone(), output };
                        let item = Arc::new(conversation.item(output));
                        if is_sent {
                            conversation.push(Arc::clone(&item), None);
                        }
                        conversation.repair(Record::Item(item));
                    }
                }
                Record::Changed { turn, id, files } => changes.note(*turn, id, files),
                Record::Compacted { summary, .. } => conversation.fold(summary, &context.settings),
                Record::CallPlanned { .. } => {}
                // Collected beforehand: one that ends before its response is done stands before the
                // output that names it.
                Record::JobEnded(_) => {}
                // The engine looks how far it came.
                Record::UndoBegun { .. } => {}
                Record::ItemLeftOut { item, why } => conversation.forget(item, why),
                Record::PicturesDropped { item, why } => conversation.drop_item_pictures(item, why),
                Record::Undone { turn, direction, files } => {
                    changes.mark(*turn, *direction, files);
                    changes.add_news(*direction, &[], &[]);
                }
                Record::Settings(settings) => conversation.recall_settings(settings),
                Record::TurnStarted(turn) => {
                    // The model has been told with it.
                    changes.take_news();
                    ids.begin_after(*turn);
                    let is_cut_off = open.replace(*turn).is_some();
                    *last = if is_cut_off { LastTurn::CutOff } else { LastTurn::Settled };
                }
                Record::TurnEnded { outcome, .. } => {
                    *open = None;
                    let is_interrupted = *outcome == TurnOutcome::Interrupted;
                    *last = if is_interrupted { LastTurn::Interrupted } else { LastTurn::Settled };
                }
                Record::WentBack(left) => {
                    let turns = left.records.iter().filter_map(|record| match record {
                        Record::TurnStarted(turn) => Some(*turn),
                        _ => None,
                    });
                    turns.for_each(|turn| ids.begin_after(turn));
                    changes.recall_left(left);
                }
                Record::Title(_) | Record::TurnOrigin(_) => {}
                Record::Usage(usage) => conversation.settle_usage(*usage),
            }
        }
        if past.open.is_some() {
            past.last = LastTurn::CutOff;
        }
        past
    }
}

/// Jobs that are known to have ended; no number is given twice.
fn ended_jobs(records: &[Record]) -> HashSet<JobId> {
    let ended =
        |record: &Record| if let Record::JobEnded(job) = record { Some(*job) } else { None };
    with_left_turns(records).filter_map(ended).collect()
}

/// Places of the calls that prompts made, and of their outputs: the model reads those in the text
/// of the prompts.
fn prompt_commands(records: &[Record]) -> HashSet<usize> {
    let (mut places, mut is_among) = (HashSet::new(), false);
    for (at, record) in records.iter().enumerate() {
        let Record::Item(item) = record else {
            if let Record::ContextNote { kind, .. } = record {
                is_among = *kind == ContextNoteKind::PromptCommands;
            }
            continue;
        };
        is_among &= matches!(item.kind, ItemKind::Call(_) | ItemKind::Output { .. });
        if is_among {
            places.insert(at);
        }
    }
    places
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

/// Places of the calls that have an output of their own: a name may come again, and an output
/// belongs to the call before it.
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

/// The number of an item that a session named itself.
fn own_number(record: &Record) -> Option<u64> {
    match record {
        Record::Compacted { summary: item, .. }
        | Record::Item(item)
        | Record::ContextNote { item, .. } => item.id.own_number(),
        _ => None,
    }
}
