//! The queue of messages for one client: answers to its own requests, and news. The server stops
//! reading from a client that leaves answers unread, and drops one that lets news pile up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};

use super::wire::Outbound;

/// How much news may wait for a client that reads its socket slowly; beyond that the client is
/// dropped.
const MOST_NEWS: Amount = Amount { messages: 8_192, bytes: 64 << 20 };

/// The same limit for answers. This much can only wait for requests that were read before the first
/// of them was answered.
const MOST_ANSWERS: Amount = Amount { messages: usize::MAX, bytes: 256 << 20 };

/// The amount of news or answers above which optional work stops: no further request is read, and
/// the server waits for the client of a pipe.
const ENOUGH: Amount = Amount { messages: 256, bytes: 32 << 20 };

/// How long a client that is not read from may take nothing before it is dropped.
const STALLED: Duration = Duration::from_secs(300);

/// The treatment of a client that does not read its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slow {
    /// The client is dropped.
    Dropped,
    /// The server waits for the client, the only one it has.
    WaitedFor,
}

/// The server's end of one client's queue.
#[derive(Clone, Debug)]
pub struct Outbox {
    sender: mpsc::UnboundedSender<Message>,
    queue: Arc<Queue>,
    slow: Slow,
}

/// The transport's end of the queue.
#[derive(Debug)]
pub struct Outgoing {
    receiver: mpsc::UnboundedReceiver<Message>,
    queue: Arc<Queue>,
    /// The messages taken and not sent yet.
    taken: [Amount; 2],
}

#[derive(Debug)]
struct Message {
    text: Outbound,
    kind: MessageKind,
}

/// The reason for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MessageKind {
    /// The client asked for it.
    Answer,
    /// Notifications, and requests of the server.
    News,
}

#[derive(Clone, Copy, Debug, Default)]
struct Amount {
    messages: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Queue {
    answers: Waiting,
    news: Waiting,
    /// Messages were sent.
    drained: Notify,
    /// The client was too slow.
    overrun: Notify,
    /// The client no longer writes, so nothing waits for it.
    hung_up: AtomicBool,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: AtomicUsize,
    bytes: AtomicUsize,
}

/// Creates both ends of one client's queue.
pub fn outbox(slow: Slow) -> (Outbox, Outgoing) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let queue = Arc::<Queue>::default();
    let outgoing = Outgoing { receiver, queue: Arc::clone(&queue), taken: Default::default() };
    (Outbox { sender, queue, slow }, outgoing)
}

impl Outbox {
    /// Queues news for the client, or a request to it.
    pub fn notify(&self, message: Outbound) {
        self.send(message, MessageKind::News, MOST_NEWS);
    }

    /// Queues the answer to a request of the client.
    pub fn answer(&self, message: Outbound) {
        self.send(message, MessageKind::Answer, MOST_ANSWERS);
    }

    fn send(&self, text: Outbound, kind: MessageKind, most: Amount) {
        let before = self.queue.of(kind).add(text.len());
        let is_full = before.messages >= most.messages || before.bytes >= most.bytes;
        if is_full && self.slow == Slow::Dropped {
            return self.queue.overrun.notify_one();
        }
        // A transport reports its own end.
        let _ended = self.sender.send(Message { text, kind });
    }

    /// Resolves when the client has taken most of its messages; at once for a client that is not
    /// waited for.
    pub async fn room(&self) {
        if self.slow == Slow::WaitedFor {
            self.eased().await;
        }
    }

    /// Resolves when the client has taken most of its messages, whichever kind of client it is.
    pub async fn eased(&self) {
        self.until(|queue| queue.answers.amount().plus(queue.news.amount())).await;
    }

    /// Resolves when the client has taken most of its answers. A client that takes nothing for long
    /// is dropped.
    pub async fn answers_taken(&self) {
        self.until(|queue| queue.answers.amount()).await;
    }

    /// Whether [`Self::answers_taken`] would resolve at once.
    pub fn has_taken_answers(&self) -> bool {
        self.is_left() || self.queue.answers.amount().is_within(ENOUGH)
    }

    /// Whether the queue is no longer served: its transport ended or its client hung up.
    fn is_left(&self) -> bool {
        self.sender.is_closed() || self.queue.hung_up.load(Ordering::Relaxed)
    }

    async fn until(&self, amount: impl Fn(&Queue) -> Amount) {
        while !self.is_left() {
            let drained = self.queue.drained.notified();
            if amount(&self.queue).is_within(ENOUGH) {
                return;
            }
            let waited = tokio::time::timeout(STALLED, drained).await;
            if waited.is_err() && self.slow == Slow::Dropped {
                self.queue.overrun.notify_one();
            }
        }
    }

    /// Records that the client is no longer read from, and ends every wait for it.
    pub fn hang_up(&self) {
        self.queue.hung_up.store(true, Ordering::Relaxed);
        self.queue.drained.notify_waiters();
    }

