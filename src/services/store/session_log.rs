//! A session's log open for writing. It has one holder among all processes, and each batch is on
//! the disk when the call returns.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::base::Clock;
use crate::base::files::{FileError, create_private_folder, give_to_folders_owner};
use crate::protocol::{KeepFrom, Record};

use super::StoreError;
use super::holder_note::HolderNote;
use super::log_line::{self, LiveWords};
use super::recorded_session::{LogHeader, LogTail, RecordedSession};

/// How often a held lock is tried again, and the pause between.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(10);

/// Holds the lock of its file. The lock is on the log itself, which is only appended to, never
/// replaced.
#[derive(Debug)]
pub struct SessionLog {
    path: PathBuf,
    clock: Clock,
    /// Tells other programs who has the session open. It is dropped before the lock.
    note: Option<HolderNote>,
    /// `None` until the first prompt: a conversation that never began leaves no file.
    file: Option<File>,
    /// Bytes of whole lines in the file.
    sound: u64,
    /// Lines to write next; not empty after a write that failed.
    waiting: Vec<u8>,
    begun: Begun,
}

/// Whether the waiting lines justify a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    NotYet,
    Prompted,
}

impl From<KeepFrom> for Begun {
    fn from(keep_from: KeepFrom) -> Self {
        match keep_from {
            KeepFrom::FirstPrompt => Self::NotYet,
            KeepFrom::Start => Self::Prompted,
        }
    }
}

impl SessionLog {
    /// Begins a log. Its file is made with the first prompt or with the first call of `append`.
    /// `lines` come from the session it is a copy of.
    pub(super) fn begin(
        path: PathBuf,
        header: &LogHeader,
        lines: &[u8],
        keep_from: KeepFrom,
        clock: Clock,
    ) -> Self {
        let mut waiting = Vec::new();
        log_line::write_header(header, &mut waiting);
        waiting.extend_from_slice(lines);
        let begun = Begun::from(keep_from);
        Self { path, clock, file: None, sound: 0, waiting, begun, note: None }
    }

    /// Opens a log to continue it; `None` if another process holds it. Cuts off a line that a crash
    /// left incomplete.
    pub(super) fn open(
        path: &Path,
        clock: Clock,
    ) -> Result<Option<(Self, RecordedSession)>, StoreError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(|source| failed(path, source))?;
        match lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                tracing::warn!("the disk offers no file locks; going on without one");
            }
            Err(TryLockError::Error(source)) => {
                return Err(StoreError::Session {
                    source: FileError::Lock { path: path.into(), source },
                });
            }
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|source| failed(path, source))?;
        // Another program may have removed it before the lock was free: what is written would be
        // lost.
        #[cfg(unix)]
        if file.metadata().is_ok_and(|about| std::os::unix::fs::MetadataExt::nlink(&about) == 0) {
            return Err(failed(path, ErrorKind::NotFound.into()));
        }
        let past = RecordedSession::read(&bytes);
        let waiting = if past.tail == LogTail::Open { b"\n".to_vec() } else { Vec::new() };
        let log = Self {
            path: path.into(),
            clock,
            file: Some(file),
            sound: past.sound as u64,
            waiting,
            begun: Begun::Prompted,
            note: None,
        };
        Ok(Some((log, past)))
    }

    /// Leaves the note that tells other programs who holds the session.
    pub(super) fn name_holder(&mut self) {
        self.note = Some(HolderNote::leave(&self.path, self.clock.now()));
    }

    /// Appends records; they are on the disk when it returns. After a failure they wait and are
    /// written with the next ones.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file cannot be made or written.
    pub fn append(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let now = self.clock.now();
        for record in records {
            log_line::write(record, now, &mut self.waiting);
        }
        if self.begun == Begun::NotYet && !records.iter().any(Record::is_prompt) {
            return Ok(());
        }
        self.begun = Begun::Prompted;
        self.keep()
    }

    /// Appends text of an answer that is still being written.
    ///
    /// # Errors
    ///
    /// As [`Self::append`].
    pub fn append_words(&mut self, words: &[LiveWords]) -> Result<(), StoreError> {
        words.iter().for_each(|words| log_line::write_words(words, &mut self.waiting));
        match self.begun {
            Begun::NotYet => Ok(()),
            Begun::Prompted => self.keep(),
        }
    }

    fn keep(&mut self) -> Result<(), StoreError> {
        self.write().map_err(|source| StoreError::Session {
            source: FileError::Write { path: self.path.clone(), source },
        })
    }

    /// Reads the whole log.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file cannot be read.
    pub fn read(&mut self) -> Result<RecordedSession, StoreError> {
        Ok(RecordedSession::read(&self.bytes()?))
    }

    /// The whole lines of the file, then the waiting ones.
    fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(0))
                .and_then(|_start| Read::by_ref(file).take(self.sound).read_to_end(&mut bytes))
                .map_err(|source| failed(&self.path, source))?;
        }
        bytes.extend_from_slice(&self.waiting);
        Ok(bytes)
    }

    fn write(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            self.file = Some(create(&self.path)?);
            self.name_holder();
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        // Removes a line that a crash or a full disk left incomplete.
        file.set_len(self.sound)?;
        file.seek(SeekFrom::Start(self.sound))?;
        file.write_all(&self.waiting)?;
        file.sync_data()?;
        if self.sound == 0 {
            sync_name(&self.path);
        }
        self.sound += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }
}

/// Takes the lock, trying again for a moment if it is held.
///
/// A process that is being started holds copies of all open files until it executes its program,
/// and so briefly keeps a lock that was just released.
fn lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            other => return other,
        }
    }
    file.try_lock()
}

/// Makes a new, locked file with mode 0600.
fn create(path: &Path) -> io::Result<File> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_private_folder(folder).map_err(|error| match error {
        FileError::Folder { source, .. } => source,
        other => io::Error::other(other.to_string()),
    })?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    give_to_folders_owner(path, &file);
    if let Err(TryLockError::Error(error)) = file.try_lock() {
        tracing::warn!(%error, "a session's log could not be locked");
    }
    Ok(file)
}

/// Puts the name of a new file on the disk. After the file's own sync, which most disks let bring
/// the name along, this is soon done. Some disks cannot sync a folder; the file is in place anyway.
fn sync_name(path: &Path) {
    let folder = path.parent().unwrap_or(Path::new("."));
    if cfg!(unix)
        && let Err(error) = File::open(folder).and_then(|folder| folder.sync_all())
    {
        tracing::debug!(%error, "the folder of sessions could not be synced");
    }
}

fn failed(path: &Path, source: io::Error) -> StoreError {
    match source.kind() {
        ErrorKind::NotFound => StoreError::NoSession {
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        },
        // The file may still be readable.
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            StoreError::Session { source: FileError::Write { path: path.into(), source } }
        }
        _ => StoreError::Session { source: FileError::Read { path: path.into(), source } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::says;

    #[test]
    fn what_may_only_be_read_is_not_said_to_be_unreadable() {
        for (kind, expected) in [
            (ErrorKind::PermissionDenied, "`/s/ses_a.jsonl` … written: permission denied"),
            (ErrorKind::ReadOnlyFilesystem, "`/s/ses_a.jsonl` … written: read-only"),
            (ErrorKind::InvalidData, "`/s/ses_a.jsonl` … read: invalid data"),
            (ErrorKind::NotFound, "no conversation `ses_a`"),
        ] {
            let error = failed(Path::new("/s/ses_a.jsonl"), kind.into());
            assert!(says(&error.to_string(), expected), "{error}");
        }
    }
}
