//! The inbox of one client: the answers to what it asked and the news of what it subscribed to, in
//! the order in which they left the engine.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::mem::discriminant;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::protocol::{Event, EventKind, ReplyResult, RequestId, SessionId, SessionView};

/// Something for a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// News of a session the client subscribed to, or of the program.
    Event(Event),
    /// The answer to the request of that number, for what was sent with
    /// [`super::super::Client::send`].
    Reply(RequestId, ReplyResult),
}

/// How soon a client should look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arrival {
    /// Nothing new has come since the last look.
    #[default]
    None,
    /// Only streaming text, which may wait for the next frame.
    Delta,
    /// Something to be shown at once.
    News,
    /// The engine has ended: no more will come.
    End,
}

/// A function that is called when a client should look sooner than it was told before. It is called
/// on the engine's thread, and must not block.
pub type Waker = Box<dyn Fn(Arrival) + Send + Sync>;

/// How many events of one session may wait. Streaming text is joined with what came before it, and
/// progress replaces progress, so that a client is this far behind only where it does not look at
/// all. Then a snapshot takes the place of all that waits of the session.
const SESSION_MAX: usize = 4_096;

/// How many events of the program may wait; beyond that, the oldest is dropped.
const PROGRAM_MAX: usize = 256;

/// How much waits of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backlog {
    Short,
    TooLong,
}

/// The answers and events that wait for a client. Dropping it ends the client's subscriptions.
pub struct Inbox {
    shared: Arc<InboxSender>,
    left: Option<Box<dyn FnOnce() + Send + Sync>>,
}

/// The engine's end.
#[derive(Default)]
pub(crate) struct InboxSender {
    state: Mutex<Waiting>,
    arrived: Notify,
    waker: Option<Waker>,
}

#[derive(Default)]
struct Waiting {
    all: VecDeque<Incoming>,
    /// How many events of each session.
    events: HashMap<SessionId, usize>,
    announced: Arrival,
    ended: bool,
}

impl Inbox {
    pub(crate) fn new(
        shared: Arc<InboxSender>,
        left: impl FnOnce() + Send + Sync + 'static,
    ) -> Self {
        Self { shared, left: Some(Box::new(left)) }
    }

    /// One that holds all that will ever come: for a front that is tried out without an engine.
    pub fn holding(incoming: impl IntoIterator<Item = Incoming>) -> Self {
        let shared = InboxSender::default();
        incoming.into_iter().for_each(|one| _ = shared.push(one));
        shared.end();
        Self { shared: Arc::new(shared), left: None }
    }

    /// The next one; `None` when the engine has ended and all was read.
    pub async fn next(&mut self) -> Option<Incoming> {
        loop {
            let arrived = self.shared.arrived.notified();
            {
                let mut waiting = self.shared.lock();
                if let Some(next) = waiting.pop() {
                    return Some(next);
                }
                if waiting.ended {
                    return None;
                }
            }
            arrived.await;
        }
    }

    /// Takes one that is there already.
    pub fn try_next(&mut self) -> Option<Incoming> {
        self.shared.lock().pop()
    }

    /// Takes everything that came since the last time.
    pub fn take(&mut self) -> VecDeque<Incoming> {
        let mut waiting = self.shared.lock();
        waiting.announced = Arrival::None;
        waiting.events.clear();
        std::mem::take(&mut waiting.all)
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        if let Some(left) = self.left.take() {
            left();
        }
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").finish_non_exhaustive()
    }
}

impl fmt::Debug for InboxSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboxSender").finish_non_exhaustive()
    }
}

impl InboxSender {
    pub(crate) fn waking(waker: Option<Waker>) -> Self {
        Self { waker, ..Self::default() }
    }

    /// Adds one. Whether its client is too far behind: the session's events are to be given up for
    /// a snapshot.
    #[must_use]
    pub(crate) fn push(&self, incoming: Incoming) -> Backlog {
        let arrival = urgency(&incoming);
        let mut waiting = self.lock();
        let backlog = waiting.add(incoming);
        self.wake(waiting, arrival);
        backlog
    }

    /// Puts a snapshot in the place of all that waits of its session.
    pub(crate) fn resync(&self, session: &SessionId, seq: u64, view: Arc<SessionView>) {
        let mut waiting = self.lock();
        waiting.forget(session);
        // It is the only one of its session.
        let _backlog = waiting.add(Incoming::Event(Event {
            session: Some(session.clone()),
            seq,
            kind: EventKind::Snapshot(view),
        }));
        self.wake(waiting, Arrival::News);
    }

    pub(crate) fn end(&self) {
        let mut waiting = self.lock();
        waiting.ended = true;
        self.wake(waiting, Arrival::End);
    }

