//! The process beside a command: it sees to it that nothing of the command stays when it has ended,
//! when its time is over, or when nobody holds the kill switch any more. Reads no output.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Display, Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Signal, WaitOptions};

use crate::base::folder_handle::ASIDE;
use crate::protocol::Confinement;

use super::interrupt::INTERRUPT;
use super::process_tree;
#[cfg(target_os = "linux")]
use super::question_line::OpenQuestion;
use super::started_child::{Stage, StartedChild};
use crate::sandbox::git_guard::{
    Arrivals, GitGuard, GuardOutcome, GuardedChange, GuardedFolder, Search,
};
use crate::sandbox::spec::command_end::{CommandEnd, ExitKind, FAILED, NOW};
use crate::sandbox::spec::output_watch::OutputWatch;
use crate::sandbox::spec::spec_transfer;
#[cfg(target_os = "linux")]
use crate::sandbox::trace::LossDecision;
use crate::sandbox::walls::startup_files::{Comparison, StartupFiles};

/// Time for processes that a command left to end by themselves.
const GRACE: Duration = Duration::from_millis(200);
/// How long whoever is asked to end may take.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// A process that hangs in the kernel cannot be ended; it is not waited for any longer.
const GIVE_UP: Duration = Duration::from_secs(5);

/// Its instructions come first on its input, which is the kill switch from then on; its output is
/// the command's, and its errors are where it tells how it ended. Where it could not close what it
/// inherited, it says so and starts nothing.
pub fn serve(closed: io::Result<()>) -> ExitCode {
    let read_watch = |()| {
        let words = spec_transfer::receive(io::stdin()).ok();
        Ok(words.and_then(|words| OutputWatch::parse(words.into_iter())))
    };
    let end = match closed.and_then(read_watch) {
        Err(error) => Err(error),
        Ok(Some(watch)) => run(&watch),
        Ok(None) => Err(io::Error::other("what is to be done was not told whole")),
    };
    let end = end.unwrap_or_else(|error| {
        CommandEnd::failed(format!("The command could not be started: {error}"))
    });
    // A program that does not listen any more needs no report.
    let _unheard = io::stderr().write_all(end.lines().as_bytes());
    ExitCode::SUCCESS
}

/// Runs the command, and puts right what it changed of what git follows. The folders are opened
/// before it can change where their paths lead.
fn run(watch: &OutputWatch) -> io::Result<CommandEnd> {
    let writable = std::iter::once(&watch.child.folder)
        .chain(&watch.child.opened)
        .filter(|_| watch.child.confinement == Confinement::Folder);
    let open = |path: &PathBuf| {
        GuardedFolder::open(path).map_err(|error| {
            let path = path.display();
            io::Error::other(format!("`{path}` could not be opened to watch over it: {error}"))
        })
    };
    let folders = writable.map(open).collect::<io::Result<Vec<_>>>()?;
    let folders: Vec<&GuardedFolder> = folders.iter().collect();
    let known = repositories(&watch.child.kept);
    let seals: Vec<GitGuard<'_>> =
        folders.iter().map(|folder| GitGuard::of(folder, &known)).collect();
    let arrivals = Arrivals::since_now();
    let has_mounts = watch.child.sandbox.tier() <= 2;
    let comparison = if has_mounts { Comparison::Nodes } else { Comparison::Contents };
    let later = StartupFiles::among(&folders, &watch.child.kept, comparison);
    let end = Supervisor::begin(watch).and_then(|mut supervisor| {
        let end = supervisor.wait(watch.limit)?;
        Ok(CommandEnd { unreached: supervisor.child.unreached(), ..end })
    });
    // By now nothing of this command can undo it. Others of the folder may still run, and are not
    // waited for: one of them may be a server that never ends.
    let put_back: Vec<GuardedChange> = seals.iter().flat_map(GitGuard::put_back).collect();
    let (disarmed, search) = arrivals.disarm(&folders, &seals);
    let names = |changes: &[GuardedChange]| {
        changes.iter().map(|change| named(change, &watch.child.folder)).collect()
    };
    let startup_files = later.changed().map(|path| within(&path, &watch.child.folder).to_string());
    Ok(CommandEnd {
        put_back: names(&put_back),
        disarmed: names(&disarmed),
        startup_files: startup_files.collect(),
        is_unsearched: search == Search::Partial,
        ..end?
    })
}

