//! The fold of events into what a conversation looks like, the same for every front.

use std::sync::Arc;

use super::{
    Approval, CallId, CallOutput, Citation, CompactionResult, Direction, EventKind, Item, ItemId,
    ItemKind, ItemOpening, Notice, Picture, PlannedAction, Problem, Record, ToolCall, TurnOutcome,
    WebSearch, WebSearchState,
};

/// Files that a notice names.
const NAMES_TOLD: usize = 8;

/// The conversation so far, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcript {
    /// Each is shared with the copies of it until one of them changes.
    entries: Vec<Arc<TranscriptEntry>>,
    /// Entries before this one are of turns that ended: nothing in them changes any more, and
    /// nothing is looked for there.
    settled: usize,
}

/// One entry of the conversation, as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum TranscriptEntry {
    /// The model's words for the person.
    Assistant {
        /// The item they belong to.
        item: ItemId,
        /// What has come so far.
        text: String,
        /// The pages that it refers to; none before it is done.
        citations: Vec<Citation>,
        /// Whether no more will come.
        done: bool,
    },
    /// A tool call, from the moment the turn has it to answer.
    Call {
        /// The call as the model made it.
        call: ToolCall,
        /// What its arguments mean; empty until that is known.
        title: String,
        /// What it would do, without diffs; `None` until that is known, and always in older logs.
        action: Option<Arc<PlannedAction>>,
        /// How far it has come, and what came of it.
        state: CallState,
    },
    /// The turn was stopped here.
    Interrupted,
    /// Something the person should know, and that ended nothing.
    Notice(Notice),
    /// The turn failed here.
    Problem(Problem),
    /// What the model thought, as far as its provider shows it.
    Reasoning {
        /// The item it belongs to.
        item: ItemId,
        /// The summary so far.
        text: String,
        /// Whether no more will come.
        done: bool,
    },
    /// A prompt of the person's.
    User {
        /// What they typed.
        text: String,
        /// The pictures that went along with it.
        images: Vec<Picture>,
    },
    /// The model's provider looked something up on the web.
    WebSearch {
        /// The item it belongs to.
        item: ItemId,
        /// What it is, and how far it has come.
        search: WebSearch,
    },
}

/// How far a call has come.
#[derive(Clone, Debug, PartialEq)]
pub enum CallState {
    /// A person is asked first.
    Asking,
    /// It has its output, whether or not it ran.
    Ended(CallOutput),
    /// The turn ended before the call did.
    Interrupted,
    /// It runs.
    Running {
        /// The last of what it has put out so far; it replaces what was there before.
        tail: String,
    },
    /// It waits for other calls to end, or has yet to be understood.
    Waiting,
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
            EventKind::ItemDone(item) => self.finish(item),
            EventKind::ItemDropped(item) => self.drop_item(item),
            EventKind::CallStarted(call) => self.push(waiting(call)),
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

    /// Takes a whole log in at once. A turn without an end was cut off, and is shown as
    /// interrupted.
    pub fn replay(&mut self, records: &[Record]) {
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
        if open {
            self.end_turn(&TurnOutcome::Interrupted);
        }
        self.settled = self.entries.len();
    }

    /// Items of a log come once and whole: none is searched for.
    fn replay_item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Call(call) => self.add(waiting(call)),
            ItemKind::Output { call, output } => {
                self.end_call(call, output);
            }
            _ => self.entries.extend(shown(item).filter(|entry| !is_empty(entry)).map(Arc::new)),
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
        let Some(entry) = shown(whole) else { return TranscriptChange::None };
        if matches!(entry, TranscriptEntry::User { .. }) {
            return self.push(entry);
        }
        let empty = is_empty(&entry);
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
        // Of several questions, the last one stands there.
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

impl TranscriptEntry {
    /// Whether more of it may come.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Assistant { done, .. } | Self::Reasoning { done, .. } => !done,
            Self::Call { state, .. } => state.is_open(),
            Self::WebSearch { search, .. } => search.state == WebSearchState::Running,
            Self::Interrupted | Self::Notice(_) | Self::Problem(_) | Self::User { .. } => false,
        }
    }
}

impl CallState {
    /// Whether it is still to end.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Asking | Self::Running { .. } | Self::Waiting)
    }
}

/// What is shown of a whole item; `None` for calls, which have events of their own, and for what is not shown.
fn shown(whole: &Item) -> Option<TranscriptEntry> {
    let item = whole.id.clone();
    match &whole.kind {
        ItemKind::Assistant { text, citations } => Some(TranscriptEntry::Assistant {
            item,
            text: text.clone(),
            citations: citations.clone(),
            done: true,
        }),
        ItemKind::Reasoning { summary } => {
            Some(TranscriptEntry::Reasoning { item, text: summary.clone(), done: true })
        }
        ItemKind::User { text, images } => {
            Some(TranscriptEntry::User { text: text.clone(), images: images.clone() })
        }
        ItemKind::WebSearch(search) => {
            Some(TranscriptEntry::WebSearch { item, search: search.clone() })
        }
        ItemKind::Call(_)
        | ItemKind::Compaction
        | ItemKind::Output { .. }
        | ItemKind::Unknown { .. } => None,
    }
}

fn is_empty(entry: &TranscriptEntry) -> bool {
    matches!(entry, TranscriptEntry::Assistant { text, .. } | TranscriptEntry::Reasoning { text, .. } if text.is_empty())
}

fn waiting(call: &ToolCall) -> TranscriptEntry {
    TranscriptEntry::Call {
        call: call.clone(),
        title: String::new(),
        action: None,
        state: CallState::Waiting,
    }
}

fn compacted(CompactionResult { before, after }: CompactionResult) -> Notice {
    let message = if after < before {
        format!(
            "The conversation was summarized for the model: about {} tokens became {}",
            thousands(before),
            thousands(after)
        )
    } else {
        "The conversation was summarized for the model; it was too short for that to save anything"
            .into()
    };
    Notice { message, next: None }
}

fn thousands(tokens: u64) -> String {
    if tokens < 1_000 { tokens.to_string() } else { format!("{}k", (tokens + 500) / 1_000) }
}

fn undone(direction: Direction, files: &[String], kept: &[(String, String)]) -> Notice {
    let act = match direction {
        Direction::Redo => "made again",
        Direction::Undo => "taken back",
    };
    if files.is_empty() && !kept.is_empty() {
        let kept: Vec<String> = kept.iter().map(|(file, why)| format!("{file} ({why})")).collect();
        return Notice { message: format!("Nothing was {act}: {}", some_of(&kept)), next: None };
    }
    let mut message = format!("The changes of a turn were {act}");
    if !files.is_empty() {
        message.push_str(&format!(": {}", some_of(files)));
    }
    if !kept.is_empty() {
        let kept: Vec<String> = kept.iter().map(|(file, why)| format!("{file}: {why}")).collect();
        message.push_str(&format!(". Left as they are: {}", some_of(&kept)));
    }
    Notice { message, next: None }
}

/// No more names than fit in a few lines.
fn some_of(names: &[String]) -> String {
    let shown = names[..names.len().min(NAMES_TOLD)].join(", ");
    match names.len() - names.len().min(NAMES_TOLD) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
