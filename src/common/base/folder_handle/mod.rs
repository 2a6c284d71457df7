//! Folders held open by their descriptor, with functions that act on names in them (`openat` and
//! others), for folders that another process may be changing.
//!
//! No function follows a symbolic link or `..`: a folder exchanged for a link cannot lead outside.
//! No function writes into an existing file, which may have a second name elsewhere.

mod act;
mod draft;
mod entry;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, openat};

pub use act::ASIDE;
pub use draft::DraftFile;
pub use entry::{Entry, NodeStat, open_file};

/// Opens a folder to act in it, without the right to list it.
#[cfg(target_os = "linux")]
const HOLD: OFlags = OFlags::PATH;
/// `O_SEARCH` with [`OFlags::DIRECTORY`].
#[cfg(target_os = "macos")]
const HOLD: OFlags = OFlags::from_bits_retain(0x4000_0000);
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
const HOLD: OFlags = OFlags::RDONLY;

/// An open folder. It stays the same folder when it is moved or its name is reused.
#[derive(Debug)]
pub struct FolderHandle(OwnedFd);

/// A name in a folder, and the kind of its entry if the listing says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedName {
    /// The name alone, without its folder.
    pub name: OsString,
    /// `Unknown` if the listing does not say it.
    pub kind: FileType,
}

impl FolderHandle {
    /// Opens a folder by its path, following links. Use it only for a path that nobody else can
    /// change.
    ///
    /// # Errors
    ///
    /// The system call's error.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::opened(CWD, path, OFlags::empty())
    }

    /// Opens a folder by an absolute path without links.
    ///
    /// # Errors
    ///
    /// An error for a link in the path.
    pub fn at(path: &Path) -> io::Result<Self> {
        let inner = path.strip_prefix("/").map_err(|_relative| not_one_name(path.as_os_str()))?;
        Self::open(Path::new("/"))?.walk(inner)
    }

    /// Opens a folder in this one.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::NotADirectory`] for a link.
    pub fn subfolder(&self, name: &OsStr) -> io::Result<Self> {
        Self::opened(&self.0, Path::new(one(name)?), OFlags::NOFOLLOW)
    }

    /// Opens a folder below this one, part by part; an empty path is this folder.
    ///
    /// # Errors
    ///
    /// As [`FolderHandle::subfolder`] for each part.
    pub fn walk(&self, path: &Path) -> io::Result<Self> {
        let mut at = Self(self.0.try_clone()?);
        for part in path.components() {
            let Component::Normal(name) = part else { return Err(not_one_name(path.as_os_str())) };
            at = at.subfolder(name)?;
        }
        Ok(at)
    }

    /// Opens the folder that contains a path below this one; also returns the last part of the
    /// path.
    ///
    /// # Errors
    ///
    /// As [`FolderHandle::walk`].
    pub fn holder<'a>(&self, path: &'a Path) -> io::Result<(Self, &'a OsStr)> {
        let name = path.file_name().ok_or_else(|| not_one_name(path.as_os_str()))?;
        Ok((self.walk(path.parent().unwrap_or(Path::new("")))?, name))
    }

    /// Lists the folder, in no order.
    ///
    /// # Errors
    ///
    /// The system call's error.
    pub fn list(&self) -> io::Result<Vec<ListedName>> {
        let mut names = Vec::new();
        for entry in Dir::new(self.listable()?)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                // Some disks do not give it in a listing.
                FileType::Unknown => self.look(name)?.map(|found| found.stat().kind),
                known => Some(known),
            };
            names.extend(kind.map(|kind| ListedName { name: name.to_owned(), kind }));
        }
        Ok(names)
    }

    /// The status of the folder itself.
    ///
    /// # Errors
    ///
    /// The system call's error.
    pub fn stat(&self) -> io::Result<NodeStat> {
        Ok(NodeStat::of(&rustix::fs::fstat(&self.0)?))
    }

    /// The folder's path now; `None` if it is unknown, for example after it was removed.
    pub fn path(&self) -> Option<PathBuf> {
        self.stat().ok().filter(|stat| stat.links > 0)?;
        #[cfg(target_os = "linux")]
        return std::fs::read_link(named(&self.0)).ok().filter(|path| path.is_absolute());
        #[cfg(target_os = "macos")]
        return rustix::fs::getpath(&self.0)
            .ok()
            .map(|path| OsStr::from_bytes(path.to_bytes()).into());
        #[cfg(not(any(target_os = "linux", target_os = "macos")))]
        return None;
    }

    /// A path that leads to this folder while the handle is open, even if it is renamed; `None` if
    /// the system has no such paths.
    pub fn fixed_path(&self) -> Option<PathBuf> {
        #[cfg(target_os = "linux")]
        return Some(PathBuf::from(named(&self.0))).filter(|path| path.exists());
        #[cfg(not(target_os = "linux"))]
        return None;
    }

    /// Syncs the folder's names to the disk.
    ///
    /// # Errors
    ///
    /// The system call's error.
    pub fn sync(&self) -> io::Result<()> {
        File::from(self.listable()?).sync_all()
    }

    /// Changes the folder's mode, even if the present mode forbids to enter it.
    ///
    /// # Errors
    ///
    /// The system call's error.
    pub fn set_mode(&self, mode: u32) -> io::Result<()> {
        set_mode(&self.0, mode)
    }

    fn listable(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(openat(&self.0, ".", flags, Mode::empty())?)
    }

    fn opened(at: impl rustix::fd::AsFd, path: &Path, more: OFlags) -> io::Result<Self> {
        let flags = HOLD | OFlags::DIRECTORY | OFlags::CLOEXEC | more;
        Ok(Self(openat(at, path, flags, Mode::empty())?))
    }
}

/// Changes the mode by the descriptor's name in `/proc`, because an `O_PATH` descriptor does not
/// allow it.
fn set_mode(held: &OwnedFd, mode: u32) -> io::Result<()> {
    let mode = mode_of(mode);
    #[cfg(target_os = "linux")]
    return Ok(rustix::fs::chmod(named(held), mode)?);
    #[cfg(not(target_os = "linux"))]
    return Ok(rustix::fs::fchmod(held, mode)?);
}

/// The kernel's path for an open file of this process.
#[cfg(target_os = "linux")]
fn named(held: &impl std::os::fd::AsRawFd) -> String {
    format!("/proc/self/fd/{}", held.as_raw_fd())
}

#[allow(clippy::unnecessary_cast, reason = "modes have 16 bits on some systems")]
fn mode_of(mode: u32) -> Mode {
    Mode::from_raw_mode((mode & 0o7777) as rustix::fs::RawMode)
}

/// Refuses names with `/`, `.` and `..`.
fn one(name: &OsStr) -> io::Result<&OsStr> {
    let is_one = !matches!(name.as_bytes(), b"" | b"." | b"..") && !name.as_bytes().contains(&b'/');
    if is_one { Ok(name) } else { Err(not_one_name(name)) }
}

fn not_one_name(name: &OsStr) -> io::Error {
    let why = format!("`{}` does not name one entry of a folder", name.display());
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

/// The error for an entry that changed between two looks.
fn changed() -> io::Error {
    io::Error::new(io::ErrorKind::ResourceBusy, "it was changed meanwhile")
}

#[cfg(test)]
mod tests;
