//! The way from what runs for a session to the loop and to the front. Whoever is gone by then hears nothing, and need not.

use crate::protocol::{Access, Event, EventKind, Notice, SessionId};
use crate::session::Input;

use super::Tell;
use super::core::{Message, Post};

#[derive(Clone)]
pub(super) struct Link {
    session: SessionId,
    tell: Tell,
    post: Post,
}

impl Link {
    pub(super) fn new(session: SessionId, tell: Tell, post: Post) -> Self {
        Self { session, tell, post }
    }

    /// What happened to the session.
    pub(super) fn send(&self, input: Input) {
        self.post(Message::Input(self.session.clone(), input));
    }

    /// The access that a sample was refused with, before its failure is told.
    pub(super) fn refused(&self, access: Access) {
        self.post(Message::Refused(self.session.clone(), access));
    }

    /// To the front, at once.
    pub(super) fn tell(&self, kind: EventKind) {
        (self.tell)(Event { session: Some(self.session.clone()), kind });
    }

    /// To the front, about more than this session.
    pub(super) fn announce(&self, notice: Notice) {
        self.post(Message::Event(EventKind::Notice(notice)));
    }

    fn post(&self, message: Message) {
        let _loop_ended = self.post.send(message);
    }
}
