//! Sentences for the people behind a client.

use crate::protocol::{Approval, Problem, in_shell};

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
