//! What turns changed in files, and taking it back. Holds no contents.

use std::path::PathBuf;
use std::sync::Arc;

use super::TurnId;

/// A file before and after a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Absolute, with every link followed.
    pub path: PathBuf,
    /// `None`: it was not there.
    pub before: Option<FileState>,
    pub after: Option<FileState>,
}

/// A file as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    /// SHA-256 of its content, in hexadecimal digits; empty where it was not read.
    pub digest: Arc<str>,
    /// Permission bits; 0 where the system has none.
    pub mode: u32,
    pub image: Image,
}

/// Whether the content was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    Kept,
    /// Too large, or the quota was used up.
    NotKept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Redo,
    Undo,
}

/// What taking a turn's changes back, or making them again, would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retrace {
    pub direction: Direction,
    pub turn: TurnId,
    /// The first line of the turn's prompt.
    pub prompt: String,
    pub files: Vec<Step>,
}

/// One file of a [`Retrace`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// For people: relative to the folder where it lies inside.
    pub path: String,
    pub act: Act,
    pub footing: Footing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Makes it again.
    Create,
    /// Gives it other content.
    Restore,
    Remove,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Footing {
    /// As the turn left it.
    AsLeft,
    /// It is not as the turn left it: somebody changed it since.
    ChangedSince,
    /// It is already as it would become.
    Nothing,
    /// What it would become was not kept, or cannot be read.
    Unknown,
}

/// What to do about files that were changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// They stay as they are.
    Keep,
    Overwrite,
}
