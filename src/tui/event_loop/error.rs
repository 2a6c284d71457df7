//! What can go wrong with the terminal itself. Does not know the engine's troubles, which are shown on screen.

use std::io;

use crate::base::Advice;

#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    #[error("the terminal could not be written to: {source}")]
    Draw { source: io::Error },
    #[error("the terminal could not be set up: {source}")]
    Enter { source: io::Error },
    #[error("the keyboard could not be read: {source}")]
    Input { source: io::Error },
    #[error("a thread could not be started: {source}")]
    Thread { source: io::Error },
}

impl Advice for TuiError {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::Draw { .. } => None,
            Self::Enter { .. } | Self::Input { .. } => Some("Start codling in a terminal, or use `codling run`".into()),
            Self::Thread { .. } => Some("The system may be out of memory or processes: end some, and start codling again".into()),
        }
    }
}
