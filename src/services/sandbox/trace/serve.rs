//! The two ends of a trace: the process that becomes the command has its calls shown, and a thread
//! of the supervisor's answers them.

use std::io::{self, IoSliceMut};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use rustix::event::{PollFd, PollFlags, Timespec};

use crate::sandbox::notify::{self, Listener, Notification};
use crate::sandbox::spec::child_channel::{ChildChannel, ChildMessage};

use super::TraceSpec;
use super::file::{TraceWriter, TracedChange};
use super::keeper::{Keeper, Loss};
use super::kept::WhenUnkept;
use super::loss_question::LossDecision;
use super::system_calls::{self, CallEffect, CallLoss, LastLink, NameArgument};
use super::traced_path::{PathFinder, PathStart, opened};
use super::unkept::Unkept;
use super::waiting_calls::{self, CallQuestions, WaitingCalls, WaitingWake};

/// The longest path that the system takes.
const LONGEST: usize = 4096;
/// Memory is there or not by pages; on some systems larger than that, never smaller.
const PAGE: usize = 4096;

/// The fate of a command whose calls cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenUnseen {
    Fail,
    GoOn,
}

/// Has this process's calls shown at the other end of the line, where that is possible.
///
/// # Errors
///
/// Fails if the filter was installed and its listener cannot be sent. With [`WhenUnseen::Fail`] it
/// also fails if the filter cannot be installed.
pub fn begin(line: &ChildChannel, otherwise: WhenUnseen) -> io::Result<()> {
    let installed = system_calls::filter()
        .ok_or(io::ErrorKind::Unsupported.into())
        .and_then(|filter| notify::install(&filter));
    match installed {
        // If this fails, this process's calls would wait for ever, so it has to end.
        Ok(listener) => line.send(ChildMessage::Listener(listener)),
        Err(error) if otherwise == WhenUnseen::Fail => {
            Err(io::Error::other(format!("what it destroys cannot be kept first: {error}")))
        }
        Err(_without) => Ok(()),
    }
}

/// A thread that waits for what [`begin`] sends, and then writes to a file until nothing can be
/// shown any more.
#[derive(Debug)]
pub struct Tracer {
    file: PathBuf,
    thread: Sender<(OwnedFd, Option<TraceWriter>)>,
    questions: CallQuestions,
}

impl Tracer {
    /// `folder` is the one that is kept; `waker` is written to where [`Tracer::questions`] has
    /// something to tell.
    ///
    /// # Errors
    ///
    /// Fails if a socket or the thread cannot be made.
    pub fn start(spec: &TraceSpec, folder: &Path, waker: UnixStream) -> io::Result<Self> {
        let (thread, begun) = channel::<(OwnedFd, _)>();
        let (waiting, questions) = waiting_calls::pair(waker)?;
        let keeper = spec.keep.as_ref().map(|keep| Keeper::begin(keep, folder));
        std::thread::Builder::new().name("trace".to_owned()).spawn(move || {
            if let Ok((listener, writer)) = begun.recv() {
                CallServer { writer, keeper, waiting }.serve(&Listener::new(listener));
            }
        })?;
        Ok(Self { file: spec.file.clone(), thread, questions })
    }

    /// The file is there when it returns, however soon the command ends.
    pub fn serve(&self, listener: OwnedFd) {
        // The thread waits for nothing else, and where it is gone, the listener is closed with it.
        let _closed = self.thread.send((listener, TraceWriter::create(&self.file).ok()));
    }

    /// The calls that wait before they destroy a file.
    pub fn questions(&self) -> &CallQuestions {
        &self.questions
    }
}

struct CallServer {
    writer: Option<TraceWriter>,
    keeper: Option<Keeper>,
    waiting: WaitingCalls,
}

