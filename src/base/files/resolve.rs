//! Targets of symbolic links, also if the target does not exist. Only the last part of a path is
//! resolved.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::FileError;
use super::folder::folder_of;

/// The limit for links in a row, as in Linux.
const LINKS: usize = 40;

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
