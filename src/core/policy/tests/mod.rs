//! Stories of the function that decides.

mod actions;
mod commands;
mod decisions;
mod external;
mod freer_mode;
mod grammar;
mod hazards;
mod history;
mod learning;
mod openings;
mod properties;
mod rules;

use crate::protocol::{
    ActionKind, Agent, ApprovalMode, Confinement, Location, PlannedAction, RequestedConfinement,
    Rule, RuleSubject, Ruling, Sandbox, SessionMode, Target,
};

use super::{Decision, PolicyConfig, evaluate};

pub fn policy(rules: &[(RuleSubject, &str, Ruling)]) -> PolicyConfig {
    let rules = rules
        .iter()
        .map(|(subject, pattern, ruling)| Rule::new(*subject, *pattern, *ruling))
        .collect();
    PolicyConfig {
        folder: "/srv/app".into(),
        home: Some("/home/ada".into()),
        rules,
        rule_files: [].into(),
        grants: Default::default(),
        closed: Vec::new(),
        added: Vec::new(),
        hides: false,
    }
}

pub fn session_mode(mode: ApprovalMode) -> SessionMode {
    SessionMode { agent: Agent::Build, approval_mode: mode, sandbox: Sandbox::Namespaces }
}

pub fn target(path: &str) -> Target {
    let side = if path.starts_with('/') { Location::Outside } else { Location::Inside };
    Target {
        path: std::path::Path::new("/srv/app").join(path),
        shown: path.to_owned(),
        location: side,
    }
}

pub fn action(kind: ActionKind) -> PlannedAction {
    PlannedAction::new("", kind)
}

pub fn command(line: &str) -> PlannedAction {
    let folder =
        Target { path: "/srv/app".into(), shown: ".".to_owned(), location: Location::Inside };
    action(ActionKind::Command {
        line: line.to_owned(),
        folder,
        wanted: RequestedConfinement::AsUsual,
    })
}

/// A verdict in one word: what an allowed command runs in, else `ask` or `deny`.
pub fn word(decision: &Decision) -> &'static str {
    match decision {
        Decision::Allow(grant) => match grant.confinement {
            Confinement::ReadOnly => "read",
            Confinement::Folder => "run",
            Confinement::Free => "free",
        },
        Decision::Ask { .. } => "ask",
        Decision::Deny { .. } => "deny",
    }
}

pub fn asked(
    policy: &PolicyConfig,
    learned: &[Rule],
    mode: ApprovalMode,
    line: &str,
) -> (&'static str, String, Vec<String>) {
    let decision = evaluate(policy, learned, &session_mode(mode), &command(line));
    let said = word(&decision);
    match decision {
        Decision::Ask { why, learn, .. } => (
            said,
            why,
            learn
                .iter()
                .map(|rule| format!("{}: {}", rule.subject.as_str(), rule.pattern))
                .collect(),
        ),
        Decision::Deny { why, .. } => (said, why, Vec::new()),
        Decision::Allow(_) => (said, String::new(), Vec::new()),
    }
}
