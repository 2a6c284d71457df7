//! Small acts on one path that undo is made of: mode, owner, names.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::base::cause;
use crate::protocol::{FileChange, FileState, NodeKind};

/// Names of files on their way begin and end so.
pub(super) const DRAFT: (&str, &str) = (".codling-", ".tmp");
/// More files than this reach the disk with all others on it.
const ONE_BY_ONE: usize = 64;

/// Mode and owner, where they are recorded and different. The owner first: giving a file away takes rights from it.
pub(super) fn set_rights(path: &Path, to: Option<&FileState>) -> io::Result<()> {
    set_owner(path, to)?;
    #[cfg(unix)]
    if let Some(to) = to
        && !matches!(to.kind, NodeKind::Link { .. })
    {
        use std::os::unix::fs::PermissionsExt;
        let about = fs::symlink_metadata(path)?;
        if about.permissions().mode() & 0o7777 != to.mode {
            fs::set_permissions(path, fs::Permissions::from_mode(to.mode))?;
        }
    }
    Ok(())
}

pub(super) fn set_owner(path: &Path, to: Option<&FileState>) -> io::Result<()> {
    #[cfg(unix)]
    if let Some([user, group]) = to.and_then(|to| to.owner) {
        use std::os::unix::fs::MetadataExt;
        let about = fs::symlink_metadata(path)?;
        if (about.uid(), about.gid()) != (user, group) {
            std::os::unix::fs::lchown(path, Some(user), Some(group)).map_err(|error| {
                io::Error::new(
                    error.kind(),
                    format!("its owner cannot be given back: {}", cause(&error)),
                )
            })?;
        }
    }
    #[cfg(not(unix))]
    let _no_owners = (path, to);
    Ok(())
}

pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Err(rustix::io::Errno::INVAL) => {}
            done => return Ok(done?),
        }
    }
    fs::rename(from, to)
}

#[cfg(unix)]
pub(super) fn symlink(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(not(unix))]
pub(super) fn symlink(_target: &Path, _at: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

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
        if fs::symlink_metadata(file).is_ok_and(|about| about.is_file()) {
            let _left_to_the_system = File::open(file).and_then(|file| file.sync_data());
        }
    }
}
