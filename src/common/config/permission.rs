//! Permission rules in a person's settings, in opencode's words.

use std::path::Path;

use crate::base::nearest;
use crate::protocol::{Rule, RuleSubject, Ruling};

pub const TABLE: &str = "a table of `edit`, `shell`, `input`, `read`, `webfetch`, `tool`, `external_directory`, `doom_loop`, `*` or names of tools";
pub const RULING: &str = "`allow`, `ask` or `deny`";
pub const PATTERN: &str = "of patterns with up to 1000 letters";
pub const SUBJECTS: [&str; 10] = [
    "*",
    "edit",
    "shell",
    "bash",
    "input",
    "read",
    "webfetch",
    "tool",
    "external_directory",
    "doom_loop",
];

const LONGEST: usize = 1000;

pub fn subject(name: &str) -> Option<RuleSubject> {
    Some(match name {
        "*" => RuleSubject::Any,
        "edit" => RuleSubject::Edit,
        "shell" | "bash" => RuleSubject::Shell,
        "input" => RuleSubject::Input,
        "read" => RuleSubject::Read,
        "webfetch" => RuleSubject::WebFetch,
        "tool" => RuleSubject::Tool,
        "external_directory" => RuleSubject::Outside,
        "doom_loop" => RuleSubject::Repeat,
        _ => return None,
    })
}

/// Whether a key names tools from elsewhere, as opencode writes them: `mcp__acme__*`, `acme_*`. A
/// likely misspelling of a subject does not.
pub fn names_tools(name: &str) -> bool {
    name.contains(['_', '*']) && subject(name).is_none() && nearest(name, SUBJECTS).is_none()
}

pub fn ruling(text: &str) -> Option<Ruling> {
    match text {
        "allow" => Some(Ruling::Allow),
        "ask" => Some(Ruling::Ask),
        "deny" => Some(Ruling::Deny),
        _ => None,
    }
}

/// `None` where the pattern cannot be one. In front of a path `~` and `$HOME` are the home.
pub fn rule(
    subject: RuleSubject,
    pattern: &str,
    ruling: Ruling,
    home: Option<&Path>,
) -> Option<Rule> {
    if pattern.is_empty() || pattern.len() > LONGEST || pattern.chars().any(char::is_control) {
        return None;
    }
    let is_of_paths =
        matches!(subject, RuleSubject::Edit | RuleSubject::Outside | RuleSubject::Read);
    let rest = ["~", "$HOME"]
        .iter()
        .find_map(|word| pattern.strip_prefix(word))
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let pattern = match (rest, home) {
        (Some(rest), Some(home)) if is_of_paths => format!("{}{rest}", home.display()),
        _ => pattern.to_owned(),
    };
    Some(Rule { subject, pattern, ruling })
}
