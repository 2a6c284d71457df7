//! The place of git's data for a folder, read from files: no program is started.

use std::path::{Path, PathBuf};

use super::files;

/// The limit in bytes for `HEAD` and similar files, which hold one line.
const LINE: u64 = 4096;

/// The git folder that `.git` is or, for a worktree, names.
pub fn folder(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let text = line(git)?;
    let named = text.trim().strip_prefix("gitdir: ")?;
    Some(git.parent()?.join(named))
}

/// Reads a file of one line. Folders above may belong to others, so it can be a pipe or a device.
pub fn line(file: &Path) -> Option<String> {
    String::from_utf8(files::read(file, LINE).ok()?).ok()
}
