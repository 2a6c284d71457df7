//! Renaming, removing and making names in a folder. No act takes the place of what it was not told of.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};

use rustix::fs::{AtFlags, linkat, mkdirat, symlinkat, unlinkat};
use rustix::io::Errno;

use super::{Entry, FolderHandle, NodeStat, changed, mode_of, one};

/// Ends the name of what was set aside; a number follows where that is taken.
pub const ASIDE: &str = ".set-aside";
/// Names that are tried before it gives up.
const TRIES: u32 = 1_000;

impl FolderHandle {
    /// Renames what was seen at a name to the first free one of `name.set-aside`, `name.set-aside-2` and so on, and returns that.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResourceBusy`] where something else stands there by now; that stays where it is.
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
            // Where that fails, a third thing has come, and this one is beside it.
            let _back = self.rename_new(&aside, self, name);
            return Err(changed());
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    /// Renames what stands at a name, itself if it is a link, to one that nothing has, in this folder or another.
    pub fn rename_new(&self, name: &OsStr, to: &Self, new: &OsStr) -> io::Result<()> {
        let (name, new) = (one(name)?, one(new)?);
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        {
            use rustix::fs::{RenameFlags, renameat_with};
            match renameat_with(&self.0, name, &to.0, new, RenameFlags::NOREPLACE) {
                // Not every disk can.
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                done => return Ok(done?),
            }
        }
        let stat = self.look(name)?.ok_or(ErrorKind::NotFound)?;
        if stat.stat().is_folder() {
            // A folder takes the place of an empty one alone, and this one is new.
            mkdirat(&to.0, new, mode_of(0o700))?;
            return Ok(rustix::fs::renameat(&self.0, name, &to.0, new)?);
        }
        linkat(&self.0, name, &to.0, new, AtFlags::empty())?;
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Renames over what was seen at a name, which must be that file still and as it was.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResourceBusy`] where it is not.
    pub fn rename_over(&self, name: &OsStr, new: &OsStr, seen: &NodeStat) -> io::Result<()> {
        let now = self.look(new)?.ok_or_else(changed)?;
        if !now.stat().holds_the_same(seen) {
            return Err(changed());
        }
        self.rename(name, new)
    }

    /// Renames over what stands there.
    pub(super) fn rename(&self, name: &OsStr, new: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, one(name)?, &self.0, one(new)?)?)
    }

    /// Gives a file a further name that nothing has. A link gets the name itself.
    pub fn link(&self, name: &OsStr, to: &Self, new: &OsStr) -> io::Result<()> {
        Ok(linkat(&self.0, one(name)?, &to.0, one(new)?, AtFlags::empty())?)
    }

    /// Makes a symbolic link where nothing is.
    pub fn symlink(&self, target: &OsStr, name: &OsStr) -> io::Result<()> {
        Ok(symlinkat(target, &self.0, one(name)?)?)
    }

    /// Makes a folder where nothing is; the umask takes its part from the mode.
    pub fn make_folder(&self, name: &OsStr, mode: u32) -> io::Result<Self> {
        mkdirat(&self.0, one(name)?, mode_of(mode))?;
        self.subfolder(name)
    }

    /// Removes a name that still stands for what was seen there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResourceBusy`] where something else stands there by now.
    pub fn remove(&self, name: &OsStr, seen: &NodeStat) -> io::Result<()> {
        let now = self.look(name)?.ok_or(ErrorKind::NotFound)?;
        if !now.stat().is_same_node(seen) {
            return Err(changed());
        }
        let flags = if now.stat().is_folder() { AtFlags::REMOVEDIR } else { AtFlags::empty() };
        Ok(unlinkat(&self.0, one(name)?, flags)?)
    }

    /// Removes an empty folder.
    pub fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, one(name)?, AtFlags::REMOVEDIR)?)
    }

    /// Changes the mode of what was seen at a name; a link has none.
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

    /// Changes the owner of what was seen at a name, itself if it is a link.
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
