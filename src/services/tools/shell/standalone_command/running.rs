//! A standalone command that runs: what is typed into it, its terminal's size, and its end.

use std::io::{self, PipeWriter, Write};
#[cfg(unix)]
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

use crate::sandbox::KillSwitch;
#[cfg(unix)]
use crate::sandbox::Terminal;

use super::StandaloneStage;

/// Writes that wait for a command to read them.
const WAITING: usize = 64;
/// The byte that ends the input of a terminal.
const END_OF_INPUT: u8 = 4;

/// A command that runs. Dropping it ends the command with all that it started.
#[derive(Debug)]
pub struct RunningCommand {
    pub(super) held: Option<KillSwitch>,
    /// The queue of its input; `None` once its input is closed, or where it has none.
    pub(super) input: Option<SyncSender<Vec<u8>>>,
    pub(super) stage: StandaloneStage,
    #[cfg(unix)]
    pub(super) terminal: Option<Arc<Terminal>>,
}

/// Why nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteRefusal {
    /// It was started without an input, or that is closed.
    NoInput,
    /// It has not read what was written before.
    Full,
}

impl RunningCommand {
    /// Hands bytes over for its input; never waits.
    ///
    /// # Errors
    ///
    /// Fails if it has no input any more, or if too much waits for it already.
    pub fn write(&self, bytes: Vec<u8>) -> Result<(), WriteRefusal> {
        let input = self.input.as_ref().ok_or(WriteRefusal::NoInput)?;
        input.try_send(bytes).map_err(|refused| match refused {
            TrySendError::Full(_) => WriteRefusal::Full,
            TrySendError::Disconnected(_) => WriteRefusal::NoInput,
        })
    }

    /// Its input ends behind what was written.
    ///
    /// # Errors
    ///
    /// Fails if it has no input any more. A terminal's end of input also fails if too much waits
    /// for it.
    pub fn close_input(&mut self) -> Result<(), WriteRefusal> {
        if matches!(self.stage, StandaloneStage::Terminal { .. }) {
            self.write(vec![END_OF_INPUT])?;
        }
        self.input.take().map(drop).ok_or(WriteRefusal::NoInput)
    }

    /// Ends it; what it wrote before is still heard, and then its end.
    pub fn stop(&mut self) {
        self.held = None;
    }

    /// Gives its terminal another size; whether it has one.
    ///
    /// # Errors
    ///
    /// Fails if the system refuses the size.
    pub fn resize(&self, rows: u16, columns: u16) -> io::Result<bool> {
        #[cfg(unix)]
        if let Some(terminal) = &self.terminal {
            return terminal.resize(rows, columns).map(|()| true);
        }
        let _no_terminal = (rows, columns);
        Ok(false)
    }
}

pub(super) fn into_pipe(mut pipe: PipeWriter) -> io::Result<SyncSender<Vec<u8>>> {
    writer(move |bytes| pipe.write_all(bytes))
}

/// A thread that writes to a command that reads when it likes. It ends with the command, or when
/// its input is closed.
pub(super) fn writer(
    mut write: impl FnMut(&[u8]) -> io::Result<()> + Send + 'static,
) -> io::Result<SyncSender<Vec<u8>>> {
    let (sender, waiting) = sync_channel::<Vec<u8>>(WAITING);
    thread::Builder::new().name("command input".to_owned()).spawn(move || {
        for bytes in waiting {
            if let Err(error) = write(&bytes) {
                tracing::debug!(%error, "the command reads no more");
                return;
            }
        }
    })?;
    Ok(sender)
}
