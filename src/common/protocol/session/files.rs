//! Files for clients that sit elsewhere than the engine: requests, answers, and paths that are
//! watched.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::base::Timestamp;
use crate::protocol::WatchId;

/// Reads, changes and watches files for the person, without approvals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesCommand {
    /// Ends a watch of the client's, also one that failed to begin.
    Unwatch(WatchId),
    /// Watches a file, or the names and files of a folder; answered once changes are noticed.
    /// `EventKind::FilesChanged` tells the client of them. The path need not be there yet.
    Watch {
        /// The client's number for the watch, which no other watch of that client has.
        id: WatchId,
        /// The path to watch.
        path: PathBuf,
    },
    /// Reads or changes files. What the system refuses is a `ProblemKind::Config`, in the system's
    /// words.
    Work(FileWork),
}

/// One piece of work on files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileWork {
    /// Copies a file, or a folder with everything in it.
    Copy {
        /// The file or folder that is copied.
        from: PathBuf,
        /// The place of the copy.
        to: PathBuf,
        /// Whether a folder may be copied.
        recursive: bool,
    },
    /// Makes a folder.
    CreateFolder {
        /// The new folder.
        path: PathBuf,
        /// Whether the folders above it are made as well; then it may be there already.
        recursive: bool,
    },
    /// Asks what a path is; answered by `Reply::FileFacts`.
    Inspect(PathBuf),
    /// Asks for the entries of a folder; answered by `Reply::FolderEntries`.
    List(PathBuf),
    /// Reads a regular file of at most 32 MiB; answered by `Reply::FileContent`.
    Read(PathBuf),
    /// Removes a file or a folder.
    Remove {
        /// The file, link or folder that is removed.
        path: PathBuf,
        /// Whether everything in a folder goes with it.
        recursive: bool,
        /// Whether a path that is not there counts as removed.
        force: bool,
    },
    /// Writes a regular file.
    Write {
        /// The file; it is made if it is not there.
        path: PathBuf,
        /// Everything that the file holds then.
        content: Vec<u8>,
    },
}

/// The answer to [`FileWork::Inspect`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Whether the path leads to a regular file.
    pub is_file: bool,
    /// Whether the path leads to a folder.
    pub is_folder: bool,
    /// Whether the path itself is a symbolic link.
    pub is_link: bool,
    /// The time of creation; `None` where the system does not say.
    pub created: Option<Timestamp>,
    /// The time of the last change; `None` where the system does not say.
    pub changed: Option<Timestamp>,
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderEntry {
    /// The name; converted for display if it is not Unicode.
    pub name: String,
    /// Whether it leads to a folder.
    pub is_folder: bool,
    /// Whether it leads to a regular file.
    pub is_file: bool,
}

/// The paths that changed under a watch: the watched path itself, or entries of that folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedPaths(BTreeSet<PathBuf>);

impl ChangedPaths {
    /// The largest number of paths that are named.
    pub const MOST: usize = 1_000;

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a path. One path over the limit is enough to know that there are too many.
    pub fn insert(&mut self, path: PathBuf) {
        if self.0.len() <= Self::MOST {
            self.0.insert(path);
        }
    }

    /// Adds the paths of a later change.
    pub fn extend(&mut self, more: Self) {
        more.0.into_iter().for_each(|path| self.insert(path));
    }

    /// Returns all of them; the watched path alone if they are too many to be named.
    pub fn named(self, watched: &Path) -> BTreeSet<PathBuf> {
        match self.0.len() > Self::MOST {
            true => BTreeSet::from([watched.to_owned()]),
            false => self.0,
        }
    }
}

impl FromIterator<PathBuf> for ChangedPaths {
    fn from_iter<T: IntoIterator<Item = PathBuf>>(paths: T) -> Self {
        let mut all = Self::default();
        paths.into_iter().for_each(|path| all.insert(path));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_changes_are_named_by_the_watched_path() {
        let paths = |count: usize| (0..count).map(|at| PathBuf::from(format!("/a/{at}")));
        for (first, more, is_named) in [
            (0, 0, true),
            (1, ChangedPaths::MOST, true),
            (1, ChangedPaths::MOST + 1, false),
            (ChangedPaths::MOST + 9, 1, false),
        ] {
            let mut changed: ChangedPaths = paths(first).collect();
            changed.extend(paths(more).collect());
            assert_eq!(changed.is_empty(), first + more == 0);
            let expected = match is_named {
                true => paths(first.max(more)).collect(),
                false => BTreeSet::from([PathBuf::from("/a")]),
            };
            assert_eq!(changed.named(Path::new("/a")), expected, "{first} and {more}");
        }
    }
}
