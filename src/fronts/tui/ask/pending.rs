//! One thing that waits for a person, an approval, a question or a usage limit, and the session
//! that asks.

use super::approval::ApprovalAsk;
use super::limit::LimitAsk;
use super::question::QuestionAsk;
use crate::base::text;
use crate::protocol::{Ask, AskId, LimitHold, SessionId};

#[derive(Debug)]
pub(super) struct PendingAsk {
    /// The id and title of the child session that asks.
    pub(super) child: Option<(SessionId, String)>,
    pub(super) id: AskId,
    pub(super) kind: AskKind,
}

#[derive(Debug)]
pub(super) enum AskKind {
    Approval(Box<ApprovalAsk>),
    Limit(Box<LimitAsk>),
    Question(Box<QuestionAsk>),
}

impl PendingAsk {
    pub(super) fn of(ask: &Ask, child: Option<(&SessionId, &String)>) -> Self {
        let (id, kind) = match ask {
            Ask::Approval(approval) => {
                (approval.id, AskKind::Approval(Box::new(ApprovalAsk::new(approval.clone()))))
            }
            Ask::Question { id, question, .. } => {
                (*id, AskKind::Question(Box::new(QuestionAsk::new(*id, question.clone()))))
            }
        };
        let child = child.map(|(session, name)| (session.clone(), text::clean_line(name).into()));
        Self { child, id, kind }
    }

    /// The offer to wait out a usage limit, where the turn does not wait already.
    pub(super) fn of_limit(hold: &LimitHold) -> Option<Self> {
        let id = hold.offer()?;
        let ask = LimitAsk::new(id, hold.clone());
        Some(Self { child: None, id, kind: AskKind::Limit(Box::new(ask)) })
    }

    /// The child session that asks; `None` for the session on screen.
    pub(super) fn asker(&self) -> Option<&SessionId> {
        self.child.as_ref().map(|(session, _)| session)
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        (self.asker(), self.id) == (other.asker(), other.id)
    }
}
