//! The approval mode that would spare a question. Changes no mode.

use crate::protocol::{ApprovalMode, Confinement, PlannedAction, Rule, SessionMode};

use super::{Decision, PolicyConfig, evaluate, removals};

/// The strictest approval mode freer than the session's in which the same call would run without a question; `None` where it would in none, as in Plan.
/// What removes files in the sandbox is not counted: whether it asks depends on the copies that undo has.
pub fn freer_mode(
    policy: &PolicyConfig,
    learned: &[Rule],
    session_mode: &SessionMode,
    action: &PlannedAction,
) -> Option<ApprovalMode> {
    let passes = |mode: &ApprovalMode| {
        let freer = SessionMode { approval_mode: *mode, ..*session_mode };
        match evaluate(policy, learned, &freer, action) {
            Decision::Allow(grant) => {
                grant.confinement != Confinement::Folder || removals(policy, action).is_empty()
            }
            Decision::Ask { .. } | Decision::Deny { .. } => false,
        }
    };
    let mut freer = ApprovalMode::ALL.into_iter().filter(|mode| *mode > session_mode.approval_mode);
    freer.find(passes)
}
