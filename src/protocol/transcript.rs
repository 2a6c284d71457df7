//! The fold of events into what a conversation looks like, the same for every front.

use super::{CallId, CallOutput, EventKind, Item, ItemId, ItemKind, ItemOpening, Notice, Outcome, Problem, Record, ToolCall};

/// The conversation so far, in order.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    Assistant { item: ItemId, text: String, done: bool },
    Call { call: ToolCall, state: CallState },
    Interrupted,
    Notice(Notice),
    Problem(Problem),
    Reasoning { item: ItemId, text: String, done: bool },
    User { text: String },
}

#[derive(Clone, Debug, PartialEq)]
pub enum CallState {
    Ended(CallOutput),
    /// The turn ended before the call did.
    Interrupted,
    Running,
}

/// Which entries an event touched, so that a front redraws no more than those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// All entries from this one on.
    From(usize),
    None,
    One(usize),
}

impl Transcript {
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The last answer's text, for copying.
    pub fn last_answer(&self) -> Option<&str> {
        self.entries.iter().rev().find_map(|entry| match entry {
            Entry::Assistant { text, done: true, .. } if !text.is_empty() => Some(text.as_str()),
            _ => None,
        })
    }

    /// Takes one event in. Costs nothing that grows with the conversation while its newest entries are streaming.
    pub fn apply(&mut self, event: &EventKind) -> Change {
        match event {
            EventKind::ItemStarted { item, opening } => self.open(item, opening),
            EventKind::TextDelta { item, text } | EventKind::ReasoningDelta { item, text } => self.grow(item, text, event),
            EventKind::ItemDone(item) => self.finish(item),
            EventKind::ItemDropped(item) => self.drop_item(item),
            EventKind::CallStarted(call) => self.push(Entry::Call { call: call.clone(), state: CallState::Running }),
            EventKind::CallEnded { call, output } => self.end_call(call, output),
            EventKind::TurnEnded { outcome, .. } => self.end_turn(outcome),
            EventKind::Replayed { records, .. } => self.replay(records),
            EventKind::Notice(notice) => self.push(Entry::Notice(notice.clone())),
            _ => Change::None,
        }
    }

    /// A whole conversation at once. A turn without an end was cut off, which for the reader is an interrupt.
    fn replay(&mut self, records: &[Record]) -> Change {
        let first = self.entries.len();
        let mut open = false;
        for record in records {
            match record {
                Record::Item(item) => self.replay_item(item),
                Record::TurnStarted(_) => {
                    if std::mem::replace(&mut open, true) {
                        self.end_turn(&Outcome::Interrupted);
                    }
                }
                Record::TurnEnded { outcome, .. } => {
                    open = false;
                    self.end_turn(outcome);
                }
                Record::Remark(_) | Record::Settings(_) | Record::Title(_) | Record::Usage(_) => {}
            }
        }
        if open {
            self.end_turn(&Outcome::Interrupted);
        }
        Change::From(first)
    }

    /// Items of a log come once and whole: none is searched for.
    fn replay_item(&mut self, item: &Item) {
        let id = item.id.clone();
        match &item.kind {
            ItemKind::Assistant { text } if text.is_empty() => {}
            ItemKind::Reasoning { summary } if summary.is_empty() => {}
            ItemKind::Assistant { text } => self.entries.push(Entry::Assistant { item: id, text: text.clone(), done: true }),
            ItemKind::Reasoning { summary } => self.entries.push(Entry::Reasoning { item: id, text: summary.clone(), done: true }),
            ItemKind::User { text } => self.entries.push(Entry::User { text: text.clone() }),
            ItemKind::Call(call) => self.entries.push(Entry::Call { call: call.clone(), state: CallState::Running }),
            ItemKind::Output { call, output } => {
                self.end_call(call, output);
            }
            ItemKind::Unknown { .. } => {}
        }
    }

    fn push(&mut self, entry: Entry) -> Change {
        self.entries.push(entry);
        Change::One(self.entries.len() - 1)
    }

    fn open(&mut self, item: &ItemId, opening: &ItemOpening) -> Change {
        match opening {
            ItemOpening::Assistant => self.push(Entry::Assistant { item: item.clone(), text: String::new(), done: false }),
            ItemOpening::Reasoning => self.push(Entry::Reasoning { item: item.clone(), text: String::new(), done: false }),
            ItemOpening::Call { .. } | ItemOpening::Unknown => Change::None,
        }
    }

    /// Where an item stands; it is searched from the end, where the streaming ones are.
    fn position(&self, id: &ItemId) -> Option<usize> {
        self.entries.iter().rposition(|entry| match entry {
            Entry::Assistant { item, .. } | Entry::Reasoning { item, .. } => item == id,
            _ => false,
        })
    }

    fn grow(&mut self, item: &ItemId, more: &str, event: &EventKind) -> Change {
        let at = self.position(item).unwrap_or_else(|| {
            let opening = match event {
                EventKind::ReasoningDelta { .. } => ItemOpening::Reasoning,
                _ => ItemOpening::Assistant,
            };
            self.open(item, &opening);
            self.entries.len() - 1
        });
        if let Some(Entry::Assistant { text, .. } | Entry::Reasoning { text, .. }) = self.entries.get_mut(at) {
            text.push_str(more);
        }
        Change::One(at)
    }

    fn finish(&mut self, whole: &Item) -> Change {
        let id = whole.id.clone();
        let entry = match &whole.kind {
            ItemKind::Assistant { text } => Entry::Assistant { item: id, text: text.clone(), done: true },
            ItemKind::Reasoning { summary } => Entry::Reasoning { item: id, text: summary.clone(), done: true },
            ItemKind::User { text } => return self.push(Entry::User { text: text.clone() }),
            ItemKind::Call(_) | ItemKind::Output { .. } | ItemKind::Unknown { .. } => return Change::None,
        };
        let empty = matches!(&entry, Entry::Assistant { text, .. } | Entry::Reasoning { text, .. } if text.is_empty());
        match self.position(&whole.id) {
            Some(at) if empty => {
                self.entries.remove(at);
                Change::From(at)
            }
            Some(at) => {
                self.entries[at] = entry;
                Change::One(at)
            }
            None if empty => Change::None,
            None => self.push(entry),
        }
    }

    fn drop_item(&mut self, item: &ItemId) -> Change {
        match self.position(item) {
            Some(at) => {
                self.entries.remove(at);
                Change::From(at)
            }
            None => Change::None,
        }
    }

    fn end_call(&mut self, id: &CallId, output: &CallOutput) -> Change {
        let at = self.entries.iter().rposition(|entry| matches!(entry, Entry::Call { call, state: CallState::Running } if call.id == *id));
        match at {
            Some(at) => {
                if let Entry::Call { state, .. } = &mut self.entries[at] {
                    *state = CallState::Ended(output.clone());
                }
                Change::One(at)
            }
            None => Change::None,
        }
    }

    fn end_turn(&mut self, outcome: &Outcome) -> Change {
        let first = self.entries.iter().rposition(|entry| matches!(entry, Entry::User { .. })).unwrap_or(0);
        for entry in &mut self.entries[first..] {
            match entry {
                Entry::Assistant { done, .. } | Entry::Reasoning { done, .. } => *done = true,
                Entry::Call { state: state @ CallState::Running, .. } => *state = CallState::Interrupted,
                _ => {}
            }
        }
        match outcome {
            Outcome::Done => {}
            Outcome::Failed(problem) => self.entries.push(Entry::Problem(problem.clone())),
            Outcome::Interrupted => self.entries.push(Entry::Interrupted),
        }
        Change::From(first)
    }
}
