//! The words between a holder and a program that joined. They are private to programs of one wire
//! number: another one is told so in the first line.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::protocol::{
    EventKind, LiveState, McpCommand, Problem, PromptPlace, QueuedPrompt, Reply, ReplyResult,
    SessionId, SettingsCommand, TurnCommand, UndoPreview,
};

/// The number of this wire. A test says when it must rise.
pub(super) const WIRE: u32 = 1;

/// A message to the holder.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToHolder {
    /// Asks for something. Questions are numbered from 1 in the order they come in.
    Ask(RemoteCommand),
    /// Asks for a sign of life.
    Ping,
}

/// The commands that a program that joined may give: no credentials, no settings files, no folders.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum RemoteCommand {
    Mcp(SessionId, McpCommand),
    Rename(String),
    Settings(SessionId, SettingsCommand),
    /// Ends the other screens of the conversation.
    Take,
    Turn(SessionId, TurnCommand),
}

/// A message to a program that joined.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToJoined {
    /// The answer to the question of this number.
    Answer(u64, Result<RemoteReply, Problem>),
    /// News of the session, a snapshot first.
    Event(EventKind),
    /// The answer to a ping.
    Pong,
}

/// The part of `Reply` that answers such commands.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum RemoteReply {
    Done,
    Submitted(PromptPlace),
    UndoPreview(Option<UndoPreview>),
    Unqueued(QueuedPrompt),
}

impl RemoteReply {
    pub(super) fn of(result: ReplyResult) -> Result<Self, Problem> {
        Ok(match result? {
            Reply::Submitted(place) => Self::Submitted(place),
            Reply::UndoPreview(preview) => Self::UndoPreview(preview),
            Reply::Unqueued(prompt) => Self::Unqueued(prompt),
            _ => Self::Done,
        })
    }
}

impl From<RemoteReply> for Reply {
    fn from(reply: RemoteReply) -> Self {
        match reply {
            RemoteReply::Done => Self::Done,
            RemoteReply::Submitted(place) => Self::Submitted(place),
            RemoteReply::UndoPreview(preview) => Self::UndoPreview(preview),
            RemoteReply::Unqueued(prompt) => Self::Unqueued(prompt),
        }
    }
}

/// A question of a program that does not join, for the loop. Where the session is gone, letting go
/// of it answers.
#[derive(Debug)]
pub(crate) enum LiveQuestion {
    /// How far is it?
    State(oneshot::Sender<LiveState>),
}

/// Names one connection: what an ended one has left in the engine's queue is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConnectionId(u64);

impl ConnectionId {
    /// One that no other connection of this program has.
    pub(super) fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// News of a remote session, for the loop.
#[derive(Debug)]
pub(crate) enum RemoteNews {
    Answered(u64, ReplyResult),
    /// The holder is gone.
    Ended,
    Event(Box<EventKind>),
    /// The holder gives no sign of life.
    Silent,
}
