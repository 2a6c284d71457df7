//! A folder held open by its descriptor, and acts on names in it (`openat` and its like): for files below a folder that another process may be changing.
//!
//! No act follows a symbolic link or `..`: a folder that is exchanged for a link meanwhile leads nobody out. Nothing is ever written into a file that is
//! there, which may have a second name elsewhere.

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

/// Opening a folder to act in it, which needs no right to list it.
#[cfg(target_os = "linux")]
const HOLD: OFlags = OFlags::PATH;
/// `O_SEARCH`, together with [`OFlags::DIRECTORY`].
#[cfg(target_os = "macos")]
const HOLD: OFlags = OFlags::from_bits_retain(0x4000_0000);
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
const HOLD: OFlags = OFlags::RDONLY;

/// Stays this folder, wherever it is moved and whatever takes its name.
#[derive(Debug)]
pub struct FolderHandle(OwnedFd);

/// A name in a folder, and what stands there as far as the listing says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedName {
    pub name: OsString,
    pub kind: FileType,
}

impl FolderHandle {
    /// Opens a folder by its path. Links on the way are followed: only for a path that nobody else can be changing.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::opened(CWD, path, OFlags::empty())
    }

    /// Opens a folder by an absolute path without links. A link on the way is an error.
    pub fn at(path: &Path) -> io::Result<Self> {
        let inner = path.strip_prefix("/").map_err(|_relative| not_one_name(path.as_os_str()))?;
        Self::open(Path::new("/"))?.walk(inner)
    }

    /// The folder of that name in this one. A link is [`io::ErrorKind::NotADirectory`].
    pub fn subfolder(&self, name: &OsStr) -> io::Result<Self> {
        Self::opened(&self.0, Path::new(one(name)?), OFlags::NOFOLLOW)
    }

    /// The folder at a path below this one, part by part; an empty path is this one.
    pub fn walk(&self, path: &Path) -> io::Result<Self> {
        let mut at = Self(self.0.try_clone()?);
        for part in path.components() {
            let Component::Normal(name) = part else { return Err(not_one_name(path.as_os_str())) };
            at = at.subfolder(name)?;
        }
        Ok(at)
    }

    /// The folder that holds what a path below this one names, and its name there.
    pub fn holder<'a>(&self, path: &'a Path) -> io::Result<(Self, &'a OsStr)> {
        let name = path.file_name().ok_or_else(|| not_one_name(path.as_os_str()))?;
        Ok((self.walk(path.parent().unwrap_or(Path::new("")))?, name))
    }

    /// The names in it, in no order.
    pub fn list(&self) -> io::Result<Vec<ListedName>> {
        let mut names = Vec::new();
        for entry in Dir::new(self.listable()?)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                // Some disks do not say it here.
                FileType::Unknown => self.look(name)?.map(|found| found.stat().kind),
                known => Some(known),
            };
            names.extend(kind.map(|kind| ListedName { name: name.to_owned(), kind }));
        }
        Ok(names)
    }

    /// The folder itself.
    pub fn stat(&self) -> io::Result<NodeStat> {
        Ok(NodeStat::of(&rustix::fs::fstat(&self.0)?))
    }

    /// Where it is by now; `None` where that cannot be told, as when it was removed.
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

    /// A path that leads to this folder as long as the handle is there, whatever becomes of its name; `None` where the system has no such paths.
    pub fn fixed_path(&self) -> Option<PathBuf> {
        #[cfg(target_os = "linux")]
        return Some(PathBuf::from(named(&self.0))).filter(|path| path.exists());
        #[cfg(not(target_os = "linux"))]
        return None;
    }

    /// Its names reach the disk.
    pub fn sync(&self) -> io::Result<()> {
        File::from(self.listable()?).sync_all()
    }

    /// Changes its mode, also where that is what keeps it from being looked into.
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

/// A descriptor that is only held cannot be given a mode itself; its name in `/proc` can, and leads nowhere else.
fn set_mode(held: &OwnedFd, mode: u32) -> io::Result<()> {
    let mode = mode_of(mode);
    #[cfg(target_os = "linux")]
    return Ok(rustix::fs::chmod(named(held), mode)?);
    #[cfg(not(target_os = "linux"))]
    return Ok(rustix::fs::fchmod(held, mode)?);
}

/// The path by which the kernel knows an open file of this process.
#[cfg(target_os = "linux")]
fn named(held: &impl std::os::fd::AsRawFd) -> String {
    format!("/proc/self/fd/{}", held.as_raw_fd())
}

#[allow(clippy::unnecessary_cast, reason = "modes have 16 bits on some systems")]
fn mode_of(mode: u32) -> Mode {
    Mode::from_raw_mode((mode & 0o7777) as rustix::fs::RawMode)
}

/// A name that stands for nothing but an entry of the folder it is looked up in.
fn one(name: &OsStr) -> io::Result<&OsStr> {
    let is_one = !matches!(name.as_bytes(), b"" | b"." | b"..") && !name.as_bytes().contains(&b'/');
    if is_one { Ok(name) } else { Err(not_one_name(name)) }
}

fn not_one_name(name: &OsStr) -> io::Error {
    let why = format!("`{}` does not name one entry of a folder", name.display());
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

/// Something else came to stand at a name between two looks.
fn changed() -> io::Error {
    io::Error::new(io::ErrorKind::ResourceBusy, "it was changed meanwhile")
}

#[cfg(test)]
mod tests;
