//! Losses: a running command waits before it destroys files that undo could not bring back, and a
//! person is asked whether it may go on.

use crate::protocol::{
    ActionKind, Approval, ApprovalMode, ApprovalResponse, ApprovalSubject, CallId, CallOutput,
    EventKind, Losses, UserReply,
};

use super::super::context::Parts;
use super::super::effect::{EffectQueue, SessionEffect};
use super::call_order::{Calls, find};
use super::called::{CallPhase, Called};
use super::permission::{approval, asking};

impl Calls {
    /// Asks whether a running command may destroy files. Returns the answer where nobody is asked:
    /// the call may be answered already, and go on as a job.
    pub fn loss_asked(&mut self, id: &CallId, why: String, parts: &mut Parts) -> Option<Losses> {
        let refused = Some(Losses::Refused);
        let Some(called) = find(&mut self.list, id) else { return refused };
        let CallPhase::Running(running) = &called.phase else { return refused };
        let Some(action) = &running.action else { return refused };
        let ActionKind::Command { line, .. } = &action.kind else { return refused };
        if parts.permissions.is_full() {
            return Some(Losses::Allowed);
        }
        if !parts.permissions.may_lift(running.grant) {
            return refused;
        }
        let subject = ApprovalSubject::Loss(line.clone());
        let asking = asking(parts.permissions, action.clone(), running.grant, why);
        let ask = parts.ids.ask();
        let Some(approval) = approval(ask, &called.call, &asking) else { return refused };
        called.resolve(None, parts.effects);
        called.ask = Some(ask);
        // A mode that lets the command run does not let it lose anything, but for the freest.
        let passes_in = Some(ApprovalMode::Full);
        parts.effects.emit(EventKind::Approval(Approval { subject, passes_in, ..approval }));
        None
    }

    /// Closes an ask about a loss that nobody answered.
    pub fn loss_settled(&mut self, id: &CallId, effects: &mut EffectQueue) {
        let Some(called) = find(&mut self.list, id) else { return };
        if let (CallPhase::Running(_), true) = (&called.phase, called.ask.is_some()) {
            called.resolve(None, effects);
            called.show_running(effects);
        }
    }
}

/// Takes a person's answer to an ask that is closed already.
pub(super) fn decide(called: &mut Called, decision: ApprovalResponse, effects: &mut EffectQueue) {
    let CallPhase::Running(running) = &mut called.phase else { return };
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
    called.show_running(effects);
}

/// Lets a command go on that waits; the mode has become one that asks nothing.
pub(super) fn let_go_on(called: &mut Called, effects: &mut EffectQueue) {
    if let (CallPhase::Running(_), Some(_)) = (&called.phase, called.ask) {
        called.resolve(None, effects);
        decide(called, ApprovalResponse::Once, effects);
    }
}

/// The output of a command that was ended because it was not allowed to go on.
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
