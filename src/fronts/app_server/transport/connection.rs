//! Connections: how each client introduced itself, and how many of its messages may wait. Does no
//! IO.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::outbox::Outbox;
use super::wire::{self, Fault, Inbound, RequestKey};

/// The server's number for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// How many messages of one connection may wait, unanswered requests included. Beyond that a
/// request is refused and anything else is read later, so no connection can crowd out another.
const SEATS: usize = 128;

/// Messages from transports to the server.
#[derive(Debug)]
pub enum FromTransport {
    Opened(ConnectionId, Outbox),
    /// The permit is held until the message has been handled.
    Message(ConnectionId, Inbound, OwnedSemaphorePermit),
    Closed(ConnectionId),
}

/// The channel from a transport to the server.
pub type Door = mpsc::UnboundedSender<FromTransport>;

/// Passes on the messages that one client writes.
#[derive(Debug)]
pub struct Ingress {
    id: ConnectionId,
    door: Door,
    seats: Arc<Semaphore>,
    outbox: Outbox,
}

impl Ingress {
    /// Announces a new connection to the server. Dropping this closes it.
    pub fn open(id: ConnectionId, door: Door, outbox: Outbox) -> Self {
        let _server_ended = door.send(FromTransport::Opened(id, outbox.clone()));
        Self { id, door, seats: Arc::new(Semaphore::new(SEATS)), outbox }
    }

    /// Takes one message. Invalid messages are ignored, except that an unreadable request with an
    /// id is refused. A request is also refused if too many messages wait. While the client leaves
    /// its answers unread, no further request is read.
    pub async fn take(&self, text: &[u8]) {
        let Some(message) = wire::read(text) else {
            if let Some(refusal) = wire::refusal(text) {
                self.outbox.answers_taken().await;
                self.outbox.answer(refusal);
                self.outbox.room().await;
            }
            return;
        };
        if let Inbound::Request { .. } = message {
            self.outbox.answers_taken().await;
        }
        if self.seats.available_permits() == 0 {
            // The server may simply not have run yet.
            tokio::task::yield_now().await;
        }
        let seat = match (Arc::clone(&self.seats).try_acquire_owned(), &message) {
            (Ok(seat), _) => seat,
            (Err(_full), Inbound::Request { id, .. }) => {
                self.outbox.answer(wire::response(id, Err(Fault::overloaded())));
                return self.outbox.room().await;
            }
            (Err(_full), _) => match Arc::clone(&self.seats).acquire_owned().await {
                Ok(seat) => seat,
                Err(_never_closed) => return,
            },
        };
        let _server_ended = self.door.send(FromTransport::Message(self.id, message, seat));
    }
}

impl Drop for Ingress {
    fn drop(&mut self) {
        self.outbox.hang_up();
        let _server_ended = self.door.send(FromTransport::Closed(self.id));
    }
}

/// A request that awaits its answer.
#[derive(Debug)]
pub struct Asker {
    pub connection: ConnectionId,
    pub id: RequestKey,
    /// Its permit among the connection's waiting messages.
    _seat: OwnedSemaphorePermit,
}

impl Asker {
    pub fn new(connection: ConnectionId, id: RequestKey, seat: OwnedSemaphorePermit) -> Self {
        Self { connection, id, _seat: seat }
    }
}

/// A client that is connected.
#[derive(Debug)]
pub struct Connection {
    pub outbox: Outbox,
    /// The client's introduction; `None` before `initialize`.
    pub client: Option<ClientInfo>,
    /// How many of its requests await an answer.
    pub unanswered: usize,
}

/// A client that receives news from work beside the server's loop.
#[derive(Debug)]
pub struct Listener {
    pub outbox: Outbox,
    opted_out: HashSet<String>,
}

impl Listener {
    /// Whether the client wants notifications with this name.
    pub fn hears(&self, method: &str) -> bool {
        !self.opted_out.contains(method)
    }
}

/// The details that a client gave in `initialize`.
#[derive(Debug)]
pub struct ClientInfo {
    pub experimental: bool,
    /// The names of notifications that it does not want.
    pub opted_out: HashSet<String>,
}

impl Connection {
    pub fn new(outbox: Outbox) -> Self {
        Self { outbox, client: None, unanswered: 0 }
    }

    /// Returns a handle for work beside the server's loop that sends news to this client.
    pub fn listener(&self) -> Listener {
        let opted_out = self.client.as_ref().map(|client| client.opted_out.clone());
        Listener { outbox: self.outbox.clone(), opted_out: opted_out.unwrap_or_default() }
    }

    /// Whether the client is ready and wants notifications with this name.
    pub fn hears(&self, method: &str) -> bool {
        self.client.as_ref().is_some_and(|client| !client.opted_out.contains(method))
    }
}
