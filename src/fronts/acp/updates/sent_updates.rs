//! Remembers what a client has been sent of a conversation, so that it is sent all news and nothing
//! twice: as the conversation streams, when it is replayed, and after events were lost.

use std::collections::HashMap;
use std::path::Path;

use agent_client_protocol::v1::schema::Notice as AcpNotice;
use agent_client_protocol::v1::schema::{
    ContentChunk, NoticeSeverity, SessionUpdate, ToolCall as AcpToolCall, ToolCallUpdate,
    ToolCallUpdateFields,
};

use crate::protocol::{CallId, Citation, Notice, Transcript, TranscriptChange, TranscriptEntry};

use super::content;
use super::tool_call::{self, ShownCall};

/// Whether prompts are sent too: a client that has just sent them shows them already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateOrigin {
    Live,
    Replay,
}

/// Whether the client shows notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notices {
    Hidden,
    Shown,
}

/// Remembers how much of each entry has been sent.
#[derive(Debug, Default)]
pub struct SentUpdates {
    entries: Vec<SentEntry>,
    /// How many calls have had the same id.
    calls: HashMap<CallId, usize>,
}

#[derive(Debug, Default)]
enum SentEntry {
    #[default]
    Nothing,
    /// The item, and how many bytes of its text have been sent.
    Text(String, usize),
    Call(Box<SentCall>),
    /// An item or a call that has been sent to its end.
    Done(String),
    /// An entry without an id that needs no more updates.
    Whole,
}

#[derive(Debug)]
struct SentCall {
    /// The client's name for it, which no other call of the session has.
    id: String,
    call: String,
    shown: ShownCall,
}

impl SentUpdates {
    /// Returns the updates that a change of the conversation calls for.
    pub fn news(
        &mut self,
        transcript: &Transcript,
        change: TranscriptChange,
        folder: &Path,
        notices: Notices,
    ) -> Vec<SessionUpdate> {
        let count = transcript.entries().len();
        let range = match change {
            TranscriptChange::None => return Vec::new(),
            TranscriptChange::One(at) => at..at + 1,
            TranscriptChange::From(at) => {
                // An entry that stayed empty was removed.
                if self.entries.len() > count {
                    self.entries.remove(at);
                }
                at..count
            }
        };
        let mut updates = Vec::new();
        for at in range {
            self.entry(transcript, at, UpdateOrigin::Live, folder, notices, &mut updates);
        }
        updates
    }

    /// Returns the whole conversation, in order, as if nothing had been sent.
    pub fn replay(
        &mut self,
        transcript: &Transcript,
        folder: &Path,
        notices: Notices,
    ) -> Vec<SessionUpdate> {
        *self = Self::default();
        let mut updates = Vec::new();
        for at in 0..transcript.entries().len() {
            self.entry(transcript, at, UpdateOrigin::Replay, folder, notices, &mut updates);
        }
        updates
    }

    /// Marks the whole conversation as sent.
    pub fn skip(&mut self, transcript: &Transcript, folder: &Path) {
        self.replay(transcript, folder, Notices::Hidden);
    }

    /// Returns the updates that were missed when events were lost; does not repeat what was sent
    /// before.
    pub fn resync(
        &mut self,
        transcript: &Transcript,
        folder: &Path,
        notices: Notices,
    ) -> Vec<SessionUpdate> {
        let mut before: HashMap<String, SentEntry> = HashMap::new();
        let count = self.entries.len();
        for entry in std::mem::take(&mut self.entries) {
            let key = match &entry {
                SentEntry::Text(key, _) | SentEntry::Done(key) => key.clone(),
                SentEntry::Call(sent) => sent.call.clone(),
                SentEntry::Nothing | SentEntry::Whole => continue,
            };
            before.insert(key, entry);
        }
        self.entries = transcript
            .entries()
            .iter()
            .enumerate()
            .map(|(at, entry)| match &**entry {
                TranscriptEntry::Assistant { item, .. }
                | TranscriptEntry::Reasoning { item, .. }
                | TranscriptEntry::WebSearch { item, .. } => {
                    before.remove(item.as_str()).unwrap_or_default()
                }
                TranscriptEntry::Call { call, .. } => {
                    before.remove(call.id.as_str()).unwrap_or_default()
                }
                _ if at < count => SentEntry::Whole,
                _ => SentEntry::Nothing,
            })
            .collect();
        let mut updates = Vec::new();
        for at in 0..transcript.entries().len() {
            self.entry(transcript, at, UpdateOrigin::Live, folder, notices, &mut updates);
        }
        updates
    }

    /// Returns the client's name for the newest call of that id, if the client knows of it.
    pub fn call(&self, call: &CallId) -> Option<&str> {
        self.entries.iter().rev().find_map(|entry| match entry {
            SentEntry::Call(sent) if sent.call == call.as_str() => Some(sent.id.as_str()),
            _ => None,
        })
    }

