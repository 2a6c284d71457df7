//! The reasons to ask that rules take away from a part of a command line, and the rules that a
//! person's `always` would add.

use crate::policy::command::{AskReason, CommandPart, LearnableRule, ReasonKind};
use crate::policy::glob;
use crate::policy::rules::{MatchedRule, RuleOrigin, RuleSet};
use crate::protocol::{Location, Rule, RuleSubject, Ruling, Target};

/// A part of a line, and what the rules say of it.
pub(super) struct MatchedPart<'a> {
    pub part: &'a CommandPart,
    /// The reasons that count where it is to run.
    pub reasons: Vec<AskReason>,
    /// Those that no rule took away.
    pub remaining: Vec<AskReason>,
    pub effect: Effect,
}

/// How the rules change the way a part is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// A rule lets it run without the sandbox.
    Allows,
    /// A rule wants it asked.
    Asks,
    Nothing,
}

/// Asks the rules about a part with these reasons.
pub(super) fn match_rules<'a>(
    rules: &RuleSet,
    part: &'a CommandPart,
    reasons: Vec<AskReason>,
) -> MatchedPart<'a> {
    // The outermost text that a rule fits counts; a rule may let out the command inside of it.
    let found: Vec<MatchedRule> = part
        .texts
        .iter()
        .filter_map(|text| {
            let also: Vec<&str> = text.also.iter().map(String::as_str).collect();
            rules.find_named(RuleSubject::Shell, &[&text.quoted], &also)
        })
        .collect();
    let says_ask = |found: &MatchedRule| found.ruling() == Ruling::Ask;
    let asks = found.last().is_some_and(says_ask)
        || found.iter().any(says_ask) && !found.iter().any(MatchedRule::allows);
    let allowing: Vec<&MatchedRule> =
        found.iter().filter(|found| found.allows() && !asks).collect();
    let remains = |reason: &&AskReason| {
        !allowing.iter().any(|found| lifts(found, &reason.kind)) && !lifted(rules, &reason.kind)
    };
    let remaining = reasons.iter().filter(remains).cloned().collect();
    let effect = match (asks, allowing.is_empty()) {
        (true, _) => Effect::Asks,
        (false, true) => Effect::Nothing,
        (false, false) => Effect::Allows,
    };
    MatchedPart { part, reasons, remaining, effect }
}

/// Whether a rule that allows takes a reason away.
fn lifts(found: &MatchedRule, kind: &ReasonKind) -> bool {
    match kind {
        ReasonKind::Unguarded
        | ReasonKind::Configured
        | ReasonKind::Other
        | ReasonKind::ReadsOutside(_)
        | ReasonKind::Need
        | ReasonKind::Loopback
        | ReasonKind::Network(_) => true,
        ReasonKind::Beyond(_) | ReasonKind::Care | ReasonKind::Loss => {
            found.given == RuleOrigin::Settings || found.is_exact()
        }
        // A rule about a command says nothing of the files its output may go to.
        ReasonKind::Write(_) => false,
        ReasonKind::Setting | ReasonKind::Danger => {
            found.given == RuleOrigin::Settings && found.is_exact()
        }
        ReasonKind::Escape(_) | ReasonKind::Unclear => false,
        ReasonKind::Secret(name) => glob::stem(&found.rule.pattern)
            .split([' ', '\''])
            .any(|word| word.contains(name.as_str())),
    }
}

/// Whether a rule about files takes a reason away.
fn lifted(rules: &RuleSet, kind: &ReasonKind) -> bool {
    let ReasonKind::Write(path) = kind else { return false };
    let allows = |rule: &Rule| {
        rule.subject == RuleSubject::Edit && glob::fits(&rule.pattern, &path.to_string_lossy())
    };
    rules.find(RuleSubject::Edit, allows).is_some_and(|found| found.allows())
}

/// The rules that `always` would add: one for each part with a reason, and one for each file that
/// its output goes to.
pub(super) fn learn(parts: &[MatchedPart], folder: &Target) -> Vec<Rule> {
    let mut rules = Vec::new();
    for part in parts.iter().filter(|part| !part.remaining.is_empty()) {
        let gravest = part.remaining.iter().map(|reason| &reason.kind).max();
        if part.remaining.iter().any(|reason| !matches!(reason.kind, ReasonKind::Write(_))) {
            match (&part.part.learnable, gravest) {
                (
                    _,
                    Some(
                        ReasonKind::Care
                        | ReasonKind::Loss
                        | ReasonKind::Beyond(_)
                        | ReasonKind::Secret(_),
                    ),
                ) => push(&mut rules, whole(part.part)),
                (LearnableRule::Prefix(text), _) => push(
                    &mut rules,
                    Some(allow(RuleSubject::Shell, format!("{} *", glob::exactly(text)))),
                ),
                (LearnableRule::Exactly(text), _) => {
                    push(&mut rules, Some(allow(RuleSubject::Shell, glob::exactly(text))))
                }
                (LearnableRule::Nothing, _) => {}
            }
        }
        for reason in &part.remaining {
            if let ReasonKind::Write(path) = &reason.kind {
                push(
                    &mut rules,
                    Some(allow(RuleSubject::Edit, glob::exactly(&path.to_string_lossy()))),
                );
            }
        }
    }
    if folder.location == Location::Outside {
        push(
            &mut rules,
            Some(allow(RuleSubject::Outside, glob::exactly(&folder.path.to_string_lossy()))),
        );
    }
    rules
}

/// A rule about a part to the letter, unless nothing may be learned of it.
pub(super) fn whole(part: &CommandPart) -> Option<Rule> {
    let text = part.texts.first().filter(|text| {
        part.learnable != LearnableRule::Nothing && !text.quoted.contains(['$', '`'])
    })?;
    Some(allow(RuleSubject::Shell, glob::exactly(&text.quoted)))
}

fn allow(subject: RuleSubject, pattern: String) -> Rule {
    Rule::new(subject, pattern, Ruling::Allow)
}

pub(super) fn push(rules: &mut Vec<Rule>, rule: Option<Rule>) {
    rules.extend(rule.filter(|rule| !rules.contains(rule)));
}
