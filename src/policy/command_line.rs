//! The decision about a command line.

mod denied;
mod heard;

use crate::protocol::{
    AllowedHost, Confinement, Denial, DenialCause, GitAccess, Grant, Location, Losses,
    RequestedConfinement, Rule, RuleSubject, Sandbox, SandboxOpening, SecretAccess, SessionMode,
    Target,
};

use super::command::{AskReason, ReasonKind, keeps_history, parts};
use super::rules::RuleSet;
use super::{Allowance, Decision, forbidden, reach};
use denied::{denied, denied_place, denied_raw};
use heard::{AllowedScope, PartRules, hear, learn, push, whole};

const UNGUARDED: &str = "It reads, and nothing here can keep it from what may be secret";

pub fn evaluate(
    rules: &RuleSet,
    session_mode: &SessionMode,
    line: &str,
    folder: &Target,
    wanted: RequestedConfinement,
) -> Decision {
    let scope = Allowance::of(session_mode);
    let mut parts = parts(rules.policy, line, &folder.path);
    if session_mode.sandbox.is_present() && wanted == RequestedConfinement::Unconfined {
        let reason = AskReason::new(ReasonKind::Need, "It asks to run without the sandbox");
        parts.iter_mut().for_each(|part| part.reasons.push(reason.clone()));
    }
    let only_reads = parts.iter().all(|part| part.reasons.is_empty());
    if session_mode.sandbox.is_present() {
        parts
            .iter_mut()
            .for_each(|part| part.reasons.retain(|reason| reason.kind != ReasonKind::Configured));
    } else {
        let unguarded = AskReason::new(ReasonKind::Unguarded, UNGUARDED);
        let reading = parts.iter_mut().filter(|part| part.reasons.is_empty());
        reading.for_each(|part| part.reasons.push(unguarded.clone()));
    }
    if let Some(rule) = parts
        .iter()
        .find_map(|part| denied(rules, part))
        .or_else(|| denied_raw(rules, line, &parts))
        .or_else(|| denied_place(rules, folder))
    {
        return forbidden(rule);
    }
    if scope == Allowance::Full {
        return Decision::Allow(Grant::anywhere(Confinement::Free));
    }
    let heard: Vec<PartRules> = parts.iter().map(|part| hear(rules, part)).collect();
    let place = place_reason(rules, folder);
    let only_read = |reason: &AskReason| reason.kind == ReasonKind::Unguarded;
    let reads = heard.iter().all(|heard| heard.part.reasons.iter().all(only_read));
    let yes = grant(scope, session_mode.sandbox, folder.location);
    if scope.is_reading() {
        let reading = LineEvaluation { scope, sandbox: session_mode.sandbox, wanted };
        return reading.judge(&heard, reads, place, yes);
    }
    let wide = rules.policy.holds_home();
    let sandboxed = scope == Allowance::Auto && session_mode.sandbox.is_present() && !wide;
    let is_free = |reason: &AskReason| {
        sandboxed
            && (reason.kind.is_harmless_inside()
                || is_open(rules, session_mode.sandbox, &reason.kind))
    };
    let worst = heard
        .iter()
        .flat_map(|heard| &heard.left)
        .filter(|reason| !is_free(reason))
        .max_by_key(|reason| &reason.kind);
    let mut why = worst.map(|reason| reason.why.clone()).or(place);
    if why.is_none() && heard.iter().any(|heard| heard.freedom == AllowedScope::Asked) {
        why = Some("A rule says to ask".to_owned());
    }
    // One line runs in one place: what only the sandbox makes harmless must not leave it with what a rule lets out.
    let leans = heard.iter().find(|heard| heard.left.iter().any(is_free));
    let leaves = heard.iter().any(|heard| {
        heard.freedom == AllowedScope::Freed
            && heard.part.reasons.iter().any(|reason| reason.kind >= ReasonKind::Need)
    });
    if why.is_none() && leaves {
        why = leans.map(|heard| heard.left[0].why.clone());
    }
    match why {
        Some(why) => Decision::Ask { why, learn: learn(&heard, folder), grant: yes },
        None => {
            let freed =
                heard.iter().any(|heard| heard.freedom == AllowedScope::Freed) && leans.is_none();
            // What does work in the folder may need all there is in it.
            let sight = if reads { SecretAccess::Plain } else { SecretAccess::All };
            let confinement = match (scope, session_mode.sandbox) {
                _ if freed => Confinement::Free,
                (_, Sandbox::Absent) => Confinement::Free,
                // What heeds settings may have to write: a cache, a lock.
                (Allowance::Auto, _) if !wide && !only_reads => Confinement::Folder,
                _ => Confinement::ReadOnly,
            };
            let git = if keeps_history(&parts) { GitAccess::Writable } else { GitAccess::ReadOnly };
            Decision::Allow(Grant {
                confinement,
                git,
                paths: reach(folder.location),
                secrets: sight,
                losses: Losses::Refused,
                committed: SecretAccess::Plain,
            })
        }
    }
}

