//! Subscriptions: clients that join a thread late or leave it, and threads without subscribers.

use std::time::Duration;

use serde_json::json;

use crate::base::Timestamp;
use crate::protocol::{Command, SessionCommand, SessionId, SessionView};

use crate::app_server::outside::Outside;
use crate::app_server::request::params::{OneThread, session_id};
use crate::app_server::thread::loaded::Kept;
use crate::app_server::thread::news::News;
use crate::app_server::thread::turns::ItemsView;
use crate::app_server::transport::connection::{Asker, ConnectionId};
use crate::host::Machine;

use super::loaded_threads::Threads;

/// How long a thread without subscribers stays open.
const ABANDONED: Duration = Duration::from_secs(30 * 60);

pub fn unsubscribe(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: OneThread) {
    let Some((asker, session)) = outside.accept(asker, session_id(&params.thread_id)) else {
        return;
    };
    let status = match threads.all.get_mut(&session) {
        None => "notLoaded",
        Some(thread) => match thread.subscribers.remove(&asker.connection) {
            true => "unsubscribed",
            false => "notSubscribed",
        },
    };
    outside.answer(asker, Ok(json!({ "status": status })));
    threads.abandoned(outside, &session);
}

impl Threads {
    /// Subscribes a client to an open thread: sends the answer, then the news that it missed.
    pub fn attach(
        &mut self,
        outside: &mut Outside,
        asker: Asker,
        session: &SessionId,
        view: Option<ItemsView>,
    ) {
        let connection = asker.connection;
        let Some(thread) = self.all.get_mut(session) else { return };
        if outside.connections.contains_key(&connection) {
            thread.subscribers.insert(connection);
            thread.left = None;
        }
        self.answer_opened(outside, asker, session, view);
        let Some(thread) = self.all.get(session) else { return };
        let usage = thread.view.usage.and_then(|usage| thread.usage(usage));
        let live = thread.live.as_ref().map(|live| live.catch_up()).unwrap_or_default();
        for news in usage.into_iter().chain(live) {
            if let News::Notify(method, params) = news {
                outside.notify_one(connection, method, params);
            }
        }
        outside.request_again(session, connection);
        // The client that asked for it may be gone.
        self.abandoned(outside, session);
    }

    /// Removes a closed connection from all threads.
    pub fn forget_subscriber(&mut self, outside: &mut Outside, connection: ConnectionId) {
        let left: Vec<SessionId> = self
            .all
            .values_mut()
            .filter_map(|thread| {
                thread.subscribers.remove(&connection).then(|| thread.session.clone())
            })
            .collect();
        left.iter().for_each(|session| self.abandoned(outside, session));
    }

    /// Closes a thread without subscribers: an ephemeral one as soon as it is idle, others after
    /// half an hour.
    pub fn abandoned(&mut self, outside: &mut Outside, session: &SessionId) {
        let Some(thread) = self.all.get_mut(session) else { return };
        if !thread.subscribers.is_empty() || thread.is_running() {
            return;
        }
        let now = outside.clock.now();
        let since = *thread.left.get_or_insert(now);
        if thread.meta.kept == Kept::Ephemeral {
            return self.close(outside, session);
        }
        Self::unload_later(outside, session, since);
    }

    fn unload_later(outside: &mut Outside, session: &SessionId, since: Timestamp) {
        let session = session.clone();
        Self::beside(outside, tokio::time::sleep(ABANDONED), move |threads, outside, ()| {
            threads.unload(outside, &session, since);
        });
    }

    /// Closes a thread that has had no subscriber since `since`, if that is long enough ago: the
    /// clock may have been set back.
    pub fn unload(&mut self, outside: &mut Outside, session: &SessionId, since: Timestamp) {
        let Some(thread) = self.all.get(session) else { return };
        let is_left = thread.left == Some(since) && thread.subscribers.is_empty();
        if !is_left || thread.is_running() {
            return;
        }
        match outside.clock.now() >= since + ABANDONED {
            true => self.close(outside, session),
            false => Self::unload_later(outside, session, since),
        }
    }

    /// Closes a thread; its log stays unless the thread is ephemeral.
    pub fn close(&mut self, outside: &mut Outside, session: &SessionId) {
        let Some(thread) = self.all.remove(session) else { return };
        outside.send(Command::Session(SessionCommand::Close(session.clone())));
        if thread.meta.kept == Kept::Ephemeral {
            outside.send(Command::Session(SessionCommand::Delete(session.clone())));
        }
        let status = json!({ "threadId": thread.id, "status": { "type": "notLoaded" } });
        outside.broadcast("thread/status/changed", status);
        outside.broadcast("thread/closed", json!({ "threadId": thread.id }));
    }

    /// Rebuilds a thread from its log after the engine had to drop events.
    pub fn resync(&mut self, outside: &mut Outside, session: &SessionId, view: &SessionView) {
        if !self.all.contains_key(session) {
            return;
        }
        let view = view.clone();
        Self::read_session(outside, session.clone(), move |threads, outside, session, read| {
            if let (Ok((_, records)), Some(thread)) = (read, threads.all.get_mut(session)) {
                let news = thread.resync(view, &records, outside.clock.now());
                threads.spread(outside, session, news);
            }
        });
    }
}
