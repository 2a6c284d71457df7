//! Path handles that are paths alone, on systems without descriptors of folders.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::base::Attributes;
use crate::protocol::FileState;
use crate::undo::scan::stat::FileStat;

#[derive(Debug)]
pub(in crate::undo) struct PathHandle(PathBuf);

#[derive(Debug)]
pub(in crate::undo) struct SeenFile(FileStat);

#[derive(Debug)]
pub(in crate::undo) struct Draft(NamedTempFile);

impl SeenFile {
    pub(in crate::undo) fn stat(&self) -> FileStat {
        self.0
    }
}

impl PathHandle {
    pub(in crate::undo) fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(folder(path)).map(|_there| Self(path.to_owned()))
    }

    pub(in crate::undo) fn making(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder(path)).map(|()| Self(path.to_owned()))
    }

    pub(in crate::undo) fn look(&self) -> io::Result<Option<SeenFile>> {
        match fs::symlink_metadata(&self.0) {
            Ok(about) => Ok(Some(SeenFile(FileStat::of(&about)))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(in crate::undo) fn open(&self) -> io::Result<File> {
        File::open(&self.0)
    }

    pub(in crate::undo) fn open_through(&self, _seen: &SeenFile) -> io::Result<File> {
        File::options().write(true).open(&self.0)
    }

    pub(in crate::undo) fn target(&self) -> Option<PathBuf> {
        fs::read_link(&self.0).ok()
    }

    pub(in crate::undo) fn remove(&self, seen: &SeenFile) -> io::Result<()> {
        if seen.0.kind == crate::undo::scan::stat::StatKind::Folder {
            return fs::remove_dir(&self.0);
        }
        fs::remove_file(&self.0)
    }

    pub(in crate::undo) fn remove_folder(&self) -> io::Result<()> {
        fs::remove_dir(&self.0)
    }

    pub(in crate::undo) fn make_folder(&self) -> io::Result<()> {
        fs::create_dir(&self.0)
    }

    pub(in crate::undo) fn move_to(&self, to: &Self) -> io::Result<()> {
        fs::rename(&self.0, &to.0)
    }

    pub(in crate::undo) fn draft(&self) -> io::Result<Draft> {
        NamedTempFile::new_in(folder(&self.0)).map(Draft)
    }

    pub(in crate::undo) fn put(&self, draft: Draft, seen: Option<&SeenFile>) -> io::Result<()> {
        match seen {
            Some(_) => draft.0.persist(&self.0).map(drop)?,
            None => draft.0.persist_noclobber(&self.0).map(drop)?,
        }
        Ok(())
    }

    pub(in crate::undo) fn put_link(
        &self,
        _target: &Path,
        _to: Option<&FileState>,
        _seen: Option<&SeenFile>,
    ) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    pub(in crate::undo) fn put_name_of(
        &self,
        other: &Self,
        _file: &SeenFile,
        seen: Option<&SeenFile>,
    ) -> io::Result<()> {
        if let Some(seen) = seen {
            self.remove(seen)?;
        }
        fs::hard_link(&other.0, &self.0)
    }

    pub(in crate::undo) fn set_rights(&self, _to: Option<&FileState>) -> io::Result<()> {
        Ok(())
    }

    pub(in crate::undo) fn attributes(&self) -> Attributes {
        Attributes::default()
    }
}

impl Draft {
    pub(in crate::undo) fn file(&mut self) -> &mut File {
        self.0.as_file_mut()
    }

    pub(in crate::undo) fn set_rights(&self, _to: Option<&FileState>) -> io::Result<()> {
        Ok(())
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}
