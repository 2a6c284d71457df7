//! Changes as Linux reports them (inotify(7)): of names in the folders that lead to a watched path,
//! and of files in the last of those folders.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::io::{self, PipeReader, PipeWriter, Read};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use rustix::event::{self, PollFd, PollFlags, Timespec};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

use super::placement::{Depth, Placement, is_gone};
use super::watcher::{OnEvent, WatchError, WatchEvent, WatchRequest};
use crate::protocol::ChangedPaths;

/// Changes within this time are reported together.
const WINDOW: Duration = Duration::from_millis(200);
/// The largest number of events that are read at once.
const MOST_EVENTS: usize = 32_768;
/// How often a path that changes during its lookup is looked up again.
const TRIES: usize = 8;

const NAMES: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR)
    .union(WatchFlags::MASK_ADD);
const FILES: WatchFlags = NAMES.union(WatchFlags::MODIFY).union(WatchFlags::ATTRIB);
/// Events after which a path may lead elsewhere.
const MOVING: ReadFlags = ReadFlags::CREATE
    .union(ReadFlags::DELETE)
    .union(ReadFlags::MOVED_FROM)
    .union(ReadFlags::MOVED_TO)
    .union(ReadFlags::DELETE_SELF)
    .union(ReadFlags::MOVE_SELF)
    .union(ReadFlags::IGNORED)
    .union(ReadFlags::UNMOUNT);

/// Wakes the watching thread, which ends once this is dropped.
#[derive(Debug)]
pub struct Waker(PipeWriter);

impl Waker {
    /// Tells the thread that its queue holds a request.
    pub fn wake(&self) {
        // A full pipe wakes it as well.
        let _full_or_ended = rustix::io::write(&self.0, &[0]);
    }
}

/// Starts a thread that handles watch requests. Fails if the system has no room for it.
pub fn start(asks: Receiver<WatchRequest>) -> io::Result<Waker> {
    let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    let (woken, waker) = io::pipe()?;
    rustix::io::ioctl_fionbio(&waker, true)?;
    let mut thread = Thread {
        table: Table {
            inotify,
            folders: BTreeMap::new(),
            paths: HashMap::new(),
            watches: BTreeMap::new(),
        },
        asks,
        woken,
        window: None,
    };
    std::thread::Builder::new()
        .name("fs/watch".into())
        .spawn(move || while thread.turn().is_ok() {})?;
    Ok(Waker(waker))
}

struct Thread {
    table: Table,
    asks: Receiver<WatchRequest>,
    woken: PipeReader,
    /// When the changes are reported. Until then the system keeps them.
    window: Option<Instant>,
}

