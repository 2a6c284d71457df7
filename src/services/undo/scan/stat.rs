//! File status: what stands at a path, links not followed, without reading it.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::base::files;
#[cfg(unix)]
use crate::base::folder_handle::NodeStat;
use crate::protocol::Stamp;

/// Nanoseconds since 1970 UTC.
pub type FileTime = i64;

/// How far the clock of a disk may be behind the system's.
const TICK: FileTime = 20_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStat {
    pub kind: StatKind,
    /// The twelve permission bits; 0 where the system has none.
    pub mode: u32,
    pub owner: [u32; 2],
    /// Names that the file has.
    pub links: u64,
    pub stamp: Stamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatKind {
    File,
    Folder,
    Link,
    Special,
}

/// The result of looking at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatResult {
    There(FileStat),
    Nothing,
    /// Something on the way to it is no folder, or cannot be looked into.
    Hidden,
}

impl FileStat {
    pub fn of(about: &Metadata) -> Self {
        let kind = match about.file_type() {
            kind if kind.is_file() => StatKind::File,
            kind if kind.is_dir() => StatKind::Folder,
            kind if kind.is_symlink() => StatKind::Link,
            _ => StatKind::Special,
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let stamp = Stamp {
                device: about.dev(),
                inode: about.ino(),
                length: about.len(),
                modified: moment((about.mtime(), about.mtime_nsec())),
                changed: moment((about.ctime(), about.ctime_nsec())),
            };
            let (mode, owner) = (about.mode() & 0o7777, [about.uid(), about.gid()]);
            Self { kind, mode, owner, links: about.nlink(), stamp }.of_kind()
        }
        #[cfg(not(unix))]
        {
            let modified = about.modified().map_or(0, since_1970);
            let stamp = Stamp { device: 0, inode: 0, length: about.len(), modified, changed: 0 };
            Self { kind, mode: 0, owner: [0; 2], links: 1, stamp }
        }
    }

    /// The same, by a descriptor.
    #[cfg(unix)]
    pub fn of_node(node: &NodeStat) -> Self {
        let kind = match () {
            () if node.is_file() => StatKind::File,
            () if node.is_folder() => StatKind::Folder,
            () if node.is_link() => StatKind::Link,
            () => StatKind::Special,
        };
        let stamp = Stamp {
            device: node.device,
            inode: node.inode,
            length: node.length,
            modified: moment(node.modified),
            changed: moment(node.changed),
        };
        let NodeStat { mode, owner, links, .. } = *node;
        Self { kind, mode, owner, links, stamp }.of_kind()
    }

    /// A folder's content has names of its own.
    #[cfg(unix)]
    fn of_kind(self) -> Self {
        if self.kind != StatKind::Folder {
            return self;
        }
        let stamp = Stamp { length: 0, modified: 0, changed: 0, ..self.stamp };
        Self { stamp, links: 1, ..self }
    }

    /// Whether something else stands there now, as far as undo goes: what is in a folder is told by
    /// its own entries.
    pub fn differs_from(&self, before: &Self) -> bool {
        let same_node = self.stamp.node() == before.stamp.node();
        let same_rights =
            self.kind == before.kind && self.mode == before.mode && self.owner == before.owner;
        match self.kind {
            StatKind::Folder => !same_rights,
            StatKind::Special => !same_rights || !same_node,
            StatKind::File | StatKind::Link => !same_rights || self.stamp != before.stamp,
        }
    }

    /// Whether a change after `moment` would show: within one tick of a disk's clock, two writes
    /// look the same.
    pub fn is_settled_at(&self, moment: FileTime) -> bool {
        self.stamp.modified.max(self.stamp.changed).saturating_add(TICK) < moment
    }

    pub fn is_same_node(&self, other: &Stamp) -> bool {
        self.stamp.inode != 0 && self.stamp.node() == other.node()
    }
}

/// Looks at an absolute path. No folder on the way may be a link: it was none when the path
/// was written down.
pub fn look(path: &Path) -> StatResult {
    let mut above: Vec<&Path> = path.ancestors().skip(1).collect();
    above.reverse();
    for folder in above {
        match fs::symlink_metadata(folder) {
            Ok(about) if about.is_dir() => {}
            // Nothing is below a file; what is beyond a link is another place.
            Ok(about) if !about.is_symlink() => return StatResult::Nothing,
            Err(error) if error.kind() == ErrorKind::NotFound => return StatResult::Nothing,
            Ok(_) | Err(_) => return StatResult::Hidden,
        }
    }
    match fs::symlink_metadata(path) {
        Ok(about) => StatResult::There(FileStat::of(&about)),
        Err(error) if error.kind() == ErrorKind::NotFound => StatResult::Nothing,
        Err(_) => StatResult::Hidden,
    }
}

/// Where a link leads, as it is written in it.
pub fn target(path: &Path) -> Option<PathBuf> {
    fs::read_link(path).ok()
}

/// By the clock that files are stamped with: where its next tick is late, it stands still, and a
/// write after this moment may carry an earlier time of the system's finer clock.
#[cfg(target_os = "linux")]
pub fn now() -> FileTime {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
    moment((time.tv_sec, time.tv_nsec))
}

/// Seconds since 1970, and the nanoseconds that are left.
#[cfg(unix)]
fn moment((seconds, rest): (i64, i64)) -> FileTime {
    seconds.saturating_mul(1_000_000_000).saturating_add(rest)
}

#[cfg(not(target_os = "linux"))]
pub fn now() -> FileTime {
    since_1970(SystemTime::now())
}

/// When a file came into being, where the file system tells.
pub fn born(path: &Path) -> Option<FileTime> {
    files::link_born(path).map(since_1970)
}

/// Whether a file that came into being at `born` may have done so after `moment`.
pub fn may_be_since(born: FileTime, moment: FileTime) -> bool {
    born.saturating_add(TICK) >= moment
}

fn since_1970(time: SystemTime) -> FileTime {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| FileTime::try_from(since.as_nanos()).unwrap_or(FileTime::MAX))
}
