//! The difference of two listings, name by name. Reads nothing, and does not know who changed them.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::undo::scan::listing::{
    FolderListing, FolderTree, KnownName, ListedName, ListingCompleteness,
};
use crate::undo::scan::stat::{FileTime, StatKind};

/// One name that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub path: PathBuf,
    pub before: Was,
    pub after: Option<ListedName>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Was {
    Absent,
    There(ListedName),
    Unknown,
}

/// All differences, by path. Files of `doubtful` folders that were touched less than a tick before
/// `began` are told too, though they look the same.
pub fn difference(
    before: &FolderTree,
    after: &FolderTree,
    doubtful: &HashSet<PathBuf>,
    began: FileTime,
) -> Vec<Difference> {
    let mut found = Vec::new();
    for (folder, now) in &after.folders {
        let is_doubtful = doubtful.contains(&**folder);
        match before.folders.get(folder) {
            Some(then) if Arc::ptr_eq(then, now) && !is_doubtful => {}
            Some(then) => in_folder(
                folder,
                then,
                now,
                if is_doubtful { began } else { FileTime::MAX },
                &mut found,
            ),
            None => {
                for listed in &now.names {
                    let path = folder.join(&*listed.name);
                    let was = match before.at(&path) {
                        KnownName::Absent => Was::Absent,
                        KnownName::There(then) => Was::There(then.clone()),
                        KnownName::Unknown => Was::Unknown,
                    };
                    found.push(Difference { path, before: was, after: Some(listed.clone()) });
                }
            }
        }
    }
    for (folder, then) in &before.folders {
        // Not looked into any more: either it is gone, or nobody knows.
        if !after.folders.contains_key(folder) {
            let gone = then.names.iter().map(|listed| (folder.join(&*listed.name), listed));
            let gone = gone.filter(|(path, _)| matches!(after.at(path), KnownName::Absent));
            found.extend(gone.map(|(path, listed)| Difference {
                path,
                before: Was::There(listed.clone()),
                after: None,
            }));
        }
    }
    found.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    found
}

fn in_folder(
    folder: &Path,
    then: &FolderListing,
    now: &FolderListing,
    began: FileTime,
    found: &mut Vec<Difference>,
) {
    let names: BTreeSet<_> =
        then.names.iter().chain(&now.names).map(|listed| &listed.name).collect();
    for name in names {
        let path = || folder.join(&**name);
        match (then.get(name), now.get(name)) {
            (Some(before), Some(after)) => {
                let is_doubtful = after.stat.kind == StatKind::File
                    && !before.stat.is_settled_at(began)
                    && began != FileTime::MAX;
                if after.stat.differs_from(&before.stat)
                    || after.target != before.target
                    || is_doubtful
                {
                    found.push(Difference {
                        path: path(),
                        before: Was::There(before.clone()),
                        after: Some(after.clone()),
                    });
                }
            }
            (None, Some(after)) => {
                let before =
                    if then.seen == ListingCompleteness::All { Was::Absent } else { Was::Unknown };
                found.push(Difference { path: path(), before, after: Some(after.clone()) });
            }
            // A name that could not be looked at this time is not gone.
            (Some(before), None)
                if now.seen == ListingCompleteness::All
                    || std::fs::symlink_metadata(path()).is_err() =>
            {
                found.push(Difference {
                    path: path(),
                    before: Was::There(before.clone()),
                    after: None,
                });
            }
            _ => {}
        }
    }
}
