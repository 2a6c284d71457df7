//! Questions that running calls of other programs' tools ask a person, until the session has an
//! answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::protocol::CallId;
use crate::session::SessionInput;
use crate::tools::{ElicitedAnswers, Elicitor};

use super::super::link::session_handle::SessionHandle;

/// By the calls that ask. Letting go of one declines it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Elicitations(Arc<Mutex<HashMap<CallId, oneshot::Sender<ElicitedAnswers>>>>);

impl Elicitations {
    /// Asks the session for a call.
    pub(crate) fn elicitor(&self, link: SessionHandle, call: CallId) -> Elicitor {
        let waiting = self.clone();
        Elicitor::new(move |question| {
            let (sender, answers) = oneshot::channel();
            waiting.all().insert(call.clone(), sender);
            link.send(SessionInput::Elicited { call: call.clone(), question });
            answers
        })
    }

    /// Answers the question of that call, if it still waits.
    pub(crate) fn answer(&self, call: &CallId, answers: ElicitedAnswers) {
        if let Some(waiting) = self.all().remove(call) {
            // The call may have ended meanwhile.
            let _heard = waiting.send(answers);
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<CallId, oneshot::Sender<ElicitedAnswers>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
