//! Requests of the server to its clients: numbered per process, sent again to clients that join
//! late, and decided by the client that answers first.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::app_server::thread::news::Subject;
use crate::app_server::transport::wire::{self, Outbound};
use crate::protocol::SessionId;

/// The requests that are pending.
#[derive(Debug, Default)]
pub struct ServerRequests {
    /// How many were made so far.
    count: i64,
    open: BTreeMap<i64, Waiting>,
}

/// A request as it was made.
#[derive(Debug)]
struct Waiting {
    about: Subject,
    method: &'static str,
    params: Value,
}

impl ServerRequests {
    /// Registers a new request. Returns the message for the clients.
    pub fn open(&mut self, about: Subject, method: &'static str, params: Value) -> Outbound {
        let id = self.count;
        self.count += 1;
        let message = wire::request(id, method, params.clone());
        self.open.insert(id, Waiting { about, method, params });
        message
    }

    /// The subject of a request; `None` if it is no longer pending.
    pub fn about(&self, id: i64) -> Option<&Subject> {
        self.open.get(&id).map(|waiting| &waiting.about)
    }

    /// The pending requests of a thread, as messages for clients.
    pub fn of_thread(&self, session: &SessionId) -> impl Iterator<Item = Outbound> {
        let open = self.open.iter();
        let of_it = open.filter(|(_, waiting)| waiting.about.thread() == Some(session));
        of_it.map(|(id, waiting)| wire::request(*id, waiting.method, waiting.params.clone()))
    }

    /// Removes a request.
    pub fn close(&mut self, id: i64) {
        self.open.remove(&id);
    }

    /// Removes the request with this subject; returns its id if it was still pending.
    pub fn resolve(&mut self, about: &Subject) -> Option<i64> {
        let id = *self.open.iter().find(|(_, waiting)| waiting.about == *about)?.0;
        self.close(id);
        Some(id)
    }

    /// Removes the pending requests of a thread; returns their ids.
    pub fn resolve_all(&mut self, session: &SessionId) -> Vec<i64> {
        let open = self.open.iter();
        let of_it = open.filter(|(_, waiting)| waiting.about.thread() == Some(session));
        let ids: Vec<i64> = of_it.map(|(id, _)| *id).collect();
        ids.iter().for_each(|id| self.close(*id));
        ids
    }
}
