//! The permission rules of a session: which are in force, where each comes from, and how one is
//! taken back.

use std::sync::Arc;

use crate::protocol::{EventKind, KnownRule, Notice, Rule, RuleSource};

use super::super::effect::{EffectQueue, SessionEffect};
use super::mode::Permissions;

impl Permissions {
    /// All rules in force, those of the settings first: the last one that fits counts.
    pub fn rules(&self) -> Arc<[KnownRule]> {
        let policy = &self.policy;
        let settings = policy.rules.iter().zip(policy.rule_files.iter()).map(|(rule, file)| {
            KnownRule { rule: rule.clone(), source: RuleSource::Settings(file.clone()) }
        });
        let mut known: Vec<KnownRule> = settings.collect();
        for rule in &self.learned {
            let source = if self.kept.contains(rule) {
                RuleSource::Folder
            } else {
                RuleSource::Conversation
            };
            let learned = KnownRule { rule: rule.clone(), source };
            if !known.contains(&learned) {
                known.push(learned);
            }
        }
        known.into()
    }

    /// Learns rules that a person allowed always: for this session, or in the folder from now on.
    pub fn learn(&mut self, rules: Vec<Rule>, source: &RuleSource, effects: &mut EffectQueue) {
        if rules.is_empty() {
            return;
        }
        if *source == RuleSource::Folder {
            self.kept.extend(rules.iter().cloned());
            self.unwritten.extend(rules.iter().cloned());
            effects.push(SessionEffect::KeepRules(rules.clone()));
        }
        self.learned.extend(rules);
        effects.emit(EventKind::Rules(self.rules()));
    }

    /// Takes a rule back: calls that fit it ask again.
    pub fn revoke(&mut self, known: &KnownRule, effects: &mut EffectQueue) {
        let rule = &known.rule;
        if matches!(known.source, RuleSource::Settings(_)) || !self.learned.contains(rule) {
            return;
        }
        self.learned.retain(|learned| learned != rule);
        if self.kept.contains(rule) {
            self.kept.retain(|kept| kept != rule);
            effects.push(SessionEffect::ForgetRules(vec![rule.clone()]));
        }
        effects.emit(EventKind::Rules(self.rules()));
        effects.emit(EventKind::Notice(Notice {
            message: format!(
                "Asks again from now on: `{}: {}`",
                rule.subject.as_str(),
                rule.pattern
            ),
            next: None,
        }));
    }

    /// Whether rules of the folder are in force, which another conversation may take back.
    pub fn has_folder_rules(&self) -> bool {
        !self.kept.is_empty()
    }

    /// Takes over the folder's rules as its file has them now: those that are gone there do not
    /// hold here either.
    pub fn folder_rules(&mut self, rules: &[Rule], effects: &mut EffectQueue) {
        self.unwritten.retain(|rule| !rules.contains(rule));
        let is_gone = |rule: &Rule| !rules.contains(rule) && !self.unwritten.contains(rule);
        let gone: Vec<Rule> = self.kept.iter().filter(|rule| is_gone(rule)).cloned().collect();
        if gone.is_empty() {
            return;
        }
        self.kept.retain(|rule| !gone.contains(rule));
        self.learned.retain(|rule| !gone.contains(rule));
        effects.emit(EventKind::Rules(self.rules()));
    }

    /// Notes that these could not be written down: they hold in this session alone.
    pub fn not_kept(&mut self, rules: &[Rule], effects: &mut EffectQueue) {
        self.kept.retain(|kept| !rules.contains(kept));
        self.unwritten.retain(|rule| !rules.contains(rule));
        effects.emit(EventKind::Rules(self.rules()));
    }
}
