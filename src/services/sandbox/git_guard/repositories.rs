//! Where git keeps settings and hooks: repositories in a repository, and the hooks that it may run.
//! Changes nothing.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::base::folder_handle::{ASIDE, FolderHandle};

/// Repositories within a repository that are looked for.
const MOST: usize = 128;
/// The ending of hooks that git never runs.
const SAMPLE: &str = ".sample";

/// A `.git` folder, and those in it of its submodules and other work trees, by their paths below
/// `root`.
pub(super) fn repositories(root: &FolderHandle, git: PathBuf) -> Vec<(PathBuf, FolderHandle)> {
    let Ok(held) = root.walk(&git) else { return Vec::new() };
    let mut folders = vec![git.join("modules"), git.join("worktrees")];
    let mut found = vec![(git, held)];
    while let Some(path) = folders.pop() {
        let Ok(folder) = root.walk(&path) else { continue };
        let inner = folder.list().unwrap_or_default();
        for listed in inner.into_iter().filter(|listed| listed.kind.is_dir()) {
            if found.len() + folders.len() >= MOST {
                return found;
            }
            let Ok(held) = folder.subfolder(&listed.name) else { continue };
            let path = path.join(&listed.name);
            // A link counts as well, wherever it leads.
            if matches!(held.look(OsStr::new("HEAD")), Ok(Some(_))) {
                folders.push(path.join("modules"));
                found.push((path, held));
            } else {
                // The name of a submodule may hold slashes.
                folders.push(path);
            }
        }
    }
    found
}

/// The names of the hooks that git may run.
pub(super) fn scripts(hooks: &FolderHandle) -> Vec<OsString> {
    let all = hooks.list().unwrap_or_default().into_iter().map(|listed| listed.name);
    all.filter(|name| !is_inert_hook(name)).collect()
}

/// Samples, and what was set aside, with a number or without.
fn is_inert_hook(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let unnumbered = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let unnumbered = unnumbered.strip_suffix('-').unwrap_or(&name);
    name.ends_with(SAMPLE) || name.ends_with(ASIDE) || unnumbered.ends_with(ASIDE)
}
