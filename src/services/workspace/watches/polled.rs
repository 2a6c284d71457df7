//! Changes found by looking repeatedly, for systems on which codling has no other way to notice
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use super::watcher::{OnEvent, WatchEvent, WatchRequest};
use crate::protocol::ChangedPaths;

/// The time between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// The largest number of entries that are compared; of a larger folder only the folder itself is.
const MOST: usize = 10_000;

/// Does nothing: the thread wakes by itself, and ends once its queue is closed.
#[derive(Debug)]
pub struct Waker;

impl Waker {
    pub fn wake(&self) {}
}

/// Starts a thread that handles watch requests.
pub fn start(asks: Receiver<WatchRequest>) -> io::Result<Waker> {
    std::thread::Builder::new().name("fs/watch".into()).spawn(move || watch(&asks))?;
    Ok(Waker)
}

fn watch(asks: &Receiver<WatchRequest>) {
    let mut watches: BTreeMap<u64, Watch> = BTreeMap::new();
    let mut due = Instant::now() + PAUSE;
    loop {
        match asks.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(WatchRequest::Add { number, path, on_event, on_added }) => {
                let look = Look::at(&path, MOST);
                if look.is_cut {
                    let why = format!(
                        "`{}` has more than {MOST} entries: a change in one of its files is not seen",
                        path.display()
                    );
                    on_event(WatchEvent::Lost(why));
                }
                watches.insert(number, Watch { path, on_event, look });
                on_added(Ok(()));
            }
            Ok(WatchRequest::Remove(number)) => drop(watches.remove(&number)),
            Err(RecvTimeoutError::Timeout) => {
                watches.values_mut().for_each(Watch::look_again);
                due = Instant::now() + PAUSE;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

struct Watch {
    path: PathBuf,
    on_event: OnEvent,
    look: Look,
}

impl Watch {
    fn look_again(&mut self) {
        let now = Look::at(&self.path, MOST);
        let changed = now.changed_since(&self.look, &self.path);
        if !changed.is_empty() {
            (self.on_event)(WatchEvent::Changed(ChangedPaths::from_iter(changed)));
        }
        self.look = now;
    }
}

/// The state of a path at one look.
#[derive(Debug, Default, PartialEq, Eq)]
struct Look {
    own: Option<Mark>,
    /// The entries of a folder; empty for other paths.
    entries: BTreeMap<OsString, Mark>,
    /// The folder has too many entries to compare.
    is_cut: bool,
}

/// The properties that reveal a change.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    length: u64,
    changed: Option<SystemTime>,
    is_folder: bool,
    /// The time of creation, which reveals that another file took the place of this one.
    created: Option<SystemTime>,
}

impl Look {
    fn at(path: &Path, most: usize) -> Self {
        let Ok(found) = fs::metadata(path) else { return Self::default() };
        let mut entries = BTreeMap::new();
        if let Ok(list) = fs::read_dir(path) {
            for entry in list.take(most + 1).flatten() {
                if let Ok(found) = fs::metadata(entry.path()).or_else(|_gone| entry.metadata()) {
                    entries.insert(entry.file_name(), Mark::of(&found));
                }
            }
        }
        let is_cut = entries.len() > most;
        if is_cut {
            entries.clear();
        }
        Self { own: Some(Mark::of(&found)), entries, is_cut }
    }

    /// The paths that differ from an earlier look.
    fn changed_since(&self, before: &Self, path: &Path) -> BTreeSet<PathBuf> {
        let names: BTreeSet<_> = self.entries.keys().chain(before.entries.keys()).collect();
        let differs = |name: &&OsString| self.entries.get(*name) != before.entries.get(*name);
        let mut changed: BTreeSet<PathBuf> =
            names.into_iter().filter(differs).map(|name| path.join(name)).collect();
        // A folder's own mark also changes with its entries.
        if self.own != before.own && changed.is_empty() {
            changed.insert(path.to_owned());
        }
        changed
    }
}

impl Mark {
    fn of(found: &Metadata) -> Self {
        Self {
            length: found.len(),
            changed: found.modified().ok(),
            is_folder: found.is_dir(),
            created: found.created().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{RecvError, channel};

    use super::*;

    fn changed(path: &Path, before: &Look) -> Vec<String> {
        let changed = Look::at(path, MOST).changed_since(before, path);
        changed.iter().map(|it| it.strip_prefix(path).unwrap().display().to_string()).collect()
    }

    #[test]
    fn what_differs_from_the_last_look_has_changed() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("folder");
        let none = Look::at(&folder, MOST);
        assert_eq!(changed(&folder, &none), Vec::<String>::new());
        fs::create_dir(&folder).unwrap();
        assert_eq!(changed(&folder, &none), [""]);
        let empty = Look::at(&folder, MOST);
        fs::write(folder.join("a"), "1").unwrap();
        fs::write(folder.join("b"), "1").unwrap();
        assert_eq!(changed(&folder, &empty), ["a", "b"]);
        let two = Look::at(&folder, MOST);
        fs::write(folder.join("b"), "12").unwrap();
        assert_eq!(changed(&folder, &two), ["b"]);
        let cut = Look::at(&folder, 1);
        assert!(cut.is_cut && cut.entries.is_empty());
        fs::write(folder.join("c"), "1").unwrap();
        assert_eq!(Look::at(&folder, 1).changed_since(&cut, &folder), [folder.clone()].into());
        fs::remove_file(folder.join("c")).unwrap();
        fs::remove_file(folder.join("a")).unwrap();
        assert_eq!(changed(&folder, &two), ["a", "b"]);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(Look::at(&folder, MOST), none);
    }

    #[test]
    fn changes_are_told_until_the_watch_ends() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        let (asks, asked) = channel();
        let waker = start(asked).unwrap();
        let ((event, events), (done, added)) = (channel(), channel());
        let on_event = Box::new(move |one| event.send(one).unwrap());
        let on_added = Box::new(move |result| done.send(result).unwrap());
        asks.send(WatchRequest::Add { number: 1, path: path.clone(), on_event, on_added }).unwrap();
        waker.wake();
        added.recv().unwrap().unwrap();
        let changed = || Ok(WatchEvent::Changed(ChangedPaths::from_iter([path.clone()])));
        fs::write(&path, "").unwrap();
        assert_eq!(events.recv(), changed());
        fs::remove_file(&path).unwrap();
        assert_eq!(events.recv(), changed());
        asks.send(WatchRequest::Remove(1)).unwrap();
        assert_eq!(events.recv(), Err(RecvError));
    }
}
