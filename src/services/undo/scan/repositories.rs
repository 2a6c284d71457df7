//! Git repositories that a folder holds or lies in: where their git folders are. Starts no program.

use std::path::{Path, PathBuf};

use crate::base::git;

use super::listing::FolderTree;
use super::walk::SnapshotRoots;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The top of the working tree, as git calls it.
    pub top: PathBuf,
    /// Where its `HEAD` and `index` are.
    pub git: PathBuf,
    /// Where its branches are; another folder for a linked working tree.
    pub common: PathBuf,
}

impl Repository {
    fn at(top: &Path) -> Option<Self> {
        let own = std::fs::canonicalize(git::folder(&top.join(".git"))?).ok()?;
        let common = git::line(&own.join("commondir")).map(|named| own.join(named.trim()));
        let common = common
            .and_then(|common| std::fs::canonicalize(common).ok())
            .unwrap_or_else(|| own.clone());
        Some(Self { top: top.to_owned(), git: own, common })
    }

    /// Its git folders that lie outside of a folder.
    pub fn outside(&self, folder: &Path) -> Vec<PathBuf> {
        let mut outside = vec![self.git.clone(), self.common.clone()];
        outside.dedup();
        outside.retain(|git| !git.starts_with(folder));
        outside
    }
}

/// The one that a folder lies in.
pub fn around(folder: &Path) -> Option<Repository> {
    folder.ancestors().find_map(Repository::at)
}

/// The one around the folder, also where what pointed to it is gone, and those in it.
pub fn repositories(scope: &SnapshotRoots, listing: &FolderTree) -> Vec<Repository> {
    let inside = listing
        .folders
        .iter()
        .filter(|(_, names)| names.get(".git".as_ref()).is_some())
        .map(|(folder, _)| &**folder);
    let mut all: Vec<Repository> = inside.filter_map(Repository::at).collect();
    for around in around(&scope.folder).into_iter().chain(scope.around.clone()) {
        if !all.contains(&around) {
            all.push(around);
        }
    }
    all
}

/// Git's folders, and files that say where these are, by their own names.
pub fn pointers(listing: &FolderTree) -> Vec<PathBuf> {
    let holding = listing.folders.iter().filter(|(_, names)| names.get(".git".as_ref()).is_some());
    holding.map(|(folder, _)| folder.join(".git")).collect()
}
