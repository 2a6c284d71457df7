//! The approval mode that would spare a question. Changes no mode.

use crate::protocol::{ApprovalMode, PlannedAction, Rule, SessionMode};

use super::decision::{Decision, PolicyConfig};
use super::evaluate;

/// The strictest approval mode freer than the session's in which the same call would run without a
/// question; `None` if there is none, as in Plan. A question about files without a copy does not
/// count: it comes only if nothing keeps them while a command runs.
pub fn freer_mode(
    policy: &PolicyConfig,
    learned: &[Rule],
    session_mode: &SessionMode,
    action: &PlannedAction,
) -> Option<ApprovalMode> {
    let passes = |mode: &ApprovalMode| {
        let freer = SessionMode { approval_mode: *mode, ..*session_mode };
        matches!(evaluate(policy, learned, &freer, action), Decision::Allow(_))
    };
    let mut freer = ApprovalMode::ALL.into_iter().filter(|mode| *mode > session_mode.approval_mode);
    freer.find(passes)
}
