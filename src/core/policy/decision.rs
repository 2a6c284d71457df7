//! The decision about a call, the settings it depends on, and the most that a mode allows.

use std::path::PathBuf;
use std::sync::Arc;

use crate::protocol::{
    Agent, ApprovalMode, Denial, DenialCause, Grant, Location, PathScope, Rule, RuleSubject,
    Ruling, SandboxOpenings, SessionMode,
};

/// The facts about the folder, and the person's settings.
#[derive(Clone, Debug)]
pub struct PolicyConfig {
    /// The folder of the session.
    pub folder: PathBuf,
    /// The home folder, if it is known.
    pub home: Option<PathBuf>,
    /// The rules of the settings; the last one that fits counts.
    pub rules: Arc<[Rule]>,
    /// The file of settings that each of the rules stands in.
    pub rule_files: Arc<[PathBuf]>,
    /// Openings of the sandbox, by the settings and in this conversation.
    pub grants: SandboxOpenings,
    /// Folders that are never opened to commands for writing.
    pub closed: Vec<PathBuf>,
    /// Folders that are worked in as the session's own is.
    pub added: Vec<PathBuf>,
    /// Whether places are hidden from the session, so that what is not kept in has to be asked
    /// about.
    pub hides: bool,
}

impl PolicyConfig {
    /// The same for a session that places are hidden from: no rule of the settings lets a command
    /// out of the sandbox, so that it runs in there.
    pub fn hiding(self) -> Self {
        let lets_out = |rule: &Rule| {
            rule.ruling == Ruling::Allow
                && matches!(rule.subject, RuleSubject::Any | RuleSubject::Shell)
        };
        let kept: Vec<usize> =
            (0..self.rules.len()).filter(|at| !lets_out(&self.rules[*at])).collect();
        let rules: Vec<_> = kept.iter().map(|at| self.rules[*at].clone()).collect();
        let files: Vec<_> =
            kept.iter().filter_map(|at| self.rule_files.get(*at).cloned()).collect();
        Self { rules: rules.into(), rule_files: files.into(), hides: true, ..self }
    }

    /// Whether the home folder is inside, so that more than one project may be written to.
    pub(super) fn holds_home(&self) -> bool {
        self.home.as_ref().is_some_and(|home| home.starts_with(&self.folder))
    }
}

/// The decision about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It runs without a question.
    Allow(Grant),
    /// `grant` holds once a person approves; `learn` are the rules of "always for this session".
    Ask { why: String, learn: Vec<Rule>, grant: Grant },
    /// `why` tells the model what to do instead; `denial` is for the person.
    Deny { why: String, denial: Denial },
}

/// The most that a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    Ask,
    Auto,
    Full,
    Plan,
    ReadOnly,
}

impl Allowance {
    /// Plan allows no more than read-only, whatever the mode.
    pub fn of(session_mode: &SessionMode) -> Self {
        match (session_mode.agent, session_mode.approval_mode) {
            (Agent::Plan, _) => Self::Plan,
            (Agent::Build, ApprovalMode::Ask) => Self::Ask,
            (Agent::Build, ApprovalMode::Auto) => Self::Auto,
            (Agent::Build, ApprovalMode::Full) => Self::Full,
            (Agent::Build, ApprovalMode::ReadOnly) => Self::ReadOnly,
        }
    }

    /// Whether commands may only read.
    pub fn is_reading(self) -> bool {
        matches!(self, Self::Plan | Self::ReadOnly)
    }
}

/// The paths that a call in this place may reach.
pub fn path_scope(side: Location) -> PathScope {
    match side {
        Location::Inside => PathScope::Folder,
        Location::Outside => PathScope::Anywhere,
    }
}

/// The refusal that a rule of the settings stands for.
pub fn forbidden(rule: &Rule) -> Decision {
    let rule = format!("{}: {}", rule.subject.as_str(), rule.pattern);
    Decision::Deny {
        why: format!("A rule forbids this (`{rule}`); do it another way or ask the person"),
        denial: Denial::by(DenialCause::Rule(rule)),
    }
}
