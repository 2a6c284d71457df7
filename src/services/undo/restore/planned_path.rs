//! Planned paths: the step by which each path becomes what it was, as a person reviews it.

use std::path::PathBuf;

use crate::protocol::{FileState, ReviewedState, Stamp};

use crate::undo::store::blobs::Digest;

/// The planned step of one path.
#[derive(Debug)]
pub struct PlannedPath {
    pub path: PathBuf,
    /// The file there, as it was looked at.
    pub seen: Option<Stamp>,
    pub from: Option<FileState>,
    pub to: Option<FileState>,
    pub operation: PlannedStep,
    pub state: ReviewedState,
    /// Names that move along with a folder.
    pub passengers: Vec<Passenger>,
    /// All steps in a repository, which are taken together or not at all.
    pub parts: Vec<PlannedPath>,
}

/// How a path becomes what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannedStep {
    /// Its content is at another name, which will change.
    CopyFrom(PathBuf),
    /// Another name of the same file stands there, or will; what it held, should it not.
    Link(PathBuf, Option<Digest>),
    MoveFrom(PathBuf),
    /// Its content is the same: only its mode or owner is given back.
    Rights,
    Remove,
    Write(Digest),
    /// A folder, or a link.
    Make,
    Nothing,
}

/// A name that moves along with a folder.
#[derive(Clone, Debug)]
pub struct Passenger {
    pub from: PathBuf,
    /// As it stands there now.
    pub was: Option<FileState>,
    pub path: PathBuf,
    pub to: Option<FileState>,
}

/// Why a path is left as it is.
pub const UNSEEN: &str = "what stood there before is not known";
pub const NOT_EMPTY: &str = "it holds other files";
