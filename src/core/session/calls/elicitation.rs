//! Elicitation: a running call of another program's tool asks a person something, and goes on with
//! the answers.

use crate::protocol::{ClientId, EventKind, Question};

use super::super::context::Parts;
use super::super::effect::{EffectQueue, SessionEffect};
use super::called::{CallPhase, Called};
use super::question::QuestionCall;

/// Puts a question of a running call before a person. `false` where it cannot be asked now.
pub(super) fn begin(called: &mut Called, question: Question, parts: &mut Parts) -> bool {
    if called.ask.is_some() || !matches!(called.phase, CallPhase::Running(_)) {
        return false;
    }
    put(called, QuestionCall::new(question), parts);
    true
}

/// Asks the next question of a running call.
fn put(called: &mut Called, asked: QuestionCall, parts: &mut Parts) {
    let CallPhase::Running(running) = &mut called.phase else { return };
    let id = parts.ids.ask();
    let (call, question) = (called.call.id.clone(), asked.question().clone());
    running.elicited = Some(Box::new(asked));
    called.ask = Some(id);
    parts.effects.emit(EventKind::Asked { id, call, question });
}

/// Takes an answer to a running call's question. `false` where it asks none.
pub(super) fn answer(
    called: &mut Called,
    by: Option<ClientId>,
    words: String,
    parts: &mut Parts,
) -> bool {
    let CallPhase::Running(running) = &mut called.phase else { return false };
    let Some(mut asked) = running.elicited.take() else { return false };
    called.resolve(by, parts.effects);
    match asked.take_answer(words) {
        true => end(called, Some(asked.answers()), parts.effects),
        false => put(called, *asked, parts),
    }
    true
}

/// Declines what a running call asks; its ask is closed already. `false` where it asks nothing.
pub(super) fn decline(called: &mut Called, effects: &mut EffectQueue) -> bool {
    let CallPhase::Running(running) = &mut called.phase else { return false };
    let is_asked = running.elicited.take().is_some();
    if is_asked {
        end(called, None, effects);
    }
    is_asked
}

fn end(called: &Called, answers: Option<Vec<(String, String)>>, effects: &mut EffectQueue) {
    effects.push(SessionEffect::AnswerElicitation(called.call.id.clone(), answers));
    called.show_running(effects);
}
