//! A command as the program sees it: started, listened to, ended by letting go.

use std::io::{self, PipeReader};
#[cfg(unix)]
use std::os::fd::OwnedFd;
#[cfg(target_os = "linux")]
use std::os::fd::{AsFd, BorrowedFd};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;
#[cfg(unix)]
use std::path::PathBuf;
#[cfg(target_os = "linux")]
use std::process::Stdio;
#[cfg(unix)]
use std::process::{Child, Command};
#[cfg(unix)]
use std::sync::Arc;
#[cfg(unix)]
use std::sync::atomic::Ordering;

#[cfg(unix)]
use crate::base::start;
#[cfg(unix)]
use crate::protocol::Confinement;

use super::kill_switch::KillSwitchHandle;
#[cfg(target_os = "linux")]
use super::listen::last_words;
#[cfg(unix)]
use super::listen::listen;
#[cfg(unix)]
use super::question_line::QuestionLine;
#[cfg(unix)]
use super::terminal::{Terminal, TerminalEnd};
#[cfg(target_os = "linux")]
use crate::sandbox::loopback::SharedNetwork;
#[cfg(unix)]
use crate::sandbox::program::SUPERVISOR;
use crate::sandbox::spec::command_end::CommandEnd;
#[cfg(unix)]
use crate::sandbox::spec::command_end::ExitKind;
use crate::sandbox::spec::command_spec::CommandSpec;
#[cfg(unix)]
use crate::sandbox::spec::output_watch::{OutputWatch, SpecOutput};
#[cfg(unix)]
use crate::sandbox::spec::spec_transfer;
#[cfg(target_os = "linux")]
use crate::sandbox::walls::hidden::Looking;
#[cfg(target_os = "linux")]
use crate::sandbox::walls::home::KeptCaches;
#[cfg(unix)]
use crate::sandbox::walls::temporary;

/// A supervisor that was told its command.
#[cfg(target_os = "linux")]
struct StartedSupervisor {
    process: Child,
    status: PipeReader,
    temporary: Option<PathBuf>,
    /// The line on which it was told its command, and on which it asks.
    questions: QuestionLine,
    /// Held until the command has ended.
    _caches: Option<KeptCaches>,
}

/// Where a command writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputStream {
    /// Its standard output.
    Output,
    /// Its standard error.
    Errors,
}

impl CommandSpec {
    /// Runs the command and blocks until all of it has ended. What it writes to its output and its
    /// errors is heard in order; after a while of silence, nothing (an empty slice) is heard once.
    /// `program` is what [`crate::sandbox::program()`] says.
    pub fn run(
        &self,
        program: &Path,
        kill_switch: KillSwitchHandle,
        receive: &mut dyn FnMut(&[u8]),
    ) -> CommandEnd {
        self.ended(kill_switch, |kill_switch| self.attempt(program, kill_switch, receive))
    }

