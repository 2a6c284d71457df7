//! Changes by other calls in the same folder, of this session or another, so that
//! none takes that for its own.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::protocol::{Author, FileChange, FileState};

use super::pending_calls::PendingCall;
use super::touched::Touched;
use crate::undo::scan::stat::FileTime;

/// The recent changes in one folder. When it is full the oldest go, and changes that they would
/// have explained may count as the person's.
#[derive(Debug, Default)]
pub struct RecentChanges(Mutex<VecDeque<Recent>>);

/// Changes that are remembered.
const MOST: usize = 4_096;

#[derive(Debug)]
struct Recent {
    path: PathBuf,
    after: Option<FileState>,
    ended: FileTime,
}

impl RecentChanges {
    /// A call has ended. Only what it surely did itself explains anything to others.
    pub fn note(&self, files: &[FileChange], ended: FileTime) {
        let mut all = self.all();
        for change in files.iter().filter(|change| change.author == Author::Call).take(MOST) {
            if all.len() == MOST {
                all.pop_front();
            }
            let (path, after) = (change.path.clone(), change.after.clone());
            all.push_back(Recent { path, after, ended });
        }
    }

    /// Leaves out what another call did while the one ran that began then.
    pub fn leave_out(&self, began: FileTime, files: &mut Vec<FileChange>) {
        let all = self.all();
        let meanwhile: Vec<&Recent> = all.iter().filter(|recent| recent.ended >= began).collect();
        if meanwhile.is_empty() {
            return;
        }
        files.retain(|change| {
            change.author == Author::Call
                || !meanwhile
                    .iter()
                    .any(|recent| recent.path == change.path && recent.after == change.after)
        });
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<Recent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The calls of one session that run.
#[derive(Default)]
pub struct RunningCalls(Mutex<Vec<PendingCall>>);

impl RunningCalls {
    pub fn add(&self, call: Option<PendingCall>) {
        self.all().extend(call);
    }

    /// Leaves out what they do, as `read` reads it in their traces; `own` runs no more.
    pub fn leave_out(
        &self,
        own: Option<&PendingCall>,
        files: &mut Vec<FileChange>,
        read: &dyn Fn(&Path) -> Option<Touched>,
    ) {
        let mut running = self.all();
        running.retain(|call| Some(call) != own);
        let others: Vec<Touched> = running.iter().filter_map(|call| read(&call.trace())).collect();
        drop(running);
        files.retain(|change| {
            change.author == Author::Call || !others.iter().any(|other| other.did(&change.path))
        });
    }

    fn all(&self) -> MutexGuard<'_, Vec<PendingCall>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
