//! The running turn, folded from events: items that are still being written, and the news about
//! them for clients.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::base::Timestamp;
use crate::protocol::{CallId, CallOutput, FileDiff, ItemId, PlannedAction, ToolCall, ToolResult};

use super::items::{self, CallShape, CallStage, Starter};
use super::news::News;
use super::turns::{Entry, Turn};

/// The running turn. Items join it once they are complete.
#[derive(Debug)]
pub struct LiveTurn {
    pub turn: Turn,
    thread: String,
    folder: PathBuf,
    texts: Vec<OpenText>,
    calls: Vec<OpenCall>,
    /// The file changes so far, in order.
    diffs: Vec<FileDiff>,
}

/// An answer, or a summary of thoughts, that is still streaming.
#[derive(Debug)]
struct OpenText {
    item: ItemId,
    kind: TextKind,
    text: String,
    started: Timestamp,
}

/// The kind of item that is streaming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    Answer,
    Reasoning,
    /// A search, which has no text, only a beginning and an end.
    WebSearch,
}

#[derive(Debug)]
struct OpenCall {
    id: String,
    call: ToolCall,
    action: Option<Arc<PlannedAction>>,
    by: Starter,
    /// The latest end of its output.
    tail: String,
    started: Timestamp,
    is_told: bool,
}

impl LiveTurn {
    /// Creates the turn of a thread that works in `folder`.
    pub fn new(turn: Turn, thread: &str, folder: PathBuf) -> Self {
        Self {
            turn,
            thread: thread.to_owned(),
            folder,
            texts: Vec::new(),
            calls: Vec::new(),
            diffs: Vec::new(),
        }
    }

    /// Adds the ids of the thread and the turn to these parameters.
    pub fn about(&self, mut params: Value) -> Value {
        params["threadId"] = json!(self.thread);
        params["turnId"] = json!(self.turn.id);
        params
    }

    /// Starts an item that will be streamed.
    pub fn open(&mut self, item: &ItemId, kind: TextKind, now: Timestamp, news: &mut Vec<News>) {
        if self.texts.iter().any(|open| open.item == *item) {
            return;
        }
        news.push(self.started(kind.empty(item), now));
        let open = OpenText { item: item.clone(), kind, text: String::new(), started: now };
        if kind == TextKind::Reasoning {
            news.push(self.part_added(item));
        }
        self.texts.push(open);
    }

    fn part_added(&self, item: &ItemId) -> News {
        let params = json!({ "itemId": item.as_str(), "summaryIndex": 0 });
        News::Notify("item/reasoning/summaryPartAdded", self.about(params))
    }

    /// Adds text to an item.
    pub fn grow(
        &mut self,
        item: &ItemId,
        kind: TextKind,
        more: &str,
        now: Timestamp,
        news: &mut Vec<News>,
    ) {
        self.open(item, kind, now, news);
        if let Some(open) = self.texts.iter_mut().find(|open| open.item == *item) {
            open.text.push_str(more);
        }
        news.push(self.delta(item, kind, more));
    }

    fn delta(&self, item: &ItemId, kind: TextKind, more: &str) -> News {
        let params = json!({ "itemId": item.as_str(), "delta": more });
        match kind {
            TextKind::Reasoning => {
                let mut params = self.about(params);
                params["summaryIndex"] = json!(0);
                News::Notify("item/reasoning/summaryTextDelta", params)
            }
            TextKind::Answer | TextKind::WebSearch => {
                News::Notify("item/agentMessage/delta", self.about(params))
            }
        }
    }

    /// Completes an item; one whose start was not seen starts and ends at once.
    pub fn finish(&mut self, id: &ItemId, whole: Value, now: Timestamp, news: &mut Vec<News>) {
        let at = self.texts.iter().position(|open| open.item == *id);
        let started = match at.map(|at| self.texts.remove(at)) {
            Some(open) => open.started,
            None => {
                news.push(self.started(whole.clone(), now));
                now
            }
        };
        news.push(self.completed(whole, started, now));
    }

    /// Adds an item that starts and ends at once.
    pub fn add(&mut self, whole: Value, now: Timestamp, news: &mut Vec<News>) {
        news.push(self.started(whole.clone(), now));
        news.push(self.completed(whole, now, now));
    }

    /// Discards the text written so far for an item.
    pub fn drop_text(&mut self, id: &ItemId) {
        self.texts.retain(|open| open.item != *id);
    }

    pub fn call(&mut self, call: &ToolCall, now: Timestamp) {
        let is_first = self.turn.items.is_empty();
        self.calls.push(OpenCall {
            id: call.id.as_str().to_owned(),
            call: call.clone(),
            action: None,
            by: if is_first { Starter::Person } else { Starter::Model },
            tail: String::new(),
            started: now,
            is_told: false,
        });
    }

    /// Records the planned action of a call, which is shown from now on.
    pub fn planned(&mut self, id: &CallId, action: &Arc<PlannedAction>, news: &mut Vec<News>) {
        let Some(at) = self.position(id) else { return };
        self.calls[at].action = Some(Arc::clone(action));
        let open = &self.calls[at];
        if let Some(item) = self.item(open, CallStage::Running) {
            news.push(self.started(item, open.started));
            self.calls[at].is_told = true;
        }
    }

