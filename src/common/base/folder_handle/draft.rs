//! Drafts of new files: written whole before they get their name.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};

use rustix::fs::{AtFlags, OFlags, openat, unlinkat};

use super::{FolderHandle, NodeStat, changed, mode_of, one};

/// Names of drafts begin and end with these.
const PREFIX: &str = ".codling.";
const SUFFIX: &str = ".tmp";

/// A draft; dropping it before it is put removes it.
#[derive(Debug)]
pub struct DraftFile {
    folder: FolderHandle,
    file: File,
    /// The temporary name; `None` if the file has no name and vanishes by itself.
    pub(super) name: Option<OsString>,
}

impl FolderHandle {
    /// Makes a new, empty draft for this folder; the umask applies to the mode.
    ///
    /// # Errors
    ///
    /// Any failure to make the file.
    pub fn draft(&self, mode: u32) -> io::Result<DraftFile> {
        let folder = Self(self.0.try_clone()?);
        #[cfg(target_os = "linux")]
        if std::path::Path::new("/proc/self/fd").exists() {
            let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
            // Some disks do not support it.
            if let Ok(file) = openat(&self.0, ".", flags, mode_of(mode)) {
                return Ok(DraftFile { folder, file: file.into(), name: None });
            }
        }
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::RDWR;
        loop {
            let name = random_name()?;
            match openat(&self.0, &*name, flags | OFlags::CLOEXEC, mode_of(mode)) {
                Err(rustix::io::Errno::EXIST) => {}
                made => return Ok(DraftFile { folder, file: made?.into(), name: Some(name) }),
            }
        }
    }
}

impl DraftFile {
    /// The open file, to write to and to set rights on.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Sets the mode, without the umask.
    ///
    /// # Errors
    ///
    /// The system call's error.
    pub fn set_mode(&self, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::fchmod(&self.file, mode_of(mode))?)
    }

    /// Sets the ids of the user and the group; only root may give files away.
    ///
    /// # Errors
    ///
    /// The system call's error.
    pub fn set_owner(&self, [user, group]: [u32; 2]) -> io::Result<()> {
        std::os::unix::fs::fchown(&self.file, Some(user), Some(group))
    }

    /// Reads the draft's status.
    ///
    /// # Errors
    ///
    /// The system call's error.
    pub fn stat(&self) -> io::Result<NodeStat> {
        Ok(NodeStat::of(&rustix::fs::fstat(&self.file)?))
    }

    /// Gives the draft an unused name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if the name is taken.
    pub fn put_new(mut self, name: &OsStr) -> io::Result<()> {
        match self.name.take() {
            None => self.link(name),
            Some(draft) => {
                let renamed = self.folder.rename_new(&draft, &self.folder, name);
                self.name = Some(draft).filter(|_| renamed.is_err());
                renamed?;
                self.arrived(name)
            }
        }
    }

    /// Replaces the file that was seen at a name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResourceBusy`] if another file is there now, or it was changed.
    pub fn put_over(mut self, name: &OsStr, seen: &NodeStat) -> io::Result<()> {
        if self.name.is_none() {
            self.name = Some(self.linked()?);
        }
        let now = self.folder.look(name)?.ok_or_else(changed)?;
        if !now.stat().holds_the_same(seen) {
            return Err(changed());
        }
        let Some(draft) = self.name.take() else { return Err(changed()) };
        let renamed = self.folder.rename(&draft, name);
        self.name = Some(draft).filter(|_| renamed.is_err());
        renamed?;
        self.arrived(name)
    }

    /// Returns a temporary name for the draft, and makes one if it has none.
    fn linked(&self) -> io::Result<OsString> {
        loop {
            let name = random_name()?;
            match self.link(&name) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                linked => return linked.map(|()| name),
            }
        }
    }

    #[cfg(target_os = "linux")]
    pub(super) fn link(&self, name: &OsStr) -> io::Result<()> {
        let (from, name) = (super::named(&self.file), one(name)?);
        let follow = AtFlags::SYMLINK_FOLLOW;
        Ok(rustix::fs::linkat(rustix::fs::CWD, from, &self.folder.0, name, follow)?)
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn link(&self, name: &OsStr) -> io::Result<()> {
        one(name)?;
        Err(ErrorKind::Unsupported.into())
    }

    /// Checks that the rename moved the draft: its temporary name could have been taken by another
    /// file.
    fn arrived(&self, name: &OsStr) -> io::Result<()> {
        let stands = self.folder.look(name)?.ok_or_else(changed)?;
        if stands.stat().is_same_node(&self.stat()?) { Ok(()) } else { Err(changed()) }
    }
}

impl Drop for DraftFile {
    fn drop(&mut self) {
        let Some(name) = &self.name else { return };
        if self.arrived(name).is_ok() {
            // A leftover file does no harm.
            let _left = unlinkat(&self.folder.0, &**name, AtFlags::empty());
        }
    }
}

fn random_name() -> io::Result<OsString> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(format!("{PREFIX}{:016x}{SUFFIX}", u64::from_ne_bytes(random)).into())
}
