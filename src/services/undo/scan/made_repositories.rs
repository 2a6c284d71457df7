//! Repositories that came into being while somebody watched. All names of their git folders are
//! listed, the many that are left out elsewhere as well, so that such a repository can go whole.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::listing::{FolderTree, KnownName};
use super::stat::{FileStat, FileTime, StatResult, born, look, may_be_since};
use super::walk::{SnapshotRoots, look_again};
use super::watch::FolderWatch;

/// Git folders, by device and inode: they are the same ones after a move.
#[derive(Clone, Debug, Default)]
pub struct MadeRepositories(Arc<RwLock<HashSet<[u64; 2]>>>);

impl MadeRepositories {
    /// Whether all names of a git folder are listed.
    pub fn holds(&self, git: &Path) -> bool {
        let made = self.0.read().unwrap_or_else(PoisonError::into_inner);
        !made.is_empty()
            && fs::symlink_metadata(git)
                .is_ok_and(|about| made.contains(&FileStat::of(&about).stamp.node()))
    }

    fn add(&self, stat: &FileStat) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(stat.stamp.node());
    }
}

/// Lists all names of those git folders that were not there in the listing before, and were made
/// since it was taken: one that was moved here has a past.
pub fn list(
    scope: &SnapshotRoots,
    watch: Option<&FolderWatch>,
    (before, taken): (&FolderTree, FileTime),
    fresh: &mut FolderTree,
    repositories: Vec<PathBuf>,
) {
    for git in repositories {
        let StatResult::There(stat) = look(&git) else { continue };
        let is_new = before.at(&git) == KnownName::Absent
            && born(&git).is_some_and(|born| may_be_since(born, taken))
            && !stood(before, &stat);
        if is_new {
            scope.made.add(&stat);
            fresh.remove(&git);
            look_again(scope, watch, fresh, [git]);
        }
    }
}

/// Whether a git folder stood in the folder by another name.
fn stood(before: &FolderTree, stat: &FileStat) -> bool {
    let mut gits = before.folders.keys().filter(|folder| folder.ends_with(".git"));
    gits.any(|git| {
        matches!(before.at(git), KnownName::There(then) if then.stat.is_same_node(&stat.stamp))
    })
}
