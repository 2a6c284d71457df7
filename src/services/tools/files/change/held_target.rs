//! The place of a file that is changed, in a folder that is held open: a folder that another
//! process exchanges for a link meanwhile leads nowhere else.

use std::fs;
#[cfg(unix)]
use std::io;
use std::path::{Path, PathBuf};

use crate::base::files::FileError;
#[cfg(unix)]
use crate::base::folder_handle::FolderHandle;

use super::commit::CommitFailure;

/// Where one file is changed. Temporary files beside it go before it does.
#[derive(Debug)]
pub struct HeldTarget {
    /// Without links, as people know it.
    path: PathBuf,
    /// The same by the folder's descriptor, where the system has such paths.
    act: PathBuf,
    #[cfg(unix)]
    folder: FolderHandle,
}

/// A folder that was made on the way.
#[derive(Debug)]
pub struct MadeFolder {
    path: PathBuf,
    #[cfg(unix)]
    holder: FolderHandle,
}

impl HeldTarget {
    /// `path` is without links; the missing folders on the way are made, and added to `made`.
    ///
    /// # Errors
    ///
    /// Fails with [`CommitFailure::Changed`] if a folder on the way has become a link, and if a
    /// folder cannot be made or opened.
    #[cfg(unix)]
    pub fn hold(path: &Path, made: &mut Vec<MadeFolder>) -> Result<Self, CommitFailure> {
        let parent = path.parent().unwrap_or(path);
        let mut missing = Vec::new();
        let mut folders = parent.ancestors();
        let mut folder = loop {
            let at = folders.next().unwrap_or(Path::new("/"));
            match FolderHandle::at(at) {
                Ok(folder) => break folder,
                Err(error) if error.kind() == io::ErrorKind::NotFound => missing.push(at),
                Err(_link) if fs::canonicalize(at).is_ok_and(|real| real != at) => {
                    return Err(CommitFailure::Changed(path.to_owned()));
                }
                Err(source) => return Err(write(path, source)),
            }
        };
        for at in missing.into_iter().rev() {
            let failed =
                |source| CommitFailure::Write(FileError::Folder { path: at.to_owned(), source });
            let name = at.file_name().unwrap_or_default();
            let inner = folder.make_folder(name, 0o777).map_err(failed)?;
            made.push(MadeFolder { path: at.to_owned(), holder: folder });
            folder = inner;
        }
        let act = match (folder.fixed_path(), path.file_name()) {
            (Some(fixed), Some(name)) => fixed.join(name),
            _ => path.to_owned(),
        };
        Ok(Self { path: path.to_owned(), act, folder })
    }

    /// # Errors
    ///
    /// Fails with [`CommitFailure::Changed`] if a folder on the way has become a link, and if a
    /// folder cannot be made or opened.
    #[cfg(not(unix))]
    pub fn hold(path: &Path, made: &mut Vec<MadeFolder>) -> Result<Self, CommitFailure> {
        let is_missing = |folder: &&Path| fs::symlink_metadata(folder).is_err();
        let missing: Vec<&Path> = path.ancestors().skip(1).take_while(is_missing).collect();
        for at in missing.into_iter().rev() {
            fs::create_dir(at).map_err(|source| {
                CommitFailure::Write(FileError::Folder { path: at.to_owned(), source })
            })?;
            made.push(MadeFolder { path: at.to_owned() });
        }
        Ok(Self { path: path.to_owned(), act: path.to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// For every act on the file: leads to the folder as it was opened.
    pub fn act(&self) -> &Path {
        &self.act
    }

    /// Whether the folder is still where it was.
    pub fn is_in_place(&self) -> bool {
        let parent = self.path.parent().unwrap_or(&self.path);
        #[cfg(unix)]
        {
            let now = FolderHandle::at(parent).and_then(|folder| folder.stat());
            let held = self.folder.stat();
            matches!((now, held), (Ok(now), Ok(held)) if now.is_same_node(&held))
        }
        #[cfg(not(unix))]
        fs::canonicalize(parent).is_ok_and(|real| real == parent)
    }

    /// Removes the file.
    ///
    /// # Errors
    ///
    /// Fails if the file is gone or cannot be removed.
    pub fn remove(&self) -> Result<(), FileError> {
        let removed = fs::remove_file(&self.act);
        removed.map_err(|source| FileError::Write { path: self.path.clone(), source })
    }

    /// A failure, told of the path that people know.
    pub fn failure(&self, error: FileError) -> CommitFailure {
        let path = self.path.clone();
        CommitFailure::Write(match error {
            FileError::Folder { source, .. } => FileError::Folder { path, source },
            FileError::Lock { source, .. } => FileError::Lock { path, source },
            FileError::Read { source, .. } => FileError::Read { path, source },
            FileError::Write { source, .. } => FileError::Write { path, source },
        })
    }

    pub fn into_path(self) -> PathBuf {
        self.path
    }
}

impl MadeFolder {
    /// Where somebody else put something into it meanwhile, it stays.
    pub fn take_back(&self) {
        #[cfg(unix)]
        let _left = self.holder.remove_folder(self.path.file_name().unwrap_or_default());
        #[cfg(not(unix))]
        let _left = fs::remove_dir(&self.path);
    }
}

#[cfg(unix)]
fn write(path: &Path, source: io::Error) -> CommitFailure {
    CommitFailure::Write(FileError::Write { path: path.to_owned(), source })
}
