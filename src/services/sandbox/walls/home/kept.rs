//! Cache files that the commands of one folder wrote under overlays: kept for the folder's next
//! command, and thrown away after a week, and when the machine was started again, since nobody
//! waits until it is on the disk. One command has it at a time; another one that runs meanwhile
//! begins anew.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use sha2::{Digest, Sha256};

use super::access::HomeAccess;
use crate::base::text::hex;
use crate::sandbox::walls::temporary;

/// It is begun anew after that.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Its time is when the rest was begun, and it says by which start of the machine.
const LOCK: &str = "lock";
/// Another text after each start of the machine.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";

/// The caches kept for a folder, held for one command.
#[derive(Debug)]
pub struct KeptCaches {
    folder: PathBuf,
    lock: File,
    is_new: bool,
}

impl KeptCaches {
    /// For the first of the folders that a command writes in; `None` where another command has it,
    /// it cannot be made, or commands can write to it themselves.
    pub fn of(home: &HomeAccess, writable: &[PathBuf]) -> Option<Self> {
        let (root, folder) = (home.kept_caches.as_deref()?, writable.first()?);
        DirBuilder::new().recursive(true).mode(0o700).create(root).ok()?;
        let root = root.canonicalize().ok()?;
        let is_open = |place: &PathBuf| {
            let real = place.canonicalize();
            real.is_ok_and(|place| root.starts_with(place))
        };
        if writable.iter().any(is_open) {
            return None;
        }
        Self::take(&root, folder)
    }

    fn take(root: &Path, folder: &Path) -> Option<Self> {
        let folder = root.join(name_of(folder));
        let is_new = DirBuilder::new().mode(0o700).create(&folder).is_ok();
        let (lock, about) = locked(&folder)?;
        let kept = Self { folder, lock, is_new };
        let boot = fs::read(BOOT).ok()?;
        let was_there = fs::read(kept.folder.join(LOCK)).ok()?;
        if is_old(&about) || was_there != boot {
            kept.empty(&boot).ok()?;
        }
        Some(kept)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn empty(&self, boot: &[u8]) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name() != LOCK {
                temporary::remove(&entry.path())?;
            }
        }
        // With a time of its own.
        self.lock.set_len(0)?;
        (&self.lock).write_all(boot)
    }

    /// Removes caches of folders in which nobody works any more.
    fn clear_others(&self) {
        let Some(root) = self.folder.parent() else { return };
        for entry in fs::read_dir(root).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_other = path != self.folder;
            let old = || fs::symlink_metadata(path.join(LOCK)).is_ok_and(|about| is_old(&about));
            if is_other && old() && locked(&path).is_some_and(|(_lock, about)| is_old(&about)) {
                // A folder that cannot be removed is tried again with the next new folder.
                let _stays = temporary::remove(&path);
            }
        }
    }
}

/// Only once the command has its result does this cost time.
impl Drop for KeptCaches {
    fn drop(&mut self) {
        // By itself: a process that is just being started may have the file open for a moment
        // longer.
        let _closed_anyway = flock(&self.lock, FlockOperation::Unlock);
        if self.is_new {
            self.clear_others();
        }
    }
}

/// The folder name that stands for a path.
pub fn name_of(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_bytes());
    hex(&digest[..12])
}

fn is_old(about: &fs::Metadata) -> bool {
    // A time to come, after a change of the clock, is none to wait for.
    about.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LONGEST))
}

/// `None` where somebody else has it, or has just thrown it away.
fn locked(folder: &Path) -> Option<(File, fs::Metadata)> {
    let path = folder.join(LOCK);
    let lock = File::options().create(true).truncate(false).write(true).open(&path).ok()?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive).ok()?;
    let (held, there) = (lock.metadata().ok()?, fs::symlink_metadata(&path).ok()?);
    ((held.dev(), held.ino()) == (there.dev(), there.ino())).then_some((lock, held))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn age(kept: &KeptCaches) {
        kept.lock.set_modified(SystemTime::now() - LONGEST * 2).unwrap();
    }

    #[test]
    fn one_command_of_a_folder_has_it_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let [one, other] = ["/w/one", "/w/other"].map(Path::new);
        let first = KeptCaches::take(root.path(), one).unwrap();
        fs::write(first.folder().join("x"), "").unwrap();
        assert!(KeptCaches::take(root.path(), one).is_none());
        assert!(KeptCaches::take(root.path(), other).is_some());
        drop(first);
        let again = KeptCaches::take(root.path(), one).unwrap();
        assert!(again.folder().join("x").exists());
    }

    #[test]
    fn what_is_old_is_thrown_away_also_that_of_other_folders() {
        let root = tempfile::tempdir().unwrap();
        let [one, other, third] = ["/w/one", "/w/other", "/w/third"].map(Path::new);
        for folder in [one, other] {
            let kept = KeptCaches::take(root.path(), folder).unwrap();
            fs::create_dir(kept.folder().join("x")).unwrap();
            age(&kept);
        }
        let held = KeptCaches::take(root.path(), one).unwrap();
        assert!(!held.folder().join("x").exists());
        drop(KeptCaches::take(root.path(), third).unwrap());
        assert!(held.folder().exists() && !root.path().join(name_of(other)).exists());
    }

    #[test]
    fn what_was_written_before_the_machine_was_started_again_is_thrown_away() {
        let root = tempfile::tempdir().unwrap();
        let kept = KeptCaches::take(root.path(), Path::new("/w/one")).unwrap();
        fs::create_dir(kept.folder().join("x")).unwrap();
        fs::write(kept.folder().join(LOCK), "other\n").unwrap();
        drop(kept);
        let again = KeptCaches::take(root.path(), Path::new("/w/one")).unwrap();
        assert!(!again.folder().join("x").exists());
    }

    #[test]
    fn nothing_is_kept_where_commands_can_write() {
        let root = tempfile::tempdir().unwrap();
        let home = HomeAccess { kept_caches: Some(root.path().join("c")), ..HomeAccess::default() };
        let folder = |path: &Path| vec!["/w".into(), path.to_owned()];
        assert!(KeptCaches::of(&home, &folder(root.path())).is_none());
        assert!(KeptCaches::of(&home, &[]).is_none());
        assert!(KeptCaches::of(&HomeAccess::default(), &folder(Path::new("/o"))).is_none());
        assert!(KeptCaches::of(&home, &folder(Path::new("/o"))).is_some());
    }
}
