//! The turns of a thread: those of its log, and the one that runs, as its events tell of it.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::base::Timestamp;
use crate::protocol::{
    CallId, ItemKind, PlannedAction, Record, SessionId, ToolCall, TurnId, TurnOrigin, TurnOutcome,
};

use super::failure;
use super::items::{self, CallStage, Starter};
use super::review;

/// One turn. Items that are still written to are not in it.
#[derive(Clone, Debug)]
pub struct Turn {
    pub number: TurnId,
    /// The last turn of the session's that it is: a prompt that came at its end began another one there.
    pub last: TurnId,
    /// The same whenever the session is opened, and as no other turn's.
    pub id: String,
    pub items: Vec<Entry>,
    /// Which changes are looked at in it, in a few words, where it is a review.
    pub review: Option<String>,
    /// `None` while it runs.
    pub outcome: Option<TurnOutcome>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
}

/// An item of a turn, and when it came, where that is known.
#[derive(Clone, Debug)]
pub struct Entry {
    pub item: Value,
    pub started: Option<Timestamp>,
    pub completed: Option<Timestamp>,
}

/// How much of a turn's items is told with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemsView {
    Full,
    /// The prompt and the last answer.
    Summary,
    NotLoaded,
}

impl Entry {
    /// One of a log, which does not say when.
    fn without_times(item: Value) -> Self {
        Self { item, started: None, completed: None }
    }
}

impl Turn {
    pub fn new(session: &SessionId, number: TurnId, started: Option<Timestamp>) -> Self {
        Self {
            number,
            last: number,
            id: turn_id(session, number),
            items: Vec::new(),
            review: None,
            outcome: None,
            started,
            ended: None,
        }
    }

    /// It has not ended after all.
    pub fn reopen(&mut self) {
        self.outcome = None;
        self.items.pop_if(|last| review::is_exit(&last.item));
    }

    pub fn json(&self, view: ItemsView) -> Value {
        let (items, view): (Vec<&Value>, _) = match view {
            ItemsView::Full => (self.items.iter().map(|entry| &entry.item).collect(), "full"),
            ItemsView::Summary => (self.summary(), "summary"),
            ItemsView::NotLoaded => (Vec::new(), "notLoaded"),
        };
        let took = self.started.zip(self.ended).map(|(from, to)| to.since(from).as_millis() as u64);
        json!({
            "id": self.id, "rootTurnId": self.id, "items": items, "itemsView": view,
            "status": self.status(), "error": self.error(),
            "startedAt": self.started.map(seconds), "completedAt": self.ended.map(seconds),
            "durationMs": took,
        })
    }

    fn summary(&self) -> Vec<&Value> {
        let is = |kind: &'static str| move |item: &&Value| item["type"] == kind;
        let mut all = self.items.iter().map(|entry| &entry.item);
        let prompt = all.clone().find(is("userMessage"));
        let answer = all.rfind(is("agentMessage"));
        prompt.into_iter().chain(answer).collect()
    }

    fn status(&self) -> &'static str {
        match &self.outcome {
            None => "inProgress",
            Some(TurnOutcome::Done | TurnOutcome::MaxSteps) => "completed",
            Some(TurnOutcome::Failed(_)) => "failed",
            Some(TurnOutcome::Interrupted) => "interrupted",
        }
    }

    fn error(&self) -> Option<Value> {
        match &self.outcome {
            Some(TurnOutcome::Failed(problem)) => Some(failure::turn_error(problem)),
            _ => None,
        }
    }
}

pub fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1000)
}

/// A UUID (version 8) that follows from the session and the turn's number.
pub fn turn_id(session: &SessionId, number: TurnId) -> String {
    let hash = Sha256::digest(format!("{session} turn {}", number.0));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// The id by which clients know a session: the UUID in its name.
pub fn thread_id(session: &SessionId) -> String {
    let name = session.as_str();
    let uuid = name.strip_prefix("ses_").and_then(|text| Uuid::try_parse(text).ok());
    uuid.map_or_else(|| name.to_owned(), |uuid| uuid.to_string())
}

/// The session of that id, whether or not there is one. Fails where the text can be no id.
pub fn session_id(text: &str) -> Result<SessionId, String> {
    match Uuid::try_parse(text) {
        Ok(uuid) => Ok(SessionId::new(format!("ses_{}", uuid.simple()))),
        // Sessions of the first days have names of another form.
        Err(_) if text.starts_with("ses_") => Ok(SessionId::new(text)),
        Err(error) => Err(format!("invalid thread id: {error}")),
    }
}

/// The turns of a log. One without an end was cut off.
pub fn of_records(session: &SessionId, folder: &Path, records: &[Record]) -> Vec<Turn> {
    let mut reader = LogReader { session, folder, turns: Vec::new(), calls: Vec::new() };
    for record in records {
        reader.take(record);
    }
    reader.cut_off();
    reader.turns
}

struct LogReader<'a> {
    session: &'a SessionId,
    folder: &'a Path,
    turns: Vec<Turn>,
    /// Calls without an output so far.
    calls: Vec<(&'a ToolCall, Option<&'a Arc<PlannedAction>>, Starter)>,
}

