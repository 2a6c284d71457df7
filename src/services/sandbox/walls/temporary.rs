//! A command's private temporary folder: made by its supervisor, and gone after it, whoever is left
//! to remove it.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::base::text::hex;

const PREFIX: &str = "codling-";
/// A process that is being ended may still make files.
const DYING: Duration = Duration::from_secs(2);

/// A path under the system's temporary folder that nothing has yet.
///
/// # Errors
///
/// Fails if the system gives no random bytes.
pub fn name() -> io::Result<PathBuf> {
    let mut random = [0; 12];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(std::env::temp_dir().join(format!("{PREFIX}{}", hex(&random))))
}

/// For its owner alone, whatever the umask says. An error if there is such a path already.
///
/// # Errors
///
/// Fails if there is such a path already, or if the folder above it is missing or closed.
pub fn create(path: &Path) -> io::Result<Temporary> {
    let (folder, name) = path.parent().zip(path.file_name()).ok_or(io::ErrorKind::InvalidInput)?;
    let folder = folder.canonicalize()?;
    let made = tempfile::Builder::new()
        .prefix(name)
        .rand_bytes(0)
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(folder)?;
    Ok(Temporary(made))
}

/// How many bytes it holds where it is a file system of its own, in memory: so many, and never more
/// than half of the memory that there is.
#[cfg(target_os = "linux")]
pub fn bound() -> u64 {
    const MOST: u64 = 4 << 30;
    // In kibibytes, in a line of its own.
    let all = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
    });
    // The memory that a container may use, where this runs in one; `max` is no number.
    let own = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let own = own.and_then(|text| text.trim().parse::<u64>().ok());
    [all, own].into_iter().flatten().map(|memory| memory / 2).fold(MOST, u64::min)
}

/// Removed when it is dropped.
#[derive(Debug)]
pub struct Temporary(TempDir);

impl Temporary {
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // A folder that cannot be removed now is tried again when it is dropped, and there is
        // nobody to tell.
        let _stays = remove(self.path());
    }
}

/// Removes what a supervisor that was ended could not. Nothing to do where it could.
pub fn remove_after_death(path: &Path) {
    let start = Instant::now();
    while let Err(error) = remove(path) {
        if start.elapsed() > DYING {
            tracing::warn!(%error, "the temporary folder of a command stays");
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// With what was closed in it. Nothing to do where it is not there.
///
/// # Errors
///
/// Fails if something in it cannot be removed even with its rights restored.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_err() =>
        {
            Ok(())
        }
        Err(_closed) => {
            open_up(path);
            fs::remove_dir_all(path)
        }
    }
}

/// Folders that a command closed can be emptied again. What cannot be opened is found out when it
/// is removed.
fn open_up(folder: &Path) {
    let _refused = fs::set_permissions(folder, Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_private_and_gone_with_what_was_closed_in_it() {
        let path = name().unwrap();
        let made = create(&path).unwrap();
        assert_eq!(made.path().metadata().unwrap().permissions().mode() & 0o7777, 0o700);
        assert!(create(&path).is_err());
        let inner = made.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("file"), "").unwrap();
        for folder in [&inner, inner.parent().unwrap()] {
            fs::set_permissions(folder, Permissions::from_mode(0o0)).unwrap();
        }
        drop(made);
        assert!(!path.exists());
        remove_after_death(&path);
    }
}
