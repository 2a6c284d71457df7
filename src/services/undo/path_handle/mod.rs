//! Path handles: one name in a folder that is held open, for all that undo writes. The file that
//! was looked at is the one that is changed, and a folder that another process exchanges for a link
//! meanwhile leads nothing out.
//! Decides nothing.

#[cfg(not(unix))]
mod by_path;
#[cfg(unix)]
mod held;

#[cfg(not(unix))]
pub(super) use by_path::{Draft, PathHandle, SeenFile};
#[cfg(unix)]
pub(super) use held::{Draft, PathHandle, SeenFile};

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::cause;
use crate::protocol::FileChange;

/// A regular file that stands at an absolute path without links; nobody waits for a pipe.
pub(super) fn open(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    return crate::base::folder_handle::open_file(path);
    #[cfg(not(unix))]
    return PathHandle::of(path)?.open();
}

fn not_given_back(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("its owner cannot be given back: {}", cause(error)))
}

/// More files than this reach the disk with all others on it.
#[cfg(target_os = "linux")]
const ONE_BY_ONE: usize = 64;

/// Waits until all of it is on the disk.
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
        let _left_to_the_system = open(file).and_then(|file| file.sync_data());
    }
}
