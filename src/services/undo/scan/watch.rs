//! Watching folders (inotify): tells which of them changed since they were listed, so that nothing
//! is scanned where nothing happened. Costs nothing while nobody asks.

#[cfg(target_os = "linux")]
use std::collections::HashMap;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(target_os = "linux")]
use std::sync::{Mutex, PoisonError};

/// Changes since the last question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchedChange {
    /// These folders may hold other names, or files with other contents; nothing else changed.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nothing tells of changes"))]
    Folders(HashSet<PathBuf>),
    /// Not known: all has to be looked at.
    Anything,
}

#[derive(Debug)]
pub struct FolderWatch {
    #[cfg(target_os = "linux")]
    queue: std::os::fd::OwnedFd,
    #[cfg(target_os = "linux")]
    folders: Mutex<HashMap<i32, PathBuf>>,
    /// Folders that may be watched at the most.
    #[cfg(target_os = "linux")]
    limit: usize,
    /// A folder could not be watched.
    blind: AtomicBool,
}

impl FolderWatch {
    /// `None` where the system, or the disk of this folder, tells of no changes.
    #[cfg(target_os = "linux")]
    pub fn new(folder: &Path) -> Option<Self> {
        use rustix::fs::inotify::{CreateFlags, init};
        if !tells_of_all_changes(folder) {
            return None;
        }
        let queue = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()?;
        Some(Self {
            queue,
            folders: Mutex::default(),
            limit: limit(),
            blind: AtomicBool::new(false),
        })
    }

    #[cfg(not(target_os = "linux"))]
    pub fn new(_folder: &Path) -> Option<Self> {
        None
    }

    /// Watches one folder, or goes on to under its present name.
    #[cfg(target_os = "linux")]
    pub fn add(&self, folder: &Path) {
        use rustix::fs::inotify::{WatchFlags, add_watch};
        let flags = WatchFlags::ATTRIB
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MODIFY
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::DONT_FOLLOW
            | WatchFlags::EXCL_UNLINK
            | WatchFlags::ONLYDIR;
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if folders.len() >= self.limit {
            self.blind.store(true, Ordering::Relaxed);
            return;
        }
        match add_watch(&self.queue, folder, flags) {
            Ok(number) => drop(folders.insert(number, folder.to_owned())),
            // One that is gone needs no eyes.
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => {}
            Err(_) => self.blind.store(true, Ordering::Relaxed),
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub fn add(&self, _folder: &Path) {
        self.blind.store(true, Ordering::Relaxed);
    }

    /// Takes the changes up to now. After [`WatchedChange::Anything`] all folders have to be added
    /// again.
    #[cfg(target_os = "linux")]
    pub fn changed(&self) -> WatchedChange {
        use std::mem::MaybeUninit;

        use rustix::fs::inotify::{ReadFlags, Reader};
        use rustix::io::Errno;

        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = HashSet::new();
        let mut lost = self.blind.load(Ordering::Relaxed);
        let mut buffer = [MaybeUninit::uninit(); 32 << 10];
        let mut events = Reader::new(&self.queue, &mut buffer);
        loop {
            match events.next() {
                Ok(event) if event.events().contains(ReadFlags::QUEUE_OVERFLOW) => lost = true,
                Ok(event) if event.events().contains(ReadFlags::IGNORED) => {
                    drop(folders.remove(&event.wd()))
                }
                Ok(event) => {
                    if let Some(folder) = folders.get(&event.wd())
                        && !changed.contains(folder)
                    {
                        changed.insert(folder.clone());
                    }
                }
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                Err(_) => {
                    lost = true;
                    break;
                }
            }
        }
        if lost { WatchedChange::Anything } else { WatchedChange::Folders(changed) }
    }

    /// Whether some folder could not be watched, so that it never knows all.
    pub fn is_blind(&self) -> bool {
        self.blind.load(Ordering::Relaxed)
    }

    #[cfg(not(target_os = "linux"))]
    pub fn changed(&self) -> WatchedChange {
        WatchedChange::Anything
    }
}

/// A share of what the system allows a person: editors and servers want to watch as well.
#[cfg(target_os = "linux")]
fn limit() -> usize {
    const LEAST: usize = 1024;
    const MOST: usize = 32_768;
    let allowed = std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches");
    let allowed = allowed.ok().and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(0);
    (allowed / 4).clamp(LEAST, MOST)
}

/// Whether every change on this disk is made through this system: a server's share can change from
/// elsewhere.
#[cfg(target_os = "linux")]
fn tells_of_all_changes(folder: &Path) -> bool {
    /// ext, tmpfs, XFS, btrfs, overlay, F2FS, ZFS, bcachefs; as in `statfs(2)`.
    const LOCAL: [u64; 8] = [
        0xEF53,
        0x0102_1994,
        0x5846_5342,
        0x9123_683E,
        0x794C_7630,
        0xF2F5_2010,
        0x2FC1_2FC1,
        0xCA45_1A4E,
    ];
    rustix::fs::statfs(folder)
        .is_ok_and(|about| u64::try_from(about.f_type).is_ok_and(|kind| LOCAL.contains(&kind)))
}
