//! The loaded threads, by session.

use std::collections::HashMap;
use std::sync::Arc;

use crate::app_server::request::params::session_id;
use crate::app_server::thread::loaded::Thread;
use crate::app_server::transport::connection::ConnectionId;
use crate::app_server::transport::wire::Fault;
use crate::protocol::{McpStatus, SessionId};

/// The loaded threads.
#[derive(Debug, Default)]
pub struct Threads {
    pub all: HashMap<SessionId, Thread>,
}

impl Threads {
    /// Whether a thread has a running turn.
    pub fn runs(&self, session: &SessionId) -> bool {
        self.all.get(session).is_some_and(Thread::is_running)
    }

    /// Whether a turn runs in any thread.
    pub fn any_runs(&self) -> bool {
        self.all.values().any(Thread::is_running)
    }

    /// Whether a client has subscribed to a thread.
    pub fn listens(&self, session: &SessionId, client: ConnectionId) -> bool {
        self.all.get(session).is_some_and(|thread| thread.subscribers.contains(&client))
    }

    /// Whether a client other than this one brought the thread's tools and still listens.
    pub fn awaits_another(&self, session: &SessionId, from: ConnectionId) -> bool {
        let brought = self.all.get(session).and_then(|thread| thread.tools_of);
        brought.is_some_and(|of| of != from && self.listens(session, of))
    }

    /// The MCP servers of a thread; of the newest one where none is named.
    pub fn mcp_servers(&self, thread: Option<&str>) -> Arc<[McpStatus]> {
        let named = thread.map(|thread| session_id(thread).ok());
        let found = match named {
            Some(session) => session.and_then(|session| self.all.get(&session)),
            // Ids begin with the time.
            None => self.all.values().max_by(|one, other| one.id.cmp(&other.id)),
        };
        found.map(|thread| Arc::clone(&thread.view.mcp)).unwrap_or_default()
    }

    /// The session of a loaded thread.
    ///
    /// # Errors
    ///
    /// Fails if the id is malformed or the thread is not loaded.
    pub fn loaded(&self, thread: &str) -> Result<SessionId, Fault> {
        let session = session_id(thread)?;
        match self.all.contains_key(&session) {
            true => Ok(session),
            false => Err(Fault::invalid(format!("thread not found: {thread}"))),
        }
    }

    /// Returns the session of a loaded thread if this turn is running in it; fails otherwise.
    ///
    /// # Errors
    ///
    /// Fails if the thread is not loaded, if no turn is running, or if another one is. An empty
    /// `turn` fits any.
    pub fn running(&self, thread: &str, turn: &str, verb: &str) -> Result<SessionId, Fault> {
        let session = self.loaded(thread)?;
        let running = self.all.get(&session).and_then(Thread::running_turn);
        match running {
            None => Err(Fault::invalid(format!("no active turn to {verb}"))),
            Some(found) if found != turn && !turn.is_empty() => {
                Err(Fault::invalid(format!("expected active turn id `{turn}` but found `{found}`")))
            }
            Some(_) => Ok(session),
        }
    }
}
