//! The present state of a path, compared with a recorded one. Changes nothing.

use std::path::{Path, PathBuf};

use crate::protocol::{FileState, Image, NodeKind, Stamp};

use crate::undo::scan::stat::{FileStat, StatKind, StatResult, look, target};
use crate::undo::store::attributes;
use crate::undo::store::blobs::Digest;

/// Bytes of a file that is read to compare it, or kept when it is about to go.
pub const READABLE: u64 = 1 << 30;

/// How much of a record fits what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateMatch {
    /// All of it.
    Same,
    /// The same thing, with another mode or owner.
    Rights,
    Other,
}

/// The present state of a path, as far as it had to be looked at.
#[derive(Debug)]
pub struct PresentState<'a> {
    pub path: &'a Path,
    pub found: StatResult,
    digest: std::cell::OnceCell<Option<Digest>>,
}

impl<'a> PresentState<'a> {
    pub fn at(path: &'a Path) -> Self {
        Self { path, found: look(path), digest: std::cell::OnceCell::new() }
    }

    pub fn stat(&self) -> Option<&FileStat> {
        if let StatResult::There(stat) = &self.found { Some(stat) } else { None }
    }

    pub fn stamp(&self) -> Option<Stamp> {
        self.stat().map(|stat| stat.stamp)
    }

    /// The digest of the content; `None` where it cannot be read, or is too large.
    pub fn digest(&self) -> Option<Digest> {
        *self.digest.get_or_init(|| {
            let stat = self
                .stat()
                .filter(|stat| stat.kind == StatKind::File && stat.stamp.length <= READABLE)?;
            let digest = Digest::of_file(self.path).ok()?;
            // It was written to while it was read.
            (look(self.path) == StatResult::There(*stat)).then_some(digest)
        })
    }

    pub fn compare(&self, state: Option<&FileState>) -> StateMatch {
        match (&self.found, state) {
            (StatResult::Nothing, None) => StateMatch::Same,
            (StatResult::There(stat), Some(state)) if self.is_same_thing(stat, state) => {
                let same_owner = state.owner.is_none_or(|owner| owner == stat.owner);
                // Links have no mode of their own.
                let same_mode =
                    stat.kind == StatKind::Link || stat.mode == state.mode || cfg!(not(unix));
                if same_owner && same_mode && self.has_attributes(stat, state) {
                    StateMatch::Same
                } else {
                    StateMatch::Rights
                }
            }
            _ => StateMatch::Other,
        }
    }

    /// Whether a file has the extended attributes that were recorded.
    fn has_attributes(&self, stat: &FileStat, state: &FileState) -> bool {
        let Some(recorded) = state.attributes.as_ref().filter(|_| stat.kind == StatKind::File)
        else {
            return true;
        };
        state.stamp == Some(stat.stamp)
            || attributes::recorded_at(self.path).is_none_or(|now| now == *recorded)
    }

    fn is_same_thing(&self, stat: &FileStat, state: &FileState) -> bool {
        match (&state.kind, stat.kind) {
            (NodeKind::File { .. }, StatKind::File) => self.has_content(stat, state),
            (NodeKind::Folder, StatKind::Folder) => true,
            (NodeKind::Link { target: then }, StatKind::Link) => {
                target(self.path).is_some_and(|now| now == *then)
            }
            (NodeKind::Special, StatKind::Special) => {
                state.stamp.is_some_and(|stamp| stat.is_same_node(&stamp))
            }
            _ => false,
        }
    }

    /// Whether a file holds what was recorded. Renaming changes neither its length nor when it was
    /// written.
    pub fn has_content(&self, stat: &FileStat, state: &FileState) -> bool {
        if state.stamp.is_some_and(|stamp| stamp == stat.stamp) {
            return true;
        }
        if state.stamp.is_some_and(|stamp| stamp.length != stat.stamp.length) {
            return false;
        }
        state.digest().and_then(Digest::parse).is_some_and(|digest| self.digest() == Some(digest))
    }
}

/// The record of what stands there, without its content.
pub fn record(path: &Path, stat: &FileStat) -> FileState {
    record_with(stat, || target(path))
}

/// The same, where it is known where a link leads.
pub fn record_with(stat: &FileStat, target: impl FnOnce() -> Option<PathBuf>) -> FileState {
    let kind = match stat.kind {
        StatKind::File => NodeKind::File { digest: "".into(), image: Image::NotKept },
        StatKind::Folder => NodeKind::Folder,
        StatKind::Link => target().map_or(NodeKind::Unknown, |target| NodeKind::Link { target }),
        StatKind::Special => NodeKind::Special,
    };
    let (owner, stamp) = (Some(stat.owner), Some(stat.stamp));
    FileState { kind, mode: stat.mode, owner, stamp, attributes: None }
}

/// The record of what stands at a path and holds what `to` says.
pub fn stands(path: &Path, to: Option<&FileState>) -> Option<FileState> {
    let StatResult::There(stat) = look(path) else { return None };
    let state = record(path, &stat);
    Some(match to.and_then(FileState::digest).and_then(Digest::parse) {
        Some(digest) if stat.kind == StatKind::File => {
            let attributes = attributes::recorded_at(path);
            FileState { attributes, ..with_digest(state, digest, Image::Kept) }
        }
        _ => state,
    })
}

/// With its content.
pub fn with_digest(state: FileState, digest: Digest, image: Image) -> FileState {
    FileState { kind: NodeKind::File { digest: digest.digits().into(), image }, ..state }
}
