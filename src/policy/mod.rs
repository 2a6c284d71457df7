//! What may happen without asking: one pure function from what a call would do to what becomes of it. Touches nothing, and believes no word of the model.
//!
//! Commands are taken apart (`shell`), each simple command in a line says why it may not just run (`command`), and the mode, the sandbox and the rules
//! take reasons away. Whatever cannot be understood keeps its reason, so that the worst a new trick can do is ask.

mod command;
mod glob;
mod line;
mod openings;
mod place;
mod rules;
mod shell;
mod targets;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use crate::protocol::{Agent, Confinement, Deed, DeedKind, Grants, Leave, Mode, Reach, Rule, Ruling, Side, Stance, Subject};

pub use openings::{kept_in, openings};

pub use command::Removal;

use rules::Rules;

/// What is known of the place and of the person's settings.
#[derive(Clone, Debug)]
pub struct Law {
    pub folder: PathBuf,
    pub home: Option<PathBuf>,
    pub rules: Arc<[Rule]>,
    /// What is open to commands in the sandbox, by the settings and in this conversation.
    pub grants: Grants,
    /// Folders that are never opened to them for writing.
    pub closed: Vec<PathBuf>,
}

impl Law {
    /// Whether a person's own folder is inside: what may be written there is then more than a piece of work.
    fn holds_home(&self) -> bool {
        self.home.as_ref().is_some_and(|home| home.starts_with(&self.folder))
    }
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allow(Leave),
    /// `leave` is what it gets once a person says yes, and `learn` are the rules of "always for this session".
    Ask {
        why: String,
        learn: Vec<Rule>,
        leave: Leave,
    },
    /// `why` is for the model, and says what it can do instead.
    Deny {
        why: String,
    },
}

/// `learned` are the rules of "always for this session".
///
/// What "always" would learn is offered only where it lets the very same call pass the next time.
pub fn judge(law: &Law, learned: &[Rule], stance: &Stance, deed: &Deed) -> Verdict {
    let verdict = decide(&Rules { law, learned }, stance, deed);
    let Verdict::Ask { why, learn, leave } = verdict else { return verdict };
    let taught: Vec<Rule> = learned.iter().chain(&learn).cloned().collect();
    let passes = !learn.is_empty() && matches!(decide(&Rules { law, learned: &taught }, stance, deed), Verdict::Allow(_));
    Verdict::Ask { why, learn: if passes { learn } else { Vec::new() }, leave }
}

/// The same call for the third time in a row: what the rules say of that (default: ask).
pub fn judge_repeat(law: &Law, learned: &[Rule]) -> Ruling {
    let rules = Rules { law, learned };
    rules.find(Subject::Repeat, |rule| glob::fits(&rule.pattern, "")).map_or(Ruling::Ask, |found| found.ruling())
}

/// Whether a command is known to only read, whatever the settings of the folder say.
pub fn only_reads(law: &Law, deed: &Deed) -> bool {
    let DeedKind::Command { line, folder, .. } = &deed.kind else { return false };
    command::parts(law, line, &folder.path).iter().all(|part| part.reasons.is_empty())
}

/// What a command removes from the folder by its own words.
pub fn removals(law: &Law, deed: &Deed) -> Vec<Removal> {
    let DeedKind::Command { line, folder, .. } = &deed.kind else { return Vec::new() };
    command::parts(law, line, &folder.path).into_iter().flat_map(|part| part.removes).collect()
}

fn decide(rules: &Rules, stance: &Stance, deed: &Deed) -> Verdict {
    match &deed.kind {
        DeedKind::Ask(_) | DeedKind::Plan(_) => Verdict::Allow(Leave::within(Confinement::ReadOnly)),
        DeedKind::Change { targets, .. } => targets::change(rules, stance, targets),
        DeedKind::Command { line, folder, wanted } => line::judge(rules, stance, line, folder, *wanted),
        DeedKind::Fetch { url, host } => targets::fetch(rules, stance, url, *host),
        DeedKind::Look { targets } => targets::look(rules, stance, targets),
    }
}

/// What a session may at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Ask,
    Auto,
    Full,
    Plan,
    ReadOnly,
}

impl Scope {
    /// Plan allows no more than read-only, whatever the mode.
    fn of(stance: &Stance) -> Self {
        match (stance.agent, stance.mode) {
            (Agent::Plan, _) => Self::Plan,
            (Agent::Build, Mode::Ask) => Self::Ask,
            (Agent::Build, Mode::Auto) => Self::Auto,
            (Agent::Build, Mode::Full) => Self::Full,
            (Agent::Build, Mode::ReadOnly) => Self::ReadOnly,
        }
    }

    fn is_reading(self) -> bool {
        matches!(self, Self::Plan | Self::ReadOnly)
    }
}

fn reach(side: Side) -> Reach {
    match side {
        Side::Inside => Reach::Folder,
        Side::Outside => Reach::Anywhere,
    }
}

/// The refusal that a rule of the settings stands for.
fn forbidden(rule: &Rule) -> Verdict {
    Verdict::Deny {
        why: format!("A rule forbids this (`{}: {}`); do it another way or ask the person", rule.subject.as_str(), rule.pattern),
    }
}
