//! The permission rules of a session: which are in force, where each comes from, and how one is taken back.

use std::sync::Arc;

use crate::protocol::{EventKind, KnownRule, Notice, Rule, RuleSource};

use super::Session;
use super::effect::{EffectQueue, SessionEffect};

impl Session {
    /// All rules in force, those of the settings first, as later ones count.
    pub fn rules(&self) -> Arc<[KnownRule]> {
        let policy = &self.config.policy;
        let settings = policy.rules.iter().zip(policy.rule_files.iter()).map(|(rule, file)| {
            KnownRule { rule: rule.clone(), source: RuleSource::Settings(file.clone()) }
        });
        let mut known: Vec<KnownRule> = settings.collect();
        for rule in &self.mode.learned {
            let source = if self.mode.kept.contains(rule) {
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

    /// A person said "always": for this session, or for the folder from now on.
    pub(super) fn learn(
        &mut self,
        rules: Vec<Rule>,
        source: &RuleSource,
        effects: &mut EffectQueue,
    ) {
        if rules.is_empty() {
            return;
        }
        if *source == RuleSource::Folder {
            self.mode.kept.extend(rules.iter().cloned());
            self.mode.unwritten.extend(rules.iter().cloned());
            effects.push(SessionEffect::KeepRules(rules.clone()));
        }
        self.mode.learned.extend(rules);
        effects.tell(EventKind::Rules(self.rules()));
    }

    /// What fits the rule asks again; nothing else is judged anew.
    pub(super) fn revoke(&mut self, known: &KnownRule, effects: &mut EffectQueue) {
        let rule = &known.rule;
        if matches!(known.source, RuleSource::Settings(_)) || !self.mode.learned.contains(rule) {
            return;
        }
        self.mode.learned.retain(|learned| learned != rule);
        if self.mode.kept.contains(rule) {
            self.mode.kept.retain(|kept| kept != rule);
            effects.push(SessionEffect::ForgetRules(vec![rule.clone()]));
        }
        effects.tell(EventKind::Rules(self.rules()));
        effects.tell(EventKind::Notice(Notice {
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
        !self.mode.kept.is_empty()
    }

    /// The folder's rules as its file has them now: those that are gone there do not hold here either.
    pub(super) fn folder_rules(&mut self, rules: &[Rule], effects: &mut EffectQueue) {
        let mode = &mut self.mode;
        mode.unwritten.retain(|rule| !rules.contains(rule));
        let is_gone = |rule: &Rule| !rules.contains(rule) && !mode.unwritten.contains(rule);
        let gone: Vec<Rule> = mode.kept.iter().filter(|rule| is_gone(rule)).cloned().collect();
        if gone.is_empty() {
            return;
        }
        mode.kept.retain(|rule| !gone.contains(rule));
        mode.learned.retain(|rule| !gone.contains(rule));
        effects.tell(EventKind::Rules(self.rules()));
    }

    /// They hold in this session alone.
    pub(super) fn not_kept(&mut self, rules: &[Rule], effects: &mut EffectQueue) {
        self.mode.kept.retain(|kept| !rules.contains(kept));
        self.mode.unwritten.retain(|rule| !rules.contains(rule));
        effects.tell(EventKind::Rules(self.rules()));
    }
}
