//! Requests of the server's to its clients: numbered per process, shown to whoever comes late, and
//! decided by whoever answers first.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::protocol::{AskId, CallId, SessionId};

use super::connection::ConnectionId;
use super::server::Server;
use super::turns::thread_id;
use super::wire::{self, Fault};

/// Those that wait for an answer.
#[derive(Debug, Default)]
pub struct ServerRequests {
    /// How many there were.
    count: i64,
    open: BTreeMap<i64, Waiting>,
}

/// What waits for an answer, as it was asked.
#[derive(Debug)]
struct Waiting {
    about: Subject,
    method: &'static str,
    params: Value,
}

/// What a request of the server's is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// An approval of a thread's turn.
    Approval(SessionId, AskId),
    /// A question of the model's; these are the ids of its questions.
    Question(SessionId, AskId),
    /// The engine's request for other tokens, by its number.
    Tokens(u64),
    /// A call of a tool that a client brought to a thread.
    Tool(SessionId, CallId),
}

impl Subject {
    /// The thread it is asked in; `None` for what every client is asked.
    pub fn thread(&self) -> Option<&SessionId> {
        match self {
            Self::Approval(session, _) | Self::Question(session, _) | Self::Tool(session, _) => {
                Some(session)
            }
            Self::Tokens(_) => None,
        }
    }
}

impl Server {
    /// Asks the clients of the thread, or all of them.
    pub fn request(&mut self, about: Subject, method: &'static str, params: Value) {
        let id = self.requests.count;
        self.requests.count += 1;
        let message = wire::request(id, method, params.clone());
        for (connection, to) in &self.connections {
            let hears = match about.thread() {
                Some(session) => self
                    .threads
                    .get(session)
                    .is_some_and(|thread| thread.subscribers.contains(connection)),
                None => to.client.is_some(),
            };
            if hears {
                to.outbox.tell(message.clone());
            }
        }
        self.requests.open.insert(id, Waiting { about, method, params });
    }

    /// Sends what waits in a thread to a client that came late, under the same ids.
    pub fn request_again(&self, session: &SessionId, to: ConnectionId) {
        let Some(connection) = self.connections.get(&to) else { return };
        for (id, waiting) in &self.requests.open {
            if waiting.about.thread() == Some(session) {
                let message = wire::request(*id, waiting.method, waiting.params.clone());
                connection.outbox.tell(message);
            }
        }
    }

    /// A client answered; an answer to nothing is passed over.
    pub fn answered(&mut self, from: ConnectionId, id: i64, result: Result<Value, Fault>) {
        let Some(waiting) = self.requests.open.get(&id) else { return };
        let about = waiting.about.clone();
        let may_answer = match about.thread() {
            Some(session) => {
                self.threads.get(session).is_some_and(|thread| thread.subscribers.contains(&from))
            }
            None => self.connections.get(&from).is_some_and(|from| from.client.is_some()),
        };
        if !may_answer {
            return;
        }
        match about {
            Subject::Approval(session, ask) => self.approve(&session, ask, result),
            Subject::Question(session, ask) => self.answer_question(&session, ask, result),
            // Clients that know nothing of it say so: it is for the one that brought the tool.
            Subject::Tool(session, _) if result.is_err() && self.awaits_another(&session, from) => {
            }
            Subject::Tool(session, call) => {
                self.settle(&session, id);
                self.tool_answered(session, call, result);
            }
            Subject::Tokens(request) => {
                self.requests.open.remove(&id);
                self.tokens_given(request, result);
            }
        }
    }

    /// Whether another client than this one brought the thread's tools, and still listens.
    fn awaits_another(&self, session: &SessionId, from: ConnectionId) -> bool {
        self.threads.get(session).is_some_and(|thread| {
            let brought = thread.tools_of.filter(|of| *of != from);
            brought.is_some_and(|of| thread.subscribers.contains(&of))
        })
    }

    /// Nothing of a thread waits any more.
    pub fn resolve_all(&mut self, session: &SessionId) {
        let open = self.requests.open.iter();
        let left = open.filter(|(_, waiting)| waiting.about.thread() == Some(session));
        let left: Vec<i64> = left.map(|(id, _)| *id).collect();
        for id in left {
            self.settle(session, id);
        }
    }

    /// One request waits no more, which the thread's clients are told.
    fn settle(&mut self, session: &SessionId, id: i64) {
        self.requests.open.remove(&id);
        let params = json!({ "threadId": thread_id(session), "requestId": id });
        self.tell_thread(session, "serverRequest/resolved", params);
    }

    /// It waits no more. Its id, where it waited.
    pub fn resolve(&mut self, about: &Subject) -> Option<i64> {
        let id = self.requests.open.iter().find(|(_, waiting)| waiting.about == *about)?.0;
        let id = *id;
        self.requests.open.remove(&id);
        Some(id)
    }
}
