//! The process beside a command: it sees to it that nothing of the command stays when it has ended, when its time is over, or when nobody holds
//! the leash any more. Reads no output.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, Signal, WaitOptions};
use tempfile::TempDir;

use crate::protocol::Confinement;

use super::order::{End, How, Terms, Tracing, Watch};
use super::seal::{Change, Now, Seal};
use super::{family, program};

/// What a command leaves running may end by itself for so long.
const GRACE: Duration = Duration::from_millis(200);
/// How long whoever is asked to end may take.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// A process that hangs in the kernel cannot be ended; it is not waited for any longer.
const GIVE_UP: Duration = Duration::from_secs(5);

/// Its input is the leash, its output the command's, and its errors are where it tells how it ended.
pub fn serve(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let end = match Watch::parse(arguments) {
        Some(watch) => {
            let seal = if watch.confinement == Confinement::Folder { Seal::of(&watch.folder) } else { Seal::default() };
            let end = Warden::begin(&watch).and_then(|mut warden| warden.wait(watch.limit));
            // By now nothing of the command can undo it.
            let put_back = seal.put_back();
            end.map(|end| End { put_back: put_back.iter().map(|change| named(change, &watch.folder)).collect(), ..end })
        }
        None => Err(io::Error::other("the arguments are not whole")),
    };
    let end = end.unwrap_or_else(|error| End::failed(format!("The command could not be started: {error}")));
    // Whoever does not listen any more needs no word.
    let _unheard = io::stderr().write_all(end.lines().as_bytes());
    ExitCode::SUCCESS
}

fn named(Change { path, now }: &Change, folder: &Path) -> String {
    let name = path.strip_prefix(folder).unwrap_or(path).display();
    match now {
        Now::AsBefore => name.to_string(),
        Now::Changed => format!("{name}: failed"),
    }
}

struct Warden {
    leader: Pid,
    how: Option<How>,
    /// Rings when a child has ended.
    bell: UnixStream,
    /// Removed when nothing can use it any more.
    _temporary: Option<TempDir>,
}

/// What woke the warden.
enum Wake {
    Bell,
    Slack,
}

impl Warden {
    fn begin(watch: &Watch) -> io::Result<Self> {
        // Away from the terminal, so that its keys do not end the warden before the command.
        let _leads_already = rustix::process::setsid();
        let own = rustix::process::getpid();
        #[cfg(target_os = "linux")]
        rustix::process::set_child_subreaper(Some(own))?;
        let (bell, ring) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        signal_hook::low_level::pipe::register(signal_hook::consts::SIGCHLD, ring)?;
        let temporary = match watch.confinement {
            Confinement::Free => None,
            Confinement::Folder | Confinement::ReadOnly => Some(private_folder()?),
        };
        let path = match &temporary {
            Some(folder) => folder.path().canonicalize()?,
            None => Path::new("").to_owned(),
        };
        let (input, tracing) = input(watch);
        let terms = Terms {
            warden: own.as_raw_nonzero().get(),
            confinement: watch.confinement,
            sandbox: watch.sandbox,
            kept: watch.kept.clone(),
            folder: watch.folder.clone(),
            temporary: path,
            hidden: watch.hidden.clone(),
            shown: watch.shown.clone(),
            tracing,
            command: watch.command.clone(),
        };
        let mut command = Command::new(program());
        command.args(terms.arguments()).stdin(input).stderr(io::stdout().as_fd().try_clone_to_owned()?);
        if temporary.is_some() {
            command.envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, &terms.temporary)));
        }
        let leader = i32::try_from(command.spawn()?.id()).ok().and_then(Pid::from_raw);
        let leader = leader.ok_or_else(|| io::Error::other("a process without a number"))?;
        Ok(Self { leader, how: None, bell, _temporary: temporary })
    }

    fn wait(&mut self, limit: Duration) -> io::Result<End> {
        let mut deadline = Instant::now() + limit;
        loop {
            let known = self.how.is_some();
            let alone = self.reap();
            match self.how.clone() {
                Some(how) if alone => return Ok(End::new(how, 0)),
                Some(_) if !known => deadline = Instant::now() + GRACE,
                _ => {}
            }
            if Instant::now() >= deadline {
                let left = family::count(self.leader);
                self.end();
                // What ends within the grace has ended by itself.
                let how = if known { self.how.clone() } else { None };
                return Ok(End::new(how.unwrap_or(How::Late), if known { left } else { 0 }));
            }
            if let Wake::Slack = self.sleep(Some(deadline), Leashed::Yes)? {
                self.end();
                return Ok(End::new(How::Stopped, 0));
            }
        }
    }

    /// Ends all there is: first it is asked, then it is not.
    fn end(&mut self) {
        family::signal(self.leader, Signal::TERM);
        let mut deadline = Instant::now() + LAST_WORDS;
        while !self.reap() && Instant::now() < deadline {
            let _woken = self.sleep(Some(deadline), Leashed::No);
        }
        deadline = Instant::now() + GIVE_UP;
        while !self.reap() && Instant::now() < deadline {
            // Again and again: what is just being started is not seen the first time.
            family::signal(self.leader, Signal::KILL);
            let _woken = self.sleep(Some(Instant::now() + Duration::from_millis(10)), Leashed::No);
        }
    }

    /// Takes leave of the children that have ended; whether there are none left.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.leader => {
                    let exit = status.exit_status().map(How::Exit);
                    self.how = exit.or_else(|| status.terminating_signal().map(How::Signal)).or(self.how.take());
                }
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => return false,
                // Where orphans do not come to the warden, its group tells of them.
                Err(_none) => return cfg!(target_os = "linux") || family::count(self.leader) == 0,
            }
        }
    }

    fn sleep(&mut self, until: Option<Instant>, leashed: Leashed) -> io::Result<Wake> {
        let stdin = io::stdin();
        let mut ends = [PollFd::new(&self.bell, PollFlags::IN), PollFd::new(&stdin, PollFlags::IN)];
        let watched = match leashed {
            Leashed::Yes => &mut ends[..],
            Leashed::No => &mut ends[..1],
        };
        let wait = until.map(|until| until.saturating_duration_since(Instant::now()) + Duration::from_millis(1));
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        match rustix::event::poll(watched, wait.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        // Nothing is ever written to the leash: that it is ready means that nobody holds it.
        let slack = !ends[1].revents().is_empty();
        let _rings = self.bell.read(&mut [0; 64]);
        Ok(if slack { Wake::Slack } else { Wake::Bell })
    }
}

/// The cell's standard input: nothing, or the line on which it sends what its calls are shown at.
#[cfg(target_os = "linux")]
fn input(watch: &Watch) -> (Stdio, Tracing) {
    match watch.trace.clone().map(super::trace::listen) {
        Some(Ok(line)) => (std::os::fd::OwnedFd::from(line).into(), Tracing::On),
        Some(Err(_)) | None => (Stdio::null(), Tracing::Off),
    }
}

#[cfg(not(target_os = "linux"))]
fn input(_watch: &Watch) -> (Stdio, Tracing) {
    (Stdio::null(), Tracing::Off)
}

/// Under the system's own, for its owner alone whatever the umask says.
fn private_folder() -> io::Result<TempDir> {
    let mode = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().prefix("codling-").permissions(mode).tempdir()
}

/// Whether letting go is of interest.
#[derive(Clone, Copy)]
enum Leashed {
    No,
    Yes,
}
