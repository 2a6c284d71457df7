//! The fold of events into what a conversation looks like, the same for every front.

use serde::{Deserialize, Serialize};

mod entry;
mod notices;

use std::sync::Arc;

use crate::protocol::{
    Approval, CallId, CallOutput, EventKind, Item, ItemId, ItemKind, ItemOpening, PlannedAction,
    Record, SessionSummary, TurnOutcome, WebSearch, WebSearchState,
};
use notices::{compacted, undone, went_back};

pub use entry::{CallState, TranscriptEntry};

/// The conversation so far, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// Each is shared with the copies of it until one of them changes.
    entries: Vec<Arc<TranscriptEntry>>,
    /// Entries before this one are of turns that ended: nothing in them changes any more, and
    /// nothing is looked for there.
    settled: usize,
}

/// Which entries an event touched, so that a front redraws no more than those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranscriptChange {
    /// All entries from this one on.
    From(usize),
    /// Nothing that is shown has changed.
    None,
    /// This entry alone, counted from 0.
    One(usize),
}

/// How to read a turn that has no end in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenTurn {
    /// The program ended in it: it is shown as interrupted.
    CutOff,
    /// It goes on, in another program.
    Running,
}

impl OpenTurn {
    /// For the log of this session: it goes on where another program has that open.
    pub fn of(session: &SessionSummary) -> Self {
        if session.is_open_elsewhere { Self::Running } else { Self::CutOff }
    }
}

impl Transcript {
    /// All entries, oldest first.
    pub fn entries(&self) -> &[Arc<TranscriptEntry>] {
        &self.entries
    }

    /// The last answer's text, for copying.
    pub fn last_answer(&self) -> Option<&str> {
        self.entries.iter().rev().find_map(|entry| match &**entry {
            TranscriptEntry::Assistant { text, done: true, .. } if !text.is_empty() => {
                Some(text.as_str())
            }
            _ => None,
        })
    }

    /// Takes one event in. While the newest entries are streaming, the cost does not grow with the
    /// conversation.
    pub fn apply(&mut self, event: &EventKind) -> TranscriptChange {
        match event {
            EventKind::ItemStarted { item, opening } => self.open(item, opening),
            EventKind::TextDelta { item, text } | EventKind::ReasoningDelta { item, text } => {
                self.grow(item, text, event)
            }
            EventKind::ItemDone(item) | EventKind::PromptShown { item, .. } => self.finish(item),
            EventKind::ItemDropped(item) => self.drop_item(item),
            EventKind::CallStarted(call) => self.push(TranscriptEntry::waiting(call)),
            EventKind::Approval(Approval { call, title, .. }) => {
                self.set_call(call, Some(title), CallState::Asking)
            }
            EventKind::Asked { call, question, .. } => {
                self.set_call(call, Some(&question.text), CallState::Asking)
            }
            EventKind::CallRunning { call, title } => {
                self.set_call(call, Some(title), CallState::Running { tail: String::new() })
            }
            EventKind::CallPlanned { call, action } => self.plan_call(call, action),
            EventKind::CallProgress { call, tail } => self.progress(call, tail),
            EventKind::CallEnded { call, output } => self.end_call(call, output),
            EventKind::Compacted(Some(compaction)) => {
                self.push(TranscriptEntry::Notice(compacted(*compaction)))
            }
            EventKind::Undone { direction, files, kept, .. } => {
                self.push(TranscriptEntry::Notice(undone(*direction, files, kept)))
            }
            EventKind::TurnEnded { outcome, .. } => self.end_turn(outcome),
            EventKind::Notice(notice) => self.push(TranscriptEntry::Notice(notice.clone())),
            _ => TranscriptChange::None,
        }
    }

