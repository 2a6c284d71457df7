//! The watcher that notices changes for all clients, and the requests to it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use crate::protocol::ChangedPaths;

#[cfg(target_os = "linux")]
use super::inotify as system;
#[cfg(not(target_os = "linux"))]
use super::polled as system;

/// An event of a watched path.
#[derive(Debug, PartialEq)]
pub enum WatchEvent {
    /// The paths that changed since the last event.
    Changed(ChangedPaths),
    /// Changes may be missed from here on; the sentence says why.
    Lost(String),
}

/// Receives the events of a watched path, on the watcher's thread. It must not block.
pub type OnEvent = Box<dyn Fn(WatchEvent) + Send>;

/// Receives whether changes are noticed from here on, on the watcher's thread. It must not block.
pub type OnAdded = Box<dyn FnOnce(Result<(), WatchError>) + Send>;

/// A request to the watcher.
pub enum WatchRequest {
    Add { number: u64, path: PathBuf, on_event: OnEvent, on_added: OnAdded },
    Remove(u64),
}

/// A thread that watches. Dropping this ends it.
#[derive(Debug)]
pub struct Watcher {
    asks: Sender<WatchRequest>,
    waker: system::Waker,
}

impl Watcher {
    /// Starts the thread, for the first path that is to be watched.
    ///
    /// # Errors
    ///
    /// Fails if the system has no room for it.
    pub fn start(first: &Path) -> Result<Self, WatchError> {
        let (asks, asked) = channel();
        let waker = system::start(asked).map_err(|source| WatchError::new(first, source))?;
        Ok(Self { asks, waker })
    }

    /// Watches a path under a unique number.
    pub fn add(&self, number: u64, path: PathBuf, on_event: OnEvent, on_added: OnAdded) {
        self.ask(WatchRequest::Add { number, path, on_event, on_added });
    }

    /// Ends the watch of this number; ignores an unknown one.
    pub fn remove(&self, number: u64) {
        self.ask(WatchRequest::Remove(number));
    }

    fn ask(&self, ask: WatchRequest) {
        let _ended = self.asks.send(ask);
        self.waker.wake();
    }
}

/// The reason why a path cannot be watched, in words that a client may show.
#[derive(Debug)]
pub struct WatchError {
    path: PathBuf,
    source: io::Error,
}

impl WatchError {
    pub(super) fn new(path: &Path, source: io::Error) -> Self {
        Self { path: path.to_owned(), source }
    }
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, source } = self;
        write!(f, "`{}` cannot be watched: ", path.display())?;
        match source.kind() {
            // Linux reports its limit on watches with this error.
            io::ErrorKind::StorageFull => f.write_str(
                "the system watches no more folders for this user (`fs.inotify.max_user_watches`)",
            ),
            _ if source.raw_os_error() == Some(TOO_MANY_FILES) => f.write_str(
                "the system starts no more watchers for this user (`fs.inotify.max_user_instances`), \
                 or the server has too many files open",
            ),
            _ => source.fmt(f),
        }
    }
}

impl std::error::Error for WatchError {}

/// The value of `EMFILE` on every Unix.
const TOO_MANY_FILES: i32 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_limits_of_the_system_are_named() {
        use rustix::io::Errno;
        for (errno, words) in [
            (Errno::NOSPC, "(`fs.inotify.max_user_watches`)"),
            (Errno::MFILE, "(`fs.inotify.max_user_instances`)"),
            (Errno::ACCESS, "Permission denied"),
        ] {
            let said = WatchError::new(Path::new("/a"), errno.into()).to_string();
            assert!(said.starts_with("`/a` cannot be watched: ") && said.contains(words), "{said}");
        }
    }
}
