//! Atomic replacement of files: a crash at any point leaves the old or the new file, whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::folder::folder_of;
#[cfg(unix)]
use super::owner;
use super::{FileError, create_private_folder, resolve};

/// Replaces or makes `path`, with mode 0600. If it is a symbolic link, its target is replaced.
///
/// # Errors
///
/// [`FileError`] if `path` is no regular file or a step fails; the old file is then unchanged.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut draft = FileDraft::begin(path)?;
    draft.write(bytes)?;
    draft.sync()?;
    draft.commit()
}

/// Makes a whole new file with mode 0600.
///
/// # Errors
///
/// [`FileError`], also if the file exists.
pub fn create_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut draft = FileDraft::begin(path)?;
    draft.write(bytes)?;
    draft.sync()?;
    draft.commit_new()
}

/// A replacement in progress, one method for each step at which the machine may stop.
pub(super) struct FileDraft {
    target: PathBuf,
    temporary: NamedTempFile,
}

impl FileDraft {
    /// Makes the temporary file, with mode 0600 and in the target's folder, because a rename works
    /// only within one disk.
    pub(super) fn begin(path: &Path) -> Result<Self, FileError> {
        let target = resolve(path)?;
        let folder = folder_of(&target);
        create_private_folder(folder)?;
        stands_for_a_file(&target)?;
        let temporary = Builder::new().prefix(&prefix(&target)).suffix(SUFFIX).tempfile_in(folder);
        let temporary = temporary
            .map_err(|error| FileError::Write { path: target.clone(), source: bare(error) })?;
        keep_owner(&target, temporary.as_file());
        Ok(Self { target, temporary })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.temporary.write_all(bytes).map_err(|source| self.failed(source))
    }

    /// Syncs the bytes to the disk, which must happen before the rename.
    pub(super) fn sync(&mut self) -> Result<(), FileError> {
        self.temporary.as_file().sync_all().map_err(|source| self.failed(source))
    }

    pub(super) fn commit(self) -> Result<(), FileError> {
        let Self { target, temporary } = self;
        match temporary.persist(&target) {
            Ok(_file) => sync_folder(&target),
            Err(e) => return Err(FileError::Write { path: target, source: e.error }),
        }
        Ok(())
    }

    fn commit_new(self) -> Result<(), FileError> {
        let Self { target, temporary } = self;
        match temporary.persist_noclobber(&target) {
            Ok(_file) => sync_folder(&target),
            Err(e) => return Err(FileError::Write { path: target, source: e.error }),
        }
        Ok(())
    }

    fn failed(&self, source: io::Error) -> FileError {
        FileError::Write { path: self.target.clone(), source }
    }
}

/// Removes the name of the temporary file from an error: the person does not know it.
pub(super) fn bare(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path \"") {
        Some((why, _)) => io::Error::new(error.kind(), why.to_owned()),
        None => error,
    }
}

/// Refuses devices (such as `/dev/null` behind a link) and pipes, which a rename would replace with
/// a file.
pub(super) fn stands_for_a_file(target: &Path) -> Result<(), FileError> {
    match fs::metadata(target) {
        Ok(found) if !found.is_file() => Err(FileError::Write {
            path: target.to_owned(),
            source: io::Error::other("something there is not a file"),
        }),
        // A missing file is fine; any other trouble shows when it is written.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Removes temporary files of a writer of `target` that died. Call it only with the target's lock
/// held: otherwise they may be in use.
pub(super) fn sweep(target: &Path) {
    let prefix = prefix(target);
    let Ok(entries) = fs::read_dir(folder_of(target)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(&prefix) && name.ends_with(SUFFIX)) {
            // A leftover file does no harm.
            let _left = fs::remove_file(entry.path());
        }
    }
}

const SUFFIX: &str = ".tmp";

fn prefix(target: &Path) -> String {
    format!(".{}.", target.file_name().unwrap_or_default().to_string_lossy())
}

/// Keeps the owner of the old file, which would become root's under `sudo`.
pub(super) fn keep_owner(target: &Path, temporary: &File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let (Ok(old), Ok(new)) = (fs::metadata(target), temporary.metadata()) else {
            return owner::give_to_folders_owner(target, temporary);
        };
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            // Only root may give files away; other users keep theirs.
            let _refused = fchown(temporary, Some(old.uid()), Some(old.gid()));
        }
    }
    #[cfg(not(unix))]
    let _nothing_to_keep = (target, temporary);
}

/// Syncs the rename itself. Some disks cannot sync a folder; the file is in place anyway.
pub(super) fn sync_folder(target: &Path) {
    #[cfg(unix)]
    if let Err(e) = File::open(folder_of(target)).and_then(|folder| folder.sync_all()) {
        tracing::debug!(error = %e, "the folder could not be synced");
    }
    #[cfg(not(unix))]
    let _no_such_thing = target;
}
