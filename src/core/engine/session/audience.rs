//! The audience of a session: the clients that listen to it, what they have been shown, and those
//! that wait for an answer.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::Timestamp;
use crate::protocol::{
    ClientId, EventKind, QueuedPrompt, ReplyResult, Requester, SessionId, SessionView,
    UnqueueReason,
};

use super::super::link::client::Replier;
use super::super::link::inbox::InboxSender;
use super::super::link::subscribers::Subscribers;
use super::away::Away;

pub(crate) struct Audience {
    /// The same view that each front folds together.
    pub(crate) view: SessionView,
    /// Counts the events.
    seq: u64,
    subscribers: Subscribers,
    /// Set while nobody looks.
    away: Option<Away>,
    /// Commands that the machine has not answered yet.
    asked: HashMap<Requester, Replier>,
}

impl Audience {
    pub(crate) fn new(view: SessionView) -> Self {
        let (subscribers, asked) = (Subscribers::default(), HashMap::new());
        Self { view, seq: 0, subscribers, away: None, asked }
    }

    /// Hands an event to all subscribers.
    pub(crate) fn notify(&mut self, session: &SessionId, kind: EventKind) {
        self.seq += 1;
        let view = &self.view;
        self.subscribers.notify(session, self.seq, kind, || Arc::new(view.clone()));
    }

    /// Hands an event that changes nothing in the view to all but this client.
    pub(crate) fn notify_others(
        &mut self,
        session: &SessionId,
        client: ClientId,
        kind: &EventKind,
    ) {
        self.seq += 1;
        self.subscribers.notify_others(session, self.seq, client, kind);
    }

    /// Tells of prompts that their turn ended without: each goes back to the client that sent it,
    /// and to all where that listens no more.
    pub(crate) fn give_back(&mut self, session: &SessionId, prompts: Vec<QueuedPrompt>) {
        let clients = self.clients();
        let unqueued = |prompts, why| EventKind::Unqueued { prompts, why };
        let mut rest = prompts;
        for client in clients {
            let (own, others): (Vec<_>, Vec<_>) =
                rest.into_iter().partition(|prompt| prompt.by == Some(client));
            rest = others;
            if !own.is_empty() {
                let elsewhere = unqueued(own.clone(), UnqueueReason::TakenBack);
                self.notify_others(session, client, &elsewhere);
                self.seq += 1;
                let here = unqueued(own, UnqueueReason::TurnEnded);
                self.subscribers.notify_only(session, self.seq, client, here);
            }
        }
        if !rest.is_empty() {
            self.notify(session, unqueued(rest, UnqueueReason::TurnEnded));
        }
    }

    /// Adds a client that comes now, which begins with a snapshot, and with what happened while
    /// nobody looked.
    pub(crate) fn come_back(
        &mut self,
        session: &SessionId,
        client: ClientId,
        inbox: Arc<InboxSender>,
        now: Timestamp,
    ) {
        self.join(session, client, inbox);
        if let Some(notice) = self.away.take().and_then(|away| away.told(&self.view, now)) {
            // It is the only one that listens.
            let kind = EventKind::Notice(notice);
            self.view.apply(&kind);
            self.notify(session, kind);
        }
    }

    /// Notes that nobody looks from now on, where nobody listens.
    pub(crate) fn note_away(&mut self, now: Timestamp) {
        if self.subscribers.is_empty() {
            self.away = Some(Away::begin(&self.view, now));
        }
    }

    /// Adds a client, which begins with a snapshot.
    pub(crate) fn join(&mut self, session: &SessionId, client: ClientId, inbox: Arc<InboxSender>) {
        inbox.resync(session, self.seq, Arc::new(self.view.clone()));
        self.subscribers.add(client, inbox);
    }

    /// Removes a client. `false` if nobody listens any more.
    pub(crate) fn leave(&mut self, client: ClientId) -> bool {
        self.subscribers.remove(client);
        !self.subscribers.is_empty()
    }

    /// How many events there were.
    pub(crate) fn events(&self) -> u64 {
        self.seq
    }

    /// The clients that listen.
    pub(crate) fn clients(&self) -> Vec<ClientId> {
        self.subscribers.clients()
    }

    /// Keeps the way back to a command until it is answered.
    pub(crate) fn wait(&mut self, asker: Requester, replier: Replier) {
        self.asked.insert(asker, replier);
    }

    /// Takes the way back to a command that is answered elsewhere.
    pub(crate) fn take(&mut self, asker: &Requester) -> Option<Replier> {
        self.asked.remove(asker)
    }

    pub(crate) fn answer(&mut self, asker: &Requester, result: ReplyResult) {
        if let Some(replier) = self.asked.remove(asker) {
            replier.answer(result);
        }
    }
}
