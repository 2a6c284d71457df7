//! Stand-in until the room is merged.
use std::path::PathBuf;
use std::sync::Arc;

use crate::protocol::{Deed, Leave, Rule, Ruling, Stance};

#[derive(Clone, Debug)]
pub struct Law {
    pub folder: PathBuf,
    pub home: Option<PathBuf>,
    pub rules: Arc<[Rule]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allow(Leave),
    Ask { why: String, learn: Vec<Rule>, leave: Leave },
    Deny { why: String },
}

pub fn judge(_law: &Law, learned: &[Rule], stance: &Stance, deed: &Deed) -> Verdict {
    use crate::protocol::*;
    if stance.mode == Mode::Full {
        return Verdict::Allow(Leave::anywhere(Confinement::Free));
    }
    match &deed.kind {
        DeedKind::Look { .. } => Verdict::Allow(Leave::within(Confinement::ReadOnly)),
        DeedKind::Change { .. } if stance.agent == Agent::Plan => Verdict::Deny {
            why: "Plan has no tools that change anything: describe the change instead. The user switches to Build with `tab`".into(),
        },
        DeedKind::Command { line, wanted, .. } => {
            if stance.mode == Mode::Auto && *wanted == Wanted::AsUsual {
                return Verdict::Allow(Leave::within(Confinement::Folder));
            }
            if !line.contains("&&") && learned.iter().any(|r| r.subject == Subject::Shell) {
                return Verdict::Allow(Leave::within(Confinement::Free));
            }
            let (what, why) = if line.contains("rm") { ("rm a", "rm") } else { ("cargo test *", "cargo test") };
            Verdict::Ask {
                why: format!("`{why}` is not known to only read"),
                learn: vec![Rule::new(Subject::Shell, what, Ruling::Allow)],
                leave: Leave::within(Confinement::Free),
            }
        }
        _ => Verdict::Deny { why: String::new() },
    }
}

pub fn judge_repeat(_law: &Law, _learned: &[Rule]) -> Ruling {
    Ruling::Ask
}
