//! News of a thread: the notifications that follow from an event of its session, and the requests
//! to clients with their subjects.

use serde_json::Value;

use crate::protocol::{AskId, CallId, SessionId};

/// A message that follows from an event of a session.
#[derive(Debug, PartialEq)]
pub enum News {
    /// A notification for the thread's subscribers.
    Notify(&'static str, Value),
    /// A notification for every client.
    Broadcast(&'static str, Value),
    /// A request to the thread's subscribers.
    Request(Subject, &'static str, Value),
    /// The request with this subject no longer needs an answer.
    Resolved(Subject),
}

/// The reason for a request of the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// An approval of a thread's turn.
    Approval(SessionId, AskId),
    /// A question from the model.
    Question(SessionId, AskId),
    /// The engine's request for other tokens, by its number.
    Tokens(u64),
    /// A call of a tool that a client brought to a thread.
    Tool(SessionId, CallId),
}

impl Subject {
    /// The thread of the request; `None` for a request to every client.
    pub fn thread(&self) -> Option<&SessionId> {
        match self {
            Self::Approval(session, _) | Self::Question(session, _) | Self::Tool(session, _) => {
                Some(session)
            }
            Self::Tokens(_) => None,
        }
    }
}
