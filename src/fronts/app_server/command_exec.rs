//! `command/exec`: commands that a client runs outside of all threads. They belong to its connection, and end with it.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::captured::{Captured, OUTPUT};
use super::command_limits::CommandPermissions;
use super::connection::{Asker, ConnectionId};
use super::methods::Params;
use super::permissions::{Permissions, SandboxPolicy};
use super::server::Server;
use super::wire::{self, Fault};
use crate::engine::{
    OneOffCommand, OneOffEnd, OneOffReport, OneOffStage, OutputStream, RunningCommand, WriteRefusal,
};

/// How long a command runs for which its client says nothing else.
const LIMIT: Duration = Duration::from_secs(10);
/// What is kept of each of its outputs, in bytes, in the same case.
const CAP: usize = 1 << 20;
/// Pieces of output that wait for the connection; the command waits with more.
const UNDER_WAY: usize = 8;
/// What a client is told with of what a command left.
const WARNING: &str = "warning";
/// The size of a terminal for which its client names none.
const SIZE: TerminalSize = TerminalSize { rows: 24, cols: 80 };

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exec {
    command: Vec<String>,
    cwd: Option<PathBuf>,
    #[serde(default)]
    disable_output_cap: bool,
    #[serde(default)]
    disable_timeout: bool,
    env: Option<BTreeMap<String, Option<String>>>,
    output_bytes_cap: Option<usize>,
    permission_profile: Option<String>,
    process_id: Option<String>,
    sandbox_policy: Option<SandboxPolicy>,
    size: Option<TerminalSize>,
    #[serde(default)]
    stream_stdin: bool,
    #[serde(default)]
    stream_stdout_stderr: bool,
    timeout_ms: Option<i64>,
    #[serde(default)]
    tty: bool,
}

/// In cells.
#[derive(Clone, Copy, Debug, Deserialize)]
struct TerminalSize {
    rows: u16,
    cols: u16,
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

impl Params for Exec {
    fn gated(&self) -> Option<&'static str> {
        self.permission_profile.as_ref().map(|_| "command/exec.permissionProfile")
    }
}
impl Params for Write {}
impl Params for Resize {}
impl Params for Terminate {}

/// The commands that run for clients.
#[derive(Debug, Default)]
pub struct Commands {
    running: HashMap<(ConnectionId, ProcessKey), Process>,
    /// How many there were that their clients gave no name.
    unnamed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum ProcessKey {
    Named(String),
    Unnamed(u64),
}

/// One that runs. Letting go of it ends it.
#[derive(Debug)]
struct Process {
    command: RunningCommand,
    has_input: bool,
}

/// What comes of a command, in the order in which it happens.
#[derive(Debug)]
enum ExecNews {
    Ended(OneOffReport),
    Output(OutputStream, Vec<u8>),
}

impl Commands {
    /// A connection is closed: its commands are ended.
    pub fn forget(&mut self, connection: ConnectionId) {
        self.running.retain(|(of, _), _| *of != connection);
    }

    fn named(&mut self, asker: &Asker, id: &str) -> Result<&mut Process, Fault> {
        let key = (asker.connection, ProcessKey::Named(id.to_owned()));
        let none = || Fault::invalid(format!("no active command/exec for process id {id:?}"));
        self.running.get_mut(&key).ok_or_else(none)
    }
}

pub fn exec(server: &mut Server, asker: Asker, params: Exec) {
    if let Err(fault) = params.check() {
        return server.answer(asker, Err(fault));
    }
    let key = match &params.process_id {
        Some(id) => ProcessKey::Named(id.clone()),
        None => {
            server.commands.unnamed += 1;
            ProcessKey::Unnamed(server.commands.unnamed)
        }
    };
    let owner = (asker.connection, key);
    if server.commands.running.contains_key(&owner) {
        let id = params.process_id.unwrap_or_default();
        let message = format!("duplicate active command/exec process id: {id:?}");
        return server.answer(asker, Err(Fault::invalid(message)));
    }
    let Some(connection) = server.connections.get(&asker.connection) else { return };
    let listener = connection.listener();
    let clock = server.clock.clone();
    let mut captured = params.captured();
    let name = params.process_id.as_ref().map(|id| format!(" {id:?}")).unwrap_or_default();
    let has_input = params.tty || params.stream_stdin;
    let command = match params.command(server) {
        Ok(command) => command,
        Err(fault) => return server.answer(asker, Err(fault)),
    };
    let (sender, mut news) = mpsc::channel(UNDER_WAY);
    let last = sender.clone();
    let started = command.start(
        &server.setup.commands,
        // Where nobody listens any more, it is being ended.
        move |stream, bytes| {
            if !bytes.is_empty() {
                let _unheard = sender.blocking_send(ExecNews::Output(stream, bytes.to_vec()));
            }
        },
        move |report| _ = last.blocking_send(ExecNews::Ended(report)),
    );
    let command = match started {
        Ok(command) => command,
        Err(error) => {
            let message = format!("failed to spawn command: {error}");
            return server.answer(asker, Err(Fault::internal(message)));
        }
    };
    server.commands.running.insert(owner.clone(), Process { command, has_input });
    // What its client does not take in time holds up the command, and nobody else.
    let listening = async move {
        let mut end = None;
        while let Some(one) = news.recv().await {
            match one {
                ExecNews::Output(stream, bytes) => {
                    let delta = captured.take(stream, &bytes);
                    if let Some(delta) = delta.filter(|_| listener.hears(OUTPUT)) {
                        listener.outbox.eased().await;
                        listener.outbox.tell(wire::notification(OUTPUT, delta, clock.now()));
                    }
                }
                ExecNews::Ended(report) => {
                    end = Some(report.end);
                    // Its answer has no room for them.
                    for news in report.news.iter().filter(|_| listener.hears(WARNING)) {
                        let message = format!("command/exec{name}: {news}");
                        let warning = json!({ "threadId": null, "message": message });
                        listener.outbox.tell(wire::notification(WARNING, warning, clock.now()));
                    }
                }
            }
        }
        (captured, end)
    };
    server.beside(listening, move |server, (captured, end)| {
        server.commands.running.remove(&owner);
        let result = match end {
            Some(OneOffEnd::Exit(code)) => Ok(captured.answer(code)),
            Some(OneOffEnd::Failed(why)) => Err(Fault::internal(why)),
            None => Err(Fault::internal("nobody heard how the command ended")),
        };
        server.answer(asker, result);
    });
}

impl Exec {
    /// What cannot be meant together, in the words that clients of the protocol know.
    fn check(&self) -> Result<(), Fault> {
        let bad = |what: String| Err(Fault::bad_params(format!("command/exec {what}")));
        if self.command.is_empty() {
            return Err(Fault::invalid("command must not be empty"));
        }
        if self.permission_profile.is_some() && self.sandbox_policy.is_some() {
            let message = "`permissionProfile` cannot be combined with `sandboxPolicy`";
            return Err(Fault::invalid(message));
        }
        if self.size.is_some() && !self.tty {
            return bad("size requires tty: true".into());
        }
        if let Some(size) = self.size {
            size.check()?;
        }
        if self.disable_output_cap && self.output_bytes_cap.is_some() {
            return bad("cannot set both outputBytesCap and disableOutputCap".into());
        }
        if self.disable_timeout && self.timeout_ms.is_some() {
            return bad("cannot set both timeoutMs and disableTimeout".into());
        }
        if let Some(timeout) = self.timeout_ms.filter(|timeout| *timeout < 0) {
            return bad(format!("timeoutMs must be non-negative, got {timeout}"));
        }
        let streams = self.tty || self.stream_stdin || self.stream_stdout_stderr;
        if streams && self.process_id.is_none() {
            let message = "command/exec tty or streaming requires a client-supplied processId";
            return Err(Fault::invalid(message));
        }
        Ok(())
    }

