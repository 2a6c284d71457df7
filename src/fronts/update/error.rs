//! Why a program was not updated. Nothing is changed in any of these cases.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::base::{Advice, cause};
use crate::protocol::{Exit, OriginError};

/// Why there was no update.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum UpdateError {
    #[error("the address of the downloads cannot be used: {source}")]
    Address { source: OriginError },
    #[error("the archive cannot be unpacked: {reason}")]
    Archive { reason: String },
    #[error("the archive's checksum is wrong: expected {expected}, found {found}")]
    Checksum { expected: String, found: String },
    #[error("`{url}` cannot be read: {reason}")]
    Download { url: String, reason: String },
    #[error("`{}` cannot be written: {}", folder.display(), cause(source))]
    Folder { folder: PathBuf, source: io::Error },
    #[error("the public key of this build cannot be read")]
    Key,
    #[error("{owner} installed this codling, and updates it")]
    Managed { owner: &'static str, command: String },
    #[error("there is no `{url}`")]
    Missing { url: String },
    #[error("this build knows no address to download from, and no key to check a download with")]
    NoSource,
    #[error("the latest version is {latest}, older than this one, {here}")]
    Older { latest: String, here: String },
    #[error("the signature of {file} is wrong")]
    Signature { file: &'static str },
    #[error("the new program does not start here: {reason}")]
    Start { reason: String },
    #[error("`latest` does not hold a version and a day")]
    Statement,
    #[error("there is no archive for this system")]
    System,
    #[error("`SHA256SUMS` does not name `{name}`")]
    Unnamed { name: String },
    #[error("`{text}` is no version")]
    Version { text: String },
}

impl Advice for UpdateError {
    fn next_step(&self) -> Option<String> {
        let damaged = "The download was damaged, or changed on the way; nothing was installed. Try again; if it stays so, report it";
        Some(match self {
            Self::Address { source } => return source.next_step(),
            Self::Archive { .. }
            | Self::Checksum { .. }
            | Self::Signature { .. }
            | Self::Statement
            | Self::Unnamed { .. } => damaged.into(),
            Self::Download { .. } => "Look at your connection, and try again".into(),
            Self::Folder { .. } => {
                "Run it as the user who installed it, or install it elsewhere with install.sh"
                    .into()
            }
            Self::Managed { command, .. } => format!("Update it with `{command}`"),
            Self::Missing { .. } => {
                "Look whether that version exists; what has no signature is not believed, and not installed"
                    .into()
            }
            Self::Key | Self::NoSource => {
                "Update it the way you built it, or install a release".into()
            }
            Self::Older { latest, .. } => {
                format!("To go back all the same: `codling update --to {latest}`")
            }
            Self::Start { .. } => {
                "The old program is still in its place. Does its folder allow programs to run?"
                    .into()
            }
            Self::System => "With Rust: `cargo install codling --locked --profile dist`".into(),
            Self::Version { .. } => "Name one such as `0.2.0`".into(),
        })
    }
}

impl UpdateError {
    /// The exit code that tells a shell of it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Version { .. } | Self::Address { .. } => Exit::Usage,
            _ => Exit::Failed,
        }
    }
}
