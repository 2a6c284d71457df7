//! What is kept of a conversation, one thing after the other, and what is told of it in a list.

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::Timestamp;

use super::{
    Agent, CallId, CompactionResult, Direction, FileChange, Item, ItemId, ItemKind, PlannedAction,
    SessionId, SessionSettings, TurnId, TurnOutcome, Usage,
};

/// One thing that happened in a session. Records are only ever added.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Files that a call of this turn changed.
    Changed {
        turn: TurnId,
        /// Of the snapshot from before the call; empty in older logs.
        id: String,
        files: Vec<FileChange>,
    },
    /// What a call is about to do, without what would become of files.
    CallPlanned {
        call: CallId,
        action: Arc<PlannedAction>,
    },
    /// The model's own summary of all before it: from here on, this item stands for that.
    Compacted {
        summary: Arc<Item>,
        compaction: CompactionResult,
    },
    Item(Arc<Item>),
    /// The server refused the pictures of this item: from here on it stands without them, for a note that says why.
    PicturesDropped {
        item: ItemId,
        why: String,
    },
    /// Words for the model that nobody typed: sent, and not shown.
    ContextNote {
        kind: ContextNoteKind,
        item: Arc<Item>,
    },
    /// In use from here on.
    Settings(SessionSettings),
    /// A name that a person gave; the last one counts.
    Title(String),
    TurnEnded {
        turn: TurnId,
        outcome: TurnOutcome,
    },
    /// Without an end it was cut off: the program ended in it.
    TurnStarted(TurnId),
    /// Changes of a turn are about to be taken back, or made again. Without an end it was cut off.
    UndoBegun {
        turn: TurnId,
        direction: Direction,
        files: Vec<FileChange>,
    },
    /// Changes of a turn were taken back, or made again, and how; in older logs without files, all of them.
    Undone {
        turn: TurnId,
        direction: Direction,
        files: Vec<FileChange>,
    },
    Usage(Usage),
}

/// What a note for the model is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextNoteKind {
    /// Who works from here on.
    Agent(Agent),
    /// The turn before was cut off when the program ended.
    CutOff,
    /// Where the conversation takes place.
    Environment,
    /// The turn before was stopped.
    Interrupted,
    /// The steps of the turn are used up.
    LastStep,
    /// What follows is a command that the person typed.
    OwnCommand,
    /// What may be done without asking, and what keeps commands in.
    Permissions,
    /// Changes of files were taken back, or made again.
    Undo,
    /// Logs of the first version do not say.
    Unknown,
}

/// A session in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSummary {
    pub id: SessionId,
    pub folder: PathBuf,
    /// As a person named it, else the first line of the first prompt.
    pub title: String,
    pub created: Timestamp,
    /// When it was last written to.
    pub changed: Timestamp,
    /// How many prompts it holds.
    pub prompts: u32,
}

/// Which session is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionSelector {
    /// The one of this folder that was written to last.
    Latest(PathBuf),
    /// An id, or a part of one that no other has.
    Named(String),
}

impl Record {
    /// Whether a person typed it.
    pub fn is_prompt(&self) -> bool {
        matches!(self, Self::Item(item) if matches!(item.kind, ItemKind::User { .. }))
    }
}
