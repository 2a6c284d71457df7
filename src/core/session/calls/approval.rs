//! Approvals: the answers of a person to a call that waits for them.

use crate::protocol::{
    ActionKind, ApprovalResponse, AskId, CallOutput, Problem, ProblemKind, Reply, ReplyResult,
    Requester, RuleSource, ToolResult, UserReply,
};
use crate::session::sentences::STAYS_CONFINED;

use super::super::context::Parts;
use super::super::effect::SessionEffect;
use super::call_order::Calls;
use super::called::{Asking, CallPhase};
use super::elicitation;
use super::losses;
use super::permission::{ask, launch};
use super::question;

const STAYS_CONFINED_UNASKED: &str =
    "(Nobody can be asked here whether it may run again without the sandbox.)";

impl Calls {
    /// The place of the call that asks this.
    fn asking(&self, ask: AskId) -> Option<usize> {
        self.list.iter().position(|called| called.ask == Some(ask))
    }

    /// Takes the answer to an approval; a question is declined by it.
    ///
    /// # Errors
    ///
    /// Fails if no call waits for an answer under this id: somebody else may have given one.
    pub fn decide(
        &mut self,
        id: AskId,
        asker: Option<Requester>,
        decision: ApprovalResponse,
        parts: &mut Parts,
    ) -> ReplyResult {
        let at = self.asking(id).ok_or_else(resolved)?;
        let (turn, called) = (self.turn, &mut self.list[at]);
        called.resolve(asker.map(|asker| asker.client), parts.effects);
        let asking = match std::mem::replace(&mut called.phase, CallPhase::Waiting) {
            CallPhase::Asking(asking) => *asking,
            CallPhase::Question(asked) => {
                called.end(asked.declined(decision, parts.context.answers), parts.effects);
                return Ok(Reply::Done);
            }
            other => {
                called.phase = other;
                if !elicitation::decline(called, parts.effects) {
                    losses::decide(called, decision, parts.effects);
                }
                return Ok(Reply::Done);
            }
        };
        let is_yes = !matches!(
            decision,
            ApprovalResponse::No | ApprovalResponse::NoBecause(_) | ApprovalResponse::Nobody
        );
        if let Some(untrusted) = called.untrusted.take().filter(|_| is_yes) {
            parts.effects.push(SessionEffect::Trust(untrusted));
        }
        match decision {
            ApprovalResponse::Once => launch(called, turn, asking.action, asking.grant, parts),
            ApprovalResponse::Always | ApprovalResponse::AlwaysHere => {
                let source = match decision {
                    ApprovalResponse::AlwaysHere => RuleSource::Folder,
                    _ => RuleSource::Conversation,
                };
                parts.permissions.learn(asking.learn, &source, parts.effects);
                launch(called, turn, asking.action, asking.grant, parts);
                self.release(parts);
            }
            ApprovalResponse::Open => {
                parts.permissions.open(&asking.opens, parts.effects);
                match parts.permissions.kept_in(&asking.action) {
                    Some((action, grant)) => launch(called, turn, action, grant, parts),
                    // The mode is another one by now.
                    None => ask(called, Asking { opens: Vec::new(), ..asking }, parts),
                }
                self.release(parts);
            }
            ApprovalResponse::No => {
                called.end(refused(asking, UserReply::Refused(None)), parts.effects)
            }
            ApprovalResponse::NoBecause(why) => {
                called.end(refused(asking, UserReply::Refused(Some(why))), parts.effects)
            }
            ApprovalResponse::Nobody => {
                let why = asking.why.clone();
                called.end(refused(asking, UserReply::NotAsked(Some(why))), parts.effects);
            }
        }
        Ok(Reply::Done)
    }

    /// Resolves everything that is asked: nobody is there to answer it.
    pub fn resolve_unattended(&mut self, parts: &mut Parts) {
        while let Some(ask) = self.list.iter().find_map(|called| called.ask) {
            let _resolved = self.decide(ask, None, ApprovalResponse::Nobody, parts);
        }
    }

    /// Takes the answer to a question of a call; the call ends with the last one.
    ///
    /// # Errors
    ///
    /// Fails if no question waits for an answer under this id.
    pub fn answer(
        &mut self,
        id: AskId,
        asker: Option<Requester>,
        text: String,
        parts: &mut Parts,
    ) -> ReplyResult {
        let at = self.asking(id).ok_or_else(resolved)?;
        let called = &mut self.list[at];
        let by = asker.map(|asker| asker.client);
        if elicitation::answer(called, by, text.clone(), parts) {
            return Ok(Reply::Done);
        }
        let mut asked = match std::mem::replace(&mut called.phase, CallPhase::Waiting) {
            CallPhase::Question(asked) => asked,
            other => {
                called.phase = other;
                return Err(resolved());
            }
        };
        called.resolve(by, parts.effects);
        match asked.answer(text, parts.context.answers) {
            Some(output) => called.end(output, parts.effects),
            None => question::ask(parts.ids.ask(), called, *asked, parts.effects),
        }
        Ok(Reply::Done)
    }
}

/// The problem of a late answer.
pub fn resolved() -> Problem {
    Problem::new(
        ProblemKind::Resolved,
        "This is not asked any more: somebody else answered, or the call has ended",
    )
}

/// The output of a call that was refused, with the changes that were reviewed.
fn refused(asking: Asking, reply: UserReply) -> CallOutput {
    if let Some(before) = asking.before {
        let stays = if matches!(reply, UserReply::NotAsked(_)) {
            STAYS_CONFINED_UNASKED
        } else {
            STAYS_CONFINED
        };
        let text = format!("{}\n{stays}", before.text);
        return CallOutput { text, ..before };
    }
    let proposed =
        if let ActionKind::Change { diffs, .. } = asking.action.kind { diffs } else { Vec::new() };
    CallOutput::reply(asking.action.title, reply.clone())
        .with(ToolResult::Reply { reply: Box::new(reply), proposed })
}