impl CallServer {
    /// Every call is let go on, also when nothing can be written down, but one that would destroy
    /// what could not be kept.
    fn serve(mut self, listener: &Listener) {
        let mut finder = PathFinder::default();
        loop {
            if !self.waiting.is_empty() {
                match self.waiting.wait(listener) {
                    WaitingWake::Answer(decision) => {
                        self.decide(decision, listener);
                        continue;
                    }
                    WaitingWake::Call => {}
                    WaitingWake::Nothing => continue,
                }
            }
            let notification = match listener.receive() {
                Ok(notification) => notification,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error)
                    if error.kind() == io::ErrorKind::NotFound && !listener.is_deserted() =>
                {
                    continue;
                }
                // No process is left, or nothing can be received any more.
                Err(_) => return,
            };
            match self.note(&mut finder, &notification) {
                Ok(()) => listener.let_go_on(&notification),
                Err(unkept) if self.otherwise() == WhenUnkept::Ask => {
                    self.waiting.hold(notification, unkept);
                }
                Err(unkept) => self.waiting.end(unkept),
            }
        }
    }

    fn otherwise(&self) -> WhenUnkept {
        self.keeper.as_ref().map_or(WhenUnkept::GoOn, Keeper::otherwise)
    }

    fn decide(&mut self, decision: LossDecision, listener: &Listener) {
        let otherwise = match decision {
            LossDecision::GoOn => WhenUnkept::GoOn,
            LossDecision::Refuse => WhenUnkept::End,
        };
        self.keeper.iter_mut().for_each(|keeper| keeper.decide(otherwise));
        match decision {
            LossDecision::GoOn => self.waiting.let_go_on(listener),
            LossDecision::Refuse => self.waiting.refuse(),
        }
    }

    fn note(&mut self, finder: &mut PathFinder, call: &Notification) -> Result<(), Unkept> {
        let is_full = self.writer.as_ref().is_none_or(TraceWriter::is_full);
        if is_full && self.keeper.is_none() {
            return Ok(());
        }
        let found = match changes(finder, call) {
            Ok(found) => found,
            Err(error) => {
                self.writer.iter_mut().for_each(TraceWriter::miss);
                let is_lost = self.otherwise() != WhenUnkept::GoOn && may_destroy(call);
                return match is_lost && is_unseen(call.pid, &error) {
                    true => Err(Unkept::unseen(&program(call.pid))),
                    false => Ok(()),
                };
            }
        };
        if let Some(writer) = &mut self.writer {
            found.iter().for_each(|(change, path)| writer.add(*change, path));
        }
        let Some(keeper) = &mut self.keeper else { return Ok(()) };
        let loss = loss(call, &found);
        match loss {
            Some(CallLoss::Overwrites) => {
                return found
                    .iter()
                    .try_for_each(|(_, path)| keeper.before(Loss::Overwrites, path));
            }
            Some(CallLoss::Removes) => {
                return found.iter().try_for_each(|(_, path)| keeper.before(Loss::Removes, path));
            }
            // Folders and links may have come, or lead elsewhere.
            Some(CallLoss::Moves | CallLoss::MovesOver) | None => keeper.forget(),
        }
        match (loss, found.as_slice()) {
            (None, _) => Ok(()),
            (Some(CallLoss::Moves), [(_, from), (_, to)]) => keeper.before_move(from, to),
            (_, [(_, from), (_, to)]) => {
                keeper.before(Loss::Removes, to)?;
                keeper.before_move(from, to)
            }
            // One of the two names is nothing that is kept.
            (_, others) => {
                others.iter().try_for_each(|(_, path)| keeper.before(Loss::Removes, path))
            }
        }
    }
}

/// Whether a call destroys a content, for all that its number and flags tell.
fn may_destroy(call: &Notification) -> bool {
    match system_calls::effect(call.call) {
        Some(CallEffect::Opens(_, flags)) => system_calls::overwrites(call.arguments[flags]),
        Some(CallEffect::OpensAsTold(..)) => true,
        _ => system_calls::loss(call.call, &call.arguments).is_some(),
    }
}

/// Whether it is not known what a call is about: its process cannot be looked at, or not now. Other
/// errors are the call's own.
fn is_unseen(pid: i32, error: &io::Error) -> bool {
    let for_now = [libc::EAGAIN, libc::EINTR, libc::EMFILE, libc::ENFILE, libc::ENOMEM];
    error.raw_os_error().is_some_and(|code| for_now.contains(&code))
        || read(pid, 1, &mut [0]).is_err()
}

/// The name of the program that a process runs.
fn program(pid: i32) -> String {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim().to_owned()
}

/// The loss that a call would cause that changes these.
fn loss(call: &Notification, found: &Changes) -> Option<CallLoss> {
    if found.is_empty() {
        return None;
    }
    match system_calls::effect(call.call)? {
        CallEffect::Opens(_, flags) => {
            system_calls::overwrites(call.arguments[flags]).then_some(CallLoss::Overwrites)
        }
        // The flags stand in the memory of the process: whatever it opens like that may be written
        // to.
        CallEffect::OpensAsTold(..) => Some(CallLoss::Overwrites),
        _ => system_calls::loss(call.call, &call.arguments),
    }
}

