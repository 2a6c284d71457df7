//! Losses: a running command waits before it destroys what undo could not bring back, and a person is asked whether it may go on.

use crate::protocol::{
    ActionKind, Approval, ApprovalMode, ApprovalResponse, ApprovalSubject, CallId, CallOutput,
    EventKind, Losses, UserReply,
};

use super::Session;
use super::calls::{CallPhase, Called, RunningCall};
use super::effect::{EffectQueue, SessionEffect};
use super::permission::approval;

impl Session {
    /// Asks, or refuses at once where nobody can be asked: the call may be answered already, and go on as a job.
    pub(super) fn loss_asked(&mut self, id: &CallId, why: String, effects: &mut EffectQueue) {
        let mut answer = Some(Losses::Refused);
        self.with_calls(effects, |session, _, calls, effects| {
            let Some(called) = calls.find(id) else { return };
            let CallPhase::Running(running) = &called.state else { return };
            let Some(action) = &running.action else { return };
            let ActionKind::Command { line, .. } = &action.kind else { return };
            if session.mode.current.approval_mode == ApprovalMode::Full {
                answer = Some(Losses::Allowed);
                return;
            }
            if !session.may_lift(running.grant) {
                return;
            }
            let subject = ApprovalSubject::Loss(line.clone());
            let asking = session.asking(action.clone(), running.grant, why);
            let ask = session.names.ask();
            let Some(approval) = approval(ask, &called.call, &asking) else { return };
            called.resolve(None, effects);
            called.ask = Some(ask);
            // A mode that lets the command run does not let it lose anything, but for the freest.
            let passes_in = Some(ApprovalMode::Full);
            effects.tell(EventKind::Approval(Approval { subject, passes_in, ..approval }));
            answer = None;
        });
        if let Some(answer) = answer {
            effects.push(SessionEffect::AnswerLoss(id.clone(), answer));
        }
    }

    /// Nothing is asked any more, and nobody answered.
    pub(super) fn loss_settled(&mut self, id: &CallId, effects: &mut EffectQueue) {
        self.with_calls(effects, |_, _, calls, effects| {
            let Some(called) = calls.find(id).filter(|called| called.ask.is_some()) else { return };
            if let CallPhase::Running(_) = called.state {
                called.resolve(None, effects);
                show_running(called, effects);
            }
        });
    }
}

/// A person has answered. The question is closed already.
pub(super) fn decide(called: &mut Called, decision: ApprovalResponse, effects: &mut EffectQueue) {
    let CallPhase::Running(running) = &mut called.state else { return };
    let reply = match decision {
        ApprovalResponse::Always
        | ApprovalResponse::AlwaysHere
        | ApprovalResponse::Once
        | ApprovalResponse::Open => None,
        ApprovalResponse::No => Some(UserReply::Refused(None)),
        ApprovalResponse::NoBecause(why) => Some(UserReply::Refused(Some(why))),
        ApprovalResponse::Nobody => Some(UserReply::NotAsked(None)),
    };
    let answer = if reply.is_none() { Losses::Allowed } else { Losses::Refused };
    running.refused = reply;
    effects.push(SessionEffect::AnswerLoss(called.call.id.clone(), answer));
    show_running(called, effects);
}

/// Lets a command go on that waits; the mode has become one that asks nothing.
pub(super) fn let_go_on(called: &mut Called, effects: &mut EffectQueue) {
    if let (CallPhase::Running(_), Some(_)) = (&called.state, called.ask) {
        called.resolve(None, effects);
        decide(called, ApprovalResponse::Once, effects);
    }
}

/// It is shown as running again, with what it had put out by then.
fn show_running(called: &Called, effects: &mut EffectQueue) {
    let CallPhase::Running(running) = &called.state else { return };
    let RunningCall { action: Some(action), tail, .. } = &**running else { return };
    let call = called.call.id.clone();
    effects.tell(EventKind::CallRunning { call: call.clone(), title: action.title.clone() });
    if !tail.is_empty() {
        effects.tell(EventKind::CallProgress { call, tail: tail.clone() });
    }
}

/// What came of a command that was ended because it was not allowed to go on.
pub(super) fn refused(output: CallOutput, reply: &UserReply) -> CallOutput {
    let stays = match reply {
        UserReply::Refused(Some(why)) => {
            format!("(The user did not allow it to go on, and says: {why})")
        }
        UserReply::NotAsked(_) => "(Nobody can be asked here whether it may go on.)".to_owned(),
        _ => "(The user did not allow it to go on.)".to_owned(),
    };
    CallOutput { text: format!("{}\n{stays}", output.text), ..output }
}
