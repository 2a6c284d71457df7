//! Scanning folders into a listing of names and file status, on several threads. Reads no file, and
//! follows no link.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use super::listing::{FolderListing, FolderTree, ListedName, ListingCompleteness};
use super::made_repositories::MadeRepositories;
use super::repositories;
use super::repositories::Repository;
use super::stat::{FileStat, StatKind, target};
use super::watch::FolderWatch;

/// Names that are listed at the most: more would take more memory than a list is worth.
pub const MOST: usize = 1_000_000;
/// Threads that look at once; more do not help on the disks of laptops.
const SCANNERS: usize = 4;

/// In a git folder, only refs, the index, settings and hooks are listed: objects
/// are many, and never change.
const OF_GIT: [&str; 20] = [
    "CHERRY_PICK_HEAD",
    "HEAD",
    "MERGE_HEAD",
    "MERGE_MODE",
    "MERGE_MSG",
    "ORIG_HEAD",
    "REVERT_HEAD",
    "config",
    "config.worktree",
    "hooks",
    "index",
    "info",
    "logs",
    "modules",
    "packed-refs",
    "rebase-apply",
    "rebase-merge",
    "refs",
    "shallow",
    "worktrees",
];
/// Repositories of submodules and records of working trees: of these only their names, so that undo
/// says which stay.
const BY_NAME: [&str; 2] = ["modules", "worktrees"];

/// The folders of a snapshot.
#[derive(Clone, Debug)]
pub struct SnapshotRoots {
    /// With links followed.
    pub folder: PathBuf,
    /// The repository that the folder lies in, as it was found first: what says where that is may
    /// go.
    pub around: Option<Repository>,
    /// Git folders that belong to the folder and lie outside of it.
    pub git: Vec<PathBuf>,
    /// Files and folders that are nobody's business.
    pub private: Vec<PathBuf>,
    /// Repositories that came into being while they were watched: all their names are listed.
    pub made: MadeRepositories,
}

impl SnapshotRoots {
    /// Looks for the repository around the folder.
    pub fn new(folder: PathBuf, private: Vec<PathBuf>) -> Self {
        let around = repositories::around(&folder);
        let git = around.as_ref().map(|around| around.outside(&folder)).unwrap_or_default();
        Self { folder, around, git, private, made: MadeRepositories::default() }
    }

    pub fn roots(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&self.folder).chain(&self.git).map(PathBuf::as_path)
    }

    /// The git folder that a path lies in or is, and what it is called there.
    pub fn in_git<'a>(&self, path: &'a Path) -> Option<(&'a Path, &'a Path)> {
        path.ancestors().find_map(|above| {
            let is_git = above.file_name().is_some_and(|name| name == ".git")
                || self.git.iter().any(|git| git == above);
            let inside = path.strip_prefix(above).ok()?;
            is_git.then_some((above, inside))
        })
    }

    /// Names in a folder that are nobody's business.
    fn private_in<'a>(&'a self, folder: &'a Path) -> Vec<&'a OsStr> {
        let kernel = ["/proc", "/sys", "/dev"].into_iter().map(Path::new);
        let all = self.private.iter().map(PathBuf::as_path).chain(kernel);
        all.filter(|path| path.parent() == Some(folder)).filter_map(Path::file_name).collect()
    }

    /// Whether a name is left out of listings.
    pub fn is_left_out(&self, path: &Path) -> bool {
        self.is_of_no_use(path) && !self.in_git(path).is_some_and(|(git, _)| self.made.holds(git))
    }

    /// Whether a name is one of a git folder's many, which say nothing about branches and what is
    /// staged.
    pub fn is_of_no_use(&self, path: &Path) -> bool {
        let Some((_, inside)) = self.in_git(path) else { return false };
        let mut names = inside.iter();
        match names.next().and_then(|name| name.to_str()) {
            None => inside.iter().next().is_some(),
            // The list of stashes is the only log that says more than the refs.
            Some("logs") => !Path::new("logs/refs/stash").starts_with(inside),
            // Git's examples, which it never runs.
            Some("hooks") => inside.extension().is_some_and(|ending| ending == "sample"),
            Some(name) if BY_NAME.contains(&name) => names.nth(1).is_some(),
            Some(name) => !OF_GIT.contains(&name),
        }
    }

    /// Whether a path is a part of git's that only its name is listed of: it cannot be made again.
    pub fn is_by_name(&self, path: &Path) -> bool {
        self.in_git(path).is_some_and(|(git, inside)| {
            let mut names = inside.iter();
            names.next().and_then(|name| name.to_str()).is_some_and(|name| BY_NAME.contains(&name))
                && names.next().is_some()
                && !self.made.holds(git)
        })
    }

    /// Whether a path is one of git's objects: it is named by what it holds, and never changes.
    pub fn is_object(&self, path: &Path) -> bool {
        self.in_git(path).is_some_and(|(_, inside)| inside.starts_with("objects"))
    }

    /// Looks into one folder.
    pub fn read(&self, folder: &Path) -> FolderListing {
        let mut names = Vec::new();
        let mut seen = ListingCompleteness::All;
        let Ok(entries) = fs::read_dir(folder) else {
            return FolderListing { names, seen: ListingCompleteness::Some };
        };
        let leaves_out = self.in_git(folder).is_some_and(|(git, _)| !self.made.holds(git));
        let private = self.private_in(folder);
        for entry in entries {
            let Ok(entry) = entry else {
                seen = ListingCompleteness::Some;
                continue;
            };
            let name = entry.file_name();
            if leaves_out && self.is_of_no_use(&entry.path()) {
                continue;
            }
            if private.contains(&&*name) {
                seen = ListingCompleteness::Some;
                continue;
            }
            match entry.metadata() {
                Ok(about) => {
                    let stat = FileStat::of(&about);
                    let target = if stat.kind == StatKind::Link {
                        target(&entry.path()).map(PathBuf::into_boxed_path)
                    } else {
                        None
                    };
                    names.push(ListedName { name: name.into_boxed_os_str(), stat, target });
                }
                // Gone while it was looked at: whoever removed it is still at work.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(_) => seen = ListingCompleteness::Some,
            }
        }
        names.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        FolderListing { names, seen }
    }
}

