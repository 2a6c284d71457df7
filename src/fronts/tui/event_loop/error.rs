//! Errors of the terminal itself.

use std::io;

use crate::base::{Advice, cause};

/// The terminal or a thread of the screen failed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum TuiError {
    #[error("the terminal could not be written to: {}", cause(source))]
    Draw { source: io::Error },
    #[error("the terminal could not be set up: {}", cause(source))]
    Enter { source: io::Error },
    #[error("the keyboard could not be read: {}", cause(source))]
    Input { source: io::Error },
    #[error("a thread could not be started: {}", cause(source))]
    Thread { source: io::Error },
}

impl TuiError {
    /// Whether the terminal is gone, for example because its window was closed; nobody reads a
    /// message then.
    pub fn is_terminal_gone(&self) -> bool {
        match self {
            Self::Draw { source } | Self::Enter { source } | Self::Input { source } => {
                is_hang_up(source)
            }
            Self::Thread { .. } => false,
        }
    }
}

/// Whether the terminal hung up: every operation then fails with EIO (write(2), ioctl_tty(2)).
#[cfg(unix)]
fn is_hang_up(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
        || error.kind() == io::ErrorKind::BrokenPipe
}

#[cfg(not(unix))]
fn is_hang_up(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

impl Advice for TuiError {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::Draw { .. } => None,
            Self::Enter { .. } | Self::Input { .. } => Some("Start codling in a terminal, or use `codling run`".into()),
            Self::Thread { .. } => Some("The system may be out of memory or processes: close something and start codling again".into()),
        }
    }
}
