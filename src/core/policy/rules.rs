//! Permission rules: which one counts.

use crate::protocol::{Rule, RuleSubject, Ruling};

use super::decision::PolicyConfig;
use super::glob;

/// The rules of the settings, and those that were learned after.
#[derive(Clone, Copy)]
pub struct RuleSet<'a> {
    pub policy: &'a PolicyConfig,
    pub learned: &'a [Rule],
}

/// The rule that counts.
#[derive(Clone, Copy)]
pub struct MatchedRule<'a> {
    pub rule: &'a Rule,
    pub given: RuleOrigin,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RuleOrigin {
    Learned,
    Settings,
}

impl<'a> RuleSet<'a> {
    /// The last rule about `subject` (or about anything) that fits. No learned rule overrules a
    /// `deny` of the settings.
    pub fn find(
        &self,
        subject: RuleSubject,
        fits: impl Fn(&Rule) -> bool,
    ) -> Option<MatchedRule<'a>> {
        let last = |rules: &'a [Rule]| {
            rules.iter().rev().find(|rule| {
                (rule.subject == subject || rule.subject == RuleSubject::Any) && fits(rule)
            })
        };
        let settings =
            last(&self.policy.rules).map(|rule| MatchedRule { rule, given: RuleOrigin::Settings });
        if settings.is_some_and(|found| found.rule.ruling == Ruling::Deny) {
            return settings;
        }
        last(self.learned).map(|rule| MatchedRule { rule, given: RuleOrigin::Learned }).or(settings)
    }

    /// The same for one of several names of the same thing. A rule that forbids may fit any of
    /// them, one that allows has to fit one of `names`.
    pub fn find_named(
        &self,
        subject: RuleSubject,
        names: &[&str],
        also: &[&str],
    ) -> Option<MatchedRule<'a>> {
        self.find(subject, |rule| {
            let pattern = self.at_home(&rule.pattern);
            let names = names.iter().any(|name| glob::fits(&pattern, name));
            names
                || rule.ruling != Ruling::Allow
                    && also.iter().any(|name| glob::fits(&pattern, name))
        })
    }

    /// A pattern with the person's own folder in the place of `~`.
    pub fn at_home(&self, pattern: &str) -> String {
        let home = self.policy.home.as_deref().and_then(|home| home.to_str());
        match (home, pattern.strip_prefix("~/")) {
            (Some(home), Some(rest)) => format!("{}/{rest}", glob::exactly(home)),
            _ => pattern.to_owned(),
        }
    }
}

impl MatchedRule<'_> {
    pub fn ruling(&self) -> Ruling {
        self.rule.ruling
    }

    pub fn allows(&self) -> bool {
        self.ruling() == Ruling::Allow
    }

    /// Whether it fits one text only.
    pub fn is_exact(&self) -> bool {
        glob::is_exact(&self.rule.pattern)
    }
}
