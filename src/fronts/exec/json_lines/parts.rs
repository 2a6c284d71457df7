//! Nested parts of lines.

use std::borrow::Cow;

use serde::Serialize;

use crate::protocol::{
    Approval, ApprovalSubject, Completeness, DiffKind, FileDiff, Limit, Problem, ProblemKind,
    QuestionOption, Rule, Todo, TodoState, in_shell,
};

#[derive(Serialize)]
pub struct LimitPart {
    used_percent: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    window_minutes: Option<u64>,
    /// Milliseconds since 1970 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    resets_at_ms: Option<i64>,
}

#[derive(Serialize)]
pub struct ProblemPart<'a> {
    kind: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Cow<'a, str>>,
    /// Usage limit: milliseconds since 1970 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    resets_at_ms: Option<i64>,
}

#[derive(Serialize)]
pub struct DiffPart<'a> {
    path: &'a str,
    /// `added`, `deleted`, `moved` or `updated`.
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    added: u32,
    removed: u32,
    /// Unified diff; empty for a binary file.
    hunks: &'a str,
    /// Whether hunks were left out because there were too many.
    #[serde(skip_serializing_if = "is_false")]
    cut: bool,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SubjectPart<'a> {
    Change { diffs: Vec<DiffPart<'a>> },
    Command { line: &'a str },
    Fetch { url: &'a str },
    Input { command: &'a str, text: &'a str },
    Look { paths: &'a [String] },
    Tool { server: &'a str, tool: &'a str, arguments: &'a str },
}

/// A rule that would have allowed the call.
#[derive(Serialize)]
pub struct RulePart<'a> {
    permission: &'static str,
    pattern: &'a str,
}

#[derive(Serialize)]
pub struct TodoPart<'a> {
    text: &'a str,
    state: &'static str,
}

#[derive(Serialize)]
pub struct ChoicePart<'a> {
    label: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
}

impl LimitPart {
    pub fn of(limit: &Limit) -> Self {
        Self {
            used_percent: limit.used_percent,
            window_minutes: limit.window_minutes,
            resets_at_ms: limit.resets.map(|at| at.0),
        }
    }
}

impl<'a> ProblemPart<'a> {
    pub fn of(problem: &'a Problem) -> Self {
        let resets = match &problem.kind {
            ProblemKind::UsageLimit { resets } => *resets,
            _ => None,
        };
        Self {
            kind: kind(&problem.kind),
            message: &problem.message,
            next: problem.next.as_deref().map(in_shell),
            resets_at_ms: resets.map(|at| at.0),
        }
    }
}

fn kind(kind: &ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Answer => "answer",
        ProblemKind::BadRequest => "bad_request",
        ProblemKind::BrokenStream => "broken_stream",
        ProblemKind::Config => "config",
        ProblemKind::ContextLength => "context_length",
        ProblemKind::CredentialFile => "credential_file",
        ProblemKind::Internal => "internal",
        ProblemKind::Network => "network",
        ProblemKind::NoDeviceCodes => "no_device_codes",
        ProblemKind::NoModel => "no_model",
        ProblemKind::NotSignedIn => "not_signed_in",
        ProblemKind::NotNow => "not_now",
        ProblemKind::OpenElsewhere(_) => "open_elsewhere",
        ProblemKind::Overloaded => "overloaded",
        ProblemKind::Resolved => "resolved",
        ProblemKind::TooManyRequests => "too_many_requests",
        ProblemKind::Quota => "quota",
        ProblemKind::RateLimited => "rate_limited",
        ProblemKind::Refused => "refused",
        ProblemKind::SignIn => "sign_in",
        ProblemKind::SignInForbidden => "sign_in_forbidden",
        ProblemKind::TokensHeld => "tokens_held",
        ProblemKind::UsageLimit { .. } => "usage_limit",
    }
}

impl<'a> DiffPart<'a> {
    pub fn all(diffs: &'a [FileDiff]) -> Vec<Self> {
        diffs.iter().map(Self::of).collect()
    }

    fn of(diff: &'a FileDiff) -> Self {
        let (change, from) = match &diff.kind {
            DiffKind::Added => ("added", None),
            DiffKind::Deleted => ("deleted", None),
            DiffKind::Moved { from } => ("moved", Some(from.as_str())),
            DiffKind::Updated => ("updated", None),
        };
        let FileDiff { path, added, removed, hunks, completeness: whole, .. } = diff;
        Self {
            path,
            change,
            from,
            added: *added,
            removed: *removed,
            hunks,
            cut: *whole == Completeness::Truncated,
        }
    }
}

impl<'a> SubjectPart<'a> {
    pub fn of(subject: &'a ApprovalSubject) -> Self {
        match subject {
            ApprovalSubject::Change(diffs) => Self::Change { diffs: DiffPart::all(diffs) },
            ApprovalSubject::Command(line) | ApprovalSubject::Loss(line) => Self::Command { line },
            ApprovalSubject::External { server, tool, arguments } => {
                Self::Tool { server, tool, arguments }
            }
            ApprovalSubject::Fetch(url) => Self::Fetch { url },
            ApprovalSubject::Input { command, text } => Self::Input { command, text },
            ApprovalSubject::Look(paths) => Self::Look { paths },
        }
    }
}

impl<'a> RulePart<'a> {
    pub fn all(approval: &'a Approval) -> Vec<Self> {
        approval
            .learn
            .iter()
            .map(|Rule { subject, pattern, .. }| Self { permission: subject.as_str(), pattern })
            .collect()
    }
}

impl<'a> TodoPart<'a> {
    pub fn all(todos: &'a [Todo]) -> Vec<Self> {
        let state = |state| match state {
            TodoState::Doing => "doing",
            TodoState::Done => "done",
            TodoState::Dropped => "dropped",
            TodoState::Open => "open",
        };
        todos.iter().map(|todo| Self { text: &todo.text, state: state(todo.state) }).collect()
    }
}

impl<'a> ChoicePart<'a> {
    pub fn all(choices: &'a [QuestionOption]) -> Vec<Self> {
        choices
            .iter()
            .map(|QuestionOption { label, description }| Self { label, description })
            .collect()
    }
}

// Serde passes a reference.
pub fn is_false(cut: &bool) -> bool {
    !cut
}
