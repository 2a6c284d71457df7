//! `command/exec`: commands that a client runs outside of all threads. They belong to the client's
//! connection, and end with it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

use super::captured::{Captured, OUTPUT};
use super::permissions::CommandPermissions;
use super::running::{Commands, Process, ProcessKey, Resize, TerminalSize, Terminate, Write};
use crate::app_server::outside::Outside;
use crate::app_server::request::params::Gated;
use crate::app_server::request::permissions::{Permissions, SandboxPolicy};
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::{self, Fault};
use crate::engine::{
    OutputStream, StandaloneCommand, StandaloneEnd, StandaloneReport, StandaloneStage,
};
use crate::host::Machine;

/// The time limit of a command whose client sets none.
const LIMIT: Duration = Duration::from_secs(10);
/// How many bytes of each output stream are kept if the client sets no cap.
const CAP: usize = 1 << 20;
/// How many pieces of output may wait for the connection; beyond that the command waits.
const UNDER_WAY: usize = 8;
/// The notification for remarks on a command that has ended.
const WARNING: &str = "warning";
/// The size of a terminal if the client names none.
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

impl Gated for Exec {
    fn gated(&self) -> Option<&'static str> {
        self.permission_profile.as_ref().map(|_| "command/exec.permissionProfile")
    }
}

/// The events of a command, in order.
#[derive(Debug)]
enum ExecNews {
    Ended(StandaloneReport),
    Output(OutputStream, Vec<u8>),
}

pub fn exec(commands: &mut Commands, outside: &mut Outside, asker: Asker, params: Exec) {
    if let Err(fault) = params.check() {
        return outside.answer(asker, Err(fault));
    }
    let key = match &params.process_id {
        Some(id) => ProcessKey::Named(id.clone()),
        None => {
            commands.unnamed += 1;
            ProcessKey::Unnamed(commands.unnamed)
        }
    };
    let owner = (asker.connection, key);
    if commands.running.contains_key(&owner) {
        let id = params.process_id.unwrap_or_default();
        let message = format!("duplicate active command/exec process id: {id:?}");
        return outside.refuse(asker, message);
    }
    let Some(connection) = outside.connections.get(&asker.connection) else { return };
    let listener = connection.listener();
    let clock = outside.clock.clone();
    let mut captured = params.captured();
    let name = params.process_id.as_ref().map(|id| format!(" {id:?}")).unwrap_or_default();
    let has_input = params.tty || params.stream_stdin;
    let command = match params.command(outside) {
        Ok(command) => command,
        Err(fault) => return outside.answer(asker, Err(fault)),
    };
    let (sender, mut news) = mpsc::channel(UNDER_WAY);
    let last = sender.clone();
    let started = command.start(
        &outside.setup.commands,
        // If the receiver is gone, the command is already being stopped.
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
            return outside.answer(asker, Err(Fault::internal(message)));
        }
    };
    commands.running.insert(owner.clone(), Process { command, has_input });
    // A client that reads slowly holds up only its own command.
    let listening = async move {
        let mut end = None;
        while let Some(one) = news.recv().await {
            match one {
                ExecNews::Output(stream, bytes) => {
                    let delta = captured.take(stream, &bytes);
                    if let Some(delta) = delta.filter(|_| listener.hears(OUTPUT)) {
                        listener.outbox.eased().await;
                        listener.outbox.notify(wire::notification(OUTPUT, delta, clock.now()));
                    }
                }
                ExecNews::Ended(report) => {
                    end = Some(report.end);
                    // The answer has no member for them.
                    for news in report.news.iter().filter(|_| listener.hears(WARNING)) {
                        let message = format!("command/exec{name}: {news}");
                        let warning = json!({ "threadId": null, "message": message });
                        listener.outbox.notify(wire::notification(WARNING, warning, clock.now()));
                    }
                }
            }
        }
        (captured, end)
    };
    Commands::beside(outside, listening, move |commands, outside, (captured, end)| {
        commands.running.remove(&owner);
        let result = match end {
            Some(StandaloneEnd::Exit(code)) => Ok(captured.answer(code)),
            Some(StandaloneEnd::Failed(why)) => Err(Fault::internal(why)),
            None => Err(Fault::internal("nobody heard how the command ended")),
        };
        outside.answer(asker, result);
    });
}

impl Exec {
    /// Refuses members that contradict each other, in words that clients of the protocol know.
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

    /// The collector for the command's output.
    fn captured(&self) -> Captured {
        let cap = match (self.output_bytes_cap, self.disable_output_cap) {
            (Some(cap), _) => Some(cap),
            (None, true) => None,
            (None, false) => Some(CAP),
        };
        let streamed = self.tty || self.stream_stdout_stderr;
        Captured::new(self.process_id.clone().filter(|_| streamed), cap)
    }

    /// The command to run, with its permissions.
    fn command(self, outside: &Outside) -> Result<StandaloneCommand, Fault> {
        let setup = &outside.setup;
        let reach = match (self.permission_profile, self.sandbox_policy) {
            (Some(profile), _) => CommandPermissions::of_profile(&profile)?,
            (None, Some(policy)) => CommandPermissions::of_policy(policy)?,
            (None, None) => Permissions::of(setup.mode).sandbox.into(),
        };
        let CommandPermissions { confinement, network, writable } = reach;
        let limit = self.timeout_ms.and_then(|timeout| u64::try_from(timeout).ok());
        let limit = limit.map_or(LIMIT, Duration::from_millis);
        let command = StandaloneCommand {
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
                    StandaloneStage::Terminal { rows, columns: cols }
                }
                (false, true) => StandaloneStage::Piped,
                (false, false) => StandaloneStage::Heard,
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

pub fn write(commands: &mut Commands, outside: &mut Outside, asker: Asker, params: Write) {
    let result = commands.write(&asker, params);
    outside.answer(asker, result);
}

pub fn resize(commands: &mut Commands, outside: &mut Outside, asker: Asker, params: Resize) {
    let result = commands.resize(&asker, &params);
    outside.answer(asker, result);
}

pub fn terminate(commands: &mut Commands, outside: &mut Outside, asker: Asker, params: Terminate) {
    let result = commands.terminate(&asker, &params);
    outside.answer(asker, result);
}
