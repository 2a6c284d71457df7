//! `fs/watch`: a client is told when a file, or what stands in a folder, changes. Watches belong to a connection, and end with it.

mod forward;
#[cfg(target_os = "linux")]
mod inotify;
#[cfg(target_os = "linux")]
mod placement;
#[cfg(any(test, not(target_os = "linux")))]
mod polled;
mod watcher;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::AbortHandle;

use super::connection::{Asker, ConnectionId};
use super::methods::Params;
use super::server::Server;
use super::wire::Fault;
use watcher::{Watcher, cannot_watch};

/// How many watches a connection may have at once.
const OF_CONNECTION: usize = 128;
/// The same of all connections together.
const OF_SERVER: usize = 1_024;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watch {
    path: PathBuf,
    watch_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unwatch {
    watch_id: String,
}

impl Params for Watch {}
impl Params for Unwatch {}

/// What clients watch. The system is asked for nothing while this is empty.
#[derive(Debug, Default)]
pub struct Watches {
    all: HashMap<(ConnectionId, String), Watching>,
    /// There while anything is watched.
    watcher: Option<Watcher>,
    /// Counts watches.
    last: u64,
}

#[derive(Debug)]
struct Watching {
    number: u64,
    forwarding: AbortHandle,
}

impl Watches {
    /// A connection is closed: its watches end.
    pub fn forget(&mut self, connection: ConnectionId) {
        let ended = self.all.extract_if(|(of, _), _| *of == connection);
        let ended: Vec<Watching> = ended.map(|(_, watching)| watching).collect();
        ended.iter().for_each(|watching| self.end(watching));
    }

    /// Nothing is told of it from here on.
    fn end(&mut self, watching: &Watching) {
        watching.forwarding.abort();
        if let Some(watcher) = &self.watcher {
            watcher.remove(watching.number);
        }
        if self.all.is_empty() {
            self.watcher = None;
        }
    }

    fn remove(&mut self, connection: ConnectionId, id: &str) {
        if let Some(watching) = self.all.remove(&(connection, id.to_owned())) {
            self.end(&watching);
        }
    }

    /// Fails where one more would be too many.
    fn check(&self, connection: ConnectionId, id: &str) -> Result<(), Fault> {
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

    fn watcher(&mut self, path: &Path) -> Result<&Watcher, Fault> {
        match &mut self.watcher {
            Some(watcher) => Ok(watcher),
            none => match Watcher::start() {
                Ok(watcher) => Ok(none.insert(watcher)),
                Err(error) => Err(Fault::internal(cannot_watch(path, &error))),
            },
        }
    }
}

/// Answered once changes are seen. A path that is not there is told of when it comes.
pub fn watch(server: &mut Server, asker: Asker, params: Watch) {
    let Watch { path, watch_id: id } = params;
    if !path.is_absolute() {
        let why = format!("AbsolutePathBuf deserialized without a base path: {}", path.display());
        return server.answer(asker, Err(Fault::unreadable(why)));
    }
    // Without a slash at its end.
    let path: PathBuf = path.components().collect();
    let owner = asker.connection;
    let checked = server.watches.check(owner, &id);
    if let Err(fault) = checked.and_then(|()| server.watches.watcher(&path).map(drop)) {
        return server.answer(asker, Err(fault));
    }
    let Some(connection) = server.connections.get(&owner) else { return };
    let (sender, seen) = unbounded_channel();
    let watch =
        forward::Forward { path: path.clone(), id: id.clone(), clock: server.clock.clone() };
    let forwarding = tokio::spawn(watch.run(seen, connection.listener())).abort_handle();
    server.watches.last += 1;
    let number = server.watches.last;
    server.watches.all.insert((owner, id.clone()), Watching { number, forwarding });
    let Some(watcher) = &server.watches.watcher else { return };
    let added = watcher.add(number, path.clone(), sender);
    server.beside(added, move |server, added| {
        let result = match added {
            Ok(()) => Ok(json!({ "path": path })),
            Err(error) => {
                let found = server.watches.all.get(&(owner, id.clone()));
                if found.is_some_and(|found| found.number == number) {
                    server.watches.remove(owner, &id);
                }
                Err(Fault::internal(cannot_watch(&path, &error)))
            }
        };
        server.answer(asker, result);
    });
}

/// Of an id that is none, nothing is told either.
pub fn unwatch(server: &mut Server, asker: Asker, params: Unwatch) {
    server.watches.remove(asker.connection, &params.watch_id);
    server.answer(asker, Ok(json!({})));
}
