//! Preparing an undo: what is about to go is kept first, and what is not as it was reviewed is left
//! out and named.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::cause;
use crate::protocol::{FileChange, FileState, Image, NodeKind, ReviewedState};

use super::planned_path::Passenger;
use super::planned_path::{PlannedPath, PlannedStep};
use super::present_state::{record, stands, with_digest};
use crate::undo::path_handle;
use crate::undo::scan::stat::{FileStat, StatKind, StatResult, look};
use crate::undo::store::attributes;
use crate::undo::store::blobs::{Blobs, Digest};

pub const OVERTAKEN: &str = "it was changed meanwhile";

/// Steps whose present contents are kept, so that they can be done and taken back.
#[derive(Debug, Default)]
pub struct Prepared {
    pub(super) steps: Vec<PreparedPath>,
    pub(super) kept: Vec<(PathBuf, String)>,
}

/// The outcome of an undo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// As it was, and as it is now.
    pub done: Vec<FileChange>,
    /// Paths that were left as they are, and why: a part of a sentence.
    pub kept: Vec<(PathBuf, String)>,
}

/// One path whose present content is kept.
#[derive(Debug)]
pub struct PreparedPath {
    pub path: PathBuf,
    pub operation: PlannedStep,
    pub seen: Option<FileStat>,
    pub before: Option<FileState>,
    pub to: Option<FileState>,
    /// The file that moves, as it is now.
    pub was: Option<FileState>,
    pub passengers: Vec<Passenger>,
}

impl Prepared {
    /// The coming changes, for a record that is written first.
    pub fn changes(&self) -> Vec<FileChange> {
        let change = |ready: &PreparedPath| ready.changes(|_, to| to.cloned());
        self.steps.iter().flat_map(change).collect()
    }

    /// The folders that files are written in.
    pub fn folders(&self) -> HashSet<&Path> {
        self.steps.iter().filter_map(|ready| ready.path.parent()).collect()
    }
}

/// Keeps what is about to go. What is not as it was reviewed is left out, and named.
pub fn prepare(blobs: &Blobs, planned: Vec<PlannedPath>) -> Prepared {
    let mut prepared = Prepared::default();
    for PlannedPath { path, to, operation, seen, state, passengers, parts, .. } in planned {
        match state {
            ReviewedState::Cannot(why) => {
                prepared.kept.push((path, why.into()));
                continue;
            }
            ReviewedState::Already => continue,
            _ if parts.is_empty() => {}
            _ => {
                let whole = prepare(blobs, parts);
                match whole.kept.into_iter().next() {
                    None => prepared.steps.extend(whole.steps),
                    Some((_, why)) => prepared.kept.push((path, why)),
                }
                continue;
            }
        }
        let now = match look(&path) {
            StatResult::There(stat) => Some(stat),
            StatResult::Nothing => None,
            StatResult::Hidden => {
                prepared.kept.push((path, "it cannot be looked at".into()));
                continue;
            }
        };
        // A folder is told by what it holds.
        let is_folder = now.is_some_and(|stat| stat.kind == StatKind::Folder) && seen.is_some();
        if !is_folder && now.map(|stat| stat.stamp) != seen {
            prepared.kept.push((path, OVERTAKEN.into()));
            continue;
        }
        let keep = |stat: &FileStat| {
            let state = record(&path, stat);
            match stat.kind {
                StatKind::File => {
                    let file = path_handle::open(&path)?;
                    let attributes = Some(attributes::keep(blobs, &file)?);
                    let state = match operation {
                        PlannedStep::Rights => {
                            with_digest(state, Digest::of_open(&file)?, Image::NotKept)
                        }
                        _ => with_digest(state, blobs.keep_file(&file)?, Image::Kept),
                    };
                    Ok(FileState { attributes, ..state })
                }
                _ => Ok(state),
            }
        };
        match now.as_ref().map(keep).transpose() {
            Ok(before) => {
                let was = if let PlannedStep::MoveFrom(from) = &operation {
                    if let Ok(file) = path_handle::open(from)
                        && let Err(error) = attributes::keep(blobs, &file)
                    {
                        tracing::warn!(%error, "attributes could not be kept");
                    }
                    stands(from, to.as_ref())
                } else {
                    None
                };
                prepared.steps.push(PreparedPath {
                    path,
                    operation,
                    seen: now,
                    before,
                    to,
                    was,
                    passengers,
                });
            }
            Err::<_, io::Error>(error) => {
                prepared.kept.push((path, not_kept(&error)));
            }
        }
    }
    // A file that is overwritten has its copy on the disk before.
    let given = |ready: &PreparedPath| Digest::parse(ready.before.as_ref()?.attributes.as_deref()?);
    let digests: Vec<Digest> =
        prepared.steps.iter().flat_map(|ready| [ready.copy(), given(ready)]).flatten().collect();
    if let Err(error) = blobs.sync(&digests) {
        let uncopied = prepared.steps.extract_if(.., |ready| ready.copy().is_some());
        prepared.kept.extend(uncopied.map(|ready| (ready.path, not_kept(&error))));
    }
    prepared
}

fn not_kept(error: &io::Error) -> String {
    format!("what it holds now could not be kept first: {}", cause(error))
}

impl PreparedPath {
    /// The changes of this step; `after` tells how a path is left that is to become this.
    pub fn changes(
        &self,
        after: impl Fn(&Path, Option<&FileState>) -> Option<FileState>,
    ) -> Vec<FileChange> {
        let mut changes = Vec::new();
        if let PlannedStep::MoveFrom(from) = &self.operation {
            changes.push(FileChange::of_call(from, self.was.clone(), None));
        }
        let left = after(&self.path, self.to.as_ref());
        changes.push(FileChange::of_call(&self.path, self.before.clone(), left));
        for Passenger { from, was, path, to } in &self.passengers {
            changes.push(FileChange::of_call(from, was.clone(), None));
            changes.push(FileChange::of_call(path, None, after(path, to.as_ref())));
        }
        changes
    }

    pub fn was_folder(&self) -> bool {
        self.seen.is_some_and(|stat| stat.kind == StatKind::Folder)
    }

    pub fn becomes_folder(&self) -> bool {
        self.to.as_ref().is_some_and(|to| to.kind == NodeKind::Folder)
    }

    /// Whether a folder can be made, or a file moved, now.
    pub fn can_come(&self) -> bool {
        let comes = self.operation == PlannedStep::Make && self.becomes_folder()
            || matches!(self.operation, PlannedStep::MoveFrom(_));
        comes && self.seen.is_none() && self.path.parent().is_some_and(Path::is_dir)
    }

    /// The copy that was made of what stands there.
    fn copy(&self) -> Option<Digest> {
        let before = self.before.as_ref()?;
        matches!(before.kind, NodeKind::File { image: Image::Kept, .. })
            .then(|| before.digest().and_then(Digest::parse))?
    }
}