    fn wake(&self, mut waiting: MutexGuard<'_, Waiting>, arrival: Arrival) {
        let is_sooner = arrival > waiting.announced;
        waiting.announced = waiting.announced.max(arrival);
        drop(waiting);
        self.arrived.notify_one();
        if let Some(waker) = self.waker.as_ref().filter(|_| is_sooner) {
            waker(arrival);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn pop(&mut self) -> Option<Incoming> {
        let next = self.all.pop_front()?;
        if let Incoming::Event(Event { session: Some(session), .. }) = &next
            && let Some(count) = self.events.get_mut(session)
        {
            *count -= 1;
        }
        if self.all.is_empty() {
            self.announced = Arrival::None;
        }
        Some(next)
    }

    fn add(&mut self, incoming: Incoming) -> Backlog {
        let Incoming::Event(event) = incoming else {
            self.all.push_back(incoming);
            return Backlog::Short;
        };
        if self.join_watched(&event.kind) {
            return Backlog::Short;
        }
        let event = match self.all.back_mut() {
            Some(Incoming::Event(last)) => match join(last, event) {
                Some(event) => event,
                None => return Backlog::Short,
            },
            _ => event,
        };
        let backlog = match &event.session {
            Some(session) => {
                let count = self.events.entry(session.clone()).or_default();
                *count += 1;
                if *count > SESSION_MAX { Backlog::TooLong } else { Backlog::Short }
            }
            None => {
                self.make_room(&event.kind);
                Backlog::Short
            }
        };
        self.all.push_back(Incoming::Event(event));
        backlog
    }

    /// Adds news of a watch to what waits of the same watch, so that no more waits than the client
    /// has watches. Returns whether it did.
    fn join_watched(&mut self, kind: &EventKind) -> bool {
        is_watched(kind)
            && self.all.iter_mut().any(|incoming| match incoming {
                Incoming::Event(waiting) => join_watched(&mut waiting.kind, kind),
                Incoming::Reply(..) => false,
            })
    }

    /// Makes room for an event: only the newest is kept of news that replace each other, and only
    /// so much of all news of the program.
    fn make_room(&mut self, coming: &EventKind) {
        let of_program = |incoming: &Incoming| match incoming {
            Incoming::Event(Event { session: None, kind, .. }) => !is_watched(kind),
            _ => false,
        };
        if is_watched(coming) {
            return;
        }
        if matches!(
            coming,
            EventKind::Accounts(_)
                | EventKind::Limits(_)
                | EventKind::ModelMarks(_)
                | EventKind::Models(_)
                | EventKind::ProviderOffers(_)
                | EventKind::Sessions(_)
        ) {
            // Each provider has a list of models of its own.
            let is_another = |kind: &EventKind| match (kind, coming) {
                (EventKind::Models(one), EventKind::Models(other)) => {
                    one.provider != other.provider
                }
                _ => discriminant(kind) != discriminant(coming),
            };
            self.all.retain(|incoming| match incoming {
                Incoming::Event(Event { session: None, kind, .. }) => is_another(kind),
                _ => true,
            });
        }
        let queued = self.all.iter().filter(|incoming| of_program(incoming)).count();
        if queued >= PROGRAM_MAX {
            let oldest = self.all.iter().position(of_program);
            oldest.map(|oldest| self.all.remove(oldest));
        }
    }

    fn forget(&mut self, session: &SessionId) {
        self.all.retain(|incoming| {
            !matches!(incoming, Incoming::Event(event) if event.session.as_ref() == Some(session))
        });
        self.events.remove(session);
    }
}

/// Whether it is news of a watch, of which each watch has one of a kind at most.
fn is_watched(kind: &EventKind) -> bool {
    matches!(kind, EventKind::FilesChanged { .. } | EventKind::WatchLimited { .. })
}

/// Adds news of a watch to older news of the same kind and watch. Returns whether they are that.
fn join_watched(waiting: &mut EventKind, newer: &EventKind) -> bool {
    match (waiting, newer) {
        (
            EventKind::FilesChanged { watch, paths },
            EventKind::FilesChanged { watch: of, paths: more },
        ) if watch == of => {
            paths.extend(more.clone());
            true
        }
        (
            EventKind::WatchLimited { watch, why },
            EventKind::WatchLimited { watch: of, why: newer },
        ) if watch == of => {
            why.clone_from(newer);
            true
        }
        _ => false,
    }
}

fn urgency(incoming: &Incoming) -> Arrival {
    match incoming {
        Incoming::Event(Event {
            kind: EventKind::TextDelta { .. } | EventKind::ReasoningDelta { .. },
            ..
        }) => Arrival::Delta,
        _ => Arrival::News,
    }
}

/// Adds what streams to what came before it; gives back an event that stands for itself.
fn join(last: &mut Event, event: Event) -> Option<Event> {
    if last.session != event.session {
        return Some(event);
    }
    let joined = match (&mut last.kind, &event.kind) {
        (EventKind::TextDelta { item, text }, EventKind::TextDelta { item: of, text: more })
        | (
            EventKind::ReasoningDelta { item, text },
            EventKind::ReasoningDelta { item: of, text: more },
        ) if item == of => {
            text.push_str(more);
            true
        }
        (
            EventKind::CallProgress { call, tail },
            EventKind::CallProgress { call: of, tail: newer },
        ) if call == of => {
            tail.clone_from(newer);
            true
        }
        (EventKind::ContextUsed(tokens), EventKind::ContextUsed(newer)) => {
            *tokens = *newer;
            true
        }
        _ => false,
    };
    if !joined {
        return Some(event);
    }
    last.seq = event.seq;
    None
}

#[cfg(test)]
mod tests;