impl Thread {
    /// Waits for the next event and handles it. Fails when the thread must end.
    fn turn(&mut self) -> io::Result<()> {
        let left = self.window.map(|end| end.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        let mut waiting = [
            PollFd::new(&self.woken, PollFlags::IN),
            PollFd::new(&self.table.inotify, PollFlags::IN),
        ];
        let count = if self.window.is_some() { 1 } else { 2 };
        match event::poll(&mut waiting[..count], left.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [asked, changed] = waiting.map(|one| !one.revents().is_empty());
        if asked {
            if self.woken.read(&mut [0; 64])? == 0 {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            while let Ok(ask) = self.asks.try_recv() {
                self.table.take(ask);
            }
        }
        if self.window.is_some_and(|end| Instant::now() >= end) {
            self.window = None;
            self.table.report();
        } else if changed {
            self.window = Some(Instant::now() + WINDOW);
        }
        Ok(())
    }
}

/// The events of names in folders; several events of one name are merged.
#[derive(Debug, Default)]
struct Events {
    named: BTreeMap<(i32, Option<OsString>), ReadFlags>,
    /// The system dropped events because its queue was full.
    overflowed: bool,
}

impl Events {
    /// Reads the available events, up to a limit. Fails with `AGAIN` once there are no more.
    fn read(&mut self, inotify: &OwnedFd) -> Result<(), Errno> {
        let mut buffer = vec![MaybeUninit::uninit(); 16 << 10];
        let mut reader = inotify::Reader::new(inotify, &mut buffer);
        for _ in 0..MOST_EVENTS {
            let event = reader.next()?;
            self.overflowed |= event.events().contains(ReadFlags::QUEUE_OVERFLOW);
            let name = event.file_name().map(|name| OsString::from_vec(name.to_bytes().to_vec()));
            *self.named.entry((event.wd(), name)).or_insert(ReadFlags::empty()) |= event.events();
        }
        Ok(())
    }
}

/// All watches and the folders behind them.
struct Table {
    inotify: OwnedFd,
    folders: BTreeMap<PathBuf, Folder>,
    /// The paths of each folder, by the number that the system gave the folder.
    paths: HashMap<i32, BTreeSet<PathBuf>>,
    watches: BTreeMap<u64, Watch>,
}

#[derive(Debug)]
struct Folder {
    number: i32,
    users: BTreeSet<u64>,
}

struct Watch {
    path: PathBuf,
    on_event: OnEvent,
    placement: Placement,
    /// The changes that have not been reported yet.
    changed: ChangedPaths,
}

impl Watch {
    /// Reports all changes as one event.
    fn report(&mut self) {
        if !self.changed.is_empty() {
            (self.on_event)(WatchEvent::Changed(std::mem::take(&mut self.changed)));
        }
    }
}

impl Table {
    fn take(&mut self, ask: WatchRequest) {
        match ask {
            WatchRequest::Add { number, path, on_event, on_added } => {
                let added = self.add(number, &path, on_event);
                on_added(added.map_err(|source| WatchError::new(&path, source)));
            }
            WatchRequest::Remove(number) => self.remove(number),
        }
    }

    /// Reports the changes since the last call.
    fn report(&mut self) {
        let mut events = Events::default();
        let _no_more = events.read(&self.inotify);
        let stale = self.pass_on(events);
        self.place_again(&stale);
        self.watches.values_mut().for_each(Watch::report);
    }

    fn add(&mut self, number: u64, path: &Path, on_event: OnEvent) -> io::Result<()> {
        self.watches.insert(
            number,
            Watch {
                path: path.to_owned(),
                on_event,
                placement: Placement::default(),
                changed: ChangedPaths::default(),
            },
        );
        self.place(number).inspect_err(|_| self.remove(number))
    }

    fn remove(&mut self, number: u64) {
        if let Some(watch) = self.watches.remove(&number) {
            watch.placement.folders.keys().for_each(|folder| self.leave(folder, number));
        }
    }

    /// Passes events on to the watches that they concern. Returns the watches whose paths may lead
    /// elsewhere now.
    fn pass_on(&mut self, events: Events) -> BTreeSet<u64> {
        let mut stale = BTreeSet::new();
        if events.overflowed {
            // Any path may have changed.
            self.watches.values_mut().for_each(|watch| watch.changed.insert(watch.path.clone()));
            stale.extend(self.watches.keys());
        }
        for ((number, name), flags) in events.named {
            for folder in self.paths.get(&number).into_iter().flatten() {
                let place = match &name {
                    Some(name) => folder.join(name),
                    None => folder.clone(),
                };
                let users = self.folders.get(folder).map(|folder| &folder.users);
                for user in users.into_iter().flatten() {
                    let Some(watch) = self.watches.get_mut(user) else { continue };
                    let moves = flags.intersects(MOVING);
                    if watch.placement.is_at(&place) {
                        watch.changed.insert(watch.path.clone());
                    } else if watch.placement.target.as_ref() == Some(folder)
                        && let Some(name) = &name
                    {
                        watch.changed.insert(watch.path.join(name));
                    }
                    if moves && watch.placement.is_in(&place) {
                        stale.insert(*user);
                    }
                }
            }
            if flags.contains(ReadFlags::IGNORED) {
                self.paths.remove(&number);
            }
        }
        stale
    }

    /// Looks up where these paths lead now. Reports those that exist, or did before.
    fn place_again(&mut self, stale: &BTreeSet<u64>) {
        for number in stale {
            let Some(watch) = self.watches.get(number) else { continue };
            let was_there = watch.placement.target.is_some();
            let placed = self.place(*number);
            let Some(watch) = self.watches.get_mut(number) else { continue };
            if was_there || watch.placement.target.is_some() {
                watch.changed.insert(watch.path.clone());
            }
            if let Err(error) = placed {
                let error = WatchError::new(&watch.path, error);
                (watch.on_event)(WatchEvent::Lost(error.to_string()));
            }
        }
    }

    /// Watches all folders that lead to a path, and repeats until those are still the right ones.
    fn place(&mut self, number: u64) -> io::Result<()> {
        let Some(watch) = self.watches.get(&number) else { return Ok(()) };
        let (path, before) = (watch.path.clone(), watch.placement.clone());
        let mut looked_at: BTreeSet<PathBuf> = before.folders.into_keys().collect();
        let mut placement = Placement::of(&path);
        let mut result = Ok(());
        for _ in 0..TRIES {
            looked_at.extend(placement.folders.keys().cloned());
            result = self.enter_all(number, &placement);
            let now = Placement::of(&path);
            let is_settled = now == placement;
            placement = now;
            if is_settled && !result.as_ref().is_err_and(is_gone) {
                break;
            }
        }
        looked_at.retain(|folder| !placement.folders.contains_key(folder));
        looked_at.iter().for_each(|folder| self.leave(folder, number));
        if let Some(watch) = self.watches.get_mut(&number) {
            watch.placement = placement;
        }
        result
    }

    fn enter_all(&mut self, number: u64, placement: &Placement) -> io::Result<()> {
        let mut result = Ok(());
        for (folder, depth) in &placement.folders {
            match self.enter(folder, *depth, number) {
                // Users may lack access to some of the folders above their own.
                Err(error) if *depth == Depth::Names && error == Errno::ACCESS => {}
                Err(error) => result = Err(error.into()),
                Ok(()) => {}
            }
        }
        result
    }

    /// Asks the system to watch this folder, or the one that has its name now.
    fn enter(&mut self, path: &Path, depth: Depth, user: u64) -> Result<(), Errno> {
        let flags = if depth == Depth::All { FILES } else { NAMES };
        let number = inotify::add_watch(&self.inotify, path, flags)?;
        let fresh = Folder { number, users: BTreeSet::new() };
        let folder = self.folders.entry(path.to_owned()).or_insert(fresh);
        folder.users.insert(user);
        let before = std::mem::replace(&mut folder.number, number);
        self.paths.entry(number).or_default().insert(path.to_owned());
        if before != number {
            self.forget(before, path);
        }
        Ok(())
    }

    fn leave(&mut self, path: &Path, user: u64) {
        let Some(folder) = self.folders.get_mut(path) else { return };
        folder.users.remove(&user);
        if folder.users.is_empty() {
            let number = folder.number;
            self.folders.remove(path);
            self.forget(number, path);
        }
    }

    fn forget(&mut self, number: i32, path: &Path) {
        let Some(paths) = self.paths.get_mut(&number) else { return };
        paths.remove(path);
        if paths.is_empty() {
            self.paths.remove(&number);
            // The system may have removed it already.
            let _gone = inotify::remove_watch(&self.inotify, number);
        }
    }
}
