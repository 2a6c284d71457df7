//! The watches of clients, which the engine keeps for them.

use std::collections::HashMap;

use tokio::sync::mpsc::UnboundedSender;

use crate::app_server::outside::Outside;
use crate::app_server::transport::connection::ConnectionId;
use crate::app_server::transport::wire::Fault;
use crate::protocol::{Command, EventKind, FilesCommand, WatchId};

/// How many watches a connection may have at once.
const OF_CONNECTION: usize = 128;
/// How many watches all connections together may have at once.
const OF_SERVER: usize = 1_024;

/// The watches of all clients.
#[derive(Debug, Default)]
pub struct Watches {
    all: HashMap<(ConnectionId, String), Watching>,
    /// The number of the last watch.
    last: u64,
}

#[derive(Debug)]
struct Watching {
    id: WatchId,
    /// Dropping this ends the notifications.
    events: UnboundedSender<EventKind>,
}

impl Watches {
    /// Ends the watches of a connection that is closed.
    pub fn forget(&mut self, outside: &Outside, connection: ConnectionId) {
        for (_, watching) in self.all.extract_if(|(of, _), _| *of == connection) {
            end(outside, watching.id);
        }
    }

    /// Ends a watch.
    pub fn remove(&mut self, outside: &Outside, connection: ConnectionId, name: &str) {
        if let Some(watching) = self.all.remove(&(connection, name.to_owned())) {
            end(outside, watching.id);
        }
    }

    /// Fails if the name is in use, or if there are too many watches already.
    pub fn check(&self, connection: ConnectionId, name: &str) -> Result<(), Fault> {
        if self.all.contains_key(&(connection, name.to_owned())) {
            return Err(Fault::invalid(format!("watchId already exists: {name}")));
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

    /// Registers a watch, whose events go to `events`; returns its number.
    pub fn keep(
        &mut self,
        connection: ConnectionId,
        name: &str,
        events: UnboundedSender<EventKind>,
    ) -> WatchId {
        self.last += 1;
        let id = WatchId(self.last);
        self.all.insert((connection, name.to_owned()), Watching { id, events });
        id
    }

    /// Hands on an event of a watch; ignores one of a watch that has ended.
    pub fn event(&self, id: WatchId, event: EventKind) {
        if let Some(watching) = self.all.values().find(|watching| watching.id == id) {
            let _ended = watching.events.send(event);
        }
    }

    /// Ends the watch of this name if it still has this number.
    pub fn remove_if(
        &mut self,
        outside: &Outside,
        connection: ConnectionId,
        name: &str,
        id: WatchId,
    ) {
        let found = self.all.get(&(connection, name.to_owned()));
        if found.is_some_and(|found| found.id == id) {
            self.remove(outside, connection, name);
        }
    }
}

fn end(outside: &Outside, id: WatchId) {
    outside.send(Command::Files(FilesCommand::Unwatch(id)));
}
