//! The way from what runs for a session to the loop. Nothing that runs speaks to a front: the loop
//! does, in one order. Whoever is gone by then hears nothing, and need not.

use std::sync::Arc;

use crate::engine::remote::LiveQuestion;
use crate::protocol::{Access, EventKind, Model, ModelRequestId, Notice, SessionId};
use crate::session::SessionInput;

use super::delta_queue::DeltaQueue;
use super::engine_message::{EngineMessage, EngineSender};

#[derive(Clone)]
pub(crate) struct SessionHandle {
    session: SessionId,
    sender: EngineSender,
}

impl SessionHandle {
    pub(crate) fn new(session: SessionId, sender: EngineSender) -> Self {
        Self { session, sender }
    }

    /// Sends an input to the session.
    pub(crate) fn send(&self, input: SessionInput) {
        self.message(EngineMessage::Input(self.session.clone(), input));
    }

    /// Words of this request wait in the queue.
    pub(crate) fn deltas(&self, request: ModelRequestId, queue: &Arc<DeltaQueue>) {
        self.message(EngineMessage::Deltas(self.session.clone(), request, Arc::clone(queue)));
    }

    /// The access that a model request was refused with, before its failure is told.
    pub(crate) fn refused(&self, access: Access) {
        self.message(EngineMessage::Refused(self.session.clone(), access));
    }

    /// A model gave the session a title.
    pub(crate) fn titled(&self, title: String) {
        self.message(EngineMessage::Titled(self.session.clone(), title));
    }

    /// News for all who subscribed to the session.
    pub(crate) fn emit(&self, kind: EventKind) {
        self.message(EngineMessage::Tell(self.session.clone(), kind));
    }

    /// News for all who subscribed to another session.
    pub(crate) fn tell_other(&self, session: &SessionId, kind: EventKind) {
        self.message(EngineMessage::Tell(session.clone(), kind));
    }

    /// News about more than this session.
    pub(crate) fn announce(&self, notice: Notice) {
        self.message(EngineMessage::Announce(EventKind::Notice(notice)));
    }

    /// Models that are known now, to all sessions.
    pub(crate) fn models(&self, models: Vec<Model>) {
        self.message(EngineMessage::ModelsKnown(models.into()));
    }

    /// Hands over a question of a program that does not join.
    pub(crate) fn question(&self, question: LiveQuestion) {
        self.message(EngineMessage::Question(self.session.clone(), question));
    }

    /// The way to the loop, for work that is not the session's own.
    pub(crate) fn sender(&self) -> &EngineSender {
        &self.sender
    }

    fn message(&self, message: EngineMessage) {
        let _loop_ended = self.sender.send(message);
    }
}
