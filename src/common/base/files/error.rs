//! Errors of file operations. They name the path and never contain the content.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::{Advice, cause};

use super::owner;

/// A file operation that failed; each variant has the path and the system's reason.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum FileError {
    #[error("the folder `{}` could not be made: {}", path.display(), cause(source))]
    Folder { path: PathBuf, source: io::Error },
    #[error("`{}` could not be locked: {}", path.display(), cause(source))]
    Lock { path: PathBuf, source: io::Error },
    #[error("`{}` could not be read: {}", path.display(), cause(source))]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` could not be written: {}", path.display(), cause(source))]
    Write { path: PathBuf, source: io::Error },
}

impl FileError {
    /// The file or folder that it is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Folder { path, .. }
            | Self::Lock { path, .. }
            | Self::Read { path, .. }
            | Self::Write { path, .. } => path,
        }
    }

    /// The system's reason.
    pub fn io(&self) -> &io::Error {
        match self {
            Self::Folder { source, .. }
            | Self::Lock { source, .. }
            | Self::Read { source, .. }
            | Self::Write { source, .. } => source,
        }
    }
}

impl Advice for FileError {
    fn next_step(&self) -> Option<String> {
        let path = self.path().display();
        Some(match (self.io().kind(), self) {
            (ErrorKind::PermissionDenied, _) => match owner::way_back(self.path()) {
                Some(command) => format!("It belongs to another user: `{command}` gives it to you"),
                None => format!("Check who owns `{path}` and its folder"),
            },
            (ErrorKind::StorageFull | ErrorKind::QuotaExceeded, _) => {
                "Free some disk space and try again".into()
            }
            (ErrorKind::ReadOnlyFilesystem, _) => {
                "Put the file on a disk that can be written to".into()
            }
            (_, Self::Folder { .. }) => format!("Check what is at `{path}`"),
            (_, Self::Lock { .. } | Self::Read { .. } | Self::Write { .. }) => {
                format!("Check `{path}` and its disk")
            }
        })
    }
}
