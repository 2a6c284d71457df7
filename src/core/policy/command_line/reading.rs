//! The decision about a command line in read-only mode and for Plan.

use crate::policy::command::{AskReason, ReasonKind};
use crate::policy::decision::{Allowance, Decision};
use crate::protocol::{Denial, DenialCause, Grant, Rule, Sandbox, SecretAccess};

use super::matched_rules::{MatchedPart, push, whole};
use super::{Call, rule_asks};

impl Call<'_> {
    /// Refuses what a person cannot allow here, asks about the gravest reason that counts, and
    /// lets all else read.
    pub(super) fn while_reading(&self, parts: &[MatchedPart]) -> Decision {
        if self.wants_no_sandbox() {
            return self.refuse("Nothing runs without the sandbox now");
        }
        let reasons = self.reasons_while_reading(parts);
        if let Some(reason) = self.refused_by_plan(&reasons) {
            return self.refuse(&reason.why);
        }
        let gravest = reasons.iter().max_by_key(|reason| &reason.kind);
        let why = gravest.map(|reason| reason.why.clone());
        match why.or_else(|| self.outside_place()).or_else(|| rule_asks(parts)) {
            Some(why) => {
                Decision::Ask { why, learn: learn(parts), grant: self.grant_if_approved() }
            }
            None => Decision::Allow(self.reading_grant(parts)),
        }
    }

    /// The reasons that count. In a sandbox, what would only write or load fails by itself;
    /// without one, a rule makes nothing harmless but reading.
    pub(super) fn reasons_while_reading<'p>(&self, parts: &'p [MatchedPart]) -> Vec<&'p AskReason> {
        let remaining = parts.iter().flat_map(|part| &part.remaining);
        if self.sandbox.is_present() {
            return remaining.filter(|reason| asks_in_sandbox(&reason.kind)).collect();
        }
        let all = parts.iter().flat_map(|part| &part.reasons);
        all.filter(|reason| !about_reading(&reason.kind))
            .chain(remaining.filter(|reason| about_reading(&reason.kind)))
            .collect()
    }

    /// The reason for which Plan refuses without a question.
    pub(super) fn refused_by_plan<'r>(&self, reasons: &[&'r AskReason]) -> Option<&'r AskReason> {
        let is_refused = |reason: &&&AskReason| match self.sandbox {
            Sandbox::Absent => !about_reading(&reason.kind),
            _ => reason.kind == ReasonKind::Danger,
        };
        let reasons = reasons.iter().filter(|_| self.allowance == Allowance::Plan);
        reasons.filter(is_refused).max_by_key(|reason| &reason.kind).copied()
    }

    /// Lets a command read; secrets, too, where a rule lets it name one.
    fn reading_grant(&self, parts: &[MatchedPart]) -> Grant {
        let mut reasons = parts.iter().flat_map(|part| &part.reasons);
        let names_secret = reasons.any(|reason| matches!(reason.kind, ReasonKind::Secret(_)));
        Grant {
            secrets: if names_secret { SecretAccess::All } else { SecretAccess::Plain },
            committed: SecretAccess::Plain,
            ..self.grant_if_approved()
        }
    }

    fn refuse(&self, why: &str) -> Decision {
        let (cause, instead) = match self.allowance {
            Allowance::Plan => (DenialCause::Plan, "Plan changes nothing"),
            _ => (DenialCause::ReadOnly, "The mode is read-only"),
        };
        let denial = Denial { cause, detail: Some(why.to_owned()) };
        let why = format!("{why}. {instead}: only read, or say what you would do");
        Decision::Deny { why, denial }
    }
}

/// Whether a person is asked about a command that the sandbox lets only read.
fn asks_in_sandbox(kind: &ReasonKind) -> bool {
    matches!(
        kind,
        ReasonKind::ReadsOutside(_)
            | ReasonKind::Unclear
            | ReasonKind::Secret(_)
            | ReasonKind::Danger
    )
}

/// Whether a reason is about reading only: a rule can take it away also without a sandbox.
fn about_reading(kind: &ReasonKind) -> bool {
    matches!(kind, ReasonKind::Secret(_) | ReasonKind::Unguarded)
}

/// The rules that `always` would add: about what reads, to the letter.
fn learn(parts: &[MatchedPart]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let reads =
        |part: &&MatchedPart| part.remaining.iter().any(|reason| about_reading(&reason.kind));
    for part in parts.iter().filter(reads) {
        push(&mut rules, whole(part.part));
    }
    rules
}
