//! The server: one loop that routes what clients and the engine say. It never waits for either, but
//! for the one client of a pipe.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::base::Clock;
use crate::engine::{Client, Inbox, Incoming};
use crate::protocol::{Command, ReplyResult, RequestId, SessionId, SessionView};

use super::account::Accounts;
use super::command_exec::Commands;
use super::connection::{Asker, Connection, ConnectionId, FromTransport};
use super::fs_watch::Watches;
use super::methods;
use super::models::Models;
use super::server_request::ServerRequests;
use super::setup::ServerSetup;
use super::thread::Thread;
use super::wire::{self, Fault, Inbound};

/// How long requests that are being answered hold up the end, once the only client has hung up.
const LAST_ANSWERS: Duration = Duration::from_millis(200);
/// How many files are held in memory at once, to be answered with whole.
const WHOLE_FILES: usize = 4;
/// How long running turns hold it up after a signal.
const LAST_TURNS: Duration = Duration::from_secs(60);

/// What is done with an answer of the engine's.
type Then = Box<dyn FnOnce(&mut Server, ReplyResult)>;
/// What is done with a session that has been opened.
pub type Opened = Box<dyn FnOnce(&mut Server, &SessionView)>;
/// What is done with a result of work beside the loop.
pub type Job = Box<dyn FnOnce(&mut Server) + Send>;

/// When it ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Not before it is told to.
    WhenTold,
    /// With its only connection.
    WithItsClient,
}

/// All that the server knows.
pub struct Server {
    pub setup: ServerSetup,
    pub engine: Client,
    pub clock: Clock,
    pub connections: BTreeMap<ConnectionId, Connection>,
    pub threads: HashMap<SessionId, Thread>,
    pub accounts: Accounts,
    pub models: Models,
    pub requests: ServerRequests,
    pub commands: Commands,
    pub watches: Watches,
    /// Files that are read and not answered with yet.
    pub whole_files: Arc<Semaphore>,
    /// What waits for the first snapshots of sessions.
    pub opening: HashMap<SessionId, Vec<Opened>>,
    asked: HashMap<RequestId, Then>,
    jobs: UnboundedSender<Job>,
    ends: Ends,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Serving,
    /// The client of the pipe has hung up.
    HungUp,
    /// A signal came: no new turn is begun.
    Draining,
    Ended,
}

impl Server {
    pub fn new(setup: ServerSetup, engine: Client, ends: Ends) -> (Self, UnboundedReceiver<Job>) {
        let (jobs, results) = unbounded_channel();
        let server = Self {
            setup,
            engine,
            clock: Clock::system(),
            connections: BTreeMap::new(),
            threads: HashMap::new(),
            accounts: Accounts::default(),
            models: Models::default(),
            requests: ServerRequests::default(),
            commands: Commands::default(),
            watches: Watches::default(),
            whole_files: Arc::new(Semaphore::new(WHOLE_FILES)),
            opening: HashMap::new(),
            asked: HashMap::new(),
            jobs,
            ends,
            state: State::Serving,
        };
        (server, results)
    }

    /// Until it is told to stop, or its only client hangs up.
    pub async fn run(
        mut self,
        mut inbox: Inbox,
        mut results: UnboundedReceiver<Job>,
        mut transports: UnboundedReceiver<FromTransport>,
        mut stops: UnboundedReceiver<()>,
    ) {
        let mut deadline = None;
        while self.state != State::Ended {
            tokio::select! {
                biased;
                Some(()) = stops.recv() => {
                    self.stop();
                    deadline.get_or_insert_with(|| tokio::time::Instant::now() + LAST_TURNS);
                    continue;
                }
                () = self.room() => {}
            }
            tokio::select! {
                biased;
                Some(()) = stops.recv() => {
                    self.stop();
                    deadline.get_or_insert_with(|| tokio::time::Instant::now() + LAST_TURNS);
                }
                Some(job) = results.recv() => job(&mut self),
                incoming = inbox.next() => match incoming {
                    Some(incoming) => self.hear(incoming),
                    None => self.state = State::Ended,
                },
                Some(message) = transports.recv() => self.take(message),
                () = at(deadline) => self.state = State::Ended,
            }
            match self.state {
                State::HungUp if self.is_answered() => self.state = State::Ended,
                State::HungUp => {
                    deadline.get_or_insert_with(|| tokio::time::Instant::now() + LAST_ANSWERS);
                }
                State::Draining if !self.threads.values().any(Thread::is_running) => {
                    self.state = State::Ended
                }
                State::Serving | State::Draining | State::Ended => {}
            }
        }
        self.sent().await;
    }

