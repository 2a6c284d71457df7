//! A command as the program sees it: started, listened to, ended by letting go.

#[cfg(unix)]
use std::fs::File;
use std::io;
#[cfg(unix)]
use std::io::PipeReader;
#[cfg(target_os = "linux")]
use std::os::fd::AsFd;
#[cfg(unix)]
use std::os::fd::OwnedFd;
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
use crate::protocol::Confinement;

use super::command_end::CommandEnd;
use super::command_spec::CommandSpec;
#[cfg(unix)]
use super::command_spec::{OutputWatch, SUPERVISOR, SpecOutput};
#[cfg(target_os = "linux")]
use super::hidden::Hidden;
#[cfg(target_os = "linux")]
use super::terminal::{Terminal, TerminalEnd};
#[cfg(unix)]
use super::{spec_transfer, temporary};

/// Dropping it ends the command at once, whatever else the program is doing; so does the program's death.
#[derive(Debug)]
pub struct KillSwitch {
    #[cfg(unix)]
    _line: UnixStream,
}

/// The command's end of a [`KillSwitch`].
#[derive(Debug)]
pub struct KillSwitchHandle {
    #[cfg(unix)]
    reader: UnixStream,
    /// For what the supervisor is told first; let go of then.
    #[cfg(unix)]
    writer: UnixStream,
}

/// Made before the command is, so that it can be let go at any time.
#[cfg(unix)]
pub fn kill_switch() -> io::Result<(KillSwitch, KillSwitchHandle)> {
    let (reader, writer) = UnixStream::pair()?;
    Ok((KillSwitch { _line: writer.try_clone()? }, KillSwitchHandle { reader, writer }))
}

/// There are no commands to end.
#[cfg(not(unix))]
pub fn kill_switch() -> io::Result<(KillSwitch, KillSwitchHandle)> {
    Ok((KillSwitch {}, KillSwitchHandle {}))
}

impl CommandSpec {
    /// Runs the command and blocks until all of it has ended. What it writes to its output and its errors is heard in order; after a while of
    /// silence, nothing (an empty slice) is heard once. `program` is what [`super::program`] says.
    pub fn run(
        &self,
        program: &Path,
        kill_switch: KillSwitchHandle,
        hear: &mut dyn FnMut(&[u8]),
    ) -> CommandEnd {
        self.attempt(program, kill_switch, hear).unwrap_or_else(not_started)
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
        hear: &mut dyn FnMut(&[u8]),
    ) -> io::Result<CommandEnd> {
        let (output, output_end) = io::pipe()?;
        let (status, status_end) = io::pipe()?;
        widen(&output);
        let output = OwnedFd::from(output);
        let KillSwitchHandle { reader, writer } = kill_switch;
        let temporary = self.temporary()?;
        #[cfg(target_os = "linux")]
        let looking = self.begin_to_look();
        let told = self.told(temporary.as_deref(), SpecOutput::Heard)?;
        let untold = fill(&writer, &told)?;
        let mut command = self.supervisor(program);
        let supervisor =
            command.stdin(OwnedFd::from(reader)).stdout(output_end).stderr(status_end).spawn()?;
        // It holds the ends of the pipes that are the supervisor's.
        drop(command);
        tell(&writer, untold);
        #[cfg(target_os = "linux")]
        tell_hidden(&writer, looking);
        drop(writer);
        let said = listen(output, status, hear);
        farewell(supervisor, temporary.as_deref(), &said?)
    }

