//! Everything outside of the machines: the engine, the clients, the clock and the setup.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::{Semaphore, mpsc::UnboundedSender};

use crate::base::Clock;
use crate::engine::Client;
use crate::host::{Front as _, Host, Job};
use crate::protocol::{Command, ReplyResult, SessionId};

use super::life::{Ends, Life};
use super::machines::Machines;
use super::request::server_request::ServerRequests;
use super::setup::ServerSetup;
use super::thread::news::Subject;
use super::transport::connection::{Asker, Connection, ConnectionId};
use super::transport::wire::{self, Fault};

/// How many whole files are held in memory at once, waiting to be sent.
const WHOLE_FILES: usize = 3;

/// The engine and the clients, as all machines use them.
pub struct Outside {
    pub host: Host<Machines>,
    pub setup: ServerSetup,
    pub clock: Clock,
    pub life: Life,
    pub connections: BTreeMap<ConnectionId, Connection>,
    pub requests: ServerRequests,
    /// Permits for files that have been read and not yet sent.
    pub whole_files: Arc<Semaphore>,
}

impl Outside {
    pub fn new(
        setup: ServerSetup,
        engine: Client,
        jobs: UnboundedSender<Job<Machines>>,
        ends: Ends,
    ) -> Self {
        Self {
            host: Host::new(engine, jobs),
            setup,
            clock: Clock::system(),
            life: Life::new(ends),
            connections: BTreeMap::new(),
            requests: ServerRequests::default(),
            whole_files: Arc::new(Semaphore::new(WHOLE_FILES)),
        }
    }

    /// Asks the engine; calls `then` with its answer. For continuations that need no machine.
    pub fn ask(&mut self, command: Command, then: impl FnOnce(&mut Self, ReplyResult) + 'static) {
        self.host.ask(command, move |machines, reply| then(machines.outside(), reply));
    }

    /// Sends a command to the engine and ignores the answer, which says nothing new.
    pub fn send(&self, command: Command) {
        self.host.engine.send(command);
    }

    /// Runs work beside the loop; calls `then` with the result. For continuations that need no
    /// machine.
    pub fn beside<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
        then: impl FnOnce(&mut Self, T) + Send + 'static,
    ) {
        self.host.beside(work, move |machines, result| then(machines.outside(), result));
    }

    /// Answers a request, once.
    pub fn answer(&mut self, asker: Asker, result: Result<Value, Fault>) {
        let answer = wire::response(&asker.id, result);
        self.answer_in_text(asker, answer);
    }

    /// Answers that a request cannot be carried out as it is.
    pub fn refuse(&mut self, asker: Asker, message: impl Into<String>) {
        self.answer(asker, Err(Fault::invalid(message)));
    }

    /// Answers a request, once, with an answer that is already text.
    pub fn answer_in_text(&mut self, asker: Asker, answer: wire::Outbound) {
        if let Some(connection) = self.connections.get_mut(&asker.connection) {
            connection.unanswered = connection.unanswered.saturating_sub(1);
            connection.outbox.answer(answer);
        }
    }

    /// Answers with the fault if there is one; otherwise returns the asker and the value.
    pub fn accept<T>(
        &mut self,
        asker: Asker,
        result: Result<T, impl Into<Fault>>,
    ) -> Option<(Asker, T)> {
        match result {
            Ok(value) => Some((asker, value)),
            Err(fault) => {
                self.answer(asker, Err(fault.into()));
                None
            }
        }
    }

    /// Whether every request of every client has been answered.
    pub fn is_answered(&self) -> bool {
        self.connections.values().all(|connection| connection.unanswered == 0)
    }

    /// Tells every client.
    pub fn broadcast(&self, method: &str, params: Value) {
        self.send_to(self.connections.values(), method, params);
    }

    /// Tells one client.
    pub fn notify_one(&self, to: ConnectionId, method: &str, params: Value) {
        self.send_to(self.connections.get(&to), method, params);
    }

    /// Tells these clients.
    pub fn notify(&self, to: &BTreeSet<ConnectionId>, method: &str, params: Value) {
        self.send_to(to.iter().filter_map(|id| self.connections.get(id)), method, params);
    }

    fn send_to<'a>(
        &'a self,
        to: impl IntoIterator<Item = &'a Connection>,
        method: &str,
        params: Value,
    ) {
        let mut hearers = to.into_iter().filter(|connection| connection.hears(method)).peekable();
        if hearers.peek().is_none() {
            return;
        }
        let message = wire::notification(method, params, self.clock.now());
        hearers.for_each(|connection| connection.outbox.notify(message.clone()));
    }

    /// Sends a request to these clients; the first answer counts.
    pub fn request(
        &mut self,
        to: &BTreeSet<ConnectionId>,
        about: Subject,
        method: &'static str,
        params: Value,
    ) {
        let message = self.requests.open(about, method, params);
        let to = to.iter().filter_map(|id| self.connections.get(id));
        to.for_each(|connection| connection.outbox.notify(message.clone()));
    }

    /// Sends a thread's pending requests to a client that joins late, under the same ids.
    pub fn request_again(&self, session: &SessionId, to: ConnectionId) {
        let Some(connection) = self.connections.get(&to) else { return };
        self.requests.of_thread(session).for_each(|message| connection.outbox.notify(message));
    }

    /// The clients that have introduced themselves.
    pub fn clients(&self) -> BTreeSet<ConnectionId> {
        let ready = self.connections.iter().filter(|(_, connection)| connection.client.is_some());
        ready.map(|(id, _)| *id).collect()
    }

    /// Resolves once no client has too much left to read.
    pub async fn room(&self) {
        for connection in self.connections.values() {
            connection.outbox.room().await;
        }
    }

    /// Whether every message has been sent.
    pub fn is_sent(&self) -> bool {
        self.connections.values().all(|connection| connection.outbox.is_empty())
    }
}
