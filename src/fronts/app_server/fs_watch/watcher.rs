//! The one that sees changes for all clients, and how it is told what to look at.

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

/// With more at once, only the watched path itself is told.
pub const MOST: usize = 1_000;

/// What is seen of a watched path.
#[derive(Debug, PartialEq)]
pub enum WatchEvent {
    /// What changed since the last time: the path itself, or what stands in the folder that it is.
    Changed(BTreeSet<PathBuf>),
    /// Changes may go unseen from here on; the sentence says why.
    Lost(String),
}

/// Something that the watcher is told.
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

/// Whether changes are seen from here on.
pub type Added = io::Result<()>;

/// A thread that watches. It ends when this is dropped.
#[derive(Debug)]
pub struct Watcher {
    asks: Sender<WatchRequest>,
    waker: system::Waker,
}

impl Watcher {
    /// Fails where the system has no room for one.
    pub fn start() -> io::Result<Self> {
        let (asks, asked) = channel();
        Ok(Self { asks, waker: system::start(asked)? })
    }

    /// Watches a path under a number that no other has. Resolves once changes are seen.
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

/// A sentence for whoever wanted to watch the path.
pub fn cannot_watch(path: &Path, error: &io::Error) -> String {
    let why = match error.kind() {
        // That is how Linux says it.
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

/// `EMFILE` on every Unix.
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
