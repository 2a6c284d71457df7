//! The decision about a command line.

use std::path::Path;

use crate::protocol::{
    AllowedHost, Confinement, GitAccess, Grant, Location, RequestedConfinement, Rule, RuleSubject,
    Ruling, Sandbox, SandboxOpening, SecretAccess, SessionMode, Target,
};

use super::command::{
    AskReason, CommandPart, LearnableRule, NamedFiles, ReasonKind, keeps_history, parts,
};
use super::rules::{MatchedRule, RuleOrigin, RuleSet};
use super::{Allowance, Decision, forbidden, glob, reach};

const UNGUARDED: &str = "It reads, and nothing here can keep it from what may be secret";

/// What a part still needs once rules were heard.
struct PartRules<'a> {
    part: &'a CommandPart,
    /// Reasons that no rule took away.
    left: Vec<AskReason>,
    freedom: AllowedScope,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum AllowedScope {
    /// A rule wants it asked.
    Asked,
    /// A rule lets it run without the sandbox.
    Freed,
    None,
}

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
        let why = match self.scope {
            Allowance::Plan => format!(
                "{why}. Plan changes nothing: only read, or say what you would do; the person switches to Build with tab"
            ),
            _ => format!(
                "{why}. The mode is read-only: only read, or say what you would do; the person can change the mode with `/approvals`"
            ),
        };
        Decision::Deny { why }
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

/// The rule that forbids to run anything in this place.
fn denied_place<'a>(rules: &RuleSet<'a>, folder: &Target) -> Option<&'a Rule> {
    (folder.location == Location::Outside)
        .then(|| forbids(rules, RuleSubject::Outside, &folder.path))?
}

/// The rule that forbids a path in one of its spellings.
fn forbids<'a>(rules: &RuleSet<'a>, subject: RuleSubject, path: &Path) -> Option<&'a Rule> {
    forbids_with(rules, subject, path, |_| false)
}

/// The rule that forbids a command to write to what it names, or to something that lies in it.
fn forbids_edit<'a>(rules: &RuleSet<'a>, edit: &NamedFiles) -> Option<&'a Rule> {
    let path = match edit {
        NamedFiles::Glob(pattern) => Path::new(pattern),
        NamedFiles::Tree(path) => path,
    };
    forbids_with(rules, RuleSubject::Edit, path, |pattern| {
        let stem = glob::stem(pattern);
        let stem = Path::new(&stem);
        edit.covers(stem.strip_prefix(&rules.policy.folder).unwrap_or(stem))
    })
}

/// The same; `lies_within`: whether what fits a pattern that forbids lies in the path.
fn forbids_with<'a>(
    rules: &RuleSet<'a>,
    subject: RuleSubject,
    path: &Path,
    lies_within: impl Fn(&str) -> bool,
) -> Option<&'a Rule> {
    let whole = rules.policy.folder.join(path);
    let names = [path, &whole].map(|path| path.to_string_lossy().into_owned());
    let inside = names.each_ref().map(|name| format!("{}/", name.trim_end_matches('/')));
    let found = rules.find(subject, |rule| {
        let pattern = rules.at_home(&rule.pattern);
        names.iter().chain(&inside).any(|name| glob::fits(&pattern, name))
            || rule.ruling == Ruling::Deny && lies_within(&pattern)
    })?;
    (found.ruling() == Ruling::Deny).then_some(found.rule)
}

/// The rule that forbids a part: about it, about what it is wrapped in, about a file it reads or writes.
fn denied<'a>(rules: &RuleSet<'a>, part: &CommandPart) -> Option<&'a Rule> {
    let denies = |found: MatchedRule<'a>| (found.ruling() == Ruling::Deny).then_some(found.rule);
    let shell = part.texts.iter().find_map(|text| {
        let also: Vec<&str> = text.also.iter().map(String::as_str).collect();
        rules.find_named(RuleSubject::Shell, &[&text.quoted], &also).and_then(denies)
    });
    let named = |subject: RuleSubject, name: &str| {
        let inside = rules.policy.folder.join(name);
        let (bare, whole) = (name.trim_start_matches("./"), inside.to_string_lossy());
        let about = |rule: &Rule| {
            rule.subject == subject
                && [bare, &*whole].iter().any(|name| glob::fits(&rule.pattern, name))
        };
        rules.find(subject, about).and_then(denies)
    };
    let read = || part.mentions.iter().find_map(|name| named(RuleSubject::Read, name));
    let by_place = || {
        part.reasons.iter().find_map(|reason| match &reason.kind {
            ReasonKind::Write(path) => forbids(rules, RuleSubject::Edit, path),
            ReasonKind::ReadsOutside(Some(path)) => forbids(rules, RuleSubject::Outside, path)
                .or_else(|| forbids(rules, RuleSubject::Read, path)),
            ReasonKind::Beyond(Some(path)) | ReasonKind::Escape(Some(path)) => {
                forbids(rules, RuleSubject::Outside, path)
                    .or_else(|| forbids(rules, RuleSubject::Edit, path))
            }
            _ => None,
        })
    };
    let edited = || part.edits.iter().find_map(|edit| forbids_edit(rules, edit));
    shell.or_else(read).or_else(by_place).or_else(edited)
}

/// Words of a piece that are looked at, of a line that was not understood.
const WORDS: usize = 64;

/// For a line that was not understood as a whole: what forbids is held against its pieces, cut wherever a command might begin.
fn denied_raw<'a>(rules: &RuleSet<'a>, line: &str, parts: &[CommandPart]) -> Option<&'a Rule> {
    let is_clear = parts
        .iter()
        .flat_map(|part| &part.reasons)
        .all(|reason| reason.kind != ReasonKind::Unclear);
    if is_clear && super::shell::parse(line).is_ok()
        || !rules.policy.rules.iter().any(|rule| rule.ruling == Ruling::Deny)
    {
        return None;
    }
    // Any word may be a command's first: what stands before it may be the shell's own.
    let pieces = line.split(|c: char| ";|&(){}`\n".contains(c)).take(4096).flat_map(|piece| {
        let words: Vec<String> = piece
            .split_whitespace()
            .take(WORDS)
            .map(|word| word.replace(['\'', '"', '\\'], ""))
            .collect();
        (0..words.len()).map(|first| words[first..].join(" ")).collect::<Vec<_>>()
    });
    pieces.chain([line.trim().to_owned()]).filter(|piece| !piece.is_empty()).find_map(|piece| {
        let found = rules.find_named(RuleSubject::Shell, &[&piece], &[])?;
        (found.ruling() == Ruling::Deny).then_some(found.rule)
    })
}

fn hear<'a>(rules: &RuleSet, part: &'a CommandPart) -> PartRules<'a> {
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
fn learn(heard: &[PartRules], folder: &Target) -> Vec<Rule> {
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
fn whole(part: &CommandPart) -> Option<Rule> {
    let text = part.texts.first().filter(|text| {
        part.learnable != LearnableRule::Nothing && !text.quoted.contains(['$', '`'])
    })?;
    Some(allow(RuleSubject::Shell, glob::exactly(&text.quoted)))
}

fn allow(subject: RuleSubject, pattern: String) -> Rule {
    Rule::new(subject, pattern, Ruling::Allow)
}

fn push(rules: &mut Vec<Rule>, rule: Option<Rule>) {
    rules.extend(rule.filter(|rule| !rules.contains(rule)));
}