/// Looks into all folders. Watches each before it looks, so that no change falls between.
pub fn scan(scope: &SnapshotRoots, watch: Option<&FolderWatch>) -> FolderTree {
    let work = ScanWork {
        queue: Mutex::new((scope.roots().map(Path::to_owned).collect(), 0)),
        more: Condvar::new(),
        names: AtomicUsize::new(0),
    };
    let scanners = thread::available_parallelism().map_or(1, |cores| cores.get().min(SCANNERS));
    let found: Vec<Vec<(PathBuf, FolderListing)>> = thread::scope(|threads| {
        let others: Vec<_> =
            (1..scanners).map(|_| threads.spawn(|| work.run(scope, watch))).collect();
        let own = work.run(scope, watch);
        let others = others
            .into_iter()
            .map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        std::iter::once(own).chain(others).collect()
    });
    let mut listing = FolderTree::default();
    for (folder, names) in found.into_iter().flatten() {
        listing.put(&folder, names);
    }
    listing
}

struct ScanWork {
    /// Folders to look into, and how many are being looked into.
    queue: Mutex<(VecDeque<PathBuf>, usize)>,
    more: Condvar,
    names: AtomicUsize,
}

impl ScanWork {
    fn run(
        &self,
        scope: &SnapshotRoots,
        watch: Option<&FolderWatch>,
    ) -> Vec<(PathBuf, FolderListing)> {
        let mut found = Vec::new();
        while let Some(folder) = self.next() {
            if let Some(watch) = watch {
                watch.add(&folder);
            }
            let full = self.names.load(Ordering::Relaxed) >= MOST;
            let names = if full {
                FolderListing { seen: ListingCompleteness::Some, ..FolderListing::default() }
            } else {
                scope.read(&folder)
            };
            self.names.fetch_add(names.names.len(), Ordering::Relaxed);
            self.done(
                names
                    .names
                    .iter()
                    .filter(|listed| listed.is_folder())
                    .map(|listed| folder.join(&*listed.name)),
            );
            found.push((folder, names));
        }
        found
    }

    fn next(&self) -> Option<PathBuf> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(folder) = queue.0.pop_front() {
                queue.1 += 1;
                return Some(folder);
            }
            if queue.1 == 0 {
                return None;
            }
            queue = self.more.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn done(&self, below: impl Iterator<Item = PathBuf>) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.0.extend(below);
        queue.1 -= 1;
        self.more.notify_all();
    }
}

/// Looks into these folders, and not into what is below them.
pub fn list_only(scope: &SnapshotRoots, folders: impl IntoIterator<Item = PathBuf>) -> FolderTree {
    let mut listing = FolderTree::default();
    for folder in folders {
        listing.put(&folder, scope.read(&folder));
    }
    listing
}

/// Looks again into folders that may have changed, and into what is new in them. Returns the git
/// folders among what is new.
pub fn look_again(
    scope: &SnapshotRoots,
    watch: Option<&FolderWatch>,
    listing: &mut FolderTree,
    folders: impl IntoIterator<Item = PathBuf>,
) -> Vec<PathBuf> {
    let mut repositories = Vec::new();
    let mut queue: VecDeque<PathBuf> = folders.into_iter().collect();
    while let Some(folder) = queue.pop_front() {
        if let Some(watch) = watch {
            watch.add(&folder);
        }
        let names = scope.read(&folder);
        let before = listing.folders.get(&*folder).cloned();
        let known = |name: &std::ffi::OsStr| {
            before.as_ref().and_then(|before| before.get(name)).filter(|listed| listed.is_folder())
        };
        for gone in
            before.iter().flat_map(|before| &before.names).filter(|listed| listed.is_folder())
        {
            if names
                .get(&gone.name)
                .is_none_or(|now| !now.is_folder() || !now.stat.is_same_node(&gone.stat.stamp))
            {
                listing.remove(&folder.join(&*gone.name));
            }
        }
        for new in names.names.iter().filter(|listed| listed.is_folder()) {
            if known(&new.name).is_none_or(|then| {
                !then.stat.is_same_node(&new.stat.stamp) || then.stat.mode != new.stat.mode
            }) {
                let new = folder.join(&*new.name);
                if new.ends_with(".git") {
                    repositories.push(new.clone());
                }
                queue.push_back(new);
            }
        }
        let is_there = fs::symlink_metadata(&folder).is_ok_and(|about| about.is_dir());
        if is_there { listing.put(&folder, names) } else { listing.remove(&folder) }
    }
    repositories
}
