//! Files that only grow, one whole record at a time.

use std::fs::{self, File, OpenOptions};
use std::io;
#[cfg(unix)]
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use super::folder::folder_of;
use super::{FileError, create_private_folder, owner, resolve};

/// Opens a file so that every write goes to its end. A missing file is made with mode 0600, and
/// missing folders above it with 0700.
///
/// # Errors
///
/// [`FileError`] if the file or a folder cannot be made or opened, or the path is no regular file.
pub fn append_to(path: &Path) -> Result<File, FileError> {
    let target = resolve(path)?;
    create_private_folder(folder_of(&target))?;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let open = || {
        if fs::metadata(&target).is_ok_and(|found| is_pipe(&found)) {
            return Err(io::Error::other("it is a pipe, which may never be read"));
        }
        let file = options.open(&target)?;
        tighten(&file);
        owner::give_to_folders_owner(&target, &file);
        Ok(file)
    };
    open().map_err(|source| FileError::Write { path: target.clone(), source })
}

/// Takes other users' rights from a file that was readable for them. A file of another owner stays
/// as it is.
fn tighten(file: &File) {
    #[cfg(unix)]
    if let Ok(found) = file.metadata()
        && found.is_file()
        && found.permissions().mode() & 0o077 != 0
        && let Err(error) = file.set_permissions(fs::Permissions::from_mode(0o600))
    {
        tracing::warn!(%error, "a file stays readable by others");
    }
    #[cfg(not(unix))]
    let _no_modes = file;
}

/// Whether it is a pipe; opening one to write would wait for a reader.
fn is_pipe(found: &fs::Metadata) -> bool {
    #[cfg(unix)]
    return found.file_type().is_fifo();
    #[cfg(not(unix))]
    return !found.is_file() && !found.is_dir();
}
