//! Asks: what waits for a person, an approval or a question.

use serde::{Deserialize, Serialize};

use crate::protocol::{Approval, AskId, CallId, Question};

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// A call may run only once the person allows it.
    Approval(Approval),
    /// The model asks the person something.
    Question {
        /// Names it in `TurnCommand::Answer`.
        id: AskId,
        /// The call that asks it.
        call: CallId,
        /// The question for the person.
        question: Question,
    },
}

impl Ask {
    /// The number by which it is answered.
    pub fn id(&self) -> AskId {
        match self {
            Self::Approval(approval) => approval.id,
            Self::Question { id, .. } => *id,
        }
    }

    /// The call that waits for the answer.
    pub fn call(&self) -> &CallId {
        match self {
            Self::Approval(approval) => &approval.call,
            Self::Question { call, .. } => call,
        }
    }
}
