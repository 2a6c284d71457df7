//! Errors of the trust store. All of them mean that nothing is trusted.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::base::files::FileError;
use crate::base::{Advice, cause};

/// The trust store cannot be used, so nothing that a project brings may run.
#[derive(Debug, Error)]
pub enum TrustError {
    /// Somebody or something else wrote it, or the disk failed.
    #[error("`{}` is damaged, so nothing that a project brings is trusted: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with its text.
        detail: String,
    },
    /// Adding this would make the file larger than it may be when it is read.
    #[error("`{}` has no room for more definitions", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The project's folder has no canonical path that a text file can hold.
    #[error("the folder `{}` cannot be trusted: {}", path.display(), cause(source))]
    Project {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Also if another user may write it.
    #[error("`{}` is not used, so nothing that a project brings is trusted: {}", path.display(), cause(source))]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The lock or the replacement failed.
    #[error("the trust cannot be kept: {source}")]
    Write {
        /// The operation that failed.
        source: FileError,
    },
}

impl Advice for TrustError {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::Damaged { path, .. } | Self::Full { path } => Some(format!(
                "Look at it, or delete `{}`: you are asked again then",
                path.display()
            )),
            Self::Project { .. } => Some("Check that the folder is there".into()),
            // The reason names the command that mends it.
            Self::Read { .. } => None,
            Self::Write { source } => source.next_step(),
        }
    }
}
