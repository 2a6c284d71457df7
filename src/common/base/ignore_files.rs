//! Checks whether a folder's ignore files can be read at all: a hostile folder may hold endless
//! ones. Does not apply them.
//!
//! The walk reads them whole before its first entry: a link to `/dev/zero` would fill the memory, a
//! pipe would wait for ever, and thousands of nested braces would use up the stack.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{files, git};

/// The limit in bytes; real files have a few kB.
const LARGEST: u64 = 1 << 20;
/// The limit for nested braces in one glob.
pub const NESTED: usize = 32;

/// Whether all ignore files that a walk reads in a folder are sane. If not, leave the folder out.
pub fn are_readable(folder: &Path) -> bool {
    let git = folder.join(".git");
    let mut files = vec![folder.join(".ignore"), folder.join(".gitignore")];
    match fs::metadata(&git) {
        Ok(found) if found.is_dir() => files.push(git.join("info/exclude")),
        Ok(_) => files.extend(of_worktree(git)),
        Err(_none_here) => {}
    }
    let odd = files.iter().find(|file| !is_readable(file));
    if let Some(odd) = odd {
        tracing::warn!(file = ?odd, "a folder's ignore rules cannot be read");
    }
    odd.is_none()
}

/// Whether one ignore file is missing, or short and not nested too deeply.
pub fn is_readable(file: &Path) -> bool {
    match files::read(file, LARGEST) {
        Ok(bytes) => bytes.split(|byte| *byte == b'\n').all(|line| nesting(line) <= NESTED),
        // A folder of that name is skipped by the walk.
        Err(error) => {
            matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied
            ) || file.is_dir()
        }
    }
}

/// How deeply braces are nested. Escaped ones count too, which errs on the safe side.
pub fn nesting(glob: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in glob {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The git folders of a worktree: its own, and the shared one that it names.
fn of_worktree(git: PathBuf) -> Vec<PathBuf> {
    let Some(own) = git::folder(&git) else { return vec![git] };
    let common = own.join("commondir");
    let shared = git::line(&common).map_or_else(|| own.clone(), |named| own.join(named.trim()));
    vec![git, common, own.join("info/exclude"), shared.join("info/exclude")]
}
