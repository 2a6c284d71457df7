//! Files that only grow, one whole record at a time. Knows no record's form.

use std::fs::{File, OpenOptions};
use std::path::Path;

use super::folder::folder_of;
use super::{FileError, create_private_folder, resolve};

/// Opens a file so that every write lands at its end; made 0600, with the missing folders above it, when it is not there.
pub fn append_to(path: &Path) -> Result<File, FileError> {
    let target = resolve(path)?;
    create_private_folder(folder_of(&target))?;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&target).map_err(|source| FileError::Write { path: target, source })
}
