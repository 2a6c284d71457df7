//! The process beside a command: it sees to it that nothing of the command stays when it has ended, when its time is over, or when nobody holds
//! the kill switch any more. Reads no output.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::{Display, Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::protocol::Confinement;
#[cfg(target_os = "linux")]
use crate::protocol::Sandbox;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, Signal, WaitOptions};

#[cfg(target_os = "linux")]
use super::child_channel::{ChannelEvent, ChildChannel, ChildMessage};
use super::child_spec::{ChildSpec, Tracing};
use super::command_end::{CommandEnd, ExitKind, FAILED};
use super::git_guard::{Arrivals, GitGuard, GuardOutcome, GuardedChange, Search};
#[cfg(target_os = "linux")]
use super::hidden::Hidden;
use super::later_files::EmptyPlaces;
#[cfg(target_os = "linux")]
use super::mounts::MountView;
use super::output_watch::{OutputWatch, SpecOutput};
#[cfg(target_os = "linux")]
use super::proxy::Proxy;
#[cfg(target_os = "linux")]
use super::sandboxed_child::NotSetUp;
#[cfg(target_os = "linux")]
use super::streams::Streams;
use super::temporary::{self, Temporary};
use super::{SANDBOXED_CHILD, process_tree, program, spec_transfer};

/// What a command leaves running may end by itself for so long.
const GRACE: Duration = Duration::from_millis(200);
/// How long whoever is asked to end may take.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// What the kill switch is ready for when nobody holds it. Where what is hidden comes on it, the child reads that, and being at its end is what counts;
/// elsewhere nothing is written to it any more.
const SLACK: PollFlags = if cfg!(target_os = "linux") { PollFlags::empty() } else { PollFlags::IN };
/// A process that hangs in the kernel cannot be ended; it is not waited for any longer.
const GIVE_UP: Duration = Duration::from_secs(5);

/// What it is to do comes first on its input, which is the kill switch from then on; its output is the command's, and its errors are where it tells how it ended.
pub fn serve() -> ExitCode {
    let watch = spec_transfer::receive(io::stdin())
        .ok()
        .and_then(|words| OutputWatch::parse(words.into_iter()));
    let end = match watch {
        Some(watch) => {
            let folders = std::iter::once(&watch.folder)
                .chain(&watch.opened)
                .filter(|_| watch.confinement == Confinement::Folder);
            let folders: Vec<&Path> = folders.map(PathBuf::as_path).collect();
            let known = repositories(&watch.kept);
            let seals: Vec<GitGuard> =
                folders.iter().map(|folder| GitGuard::of(folder, &known)).collect();
            let arrivals = Arrivals::beside(known);
            let empty = EmptyPlaces::among(if folders.is_empty() { &[] } else { &watch.kept });
            let end = Supervisor::begin(&watch).and_then(|mut supervisor| {
                let end = supervisor.wait(watch.limit)?;
                Ok(CommandEnd { unreached: supervisor.unreached(), ..end })
            });
            // By now nothing of the command can undo it.
            let put_back: Vec<GuardedChange> = seals.iter().flat_map(GitGuard::put_back).collect();
            let (disarmed, search) = arrivals.disarm(&folders, &seals);
            let names = |changes: &[GuardedChange]| {
                changes.iter().map(|change| named(change, &watch.folder)).collect()
            };
            let is_unsearched = search == Search::Partial;
            let later_files =
                empty.taken().map(|path| within(path, &watch.folder).to_string()).collect();
            end.map(|end| CommandEnd {
                put_back: names(&put_back),
                disarmed: names(&disarmed),
                later_files,
                is_unsearched,
                ..end
            })
        }
        None => Err(io::Error::other("what is to be done was not told whole")),
    };
    let end = end.unwrap_or_else(|error| {
        CommandEnd::failed(format!("The command could not be started: {error}"))
    });
    // Whoever does not listen any more needs no word.
    let _unheard = io::stderr().write_all(end.lines().as_bytes());
    ExitCode::SUCCESS
}

fn named(GuardedChange { path, now }: &GuardedChange, folder: &Path) -> String {
    let name = within(path, folder);
    match now {
        GuardOutcome::AsBefore => name.to_string(),
        GuardOutcome::Changed => format!("{name}{FAILED}"),
    }
}

