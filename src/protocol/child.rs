//! Sessions that work for another one (subagents), and what the other one is told of them.

use std::sync::Arc;

use super::{Ask, AskId, ClientId, EventKind, SessionId, Usage};

/// The session that another one works for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The open session that is told of the child.
    pub session: SessionId,
    /// What the child is called there, for people: `review`.
    pub name: String,
}

/// A session that works for the one whose view lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    /// The child's own session.
    pub session: SessionId,
    /// What the parent calls it, for people: `review`.
    pub name: String,
    /// What waits for a person there; it is answered in the child's session.
    pub asks: Vec<Arc<Ask>>,
}

/// News of a child.
#[derive(Clone, Debug, PartialEq)]
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

impl ChildNews {
    /// What a parent is told of its child's event; `None` where it is told nothing.
    pub fn of(event: &EventKind) -> Option<Self> {
        Some(match event {
            EventKind::Approval(approval) => Self::Ask(Ask::Approval(approval.clone()).into()),
            EventKind::Asked { id, call, question } => {
                let (call, question) = (call.clone(), question.clone());
                Self::Ask(Ask::Question { id: *id, call, question }.into())
            }
            EventKind::AskResolved { id, by } => Self::AskResolved { id: *id, by: *by },
            EventKind::Usage(usage) => Self::Usage(*usage),
            _ => return None,
        })
    }
}
