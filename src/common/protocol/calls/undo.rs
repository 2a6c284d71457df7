//! Undo: what turns changed in files, what taking it back would do, and what was done. Contents of
//! files are not part of it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::{TurnId, path_bytes};

/// A file, folder or link before and after a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Absolute, with every link on the way to it followed.
    #[serde(with = "path_bytes::one")]
    pub path: PathBuf,
    /// The state before; `None` if nothing was there. If it was not looked at, it is
    /// [`NodeKind::Unknown`].
    pub before: Option<FileState>,
    /// The state after; `None` if nothing is there.
    pub after: Option<FileState>,
    /// Whether the call is known to have made the change.
    pub author: Author,
}

/// A content that was kept just before a command destroyed it: removed the file, or wrote to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptContent {
    /// Whether it is a copy or the file itself.
    pub kind: KeptKind,
    /// The disk of the file that held it.
    pub device: u64,
    /// That file's number there.
    pub inode: u64,
    /// Its length in bytes.
    pub length: u64,
    /// When it was written to last, in nanoseconds since 1970.
    pub modified: i64,
    /// Where the content is now.
    pub file: PathBuf,
}

/// How a content was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptKind {
    /// In a file of its own.
    Copy,
    /// By another name of the same file.
    Link,
}

/// Who made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Author {
    /// The call itself made it: its own processes were seen to, or codling did it for the call.
    Call,
    /// It was made while the call ran, and nobody knows by whom: it may be a person's own edit.
    Unknown,
}

/// The state of a path at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// The kind of node, and its content.
    pub kind: NodeKind,
    /// The twelve permission bits.
    pub mode: u32,
    /// User and group; `None` where that was not recorded.
    pub owner: Option<[u32; 2]>,
    /// `None` where that was not recorded.
    pub stamp: Option<Stamp>,
    /// SHA-256 of a file's extended attributes, an access control list among them, as undo keeps
    /// them; empty where it had none. `None` where that was not recorded.
    pub attributes: Option<Arc<str>>,
}

/// The kind of node at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeKind {
    /// A regular file.
    File {
        /// SHA-256 of its content, in hexadecimal digits; empty where it was not read.
        digest: Arc<str>,
        /// Whether undo has a copy of that content.
        image: Image,
    },
    /// A folder; what lies in it has changes of its own.
    Folder,
    /// A symbolic link.
    Link {
        /// Where it leads, as it is written in the link.
        #[serde(with = "path_bytes::one")]
        target: PathBuf,
    },
    /// A pipe, a socket or a device.
    Special,
    /// It could not be looked at: something may have been there.
    Unknown,
}

/// Whether a copy of the content was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Image {
    /// Undo can write it back.
    Kept,
    /// Too large, too much, or not read in time.
    NotKept,
}

/// File status by which an untouched file is told from a changed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// The number of the file system (`st_dev`).
    pub device: u64,
    /// The number of the file there (`st_ino`).
    pub inode: u64,
    /// Bytes.
    pub length: u64,
    /// When its content was written; nanoseconds since 1970 UTC. Programs can set it.
    pub modified: i64,
    /// When anything about it changed; no program can set it back.
    pub changed: i64,
}

impl Stamp {
    /// The device and the number of the file, which all of its names share.
    pub fn node(&self) -> [u64; 2] {
        [self.device, self.inode]
    }
}

/// Which way a turn's changes are gone over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// Makes changes again that were taken back.
    Redo,
    /// Takes changes back.
    Undo,
}

/// The steps that an undo or redo of a turn would take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoPreview {
    /// Whether the steps take changes back or make them again.
    pub direction: Direction,
    /// The turn whose changes they are.
    pub turn: TurnId,
    /// The first line of the turn's prompt.
    pub prompt: String,
    /// The step for each path.
    pub steps: Vec<UndoStep>,
    /// All turns that can be chosen, oldest first.
    pub turns: Vec<UndoTurn>,
}

/// A turn that changed files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoTurn {
    /// The turn, by its number in the session.
    pub turn: TurnId,
    /// The first line of its prompt.
    pub prompt: String,
    /// At how many paths its changes stand, and can be taken back.
    pub standing: usize,
    /// At how many paths its changes were taken back, and can be made again.
    pub undone: usize,
}

/// One file, folder or link of an [`UndoPreview`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoStep {
    /// Absolute, with every link on the way to it followed.
    #[serde(with = "path_bytes::one")]
    pub path: PathBuf,
    /// For people: relative to the folder where it lies inside.
    pub shown: String,
    /// The action of the step.
    pub action: UndoAction,
    /// Whether it can be done, and whether it would undo more than the turn did.
    pub state: ReviewedState,
    /// The file that is there now; no other file is overwritten.
    pub seen: Option<Stamp>,
}

/// The action of a step of an undo at its path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UndoAction {
    /// Creates what the change had removed.
    Create,
    /// Brings it back from where it was moved to; for people, as `shown` is.
    MoveFrom(String),
    /// Removes what the change had put there.
    Remove,
    /// Gives it back what it held, its mode, its owner or where it leads.
    Restore,
}

/// The state of a step's path when it was previewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReviewedState {
    /// It is already as it would become.
    Already,
    /// As the turn left it.
    AsLeft,
    /// It stays as it is, and why: a part of a sentence.
    Cannot(Cow<'static, str>),
    /// It is not as the turn left it: somebody changed it since.
    ChangedSince,
    /// As it was after the turn's call, but it may be a person's own edit made while that ran.
    PerhapsYours,
}

/// A step that a person chose, as it was reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenStep {
    /// The path of the [`UndoStep`] that was chosen.
    #[serde(with = "path_bytes::one")]
    pub path: PathBuf,
    /// That of the [`UndoStep`]: where something else stands there by now, the step is not done.
    pub seen: Option<Stamp>,
}

impl FileChange {
    /// A change that the call itself is known to have made.
    pub fn of_call(path: &Path, before: Option<FileState>, after: Option<FileState>) -> Self {
        Self { path: path.to_owned(), before, after, author: Author::Call }
    }

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
        Self { kind: NodeKind::Unknown, mode: 0, owner: None, stamp: None, attributes: None }
    }

    /// Whether two records are of the same thing.
    pub fn is_same(one: Option<&Self>, other: Option<&Self>) -> bool {
        let (one, other) = match (one, other) {
            (Some(one), Some(other)) => (one, other),
            (one, other) => return one.is_none() && other.is_none(),
        };
        let same_rights = one.mode == other.mode
            && (one.owner == other.owner || one.owner.is_none() || other.owner.is_none());
        let same_attributes = one
            .attributes
            .as_ref()
            .zip(other.attributes.as_ref())
            .is_none_or(|(one, other)| one == other);
        let same_stamp = one.stamp.is_some() && one.stamp == other.stamp;
        same_rights
            && same_attributes
            && match (&one.kind, &other.kind) {
                (NodeKind::File { digest, .. }, NodeKind::File { digest: then, .. }) => {
                    same_stamp || !digest.is_empty() && digest == then
                }
                (NodeKind::Folder, NodeKind::Folder) => true,
                (NodeKind::Link { target }, NodeKind::Link { target: then }) => target == then,
                (NodeKind::Special, NodeKind::Special) => same_stamp,
                _ => false,
            }
    }

    /// The digest of a file's content, where it was read.
    pub fn digest(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::File { digest, .. } if !digest.is_empty() => Some(digest),
            _ => None,
        }
    }
}
