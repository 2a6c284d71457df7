//! Folders that only their owner may look into. Leaves the mode of those that are already there alone.

use std::fs::DirBuilder;
use std::path::Path;

use super::FileError;

/// Makes a folder and the missing ones above it, each 0700 from the moment of creation.
pub fn create_private_folder(path: &Path) -> Result<(), FileError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| FileError::Folder { path: path.to_owned(), source })
}

/// The folder a file stands in; `.` for a bare name.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