    /// As [`CommandSpec::run`], but the command has a terminal of its own, whose other end this is, and what it shows is heard.
    #[cfg(target_os = "linux")]
    pub fn run_in_terminal(
        &self,
        program: &Path,
        kill_switch: KillSwitchHandle,
        (terminal, end): (&Terminal, TerminalEnd),
        hear: &mut dyn FnMut(&[u8]),
    ) -> CommandEnd {
        let attempt = || {
            let (status, status_end) = io::pipe()?;
            let output = terminal.shown()?;
            let KillSwitchHandle { reader, writer } = kill_switch;
            let temporary = self.temporary()?;
            let looking = self.begin_to_look();
            let told = self.told(temporary.as_deref(), SpecOutput::Terminal)?;
            let mut command = self.supervisor(program);
            let supervisor = command
                .stdin(OwnedFd::from(reader))
                .stdout(Stdio::null())
                .stderr(status_end)
                .spawn()?;
            drop(command);
            tell(&writer, &told);
            let all = [end.as_fd(), end.as_fd(), end.as_fd()];
            if let Err(error) = super::streams::hand_over_these(&writer, all) {
                tracing::debug!(%error, "the supervisor takes no terminal");
            }
            drop(end);
            tell_hidden(&writer, looking);
            drop(writer);
            let said = listen(output, status, hear);
            farewell(supervisor, temporary.as_deref(), &said?)
        };
        attempt().unwrap_or_else(not_started)
    }

    /// As [`CommandSpec::run`], but what the command reads and writes is this process's own input, output and errors, which nobody touches on the way. It is
    /// ended when this process is.
    #[cfg(target_os = "linux")]
    pub fn run_untouched(&self, program: &Path) -> CommandEnd {
        use std::io::Read;

        let attempt = || {
            let (kill_switch, kept) = UnixStream::pair()?;
            let (status, status_end) = io::pipe()?;
            let temporary = self.temporary()?;
            let looking = self.begin_to_look();
            let told = self.told(temporary.as_deref(), SpecOutput::Untouched)?;
            let mut command = self.supervisor(program);
            let supervisor = command
                .stdin(OwnedFd::from(kept))
                .stdout(Stdio::null())
                .stderr(status_end)
                .spawn()?;
            drop(command);
            tell(&kill_switch, &told);
            if let Err(error) = super::streams::hand_over(&kill_switch) {
                tracing::debug!(%error, "the supervisor takes no streams");
            }
            tell_hidden(&kill_switch, looking);
            let mut said = String::new();
            status.take(SAYING).read_to_string(&mut said)?;
            farewell(supervisor, temporary.as_deref(), &said)
        };
        attempt().unwrap_or_else(not_started)
    }

    /// Its private folder.
    #[cfg(unix)]
    fn temporary(&self) -> io::Result<Option<PathBuf>> {
        if self.confinement == Confinement::Free { Ok(None) } else { temporary::name().map(Some) }
    }

    /// What a supervisor is told to do.
    #[cfg(unix)]
    fn told(&self, temporary: Option<&Path>, output: SpecOutput) -> io::Result<Vec<u8>> {
        let watch =
            OutputWatch::of(self, temporary.map(Path::to_owned).unwrap_or_default(), output);
        spec_transfer::packed(&watch.words())
    }

    /// Looks for what is hidden from a command that is kept in, while its processes start.
    #[cfg(target_os = "linux")]
    fn begin_to_look(&self) -> Option<Looking> {
        let paths = self.hidden.clone();
        let look = move || spec_transfer::packed(&Hidden::look(&paths).words());
        (self.confinement != Confinement::Free)
            .then(|| std::thread::Builder::new().name("look".to_owned()).spawn(look))
    }

    /// What starts it.
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

/// Tells as much as the line holds to a supervisor that is still to be started, so that it does not wait; what is left is told when it is there.
#[cfg(unix)]
fn fill<'a>(line: &UnixStream, told: &'a [u8]) -> io::Result<&'a [u8]> {
    use rustix::io::{Errno, ioctl_fionbio, write};

    ioctl_fionbio(line, true)?;
    let length = match write(line, told) {
        Err(Errno::AGAIN | Errno::INTR) => 0,
        written => written?,
    };
    ioctl_fionbio(line, false)?;
    Ok(&told[length..])
}

