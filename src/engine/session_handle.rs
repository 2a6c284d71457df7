//! The way from what runs for a session to the loop and to the front. Whoever is gone by then hears
//! nothing, and need not.

use crate::protocol::{Access, Event, EventKind, Notice, SessionId};
use crate::session::SessionInput;

use super::EventSink;
use super::engine_loop::{EngineMessage, EngineSender};

#[derive(Clone)]
pub(super) struct SessionHandle {
    session: SessionId,
    tell: EventSink,
    sender: EngineSender,
}

impl SessionHandle {
    pub(super) fn new(session: SessionId, tell: EventSink, sender: EngineSender) -> Self {
        Self { session, tell, sender }
    }

    /// What happened to the session.
    pub(super) fn send(&self, input: SessionInput) {
        self.sender(EngineMessage::Input(self.session.clone(), input));
    }

    /// The access that a model request was refused with, before its failure is told.
    pub(super) fn refused(&self, access: Access) {
        self.sender(EngineMessage::Refused(self.session.clone(), access));
    }

    /// To the front, at once.
    pub(super) fn tell(&self, kind: EventKind) {
        (self.tell)(Event { session: Some(self.session.clone()), kind });
    }

    /// To the front, about more than this session.
    pub(super) fn announce(&self, notice: Notice) {
        self.sender(EngineMessage::Event(EventKind::Notice(notice)));
    }

    fn sender(&self, message: EngineMessage) {
        let _loop_ended = self.sender.send(message);
    }
}