    fn entry(
        &mut self,
        transcript: &Transcript,
        at: usize,
        origin: UpdateOrigin,
        folder: &Path,
        notices: Notices,
        updates: &mut Vec<SessionUpdate>,
    ) {
        let Some(entry) = transcript.entries().get(at) else { return };
        if self.entries.len() <= at {
            self.entries.resize_with(at + 1, SentEntry::default);
        }
        match &**entry {
            TranscriptEntry::Assistant { item, text, citations, done } => {
                let id = item.as_str();
                let sent = &mut self.entries[at];
                grow(sent, id, text, SessionUpdate::AgentMessageChunk, updates);
                if *done && matches!(sent, SentEntry::Text(..)) {
                    if !citations.is_empty() {
                        let chunk = content::chunk(&cited(citations), id);
                        updates.push(SessionUpdate::AgentMessageChunk(chunk));
                    }
                    *sent = SentEntry::Done(id.to_owned());
                }
            }
            TranscriptEntry::Reasoning { item, text, .. } => {
                let sent = &mut self.entries[at];
                grow(sent, item.as_str(), text, SessionUpdate::AgentThoughtChunk, updates);
            }
            TranscriptEntry::Call { call, title, action, state } => {
                let action = action.as_deref();
                if tool_call::is_hidden(action) || matches!(self.entries[at], SentEntry::Done(_)) {
                    return;
                }
                let Some(shown) = tool_call::shown(call, title, action, state, folder) else {
                    return;
                };
                if let SentEntry::Call(sent) = &mut self.entries[at] {
                    updates.extend(sent.change(shown));
                } else {
                    let id = self.name(&call.id);
                    let whole = announce(&id, &shown)
                        .raw_input(tool_call::raw_input(call))
                        .name(call.name.clone());
                    updates.push(SessionUpdate::ToolCall(whole));
                    let call = call.id.as_str().to_owned();
                    self.entries[at] = SentEntry::Call(Box::new(SentCall { id, call, shown }));
                }
                if !state.is_open() {
                    self.entries[at] = SentEntry::Done(call.id.as_str().to_owned());
                }
            }
            TranscriptEntry::WebSearch { item, search } => {
                let shown = tool_call::web_search(search);
                if let SentEntry::Call(sent) = &mut self.entries[at] {
                    return updates.extend(sent.change(shown));
                }
                let id = item.as_str().to_owned();
                updates.push(SessionUpdate::ToolCall(announce(&id, &shown)));
                let sent = SentCall { call: id.clone(), id, shown };
                self.entries[at] = SentEntry::Call(Box::new(sent));
            }
            _ if matches!(self.entries[at], SentEntry::Whole) => {}
            TranscriptEntry::User { text, images } => {
                self.entries[at] = SentEntry::Whole;
                if origin == UpdateOrigin::Replay {
                    let id = format!("prompt_{at}");
                    let pictures = images.iter().map(|image| {
                        ContentChunk::new(content::picture(image)).message_id(id.as_str())
                    });
                    let words = (!text.is_empty()).then(|| content::chunk(text, &id));
                    let chunks = words.into_iter().chain(pictures);
                    updates.extend(chunks.map(SessionUpdate::UserMessageChunk));
                }
            }
            TranscriptEntry::Notice(notice) => {
                self.entries[at] = SentEntry::Whole;
                if notices == Notices::Shown {
                    updates.push(self::notice(notice, NoticeSeverity::Info));
                }
            }
            TranscriptEntry::Problem(_) | TranscriptEntry::Interrupted => {
                // The answer to the prompt says so.
                self.entries[at] = SentEntry::Whole;
            }
        }
    }

    /// Returns a name for a call: its id, with a number from the second call of that id on.
    fn name(&mut self, call: &CallId) -> String {
        let count = self.calls.entry(call.clone()).or_default();
        *count += 1;
        match *count {
            1 => call.as_str().to_owned(),
            count => format!("{call}#{count}"),
        }
    }
}

impl SentCall {
    /// Returns an update with the fields that have changed; lists are sent whole.
    fn change(&mut self, now: ShownCall) -> Option<SessionUpdate> {
        if self.shown == now {
            return None;
        }
        let before = std::mem::replace(&mut self.shown, now.clone());
        let mut fields = ToolCallUpdateFields::new();
        fields.title = (before.title != now.title).then_some(now.title);
        fields.kind = (before.kind != now.kind).then_some(now.kind);
        fields.status = (before.status != now.status).then_some(now.status);
        fields.content = (before.content != now.content).then_some(now.content);
        fields.locations = (before.locations != now.locations).then_some(now.locations);
        fields.raw_output = now.output.filter(|output| before.output.as_ref() != Some(output));
        Some(SessionUpdate::ToolCallUpdate(ToolCallUpdate::new(self.id.clone(), fields)))
    }
}

fn announce(id: &str, shown: &ShownCall) -> AcpToolCall {
    AcpToolCall::new(id.to_owned(), shown.title.clone())
        .kind(shown.kind)
        .status(shown.status)
        .content(shown.content.clone())
        .locations(shown.locations.clone())
        .raw_output(shown.output.clone())
}

/// Adds an update with the part of a text that has not been sent.
fn grow(
    sent: &mut SentEntry,
    item: &str,
    text: &str,
    update: fn(ContentChunk) -> SessionUpdate,
    updates: &mut Vec<SessionUpdate>,
) {
    let from = match sent {
        SentEntry::Done(_) | SentEntry::Whole => return,
        SentEntry::Text(_, from) => *from,
        SentEntry::Nothing | SentEntry::Call(_) => 0,
    };
    if let Some(more) = text.get(from..).filter(|more| !more.is_empty()) {
        updates.push(update(content::chunk(more, item)));
    }
    *sent = SentEntry::Text(item.to_owned(), text.len().max(from));
}

/// Returns the list of pages that an answer cites, to be shown below it.
fn cited(citations: &[Citation]) -> String {
    let line = |(at, Citation { title, url }): (usize, &Citation)| {
        let title = if title.trim().is_empty() { url } else { title };
        format!("\n{}. {} <{url}>", at + 1, title.replace(['\n', '\r'], " "))
    };
    let lines: String = citations.iter().enumerate().map(line).collect();
    format!("\n{lines}")
}

/// Returns an update that tells the person something.
pub fn notice(notice: &Notice, severity: NoticeSeverity) -> SessionUpdate {
    SessionUpdate::Notice(
        AcpNotice::new(severity, notice.message.clone()).description(notice.next.clone()),
    )
}
