//! Watches over the files of one session: what they were before a call, and what became of them. Does not know which call it is.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::base::text::clean_line;
use crate::protocol::{Direction, FileChange, Later, Step};

use super::UndoError;
use super::compare::{compare, not_kept};
use super::glance::{Found, Moment, Stamp, glance, now};
use super::images::Images;
use super::retrace::{self, Retraced};
use super::tree::{Budget, Entry, Tree, take_all};
use super::walk::{Seen, walk};

/// Bytes of all images of a session.
const QUOTA: u64 = 256 << 20;
/// How long a command is held up by reading, before it and again after it. What is left is read before the next one.
const PATIENCE: Duration = Duration::from_secs(2);

/// One per session; costs nothing until it is used. All of it blocks.
#[derive(Clone, Debug)]
pub struct Keeper(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    private: Vec<PathBuf>,
    images: Images,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The folder as it was walked last.
    tree: Arc<Tree>,
    told: Told,
}

/// What was said about contents that are not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    #[default]
    Nothing,
    Some,
    QuotaUsedUp,
}

/// Files as they were before a call.
#[derive(Debug)]
pub struct Before {
    tree: Arc<Tree>,
    scope: Scope,
    began: Moment,
}

#[derive(Debug)]
enum Scope {
    Files(Vec<PathBuf>),
    Folder,
}

/// What a call changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub files: Vec<FileChange>,
    /// What cannot be taken back, in one sentence without a full stop; said once.
    pub missed: Option<String>,
}

impl Keeper {
    /// `folder` is what the session is about, with links followed; contents are kept in `images`. Neither `private` (files and folders) nor
    /// the images are ever looked at by a walk.
    pub fn new(folder: PathBuf, images: PathBuf, mut private: Vec<PathBuf>) -> Self {
        private.extend(images.parent().map(Path::to_owned));
        let private = private.into_iter().map(|path| std::fs::canonicalize(&path).unwrap_or(path)).collect();
        Self(Arc::new(Inner { folder, private, images: Images::new(images, QUOTA), state: Mutex::default() }))
    }

    /// Before a tool changes exactly these files (absolute, links followed).
    pub fn before(&self, files: &[PathBuf]) -> Before {
        let began = now();
        let tree = self.look_at(files, &Tree::new());
        Before { tree: Arc::new(tree), scope: Scope::Files(files.to_vec()), began }
    }

    /// Reads ahead for a command that may come, so that it is held up the less.
    pub fn get_ready(&self) {
        drop(self.before_command());
    }

    /// Before a command: the tracked and unignored files of the folder, as far as the quota reaches.
    pub fn before_command(&self) -> Before {
        let mut state = self.state();
        let began = now();
        let (budget, mut found) = (at_once(PATIENCE), Vec::with_capacity(state.tree.len()));
        let seen = walk(&self.0.folder, &self.0.private, |path, about| found.push((path, Stamp::of(about))));
        let known = Arc::clone(&state.tree);
        let tree = take_all(&found, |path, stamp| Entry::take(path, stamp, known.get(path), &self.0.images, &budget));
        if seen == Seen::Some {
            tracing::info!("the folder holds more files than can be watched");
        }
        state.tree = Arc::new(tree);
        Before { tree: Arc::clone(&state.tree), scope: Scope::Folder, began }
    }

    /// What is different now. Keeps what going back and forth needs.
    pub fn after(&self, before: Before) -> Changes {
        let tree = match &before.scope {
            Scope::Files(files) => Arc::new(self.look_at(files, &before.tree)),
            Scope::Folder => {
                let tree = Arc::new(self.walk_after(&before));
                self.state().tree = Arc::clone(&tree);
                tree
            }
        };
        // A file that a walk finds for the first time may have been there all along.
        let came = |entry: &Entry| matches!(before.scope, Scope::Files(_)) || entry.stamp.may_be_newer_than(before.began);
        let (files, beyond) = compare(&before.tree, &tree, came);
        let missed = self.missed(&files, beyond);
        Changes { files, missed }
    }

    /// What going back (or forth) over these changes would do, by path.
    pub fn look(&self, direction: Direction, changes: &[FileChange]) -> Vec<(PathBuf, Step)> {
        retrace::look(&self.0.folder, &self.0.images, direction, changes)
    }

    /// Does it. Files that are not as they were left stay, unless `Later::Overwrite`; what they held is kept as an image first.
    pub fn retrace(&self, direction: Direction, changes: &[FileChange], later: Later) -> Result<Retraced, UndoError> {
        retrace::retrace(&self.0.folder, &self.0.images, direction, changes, later)
    }

    fn look_at(&self, files: &[PathBuf], known: &Tree) -> Tree {
        // They are few, and named.
        let budget = at_once(Duration::from_secs(60));
        let mut tree = Tree::new();
        for path in files {
            if let Found::File(stamp) = glance(path) {
                tree.insert(path.clone(), Entry::take(path, stamp, known.get(path), &self.0.images, &budget));
            }
        }
        tree
    }

    /// Only what may have been changed is read.
    fn walk_after(&self, before: &Before) -> Tree {
        let (budget, mut found) = (at_once(PATIENCE), Vec::with_capacity(before.tree.len()));
        walk(&self.0.folder, &self.0.private, |path, about| found.push((path, Stamp::of(about))));
        let mut tree = take_all(&found, |path, stamp| match before.tree.get(path) {
            Some(known) if known.stamp == stamp && stamp.is_settled_at(known.read) => *known,
            None if !stamp.may_be_newer_than(before.began) => Entry::unread(stamp),
            known => Entry::take(path, stamp, known, &self.0.images, &budget),
        });
        let unseen: Vec<&PathBuf> = before.tree.keys().filter(|path| !tree.contains_key(*path)).collect();
        // Ignored by now, or beyond what a walk looks at: that is not gone.
        for path in unseen {
            if let Found::File(stamp) = glance(path) {
                let entry = Entry::take(path, stamp, before.tree.get(path), &self.0.images, &budget);
                tree.insert(path.clone(), entry);
            }
        }
        tree
    }

    fn missed(&self, changes: &[FileChange], beyond: usize) -> Option<String> {
        let lost = not_kept(changes);
        let first = lost.first().map(|path| clean_line(&retrace::shown(&self.0.folder, path)).into_owned());
        let about = match (&first, lost.len() + beyond) {
            (_, 0) => return None,
            (Some(first), 1) => format!("What `{first}` held"),
            (Some(first), more) => format!("What `{first}` and {} more files held", more - 1),
            (None, many) => format!("What {many} files held"),
        };
        let mut state = self.state();
        let now = if self.0.images.is_full() { Told::QuotaUsedUp } else { Told::Some };
        if now <= state.told {
            return None;
        }
        state.told = now;
        Some(match now {
            Told::QuotaUsedUp => {
                format!("{about} is not kept, and `/undo` leaves such files alone: the 256 MiB a session may keep are used up")
            }
            Told::Nothing | Told::Some => {
                format!("{about} is not kept, and `/undo` leaves such files alone: it is too large or too much at once")
            }
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is newly read before a command, and again after it.
fn at_once(patience: Duration) -> Budget {
    Budget::new(5_000, 64 << 20, Instant::now() + patience)
}