    /// Takes a whole log in at once.
    pub fn replay(&mut self, records: &[Record], last: OpenTurn) {
        let mut open = false;
        for record in records {
            match record {
                Record::Item(item) => self.replay_item(item),
                Record::JobEnded(_) | Record::TurnOrigin(_) => {}
                Record::CallPlanned { call, action } => {
                    self.plan_call(call, action);
                }
                Record::TurnStarted(_) => {
                    if std::mem::replace(&mut open, true) {
                        self.end_turn(&TurnOutcome::Interrupted);
                    }
                }
                Record::TurnEnded { outcome, .. } => {
                    open = false;
                    self.end_turn(outcome);
                }
                Record::Compacted { compaction, .. } => {
                    self.add(TranscriptEntry::Notice(compacted(*compaction)))
                }
                Record::Undone { direction, .. } => {
                    self.add(TranscriptEntry::Notice(undone(*direction, &[], &[])))
                }
                Record::WentBack(left) => {
                    self.add(TranscriptEntry::Notice(went_back(left.prompts())));
                }
                Record::Changed { .. }
                | Record::ItemLeftOut { .. }
                | Record::PicturesDropped { .. }
                | Record::ContextNote { .. }
                | Record::Settings(_)
                | Record::Title(_)
                | Record::UndoBegun { .. }
                | Record::Usage(_) => {}
            }
        }
        if open && last == OpenTurn::CutOff {
            self.end_turn(&TurnOutcome::Interrupted);
        }
        self.settled = self.entries.len();
    }

