//! Stories of the function that decides. Knows no shell but the one in the tables.

mod commands;
mod deeds;
mod learning;
mod openings;
mod properties;
mod rules;

use crate::protocol::{Agent, Confinement, Deed, DeedKind, Mode, Rule, Ruling, Sandbox, Side, Stance, Subject, Target, Wanted};

use super::{Law, Verdict, judge};

pub fn law(rules: &[(Subject, &str, Ruling)]) -> Law {
    let rules = rules.iter().map(|(subject, pattern, ruling)| Rule::new(*subject, *pattern, *ruling)).collect();
    Law { folder: "/srv/app".into(), home: Some("/home/ada".into()), rules, grants: Default::default(), closed: Vec::new() }
}

pub fn stance(mode: Mode) -> Stance {
    Stance { agent: Agent::Build, mode, sandbox: Sandbox::Namespaces }
}

pub fn target(path: &str) -> Target {
    let side = if path.starts_with('/') { Side::Outside } else { Side::Inside };
    Target { path: std::path::Path::new("/srv/app").join(path), shown: path.to_owned(), side }
}

pub fn deed(kind: DeedKind) -> Deed {
    Deed { title: String::new(), reason: None, kind }
}

pub fn command(line: &str) -> Deed {
    let folder = Target { path: "/srv/app".into(), shown: ".".to_owned(), side: Side::Inside };
    deed(DeedKind::Command { line: line.to_owned(), folder, wanted: Wanted::AsUsual })
}

/// A verdict in one word: what an allowed command runs in, else `ask` or `deny`.
pub fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Allow(leave) => match leave.confinement {
            Confinement::ReadOnly => "read",
            Confinement::Folder => "run",
            Confinement::Free => "free",
        },
        Verdict::Ask { .. } => "ask",
        Verdict::Deny { .. } => "deny",
    }
}

pub fn asked(law: &Law, learned: &[Rule], mode: Mode, line: &str) -> (&'static str, String, Vec<String>) {
    let verdict = judge(law, learned, &stance(mode), &command(line));
    let said = word(&verdict);
    match verdict {
        Verdict::Ask { why, learn, .. } => {
            (said, why, learn.iter().map(|rule| format!("{}: {}", rule.subject.as_str(), rule.pattern)).collect())
        }
        Verdict::Deny { why } => (said, why, Vec::new()),
        Verdict::Allow(_) => (said, String::new(), Vec::new()),
    }
}
