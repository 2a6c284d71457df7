//! Approvals: what a person answers to a call that waits for them.

use crate::policy;
use crate::protocol::{
    ActionKind, ApprovalResponse, AskId, CallOutput, EventKind, Problem, ProblemKind, Reply,
    ReplyResult, Requester, RuleSource, ToolResult, UserReply,
};

use super::Session;
use super::calls::{Asking, CallPhase};
use super::effect::EffectQueue;
use super::losses;
use super::permission::{ask, launch};

const STAYS_CONFINED: &str = "(The user did not allow it to run again without the sandbox.)";
const STAYS_CONFINED_UNASKED: &str =
    "(Nobody can be asked here whether it may run again without the sandbox.)";

impl Session {
    pub(super) fn decide(
        &mut self,
        id: AskId,
        asker: Option<Requester>,
        decision: ApprovalResponse,
        effects: &mut EffectQueue,
    ) -> ReplyResult {
        let mut result = Err(resolved());
        self.with_calls(effects, |session, turn, calls, effects| {
            let Some(at) = calls.asking(id) else { return };
            let called = &mut calls.calls[at];
            result = Ok(Reply::Done);
            called.resolve(asker.map(|asker| asker.client), effects);
            let asking = match std::mem::replace(&mut called.state, CallPhase::Waiting) {
                CallPhase::Asking(asking) => *asking,
                CallPhase::Question(asked) => {
                    called.end(asked.declined(decision, session.config.answers), effects);
                    return;
                }
                other => {
                    called.state = other;
                    losses::decide(called, decision, effects);
                    return;
                }
            };
            match decision {
                ApprovalResponse::Once => launch(
                    &session.config.policy,
                    turn,
                    called,
                    asking.action,
                    asking.grant,
                    effects,
                ),
                ApprovalResponse::Always | ApprovalResponse::AlwaysHere => {
                    let source = match decision {
                        ApprovalResponse::AlwaysHere => RuleSource::Folder,
                        _ => RuleSource::Conversation,
                    };
                    session.learn(asking.learn, &source, effects);
                    launch(
                        &session.config.policy,
                        turn,
                        called,
                        asking.action,
                        asking.grant,
                        effects,
                    );
                    session.release(turn, calls, effects);
                }
                ApprovalResponse::Open => {
                    if !asking.opens.is_empty() {
                        let grants = &mut session.config.policy.grants;
                        asking.opens.iter().cloned().for_each(|grant| grants.add(grant));
                        let open = grants.within(session.mode.current.sandbox);
                        effects.tell(EventKind::SandboxOpened(open));
                    }
                    let (policy, mode) = (&session.config.policy, &session.mode);
                    match policy::kept_in(policy, &mode.learned, &mode.current, &asking.action) {
                        Some((action, grant)) => {
                            launch(&session.config.policy, turn, called, action, grant, effects)
                        }
                        // The mode is another one by now.
                        None => {
                            let asking = Asking { opens: Vec::new(), ..asking };
                            ask(session.names.ask(), called, asking, effects);
                        }
                    }
                    session.release(turn, calls, effects);
                }
                ApprovalResponse::No => {
                    called.end(refused(asking, UserReply::Refused(None)), effects)
                }
                ApprovalResponse::NoBecause(why) => {
                    called.end(refused(asking, UserReply::Refused(Some(why))), effects)
                }
                ApprovalResponse::Nobody => {
                    let why = asking.why.clone();
                    called.end(refused(asking, UserReply::NotAsked(Some(why))), effects);
                }
            }
        });
        result
    }
}

/// A late answer.
pub(super) fn resolved() -> Problem {
    Problem::new(
        ProblemKind::Resolved,
        "This is not asked any more: somebody else answered, or the call has ended",
    )
}

/// What was refused is shown as it was reviewed.
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