/// Whether the sandbox gives what a reason is about, because a person opened it.
fn is_open(rules: &RuleSet, sandbox: Sandbox, kind: &ReasonKind) -> bool {
    let covers = |grant: SandboxOpening| rules.policy.grants.covers(&grant);
    match kind {
        ReasonKind::Network(hosts) => {
            let is_open = |host: &String| {
                AllowedHost::parse(host).is_some_and(|host| covers(SandboxOpening::Host(host)))
            };
            sandbox.has_network() && !hosts.is_empty() && hosts.iter().all(is_open)
        }
        ReasonKind::Beyond(Some(path)) | ReasonKind::Escape(Some(path)) => {
            covers(SandboxOpening::Folder(path.clone()))
        }
        _ => false,
    }
}

/// Read-only and Plan.
struct LineEvaluation {
    scope: Allowance,
    sandbox: Sandbox,
    wanted: RequestedConfinement,
}

impl LineEvaluation {
    fn judge(
        &self,
        heard: &[PartRules],
        reads: bool,
        place: Option<String>,
        yes: Grant,
    ) -> Decision {
        let plan = self.scope == Allowance::Plan;
        // What a rule can take away, also where nothing can be kept in.
        let sees = |reason: &&AskReason| {
            matches!(reason.kind, ReasonKind::Secret(_) | ReasonKind::Unguarded)
        };
        if self.sandbox.is_present() && self.wanted == RequestedConfinement::Unconfined {
            return self.refuse("Nothing runs without the sandbox now");
        }
        // What would only write or load fails by itself where nothing can be written or loaded.
        let asks = |reason: &&AskReason| {
            matches!(
                reason.kind,
                ReasonKind::ReadsOutside(_)
                    | ReasonKind::Unclear
                    | ReasonKind::Secret(_)
                    | ReasonKind::Danger
            )
        };
        let left: Vec<&AskReason> = match self.sandbox {
            sandbox if sandbox.is_present() => {
                heard.iter().flat_map(|heard| &heard.left).filter(asks).collect()
            }
            // Without a sandbox a rule cannot make anything harmless but the reading of a secret.
            _ => {
                let all = heard.iter().flat_map(|heard| &heard.part.reasons);
                all.filter(|reason| !sees(reason))
                    .chain(heard.iter().flat_map(|heard| &heard.left).filter(sees))
                    .collect()
            }
        };
        let worst = left.iter().max_by_key(|reason| &reason.kind);
        let refused = left.iter().filter(|reason| !sees(reason)).max_by_key(|reason| &reason.kind);
        let acts = |reason: &AskReason| {
            self.sandbox == Sandbox::Absent || reason.kind == ReasonKind::Danger
        };
        if plan && let Some(reason) = refused.filter(|reason| acts(reason)) {
            return self.refuse(&reason.why);
        }
        let asked = heard
            .iter()
            .any(|heard| heard.freedom == AllowedScope::Asked)
            .then(|| "A rule says to ask".to_owned());
        match worst.map(|reason| reason.why.clone()).or(place).or(asked) {
            Some(why) => Decision::Ask { why, learn: self.learn(heard), grant: yes },
            None if reads || self.sandbox.is_present() || left.is_empty() => {
                // A rule let it name one.
                let named = heard
                    .iter()
                    .flat_map(|heard| &heard.part.reasons)
                    .any(|reason| matches!(reason.kind, ReasonKind::Secret(_)));
                Decision::Allow(Grant {
                    secrets: if named { SecretAccess::All } else { SecretAccess::Plain },
                    committed: SecretAccess::Plain,
                    ..yes
                })
            }
            None => self.refuse("It is not known to only read"),
        }
    }

    fn learn(&self, heard: &[PartRules]) -> Vec<Rule> {
        let mut rules: Vec<Rule> = Vec::new();
        let learned = |reason: &AskReason| {
            matches!(reason.kind, ReasonKind::Secret(_) | ReasonKind::Unguarded)
        };
        for heard in heard.iter().filter(|heard| heard.left.iter().any(learned)) {
            push(&mut rules, whole(heard.part));
        }
        rules
    }

    fn refuse(&self, why: &str) -> Decision {
        let (cause, instead) = match self.scope {
            Allowance::Plan => (DenialCause::Plan, "Plan changes nothing"),
            _ => (DenialCause::ReadOnly, "The mode is read-only"),
        };
        let denial = Denial { cause, detail: Some(why.to_owned()) };
        let why = format!("{why}. {instead}: only read, or say what you would do");
        Decision::Deny { why, denial }
    }
}

/// What a person's yes gives.
fn grant(scope: Allowance, sandbox: Sandbox, side: Location) -> Grant {
    match (scope, sandbox) {
        (Allowance::Plan | Allowance::ReadOnly, sandbox) if sandbox.is_present() => {
            Grant { paths: reach(side), ..Grant::anywhere(Confinement::ReadOnly) }
        }
        _ => Grant { paths: reach(side), ..Grant::anywhere(Confinement::Free) },
    }
}

/// Why a command may not run where it would: only a rule about that place takes this away.
fn place_reason(rules: &RuleSet, folder: &Target) -> Option<String> {
    if folder.location == Location::Inside {
        return None;
    }
    let path = folder.path.to_string_lossy();
    let inside = format!("{}/", path.trim_end_matches('/'));
    let allowed = rules
        .find_named(RuleSubject::Outside, &[&path, &inside], &[])
        .is_some_and(|found| found.allows());
    (!allowed).then(|| format!("It runs outside of the folder: `{}`", folder.shown))
}
