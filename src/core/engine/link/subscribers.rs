//! Subscribers: the clients of an engine, and those of them that hear of one session.

use std::collections::HashMap;
use std::sync::Arc;

use crate::protocol::{ClientId, Event, EventKind, Notice, SessionId, SessionView};

use super::client::ClientFacts;
use super::inbox::{Backlog, InboxSender, Incoming};

/// All clients of an engine.
pub(crate) struct Clients {
    all: HashMap<ClientId, (ClientFacts, Arc<InboxSender>)>,
    /// Counts the news of the program.
    seq: u64,
    /// For the first client.
    notices: Vec<Notice>,
}

impl Clients {
    /// No clients yet; the first one is told these notices.
    pub(crate) fn new(notices: Vec<Notice>) -> Self {
        Self { all: HashMap::new(), seq: 0, notices }
    }

    pub(crate) fn join(&mut self, id: ClientId, facts: ClientFacts, inbox: Arc<InboxSender>) {
        self.all.insert(id, (facts, inbox));
        for notice in std::mem::take(&mut self.notices) {
            self.notify(EventKind::Notice(notice));
        }
    }

    pub(crate) fn leave(&mut self, id: ClientId) {
        if let Some((_, inbox)) = self.all.remove(&id) {
            inbox.end();
        }
    }

    pub(crate) fn facts(&self, id: ClientId) -> Option<&ClientFacts> {
        self.all.get(&id).map(|(facts, _)| facts)
    }

    pub(crate) fn inbox(&self, id: ClientId) -> Option<Arc<InboxSender>> {
        self.all.get(&id).map(|(_, inbox)| Arc::clone(inbox))
    }

    /// News of the program, for everybody.
    pub(crate) fn notify(&mut self, kind: EventKind) {
        self.seq += 1;
        for (_, inbox) in self.all.values() {
            let event = Event { session: None, seq: self.seq, kind: kind.clone() };
            // Only sessions have snapshots.
            _ = inbox.push(Incoming::Event(event));
        }
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        self.all.values().for_each(|(_, inbox)| inbox.end());
    }
}

/// The clients that subscribed to a session.
#[derive(Default)]
pub(crate) struct Subscribers(Vec<(ClientId, Arc<InboxSender>)>);

impl Subscribers {
    /// Whether it is a new one.
    pub(crate) fn add(&mut self, id: ClientId, inbox: Arc<InboxSender>) -> bool {
        let is_new = self.0.iter().all(|(known, _)| *known != id);
        if is_new {
            self.0.push((id, inbox));
        }
        is_new
    }

    pub(crate) fn remove(&mut self, id: ClientId) {
        self.0.retain(|(known, _)| *known != id);
    }

    pub(crate) fn clients(&self) -> Vec<ClientId> {
        self.0.iter().map(|(id, _)| *id).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hands an event to all but this client.
    pub(crate) fn notify_others(
        &self,
        session: &SessionId,
        seq: u64,
        client: ClientId,
        kind: &EventKind,
    ) {
        for (_, inbox) in self.0.iter().filter(|(known, _)| *known != client) {
            let event = Event { session: Some(session.clone()), seq, kind: kind.clone() };
            // One that is too far behind gets a snapshot with the next event.
            let _backlog = inbox.push(Incoming::Event(event));
        }
    }

    /// Hands an event to this client alone.
    pub(crate) fn notify_only(
        &self,
        session: &SessionId,
        seq: u64,
        client: ClientId,
        kind: EventKind,
    ) {
        if let Some((_, inbox)) = self.0.iter().find(|(known, _)| *known == client) {
            let event = Event { session: Some(session.clone()), seq, kind };
            let _backlog = inbox.push(Incoming::Event(event));
        }
    }

    /// Hands an event to each; `snapshot` is asked for where one is too far behind.
    pub(crate) fn notify(
        &self,
        session: &SessionId,
        seq: u64,
        kind: EventKind,
        snapshot: impl Fn() -> Arc<SessionView>,
    ) {
        let Some(((_, last), others)) = self.0.split_last() else { return };
        let event = |kind| Event { session: Some(session.clone()), seq, kind };
        let hand = |inbox: &InboxSender, kind| {
            if inbox.push(Incoming::Event(event(kind))) == Backlog::TooLong {
                inbox.resync(session, seq, snapshot());
            }
        };
        others.iter().for_each(|(_, inbox)| hand(inbox, kind.clone()));
        hand(last, kind);
    }
}
