//! Path handles by the descriptors of their folders.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use crate::base::Attributes;
use crate::base::folder_handle::{DraftFile, Entry, FolderHandle, NodeStat};
use crate::protocol::{FileState, NodeKind};
use crate::undo::scan::stat::FileStat;

use super::not_given_back;

#[derive(Debug)]
pub(in crate::undo) struct PathHandle {
    folder: FolderHandle,
    name: OsString,
}

/// A file that was seen at a path. While it is held, its number is not given to another file.
#[derive(Debug)]
pub(in crate::undo) struct SeenFile(Entry);

/// A file on its way to its path.
#[derive(Debug)]
pub(in crate::undo) struct Draft(DraftFile);

impl SeenFile {
    pub(in crate::undo) fn stat(&self) -> FileStat {
        FileStat::of_node(self.0.stat())
    }
}

impl PathHandle {
    /// The handle of an absolute path without links. Fails where its folder is not there, or a link
    /// is on the way.
    pub(in crate::undo) fn of(path: &Path) -> io::Result<Self> {
        let (folder, name) = parts(path)?;
        Ok(Self { folder: FolderHandle::at(folder)?, name: name.to_owned() })
    }

    /// The same, with the missing folders made.
    pub(in crate::undo) fn making(path: &Path) -> io::Result<Self> {
        let (above, name) = parts(path)?;
        let mut folder = FolderHandle::at(Path::new("/"))?;
        for part in above.components() {
            let Component::Normal(part) = part else { continue };
            folder = match folder.subfolder(part) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    folder.make_folder(part, 0o777)?
                }
                found => found?,
            };
        }
        Ok(Self { folder, name: name.to_owned() })
    }

    /// The file that is there; `None` if there is none.
    pub(in crate::undo) fn look(&self) -> io::Result<Option<SeenFile>> {
        Ok(self.folder.look(&self.name)?.map(SeenFile))
    }

    /// Opens a regular file to read it.
    pub(in crate::undo) fn open(&self) -> io::Result<File> {
        Ok(self.folder.open_file(&self.name)?.0)
    }

    /// Opens the file that was seen there to write to it, by whichever of its names, also where its
    /// mode forbids that.
    pub(in crate::undo) fn open_through(&self, seen: &SeenFile) -> io::Result<File> {
        let stat = seen.0.stat();
        match self.folder.open_to_write(&self.name, stat) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                self.folder.set_mode_of(&self.name, &seen.0, stat.mode | 0o200)?;
                self.folder.open_to_write(&self.name, stat)
            }
            opened => opened,
        }
    }

    /// Where a link leads; `None` where none stands there.
    pub(in crate::undo) fn target(&self) -> Option<PathBuf> {
        self.folder.read_link(&self.name).ok().map(PathBuf::from)
    }

    /// Removes what was seen there: a file, a link or an empty folder.
    pub(in crate::undo) fn remove(&self, seen: &SeenFile) -> io::Result<()> {
        self.folder.remove(&self.name, seen.0.stat())
    }

    pub(in crate::undo) fn remove_folder(&self) -> io::Result<()> {
        self.folder.remove_folder(&self.name)
    }

    pub(in crate::undo) fn make_folder(&self) -> io::Result<()> {
        self.folder.make_folder(&self.name, 0o777).map(drop)
    }

    /// Moves what stands there to a path where nothing is.
    pub(in crate::undo) fn move_to(&self, to: &Self) -> io::Result<()> {
        self.folder.rename_new(&self.name, &to.folder, &to.name)
    }

    /// An empty file for this path.
    pub(in crate::undo) fn draft(&self) -> io::Result<Draft> {
        self.folder.draft(0o600).map(Draft)
    }

    /// Puts a draft there: over what was seen, or where nothing is.
    pub(in crate::undo) fn put(&self, draft: Draft, seen: Option<&SeenFile>) -> io::Result<()> {
        match seen {
            Some(seen) => draft.0.put_over(&self.name, seen.0.stat()),
            None => draft.0.put_new(&self.name),
        }
    }

    /// Puts a symbolic link there: over what was seen, or where nothing is.
    pub(in crate::undo) fn put_link(
        &self,
        target: &Path,
        to: Option<&FileState>,
        seen: Option<&SeenFile>,
    ) -> io::Result<()> {
        self.put_by_name(seen, |draft| {
            self.folder.symlink(target.as_os_str(), draft)?;
            let made = Self { folder: self.folder.walk(Path::new(""))?, name: draft.to_owned() };
            made.set_owner(to)
        })
    }

    /// Makes this a further name of the file that stands at another path, which must be `file`.
    pub(in crate::undo) fn put_name_of(
        &self,
        other: &Self,
        file: &SeenFile,
        seen: Option<&SeenFile>,
    ) -> io::Result<()> {
        self.put_by_name(seen, |draft| {
            other.folder.link(&other.name, &self.folder, draft)?;
            let linked = self.folder.look(draft)?;
            match linked.is_some_and(|linked| linked.stat().is_same_node(file.0.stat())) {
                true => Ok(()),
                false => Err(io::Error::other(crate::undo::restore::prepare::OVERTAKEN)),
            }
        })
    }

    /// Makes a file under a temporary name first, and then renames it.
    fn put_by_name(
        &self,
        seen: Option<&SeenFile>,
        make: impl FnOnce(&OsStr) -> io::Result<()>,
    ) -> io::Result<()> {
        let draft = crate::undo::store::leftovers::draft_name();
        let put = make(&draft).and_then(|()| match seen {
            Some(seen) => self.folder.rename_over(&draft, &self.name, seen.0.stat()),
            None => self.folder.rename_new(&draft, &self.folder, &self.name),
        });
        if put.is_err()
            && let Ok(Some(made)) = self.folder.look(&draft)
        {
            let _left = self.folder.remove(&draft, made.stat());
        }
        put
    }

    /// Mode and owner, where they are recorded and different. The owner first: giving a file away
    /// takes rights from it.
    pub(in crate::undo) fn set_rights(&self, to: Option<&FileState>) -> io::Result<()> {
        self.set_owner(to)?;
        let Some(to) = to.filter(|to| !matches!(to.kind, NodeKind::Link { .. })) else {
            return Ok(());
        };
        let now = self.folder.look(&self.name)?.ok_or(ErrorKind::NotFound)?;
        if now.stat().is_link() || now.stat().mode == to.mode {
            return Ok(());
        }
        self.folder.set_mode_of(&self.name, &now, to.mode)
    }

    fn set_owner(&self, to: Option<&FileState>) -> io::Result<()> {
        let Some(owner) = to.and_then(|to| to.owner) else { return Ok(()) };
        let now = self.folder.look(&self.name)?.ok_or(ErrorKind::NotFound)?;
        if now.stat().owner == owner {
            return Ok(());
        }
        let set = self.folder.set_owner_of(&self.name, &now, owner);
        set.map_err(|error| not_given_back(&error))
    }

    /// The extended attributes of the file, as far as they can be read.
    pub(in crate::undo) fn attributes(&self) -> Attributes {
        self.open().and_then(Attributes::of).unwrap_or_default()
    }
}

impl Draft {
    pub(in crate::undo) fn file(&mut self) -> &mut File {
        self.0.file()
    }

    /// Mode and owner, as [`PathHandle::set_rights`] gives them.
    pub(in crate::undo) fn set_rights(&self, to: Option<&FileState>) -> io::Result<()> {
        let Some(to) = to else { return Ok(()) };
        let NodeStat { owner: now, .. } = self.0.stat()?;
        if let Some(owner) = to.owner.filter(|owner| *owner != now) {
            self.0.set_owner(owner).map_err(|error| not_given_back(&error))?;
        }
        self.0.set_mode(to.mode)
    }
}

fn parts(path: &Path) -> io::Result<(&Path, &OsStr)> {
    path.parent().zip(path.file_name()).ok_or_else(|| ErrorKind::InvalidInput.into())
}
