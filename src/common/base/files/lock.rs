//! Locks on files: one writer at a time among all processes. They are advisory: a program that does
//! not ask is not kept out.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::folder::folder_of;
use super::{FileError, create_private_folder, owner, replace, resolve};

/// Holds a lock; dropping it, or the end of the process, releases it.
///
/// The lock is taken on a file beside the guarded one (`auth.json.lock`), because renaming replaces
/// the guarded file and its locks with it. The side file is never removed: two processes could then
/// hold the lock.
#[derive(Debug)]
pub struct Lock {
    target: PathBuf,
    _held: File,
}

impl Lock {
    /// Waits without limit until the lock of `path` is free, and takes it. Makes missing folders.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the lock file cannot be made or opened, or `path` is no regular file.
    pub fn take(path: &Path) -> Result<Self, FileError> {
        let (target, side, file) = open(path)?;
        forgive(file.lock()).map_err(|source| FileError::Lock { path: side, source })?;
        Ok(Self { target, _held: file })
    }

    /// Takes the lock of `path`; `None` if another process holds it.
    ///
    /// # Errors
    ///
    /// As [`Lock::take`].
    pub fn try_take(path: &Path) -> Result<Option<Self>, FileError> {
        let (target, side, file) = open(path)?;
        let taken = match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(source)) => forgive(Err(source)),
            Ok(()) => Ok(()),
        };
        taken.map_err(|source| FileError::Lock { path: side, source })?;
        Ok(Some(Self { target, _held: file }))
    }

    /// The guarded file, with links followed.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Replaces the guarded file as [`replace()`] does, and removes temporary files of writers that
    /// died.
    ///
    /// # Errors
    ///
    /// As [`replace()`].
    pub fn replace(&self, bytes: &[u8]) -> Result<(), FileError> {
        replace::sweep(&self.target);
        replace::replace(&self.target, bytes)
    }
}

fn open(path: &Path) -> Result<(PathBuf, PathBuf, File), FileError> {
    let target = resolve(path)?;
    // A device needs no lock, and its folder should not get a file of ours.
    replace::stands_for_a_file(&target)?;
    create_private_folder(folder_of(&target))?;
    let mut name = target.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".lock");
    let side = target.with_file_name(name);
    let mut options = OpenOptions::new();
    // NFS gives exclusive locks only on files open for writing.
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&side) {
        Ok(file) => {
            owner::give_to_folders_owner(&side, &file);
            Ok((target, side, file))
        }
        Err(source) => Err(FileError::Lock { path: side, source }),
    }
}

/// Ignores that a disk does not support locks: atomic replacement still protects the file.
fn forgive(taken: io::Result<()>) -> io::Result<()> {
    match taken {
        Err(e) if e.kind() == io::ErrorKind::Unsupported => {
            tracing::warn!("the disk offers no file locks; going on without one");
            Ok(())
        }
        other => other,
    }
}
