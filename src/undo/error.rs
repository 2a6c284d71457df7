//! What can keep files from being brought back. Does not know which turn it was.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use thiserror::Error;

use crate::base::{Advice, cause};

#[derive(Debug, Error)]
pub enum UndoError {
    /// Nothing was changed.
    #[error("what `{}` holds now could not be kept first: {}", path.display(), cause(source))]
    Image { path: PathBuf, source: io::Error },
    /// Nothing was changed.
    #[error("`{}` could not be brought back: {}", path.display(), cause(source))]
    Prepare { path: PathBuf, source: io::Error },
    /// Those that are `done` are as they were to become.
    #[error("`{}` could not be brought back, after {} others were: {}", path.display(), done.len(), cause(source))]
    Stopped { done: Vec<PathBuf>, path: PathBuf, source: io::Error },
}

impl Advice for UndoError {
    fn next_step(&self) -> Option<String> {
        let (Self::Image { path, source } | Self::Prepare { path, source } | Self::Stopped { path, source, .. }) = self;
        Some(match source.kind() {
            ErrorKind::PermissionDenied => format!("Check who owns `{}` and its folder", path.display()),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "Free some disk space and try again".into(),
            ErrorKind::ReadOnlyFilesystem => format!("Make the disk of `{}` writable", path.display()),
            _ => format!("Check `{}` and its folder, and try again", path.display()),
        })
    }
}
