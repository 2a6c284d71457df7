//! Who listens to a thread, what a client that comes late has to catch up with, and threads that nobody
//! listens to any more.

use std::time::Duration;

use serde_json::json;

use crate::base::Timestamp;
use crate::protocol::{Command, SessionCommand, SessionId, SessionView};

use super::connection::{Asker, ConnectionId};
use super::lifecycle::OneThread;
use super::server::Server;
use super::thread::{Kept, News};
use super::turns::{ItemsView, session_id};
use super::wire::Fault;

/// How long a thread that nobody listens to stays open.
const ABANDONED: Duration = Duration::from_secs(30 * 60);

pub fn unsubscribe(server: &mut Server, asker: Asker, params: OneThread) {
    let session = match session_id(&params.thread_id) {
        Ok(session) => session,
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    let status = match server.threads.get_mut(&session) {
        None => "notLoaded",
        Some(thread) => match thread.subscribers.remove(&asker.connection) {
            true => "unsubscribed",
            false => "notSubscribed",
        },
    };
    server.answer(asker, Ok(json!({ "status": status })));
    server.abandoned(&session);
}

impl Server {
    /// Subscribes a client to an open thread: the answer, then what it has to catch up with.
    pub(super) fn attach(&mut self, asker: Asker, session: &SessionId, view: Option<ItemsView>) {
        let connection = asker.connection;
        let Some(thread) = self.threads.get_mut(session) else { return };
        if self.connections.contains_key(&connection) {
            thread.subscribers.insert(connection);
            thread.left = None;
        }
        self.answer_opened(asker, session, view);
        let Some(thread) = self.threads.get(session) else { return };
        let usage = thread.view.usage.and_then(|usage| thread.usage(usage));
        let live = thread.live.as_ref().map(|live| live.catch_up()).unwrap_or_default();
        for news in usage.into_iter().chain(live) {
            if let News::Tell(method, params) = news {
                self.tell_one(connection, method, params);
            }
        }
        self.request_again(session, connection);
        // Whoever wanted it may be gone.
        self.abandoned(session);
    }

    /// A client is gone.
    pub(super) fn forget_subscriber(&mut self, connection: ConnectionId) {
        let left: Vec<SessionId> = self
            .threads
            .values_mut()
            .filter_map(|thread| {
                thread.subscribers.remove(&connection).then(|| thread.session.clone())
            })
            .collect();
        left.iter().for_each(|session| self.abandoned(session));
    }

    /// A thread that nobody listens to is closed: one that is not kept as soon as it rests, others
    /// after half an hour.
    pub(super) fn abandoned(&mut self, session: &SessionId) {
        let Some(thread) = self.threads.get_mut(session) else { return };
        if !thread.subscribers.is_empty() || thread.is_running() || thread.is_reverting {
            return;
        }
        let now = self.clock.now();
        let since = *thread.left.get_or_insert(now);
        if thread.meta.kept == Kept::Ephemeral {
            return self.close(session);
        }
        self.unload_later(session, since);
    }

    fn unload_later(&self, session: &SessionId, since: Timestamp) {
        let session = session.clone();
        self.beside(tokio::time::sleep(ABANDONED), move |server, ()| {
            server.unload(&session, since);
        });
    }

    /// Closes a thread that nobody has listened to since then, where that is long enough ago: the clock may have been set back.
    pub(super) fn unload(&mut self, session: &SessionId, since: Timestamp) {
        let Some(thread) = self.threads.get(session) else { return };
        let is_left = thread.left == Some(since) && thread.subscribers.is_empty();
        if !is_left || thread.is_running() {
            return;
        }
        if thread.is_reverting {
            return self.unload_later(session, since);
        }
        match self.clock.now() >= since + ABANDONED {
            true => self.close(session),
            false => self.unload_later(session, since),
        }
    }

    /// Lets go of a thread; its log stays, unless it was not to be kept.
    pub(super) fn close(&mut self, session: &SessionId) {
        let Some(thread) = self.threads.remove(session) else { return };
        self.engine.send(Command::Session(SessionCommand::Close(session.clone())));
        if thread.meta.kept == Kept::Ephemeral {
            self.engine.send(Command::Session(SessionCommand::Delete(session.clone())));
        }
        let status = json!({ "threadId": thread.id, "status": { "type": "notLoaded" } });
        self.broadcast("thread/status/changed", status);
        self.broadcast("thread/closed", json!({ "threadId": thread.id }));
    }

    /// A turn ended: nothing of it waits, and a thread that nobody listens to may go.
    pub(super) fn rest(&mut self, session: &SessionId) {
        self.resolve_all(session);
        self.abandoned(session);
    }

    /// The engine had to leave events out: the thread is told anew, from its log.
    pub(super) fn resync(&mut self, session: &SessionId, view: SessionView) {
        self.read_session(session, move |server, session, read| {
            let (Ok((_, records)), Some(thread)) = (read, server.threads.get_mut(session)) else {
                return;
            };
            let now: Timestamp = server.clock.now();
            let news = thread.resync(view, &records, now);
            server.spread(session, news);
        });
    }
}
