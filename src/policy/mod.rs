//! What may happen without asking: one pure function from what a call would do to what becomes of it. Touches nothing, and believes no word of the model.
//!
//! Commands are taken apart (`shell`), each simple command in a line says why it may not just run (`command`), and the mode, the sandbox and the rules
//! take reasons away. Whatever cannot be understood keeps its reason, so that the worst a new trick can do is ask.

mod command;
mod command_line;
mod external;
mod file_access;
mod freer_mode;
mod glob;
mod hazards;
mod job_input;
mod openings;
mod rules;
mod shell;
mod shell_path;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::phrases::shorten;
use crate::protocol::{
    ActionKind, Agent, ApprovalMode, Confinement, Denial, DenialCause, Grant, LineEdits, Location,
    PathScope, PlannedAction, Rule, RuleSubject, Ruling, SandboxOpenings, SessionMode,
};

pub use freer_mode::freer_mode;
pub use hazards::hazards;
pub use openings::{kept_in, openings};

pub use command::NamedFiles;

use rules::RuleSet;

/// What is known of the place and of the person's settings.
#[derive(Clone, Debug)]
pub struct PolicyConfig {
    pub folder: PathBuf,
    pub home: Option<PathBuf>,
    pub rules: Arc<[Rule]>,
    /// The file of settings that each of the rules stands in.
    pub rule_files: Arc<[PathBuf]>,
    /// What is open to commands in the sandbox, by the settings and in this conversation.
    pub grants: SandboxOpenings,
    /// Folders that are never opened to them for writing.
    pub closed: Vec<PathBuf>,
}

impl PolicyConfig {
    /// Whether a person's own folder is inside: what may be written there is then more than a piece of work.
    fn holds_home(&self) -> bool {
        self.home.as_ref().is_some_and(|home| home.starts_with(&self.folder))
    }
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Allow(Grant),
    /// `grant` is what it gets once a person says yes, and `learn` are the rules of "always for this session".
    Ask {
        why: String,
        learn: Vec<Rule>,
        grant: Grant,
    },
    /// `why` is for the model, and says what it can do instead; `denial` for the person.
    Deny {
        why: String,
        denial: Denial,
    },
}

/// Letters of a title.
const TITLE: usize = 120;

/// `learned` are the rules of "always for this session".
///
/// What "always" would learn is offered only where it lets the very same call pass the next time.
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

/// Whether a command looks cut off in a way that a shell would not notice: it would write half a text.
pub fn is_cut_off(action: &PlannedAction) -> bool {
    matches!(&action.kind, ActionKind::Command { line, .. } if shell::ends_in_heredoc(line))
}

/// Whether a command is known to only read, whatever the settings of the folder say.
pub fn only_reads(policy: &PolicyConfig, action: &PlannedAction) -> bool {
    let ActionKind::Command { line, folder, .. } = &action.kind else { return false };
    command::parts(policy, line, &folder.path).iter().all(|part| part.reasons.is_empty())
}

/// The action under the name of what it looks at, where it is a command that is known to only read and says so in plain words.
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

/// The files of the folder whose contents a command may destroy: all of them, unless its words prove that it leaves them be.
pub fn losses(policy: &PolicyConfig, action: &PlannedAction) -> Vec<NamedFiles> {
    let ActionKind::Command { line, folder, .. } = &action.kind else { return Vec::new() };
    command::parts(policy, line, &folder.path).iter().flat_map(command::losses).collect()
}

fn evaluate_action(
    rules: &RuleSet,
    session_mode: &SessionMode,
    action: &PlannedAction,
) -> Decision {
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

/// What a session may at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Allowance {
    Ask,
    Auto,
    Full,
    Plan,
    ReadOnly,
}

impl Allowance {
    /// Plan allows no more than read-only, whatever the mode.
    fn of(session_mode: &SessionMode) -> Self {
        match (session_mode.agent, session_mode.approval_mode) {
            (Agent::Plan, _) => Self::Plan,
            (Agent::Build, ApprovalMode::Ask) => Self::Ask,
            (Agent::Build, ApprovalMode::Auto) => Self::Auto,
            (Agent::Build, ApprovalMode::Full) => Self::Full,
            (Agent::Build, ApprovalMode::ReadOnly) => Self::ReadOnly,
        }
    }

    fn is_reading(self) -> bool {
        matches!(self, Self::Plan | Self::ReadOnly)
    }
}

fn reach(side: Location) -> PathScope {
    match side {
        Location::Inside => PathScope::Folder,
        Location::Outside => PathScope::Anywhere,
    }
}

/// The refusal that a rule of the settings stands for.
fn forbidden(rule: &Rule) -> Decision {
    let rule = format!("{}: {}", rule.subject.as_str(), rule.pattern);
    Decision::Deny {
        why: format!("A rule forbids this (`{rule}`); do it another way or ask the person"),
        denial: Denial::by(DenialCause::Rule(rule)),
    }
}
