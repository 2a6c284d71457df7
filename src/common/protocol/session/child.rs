//! Sessions that work for another one (subagents), and what the other one is told of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::{Ask, AskId, ClientId, SessionId, Usage};

/// The session that another one works for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The open session that is told of the child.
    pub session: SessionId,
    /// The child's name there, for people: `review`.
    pub name: String,
}

/// A session that works for the one whose view lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Child {
    /// The child's own session.
    pub session: SessionId,
    /// The parent's name for it, for people: `review`.
    pub name: String,
    /// Asks that wait for a person there; they are answered in the child's session.
    pub asks: Vec<Arc<Ask>>,
}

/// News of a child.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ChildNews {
    /// An approval or a question of the child waits for a person.
    Ask(Arc<Ask>),
    /// It waits no more.
    AskResolved {
        /// The approval or question, by its number in the child's session.
        id: AskId,
        /// The client that answered it; `None` where it is out of date.
        by: Option<ClientId>,
    },
    /// The child was closed.
    Closed,
    /// The child was opened.
    Opened,
    /// The tokens of its last request.
    Usage(Usage),
}