fn within<'a>(path: &'a Path, folder: &Path) -> Display<'a> {
    path.strip_prefix(folder).unwrap_or(path).display()
}

/// What is called `.git` and there, of places that are kept, or hold what is.
fn repositories(kept: &[PathBuf]) -> Vec<PathBuf> {
    let is_git = |path: &&Path| path.ends_with(".git") && path.symlink_metadata().is_ok();
    let all: BTreeSet<&Path> =
        kept.iter().filter_map(|path| path.ancestors().take(2).find(is_git)).collect();
    all.into_iter().map(Path::to_owned).collect()
}

struct Supervisor {
    leader: Pid,
    how: Option<ExitKind>,
    /// Processes below the leader that are not the command's.
    attending: u32,
    /// Rings when a child has ended.
    bell: UnixStream,
    /// Until the child has ended, or has become the command.
    #[cfg(target_os = "linux")]
    line: Option<ChildChannel>,
    /// What takes the place at which the command's calls are shown.
    #[cfg(target_os = "linux")]
    tracer: Option<super::trace::Tracer>,
    /// What answers in the command's network, where hosts are open to it.
    #[cfg(target_os = "linux")]
    proxy: Option<Proxy>,
    /// Removed when nothing can use it any more.
    _temporary: Option<Temporary>,
}

/// What woke the supervisor.
enum SupervisorWake {
    Bell,
    Slack,
}

