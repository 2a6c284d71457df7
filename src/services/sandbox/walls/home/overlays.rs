//! Caches of the person's under overlays, in a mount namespace: what a command writes there goes to
//! a folder of its own, and the cache below stays as it is.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::CWD;
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create,
    fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, move_mount, open_tree,
};

use super::caches::{OwnCaches, is_needed};
use super::kept::name_of;
use super::view::CacheFolder;
use crate::sandbox::walls::hidden::Hidden;
use crate::sandbox::walls::temporary;

/// Overlays and folders for other caches, before they are mounted where they belong.
#[derive(Debug, Default)]
pub struct Overlays {
    caches: Vec<CacheFolder>,
    /// By the real path of the cache below.
    made: Vec<(PathBuf, OwnedFd)>,
    scratch: Vec<(PathBuf, OwnedFd)>,
}

impl Overlays {
    /// Makes them where they are kept, or in a file system in memory that nothing else uses, of
    /// which an empty folder is left in its place. To be called as long as the caches can be
    /// reached, and before anything is made read-only. A cache that cannot be under an overlay is
    /// left out.
    ///
    /// # Errors
    ///
    /// Fails if a folder cannot be made in `memory`, or if a kernel that has overlays refuses a
    /// scratch folder.
    pub fn make(hidden: &Hidden, memory: &Path) -> io::Result<Self> {
        let Hidden { homes, caches, kept_caches, .. } = hidden;
        let scratch = || homes.iter().flat_map(|home| &home.scratch);
        if caches.is_empty() && scratch().next().is_none() {
            return Ok(Self::default());
        }
        let mut overlays = Self { caches: caches.to_owned(), ..Self::default() };
        let (own, apart) = (memory.join("own"), memory.join("caches"));
        private(&own)?;
        private(&apart)?;
        for (number, cache) in caches.iter().enumerate() {
            let real = &cache.real;
            if overlays.made.iter().any(|(made, _)| made == real) {
                continue;
            }
            // On a busy disk each takes milliseconds; in memory it takes none.
            let kept = kept_caches.as_ref().filter(|_| is_needed(cache));
            let kept = kept.map(|kept| kept.join(name_of(real)));
            // A file system may serve for one and not for the other.
            let kept = kept.and_then(|kept| overlay(real, &kept).ok());
            let anew = || overlay(real, &apart.join(number.to_string()));
            match kept.map_or_else(anew, Ok) {
                Ok(made) => overlays.made.push((real.clone(), made)),
                // This kernel, or this user, has none.
                Err(Errno::NODEV | Errno::NOSYS | Errno::PERM) => break,
                Err(_left_out) => {}
            }
        }
        for (number, path) in scratch().enumerate() {
            let folder = apart.join(format!("scratch-{number}"));
            private(&folder)?;
            overlays.scratch.push((path.clone(), tree(&folder)?));
        }
        let own = tree(&own)?;
        move_mount(&own, "", CWD, memory, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
        Ok(overlays)
    }

    /// Folders for caches that are not there, each with its place.
    pub fn scratch(&self) -> &[(PathBuf, OwnedFd)] {
        &self.scratch
    }

    /// Mounts the overlays where their caches are seen by now.
    pub fn mount(self) -> OwnCaches {
        let Self { caches, made, scratch } = self;
        let put = |tree: &OwnedFd, path: &Path| {
            move_mount(tree, "", CWD, path, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH).is_ok()
        };
        let mounted: Vec<PathBuf> =
            made.into_iter().filter(|(real, tree)| put(tree, real)).map(|(real, _)| real).collect();
        // By another way, it is the same overlay.
        let is_overlaid = |CacheFolder { path, real, .. }: &CacheFolder| {
            mounted.contains(real)
                && (path == real || tree(real).is_ok_and(|tree| put(&tree, path)))
        };
        let (overlaid, read_only) = caches.into_iter().partition(is_overlaid);
        let scratch = scratch.into_iter().map(|(path, _)| path).collect();
        OwnCaches { overlaid, read_only, scratch }
    }
}

fn private(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

fn tree(path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
    open_tree(CWD, path, flags)
}

/// An overlay of a folder whose other half is in `own`, which is made where it is not there. Not
/// mounted yet. Attributes of files that say where else to look for them are heeded nowhere: with
/// `userxattr`, no file leads to another one.
fn overlay(lower: &Path, own: &Path) -> Result<OwnedFd, Errno> {
    let (upper, work) = (own.join("upper"), own.join("work"));
    // They would part paths.
    if [lower, own]
        .iter()
        .any(|path| path.as_os_str().as_bytes().iter().any(|b| b":,\\".contains(b)))
    {
        return Err(Errno::INVAL);
    }
    let failed = |error: io::Error| Errno::from_io_error(&error).unwrap_or(Errno::IO);
    // A mark of an earlier mount says that it was never written to the disk, and forbids
    // another one.
    temporary::remove(&work).map_err(failed)?;
    for folder in [own, &upper, &work] {
        private(folder).map_err(failed)?;
    }
    let mode = fs::metadata(lower).map_err(failed)?.permissions().mode() & 0o777;
    fs::set_permissions(&upper, Permissions::from_mode(mode)).map_err(failed)?;
    let made = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)?;
    for (name, value) in [("lowerdir", lower), ("upperdir", &*upper), ("workdir", &*work)] {
        fsconfig_set_string(&made, name, value)?;
    }
    for (name, value) in [("index", "off"), ("xino", "off")] {
        fsconfig_set_string(&made, name, value)?;
    }
    fsconfig_set_flag(&made, "userxattr")?;
    // Otherwise the end of a command would wait until all that its file system holds is on the
    // disk.
    fsconfig_set_flag(&made, "volatile")?;
    fsconfig_create(&made)?;
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
    fsmount(&made, FsMountFlags::FSMOUNT_CLOEXEC, attributes)
}