    /// Items of a log come once and whole: none is searched for.
    fn replay_item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Call(call) => self.add(TranscriptEntry::waiting(call)),
            ItemKind::Output { call, output } => {
                self.end_call(call, output);
            }
            _ => self
                .entries
                .extend(TranscriptEntry::of(item).filter(|entry| !entry.is_empty()).map(Arc::new)),
        }
    }

    fn add(&mut self, entry: TranscriptEntry) {
        self.entries.push(Arc::new(entry));
    }

    fn push(&mut self, entry: TranscriptEntry) -> TranscriptChange {
        self.add(entry);
        TranscriptChange::One(self.entries.len() - 1)
    }

    fn open(&mut self, item: &ItemId, opening: &ItemOpening) -> TranscriptChange {
        match opening {
            ItemOpening::Assistant => self.push(TranscriptEntry::Assistant {
                item: item.clone(),
                text: String::new(),
                citations: Vec::new(),
                done: false,
            }),
            ItemOpening::Reasoning => self.push(TranscriptEntry::Reasoning {
                item: item.clone(),
                text: String::new(),
                done: false,
            }),
            ItemOpening::WebSearch => self.push(TranscriptEntry::WebSearch {
                item: item.clone(),
                search: WebSearch::begun(),
            }),
            ItemOpening::Call { .. } | ItemOpening::Unknown => TranscriptChange::None,
        }
    }

    /// Where an item of the turn stands; it is searched from the end, where the streaming ones are.
    fn position(&self, id: &ItemId) -> Option<usize> {
        let at = self.entries[self.settled..].iter().rposition(|entry| match &**entry {
            TranscriptEntry::Assistant { item, .. }
            | TranscriptEntry::Reasoning { item, .. }
            | TranscriptEntry::WebSearch { item, .. } => item == id,
            _ => false,
        })?;
        Some(self.settled + at)
    }

    fn grow(&mut self, item: &ItemId, more: &str, event: &EventKind) -> TranscriptChange {
        let at = self.position(item).unwrap_or_else(|| {
            let opening = match event {
                EventKind::ReasoningDelta { .. } => ItemOpening::Reasoning,
                _ => ItemOpening::Assistant,
            };
            self.open(item, &opening);
            self.entries.len() - 1
        });
        if let Some(
            TranscriptEntry::Assistant { text, .. } | TranscriptEntry::Reasoning { text, .. },
        ) = self.entries.get_mut(at).map(Arc::make_mut)
        {
            text.push_str(more);
        }
        TranscriptChange::One(at)
    }

    fn finish(&mut self, whole: &Item) -> TranscriptChange {
        let Some(entry) = TranscriptEntry::of(whole) else { return TranscriptChange::None };
        if matches!(entry, TranscriptEntry::User { .. }) {
            return self.push(entry);
        }
        let empty = entry.is_empty();
        match self.position(&whole.id) {
            Some(at) if empty => {
                self.entries.remove(at);
                TranscriptChange::From(at)
            }
            Some(at) => {
                self.entries[at] = Arc::new(entry);
                TranscriptChange::One(at)
            }
            None if empty => TranscriptChange::None,
            None => self.push(entry),
        }
    }

    fn drop_item(&mut self, item: &ItemId) -> TranscriptChange {
        match self.position(item) {
            Some(at) => {
                self.entries.remove(at);
                TranscriptChange::From(at)
            }
            None => TranscriptChange::None,
        }
    }

    fn end_call(&mut self, id: &CallId, output: &CallOutput) -> TranscriptChange {
        // If there were several questions, the title is the last one.
        let named = output.result.reply().map(|_reply| output.title.as_str());
        let named = named.filter(|title| !title.is_empty());
        self.set_call(id, named, CallState::Ended(output.clone()))
    }

    fn set_call(&mut self, id: &CallId, named: Option<&str>, now: CallState) -> TranscriptChange {
        let Some(open) = self.open_call(id) else { return TranscriptChange::None };
        if let Some(named) = named {
            named.clone_into(open.title);
        }
        *open.state = now;
        TranscriptChange::One(open.at)
    }

    fn plan_call(&mut self, id: &CallId, planned: &Arc<PlannedAction>) -> TranscriptChange {
        let Some(open) = self.open_call(id) else { return TranscriptChange::None };
        planned.title.clone_into(open.title);
        *open.action = Some(planned.without_diffs());
        TranscriptChange::One(open.at)
    }

    fn progress(&mut self, id: &CallId, now: &str) -> TranscriptChange {
        match self.open_call(id) {
            Some(OpenCall { at, state: CallState::Running { tail }, .. }) if tail != now => {
                now.clone_into(tail);
                TranscriptChange::One(at)
            }
            _ => TranscriptChange::None,
        }
    }

    fn open_call(&mut self, id: &CallId) -> Option<OpenCall<'_>> {
        let entries = self.entries[self.settled..].iter_mut().enumerate().rev();
        let (at, entry) = entries.into_iter().find(|(_, entry)| {
            matches!(&***entry, TranscriptEntry::Call { call, state, .. } if call.id == *id && state.is_open())
        })?;
        match Arc::make_mut(entry) {
            TranscriptEntry::Call { title, action, state, .. } => {
                Some(OpenCall { at: self.settled + at, title, action, state })
            }
            _ => None,
        }
    }

    fn end_turn(&mut self, outcome: &TurnOutcome) -> TranscriptChange {
        let mut first = None;
        for (at, entry) in self.entries.iter_mut().enumerate().skip(self.settled) {
            if !entry.is_open() {
                continue;
            }
            match Arc::make_mut(entry) {
                TranscriptEntry::Assistant { done: done @ false, .. }
                | TranscriptEntry::Reasoning { done: done @ false, .. } => *done = true,
                TranscriptEntry::Call { state, .. } if state.is_open() => {
                    *state = CallState::Interrupted
                }
                TranscriptEntry::WebSearch { search, .. } => search.state = WebSearchState::Failed,
                _ => continue,
            }
            first.get_or_insert(at);
        }
        let end = match outcome {
            TurnOutcome::Done => None,
            TurnOutcome::Failed(problem) => Some(TranscriptEntry::Problem(problem.clone())),
            TurnOutcome::Interrupted => Some(TranscriptEntry::Interrupted),
            TurnOutcome::MaxSteps => outcome.notice().map(TranscriptEntry::Notice),
        };
        if end.is_some() {
            first.get_or_insert(self.entries.len());
        }
        self.entries.extend(end.map(Arc::new));
        self.settled = self.entries.len();
        first.map_or(TranscriptChange::None, TranscriptChange::From)
    }
}

/// A call of the turn that has not ended, and where it stands.
struct OpenCall<'a> {
    at: usize,
    title: &'a mut String,
    action: &'a mut Option<Arc<PlannedAction>>,
    state: &'a mut CallState,
}

#[cfg(test)]
mod tests;
