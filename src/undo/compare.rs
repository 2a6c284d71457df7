//! What became of files between two moments. Reads nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::protocol::{FileChange, Image};

use super::tree::{Entry, Tree};

/// Changes that are told of one call.
const MOST: usize = 5_000;

/// All that differs, by path; and how many there are beyond what is told.
pub(super) fn compare(before: &Tree, after: &Tree) -> (Vec<FileChange>, usize) {
    let paths: BTreeSet<&PathBuf> = before.keys().chain(after.keys()).collect();
    let mut changes = Vec::new();
    let mut beyond = 0;
    for path in paths {
        let (then, now) = (before.get(path), after.get(path));
        let differs = match (then, now) {
            (Some(then), Some(now)) => now.differs_from(then),
            (then, now) => then.is_some() || now.is_some(),
        };
        match differs {
            true if changes.len() < MOST => {
                changes.push(FileChange { path: path.clone(), before: then.map(Entry::state), after: now.map(Entry::state) });
            }
            true => beyond += 1,
            false => {}
        }
    }
    (changes, beyond)
}

/// The files that cannot be brought back or made again, since their content was not kept.
pub(super) fn not_kept(changes: &[FileChange]) -> Vec<&Path> {
    let lacks = |change: &&FileChange| [&change.before, &change.after].into_iter().flatten().any(|state| state.image == Image::NotKept);
    changes.iter().filter(lacks).map(|change| change.path.as_path()).collect()
}
