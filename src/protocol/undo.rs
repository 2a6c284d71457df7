//! Undo: what turns changed in files, what taking it back would do, and what was done. Holds no contents.

use std::path::PathBuf;
use std::sync::Arc;

use super::TurnId;

/// A file, folder or link before and after a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Absolute, with every link on the way to it followed.
    pub path: PathBuf,
    /// `None`: it was seen not to be there. Where nobody looked, it is [`NodeKind::Unknown`].
    pub before: Option<FileState>,
    pub after: Option<FileState>,
    pub author: Author,
}

/// Who made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The call itself: its own processes were seen to do it, or codling did it for the call.
    Call,
    /// It came while the call ran, and nobody knows by whom: it may be a person's own edit.
    Unknown,
}

/// What stood at a path at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    pub kind: NodeKind,
    /// The twelve permission bits.
    pub mode: u32,
    /// User and group; `None` where that was not recorded.
    pub owner: Option<[u32; 2]>,
    /// `None` where that was not recorded.
    pub stamp: Option<Stamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    File {
        /// SHA-256 of its content, in hexadecimal digits; empty where it was not read.
        digest: Arc<str>,
        image: Image,
    },
    Folder,
    Link {
        target: PathBuf,
    },
    /// A pipe, a socket or a device.
    Special,
    /// Nobody could look: something may have stood there.
    Unknown,
}

/// Whether a copy of the content was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    Kept,
    /// Too large, too much, or not read in time.
    NotKept,
}

/// What tells a file that was not touched from one that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    pub device: u64,
    pub inode: u64,
    /// Bytes.
    pub length: u64,
    /// When its content was written; nanoseconds since 1970 UTC. Programs can set it.
    pub modified: i64,
    /// When anything about it changed; no program can set it back.
    pub changed: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Redo,
    Undo,
}

/// What taking a turn's changes back, or making them again, would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoPreview {
    pub direction: Direction,
    pub turn: TurnId,
    /// The first line of the turn's prompt.
    pub prompt: String,
    pub steps: Vec<UndoStep>,
    /// All turns that can be chosen, the oldest first.
    pub turns: Vec<UndoTurn>,
}

/// A turn that changed files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoTurn {
    pub turn: TurnId,
    pub prompt: String,
    /// Changes that stand, of those that undo has a hand in.
    pub standing: usize,
    /// Changes that were taken back, and can be made again.
    pub undone: usize,
}

/// One file, folder or link of an [`UndoPreview`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoStep {
    pub path: PathBuf,
    /// For people: relative to the folder where it lies inside.
    pub shown: String,
    pub action: UndoAction,
    pub state: ReviewedState,
    /// What stands there now: only that is written over.
    pub seen: Option<Stamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoAction {
    /// Makes it again.
    Create,
    /// Brings it back from where it was moved to; for people, as `shown` is.
    MoveFrom(String),
    Remove,
    /// Gives it back what it held, its mode, its owner or where it leads.
    Restore,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewedState {
    /// It is already as it would become.
    Already,
    /// As the turn left it.
    AsLeft,
    /// It stays as it is, and why: a part of a sentence.
    Cannot(&'static str),
    /// It is not as the turn left it: somebody changed it since.
    ChangedSince,
    /// As it was after the turn's call, but it may be a person's own edit made while that ran.
    PerhapsYours,
}

/// A step that a person chose, as it was reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenStep {
    pub path: PathBuf,
    pub seen: Option<Stamp>,
}

impl FileChange {
    /// The change that takes this one back.
    pub fn reversed(&self) -> Self {
        Self {
            path: self.path.clone(),
            before: self.after.clone(),
            after: self.before.clone(),
            author: self.author,
        }
    }
}

impl FileState {
    /// For what nobody looked at.
    pub fn unknown() -> Self {
        Self { kind: NodeKind::Unknown, mode: 0, owner: None, stamp: None }
    }

    /// The digest of a file's content, where it was read.
    pub fn digest(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::File { digest, .. } if !digest.is_empty() => Some(digest),
            _ => None,
        }
    }
}