/// The file, and what it is called now where that is not told by its name alone.
fn named(GuardedChange { path, aside, now }: &GuardedChange, folder: &Path) -> String {
    let name = within(path, folder);
    let plain =
        path.file_name().map(|name| [name, OsStr::new(ASIDE)].into_iter().collect::<OsString>());
    let aside = aside.as_ref().filter(|aside| plain.as_ref() != Some(aside));
    let aside = aside.map_or_else(String::new, |aside| format!("{NOW}{}", aside.display()));
    match now {
        GuardOutcome::AsBefore => format!("{name}{aside}"),
        GuardOutcome::Changed => format!("{name}{aside}{FAILED}"),
    }
}

fn within<'a>(path: &'a Path, folder: &Path) -> Display<'a> {
    path.strip_prefix(folder).unwrap_or(path).display()
}

/// The `.git` entries that exist at, or above, places that are kept.
fn repositories(kept: &[PathBuf]) -> Vec<PathBuf> {
    let is_git = |path: &&Path| path.ends_with(".git") && path.symlink_metadata().is_ok();
    let all: BTreeSet<&Path> =
        kept.iter().filter_map(|path| path.ancestors().take(2).find(is_git)).collect();
    all.into_iter().map(Path::to_owned).collect()
}

struct Supervisor {
    how: Option<ExitKind>,
    /// Rings when a child has ended, or has to.
    bell: UnixStream,
    child: StartedChild,
    /// Whether the command is to be interrupted as soon as it is known who that is.
    is_to_interrupt: bool,
    #[cfg(target_os = "linux")]
    question: OpenQuestion,
}

