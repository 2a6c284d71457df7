//! The decision about a command line: the steps of [`evaluate`], in their one order.
//!
//! Each step is a function of a few lines, and has a table of cases in `tests.rs`.

mod forbidden;
mod matched_rules;
mod reading;

#[cfg(test)]
mod tests;

use crate::protocol::{
    AllowedHost, Confinement, GitAccess, Grant, Location, Losses, RequestedConfinement, Rule,
    RuleSubject, Sandbox, SandboxOpening, SecretAccess, SessionMode, Target,
};

use super::command::{AskReason, CommandPart, ReasonKind, keeps_history, parts};
use super::decision::{Allowance, Decision, forbidden, path_scope};
use super::rules::RuleSet;
use forbidden::{forbidden_part, forbidden_piece, forbidden_place};
use matched_rules::{Effect, MatchedPart, learn, match_rules};

const UNGUARDED: &str = "It reads, and nothing here can keep it from what may be secret";
const RULE_ASKS: &str = "A rule says to ask";

/// Decides about a line that is to run in `folder`.
pub fn evaluate(
    rules: &RuleSet,
    session_mode: &SessionMode,
    line: &str,
    folder: &Target,
    wanted: RequestedConfinement,
) -> Decision {
    let call = Call {
        rules: *rules,
        allowance: Allowance::of(session_mode),
        sandbox: session_mode.sandbox,
        folder,
        wanted,
    };
    let parts = call.understand(line);
    if let Some(rule) = call.forbidding_rule(line, &parts) {
        return forbidden(rule);
    }
    if call.allowance == Allowance::Full {
        return Decision::Allow(Grant::anywhere(Confinement::Free));
    }
    let parts: Vec<MatchedPart> = parts.iter().map(|part| call.apply_rules(part)).collect();
    if call.allowance.is_reading() {
        return call.while_reading(&parts);
    }
    let why = call
        .not_harmless_inside(&parts)
        .or_else(|| call.outside_place())
        .or_else(|| rule_asks(&parts))
        .or_else(|| call.cannot_split(&parts));
    match why {
        Some(why) => {
            Decision::Ask { why, learn: learn(&parts, folder), grant: call.grant_if_approved() }
        }
        None => Decision::Allow(call.grant(&parts)),
    }
}

/// A call of a command, without its line.
struct Call<'a> {
    rules: RuleSet<'a>,
    allowance: Allowance,
    sandbox: Sandbox,
    folder: &'a Target,
    wanted: RequestedConfinement,
}