    #[cfg(not(unix))]
    fn attempt(
        &self,
        _program: &Path,
        _kill_switch: KillSwitchHandle,
        _hear: &mut dyn FnMut(&[u8]),
    ) -> io::Result<CommandEnd> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "commands can be run on Linux and macOS"))
    }

    #[cfg(unix)]
    fn attempt(
        &self,
        program: &Path,
        kill_switch: KillSwitchHandle,
        receive: &mut dyn FnMut(&[u8]),
    ) -> io::Result<CommandEnd> {
        let (output, output_end) = io::pipe()?;
        enlarge_pipe(&output);
        let all = (output.into(), output_end.into());
        self.read_output(program, kill_switch, SpecOutput::Captured, all, receive)
    }

    /// Hears at one end what the supervisor's own output, at the other, is used for.
    #[cfg(unix)]
    fn read_output(
        &self,
        program: &Path,
        kill_switch: KillSwitchHandle,
        kind: SpecOutput,
        (output, output_end): (OwnedFd, OwnedFd),
        receive: &mut dyn FnMut(&[u8]),
    ) -> io::Result<CommandEnd> {
        let (status, status_end) = io::pipe()?;
        let KillSwitchHandle { reader, writer, losses, interrupts, supervisor: id, .. } =
            kill_switch;
        let temporary = self.temporary()?;
        #[cfg(target_os = "linux")]
        let looking = Looking::begin(self);
        let watch = self.watch(temporary.as_deref(), kind);
        #[cfg(target_os = "linux")]
        let (watch, shared) = self.share(watch, program);
        let request = spec_transfer::packed(&watch.words())?;
        let unsent = fill(&writer, &request)?;
        let mut command = self.supervisor(program);
        command.stdin(OwnedFd::from(reader)).stdout(output_end).stderr(status_end);
        let supervisor = start::start(&mut command)?;
        id.store(supervisor.id(), Ordering::Relaxed);
        // It holds the ends of the pipes that are the supervisor's.
        drop(command);
        send_request(&writer, unsent);
        #[cfg(target_os = "linux")]
        share_network(shared, &writer);
        #[cfg(target_os = "linux")]
        let _held = looking.and_then(|looking| looking.send(&writer));
        interrupts.begin(&writer);
        let questions = QuestionLine::new(writer, losses);
        let said = listen([output], status, questions, &mut |_, bytes| receive(bytes));
        wait_for_exit(supervisor, temporary.as_deref(), &said?)
    }

    /// As [`CommandSpec::run`], but the command has a terminal of its own, whose other end this is,
    /// and what it shows is heard.
    #[cfg(unix)]
    pub fn run_in_terminal(
        &self,
        program: &Path,
        kill_switch: KillSwitchHandle,
        (terminal, end): (&Terminal, TerminalEnd),
        receive: &mut dyn FnMut(&[u8]),
    ) -> CommandEnd {
        #[cfg(target_os = "linux")]
        let attempt = |kill_switch| {
            let output = terminal.shown()?;
            let all = [end.as_fd(), end.as_fd(), end.as_fd()];
            let started = self.start_with(program, kill_switch, SpecOutput::Terminal, all)?;
            let StartedSupervisor { process, status, temporary, questions, _caches } = started;
            drop(end);
            let said = listen([output], status, questions, &mut |_, bytes| receive(bytes));
            wait_for_exit(process, temporary.as_deref(), &said?)
        };
        #[cfg(not(target_os = "linux"))]
        let attempt = |kill_switch| {
            let all = (terminal.shown()?, end.into());
            self.read_output(program, kill_switch, SpecOutput::Terminal, all, receive)
        };
        self.ended(kill_switch, attempt)
    }

    /// As [`CommandSpec::run`], but what the command reads and writes is this process's own input,
    /// output and errors, which nobody touches on the way. It is ended when this process is.
    #[cfg(target_os = "linux")]
    pub fn run_untouched(&self, program: &Path) -> CommandEnd {
        let (_held, kill_switch) = match super::kill_switch::kill_switch() {
            Ok(pair) => pair,
            Err(error) => return not_started(error),
        };
        let attempt = |kill_switch| {
            let own = (io::stdin(), io::stdout(), io::stderr());
            let all = [own.0.as_fd(), own.1.as_fd(), own.2.as_fd()];
            let started = self.start_with(program, kill_switch, SpecOutput::Untouched, all)?;
            let StartedSupervisor { process, status, temporary, questions: _unasked, _caches } =
                started;
            let said = last_words(status)?;
            wait_for_exit(process, temporary.as_deref(), &said)
        };
        self.ended(kill_switch, attempt)
    }

    /// As [`CommandSpec::run`], but what it writes to its output and to its errors is heard apart,
    /// and it reads `input` where there is one. Elsewhere than on Linux both are heard as its
    /// output, and it reads nothing.
    pub fn run_piped(
        &self,
        program: &Path,
        kill_switch: KillSwitchHandle,
        input: Option<PipeReader>,
        receive: &mut dyn FnMut(OutputStream, &[u8]),
    ) -> CommandEnd {
        #[cfg(target_os = "linux")]
        return self.ended(kill_switch, |kill_switch| {
            self.attempt_piped(program, kill_switch, input, receive)
        });
        #[cfg(not(target_os = "linux"))]
        {
            drop(input);
            self.run(program, kill_switch, &mut |bytes| receive(OutputStream::Output, bytes))
        }
    }

    #[cfg(target_os = "linux")]
    fn attempt_piped(
        &self,
        program: &Path,
        kill_switch: KillSwitchHandle,
        input: Option<PipeReader>,
        receive: &mut dyn FnMut(OutputStream, &[u8]),
    ) -> io::Result<CommandEnd> {
        let (output, output_end) = io::pipe()?;
        let (errors, errors_end) = io::pipe()?;
        let input = match input {
            Some(input) => OwnedFd::from(input),
            None => std::fs::File::open("/dev/null")?.into(),
        };
        enlarge_pipe(&output);
        let all = [input.as_fd(), output_end.as_fd(), errors_end.as_fd()];
        let started = self.start_with(program, kill_switch, SpecOutput::Untouched, all)?;
        let StartedSupervisor { process, status, temporary, questions, _caches } = started;
        drop((input, output_end, errors_end));
        let outputs = [OwnedFd::from(output), OwnedFd::from(errors)];
        let said = listen(outputs, status, questions, &mut |at, bytes| {
            receive(if at == 0 { OutputStream::Output } else { OutputStream::Errors }, bytes)
        });
        wait_for_exit(process, temporary.as_deref(), &said?)
    }

    /// Starts a supervisor, and hands it what the command is to read and write.
    #[cfg(target_os = "linux")]
    fn start_with(
        &self,
        program: &Path,
        kill_switch: KillSwitchHandle,
        output: SpecOutput,
        all: [BorrowedFd<'_>; 3],
    ) -> io::Result<StartedSupervisor> {
        let (status, status_end) = io::pipe()?;
        let KillSwitchHandle { reader, writer: line, losses, interrupts, supervisor, .. } =
            kill_switch;
        let temporary = self.temporary()?;
        let looking = Looking::begin(self);
        let watch = self.watch(temporary.as_deref(), output);
        let (watch, shared) = self.share(watch, program);
        let request = spec_transfer::packed(&watch.words())?;
        let mut command = self.supervisor(program);
        command.stdin(OwnedFd::from(reader)).stdout(Stdio::null()).stderr(status_end);
        let process = start::start(&mut command)?;
        supervisor.store(process.id(), Ordering::Relaxed);
        // It holds the ends that are the supervisor's.
        drop(command);
        send_request(&line, &request);
        share_network(shared, &line);
        if let Err(error) = super::handed_over::hand_over(&line, &all) {
            tracing::debug!(%error, "the supervisor takes no streams");
        }
        let _caches = looking.and_then(|looking| looking.send(&line));
        interrupts.begin(&line);
        let questions = QuestionLine::new(line, losses);
        Ok(StartedSupervisor { process, status, temporary, questions, _caches })
    }

    /// How it ended. One that was let go of before it could be told what to do was stopped. Where
    /// it was perhaps not kept in as was thought to be possible, that is tried anew at the next
    /// start; now it has not run.
    fn ended(
        &self,
        kill_switch: KillSwitchHandle,
        attempt: impl FnOnce(KillSwitchHandle) -> io::Result<CommandEnd>,
    ) -> CommandEnd {
        #[cfg(unix)]
        let is_slack = Arc::clone(&kill_switch.is_slack);
        let end = attempt(kill_switch).unwrap_or_else(not_started);
        #[cfg(unix)]
        if matches!(end.how, ExitKind::Failed(_)) && is_slack.load(Ordering::Relaxed) {
            return CommandEnd { how: ExitKind::Stopped, ..end };
        }
        #[cfg(target_os = "linux")]
        if self.confinement != Confinement::Free && end.how.is_perhaps_not_begun() {
            crate::sandbox::tier::detection::memory::forget();
        }
        end
    }

    /// Its private folder.
    #[cfg(unix)]
    fn temporary(&self) -> io::Result<Option<PathBuf>> {
        if self.confinement == Confinement::Free { Ok(None) } else { temporary::name().map(Some) }
    }

    /// The instructions for a supervisor.
    #[cfg(unix)]
    fn watch(&self, temporary: Option<&Path>, output: SpecOutput) -> OutputWatch {
        OutputWatch::of(self, temporary.map(Path::to_owned).unwrap_or_default(), output)
    }

    /// Has it share the loopback of other commands where it is to, and that can be had, with the
    /// ports of the machine that are open to it. Commands that only read have their own: through a
    /// server they could do what it may.
    #[cfg(target_os = "linux")]
    fn share(
        &self,
        mut watch: OutputWatch,
        program: &Path,
    ) -> (OutputWatch, Option<&SharedNetwork>) {
        let may = self.sandbox.shares_network() && self.confinement == Confinement::Folder;
        let network = watch.child.network.shared().filter(|_| may);
        let shared = network.and_then(|network| {
            let shared = self.loopback.as_ref()?.network(program, &watch.hosts)?;
            watch.child.network = network;
            Some(shared)
        });
        (watch, shared)
    }

    /// The command that starts it.
    #[cfg(unix)]
    fn supervisor(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.arg(SUPERVISOR).current_dir(&self.workdir);
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// Tells as much as the line holds to a supervisor that is still to be started, so that it does not
/// wait; what is left is told when it is there.
#[cfg(unix)]
fn fill<'a>(line: &UnixStream, request: &'a [u8]) -> io::Result<&'a [u8]> {
    use rustix::io::{Errno, ioctl_fionbio, write};

    ioctl_fionbio(line, true)?;
    let length = match write(line, request) {
        Err(Errno::AGAIN | Errno::INTR) => 0,
        written => written?,
    };
    ioctl_fionbio(line, false)?;
    Ok(&request[length..])
}

