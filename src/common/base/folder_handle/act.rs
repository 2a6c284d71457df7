//! Renaming, removing and creating names in a folder. No function replaces a file that the caller
//! did not name.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};

use rustix::fs::{AtFlags, linkat, mkdirat, symlinkat, unlinkat};
use rustix::io::Errno;

use super::{Entry, FolderHandle, NodeStat, changed, mode_of, one};

/// The suffix of a file that was set aside; a number follows if the name is taken.
pub const ASIDE: &str = ".set-aside";
/// How many names are tried.
const TRIES: u32 = 1_000;

impl FolderHandle {
    /// Renames the entry that was seen at a name to the first free one of `name.set-aside`,
    /// `name.set-aside-2` and so on. Returns the new name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResourceBusy`] if the name now stands for another entry, which stays there.
    pub fn set_aside(&self, name: &OsStr, seen: &NodeStat) -> io::Result<OsString> {
        for number in 1..=TRIES {
            let mut aside = name.to_owned();
            aside.push(ASIDE);
            if number > 1 {
                aside.push(format!("-{number}"));
            }
            match self.rename_new(name, self, &aside) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                renamed => renamed?,
            }
            let moved = self.look(&aside)?;
            if moved.is_some_and(|moved| moved.stat().is_same_node(seen)) {
                return Ok(aside);
            }
            // If this fails too, a third entry has the name, and this one stays beside it.
            let _back = self.rename_new(&aside, self, name);
            return Err(changed());
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    /// Renames an entry (a link itself, not its target) to an unused name in this or another
    /// folder.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if the new name is taken.
    pub fn rename_new(&self, name: &OsStr, to: &Self, new: &OsStr) -> io::Result<()> {
        let (name, new) = (one(name)?, one(new)?);
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        {
            use rustix::fs::{RenameFlags, renameat_with};
            match renameat_with(&self.0, name, &to.0, new, RenameFlags::NOREPLACE) {
                // Some disks do not support it.
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                done => return Ok(done?),
            }
        }
        let stat = self.look(name)?.ok_or(ErrorKind::NotFound)?;
        if stat.stat().is_folder() {
            // A folder can replace only an empty folder, and this one is new.
            mkdirat(&to.0, new, mode_of(0o700))?;
            return Ok(rustix::fs::renameat(&self.0, name, &to.0, new)?);
        }
        linkat(&self.0, name, &to.0, new, AtFlags::empty())?;
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Renames over the file that was seen at a name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResourceBusy`] if another file is there now, or it was changed.
    pub fn rename_over(&self, name: &OsStr, new: &OsStr, seen: &NodeStat) -> io::Result<()> {
        let now = self.look(new)?.ok_or_else(changed)?;
        if !now.stat().holds_the_same(seen) {
            return Err(changed());
        }
        self.rename(name, new)
    }

    /// Renames and replaces any entry of the new name.
    pub(super) fn rename(&self, name: &OsStr, new: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, one(name)?, &self.0, one(new)?)?)
    }

    /// Adds a hard link under an unused name. A symbolic link gets the name itself.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if the new name is taken.
    pub fn link(&self, name: &OsStr, to: &Self, new: &OsStr) -> io::Result<()> {
        Ok(linkat(&self.0, one(name)?, &to.0, one(new)?, AtFlags::empty())?)
    }

    /// Makes a symbolic link under an unused name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if the name is taken.
    pub fn symlink(&self, target: &OsStr, name: &OsStr) -> io::Result<()> {
        Ok(symlinkat(target, &self.0, one(name)?)?)
    }

    /// Makes a folder under an unused name; the umask applies to the mode.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if the name is taken.
    pub fn make_folder(&self, name: &OsStr, mode: u32) -> io::Result<Self> {
        mkdirat(&self.0, one(name)?, mode_of(mode))?;
        self.subfolder(name)
    }

    /// Removes a name if it still stands for the entry that was seen.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResourceBusy`] if another entry is there now.
    pub fn remove(&self, name: &OsStr, seen: &NodeStat) -> io::Result<()> {
        let now = self.look(name)?.ok_or(ErrorKind::NotFound)?;
        if !now.stat().is_same_node(seen) {
            return Err(changed());
        }
        let flags = if now.stat().is_folder() { AtFlags::REMOVEDIR } else { AtFlags::empty() };
        Ok(unlinkat(&self.0, one(name)?, flags)?)
    }

    /// Removes an empty folder.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::DirectoryNotEmpty`] if it holds anything.
    pub fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, one(name)?, AtFlags::REMOVEDIR)?)
    }

    /// Changes the mode of the entry that was seen at a name; links have no mode.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResourceBusy`] if another entry is there now.
    pub fn set_mode_of(&self, name: &OsStr, seen: &Entry, mode: u32) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            let _by_its_descriptor = name;
            super::set_mode(&seen.held, mode)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let now = self.look(name)?.ok_or(ErrorKind::NotFound)?;
            if !now.stat().is_same_node(seen.stat()) {
                return Err(changed());
            }
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            Ok(rustix::fs::chmodat(&self.0, one(name)?, mode_of(mode), flags)?)
        }
    }

    /// Changes the owner of the entry that was seen at a name (a link itself, not its target).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResourceBusy`] if another entry is there now; only root may give files away.
    pub fn set_owner_of(&self, name: &OsStr, seen: &Entry, owner: [u32; 2]) -> io::Result<()> {
        let [user, group] = owner;
        let user = Some(rustix::fs::Uid::from_raw(user));
        let group = Some(rustix::fs::Gid::from_raw(group));
        #[cfg(target_os = "linux")]
        {
            let _by_its_descriptor = name;
            Ok(rustix::fs::chownat(&seen.held, "", user, group, AtFlags::EMPTY_PATH)?)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let now = self.look(name)?.ok_or(ErrorKind::NotFound)?;
            if !now.stat().is_same_node(seen.stat()) {
                return Err(changed());
            }
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            Ok(rustix::fs::chownat(&self.0, one(name)?, user, group, flags)?)
        }
    }
}
