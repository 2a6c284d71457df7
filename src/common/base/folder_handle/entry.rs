//! File status of a name in a folder, and reading it. Links are not followed, and pipes not waited
//! for.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
#[cfg(target_os = "linux")]
use std::path::Component;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, Stat, openat};
use rustix::io::Errno;

use super::{FolderHandle, one};

const NO_FILE: &str = "it is not a file";

/// An entry of a folder. While it is held open, its inode number cannot be reused.
#[derive(Debug)]
pub struct Entry {
    stat: NodeStat,
    #[cfg(target_os = "linux")]
    pub(super) held: OwnedFd,
}

/// The disk's status of a file, a folder or a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeStat {
    /// Whether it is a file, a folder, a link or something else.
    pub kind: FileType,
    /// The twelve permission bits.
    pub mode: u32,
    /// The ids of the user and the group.
    pub owner: [u32; 2],
    /// The number of hard links.
    pub links: u64,
    /// The file system's number.
    pub device: u64,
    /// The number within the file system; both together identify a file.
    pub inode: u64,
    /// Bytes.
    pub length: u64,
    /// When the content changed: seconds since 1970, and nanoseconds.
    pub modified: (i64, i64),
    /// When the content or the status changed.
    pub changed: (i64, i64),
}

impl NodeStat {
    #[allow(clippy::unnecessary_cast, reason = "these fields have other types on other systems")]
    pub(super) fn of(stat: &Stat) -> Self {
        Self {
            kind: FileType::from_raw_mode(stat.st_mode),
            mode: stat.st_mode as u32 & 0o7777,
            owner: [stat.st_uid, stat.st_gid],
            links: stat.st_nlink as u64,
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            length: stat.st_size as u64,
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            changed: (stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        }
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == FileType::RegularFile
    }

    /// Whether it is a folder. A link to one is none.
    pub fn is_folder(&self) -> bool {
        self.kind == FileType::Directory
    }

    /// Whether it is a symbolic link.
    pub fn is_link(&self) -> bool {
        self.kind == FileType::Symlink
    }

    /// Whether both are the same file, under any name.
    pub fn is_same_node(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Whether both are the same file with unchanged content; its names and rights may differ.
    pub fn holds_the_same(&self, other: &Self) -> bool {
        self.is_same_node(other)
            && (self.kind, self.length, self.modified) == (other.kind, other.length, other.modified)
    }
}

impl Entry {
    /// The status from the time when it was opened.
    pub fn stat(&self) -> &NodeStat {
        &self.stat
    }
}

/// Opens a regular file for reading, by an absolute path without links.
///
/// # Errors
///
/// An error for a link in the path, a pipe or a device.
pub fn open_file(path: &Path) -> io::Result<File> {
    let (folder, name) = path.parent().zip(path.file_name()).ok_or(ErrorKind::InvalidInput)?;
    #[cfg(target_os = "linux")]
    if path.is_absolute() && !path.components().any(|part| part == Component::ParentDir) {
        use rustix::fs::{CWD, ResolveFlags, openat2};
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
            // Older kernels and some system-call filters do not know it.
            Err(Errno::NOSYS | Errno::PERM) => {}
            opened => {
                let file = File::from(opened?);
                let is_file = file.metadata()?.is_file();
                return if is_file { Ok(file) } else { Err(io::Error::other(NO_FILE)) };
            }
        }
    }
    Ok(FolderHandle::at(folder)?.open_file(name)?.0)
}

impl FolderHandle {
    /// The entry at a name (a link itself, not its target); `None` if there is none.
    ///
    /// # Errors
    ///
    /// The system call's error, except for a missing entry.
    pub fn look(&self, name: &OsStr) -> io::Result<Option<Entry>> {
        let name = one(name)?;
        #[cfg(target_os = "linux")]
        let found = {
            let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            openat(&self.0, name, flags, Mode::empty())
                .and_then(|held| Ok(Entry { stat: NodeStat::of(&rustix::fs::fstat(&held)?), held }))
        };
        #[cfg(not(target_os = "linux"))]
        let found = rustix::fs::statat(&self.0, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)
            .map(|stat| Entry { stat: NodeStat::of(&stat) });
        match found {
            Ok(found) => Ok(Some(found)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a regular file for reading.
    ///
    /// # Errors
    ///
    /// An error for a link, a pipe or a device.
    pub fn open_file(&self, name: &OsStr) -> io::Result<(File, NodeStat)> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.0, one(name)?, flags, Mode::empty())?;
        let stat = NodeStat::of(&rustix::fs::fstat(&file)?);
        match stat.is_file() {
            true => Ok((file.into(), stat)),
            false => Err(io::Error::other(NO_FILE)),
        }
    }

    /// Opens the file that was seen at a name for writing, so that all of its names show the
    /// change.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResourceBusy`] if another file is there now.
    pub fn open_to_write(&self, name: &OsStr, seen: &NodeStat) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.0, one(name)?, flags, Mode::empty())?;
        let stat = NodeStat::of(&rustix::fs::fstat(&file)?);
        match stat.is_file() && stat.is_same_node(seen) {
            true => Ok(file.into()),
            false => Err(super::changed()),
        }
    }

    /// Reads a regular file of at most `largest` bytes; also returns its status from before the
    /// read.
    ///
    /// # Errors
    ///
    /// As [`FolderHandle::open_file`], and if it is larger.
    pub fn read(&self, name: &OsStr, largest: u64) -> io::Result<(Vec<u8>, NodeStat)> {
        let (file, stat) = self.open_file(name)?;
        let mut bytes = Vec::new();
        // The file may grow meanwhile.
        file.take(largest.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > largest {
            let why = format!("it is larger than {largest} bytes");
            return Err(io::Error::new(ErrorKind::FileTooLarge, why));
        }
        Ok((bytes, stat))
    }

    /// Reads the target of a symbolic link.
    ///
    /// # Errors
    ///
    /// The system call's error, also if it is no link.
    pub fn read_link(&self, name: &OsStr) -> io::Result<OsString> {
        let text = rustix::fs::readlinkat(&self.0, one(name)?, Vec::new())?;
        Ok(OsString::from_vec(text.into_bytes()))
    }
}
