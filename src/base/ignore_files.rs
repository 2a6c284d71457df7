//! Whether the ignore files of a folder can be read at all: a folder from elsewhere may hold some that never end. Does not apply them.
//!
//! They are read by the walk itself, whole, before the first entry comes: a link to `/dev/zero` would fill the memory, a pipe would wait for
//! ever, and braces nested by the thousand would use up the stack.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{files, git};

/// Real ones are a few kB.
const LARGEST: u64 = 1 << 20;
/// Braces within braces, in one glob.
pub const NESTED: usize = 32;

/// Whether all that a walk reads for its rules in a folder is sane. A folder where something is not is best left out.
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

/// Whether one file of rules is missing, or short and not too deep.
pub fn is_readable(file: &Path) -> bool {
    match files::read(file, LARGEST) {
        Ok(bytes) => bytes.split(|byte| *byte == b'\n').all(|line| nesting(line) <= NESTED),
        // A folder of that name cannot be read as a file, and is passed over.
        Err(error) => {
            matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied
            ) || file.is_dir()
        }
    }
}

/// How deep braces stand within braces. What is escaped counts too: rather too many than too few.
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

/// A worktree's `.git` names the repository's folder, which may name another that is shared.
fn of_worktree(git: PathBuf) -> Vec<PathBuf> {
    let Some(own) = git::folder(&git) else { return vec![git] };
    let common = own.join("commondir");
    let shared = git::line(&common).map_or_else(|| own.clone(), |named| own.join(named.trim()));
    vec![git, common, own.join("info/exclude"), shared.join("info/exclude")]
}
