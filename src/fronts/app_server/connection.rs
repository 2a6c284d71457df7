//! Connections: what each has said of itself, and how much of its own may wait. Reads and writes no
//! socket.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::outbox::Outbox;
use super::wire::{self, Fault, Inbound, RequestKey};

/// A connection, as the server numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// How many messages of one connection may wait, unanswered requests included. A further request is
/// refused, anything else is read later: so no connection takes the turn of another.
const SEATS: usize = 128;

/// What transports tell the server.
#[derive(Debug)]
pub enum FromTransport {
    Opened(ConnectionId, Outbox),
    /// The permit is held until the message is done with.
    Message(ConnectionId, Inbound, OwnedSemaphorePermit),
    Closed(ConnectionId),
}

/// A transport's way to the server.
pub type Door = mpsc::UnboundedSender<FromTransport>;

/// Takes in what one client writes.
#[derive(Debug)]
pub struct Ingress {
    id: ConnectionId,
    door: Door,
    seats: Arc<Semaphore>,
    outbox: Outbox,
}

impl Ingress {
    /// Tells the server of a new connection. It is closed when this is dropped.
    pub fn open(id: ConnectionId, door: Door, outbox: Outbox) -> Self {
        let _server_ended = door.send(FromTransport::Opened(id, outbox.clone()));
        Self { id, door, seats: Arc::new(Semaphore::new(SEATS)), outbox }
    }

    /// Takes one message; what is none is passed over, but for a request that cannot be read and names its id: that is refused. A request that finds no seat is refused. While
    /// the client does not take the answers that it asked for, no further request is read.
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
            // The server may only not have had its turn yet.
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

/// A request that waits for its answer.
#[derive(Debug)]
pub struct Asker {
    pub connection: ConnectionId,
    pub id: RequestKey,
    /// Its seat among what may wait of the connection.
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
    /// What it said of itself; `None` until it has.
    pub client: Option<ClientInfo>,
    /// Its requests that wait for an answer.
    pub unanswered: usize,
}

/// A client that is told something beside the server's loop.
#[derive(Debug)]
pub struct Listener {
    pub outbox: Outbox,
    opted_out: HashSet<String>,
}

impl Listener {
    /// Whether it is sent notifications of this name.
    pub fn hears(&self, method: &str) -> bool {
        !self.opted_out.contains(method)
    }
}

/// What a client said of itself in `initialize`.
#[derive(Debug)]
pub struct ClientInfo {
    pub experimental: bool,
    /// Notifications that it does not want, by their names.
    pub opted_out: HashSet<String>,
}

impl Connection {
    pub fn new(outbox: Outbox) -> Self {
        Self { outbox, client: None, unanswered: 0 }
    }

    /// For work beside the server's loop that tells it something.
    pub fn listener(&self) -> Listener {
        let opted_out = self.client.as_ref().map(|client| client.opted_out.clone());
        Listener { outbox: self.outbox.clone(), opted_out: opted_out.unwrap_or_default() }
    }

    /// Whether it is sent notifications of this name.
    pub fn hears(&self, method: &str) -> bool {
        self.client.as_ref().is_some_and(|client| !client.opted_out.contains(method))
    }
}
