//! The watches of clients, and the one watcher that notices changes for all of them.

pub mod forward;
#[cfg(target_os = "linux")]
mod inotify;
#[cfg(target_os = "linux")]
mod placement;
#[cfg(any(test, not(target_os = "linux")))]
mod polled;
pub mod watcher;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

use crate::fronts::app_server::transport::connection::ConnectionId;
use crate::fronts::app_server::transport::wire::Fault;
use watcher::{Added, WatchEvent, Watcher, cannot_watch};

/// How many watches a connection may have at once.
const OF_CONNECTION: usize = 128;
/// How many watches all connections together may have at once.
const OF_SERVER: usize = 1_024;

/// The watches of all clients. While this is empty, nothing is requested from the system.
#[derive(Debug, Default)]
pub struct Watches {
    all: HashMap<(ConnectionId, String), Watching>,
    /// The watcher; it exists while anything is watched.
    watcher: Option<Watcher>,
    /// The number of the last watch.
    last: u64,
}

#[derive(Debug)]
struct Watching {
    number: u64,
    forwarding: AbortHandle,
}

impl Watches {
    /// Ends the watches of a connection that is closed.
    pub fn forget(&mut self, connection: ConnectionId) {
        let ended = self.all.extract_if(|(of, _), _| *of == connection);
        let ended: Vec<Watching> = ended.map(|(_, watching)| watching).collect();
        ended.iter().for_each(|watching| self.end(watching));
    }

    /// Stops the watch's notifications and removes it from the watcher.
    fn end(&mut self, watching: &Watching) {
        watching.forwarding.abort();
        if let Some(watcher) = &self.watcher {
            watcher.remove(watching.number);
        }
        if self.all.is_empty() {
            self.watcher = None;
        }
    }

    /// Ends a watch.
    pub fn remove(&mut self, connection: ConnectionId, id: &str) {
        if let Some(watching) = self.all.remove(&(connection, id.to_owned())) {
            self.end(&watching);
        }
    }

    /// Fails if the id is in use, or if there are too many watches already.
    pub fn check(&self, connection: ConnectionId, id: &str) -> Result<(), Fault> {
        if self.all.contains_key(&(connection, id.to_owned())) {
            return Err(Fault::invalid(format!("watchId already exists: {id}")));
        }
        let own = self.all.keys().filter(|(of, _)| *of == connection).count();
        if own >= OF_CONNECTION {
            let message = format!(
                "a connection watches at most {OF_CONNECTION} paths: end one with fs/unwatch"
            );
            return Err(Fault::invalid(message));
        }
        if self.all.len() >= OF_SERVER {
            let message = format!("this server watches at most {OF_SERVER} paths for its clients");
            return Err(Fault::invalid(message));
        }
        Ok(())
    }

    /// Starts the watcher if it does not run yet.
    pub fn start(&mut self, path: &Path) -> Result<(), Fault> {
        if self.watcher.is_none() {
            let watcher = Watcher::start();
            let failed = |error| Fault::internal(cannot_watch(path, &error));
            self.watcher = Some(watcher.map_err(failed)?);
        }
        Ok(())
    }

    /// Registers a watch; returns its number.
    pub fn keep(&mut self, connection: ConnectionId, id: &str, forwarding: AbortHandle) -> u64 {
        self.last += 1;
        let watching = Watching { number: self.last, forwarding };
        self.all.insert((connection, id.to_owned()), watching);
        self.last
    }

    /// Watches a path; `None` if no watcher runs. Resolves once changes are noticed.
    pub fn add(
        &self,
        number: u64,
        path: PathBuf,
        seen: UnboundedSender<WatchEvent>,
    ) -> Option<impl Future<Output = Added> + Send + use<>> {
        Some(self.watcher.as_ref()?.add(number, path, seen))
    }

    /// Ends the watch of this id if it still has this number.
    pub fn remove_if(&mut self, connection: ConnectionId, id: &str, number: u64) {
        let found = self.all.get(&(connection, id.to_owned()));
        if found.is_some_and(|found| found.number == number) {
            self.remove(connection, id);
        }
    }
}
