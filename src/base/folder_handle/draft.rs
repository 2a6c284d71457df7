//! A new file on its way into a folder: written whole before it has its name.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};

use rustix::fs::{AtFlags, OFlags, openat, unlinkat};

use super::{FolderHandle, NodeStat, changed, mode_of, one};

/// Names of files on their way begin and end so.
const PREFIX: &str = ".codling.";
const SUFFIX: &str = ".tmp";

/// Dropped before it is put, it leaves nothing behind.
#[derive(Debug)]
pub struct DraftFile {
    folder: FolderHandle,
    file: File,
    /// Its name for now; a file without any needs none to be removed.
    pub(super) name: Option<OsString>,
}

impl FolderHandle {
    /// A new, empty file for this folder; the umask takes its part from the mode.
    pub fn draft(&self, mode: u32) -> io::Result<DraftFile> {
        let folder = Self(self.0.try_clone()?);
        #[cfg(target_os = "linux")]
        if std::path::Path::new("/proc/self/fd").exists() {
            let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
            // Not every disk can.
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
    /// To be written to, and given rights.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Its mode, whatever the umask says.
    pub fn set_mode(&self, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::fchmod(&self.file, mode_of(mode))?)
    }

    pub fn set_owner(&self, [user, group]: [u32; 2]) -> io::Result<()> {
        std::os::unix::fs::fchown(&self.file, Some(user), Some(group))
    }

    pub fn stat(&self) -> io::Result<NodeStat> {
        Ok(NodeStat::of(&rustix::fs::fstat(&self.file)?))
    }

    /// Gives it a name that nothing has.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] where something has it.
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

    /// Takes the place of what was seen at a name, which must be that file still and as it was.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResourceBusy`] where it is not, or did not stay what it was.
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

    /// A name for now.
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

    /// Its name for now could have been given to something else before the rename.
    fn arrived(&self, name: &OsStr) -> io::Result<()> {
        let stands = self.folder.look(name)?.ok_or_else(changed)?;
        if stands.stat().is_same_node(&self.stat()?) { Ok(()) } else { Err(changed()) }
    }
}

impl Drop for DraftFile {
    fn drop(&mut self) {
        let Some(name) = &self.name else { return };
        if self.arrived(name).is_ok() {
            // What cannot be cleared away does no harm.
            let _left = unlinkat(&self.folder.0, &**name, AtFlags::empty());
        }
    }
}

fn random_name() -> io::Result<OsString> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(format!("{PREFIX}{:016x}{SUFFIX}", u64::from_ne_bytes(random)).into())
}
