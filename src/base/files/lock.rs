//! One writer at a time, over all processes. Advisory: a program that does not ask is not kept out.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::folder::folder_of;
use super::{FileError, create_private_folder, owner, replace, resolve};

/// Held while it lives; the system lets go of it when the process ends, however it ends.
///
/// The lock lies on a file beside the one it guards (`auth.json.lock`): that one is replaced by renaming, and a lock on it would go with the
/// old file. The side file stays for ever, since taking it away would let two holders in.
#[derive(Debug)]
pub struct Lock {
    target: PathBuf,
    _held: File,
}

impl Lock {
    /// Waits, without end, until nobody else holds the lock of `path`. Missing folders are made.
    pub fn take(path: &Path) -> Result<Self, FileError> {
        let (target, side, file) = open(path)?;
        forgive(file.lock()).map_err(|source| FileError::Lock { path: side, source })?;
        Ok(Self { target, _held: file })
    }

    /// Takes the lock of `path` if nobody holds it now.
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

    /// The file it guards, links followed.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Replaces the guarded file as [`replace()`] does, and clears away what a writer that died left half done.
    pub fn replace(&self, bytes: &[u8]) -> Result<(), FileError> {
        replace::sweep(&self.target);
        replace::replace(&self.target, bytes)
    }
}

fn open(path: &Path) -> Result<(PathBuf, PathBuf, File), FileError> {
    let target = resolve(path)?;
    // Beside a device, say, nothing of ours has a place.
    replace::stands_for_a_file(&target)?;
    create_private_folder(folder_of(&target))?;
    let mut name = target.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".lock");
    let side = target.with_file_name(name);
    let mut options = OpenOptions::new();
    // Write access too: NFS gives exclusive locks only on files open for writing.
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

/// A disk that knows no locks is no reason to keep a person out; atomic replacement still holds there.
fn forgive(taken: io::Result<()>) -> io::Result<()> {
    match taken {
        Err(e) if e.kind() == io::ErrorKind::Unsupported => {
            tracing::warn!("the disk offers no file locks; going on without one");
            Ok(())
        }
        other => other,
    }
}
