//! Folders that only their owner may enter. Existing folders keep their mode.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{FileError, owner};

/// Makes a folder and the missing ones above it with mode 0700. Each belongs to the owner of the
/// folder above it.
///
/// # Errors
///
/// [`FileError`] with the folder that could not be made.
pub fn create_private_folder(path: &Path) -> Result<(), FileError> {
    let mut missing: Vec<PathBuf> =
        path.ancestors().take_while(|folder| is_missing(folder)).map(Path::to_owned).collect();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| FileError::Folder { path: path.to_owned(), source })?;
    missing.reverse();
    owner::give_folders(&missing);
    Ok(())
}

fn is_missing(folder: &Path) -> bool {
    !folder.as_os_str().is_empty()
        && fs::symlink_metadata(folder).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// The folder that contains a file; `.` for a bare name.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
