//! Passes events of sessions on to the clients of their threads.

use serde_json::{Value, json};

use crate::app_server::outside::Outside;
use crate::app_server::request::params::thread_id;
use crate::app_server::thread::news::News;
use crate::protocol::{EventKind, SessionId};

use super::loaded_threads::Threads;

impl Threads {
    /// Applies an event of a session and tells the thread's clients.
    pub fn event(&mut self, outside: &mut Outside, session: &SessionId, kind: &EventKind) {
        let Some(thread) = self.all.get_mut(session) else { return };
        let news = thread.take(kind, outside.clock.now());
        self.spread(outside, session, news);
        if let EventKind::TurnEnded { .. } = kind {
            for id in outside.requests.resolve_all(session) {
                self.notify_resolved(outside, session, id);
            }
            self.abandoned(outside, session);
        }
    }

    /// Sends the news that follows from an event.
    pub fn spread(&self, outside: &mut Outside, session: &SessionId, news: Vec<News>) {
        let Some(thread) = self.all.get(session) else { return };
        for one in news {
            match one {
                News::Notify(method, params) => outside.notify(&thread.subscribers, method, params),
                News::Broadcast(method, params) => outside.broadcast(method, params),
                News::Request(about, method, params) => {
                    if !thread.meta.permissions.never_asks() {
                        outside.request(&thread.subscribers, about, method, params);
                    }
                }
                News::Resolved(about) => {
                    if let Some(id) = outside.requests.resolve(&about) {
                        self.notify_resolved(outside, session, id);
                    }
                }
            }
        }
    }

    /// Tells the clients that subscribed to a thread.
    pub fn notify(&self, outside: &Outside, session: &SessionId, method: &str, params: Value) {
        if let Some(thread) = self.all.get(session) {
            outside.notify(&thread.subscribers, method, params);
        }
    }

    /// Removes a request, and tells the thread's clients that it needs no answer.
    pub fn settle(&self, outside: &mut Outside, session: &SessionId, request: i64) {
        outside.requests.close(request);
        self.notify_resolved(outside, session, request);
    }

    fn notify_resolved(&self, outside: &Outside, session: &SessionId, request: i64) {
        let params = json!({ "threadId": thread_id(session), "requestId": request });
        self.notify(outside, session, "serverRequest/resolved", params);
    }
}