/// Tells a supervisor that was started what to do. One that has ended already says so itself, or its silence does.
#[cfg(unix)]
fn tell(mut supervisor: impl io::Write, told: &[u8]) {
    if let Err(error) = supervisor.write_all(told) {
        tracing::debug!(%error, "the supervisor does not listen");
    }
}

/// What comes of looking, or why there is no thread for it.
#[cfg(target_os = "linux")]
type Looking = io::Result<std::thread::JoinHandle<io::Result<Vec<u8>>>>;

/// Waits for what was found and tells it. Processes that do not hear all of it do not run the command.
#[cfg(target_os = "linux")]
fn tell_hidden(supervisor: impl io::Write, looking: Option<Looking>) {
    let Some(looking) = looking else { return };
    let broken = |_panic| Err(io::Error::other("looking for it failed"));
    match looking.and_then(|looking| looking.join().unwrap_or_else(broken)) {
        Ok(told) => tell(supervisor, &told),
        Err(error) => tracing::warn!(%error, "it is not known what to hide from a command"),
    }
}

fn not_started(error: io::Error) -> CommandEnd {
    CommandEnd::failed(format!("The command could not be started: {error}"))
}

#[cfg(unix)]
fn farewell(mut supervisor: Child, temporary: Option<&Path>, said: &str) -> io::Result<CommandEnd> {
    let ended = supervisor.wait()?;
    tracing::debug!(%ended, "the supervisor has ended");
    if let (false, Some(temporary)) = (ended.success(), temporary) {
        temporary::remove_after_death(temporary);
    }
    Ok(CommandEnd::parse(said))
}

#[cfg(unix)]
const BUFFER: usize = 256 << 10;
/// What reading a terminal fails with once nobody has it open any more.
#[cfg(unix)]
const HUNG_UP: i32 = rustix::io::Errno::IO.raw_os_error();
/// What the supervisor says is a short line.
#[cfg(unix)]
const SAYING: u64 = 4096;

/// Hears all output until the supervisor has ended, which is when nothing can write any more: something that got away may hold the pipe for ever.
#[cfg(unix)]
fn listen(output: OwnedFd, status: PipeReader, hear: &mut dyn FnMut(&[u8])) -> io::Result<String> {
    use std::io::Read;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec};

    let mut output = File::from(output);
    const QUIET: Duration = Duration::from_millis(100);
    let quiet = Timespec::try_from(QUIET).ok();
    let mut buffer = vec![0; BUFFER];
    let (mut silent, mut open, mut ended) = (true, true, false);
    while open || !ended {
        let mut ends = [PollFd::new(&output, PollFlags::IN), PollFd::new(&status, PollFlags::IN)];
        // A pipe that is at its end would be ready for ever.
        let watched = if open { &mut ends[..] } else { &mut ends[1..] };
        let wait = if ended {
            Some(&Timespec { tv_sec: 0, tv_nsec: 0 })
        } else {
            quiet.as_ref().filter(|_| !silent)
        };
        let ready = match rustix::event::poll(watched, wait) {
            Err(rustix::io::Errno::INTR) => continue,
            ready => ready?,
        };
        let has_output = open && !ends[0].revents().is_empty();
        ended = ended || !ends[1].revents().is_empty();
        if has_output {
            let length = match output.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                // Nobody is left at the other side of a terminal.
                Err(error) if error.raw_os_error() == Some(HUNG_UP) => 0,
                length => length?,
            };
            open = length > 0;
            silent = false;
            hear(&buffer[..length]);
        } else if ended {
            open = false;
        } else if ready == 0 {
            silent = true;
            hear(&[]);
        }
    }
    let mut said = String::new();
    status.take(SAYING).read_to_string(&mut said)?;
    Ok(said)
}

/// A program that writes much has to wait less often.
#[cfg(unix)]
fn widen(output: &PipeReader) {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::pipe::fcntl_setpipe_size(output, 1 << 20) {
        tracing::debug!(%error, "the pipe stays as narrow as it is");
    }
    #[cfg(not(target_os = "linux"))]
    let _fixed = output;
}
