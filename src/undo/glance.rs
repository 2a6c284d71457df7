//! What stands at a path, links not followed, without reading it. Does not know what is kept.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970 UTC.
pub(super) type Moment = i128;

/// How far the clock of a disk may be behind the system's.
const TICK: Moment = 20_000_000;

/// What tells a file that was not touched from one that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub length: u64,
    /// Permission bits; 0 where the system has none.
    pub mode: u32,
    pub modified: Moment,
    /// When anything about it changed; no program can set it back. 0 where the system keeps none.
    pub touched: Moment,
    /// Device and inode; 0 where the system has none.
    pub node: [u64; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    File(Stamp),
    Folder,
    Nothing,
    /// A link, a pipe; or something on the way to it is no folder, or cannot be looked into.
    Other,
}

impl Stamp {
    pub(super) fn of(about: &Metadata) -> Self {
        let modified = about.modified().map_or(0, since_1970);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let touched = Moment::from(about.ctime()) * 1_000_000_000 + Moment::from(about.ctime_nsec());
            Self { length: about.len(), mode: about.mode() & 0o777, modified, touched, node: [about.dev(), about.ino()] }
        }
        #[cfg(not(unix))]
        Self { length: about.len(), mode: 0, modified, touched: 0, node: [0; 2] }
    }

    /// Whether a change after `moment` would show: within one tick of a disk's clock, two writes look the same.
    pub(super) fn is_settled_at(&self, moment: Moment) -> bool {
        self.modified.max(self.touched) + TICK < moment
    }

    /// Whether it may have come into being after `moment`. Where the system cannot tell, it may.
    pub(super) fn may_be_newer_than(&self, moment: Moment) -> bool {
        self.touched == 0 || self.touched + TICK >= moment
    }
}

/// What stands at an absolute path. No folder on the way may be a link: it was none when the path was written down.
pub(super) fn glance(path: &Path) -> Found {
    let mut above: Vec<&Path> = path.ancestors().skip(1).collect();
    above.reverse();
    for folder in above {
        match fs::symlink_metadata(folder) {
            Ok(about) if about.is_dir() => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Found::Nothing,
            Ok(_) | Err(_) => return Found::Other,
        }
    }
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_file() => Found::File(Stamp::of(&about)),
        Ok(about) if about.is_dir() => Found::Folder,
        Err(error) if error.kind() == ErrorKind::NotFound => Found::Nothing,
        Ok(_) | Err(_) => Found::Other,
    }
}

pub(super) fn now() -> Moment {
    since_1970(SystemTime::now())
}

fn since_1970(time: SystemTime) -> Moment {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| Moment::try_from(since.as_nanos()).unwrap_or(Moment::MAX))
}
