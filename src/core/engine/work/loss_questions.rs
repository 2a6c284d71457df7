//! Questions of running commands that wait before they destroy what undo could not bring back,
//! until the session has an answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::protocol::{CallId, Losses};
use crate::sandbox::{LossDecision, LossListener, LossNews, LossQuestion};
use crate::session::SessionInput;

use super::super::link::session_handle::SessionHandle;

/// By the calls that ask them. Letting go of a question refuses.
#[derive(Clone, Debug, Default)]
pub(crate) struct LossQuestions(Arc<Mutex<HashMap<CallId, LossQuestion>>>);

impl LossQuestions {
    /// Hears the command of a call, and tells the session.
    pub(crate) fn listener(&self, link: SessionHandle, call: CallId) -> LossListener {
        let questions = self.clone();
        LossListener::new(move |news| match news {
            LossNews::Asked(question) => {
                let why = question.unkept.question();
                questions.all().insert(call.clone(), question);
                link.send(SessionInput::LossAsked { call: call.clone(), why });
            }
            LossNews::Settled => {
                questions.all().remove(&call);
                link.send(SessionInput::LossSettled(call.clone()));
            }
        })
    }

    /// Answers the one of that call, if it still waits.
    pub(crate) fn answer(&self, call: &CallId, answer: Losses) {
        let question = self.all().remove(call);
        if let Some(question) = question {
            question.answer(match answer {
                Losses::Allowed => LossDecision::GoOn,
                Losses::Refused => LossDecision::Refuse,
            });
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<CallId, LossQuestion>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
