//! Puts new bytes in the place of a file so that a crash at any point leaves the old or the new one, whole. Keeps no backup.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::folder::folder_of;
use super::{FileError, create_private_folder, owner, resolve};

/// Replaces `path`, or makes it: a 0600 file whatever it was before. A symbolic link stays one; what it leads to is replaced.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut draft = FileDraft::begin(path)?;
    draft.write(bytes)?;
    draft.sync()?;
    draft.commit()
}

/// Makes a file that must not be there yet, 0600 and whole.
pub fn create_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut draft = FileDraft::begin(path)?;
    draft.write(bytes)?;
    draft.sync()?;
    draft.commit_new()
}

/// A replacement on its way, in the steps between which a machine may stop.
pub(super) struct FileDraft {
    target: PathBuf,
    temporary: NamedTempFile,
}

impl FileDraft {
    /// Makes the temporary file, 0600 and in the target's own folder: a rename works only within one disk.
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

    /// The bytes reach the disk before the name does.
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

/// Without the name of the temporary file, which nobody asked for.
pub(super) fn bare(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path \"") {
        Some((why, _)) => io::Error::new(error.kind(), why.to_owned()),
        None => error,
    }
}

/// A rename would put a file in the place of a device (`/dev/null`, say, that a link leads to) or of a pipe.
pub(super) fn stands_for_a_file(target: &Path) -> Result<(), FileError> {
    match fs::metadata(target) {
        Ok(found) if !found.is_file() => Err(FileError::Write {
            path: target.to_owned(),
            source: io::Error::other("something there is not a file"),
        }),
        // Missing, most likely; whatever else it is comes up again when it is written.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Clears temporary files that a writer of `target` left when it died. Only for who holds the target's lock: another's would be live.
pub(super) fn sweep(target: &Path) {
    let prefix = prefix(target);
    let Ok(entries) = fs::read_dir(folder_of(target)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(&prefix) && name.ends_with(SUFFIX)) {
            // What cannot be cleared away does no harm.
            let _left = fs::remove_file(entry.path());
        }
    }
}

const SUFFIX: &str = ".tmp";

fn prefix(target: &Path) -> String {
    format!(".{}.", target.file_name().unwrap_or_default().to_string_lossy())
}

/// Under `sudo` the file would otherwise become root's, and be lost to the person.
pub(super) fn keep_owner(target: &Path, temporary: &File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let (Ok(old), Ok(new)) = (fs::metadata(target), temporary.metadata()) else {
            return owner::give_to_folders_owner(target, temporary);
        };
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            // Only root may give files away; for anyone else it stays their own, as any new file.
            let _refused = fchown(temporary, Some(old.uid()), Some(old.gid()));
        }
    }
    #[cfg(not(unix))]
    let _nothing_to_keep = (target, temporary);
}

/// The rename itself reaches the disk. Some disks cannot do it for a folder: the file is in place all the same.
pub(super) fn sync_folder(target: &Path) {
    #[cfg(unix)]
    if let Err(e) = File::open(folder_of(target)).and_then(|folder| folder.sync_all()) {
        tracing::debug!(error = %e, "the folder could not be synced");
    }
    #[cfg(not(unix))]
    let _no_such_thing = target;
}