    /// Compares the end of a call's output with the one seen last, and tells clients the new text.
    pub fn progress(&mut self, id: &CallId, tail: &str, news: &mut Vec<News>) {
        let Some(at) = self.position(id) else { return };
        let open = &mut self.calls[at];
        let more = grown(&open.tail, tail).to_owned();
        tail.clone_into(&mut open.tail);
        let is_command = CallShape::of(open.action.as_deref()) == CallShape::Command;
        if is_command && open.is_told && !more.is_empty() {
            let params = json!({ "itemId": open.id, "delta": more });
            news.push(News::Notify("item/commandExecution/outputDelta", self.about(params)));
        }
    }

    pub fn ended(
        &mut self,
        id: &CallId,
        output: &CallOutput,
        now: Timestamp,
        news: &mut Vec<News>,
    ) {
        let Some(at) = self.position(id) else { return };
        let open = self.calls.remove(at);
        self.complete(&open, CallStage::Ended(output), now, news);
        if let ToolResult::Edits(diffs) = &output.result {
            self.diffs.extend(diffs.iter().cloned());
            let params = json!({ "diff": items::unified(&self.diffs) });
            news.push(News::Notify("turn/diff/updated", self.about(params)));
        }
    }

    fn complete(
        &mut self,
        open: &OpenCall,
        stage: CallStage<'_>,
        now: Timestamp,
        news: &mut Vec<News>,
    ) {
        let Some(item) = self.item(open, stage) else { return };
        if !open.is_told {
            news.push(self.started(item.clone(), open.started));
        }
        news.push(self.completed(item, open.started, now));
    }

    /// Completes the turn's unfinished calls as cut off, and its texts with the text so far.
    pub fn cut_off(&mut self, now: Timestamp, news: &mut Vec<News>) {
        for open in std::mem::take(&mut self.calls) {
            self.complete(&open, CallStage::CutOff, now, news);
        }
        for open in std::mem::take(&mut self.texts) {
            let whole = match open.kind {
                TextKind::Answer if !open.text.is_empty() => {
                    items::agent_message(open.item.as_str(), &open.text)
                }
                TextKind::Reasoning if !open.text.is_empty() => {
                    items::reasoning(open.item.as_str(), &open.text)
                }
                _ => continue,
            };
            news.push(self.completed(whole, open.started, now));
        }
    }

    /// The news that a late client needs for later deltas to make sense: the items still being
    /// written, with their content so far.
    pub fn catch_up(&self) -> Vec<News> {
        let mut news = Vec::new();
        for open in &self.texts {
            news.push(self.started(open.kind.empty(&open.item), open.started));
            if open.kind == TextKind::Reasoning {
                news.push(self.part_added(&open.item));
            }
            if !open.text.is_empty() {
                news.push(self.delta(&open.item, open.kind, &open.text));
            }
        }
        for open in self.calls.iter().filter(|open| open.is_told) {
            news.extend(
                self.item(open, CallStage::Running).map(|item| self.started(item, open.started)),
            );
            if !open.tail.is_empty() {
                let params = json!({ "itemId": open.id, "delta": open.tail });
                news.push(News::Notify("item/commandExecution/outputDelta", self.about(params)));
            }
        }
        news
    }

    /// An unfinished call, its planned action, and when it started.
    pub fn open_call(&self, id: &CallId) -> Option<(&ToolCall, Option<&PlannedAction>, Timestamp)> {
        let open = &self.calls[self.position(id)?];
        Some((&open.call, open.action.as_deref(), open.started))
    }

    fn position(&self, id: &CallId) -> Option<usize> {
        self.calls.iter().rposition(|open| open.call.id == *id)
    }

    fn item(&self, open: &OpenCall, stage: CallStage<'_>) -> Option<Value> {
        items::call(&open.id, &open.call, open.action.as_deref(), stage, &self.folder, open.by)
    }

    fn started(&self, item: Value, now: Timestamp) -> News {
        News::Notify("item/started", self.about(json!({ "item": item, "startedAtMs": now.0 })))
    }

    fn completed(&mut self, item: Value, started: Timestamp, now: Timestamp) -> News {
        self.turn.items.push(Entry::new(&item, Some(started), Some(now)));
        let params = self.about(json!({ "item": item, "completedAtMs": now.0 }));
        News::Notify("item/completed", params)
    }
}

impl TextKind {
    fn empty(self, item: &ItemId) -> Value {
        match self {
            Self::Answer => items::agent_message(item.as_str(), ""),
            Self::Reasoning => items::reasoning(item.as_str(), ""),
            Self::WebSearch => {
                items::web_search(item.as_str(), &crate::protocol::WebSearch::begun())
            }
        }
    }
}

/// Returns the text in `now` that follows the end of `before`, whose beginning may be missing from
/// `now`.
fn grown<'a>(before: &str, now: &'a str) -> &'a str {
    if let Some(more) = now.strip_prefix(before) {
        return more;
    }
    let starts = before.char_indices().map(|(at, _)| &before[at..]);
    starts.filter_map(|kept| now.strip_prefix(kept)).next().unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_tail_only_what_is_new_is_told() {
        for (before, now, more) in [
            ("", "a\n", "a\n"),
            ("a\n", "a\nb\n", "b\n"),
            ("a\nb\n", "b\nc\n", "c\n"),
            ("a\n", "a\n", ""),
            ("a\nb\n", "x\ny\n", "x\ny\n"),
            ("ä", "ä ö", " ö"),
        ] {
            assert_eq!(grown(before, now), more, "{before:?} {now:?}");
        }
    }
}
