//! What became of files between two moments. Reads nothing.

use std::path::{Path, PathBuf};

use crate::protocol::{FileChange, Image};

use super::tree::{Entry, Tree};

/// Changes that are told of one call.
const MOST: usize = 5_000;

/// All that differs, by path; and how many there are beyond what is told. A file that only `after` knows counts where `came` says so.
pub(super) fn compare(before: &Tree, after: &Tree, came: impl Fn(&Entry) -> bool) -> (Vec<FileChange>, usize) {
    let differs = |(path, now): &(&PathBuf, &Entry)| before.get(*path).map_or_else(|| came(now), |then| now.differs_from(then));
    let mut changed: Vec<(&PathBuf, Option<&Entry>)> = after.iter().filter(differs).map(|(path, now)| (path, Some(now))).collect();
    changed.extend(before.keys().filter(|path| !after.contains_key(*path)).map(|path| (path, None)));
    changed.sort_unstable_by_key(|(path, _)| *path);
    let beyond = changed.len().saturating_sub(MOST);
    let told = changed.into_iter().take(MOST).map(|(path, now)| FileChange {
        path: path.clone(),
        before: before.get(path).map(Entry::state),
        after: now.map(Entry::state),
    });
    (told.collect(), beyond)
}

/// The files that cannot be brought back or made again, since their content was not kept.
pub(super) fn not_kept(changes: &[FileChange]) -> Vec<&Path> {
    let lacks = |change: &&FileChange| [&change.before, &change.after].into_iter().flatten().any(|state| state.image == Image::NotKept);
    changes.iter().filter(lacks).map(|change| change.path.as_path()).collect()
}
