//! Folders that only their owner may enter, and the files that symbolic links in a folder lead to.
//! Existing folders keep their mode.

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::{FileError, owner};

/// The limit for links in a row, as in Linux.
const LINKS: usize = 40;

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

/// The file that a write to `path` reaches: `path` itself, or the target of the link.
///
/// # Errors
///
/// [`FileError`] for a loop of links.
pub fn resolve(path: &Path) -> Result<PathBuf, FileError> {
    let mut at = path.to_owned();
    for _link in 0..LINKS {
        match fs::read_link(&at) {
            Ok(target) => at = folder_of(&at).join(target),
            // It is no link, or nothing exists there.
            Err(_not_a_link) => return Ok(at),
        }
    }
    Err(FileError::Read {
        path: path.to_owned(),
        source: io::Error::other("it is a symbolic link that leads in a circle"),
    })
}
