//! Sentences for the people behind a client.

use crate::protocol::{Approval, LimitHold, LimitStage, Problem, in_shell};

/// Says what failed and what to do next.
pub fn sentence(problem: &Problem) -> String {
    match &problem.next {
        Some(next) => format!("{}. {}", problem.message, in_shell(next)),
        None => problem.message.clone(),
    }
}

/// Says why it is asked, where it would run if `place` is given, what is dangerous in it, and the
/// model's own reason.
pub fn why(approval: &Approval, place: Option<&str>) -> String {
    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
    let notes: String = approval.hazard_notes().iter().map(|note| format!(". {note}")).collect();
    let reason = approval.reason.as_ref().map(|reason| format!(". The model says: {reason}"));
    format!("{}{place}{notes}{}", approval.why, reason.unwrap_or_default())
}

/// Says that a usage limit holds the turn up, and what happens at its reset. The problem's own
/// sentence says when that is.
pub fn limit_hold(hold: &LimitHold) -> String {
    let message = &hold.problem.message;
    match hold.stage {
        LimitStage::Offered(_) => {
            format!("{message}: the turn goes on then, if somebody says yes on its screen")
        }
        LimitStage::Waiting => format!("{message}: the turn waits, and goes on then"),
    }
}