    /// The first signal lets running turns end, the second does not.
    fn stop(&mut self) {
        let runs = self.threads.values().any(Thread::is_running);
        self.state = match self.state {
            State::Serving if runs && self.ends == Ends::WhenTold => State::Draining,
            _ => State::Ended,
        };
    }

    /// Whether a turn may be begun.
    pub fn is_serving(&self) -> bool {
        self.state == State::Serving || self.state == State::HungUp
    }

    async fn room(&self) {
        for connection in self.connections.values() {
            connection.outbox.room().await;
        }
    }

    /// What was told last is given a moment to leave.
    async fn sent(&self) {
        let all = async {
            while !self.connections.values().all(|connection| connection.outbox.is_empty()) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let _late = tokio::time::timeout(LAST_ANSWERS, all).await;
    }

    fn is_answered(&self) -> bool {
        self.connections.values().all(|connection| connection.unanswered == 0)
    }

    fn take(&mut self, message: FromTransport) {
        match message {
            FromTransport::Opened(id, outbox) => {
                self.connections.insert(id, Connection::new(outbox));
            }
            FromTransport::Message(id, message, seat) => self.message(id, message, seat),
            FromTransport::Closed(id) if self.ends == Ends::WithItsClient => {
                self.commands.forget(id);
                self.state = State::HungUp;
            }
            FromTransport::Closed(id) => {
                self.connections.remove(&id);
                self.commands.forget(id);
                self.watches.forget(id);
                self.forget_subscriber(id);
            }
        }
    }

    fn message(&mut self, from: ConnectionId, message: Inbound, seat: OwnedSemaphorePermit) {
        match message {
            Inbound::Notification => {}
            Inbound::Response { id, result } => self.answered(from, id, result),
            Inbound::Request { id, method, params } => {
                let Some(connection) = self.connections.get_mut(&from) else { return };
                connection.unanswered += 1;
                methods::call(self, Asker::new(from, id, seat), &method, params);
            }
        }
    }

    pub(super) fn hear(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Event(event) => self.event(event),
            Incoming::Reply(request, result) => {
                if let Some(then) = self.asked.remove(&request) {
                    then(self, result);
                }
            }
        }
    }

    /// Asks the engine; `then` is called with its answer, in one order with its news.
    pub fn ask(&mut self, command: Command, then: impl FnOnce(&mut Self, ReplyResult) + 'static) {
        let request = self.engine.send(command);
        self.asked.insert(request, Box::new(then));
    }

    /// Does work that takes its time beside the loop.
    pub fn beside<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
        then: impl FnOnce(&mut Self, T) + Send + 'static,
    ) {
        let jobs = self.jobs.clone();
        tokio::spawn(async move {
            let result = work.await;
            let _server_ended = jobs.send(Box::new(move |server| then(server, result)));
        });
    }

    /// Answers a request, once.
    pub fn answer(&mut self, asker: Asker, result: Result<Value, Fault>) {
        if let Some(connection) = self.connections.get_mut(&asker.connection) {
            connection.unanswered = connection.unanswered.saturating_sub(1);
            connection.outbox.answer(wire::response(&asker.id, result));
        }
    }

    /// Tells every client.
    pub fn broadcast(&self, method: &str, params: Value) {
        self.tell(self.connections.values(), method, params);
    }

    /// Tells one client.
    pub fn tell_one(&self, to: ConnectionId, method: &str, params: Value) {
        self.tell(self.connections.get(&to), method, params);
    }

    /// Tells the clients that subscribed to a thread.
    pub fn tell_thread(&self, session: &SessionId, method: &str, params: Value) {
        let Some(thread) = self.threads.get(session) else { return };
        let to = thread.subscribers.iter().filter_map(|id| self.connections.get(id));
        self.tell(to, method, params);
    }

    fn tell<'a>(
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
        hearers.for_each(|connection| connection.outbox.tell(message.clone()));
    }
}

async fn at(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