/// The event that woke the supervisor.
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
        let (bell, waker) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        let other_ring = waker.try_clone()?;
        signal_hook::low_level::pipe::register(signal_hook::consts::SIGCHLD, waker)?;
        Ok(Self {
            how: None,
            bell,
            child: StartedChild::start(watch, other_ring)?,
            is_to_interrupt: false,
            #[cfg(target_os = "linux")]
            question: OpenQuestion::default(),
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
            if let Some(unkept) = self.child.unkept() {
                self.end();
                let end = CommandEnd::new(ExitKind::Stopped, 0);
                return Ok(CommandEnd { unkept: Some(unkept), ..end });
            }
            // While a person thinks, the time of the command stands still.
            deadline += self.pass_on_questions();
            let is_waiting = self.is_asking() && self.how.is_none();
            if Instant::now() >= deadline && !is_waiting {
                let left =
                    process_tree::count(self.child.leader).saturating_sub(self.child.attending);
                self.end();
                // A process that ends within the grace has ended by itself.
                let how = if known { self.how.clone() } else { None };
                return Ok(CommandEnd::new(
                    how.unwrap_or(ExitKind::Late),
                    if known { left } else { 0 },
                ));
            }
            let until = Some(deadline).filter(|_| !is_waiting);
            if let SupervisorWake::Slack = self.sleep(until, KillSwitchEnd::Yes)? {
                self.end();
                return Ok(CommandEnd::new(ExitKind::Stopped, 0));
            }
        }
    }

    /// Asks the program what the command's calls wait for. How long a person has thought about what
    /// is settled by now.
    #[cfg(target_os = "linux")]
    fn pass_on_questions(&mut self) -> Duration {
        let questions = self.child.questions();
        questions.map_or(Duration::ZERO, |asks| self.question.pass_on(asks, io::stdin()))
    }

    #[cfg(not(target_os = "linux"))]
    fn pass_on_questions(&mut self) -> Duration {
        Duration::ZERO
    }

    fn is_asking(&self) -> bool {
        #[cfg(target_os = "linux")]
        return self.question.is_open();
        #[cfg(not(target_os = "linux"))]
        false
    }

    /// Takes what the program has said, an interrupt or an answer; false where nobody is left to
    /// say anything.
    fn take_word(&mut self) -> bool {
        let mut word = [0; INTERRUPT.len()];
        match rustix::io::read(io::stdin(), &mut word) {
            Ok(2) if word == INTERRUPT => {
                self.is_to_interrupt = true;
                self.listen();
            }
            Ok(2) => self.answer(word),
            Err(Errno::INTR) => {}
            Ok(_) | Err(_) => return false,
        }
        true
    }

    /// Passes on an answer to a call that waits.
    #[cfg(target_os = "linux")]
    fn answer(&self, [decision, number]: [u8; 2]) {
        if let Some(asks) = self.child.questions() {
            asks.answer(LossDecision::of(decision), number);
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn answer(&self, _nothing_was_asked: [u8; 2]) {}

    /// Ends all there is: first it is asked, then it is not. A child that is being set up has
    /// nothing to clear away, and the first process of a namespace does not heed who asks: it would
    /// go on, and begin the command meanwhile.
    fn end(&mut self) {
        self.listen();
        if self.child.stage == Stage::Begun {
            process_tree::signal(self.child.leader, Signal::TERM);
            let deadline = Instant::now() + LAST_WORDS;
            while !self.reap() && Instant::now() < deadline {
                let _woken = self.sleep(Some(deadline), KillSwitchEnd::No);
                self.listen();
            }
        }
        let deadline = Instant::now() + GIVE_UP;
        while !self.reap() && Instant::now() < deadline {
            // Again and again: what is just being started is not seen the first time.
            process_tree::signal(self.child.leader, Signal::KILL);
            let _woken =
                self.sleep(Some(Instant::now() + Duration::from_millis(10)), KillSwitchEnd::No);
            self.listen();
        }
    }

    /// Takes leave of the children that have ended; whether there are none left.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.child.leader => {
                    // The first process of a namespace has told how the command ended.
                    self.listen();
                    let exit = || status.exit_status().map(ExitKind::Exit);
                    self.how = self
                        .how
                        .take()
                        .or_else(exit)
                        .or_else(|| status.terminating_signal().map(ExitKind::Signal));
                }
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => return false,
                // Where orphans do not come to the supervisor, its group tells of them.
                Err(_none) => {
                    return cfg!(target_os = "linux")
                        || process_tree::count(self.child.leader) == 0;
                }
            }
        }
    }

    /// Hears what the child says.
    fn listen(&mut self) {
        if let Some(how) = self.child.receive() {
            self.how = Some(how);
        }
        if let Some(group) = self.child.group.as_ref().filter(|_| self.is_to_interrupt) {
            group.interrupt();
            self.is_to_interrupt = false;
        }
    }

    fn sleep(
        &mut self,
        until: Option<Instant>,
        kill_switch: KillSwitchEnd,
    ) -> io::Result<SupervisorWake> {
        let stdin = io::stdin();
        let mut ends = vec![PollFd::new(&self.bell, PollFlags::IN)];
        #[cfg(target_os = "linux")]
        ends.extend(self.child.line.iter().map(|line| PollFd::new(line, PollFlags::IN)));
        if let KillSwitchEnd::Yes = kill_switch {
            // Before the command begins, the child reads what is hidden from it there.
            let words = match self.child.stage == Stage::Begun {
                true => PollFlags::IN,
                false => PollFlags::empty(),
            };
            ends.push(PollFd::new(&stdin, words));
        }
        let wait = until.map(|until| {
            until.saturating_duration_since(Instant::now()) + Duration::from_millis(1)
        });
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        match rustix::event::poll(&mut ends, wait.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let end = ends.last().map_or(PollFlags::empty(), PollFd::revents);
        drop(ends);
        // Ready for anything but reading, it is held by nobody.
        let slack = match kill_switch {
            KillSwitchEnd::Yes if end == PollFlags::IN => !self.take_word(),
            KillSwitchEnd::Yes => !end.is_empty(),
            KillSwitchEnd::No => false,
        };
        let _rings = self.bell.read(&mut [0; 64]);
        Ok(if slack { SupervisorWake::Slack } else { SupervisorWake::Bell })
    }
}

/// Whether letting go is of interest.
#[derive(Clone, Copy)]
enum KillSwitchEnd {
    No,
    Yes,
}