    /// Whether no message is left to send: all are sent, or the transport has ended.
    pub fn is_empty(&self) -> bool {
        let waiting = self.queue.answers.amount().plus(self.queue.news.amount());
        self.sender.is_closed() || waiting.messages == 0
    }
}

impl Outgoing {
    /// The next message; `None` when the server has dropped the connection.
    pub async fn next(&mut self) -> Option<Outbound> {
        let message = self.receiver.recv().await;
        message.map(|message| self.take(message))
    }

    /// Blocks for the next message; for use on a thread.
    pub fn blocking_next(&mut self) -> Option<Outbound> {
        let message = self.receiver.blocking_recv();
        message.map(|message| self.take(message))
    }

    /// Returns a message that is already queued, if any.
    pub fn ready(&mut self) -> Option<Outbound> {
        let message = self.receiver.try_recv().ok();
        message.map(|message| self.take(message))
    }

    fn take(&mut self, Message { text, kind }: Message) -> Outbound {
        let taken = &mut self.taken[kind as usize];
        *taken = taken.plus(Amount { messages: 1, bytes: text.len() });
        text
    }

    /// Records that every message taken so far has been handed to the system.
    pub fn sent(&mut self) {
        for kind in [MessageKind::Answer, MessageKind::News] {
            let taken = std::mem::take(&mut self.taken[kind as usize]);
            self.queue.of(kind).subtract(taken);
        }
        self.queue.drained.notify_waiters();
    }

    /// Resolves when the client was too slow to keep.
    pub fn overrun(&self) -> impl Future<Output = ()> + Send + use<> {
        let queue = Arc::clone(&self.queue);
        async move { queue.overrun.notified().await }
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.receiver.close();
        self.queue.drained.notify_waiters();
    }
}

impl Queue {
    fn of(&self, kind: MessageKind) -> &Waiting {
        match kind {
            MessageKind::Answer => &self.answers,
            MessageKind::News => &self.news,
        }
    }
}

impl Waiting {
    /// Adds one message of so many bytes; returns the amount before it.
    fn add(&self, bytes: usize) -> Amount {
        let messages = self.messages.fetch_add(1, Ordering::Relaxed);
        Amount { messages, bytes: self.bytes.fetch_add(bytes, Ordering::Relaxed) }
    }

    fn subtract(&self, sent: Amount) {
        self.messages.fetch_sub(sent.messages, Ordering::Relaxed);
        self.bytes.fetch_sub(sent.bytes, Ordering::Relaxed);
    }

    fn amount(&self) -> Amount {
        let messages = self.messages.load(Ordering::Relaxed);
        Amount { messages, bytes: self.bytes.load(Ordering::Relaxed) }
    }
}

impl Amount {
    fn plus(self, more: Self) -> Self {
        Self { messages: self.messages + more.messages, bytes: self.bytes + more.bytes }
    }

    fn is_within(self, most: Self) -> bool {
        self.messages <= most.messages && self.bytes <= most.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures_util::poll;

    use super::*;

    fn long(bytes: usize) -> Outbound {
        "x".repeat(bytes).into()
    }

    #[tokio::test]
    async fn answers_that_wait_hold_up_requests_and_news_does_not() {
        let (outbox, mut outgoing) = outbox(Slow::Dropped);
        for _ in 0..1_000 {
            outbox.notify(long(1));
        }
        outbox.answers_taken().await;
        outbox.answer(long(33 << 20));
        let mut taken = Box::pin(outbox.answers_taken());
        assert_eq!(poll!(&mut taken), Poll::Pending);
        while outgoing.ready().is_some() {}
        assert_eq!(poll!(&mut taken), Poll::Pending, "it is not sent yet");
        outgoing.sent();
        assert_eq!(poll!(&mut taken), Poll::Ready(()));
        assert!(outbox.is_empty());
    }

    #[tokio::test]
    async fn a_client_is_let_go_of_for_news_and_not_for_what_it_asked_for() {
        let (asked, outgoing) = outbox(Slow::Dropped);
        let mut overrun = Box::pin(outgoing.overrun());
        for _ in 0..5 {
            asked.answer(long(20 << 20));
        }
        asked.notify(long(1));
        assert_eq!(poll!(&mut overrun), Poll::Pending);
        for _ in 0..4 {
            asked.notify(long(20 << 20));
        }
        assert_eq!(poll!(&mut overrun), Poll::Pending);
        asked.notify(long(1));
        assert_eq!(poll!(&mut overrun), Poll::Ready(()));
    }

    #[tokio::test]
    async fn nobody_waits_for_a_transport_that_has_ended_or_a_client_that_hung_up() {
        for ends in [false, true] {
            let (outbox, outgoing) = outbox(Slow::WaitedFor);
            outbox.answer(long(33 << 20));
            let mut eased = Box::pin(outbox.eased());
            assert_eq!(poll!(&mut eased), Poll::Pending);
            if ends {
                drop(outgoing)
            } else {
                outbox.hang_up()
            }
            assert_eq!(poll!(&mut eased), Poll::Ready(()), "{ends}");
        }
    }
}