/// Tells a supervisor that was started what to do. One that has ended already says so itself, or
/// its silence does.
#[cfg(unix)]
fn send_request(mut supervisor: impl io::Write, request: &[u8]) {
    if let Err(error) = supervisor.write_all(request) {
        tracing::debug!(%error, "the supervisor does not listen");
    }
}

/// Hands over the network that was promised. A supervisor that it does not reach runs nothing.
#[cfg(target_os = "linux")]
fn share_network(shared: Option<&SharedNetwork>, line: &UnixStream) {
    if let Some(Err(error)) = shared.map(|shared| shared.hand_over(line)) {
        tracing::debug!(%error, "the supervisor takes no network");
    }
}

fn not_started(error: io::Error) -> CommandEnd {
    CommandEnd::failed(format!("The command could not be started: {error}"))
}

#[cfg(unix)]
fn wait_for_exit(
    mut supervisor: Child,
    temporary: Option<&Path>,
    said: &str,
) -> io::Result<CommandEnd> {
    let ended = supervisor.wait()?;
    tracing::debug!(%ended, "the supervisor has ended");
    if let (false, Some(temporary)) = (ended.success(), temporary) {
        temporary::remove_after_death(temporary);
    }
    Ok(CommandEnd::parse(said))
}

/// A program that writes much has to wait less often.
#[cfg(unix)]
fn enlarge_pipe(output: &PipeReader) {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::pipe::fcntl_setpipe_size(output, 1 << 20) {
        tracing::debug!(%error, "the pipe stays as narrow as it is");
    }
    #[cfg(not(target_os = "linux"))]
    let _fixed = output;
}
