//! What a person wrote beforehand about calls, in opencode's words.

use std::path::Path;

use crate::protocol::{Rule, RuleSubject, Ruling};

pub const TABLE: &str =
    "a table of `edit`, `shell`, `read`, `webfetch`, `external_directory`, `doom_loop` or `*`";
pub const RULING: &str = "`allow`, `ask` or `deny`";
pub const PATTERN: &str = "of patterns with up to 1000 letters";
pub const SUBJECTS: [&str; 8] =
    ["*", "edit", "shell", "bash", "read", "webfetch", "external_directory", "doom_loop"];

const LONGEST: usize = 1000;

pub fn subject(name: &str) -> Option<RuleSubject> {
    Some(match name {
        "*" => RuleSubject::Any,
        "edit" => RuleSubject::Edit,
        "shell" | "bash" => RuleSubject::Shell,
        "read" => RuleSubject::Read,
        "webfetch" => RuleSubject::WebFetch,
        "external_directory" => RuleSubject::Outside,
        "doom_loop" => RuleSubject::Repeat,
        _ => return None,
    })
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
