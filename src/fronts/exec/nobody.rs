//! Advice where no person can approve a call: how to allow it the next time.

use crate::protocol::{Approval, ApprovalMode, Rule, RuleSubject};

/// The limit in bytes for the rules in the advice.
const LONGEST: usize = 200;

/// Advice after a refused approval: one sentence without a full stop.
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

/// The rules as they are written in the settings; `None` if they cannot be.
fn setting(rules: &[Rule]) -> Option<String> {
    // Patterns in the settings cannot contain control codes.
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

/// `"allow"`, or a TOML table of patterns.
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

/// The advice after a declined question.
pub const ANSWER_FIRST: &str = "Answer it in the prompt, or continue with `codling --continue`";
