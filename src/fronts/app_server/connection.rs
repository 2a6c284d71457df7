//! Connections: what each has said of itself, what waits to be sent to it, and how much of its own
//! may wait. Reads and writes no socket.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

use super::wire::{self, Fault, Inbound, Outbound, RequestKey};

/// A connection, as the server numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// How many messages of one connection may wait, unanswered requests included. A further request is
/// refused, anything else is read later: so no connection takes the turn of another.
const SEATS: usize = 128;

/// How many messages may wait for a client that reads its socket slowly; with more it is let go of.
const SLOWEST: usize = 8_192;

/// The same in bytes.
const LARGEST: usize = 64 << 20;

/// How many wait for a client of a pipe before the server waits for it.
const ENOUGH: usize = 256;

/// The same in bytes.
const ENOUGH_BYTES: usize = 32 << 20;

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

/// What becomes of a client that does not read what it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slow {
    /// It is let go of.
    Dropped,
    /// The server waits for it, which has no other.
    WaitedFor,
}

/// The server's end of what goes to one client.
#[derive(Clone, Debug)]
pub struct Outbox {
    sender: mpsc::UnboundedSender<Outbound>,
    queue: Arc<Queue>,
    slow: Slow,
}

/// The transport's end.
#[derive(Debug)]
pub struct Outgoing {
    receiver: mpsc::UnboundedReceiver<Outbound>,
    queue: Arc<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: AtomicUsize,
    bytes: AtomicUsize,
    /// Some were sent.
    drained: Notify,
    /// The client was too slow.
    overrun: Notify,
    /// It writes no more, and nobody waits for it.
    hung_up: AtomicBool,
}

/// Both ends of what goes to one client.
pub fn outbox(slow: Slow) -> (Outbox, Outgoing) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let queue = Arc::<Queue>::default();
    (Outbox { sender, queue: Arc::clone(&queue), slow }, Outgoing { receiver, queue })
}

impl Outbox {
    pub fn send(&self, message: Outbound) {
        let waiting = self.queue.waiting.fetch_add(1, Ordering::Relaxed);
        let bytes = self.queue.bytes.fetch_add(message.len(), Ordering::Relaxed);
        if (waiting >= SLOWEST || bytes >= LARGEST) && self.slow == Slow::Dropped {
            return self.queue.overrun.notify_one();
        }
        // A transport that has ended says so itself.
        let _ended = self.sender.send(message);
    }

    /// Resolves when the client has taken most of what waits, where it is one that is waited for.
    pub async fn room(&self) {
        if self.slow == Slow::WaitedFor {
            self.eased().await;
        }
    }

    /// The same for any client.
    pub async fn eased(&self) {
        while !self.sender.is_closed() {
            let drained = self.queue.drained.notified();
            let is_short = self.queue.waiting.load(Ordering::Relaxed) <= ENOUGH
                && self.queue.bytes.load(Ordering::Relaxed) <= ENOUGH_BYTES;
            if is_short || self.queue.hung_up.load(Ordering::Relaxed) {
                return;
            }
            drained.await;
        }
    }

    fn hang_up(&self) {
        self.queue.hung_up.store(true, Ordering::Relaxed);
        self.queue.drained.notify_waiters();
    }

    /// Whether all that was sent has been taken.
    pub fn is_empty(&self) -> bool {
        self.sender.is_closed() || self.queue.waiting.load(Ordering::Relaxed) == 0
    }
}

impl Outgoing {
    /// The next message; `None` when the server has let go of the connection.
    pub async fn next(&mut self) -> Option<Outbound> {
        self.receiver.recv().await
    }

    /// The next one, for a thread.
    pub fn blocking_next(&mut self) -> Option<Outbound> {
        self.receiver.blocking_recv()
    }

    /// One that is there already.
    pub fn ready(&mut self) -> Option<Outbound> {
        self.receiver.try_recv().ok()
    }

    /// So many were handed to the system, and so many bytes.
    pub fn sent(&self, count: usize, bytes: usize) {
        self.queue.waiting.fetch_sub(count, Ordering::Relaxed);
        self.queue.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.queue.drained.notify_waiters();
    }

    /// Resolves when the client was too slow to be kept.
    pub fn overrun(&self) -> impl Future<Output = ()> + Send + use<> {
        let queue = Arc::clone(&self.queue);
        async move { queue.overrun.notified().await }
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.queue.drained.notify_waiters();
    }
}

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

    /// Takes one message; what is none is passed over. A request that finds no seat is refused.
    pub async fn take(&self, text: &[u8]) {
        let Some(message) = wire::read(text) else { return };
        if self.seats.available_permits() == 0 {
            // The server may only not have had its turn yet.
            tokio::task::yield_now().await;
        }
        let seat = match (Arc::clone(&self.seats).try_acquire_owned(), &message) {
            (Ok(seat), _) => seat,
            (Err(_full), Inbound::Request { id, .. }) => {
                self.outbox.send(wire::response(id, Err(Fault::overloaded())));
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
