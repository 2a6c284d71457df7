//! Which rule counts. Does not know what happens where none does.

use crate::protocol::{Rule, Ruling, Subject};

use super::Law;
use super::glob;

/// The rules of the settings, and those that were learned after.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    pub law: &'a Law,
    pub learned: &'a [Rule],
}

/// The rule that counts.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    pub rule: &'a Rule,
    pub given: Given,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Given {
    Learned,
    Settings,
}

impl<'a> Rules<'a> {
    /// The last rule about `subject` (or about anything) that fits, and its ruling. No learned rule overrules a `deny` of the settings.
    pub fn find(&self, subject: Subject, fits: impl Fn(&Rule) -> bool) -> Option<Found<'a>> {
        let last =
            |rules: &'a [Rule]| rules.iter().rev().find(|rule| (rule.subject == subject || rule.subject == Subject::Any) && fits(rule));
        let settings = last(&self.law.rules).map(|rule| Found { rule, given: Given::Settings });
        if settings.is_some_and(|found| found.rule.ruling == Ruling::Deny) {
            return settings;
        }
        last(self.learned).map(|rule| Found { rule, given: Given::Learned }).or(settings)
    }

    /// The same for one of several names of the same thing. What forbids may fit any of them, what allows has to fit one of `names`.
    pub fn find_named(&self, subject: Subject, names: &[&str], also: &[&str]) -> Option<Found<'a>> {
        self.find(subject, |rule| {
            let pattern = self.at_home(&rule.pattern);
            let names = names.iter().any(|name| glob::fits(&pattern, name));
            names || rule.ruling != Ruling::Allow && also.iter().any(|name| glob::fits(&pattern, name))
        })
    }

    /// A pattern with the person's own folder in the place of `~`.
    fn at_home(&self, pattern: &str) -> String {
        let home = self.law.home.as_deref().and_then(|home| home.to_str());
        match (home, pattern.strip_prefix("~/")) {
            (Some(home), Some(rest)) => format!("{}/{rest}", glob::exactly(home)),
            _ => pattern.to_owned(),
        }
    }
}

impl Found<'_> {
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