impl Call<'_> {
    /// Takes the line apart; each part says why it may not just run.
    fn understand(&self, line: &str) -> Vec<CommandPart> {
        let mut parts = parts(self.rules.policy, line, &self.folder.path);
        if self.wants_no_sandbox() {
            let reason = AskReason::new(ReasonKind::Need, "It asks to run without the sandbox");
            parts.iter_mut().for_each(|part| part.reasons.push(reason.clone()));
        }
        parts
    }

    /// Whether there is a sandbox and the model asks to do without it.
    fn wants_no_sandbox(&self) -> bool {
        self.sandbox.is_present() && self.wanted == RequestedConfinement::Unconfined
    }

    /// The rule that forbids the line: a part of it, a piece of what is unclear, or its place.
    fn forbidding_rule(&self, line: &str, parts: &[CommandPart]) -> Option<&Rule> {
        parts
            .iter()
            .find_map(|part| forbidden_part(&self.rules, part))
            .or_else(|| forbidden_piece(&self.rules, line, parts))
            .or_else(|| forbidden_place(&self.rules, self.folder))
    }

    /// The reasons that count here: a sandbox makes the settings of the folder harmless, and
    /// without one nothing keeps a command that reads from secrets.
    fn reasons_here(&self, part: &CommandPart) -> Vec<AskReason> {
        if self.sandbox.is_present() {
            let counts = |reason: &&AskReason| reason.kind != ReasonKind::Configured;
            part.reasons.iter().filter(counts).cloned().collect()
        } else if part.reasons.is_empty() {
            vec![AskReason::new(ReasonKind::Unguarded, UNGUARDED)]
        } else {
            part.reasons.clone()
        }
    }

    /// Takes away the reasons that rules answer.
    fn apply_rules<'p>(&self, part: &'p CommandPart) -> MatchedPart<'p> {
        match_rules(&self.rules, part, self.reasons_here(part))
    }

    /// Why a command may not run where it would: only a rule about that place takes this away.
    fn outside_place(&self) -> Option<String> {
        if self.folder.location == Location::Inside {
            return None;
        }
        let path = self.folder.path.to_string_lossy();
        let inside = format!("{}/", path.trim_end_matches('/'));
        let found = self.rules.find_named(RuleSubject::Outside, &[&path, &inside], &[]);
        let is_allowed = found.is_some_and(|found| found.allows());
        (!is_allowed).then(|| format!("It runs outside of the folder: `{}`", self.folder.shown))
    }

    /// The gravest reason that the sandbox does not make harmless.
    fn not_harmless_inside(&self, parts: &[MatchedPart]) -> Option<String> {
        let remaining = parts.iter().flat_map(|part| &part.remaining);
        let graver = remaining.filter(|reason| !self.harmless_in_sandbox(reason));
        graver.max_by_key(|reason| &reason.kind).map(|reason| reason.why.clone())
    }

    /// Whether `auto` lets a command with this reason run in the sandbox.
    fn harmless_in_sandbox(&self, reason: &AskReason) -> bool {
        self.allowance == Allowance::Auto
            && self.sandbox.is_present()
            && !self.rules.policy.holds_home()
            && (reason.kind.is_harmless_inside() || self.is_open(&reason.kind))
    }

    /// Whether what a reason is about is open in the sandbox, by a person or by itself.
    fn is_open(&self, kind: &ReasonKind) -> bool {
        let covers = |opening: SandboxOpening| self.rules.policy.grants.covers(&opening);
        match kind {
            ReasonKind::Network(hosts) => {
                let is_open = |host: &String| {
                    AllowedHost::parse(host).is_some_and(|host| covers(SandboxOpening::Host(host)))
                };
                self.sandbox.has_network() && !hosts.is_empty() && hosts.iter().all(is_open)
            }
            // While hosts are open, a network that is not shared has the proxy alone in it.
            ReasonKind::Loopback => {
                self.sandbox.shares_network()
                    || self.sandbox.has_network() && self.rules.policy.grants.hosts.is_empty()
            }
            ReasonKind::Beyond(Some(path)) | ReasonKind::Escape(Some(path)) => {
                covers(SandboxOpening::Folder(path.clone()))
            }
            _ => false,
        }
    }

    /// Why a line cannot run in one place: a part is harmless only in the sandbox, and a rule lets
    /// another one out of it.
    fn cannot_split(&self, parts: &[MatchedPart]) -> Option<String> {
        let needs_sandbox = self.needs_sandbox(parts)?;
        let escapes_sandbox = parts.iter().any(|part| {
            part.effect == Effect::Allows
                && part.reasons.iter().any(|reason| reason.kind >= ReasonKind::Need)
        });
        escapes_sandbox.then(|| needs_sandbox.remaining[0].why.clone())
    }

    /// A part that is harmless only in the sandbox.
    fn needs_sandbox<'p, 'c>(&self, parts: &'p [MatchedPart<'c>]) -> Option<&'p MatchedPart<'c>> {
        let is_harmless = |reason: &AskReason| self.harmless_in_sandbox(reason);
        parts.iter().find(|part| part.remaining.iter().any(is_harmless))
    }

    /// How far a command may reach that nobody has to be asked about.
    fn grant(&self, parts: &[MatchedPart]) -> Grant {
        let is_let_out = parts.iter().any(|part| part.effect == Effect::Allows)
            && self.needs_sandbox(parts).is_none();
        let only_reads = parts.iter().all(|part| part.part.reasons.is_empty());
        let confinement = match self.allowance {
            _ if is_let_out || self.sandbox == Sandbox::Absent => Confinement::Free,
            // A command that heeds settings may have to write: a cache, a lock.
            Allowance::Auto if !self.rules.policy.holds_home() && !only_reads => {
                Confinement::Folder
            }
            _ => Confinement::ReadOnly,
        };
        let is_reading = |reason: &AskReason| reason.kind == ReasonKind::Unguarded;
        let reads = parts.iter().all(|part| part.reasons.iter().all(is_reading));
        let with_reasons: Vec<(&CommandPart, &[AskReason])> =
            parts.iter().map(|part| (part.part, part.reasons.as_slice())).collect();
        let keeps_history = keeps_history(&with_reasons);
        Grant {
            confinement,
            git: if keeps_history { GitAccess::Writable } else { GitAccess::ReadOnly },
            paths: path_scope(self.folder.location),
            // Work in the folder may need all that is in it.
            secrets: if reads { SecretAccess::Plain } else { SecretAccess::All },
            losses: Losses::Refused,
            committed: SecretAccess::Plain,
        }
    }

    /// How far a command may reach once a person allowed it.
    fn grant_if_approved(&self) -> Grant {
        let stays_in = self.sandbox.is_present() && self.allowance.is_reading();
        let confinement = if stays_in { Confinement::ReadOnly } else { Confinement::Free };
        Grant { paths: path_scope(self.folder.location), ..Grant::anywhere(confinement) }
    }
}

/// The reason to ask that a rule gives.
fn rule_asks(parts: &[MatchedPart]) -> Option<String> {
    parts.iter().any(|part| part.effect == Effect::Asks).then(|| RULE_ASKS.to_owned())
}
