//! The commands that run for clients, and requests about them.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app_server::transport::connection::{Asker, ConnectionId};
use crate::app_server::transport::wire::Fault;
use crate::engine::{RunningCommand, WriteRefusal};

/// The size of a terminal, in cells.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct TerminalSize {
    pub rows: u16,
    pub cols: u16,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Write {
    process_id: String,
    #[serde(default)]
    close_stdin: bool,
    delta_base64: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resize {
    process_id: String,
    size: TerminalSize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terminate {
    process_id: String,
}

/// The commands that run for clients.
#[derive(Debug, Default)]
pub struct Commands {
    pub running: HashMap<(ConnectionId, ProcessKey), Process>,
    /// How many commands their clients left without a name.
    pub unnamed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProcessKey {
    Named(String),
    Unnamed(u64),
}

/// A running command. Dropping this ends it.
#[derive(Debug)]
pub struct Process {
    pub command: RunningCommand,
    pub has_input: bool,
}

impl Commands {
    /// Ends the commands of a connection that is closed.
    pub fn forget(&mut self, connection: ConnectionId) {
        self.running.retain(|(of, _), _| *of != connection);
    }

    fn named(&mut self, asker: &Asker, id: &str) -> Result<&mut Process, Fault> {
        let key = (asker.connection, ProcessKey::Named(id.to_owned()));
        let none = || Fault::invalid(format!("no active command/exec for process id {id:?}"));
        self.running.get_mut(&key).ok_or_else(none)
    }

    /// Writes to a command's input, or closes it.
    ///
    /// # Errors
    ///
    /// Fails if the client has no such command, if the data is not base64 or is missing, if its
    /// input is closed or was never open, or if too much waits to be written.
    pub fn write(&mut self, asker: &Asker, params: Write) -> Result<Value, Fault> {
        let Write { process_id, close_stdin, delta_base64 } = params;
        if delta_base64.is_none() && !close_stdin {
            let message = "command/exec/write requires deltaBase64 or closeStdin";
            return Err(Fault::bad_params(message));
        }
        let bytes = STANDARD
            .decode(delta_base64.unwrap_or_default())
            .map_err(|error| Fault::bad_params(format!("invalid deltaBase64: {error}")))?;
        let Process { command, has_input } = self.named(asker, &process_id)?;
        let refused = |refusal| match refusal {
            WriteRefusal::NoInput if *has_input => Fault::invalid("stdin is already closed"),
            WriteRefusal::NoInput => {
                Fault::invalid("stdin streaming is not enabled for this command/exec")
            }
            WriteRefusal::Full => {
                Fault::invalid("command/exec stdin write queue is full; retry later")
            }
        };
        if !bytes.is_empty() {
            command.write(bytes).map_err(refused)?;
        }
        if close_stdin {
            command.close_input().map_err(refused)?;
        }
        Ok(json!({}))
    }

    /// Ends a command; its `command/exec` is answered once it has ended.
    ///
    /// # Errors
    ///
    /// Fails if the client has no such command.
    pub fn terminate(&mut self, asker: &Asker, params: &Terminate) -> Result<Value, Fault> {
        self.named(asker, &params.process_id)?.command.stop();
        Ok(json!({}))
    }

    /// Gives a command's terminal another size.
    ///
    /// # Errors
    ///
    /// Fails if the size is zero, if the client has no such command, or if that has no terminal.
    pub fn resize(&mut self, asker: &Asker, params: &Resize) -> Result<Value, Fault> {
        params.size.check()?;
        let TerminalSize { rows, cols } = params.size;
        let process = self.named(asker, &params.process_id)?;
        match process.command.resize(rows, cols) {
            Ok(true) => Ok(json!({})),
            Ok(false) => {
                Err(Fault::invalid("the command has no terminal: start it with tty: true"))
            }
            Err(error) => Err(Fault::invalid(format!("failed to resize PTY: {error}"))),
        }
    }
}

impl TerminalSize {
    /// Checks that a terminal can have this size.
    ///
    /// # Errors
    ///
    /// Fails if a side is zero.
    pub fn check(self) -> Result<(), Fault> {
        match self.rows == 0 || self.cols == 0 {
            true => {
                Err(Fault::bad_params("command/exec size rows and cols must be greater than 0"))
            }
            false => Ok(()),
        }
    }
}
