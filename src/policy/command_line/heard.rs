//! What rules that allow take away of the reasons to ask about a part of a command line, and the rules that a person's `always` would add.

use crate::policy::command::{AskReason, CommandPart, LearnableRule, ReasonKind};
use crate::policy::glob;
use crate::policy::rules::{MatchedRule, RuleOrigin, RuleSet};
use crate::protocol::{Location, Rule, RuleSubject, Ruling, Target};

/// What a part still needs once rules were heard.
pub(super) struct PartRules<'a> {
    pub part: &'a CommandPart,
    /// Reasons that no rule took away.
    pub left: Vec<AskReason>,
    pub freedom: AllowedScope,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AllowedScope {
    /// A rule wants it asked.
    Asked,
    /// A rule lets it run without the sandbox.
    Freed,
    None,
}

/// Asks the rules about a part.
pub(super) fn hear<'a>(rules: &RuleSet, part: &'a CommandPart) -> PartRules<'a> {
    // The outermost text that a rule fits counts; what is inside of it may be freed on its own.
    let found: Vec<MatchedRule> = part
        .texts
        .iter()
        .filter_map(|text| {
            let also: Vec<&str> = text.also.iter().map(String::as_str).collect();
            rules.find_named(RuleSubject::Shell, &[&text.quoted], &also)
        })
        .collect();
    let asked = found.last().is_some_and(|found| found.ruling() == Ruling::Ask)
        || found.iter().any(|found| found.ruling() == Ruling::Ask)
            && !found.iter().any(|found| found.allows());
    let allowing: Vec<&MatchedRule> =
        found.iter().filter(|found| found.allows() && !asked).collect();
    let left = part.reasons.iter().filter(|reason| {
        !allowing.iter().any(|found| lifts(found, &reason.kind)) && !lifted(rules, &reason.kind)
    });
    let freedom = match (asked, allowing.is_empty()) {
        (true, _) => AllowedScope::Asked,
        (false, true) => AllowedScope::None,
        (false, false) => AllowedScope::Freed,
    };
    PartRules { part, left: left.cloned().collect(), freedom }
}

/// Whether a rule that allows takes a reason away.
fn lifts(found: &MatchedRule, kind: &ReasonKind) -> bool {
    match kind {
        ReasonKind::Unguarded
        | ReasonKind::Configured
        | ReasonKind::Other
        | ReasonKind::ReadsOutside(_)
        | ReasonKind::Need
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

/// One rule for each part that was not free, and what lets its output be written.
pub(super) fn learn(heard: &[PartRules], folder: &Target) -> Vec<Rule> {
    let mut rules = Vec::new();
    for heard in heard.iter().filter(|heard| !heard.left.is_empty()) {
        let grave = heard.left.iter().map(|reason| &reason.kind).max();
        if heard.left.iter().any(|reason| !matches!(reason.kind, ReasonKind::Write(_))) {
            match (&heard.part.learnable, grave) {
                (
                    _,
                    Some(
                        ReasonKind::Care
                        | ReasonKind::Loss
                        | ReasonKind::Beyond(_)
                        | ReasonKind::Secret(_),
                    ),
                ) => push(&mut rules, whole(heard.part)),
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
        for reason in &heard.left {
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
