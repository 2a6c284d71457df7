//! Decides what may happen without asking: one pure function from a planned action to a decision.
//! It touches nothing, and trusts no word of the model.
//!
//! Commands are taken apart (`shell`), each simple command in a line says why it may not just run
//! (`command`), and the mode, the sandbox and the rules take reasons away (`command_line`). A
//! command that cannot be understood keeps its reason, so that the worst a new trick can do is ask.

#![warn(missing_docs)]

mod command;
mod command_line;
mod decision;
mod external;
mod file_access;
mod glob;
mod hazards;
mod job_input;
mod openings;
mod rules;
mod shell;
mod shell_path;

#[cfg(test)]
mod tests;

use crate::base::phrases::shorten;
use crate::protocol::{
    ActionKind, ApprovalMode, CLIENT_TOOLS, Confinement, Grant, LineEdits, PlannedAction, Rule,
    RuleSubject, Ruling, SessionMode,
};

pub use hazards::hazards;
pub use openings::{kept_in, openings};

pub use command::NamedFiles;
pub use decision::{Decision, PolicyConfig};

use rules::RuleSet;

/// Letters of a title.
const TITLE: usize = 120;
const REVEALS: &str = "Nothing keeps it from what is hidden from this conversation";

/// `learned` are the rules of "always for this session".
///
/// The rules of "always" are offered only if they let the very same call pass the next time.
pub fn evaluate(
    policy: &PolicyConfig,
    learned: &[Rule],
    session_mode: &SessionMode,
    action: &PlannedAction,
) -> Decision {
    let decision = evaluate_action(&RuleSet { policy, learned }, session_mode, action);
    let Decision::Ask { why, learn, grant } = decision else { return decision };
    let taught: Vec<Rule> = learned.iter().chain(&learn).cloned().collect();
    let passes = !learn.is_empty()
        && matches!(
            evaluate_action(&RuleSet { policy, learned: &taught }, session_mode, action),
            Decision::Allow(_)
        );
    Decision::Ask { why, learn: if passes { learn } else { Vec::new() }, grant }
}

/// The same call for the third time in a row: what the rules say of that (default: ask).
pub fn evaluate_repeat(policy: &PolicyConfig, learned: &[Rule]) -> Ruling {
    let rules = RuleSet { policy, learned };
    rules
        .find(RuleSubject::Repeat, |rule| glob::fits(&rule.pattern, ""))
        .map_or(Ruling::Ask, |found| found.ruling())
}

/// Whether a command looks cut off in a way that a shell would not notice: it would write half a
/// text.
pub fn is_cut_off(action: &PlannedAction) -> bool {
    matches!(&action.kind, ActionKind::Command { line, .. } if shell::ends_in_heredoc(line))
}

/// Whether a command is known to only read, whatever the settings of the folder say.
pub fn only_reads(policy: &PolicyConfig, action: &PlannedAction) -> bool {
    let ActionKind::Command { line, folder, .. } = &action.kind else { return false };
    command::parts(policy, line, &folder.path).iter().all(|part| part.reasons.is_empty())
}

/// Names the action after the files it looks at, if it is a command that is known to only read.
pub fn named_by_look(policy: &PolicyConfig, action: PlannedAction) -> PlannedAction {
    let ActionKind::Command { line, .. } = &action.kind else { return action };
    match command::look(line).filter(|_| only_reads(policy, &action)) {
        Some(look) => {
            PlannedAction { verb: look.verb.into(), title: shorten(&look.title, TITLE), ..action }
        }
        None => action,
    }
}

/// How a command that nobody was asked about is run, so that git shows no committed secrets.
pub fn line_edits(policy: &PolicyConfig, action: &PlannedAction) -> LineEdits {
    let ActionKind::Command { line, folder, .. } = &action.kind else {
        return LineEdits::default();
    };
    command::line_edits(policy, line, &folder.path)
}

/// The files of the folder whose contents a command may destroy: all of them, unless its words
/// prove that it leaves them alone.
pub fn losses(policy: &PolicyConfig, action: &PlannedAction) -> Vec<NamedFiles> {
    let ActionKind::Command { line, folder, .. } = &action.kind else { return Vec::new() };
    command::parts(policy, line, &folder.path).iter().flat_map(command::losses).collect()
}

fn evaluate_action(
    rules: &RuleSet,
    session_mode: &SessionMode,
    action: &PlannedAction,
) -> Decision {
    let decision = evaluate_kind(rules, session_mode, action);
    match decision {
        Decision::Allow(grant) if rules.policy.hides && may_reveal(action, grant) => {
            Decision::Ask { why: REVEALS.to_owned(), learn: Vec::new(), grant }
        }
        other => other,
    }
}

/// Whether an action could read what tools and commands in the sandbox cannot.
fn may_reveal(action: &PlannedAction, grant: Grant) -> bool {
    match &action.kind {
        ActionKind::Command { .. } | ActionKind::JobInput { .. } => {
            grant.confinement == Confinement::Free
        }
        ActionKind::External { server, .. } => server != CLIENT_TOOLS,
        ActionKind::Ask(_)
        | ActionKind::Change { .. }
        | ActionKind::Fetch { .. }
        | ActionKind::Look { .. }
        | ActionKind::Plan(_) => false,
    }
}

fn evaluate_kind(rules: &RuleSet, session_mode: &SessionMode, action: &PlannedAction) -> Decision {
    match &action.kind {
        ActionKind::Ask(_) | ActionKind::Plan(_) => {
            Decision::Allow(Grant::within(Confinement::ReadOnly))
        }
        ActionKind::Change { targets, .. } => file_access::change(rules, session_mode, targets),
        ActionKind::Command { line, folder, wanted } => {
            command_line::evaluate(rules, session_mode, line, folder, *wanted)
        }
        ActionKind::External { server, tool, read_only } => {
            external::evaluate(rules, session_mode, server, tool, *read_only)
        }
        ActionKind::Fetch { url, host } => file_access::fetch(rules, session_mode, url, *host),
        ActionKind::JobInput { command, text, confinement, .. } => {
            job_input::evaluate(rules, session_mode, command, text, *confinement)
        }
        ActionKind::Look { targets, .. } => file_access::look(rules, session_mode, targets),
    }
}

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
