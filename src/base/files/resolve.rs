//! Where a symbolic link leads, also when nothing stands there yet. Touches only the last part of a path.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::FileError;
use super::folder::folder_of;

/// As many links in a row as Linux follows.
const LINKS: usize = 40;

/// The file that writing to `path` means: `path` itself, or what it links to.
pub fn resolve(path: &Path) -> Result<PathBuf, FileError> {
    let mut at = path.to_owned();
    for _link in 0..LINKS {
        match fs::read_link(&at) {
            Ok(target) => at = folder_of(&at).join(target),
            // Not a link, or nothing there: this is the place.
            Err(_not_a_link) => return Ok(at),
        }
    }
    Err(FileError::Read {
        path: path.to_owned(),
        source: io::Error::other("it is a symbolic link that leads in a circle"),
    })
}
