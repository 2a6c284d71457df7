//! Getting what undo did to the disk. Changes nothing.

use std::collections::HashSet;
#[cfg(target_os = "linux")]
use std::fs::File;
#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;

use crate::protocol::FileChange;

use super::place;

/// More files than this reach the disk with all others on it.
#[cfg(target_os = "linux")]
const ONE_BY_ONE: usize = 64;

/// All of it reaches the disk.
pub(super) fn sync(done: &[FileChange]) {
    #[cfg(target_os = "linux")]
    if done.len() > ONE_BY_ONE {
        let folders: HashSet<&Path> =
            done.iter().filter_map(|change| change.path.parent()).collect();
        if let Some(folder) = folders.iter().find_map(|folder| File::open(folder).ok()) {
            let _left_to_the_system = rustix::fs::syncfs(folder);
        }
        return;
    }
    let files: HashSet<&PathBuf> =
        done.iter().filter(|change| change.after.is_some()).map(|change| &change.path).collect();
    for file in files {
        let _left_to_the_system = place::open(file).and_then(|file| file.sync_data());
    }
}
