//! Who has a session open. Whoever holds a log's lock leaves a note beside it (`<id>.open`): its
//! process, its machine, since when, its terminal. The lock alone says whether anybody holds it; the
//! note only says who.

mod process;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::base::Timestamp;
use crate::protocol::{KeepFrom, OpenElsewhere, SessionHolder, SessionId, WhenHeld};

use super::StoreError;
use super::session_log::SessionLog;
use super::session_store::{LogOrigin, OpenedSession, SessionStore};
use process::{host_name, is_running, terminal_name};

/// A note that is removed again with this.
#[derive(Debug)]
pub(super) struct HolderNote(PathBuf);

impl HolderNote {
    /// Leaves one beside a log whose lock is held. Without it, others are only told that somebody
    /// has the session open.
    pub(super) fn leave(log: &Path, now: Timestamp) -> Self {
        let path = of_log(log);
        let terminal = terminal_name().unwrap_or_default();
        let host = host_name().unwrap_or_default();
        let text = format!("{}\n{}\n{host}\n{terminal}\n", std::process::id(), now.0);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        if let Err(error) = options.open(&path).and_then(|mut file| file.write_all(text.as_bytes()))
        {
            tracing::debug!(%error, "others are not told who has a session open");
        }
        Self(path)
    }
}

impl Drop for HolderNote {
    /// While the lock is held still: whoever takes it next leaves a note of its own.
    fn drop(&mut self) {
        let _never_written = fs::remove_file(&self.0);
    }
}

/// Removes what a program that was killed left beside a log.
pub(super) fn forget(log: &Path) {
    let _none = fs::remove_file(of_log(log));
}

fn of_log(log: &Path) -> PathBuf {
    log.with_extension("open")
}

/// What a note says; `None` where it is none, or its program has ended.
fn read(log: &Path) -> Option<SessionHolder> {
    let text = fs::read_to_string(of_log(log)).ok()?;
    let mut lines = text.lines();
    let process = lines.next()?.parse().ok()?;
    let since = Timestamp(lines.next()?.parse().ok()?);
    let known = |line: Option<&str>| line.filter(|it| !it.is_empty()).map(str::to_owned);
    let host = known(lines.next()).filter(|host| host_name().as_ref() != Some(host));
    let terminal = known(lines.next());
    // A program elsewhere has a number that means nothing here.
    let ends_here = host.is_none() && !is_running(process);
    (!ends_here).then_some(SessionHolder { process, terminal, host, since })
}

impl SessionStore {
    /// Opens a session to go on with it.
    pub fn resume(
        &self,
        id: &SessionId,
        when_held: &WhenHeld,
    ) -> Result<OpenedSession, StoreError> {
        if let Some((mut log, past)) = SessionLog::open(&self.path(id)?, self.clock.clone())? {
            let past = self.sound(id, past)?;
            log.name_holder();
            return Ok(OpenedSession { id: id.clone(), log, past, origin: LogOrigin::Itself });
        }
        let open = self.held_by(id);
        match when_held {
            WhenHeld::Copy(copy) => {
                let copied = self.fork(id, copy, None, KeepFrom::Start)?;
                Ok(OpenedSession { origin: LogOrigin::Held(open.holder), ..copied })
            }
            WhenHeld::Refuse => Err(StoreError::OpenElsewhere { open }),
        }
    }

    /// Whether some program has this session open now.
    pub fn is_held(&self, id: &SessionId) -> Result<bool, StoreError> {
        let path = self.path(id)?;
        let file = File::open(&path).map_err(|source| self.missing(id, path, source))?;
        Ok(matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// How much its log holds, in bytes; `None` where it cannot be looked at.
    pub fn size(&self, id: &SessionId) -> Option<u64> {
        Some(fs::metadata(self.path(id).ok()?).ok()?.len())
    }

    /// Who has a session open, for one that is held.
    pub fn held_by(&self, id: &SessionId) -> OpenElsewhere {
        let holder = self.path(id).ok().and_then(|path| read(&path));
        OpenElsewhere { session: id.clone(), holder }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_this_process_and_goes_with_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("ses_a.jsonl");
        let note = HolderNote::leave(&log, Timestamp(7));
        let holder = read(&log).unwrap();
        assert_eq!((holder.process, holder.since), (std::process::id(), Timestamp(7)));
        assert_eq!(holder.host, None, "it is this machine");
        drop(note);
        assert_eq!(read(&log), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_note_of_a_program_that_was_killed_names_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("ses_a.jsonl");
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        let process = ended.id();
        ended.wait().unwrap();
        let host = host_name().unwrap_or_default();
        for (text, is_known) in [
            (format!("{process}\n7\n{host}\n\n"), false),
            (format!("{process}\n7\nanother-machine\n\n"), true),
            ("no number\n".to_owned(), false),
            (String::new(), false),
        ] {
            fs::write(of_log(&log), &text).unwrap();
            assert_eq!(read(&log).is_some(), is_known, "{text:?}");
        }
    }
}
