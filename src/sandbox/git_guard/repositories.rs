//! Where git keeps settings and hooks: repositories in a repository, and the hooks that it may run. Changes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use super::ASIDE;

/// Repositories within a repository that are looked for.
const MOST: usize = 128;
/// What git never runs.
const SAMPLE: &str = ".sample";

/// A `.git` folder, and those in it of its submodules and other work trees.
pub(super) fn repositories(git: PathBuf) -> Vec<PathBuf> {
    let mut found = vec![git.clone()];
    let mut folders = vec![git.join("modules"), git.join("worktrees")];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder)
            .filter(|path| fs::symlink_metadata(path).is_ok_and(|about| about.is_dir()))
        {
            if found.len() + folders.len() >= MOST {
                return found;
            }
            if path.join("HEAD").exists() {
                folders.push(path.join("modules"));
                found.push(path);
            } else {
                // The name of a submodule may hold slashes.
                folders.push(path);
            }
        }
    }
    found
}

/// The hooks that git may run; none where their folder is a link: what stands there is part of the work.
pub(super) fn scripts(git: &Path) -> Vec<PathBuf> {
    let hooks = git.join("hooks");
    if !fs::symlink_metadata(&hooks).is_ok_and(|about| about.is_dir()) {
        return Vec::new();
    }
    let inert = |path: &PathBuf| {
        [SAMPLE, ASIDE].iter().any(|ending| path.to_string_lossy().ends_with(ending))
    };
    entries(&hooks).filter(|path| !inert(path)).collect()
}

pub(super) fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
