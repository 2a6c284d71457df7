//! Credential warnings: news about credentials though nothing failed. Never hold a secret.

use std::path::PathBuf;

use thiserror::Error;

use crate::base::Advice;

/// Told once each; the sentence is its `Display`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AuthWarning {
    /// Tightened at the next write.
    #[error("`{}` can be read by others on this machine (mode {mode:04o})", path.display())]
    Readable { path: PathBuf, mode: u32 },
    /// A damaged file made place for a new one.
    #[error("the damaged credential file was kept as `{}`", copy.display())]
    SetAside { copy: PathBuf },
    /// They are good for one program only.
    #[error("`{}` still holds the tokens that codling took over", path.display())]
    StillInCodex { path: PathBuf },
    /// New tokens live in memory only; saving is tried again at each use.
    #[error("the renewed sign-in could not be saved and is lost when codling ends: {reason}")]
    Unsaved { reason: String },
}

impl Advice for AuthWarning {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::Readable { path, .. } => {
                format!("Run `chmod 600 {}`, or let the next sign-in do it", path.display())
            }
            Self::SetAside { .. } => "Other sign-ins in it can be copied back by hand".into(),
            Self::StillInCodex { path } => format!(
                "Remove `{}` by hand; `codex logout` would end this sign-in as well",
                path.display()
            ),
            Self::Unsaved { .. } => {
                "Make the file writable while codling runs, or sign in again later".into()
            }
        })
    }
}
