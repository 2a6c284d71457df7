//! What other calls in the same folder changed, of this session or another, so that none takes that for its own.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::protocol::{Author, FileChange, FileState};

use super::stat::FileTime;

/// Of a folder. When it is full the oldest go, and what they would have explained is perhaps the person's.
#[derive(Debug, Default)]
pub(super) struct RecentChanges(Mutex<VecDeque<Recent>>);

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
    pub(super) fn note(&self, files: &[FileChange], ended: FileTime) {
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
    pub(super) fn leave_out(&self, began: FileTime, files: &mut Vec<FileChange>) {
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
