//! Single hosts and folders that a person could open in the sandbox instead of letting a command
//! out of it.

use crate::base::is_offerable;
use crate::protocol::{
    ActionKind, AllowedHost, Confinement, Grant, PlannedAction, RequestedConfinement, Rule,
    SandboxOpening, SessionMode,
};

use super::command::{ReasonKind, parts};
use super::decision::{Decision, PolicyConfig};
use super::evaluate;

/// The most that is offered at once; a line that names more is better read as a whole.
const MOST: usize = 4;

/// The hosts and folders that must be opened for a command to run in the sandbox without a
/// question: those that its line names, and hosts that it asked for in vain. Empty if opening them
/// is not enough.
pub fn openings(
    policy: &PolicyConfig,
    learned: &[Rule],
    session_mode: &SessionMode,
    action: &PlannedAction,
    unreached: &[AllowedHost],
) -> Vec<SandboxOpening> {
    let wishes = wishes(policy, action, unreached);
    let missing: Vec<SandboxOpening> =
        wishes.into_iter().filter(|grant| !policy.grants.covers(grant)).collect();
    let mut open = policy.clone();
    missing.iter().cloned().for_each(|grant| open.grants.add(grant));
    let is_enough = !missing.is_empty()
        && missing.len() <= MOST
        && kept_in(&open, learned, session_mode, action).is_some();
    if is_enough { missing } else { Vec::new() }
}

/// The same command in the sandbox, even if it asked to be let out, and its grant there with
/// today's openings; `None` if it would have to be asked about.
pub fn kept_in(
    policy: &PolicyConfig,
    learned: &[Rule],
    session_mode: &SessionMode,
    action: &PlannedAction,
) -> Option<(PlannedAction, Grant)> {
    let ActionKind::Command { line, folder, .. } = action.kind.clone() else { return None };
    let usual = PlannedAction {
        kind: ActionKind::Command { line, folder, wanted: RequestedConfinement::AsUsual },
        ..action.clone()
    };
    match evaluate(policy, learned, session_mode, &usual) {
        Decision::Allow(grant) if grant.confinement == Confinement::Folder => Some((usual, grant)),
        _ => None,
    }
}

fn wishes(
    policy: &PolicyConfig,
    action: &PlannedAction,
    unreached: &[AllowedHost],
) -> Vec<SandboxOpening> {
    let ActionKind::Command { line, folder, .. } = &action.kind else { return Vec::new() };
    let mut all: Vec<SandboxOpening> =
        unreached.iter().cloned().map(SandboxOpening::Host).collect();
    for reason in parts(policy, line, &folder.path).into_iter().flat_map(|part| part.reasons) {
        let found: Vec<SandboxOpening> = match reason.kind {
            ReasonKind::Network(hosts) => hosts
                .iter()
                .filter_map(|host| AllowedHost::parse(host))
                .map(SandboxOpening::Host)
                .collect(),
            // The file may not exist yet; the folder that it stands in must.
            ReasonKind::Beyond(Some(path)) | ReasonKind::Escape(Some(path)) => {
                let folder = path
                    .parent()
                    .filter(|folder| is_offerable(folder, policy.home.as_deref(), &policy.closed));
                folder.map(|folder| SandboxOpening::Folder(folder.to_owned())).into_iter().collect()
            }
            _ => Vec::new(),
        };
        all.extend(found);
    }
    let mut once: Vec<SandboxOpening> = Vec::new();
    all.into_iter().for_each(|grant| {
        if !once.contains(&grant) {
            once.push(grant)
        }
    });
    once
}