impl<'a> LogReader<'a> {
    fn take(&mut self, record: &'a Record) {
        match record {
            Record::TurnStarted(number) => {
                self.cut_off();
                self.turns.push(Turn::new(self.session, *number, None));
            }
            Record::TurnOrigin(TurnOrigin::Queued) => self.go_on(),
            Record::TurnOrigin(TurnOrigin::Review(what)) => {
                if let Some(turn) = self.turns.last_mut() {
                    turn.review = Some(what.clone());
                }
            }
            Record::TurnEnded { outcome, .. } => self.end(outcome),
            Record::CallPlanned { call, action } => {
                if let Some((_, planned, _)) = self.open(call) {
                    *planned = Some(action);
                }
            }
            Record::Compacted { summary, .. } => self.add(items::compaction(summary.id.as_str())),
            Record::Item(item) => match &item.kind {
                ItemKind::Call(call) => {
                    let is_first = self.turns.last().is_none_or(|turn| turn.items.is_empty());
                    let by = if is_first { Starter::Person } else { Starter::Model };
                    self.calls.push((call, None, by));
                }
                ItemKind::Output { call, output } => {
                    let at = self.calls.iter().rposition(|(open, ..)| open.id == *call);
                    if let Some(at) = at {
                        let (call, action, by) = self.calls.remove(at);
                        self.add_call(call, action, CallStage::Ended(output), by);
                    }
                }
                _ => {
                    if let Some(item) = items::whole(item) {
                        self.add(item);
                    }
                }
            },
            _ => {}
        }
    }

    /// The turn that has just begun goes on with the one before it.
    fn go_on(&mut self) {
        let Some(begun) = self.turns.pop_if(|turn| turn.items.is_empty() && turn.number.0 > 0)
        else {
            return;
        };
        match self.turns.last_mut() {
            Some(before) => {
                before.last = begun.number;
                before.reopen();
            }
            None => self.turns.push(begun),
        }
    }

    fn open(
        &mut self,
        id: &CallId,
    ) -> Option<&mut (&'a ToolCall, Option<&'a Arc<PlannedAction>>, Starter)> {
        self.calls.iter_mut().rev().find(|(call, ..)| call.id == *id)
    }

    fn add_call(
        &mut self,
        call: &ToolCall,
        action: Option<&Arc<PlannedAction>>,
        stage: CallStage<'_>,
        by: Starter,
    ) {
        let action = action.map(Arc::as_ref);
        if let Some(item) = items::call(call.id.as_str(), call, action, stage, self.folder, by) {
            self.add(item);
        }
    }

    fn add(&mut self, item: Value) {
        if self.turns.is_empty() {
            self.turns.push(Turn::new(self.session, TurnId(0), None));
        }
        if let Some(turn) = self.turns.last_mut() {
            let begins = if turn.items.is_empty() { review::entered(turn) } else { None };
            turn.items.extend([item].into_iter().chain(begins).map(Entry::without_times));
        }
    }

    fn end_calls(&mut self) {
        for (call, action, by) in std::mem::take(&mut self.calls) {
            self.add_call(call, action, CallStage::CutOff, by);
        }
    }

    /// The last turn ends, unless it has.
    fn end(&mut self, outcome: &TurnOutcome) {
        self.end_calls();
        if let Some(turn) = self.turns.last_mut().filter(|turn| turn.outcome.is_none()) {
            let ends = review::exited(turn);
            turn.items.extend(ends.map(Entry::without_times));
            turn.outcome = Some(outcome.clone());
        }
    }

    fn cut_off(&mut self) {
        self.end(&TurnOutcome::Interrupted);
    }
}
