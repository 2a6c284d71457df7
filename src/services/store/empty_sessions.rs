//! Sweeps up empty sessions: those that a client began, in which nothing was said, and that nobody
//! has gone back to for a week. Blocks on the disk.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::base::files::FileError;
use crate::protocol::{Record, SessionId};

use super::StoreError;
use super::holder_note;
use super::log_line::{self, LineContent, VERSION};
use super::session_index::SessionIndex;
use super::session_log::SessionLog;
use super::session_store::{SessionStore, changed_at};

/// How long an empty session is kept.
const KEPT: Duration = Duration::from_secs(7 * 86_400);

impl SessionStore {
    /// Removes the empty sessions of a list that are old enough. A session that a program has open
    /// stays, and so does a log with a line of any other kind, or one that cannot be read.
    pub fn sweep(&self, listing: &SessionIndex) {
        for id in listing.empty() {
            if let Err(error) = self.remove_empty(&id) {
                tracing::warn!(%error, "an empty session could not be removed");
            }
        }
    }

    fn remove_empty(&self, id: &SessionId) -> Result<(), StoreError> {
        let path = self.path(id)?;
        let failed = |source| StoreError::Session {
            source: FileError::Write { path: path.clone(), source },
        };
        let age = |path: &Path| {
            let changed = changed_at(fs::metadata(path)?.modified()?);
            std::io::Result::Ok(self.clock.now().since(changed))
        };
        if age(&path).map_err(failed)? < KEPT {
            return Ok(());
        }
        // The lock is kept until the log is gone: a holder may be about to say something.
        let Some((_held, _)) = SessionLog::open(&path, self.clock.clone())? else {
            return Ok(());
        };
        let bytes = fs::read(&path).map_err(failed)?;
        let has_folder = fs::symlink_metadata(path.with_extension("")).is_ok();
        if has_folder || !is_empty(&bytes) || age(&path).map_err(failed)? < KEPT {
            return Ok(());
        }
        holder_note::forget(&path);
        fs::remove_file(&path).map_err(failed)
    }
}

/// Whether a log has its header and nothing but settings behind it.
fn is_empty(log: &[u8]) -> bool {
    let Some(lines) = log.strip_suffix(b"\n") else { return false };
    let mut lines = lines.split(|byte| *byte == b'\n').map(log_line::read);
    let is_known = |line: Option<LineContent>| matches!(line, Some(LineContent::Header(header)) if header.version <= VERSION);
    lines.next().is_some_and(is_known)
        && lines.all(|line| matches!(line, Some(LineContent::Record(Record::Settings(_)))))
}
