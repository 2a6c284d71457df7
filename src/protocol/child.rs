//! Sessions that work for another one (subagents): what the other one is told of them.

use std::sync::Arc;

use super::{Ask, AskId, ClientId, EventKind, SessionId, Usage};

/// The session that one works for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    pub session: SessionId,
    /// What the child is called there, for people: `review`.
    pub name: String,
}

/// A session that works for the one it is told to.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    pub session: SessionId,
    pub name: String,
    /// What waits for a person there; it is answered in the child's session.
    pub asks: Vec<Arc<Ask>>,
}

/// News of a child.
#[derive(Clone, Debug, PartialEq)]
pub enum ChildNews {
    Ask(Arc<Ask>),
    AskResolved {
        id: AskId,
        by: Option<ClientId>,
    },
    /// It was let go of.
    Closed,
    Opened,
    /// Of its last request.
    Usage(Usage),
}

impl ChildNews {
    /// What of a child's own event its parent is told.
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
