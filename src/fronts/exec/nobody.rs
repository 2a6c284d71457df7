//! What a person is told where nobody can be asked: the way around it. What would let a call pass,
//! the approval says.

use crate::protocol::{Approval, ApprovalMode, Rule, RuleSubject};

/// Bytes of the rules that are spelled out.
const LONGEST: usize = 200;

/// After an approval was refused: in one sentence without a full stop.
pub fn way_around(approval: &Approval) -> String {
    let rules = setting(&approval.learn);
    match (rules, approval.passes_in) {
        (Some(rules), Some(ApprovalMode::Full)) => {
            format!("Allow it with {rules}; `--approval-mode full` never asks")
        }
        (Some(rules), Some(mode)) => {
            format!("Allow it with `--approval-mode {}`, or with {rules}", mode.as_str())
        }
        (Some(rules), None) => format!("Allow it with {rules}"),
        (None, Some(ApprovalMode::Full)) => "Only `--approval-mode full` never asks".into(),
        (None, Some(mode)) => format!("Allow it with `--approval-mode {}`", mode.as_str()),
        (None, None) => "Continue with `codling --continue`, where you can be asked".into(),
    }
}

/// The rules as they are written in the settings; `None` where they cannot be.
fn setting(rules: &[Rule]) -> Option<String> {
    // A pattern in the settings has none.
    if rules.is_empty() || rules.iter().any(|rule| rule.pattern.chars().any(char::is_control)) {
        return None;
    }
    let mut subjects: Vec<RuleSubject> = Vec::new();
    for rule in rules {
        if !subjects.contains(&rule.subject) {
            subjects.push(rule.subject);
        }
    }
    let lines: Vec<String> = subjects
        .into_iter()
        .map(|subject| {
            let of_it = rules.iter().filter(|rule| rule.subject == subject);
            let patterns: Vec<&str> = of_it.map(|rule| rule.pattern.as_str()).collect();
            format!("`{} = {}`", subject.as_str(), ruling(&patterns))
        })
        .collect();
    let lines = lines.join(" and ");
    let lines = if lines.len() > LONGEST { "a rule for it".into() } else { lines };
    Some(format!("{lines} under `[permission]` in config.toml"))
}

/// `"allow"`, or a table of patterns in TOML.
fn ruling(patterns: &[&str]) -> String {
    if patterns == ["*"] {
        return "\"allow\"".into();
    }
    let quoted = |pattern: &&str| {
        format!("\"{}\" = \"allow\"", pattern.replace('\\', r"\\").replace('"', "\\\""))
    };
    let rows: Vec<String> = patterns.iter().map(quoted).collect();
    format!("{{ {} }}", rows.join(", "))
}

/// After a question was declined.
pub const ANSWER_FIRST: &str = "Answer it in the prompt, or continue with `codling --continue`";