impl Supervisor {
    fn begin(watch: &OutputWatch) -> io::Result<Self> {
        // Away from the terminal, so that its keys do not end the supervisor before the command.
        let _leads_already = rustix::process::setsid();
        #[cfg(target_os = "linux")]
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        let (bell, ring) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        signal_hook::low_level::pipe::register(signal_hook::consts::SIGCHLD, ring)?;
        let temporary = match watch.confinement {
            Confinement::Free => None,
            Confinement::Folder | Confinement::ReadOnly => {
                Some(temporary::create(&watch.temporary)?)
            }
        };
        // Before there is another thread.
        #[cfg(target_os = "linux")]
        let (is_wrapped, has_own_mounts) = match (watch.confinement, watch.sandbox) {
            (Confinement::Free, _) => (false, false),
            (_, sandbox) => (
                sandbox == Sandbox::Bubblewrap,
                sandbox != Sandbox::Bubblewrap && sandbox.has_mounts(),
            ),
        };
        #[cfg(target_os = "linux")]
        if has_own_mounts {
            super::namespaces::prepare().map_err(NotSetUp::from)?;
        }
        #[cfg(target_os = "linux")]
        let ((line, input), tracer) = (
            ChildChannel::pair()?,
            watch.trace.clone().and_then(|file| super::trace::Tracer::start(file).ok()),
        );
        #[cfg(target_os = "linux")]
        let proxy =
            if watch.hosts.is_empty() { None } else { Some(Proxy::start(watch.hosts.clone())?) };
        #[cfg(target_os = "linux")]
        if has_own_mounts && watch.sandbox.has_processes() {
            super::namespaces::begin_processes().map_err(NotSetUp::from)?;
        }
        #[cfg(target_os = "linux")]
        let tracing = if tracer.is_some() { Tracing::On } else { Tracing::Off };
        #[cfg(not(target_os = "linux"))]
        let tracing = Tracing::Off;
        let terms = ChildSpec {
            confinement: watch.confinement,
            sandbox: watch.sandbox,
            kept: watch.kept.clone(),
            folder: watch.folder.clone(),
            temporary: temporary
                .as_ref()
                .map(|folder| folder.path().to_owned())
                .unwrap_or_default(),
            hidden: watch.hidden.clone(),
            shown: watch.shown.clone(),
            opened: watch.opened.clone(),
            network: watch.network,
            tracing,
            command: watch.command.clone(),
        };
        #[cfg(target_os = "linux")]
        let attending = u32::from(is_wrapped);
        #[cfg(not(target_os = "linux"))]
        let attending = 0;
        #[cfg(target_os = "linux")]
        line.send(ChildMessage::Spec(spec_transfer::in_memory(&terms.words())?))?;
        // They come before what is hidden.
        #[cfg(target_os = "linux")]
        let streams = match watch.output {
            SpecOutput::Heard => None,
            SpecOutput::Terminal | SpecOutput::Untouched => {
                Some(super::streams::take(io::stdin())?)
            }
        };
        #[cfg(target_os = "linux")]
        let (mut command, _told) = match watch.confinement {
            Confinement::Free => (plain(), None),
            _ if is_wrapped => wrapped(&terms, &line)?,
            // The child waits for it itself, when it needs it.
            _ => {
                let hidden = io::stdin().as_fd().try_clone_to_owned()?;
                line.send(ChildMessage::Hidden(hidden))?;
                (plain(), None)
            }
        };
        #[cfg(not(target_os = "linux"))]
        let mut command = plain();
        #[cfg(not(target_os = "linux"))]
        let (input, told) = io::pipe()?;
        command.stdin(Stdio::from(input));
        let heard = io::stdout().as_fd().try_clone_to_owned()?;
        #[cfg(target_os = "linux")]
        match streams {
            None => drop(command.stderr(heard)),
            Some(Streams { input, output, errors }) => {
                line.send(match watch.output {
                    SpecOutput::Terminal => ChildMessage::Terminal(input),
                    SpecOutput::Heard | SpecOutput::Untouched => ChildMessage::Input(input),
                })?;
                command.stdout(output).stderr(errors);
            }
        }
        #[cfg(not(target_os = "linux"))]
        match watch.output {
            SpecOutput::Heard | SpecOutput::Terminal => drop(command.stderr(heard)),
            SpecOutput::Untouched => return Err(io::ErrorKind::Unsupported.into()),
        }
        if temporary.is_some() {
            command.envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, &terms.temporary)));
        }
        let child = command.spawn()?;
        // What is written does not come back: the child alone holds the other end.
        #[cfg(not(target_os = "linux"))]
        drop(command);
        #[cfg(not(target_os = "linux"))]
        io::Write::write_all(&mut &told, &spec_transfer::packed(&terms.words())?)?;
        let leader = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let leader = leader.ok_or_else(|| io::Error::other("a process without a number"))?;
        Ok(Self {
            leader,
            how: None,
            attending,
            bell,
            #[cfg(target_os = "linux")]
            line: Some(line),
            #[cfg(target_os = "linux")]
            tracer,
            #[cfg(target_os = "linux")]
            proxy,
            _temporary: temporary,
        })
    }

    fn wait(&mut self, limit: Duration) -> io::Result<CommandEnd> {
        let mut deadline = Instant::now() + limit;
        loop {
            let known = self.how.is_some();
            self.listen();
            let alone = self.reap();
            match self.how.clone() {
                Some(how) if alone => return Ok(CommandEnd::new(how, 0)),
                Some(_) if !known => deadline = Instant::now() + GRACE,
                _ => {}
            }
            if Instant::now() >= deadline {
                let left = process_tree::count(self.leader).saturating_sub(self.attending);
                self.end();
                // What ends within the grace has ended by itself.
                let how = if known { self.how.clone() } else { None };
                return Ok(CommandEnd::new(
                    how.unwrap_or(ExitKind::Late),
                    if known { left } else { 0 },
                ));
            }
            if let SupervisorWake::Slack = self.sleep(Some(deadline), KillSwitchEnd::Yes)? {
                self.end();
                return Ok(CommandEnd::new(ExitKind::Stopped, 0));
            }
        }
    }

    /// Ends all there is: first it is asked, then it is not.
    fn end(&mut self) {
        process_tree::signal(self.leader, Signal::TERM);
        let mut deadline = Instant::now() + LAST_WORDS;
        while !self.reap() && Instant::now() < deadline {
            let _woken = self.sleep(Some(deadline), KillSwitchEnd::No);
            self.listen();
        }
        deadline = Instant::now() + GIVE_UP;
        while !self.reap() && Instant::now() < deadline {
            // Again and again: what is just being started is not seen the first time.
            process_tree::signal(self.leader, Signal::KILL);
            let _woken =
                self.sleep(Some(Instant::now() + Duration::from_millis(10)), KillSwitchEnd::No);
            self.listen();
        }
    }

    /// Takes leave of the children that have ended; whether there are none left.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.leader => {
                    // The first process of a namespace has told how the command ended.
                    self.listen();
                    let exit = || status.exit_status().map(ExitKind::Exit);
                    self.how = self
                        .how
                        .take()
                        .or_else(exit)
                        .or_else(|| status.terminating_signal().map(ExitKind::Signal));
                }
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => return false,
                // Where orphans do not come to the supervisor, its group tells of them.
                Err(_none) => {
                    return cfg!(target_os = "linux") || process_tree::count(self.leader) == 0;
                }
            }
        }
    }

    /// Hosts that the proxy did not let the command reach.
    fn unreached(&self) -> Vec<String> {
        #[cfg(target_os = "linux")]
        return self.proxy.as_ref().map(Proxy::unreached).unwrap_or_default();
        #[cfg(not(target_os = "linux"))]
        Vec::new()
    }

    /// Hears what the child says.
    #[cfg(target_os = "linux")]
    fn listen(&mut self) {
        while let Some(line) = &self.line {
            match line.hear() {
                Ok(ChannelEvent::Message(ChildMessage::Ended(how))) => self.how = Some(how),
                // What it sent itself does not come back.
                Ok(ChannelEvent::Message(
                    ChildMessage::Hidden(_)
                    | ChildMessage::Input(_)
                    | ChildMessage::Spec(_)
                    | ChildMessage::Terminal(_),
                )) => {}
                Ok(ChannelEvent::Message(ChildMessage::Door(door))) => {
                    if let Some(proxy) = &self.proxy {
                        proxy.serve(door);
                    }
                }
                Ok(ChannelEvent::Message(ChildMessage::Listener(listener))) => {
                    if let Some(tracer) = self.tracer.take() {
                        tracer.serve(listener);
                    }
                }
                Ok(ChannelEvent::Nothing) => return,
                Ok(ChannelEvent::Gone) | Err(_) => self.line = None,
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn listen(&mut self) {}

    fn sleep(
        &mut self,
        until: Option<Instant>,
        kill_switch: KillSwitchEnd,
    ) -> io::Result<SupervisorWake> {
        let stdin = io::stdin();
        let mut ends = vec![PollFd::new(&self.bell, PollFlags::IN)];
        #[cfg(target_os = "linux")]
        ends.extend(self.line.iter().map(|line| PollFd::new(line, PollFlags::IN)));
        if let KillSwitchEnd::Yes = kill_switch {
            ends.push(PollFd::new(&stdin, SLACK));
        }
        let wait = until.map(|until| {
            until.saturating_duration_since(Instant::now()) + Duration::from_millis(1)
        });
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        match rustix::event::poll(&mut ends, wait.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        // That it is ready for that means that nobody holds it.
        let slack = matches!(kill_switch, KillSwitchEnd::Yes)
            && ends.last().is_some_and(|kill_switch| !kill_switch.revents().is_empty());
        let _rings = self.bell.read(&mut [0; 64]);
        Ok(if slack { SupervisorWake::Slack } else { SupervisorWake::Bell })
    }
}

/// The child.
fn plain() -> Command {
    let mut command = Command::new(program());
    command.arg(SANDBOXED_CHILD);
    command
}

/// The child, started by another program, which reads the file. What is hidden is told to both.
#[cfg(target_os = "linux")]
fn wrapped(terms: &ChildSpec, line: &ChildChannel) -> io::Result<(Command, Option<std::fs::File>)> {
    let ChildSpec { kept, shown, .. } = terms;
    let hidden = &Hidden::receive(io::stdin())?;
    line.send(ChildMessage::Hidden(spec_transfer::in_memory(&hidden.words())?))?;
    let writable = terms.writable().unwrap_or_default();
    let (command, told) = super::bubblewrap::command(
        &MountView { writable: &writable, kept, hidden, shown },
        terms.network,
        vec![SANDBOXED_CHILD.into()],
    )?;
    Ok((command, Some(told)))
}

/// Whether letting go is of interest.
#[derive(Clone, Copy)]
enum KillSwitchEnd {
    No,
    Yes,
}