impl Listener {
    fn is_deserted(&self) -> bool {
        let mut end = [PollFd::new(self, PollFlags::IN)];
        let _woken = rustix::event::poll(&mut end, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
        end[0].revents().contains(PollFlags::HUP)
    }
}

type Changes = Vec<(TracedChange, Vec<u8>)>;

/// The changes that a call is about to make; none of a call that fails anyway. An error where they
/// could not be seen.
fn changes(finder: &mut PathFinder, call: &Notification) -> io::Result<Changes> {
    let Some(effect) = system_calls::effect(call.call) else { return Ok(Vec::new()) };
    let found = match effect {
        CallEffect::Wanders => [None, None],
        CallEffect::Changes(name, LastLink::Follows) => return followed(finder, call, name),
        CallEffect::Changes(name, LastLink::FollowsUnless(flags))
            if !has(call, flags, libc::AT_SYMLINK_NOFOLLOW) =>
        {
            return followed(finder, call, name);
        }
        CallEffect::Opens(name, flags) => {
            return opening(finder, call, name, call.arguments[flags]);
        }
        CallEffect::OpensAsTold(name, how) => {
            let mut flags = [0; 8];
            let whole = read(call.pid, call.arguments[how], &mut flags)? == flags.len();
            return if whole {
                opening(finder, call, name, u64::from_ne_bytes(flags))
            } else {
                Ok(Vec::new())
            };
        }
        CallEffect::ChangesOpen(descriptor) => {
            [unless_gone(opened(call.pid, PathStart::Descriptor(number(call, descriptor))))?, None]
        }
        CallEffect::Changes(name, LastLink::Keeps | LastLink::FollowsUnless(_)) => {
            [path(finder, call, name)?, None]
        }
        CallEffect::Links(from, to) | CallEffect::Moves(from, to) => {
            [path(finder, call, from)?, path(finder, call, to)?]
        }
    };
    // A path with these names, or below them, may lead elsewhere from now on.
    finder.forget();
    let change = if matches!(effect, CallEffect::Moves(..)) {
        TracedChange::Moved
    } else {
        TracedChange::Itself
    };
    Ok(found.into_iter().flatten().map(|path| (change, path)).collect())
}

fn opening(
    finder: &mut PathFinder,
    call: &Notification,
    name: NameArgument,
    flags: u64,
) -> io::Result<Changes> {
    if !system_calls::writes(flags) {
        return Ok(Vec::new());
    }
    let exclusive = u64::from((libc::O_CREAT | libc::O_EXCL).cast_unsigned());
    let keeps =
        flags & exclusive == exclusive || flags & u64::from(libc::O_NOFOLLOW.cast_unsigned()) != 0;
    match keeps {
        true => Ok(path(finder, call, name)?
            .into_iter()
            .map(|path| (TracedChange::Itself, path))
            .collect()),
        false => followed(finder, call, name),
    }
}

/// A path, and where it leads if it is a link's.
fn followed(
    finder: &mut PathFinder,
    call: &Notification,
    name: NameArgument,
) -> io::Result<Changes> {
    let mut all: Vec<_> = path(finder, call, name)?.into_iter().collect();
    all.extend(all.first().map(|path| finder.links(call.pid, path)).into_iter().flatten());
    Ok(all.into_iter().map(|path| (TracedChange::Itself, path)).collect())
}

fn path(
    finder: &mut PathFinder,
    call: &Notification,
    name: NameArgument,
) -> io::Result<Option<Vec<u8>>> {
    let start = match name.folder.map(|folder| number(call, folder)) {
        None | Some(libc::AT_FDCWD) => PathStart::Cwd,
        Some(descriptor) => PathStart::Descriptor(descriptor),
    };
    // Some calls mean the descriptor itself when there is no path.
    let address = call.arguments[name.path];
    if address == 0 {
        return unless_gone(opened(call.pid, start));
    }
    let Some(text) = text(call.pid, address)? else { return Ok(None) };
    if SINKS.contains(&text.as_slice()) {
        return Ok(None);
    }
    unless_gone(finder.place(call.pid, start, &text))
}

/// Devices that are opened again and again, and hold nothing.
const SINKS: [&[u8]; 2] = [b"/dev/null", b"/dev/tty"];

/// A string of another process; `None` where there is none, so that the call will fail.
fn text(pid: i32, address: u64) -> io::Result<Option<Vec<u8>>> {
    let mut text = vec![0; LONGEST];
    let mut length = 0;
    while length < LONGEST {
        let at = address.saturating_add(length as u64);
        // The bytes behind the string may lie on a page that is not mapped.
        let rest = PAGE - usize::try_from(at % PAGE as u64).unwrap_or(0);
        let end = LONGEST.min(length + rest.min(if length == 0 { FIRST } else { PAGE }));
        let read = read(pid, at, &mut text[length..end])?;
        if let Some(found) = text[length..length + read].iter().position(|byte| *byte == 0) {
            text.truncate(length + found);
            return Ok(Some(text));
        }
        if read == 0 {
            return Ok(None);
        }
        length += read;
    }
    Ok(None)
}

/// Most paths are not longer.
const FIRST: usize = 256;

/// How much could be read of another process's memory; an error where none may be.
fn read(pid: i32, address: u64, into: &mut [u8]) -> io::Result<usize> {
    use nix::errno::Errno;

    let Ok(base) = usize::try_from(address) else { return Ok(0) };
    if pid <= 0 {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let remote = [RemoteIoVec { base, len: into.len() }];
    match process_vm_readv(Pid::from_raw(pid), &mut [IoSliceMut::new(into)], &remote) {
        Ok(read) => Ok(read),
        // Not there, or no longer.
        Err(Errno::EFAULT | Errno::ESRCH) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn has(call: &Notification, argument: usize, flag: libc::c_int) -> bool {
    number(call, argument) & flag != 0
}

/// The lower half of an argument, which is all that the kernel looks at.
fn number(call: &Notification, argument: usize) -> i32 {
    (call.arguments[argument] as u32).cast_signed()
}

fn unless_gone(found: io::Result<Vec<u8>>) -> io::Result<Option<Vec<u8>>> {
    match found {
        Ok(path) => Ok(Some(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
