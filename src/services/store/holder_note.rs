//! Notes of who has a session open. Whoever holds a log's lock leaves one beside it (`<id>.open`):
//! its process, its machine, since when, its terminal. The lock alone says whether anybody holds
//! it; the note only says who.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::base::{Timestamp, terminal_path};
use crate::protocol::SessionHolder;

/// A note that is removed again with this.
#[derive(Debug)]
pub(super) struct HolderNote(PathBuf);

impl HolderNote {
    /// Leaves one beside a log whose lock is held. Without it, others are only told that somebody
    /// has the session open.
    pub(super) fn leave(log: &Path, now: Timestamp) -> Self {
        let path = of_log(log);
        let terminal = terminal_path().unwrap_or_default();
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

/// Reads a note; `None` where it is none, or its program has ended.
pub(super) fn read(log: &Path) -> Option<SessionHolder> {
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

/// Whether the log's lock is held now.
pub(super) fn is_locked(log: &Path) -> io::Result<bool> {
    Ok(matches!(File::open(log)?.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether a program other than this one has the session of this log open.
pub(super) fn is_open_elsewhere(log: &Path) -> bool {
    let is_ours =
        |holder: SessionHolder| holder.process == std::process::id() && holder.host.is_none();
    is_locked(log).unwrap_or(false) && !read(log).is_some_and(is_ours)
}

/// The name of this machine or container.
#[cfg(unix)]
fn host_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_str().ok()?.to_owned();
    (!name.is_empty() && !name.contains('\n')).then_some(name)
}

#[cfg(not(unix))]
fn host_name() -> Option<String> {
    None
}

/// Whether a process of this id runs here, under any user.
#[cfg(unix)]
fn is_running(process: u32) -> bool {
    let number = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    number.is_some_and(|number| {
        !matches!(
            rustix::process::test_kill_process(number),
            Err(rustix::io::Errno::SRCH | rustix::io::Errno::INVAL)
        )
    })
}

#[cfg(not(unix))]
fn is_running(_process: u32) -> bool {
    true
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
