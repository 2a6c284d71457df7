//! The turns of a thread: those in its log, and the running one, as its events describe it.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::base::Timestamp;
use crate::protocol::{
    CallId, ItemKind, OpenTurn, PlannedAction, Record, SessionId, ToolCall, TurnId, TurnOrigin,
    TurnOutcome,
};

use super::items::{self, CallStage, Starter};
use crate::app_server::request::failure;
use crate::app_server::request::params::{seconds, turn_id};

const ENTERED: &str = "enteredReviewMode";
const EXITED: &str = "exitedReviewMode";
const NO_REPORT: &str = "The review ended without a report.";

/// One turn. Items that are still being written are not in it.
#[derive(Clone, Debug)]
pub struct Turn {
    pub number: TurnId,
    /// The last turn of the session that it covers: a prompt that arrived at its end started
    /// another one there.
    pub last: TurnId,
    /// The same id whenever the session is opened, and unique among all turns.
    pub id: String,
    pub items: Vec<Entry>,
    /// A short description of the changes that a review looks at; `None` for other turns.
    pub review: Option<String>,
    /// `None` while it runs.
    pub outcome: Option<TurnOutcome>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
}

/// An item of a turn, and its times, if known.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The item's JSON, `type` first: the only copy of its content here.
    pub item: Box<RawValue>,
    pub started: Option<Timestamp>,
    pub completed: Option<Timestamp>,
}

/// How much of a turn's items is included with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemsView {
    Full,
    /// The prompt and the last answer.
    Summary,
    NotLoaded,
}

/// A turn as it is sent to clients.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnJson<'a> {
    id: &'a str,
    root_turn_id: &'a str,
    items: Vec<&'a RawValue>,
    items_view: &'static str,
    status: &'static str,
    error: Option<Value>,
    started_at: Option<i64>,
    completed_at: Option<i64>,
    duration_ms: Option<u64>,
}

impl Entry {
    pub fn new(item: &Value, started: Option<Timestamp>, completed: Option<Timestamp>) -> Self {
        // All names in it are texts, so this cannot fail.
        Self { item: to_raw_value(item).unwrap_or_default(), started, completed }
    }

    /// An entry from a log, which does not record times.
    fn without_times(item: Value) -> Self {
        Self::new(&item, None, None)
    }

    /// Whether the item is of this type.
    pub fn is(&self, kind: &str) -> bool {
        let kind_at_front = self.item.get().strip_prefix(r#"{"type":""#);
        kind_at_front.and_then(|rest| rest.strip_prefix(kind)).is_some_and(|it| it.starts_with('"'))
    }

    pub fn read(&self) -> Value {
        serde_json::from_str(self.item.get()).unwrap_or_default()
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

    /// Takes back the end of the turn.
    pub fn reopen(&mut self) {
        self.outcome = None;
        self.items.pop_if(|last| last.is(EXITED));
    }

    pub fn json(&self, view: ItemsView) -> TurnJson<'_> {
        let (items, items_view) = match view {
            ItemsView::Full => (self.items.iter().map(|entry| &*entry.item).collect(), "full"),
            ItemsView::Summary => (self.summary(), "summary"),
            ItemsView::NotLoaded => (Vec::new(), "notLoaded"),
        };
        let took = self.started.zip(self.ended).map(|(from, to)| to.since(from).as_millis() as u64);
        TurnJson {
            id: &self.id,
            root_turn_id: &self.id,
            items,
            items_view,
            status: self.status(),
            error: self.error(),
            started_at: self.started.map(seconds),
            completed_at: self.ended.map(seconds),
            duration_ms: took,
        }
    }

    fn summary(&self) -> Vec<&RawValue> {
        let prompt = self.items.iter().find(|entry| entry.is("userMessage"));
        let answer = self.items.iter().rfind(|entry| entry.is("agentMessage"));
        prompt.into_iter().chain(answer).map(|entry| &*entry.item).collect()
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

/// Returns the turns of a log. A turn without an end was cut off, except the `last` one if it is
/// still running.
pub fn of_records(
    session: &SessionId,
    folder: &Path,
    records: &[Record],
    last: OpenTurn,
) -> Vec<Turn> {
    let mut reader = LogReader { session, folder, turns: Vec::new(), calls: Vec::new() };
    for record in records {
        reader.take(record);
    }
    if last == OpenTurn::CutOff {
        reader.cut_off();
    }
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
                    if let Some(item) = items::whole(item, None) {
                        self.add(item);
                    }
                }
            },
            _ => {}
        }
    }

    /// Merges the turn that has just begun with the one before it.
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
            let begins = if turn.items.is_empty() { entered(turn) } else { None };
            turn.items.extend([item].into_iter().chain(begins).map(Entry::without_times));
        }
    }

    fn end_calls(&mut self) {
        for (call, action, by) in std::mem::take(&mut self.calls) {
            self.add_call(call, action, CallStage::CutOff, by);
        }
    }

    /// Ends the last turn, unless it has ended.
    fn end(&mut self, outcome: &TurnOutcome) {
        self.end_calls();
        if let Some(turn) = self.turns.last_mut().filter(|turn| turn.outcome.is_none()) {
            let ends = exited(turn);
            turn.items.extend(ends.map(Entry::without_times));
            turn.outcome = Some(outcome.clone());
        }
    }

    fn cut_off(&mut self) {
        self.end(&TurnOutcome::Interrupted);
    }
}

/// The item after the prompt of a review; `None` for other turns.
pub fn entered(turn: &Turn) -> Option<Value> {
    let id = format!("review_{}_begins", turn.number.0);
    let review = turn.review.as_deref()?;
    Some(json!({ "type": ENTERED, "id": id, "review": review }))
}

/// The item at the end of a review, with the last answer, which is the report, or else a sentence
/// that there is none; `None` for other turns.
pub fn exited(turn: &Turn) -> Option<Value> {
    turn.review.as_ref()?;
    let id = format!("review_{}_ends", turn.number.0);
    let last = turn.items.iter().rfind(|entry| entry.is("agentMessage")).map(Entry::read);
    let report = last.as_ref().and_then(|item| item["text"].as_str());
    let report = report.filter(|text| !text.trim().is_empty()).unwrap_or(NO_REPORT);
    Some(json!({ "type": EXITED, "id": id, "review": report }))
}
