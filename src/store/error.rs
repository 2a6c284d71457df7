//! What can go wrong with what is kept. Does not know what it was.

use crate::base::Advice;
use crate::base::files::FileError;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("The prompt history is not kept: {source}")]
    History { source: FileError },
}

impl Advice for StoreError {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::History { source } => source.next_step(),
        }
    }
}
