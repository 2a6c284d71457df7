//! Whether somebody besides the calls was seen to change something in the folder. Where nobody can
//! say what a command's processes did, that tells whether a change made meanwhile may be a
//! person's. Remembers nothing beyond the program's end.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::protocol::{Author, FileChange, FileState, NodeKind, SessionId, Stamp, TurnId};

use super::difference::{Was, difference};
use crate::undo::scan::listing::FolderTree;
use crate::undo::scan::stat::{FileTime, born, may_be_since, now};
use crate::undo::scan::walk::SnapshotRoots;

/// Turns that are remembered; what an older one changed may be the person's.
const MOST: usize = 1_000;

/// Signs of others in one folder, for all its sessions.
#[derive(Debug, Default)]
pub struct OtherHands(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The folder as it was looked at last, with a call at work or after one.
    left: Option<Arc<FolderTree>>,
    /// Files that tools and undo changed since, and how they left them.
    ours: HashMap<PathBuf, Option<Stamp>>,
    /// How often somebody else was seen.
    seen: u64,
    /// How often that had been when a turn began its first command, and when it did.
    turns: HashMap<(SessionId, TurnId), (u64, FileTime)>,
}

impl OtherHands {
    /// A command of a turn begins, and this is what it finds.
    pub fn begin(
        &self,
        scope: &SnapshotRoots,
        listing: &Arc<FolderTree>,
        session: &SessionId,
        turn: TurnId,
    ) {
        let mut state = self.state();
        let key = (session.clone(), turn);
        let began = now();
        // A change from before the turn proves nothing.
        if state.turns.contains_key(&key) {
            state.look(scope, listing);
        } else {
            if state.turns.len() >= MOST {
                state.turns.clear();
            }
            let seen = state.seen;
            state.turns.insert(key, (seen, began));
            state.leave(listing);
        }
    }

    /// A command has ended, and left the folder so. In one that was watched, what it did not do
    /// somebody else did.
    pub fn end(&self, listing: &Arc<FolderTree>, files: &[FileChange], watched: bool) {
        let mut state = self.state();
        if watched && files.iter().any(|change| change.author == Author::Unknown) {
            state.seen += 1;
        }
        state.leave(listing);
    }

    /// Notes that a tool or an undo made these changes, so that nobody else is taken for it.
    pub fn expect(&self, files: &[FileChange]) {
        let left = |change: &FileChange| {
            (change.path.clone(), change.after.as_ref().and_then(|after| after.stamp))
        };
        self.state().ours.extend(files.iter().map(left));
    }

    /// When the first command of the turn began, if nobody else was seen from then until now.
    pub fn none_since(
        &self,
        scope: &SnapshotRoots,
        listing: &Arc<FolderTree>,
        session: &SessionId,
        turn: TurnId,
    ) -> Option<FileTime> {
        let mut state = self.state();
        state.look(scope, listing);
        let (seen, began) = state.turns.get(&(session.clone(), turn))?;
        (*seen == state.seen).then_some(*began)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The changes as those of calls, where nobody else was at work since `began`. A file that is older
/// may have come from elsewhere, and where it would go nobody knows.
pub fn attribute(changes: &[FileChange], began: FileTime) -> Vec<FileChange> {
    let node = |state: &FileState| state.stamp.map(|stamp| stamp.node());
    let came = |change: &FileChange| {
        let (Some(before), Some(after)) = (&change.before, &change.after) else { return false };
        after.kind != NodeKind::Folder
            && node(before) != node(after)
            && born(&change.path).is_none_or(|born| !may_be_since(born, began))
    };
    let own = |change: &FileChange| {
        let author = if came(change) { change.author } else { Author::Call };
        FileChange { author, ..change.clone() }
    };
    changes.iter().map(own).collect()
}

impl State {
    fn leave(&mut self, listing: &Arc<FolderTree>) {
        self.left = Some(Arc::clone(listing));
        self.ours.clear();
    }

    /// Compares the folder with how it was left.
    fn look(&mut self, scope: &SnapshotRoots, now: &Arc<FolderTree>) {
        if let Some(left) = &self.left
            && !Arc::ptr_eq(left, now)
        {
            let differences = difference(left, now, &HashSet::new(), FileTime::MAX);
            let is_theirs = |path: &PathBuf, after: Option<Stamp>| {
                // Git writes its index anew when it is only asked.
                let is_index =
                    scope.in_git(path).is_some_and(|(_, inside)| inside.ends_with("index"));
                !is_index && self.ours.get(path) != Some(&after)
            };
            self.seen += u64::from(differences.iter().any(|one| {
                one.before != Was::Unknown
                    && is_theirs(&one.path, one.after.as_ref().map(|after| after.stat.stamp))
            }));
        }
        self.leave(now);
    }
}
