//! When files came into being. The standard library asks Linux for it only through glibc, and the
//! programs that are shipped are built without.

use std::path::Path;
use std::time::SystemTime;

/// The time of a file or folder, or of what a link leads to; `None` where the file system knows
/// none.
pub fn born(path: &Path) -> Option<SystemTime> {
    #[cfg(target_os = "linux")]
    return asked(path, rustix::fs::AtFlags::empty());
    #[cfg(not(target_os = "linux"))]
    return std::fs::metadata(path).ok()?.created().ok();
}

/// The same, of a link itself.
pub fn link_born(path: &Path) -> Option<SystemTime> {
    #[cfg(target_os = "linux")]
    return asked(path, rustix::fs::AtFlags::SYMLINK_NOFOLLOW);
    #[cfg(not(target_os = "linux"))]
    return std::fs::symlink_metadata(path).ok()?.created().ok();
}

#[cfg(target_os = "linux")]
fn asked(path: &Path, flags: rustix::fs::AtFlags) -> Option<SystemTime> {
    use std::time::{Duration, UNIX_EPOCH};

    use rustix::fs::{CWD, StatxFlags, statx};
    let about = statx(CWD, path, flags, StatxFlags::BTIME).ok()?;
    if about.stx_mask & StatxFlags::BTIME.bits() == 0 {
        return None;
    }
    let seconds = about.stx_btime.tv_sec.try_into().ok()?;
    UNIX_EPOCH.checked_add(Duration::new(seconds, about.stx_btime.tv_nsec))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_file_says_when_it_came_into_being_and_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let before = SystemTime::now();
        fs::write(&file, "first").unwrap();
        let first = born(&file).unwrap();
        // The clock of a disk may be a tick behind.
        assert!(first + Duration::from_secs(1) > before && first <= SystemTime::now());
        fs::write(&file, "second").unwrap();
        assert_eq!((born(&file), link_born(&file)), (Some(first), Some(first)));
        assert_eq!(born(&folder.path().join("none")), None);
    }
}