    /// Where its output goes.
    fn captured(&self) -> Captured {
        let cap = match (self.output_bytes_cap, self.disable_output_cap) {
            (Some(cap), _) => Some(cap),
            (None, true) => None,
            (None, false) => Some(CAP),
        };
        let streamed = self.tty || self.stream_stdout_stderr;
        Captured::new(self.process_id.clone().filter(|_| streamed), cap)
    }

    /// What is to be run, as far as it may reach.
    fn command(self, server: &Server) -> Result<OneOffCommand, Fault> {
        let setup = &server.setup;
        let reach = match (self.permission_profile, self.sandbox_policy) {
            (Some(profile), _) => CommandPermissions::of_profile(&profile)?,
            (None, Some(policy)) => CommandPermissions::of_policy(policy)?,
            (None, None) => Permissions::of(setup.mode).sandbox.into(),
        };
        let CommandPermissions { confinement, network, writable } = reach;
        let limit = self.timeout_ms.and_then(|timeout| u64::try_from(timeout).ok());
        let limit = limit.map_or(LIMIT, Duration::from_millis);
        let command = OneOffCommand {
            words: self.command.into_iter().map(Into::into).collect(),
            folder: self
                .cwd
                .map_or_else(|| setup.folder.clone(), |folder| setup.folder.join(folder)),
            confinement,
            writable,
            network,
            variables: self.env.unwrap_or_default().into_iter().collect(),
            limit: (!self.disable_timeout).then_some(limit),
            stage: match (self.tty, self.stream_stdin) {
                (true, _) => {
                    let TerminalSize { rows, cols } = self.size.unwrap_or(SIZE);
                    OneOffStage::Terminal { rows, columns: cols }
                }
                (false, true) => OneOffStage::Piped,
                (false, false) => OneOffStage::Heard,
            },
        };
        match command.closed_folder(&setup.commands, &setup.folder) {
            Some(folder) => Err(Fault::invalid(format!(
                "`{}` is not opened to commands that are kept in: it belongs to the system, holds secrets, is hidden from commands, or is your home folder or above it. Name a folder of your work as `cwd` or in `writableRoots`, or `dangerFullAccess` as the policy",
                folder.display()
            ))),
            None => Ok(command),
        }
    }
}

impl TerminalSize {
    fn check(self) -> Result<(), Fault> {
        match self.rows == 0 || self.cols == 0 {
            true => {
                Err(Fault::bad_params("command/exec size rows and cols must be greater than 0"))
            }
            false => Ok(()),
        }
    }
}

pub fn write(server: &mut Server, asker: Asker, params: Write) {
    let result = server.commands.write(&asker, params);
    server.answer(asker, result);
}

pub fn resize(server: &mut Server, asker: Asker, params: Resize) {
    let result = server.commands.resize(&asker, &params);
    server.answer(asker, result);
}

/// Its `command/exec` is answered once it has ended.
pub fn terminate(server: &mut Server, asker: Asker, params: Terminate) {
    let process = server.commands.named(&asker, &params.process_id);
    let result = process.map(|process| {
        process.command.stop();
        json!({})
    });
    server.answer(asker, result);
}

impl Commands {
    fn write(&mut self, asker: &Asker, params: Write) -> Result<Value, Fault> {
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

    fn resize(&mut self, asker: &Asker, params: &Resize) -> Result<Value, Fault> {
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
