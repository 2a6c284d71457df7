//! The watcher that notices changes for all clients, and the requests to it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

#[cfg(target_os = "linux")]
use super::inotify as system;
#[cfg(not(target_os = "linux"))]
use super::polled as system;

/// The largest number of changed paths in one report; beyond it only the watched path is reported.
pub const MOST: usize = 1_000;

/// An event of a watched path.
#[derive(Debug, PartialEq)]
pub enum WatchEvent {
    /// The paths that changed since the last event: the watched path itself, or entries of that
    /// folder.
    Changed(BTreeSet<PathBuf>),
    /// Changes may be missed from here on; the sentence says why.
    Lost(String),
}

/// A request to the watcher.
#[derive(Debug)]
pub enum WatchRequest {
    Add {
        number: u64,
        path: PathBuf,
        seen: UnboundedSender<WatchEvent>,
        done: oneshot::Sender<Added>,
    },
    Remove(u64),
}

/// Whether changes are noticed from here on.
pub type Added = io::Result<()>;

/// A thread that watches. Dropping this ends it.
#[derive(Debug)]
pub struct Watcher {
    asks: Sender<WatchRequest>,
    waker: system::Waker,
}

impl Watcher {
    /// Starts the thread. Fails if the system has no room for it.
    pub fn start() -> io::Result<Self> {
        let (asks, asked) = channel();
        Ok(Self { asks, waker: system::start(asked)? })
    }

    /// Watches a path under a unique number. Resolves once changes are noticed.
    pub fn add(
        &self,
        number: u64,
        path: PathBuf,
        seen: UnboundedSender<WatchEvent>,
    ) -> impl Future<Output = Added> + Send + use<> {
        let (done, added) = oneshot::channel();
        self.ask(WatchRequest::Add { number, path, seen, done });
        async move { added.await.unwrap_or_else(|_ended| Err(io::Error::other("the watcher ended"))) }
    }

    pub fn remove(&self, number: u64) {
        self.ask(WatchRequest::Remove(number));
    }

    fn ask(&self, ask: WatchRequest) {
        let _ended = self.asks.send(ask);
        self.waker.wake();
    }
}

/// The sentence that tells a client why its path cannot be watched.
pub fn cannot_watch(path: &Path, error: &io::Error) -> String {
    let why = match error.kind() {
        // Linux reports its limit on watches with this error.
        io::ErrorKind::StorageFull => {
            "the system watches no more folders for this user (`fs.inotify.max_user_watches`)".into()
        }
        _ if error.raw_os_error() == Some(TOO_MANY_FILES) => {
            "the system starts no more watchers for this user (`fs.inotify.max_user_instances`), or the server has too many files open".into()
        }
        _ => error.to_string(),
    };
    format!("`{}` cannot be watched: {why}", path.display())
}

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
            let said = cannot_watch(Path::new("/a"), &errno.into());
            assert!(said.starts_with("`/a` cannot be watched: ") && said.contains(words), "{said}");
        }
    }
}
