//! Errors of the session store and the prompt history.

use std::path::PathBuf;

use crate::base::Advice;
use crate::base::Timestamp;
use crate::base::files::FileError;
use crate::protocol::{OpenElsewhere, SessionId};

/// The reasons why a session or the prompt history cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum StoreError {
    #[error("`{name}` is a part of the ids of {count} conversations")]
    Ambiguous { name: String, count: usize },
    #[error("The prompt history is not kept: {source}")]
    History { source: FileError },
    #[error("The conversation is open")]
    InUse { path: PathBuf },
    #[error("The first line of `{}` is damaged: it is not known what folder it is about", path.display())]
    FirstLine { id: SessionId, path: PathBuf },
    #[error("The conversation in `{}` was written by a newer codling", path.display())]
    Newer { path: PathBuf },
    #[error("The conversation is open in another codling{}", named(open))]
    OpenElsewhere { open: OpenElsewhere },
    #[error("There is no earlier conversation in this folder")]
    NoneHere { folder: PathBuf },
    #[error("There is no conversation `{name}`")]
    NoSession { name: String },
    #[error("The conversation has no such turn")]
    NoTurn,
    #[error("{source}")]
    Session { source: FileError },
}

impl Advice for StoreError {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::Ambiguous { .. } => {
                Some("Type more of the id; `codling sessions list --all` shows them".into())
            }
            Self::NoTurn => None,
            Self::History { source } | Self::Session { source } => source.next_step(),
            Self::InUse { .. } => Some("Leave it first, here or in the other codling".into()),
            Self::FirstLine { id, .. } => {
                Some(format!("`codling sessions export {id}` shows what can be read of it"))
            }
            Self::OpenElsewhere { .. } => {
                Some("Close it there first, or go on with a copy of it".into())
            }
            Self::Newer { .. } => Some("Update codling to open it".into()),
            Self::NoneHere { .. } => {
                Some("`codling sessions list --all` shows those of all folders".into())
            }
            Self::NoSession { .. } => {
                Some("`codling sessions list --all` shows what there is".into())
            }
        }
    }
}

/// The holder in brackets; empty if unknown.
fn named(open: &OpenElsewhere) -> String {
    let holder = open.holder.as_ref();
    holder.map(|it| format!(" ({})", it.named(&local(it.since)))).unwrap_or_default()
}

/// A time by this machine's clock: `Nov 22 14:02`.
fn local(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.to_zoned(crate::base::system_zone()).strftime("%b %-d %H:%M").to_string()
}
