//! Where git keeps what belongs to a folder, read from its files: no program is started.

use std::path::{Path, PathBuf};

use super::files;

/// `HEAD` and its like are a line long; more is not one.
const LINE: u64 = 4096;

/// The folder that a `.git` is, or names where it is a worktree's.
pub fn folder(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let text = line(git)?;
    let named = text.trim().strip_prefix("gitdir: ")?;
    Some(git.parent()?.join(named))
}

/// A file of one line. Folders above may be anybody's: what stands there can be a pipe or a device.
pub fn line(file: &Path) -> Option<String> {
    String::from_utf8(files::read(file, LINE).ok()?).ok()
}
