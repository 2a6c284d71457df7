//! What becomes of a command line. Does not know how a line is taken apart.

use crate::protocol::{
    AllowedHost, Confinement, GitAccess, Grant, Leave, Rule, Ruling, Sandbox, Side, Sight, Stance, Subject, Target, Wanted,
};

use super::command::{Kind, Lesson, Part, Reason, keeps_history, parts};
use super::rules::{Found, Given, Rules};
use super::{Scope, Verdict, forbidden, glob, reach};

/// What a part still needs once rules were heard.
struct Heard<'a> {
    part: &'a Part,
    /// Reasons that no rule took away.
    left: Vec<Reason>,
    freedom: Freedom,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Freedom {
    /// A rule wants it asked.
    Asked,
    /// A rule lets it run without the sandbox.
    Freed,
    None,
}

pub fn judge(rules: &Rules, stance: &Stance, line: &str, folder: &Target, wanted: Wanted) -> Verdict {
    let scope = Scope::of(stance);
    let mut parts = parts(rules.law, line, &folder.path);
    if stance.sandbox.is_present() && wanted == Wanted::Unconfined {
        let reason = Reason::new(Kind::Need, "It asks to run without the sandbox");
        parts.iter_mut().for_each(|part| part.reasons.push(reason.clone()));
    }
    let only_reads = parts.iter().all(|part| part.reasons.is_empty());
    if stance.sandbox.is_present() {
        parts.iter_mut().for_each(|part| part.reasons.retain(|reason| reason.kind != Kind::Configured));
    }
    if let Some(rule) = parts.iter().find_map(|part| denied(rules, part)).or_else(|| denied_raw(rules, line, &parts)) {
        return forbidden(rule);
    }
    if scope == Scope::Full {
        return Verdict::Allow(Leave::anywhere(Confinement::Free));
    }
    let heard: Vec<Heard> = parts.iter().map(|part| hear(rules, part)).collect();
    let place = place_reason(rules, folder);
    let reads = heard.iter().all(|heard| heard.part.reasons.is_empty());
    let yes = leave(scope, stance.sandbox, folder.side);
    if scope.is_reading() {
        let reading = Reading { scope, sandbox: stance.sandbox, wanted };
        return reading.judge(&heard, reads, place, yes);
    }
    let wide = rules.law.holds_home();
    let sandboxed = scope == Scope::Auto && stance.sandbox.is_present() && !wide;
    let is_free = |reason: &Reason| sandboxed && (reason.kind.is_harmless_inside() || is_open(rules, stance.sandbox, &reason.kind));
    let worst = heard.iter().flat_map(|heard| &heard.left).filter(|reason| !is_free(reason)).max_by_key(|reason| &reason.kind);
    let mut why = worst.map(|reason| reason.why.clone()).or(place);
    if why.is_none() && heard.iter().any(|heard| heard.freedom == Freedom::Asked) {
        why = Some("A rule says to ask".to_owned());
    }
    // One line runs in one place: what only the sandbox makes harmless must not leave it with what a rule lets out.
    let leans = heard.iter().find(|heard| heard.left.iter().any(is_free));
    let leaves =
        heard.iter().any(|heard| heard.freedom == Freedom::Freed && heard.part.reasons.iter().any(|reason| reason.kind >= Kind::Need));
    if why.is_none() && leaves {
        why = leans.map(|heard| heard.left[0].why.clone());
    }
    match why {
        Some(why) => Verdict::Ask { why, learn: learn(&heard, folder), leave: yes },
        None => {
            let freed = heard.iter().any(|heard| heard.freedom == Freedom::Freed) && leans.is_none();
            // What does work in the folder may need all there is in it.
            let sight = if reads { Sight::Plain } else { Sight::All };
            let confinement = match (scope, stance.sandbox) {
                _ if freed => Confinement::Free,
                (_, Sandbox::Absent) => Confinement::Free,
                // What heeds settings may have to write: a cache, a lock.
                (Scope::Auto, _) if !wide && !only_reads => Confinement::Folder,
                _ => Confinement::ReadOnly,
            };
            let git = if keeps_history(&parts) { GitAccess::Writable } else { GitAccess::ReadOnly };
            Verdict::Allow(Leave { confinement, git, reach: reach(folder.side), sight })
        }
    }
}

/// Whether the sandbox gives what a reason is about, because a person opened it.
fn is_open(rules: &Rules, sandbox: Sandbox, kind: &Kind) -> bool {
    let covers = |grant: Grant| rules.law.grants.covers(&grant);
    match kind {
        Kind::Network(hosts) => {
            let is_open = |host: &String| AllowedHost::parse(host).is_some_and(|host| covers(Grant::Host(host)));
            sandbox.has_network() && !hosts.is_empty() && hosts.iter().all(is_open)
        }
        Kind::Beyond(Some(path)) | Kind::Escape(Some(path)) => covers(Grant::Folder(path.clone())),
        _ => false,
    }
}

/// Read-only and Plan.
struct Reading {
    scope: Scope,
    sandbox: Sandbox,
    wanted: Wanted,
}

impl Reading {
    fn judge(&self, heard: &[Heard], reads: bool, place: Option<String>, yes: Leave) -> Verdict {
        let plan = self.scope == Scope::Plan;
        let secret = |reason: &&Reason| matches!(reason.kind, Kind::Secret(_));
        if self.sandbox.is_present() && self.wanted == Wanted::Unconfined {
            return self.refuse("Nothing runs without the sandbox now");
        }
        // What would only write or load fails by itself where nothing can be written or loaded.
        let asks = |reason: &&Reason| matches!(reason.kind, Kind::Unclear | Kind::Secret(_) | Kind::Danger);
        let left: Vec<&Reason> = match self.sandbox {
            sandbox if sandbox.is_present() => heard.iter().flat_map(|heard| &heard.left).filter(asks).collect(),
            // Without a sandbox a rule cannot make anything harmless but the reading of a secret.
            _ => {
                let all = heard.iter().flat_map(|heard| &heard.part.reasons);
                all.filter(|reason| !secret(reason)).chain(heard.iter().flat_map(|heard| &heard.left).filter(secret)).collect()
            }
        };
        let worst = left.iter().max_by_key(|reason| &reason.kind);
        let refused = left.iter().filter(|reason| !secret(reason)).max_by_key(|reason| &reason.kind);
        let acts = |reason: &Reason| self.sandbox == Sandbox::Absent || reason.kind == Kind::Danger;
        if plan && let Some(reason) = refused.filter(|reason| acts(reason)) {
            return self.refuse(&reason.why);
        }
        let asked = heard.iter().any(|heard| heard.freedom == Freedom::Asked).then(|| "A rule says to ask".to_owned());
        match worst.map(|reason| reason.why.clone()).or(place).or(asked) {
            Some(why) => Verdict::Ask { why, learn: self.learn(heard), leave: yes },
            None if reads || self.sandbox.is_present() || left.is_empty() => {
                // A rule let it name one.
                let named = heard.iter().flat_map(|heard| &heard.part.reasons).any(|reason| secret(&reason));
                Verdict::Allow(Leave { sight: if named { Sight::All } else { Sight::Plain }, ..yes })
            }
            None => self.refuse("It is not known to only read"),
        }
    }

    fn learn(&self, heard: &[Heard]) -> Vec<Rule> {
        let mut rules: Vec<Rule> = Vec::new();
        for heard in heard.iter().filter(|heard| heard.left.iter().any(|reason| matches!(reason.kind, Kind::Secret(_)))) {
            push(&mut rules, whole(heard.part));
        }
        rules
    }

    fn refuse(&self, why: &str) -> Verdict {
        let why = match self.scope {
            Scope::Plan => format!(
                "{why}. Plan has no tools that change anything: only read, or say what you would do; the person switches to Build with tab"
            ),
            _ => format!(
                "{why}. The mode is read-only: only read, or say what you would do; the person can change the mode with `/approvals`"
            ),
        };
        Verdict::Deny { why }
    }
}

/// What a person's yes gives.
/// Where nothing can keep a command in, what is known to only read runs as it is.
fn leave(scope: Scope, sandbox: Sandbox, side: Side) -> Leave {
    match (scope, sandbox) {
        (Scope::Plan | Scope::ReadOnly, sandbox) if sandbox.is_present() => {
            Leave { reach: reach(side), ..Leave::anywhere(Confinement::ReadOnly) }
        }
        _ => Leave { reach: reach(side), ..Leave::anywhere(Confinement::Free) },
    }
}

/// Why a command may not run where it would: only a rule about that place takes this away.
fn place_reason(rules: &Rules, folder: &Target) -> Option<String> {
    if folder.side == Side::Inside {
        return None;
    }
    let path = folder.path.to_string_lossy();
    let inside = format!("{}/", path.trim_end_matches('/'));
    let allowed = rules.find_named(Subject::Outside, &[&path, &inside], &[]).is_some_and(|found| found.allows());
    (!allowed).then(|| format!("It runs outside of the folder: `{}`", folder.shown))
}

/// The rule that forbids a part: about it, about what it is wrapped in, about a file it reads or writes.
fn denied<'a>(rules: &Rules<'a>, part: &Part) -> Option<&'a Rule> {
    let denies = |found: Found<'a>| (found.ruling() == Ruling::Deny).then_some(found.rule);
    let shell = part.texts.iter().find_map(|text| {
        let also: Vec<&str> = text.also.iter().map(String::as_str).collect();
        rules.find_named(Subject::Shell, &[&text.quoted], &also).and_then(denies)
    });
    let named = |subject: Subject, name: &str| {
        let inside = rules.law.folder.join(name);
        let (bare, whole) = (name.trim_start_matches("./"), inside.to_string_lossy());
        let about = |rule: &Rule| rule.subject == subject && [bare, &*whole].iter().any(|name| glob::fits(&rule.pattern, name));
        rules.find(subject, about).and_then(denies)
    };
    let read = || part.mentions.iter().find_map(|name| named(Subject::Read, name));
    let written = || {
        part.reasons.iter().find_map(|reason| match &reason.kind {
            Kind::Write(path) => named(Subject::Edit, &path.to_string_lossy()),
            _ => None,
        })
    };
    shell.or_else(read).or_else(written)
}

/// Words of a piece that are looked at, of a line that was not understood.
const WORDS: usize = 64;

/// For a line that was not understood as a whole: what forbids is held against its pieces, cut wherever a command might begin.
fn denied_raw<'a>(rules: &Rules<'a>, line: &str, parts: &[Part]) -> Option<&'a Rule> {
    let is_clear = parts.iter().flat_map(|part| &part.reasons).all(|reason| reason.kind != Kind::Unclear);
    if is_clear && super::shell::parse(line).is_ok() || !rules.law.rules.iter().any(|rule| rule.ruling == Ruling::Deny) {
        return None;
    }
    // Any word may be a command's first: what stands before it may be the shell's own.
    let pieces = line.split(|c: char| ";|&(){}`\n".contains(c)).take(4096).flat_map(|piece| {
        let words: Vec<String> = piece.split_whitespace().take(WORDS).map(|word| word.replace(['\'', '"', '\\'], "")).collect();
        (0..words.len()).map(|first| words[first..].join(" ")).collect::<Vec<_>>()
    });
    pieces.chain([line.trim().to_owned()]).filter(|piece| !piece.is_empty()).find_map(|piece| {
        let found = rules.find_named(Subject::Shell, &[&piece], &[])?;
        (found.ruling() == Ruling::Deny).then_some(found.rule)
    })
}

fn hear<'a>(rules: &Rules, part: &'a Part) -> Heard<'a> {
    // The outermost text that a rule fits counts; what is inside of it may be freed on its own.
    let found: Vec<Found> = part
        .texts
        .iter()
        .filter_map(|text| {
            let also: Vec<&str> = text.also.iter().map(String::as_str).collect();
            rules.find_named(Subject::Shell, &[&text.quoted], &also)
        })
        .collect();
    let asked = found.last().is_some_and(|found| found.ruling() == Ruling::Ask)
        || found.iter().any(|found| found.ruling() == Ruling::Ask) && !found.iter().any(|found| found.allows());
    let allowing: Vec<&Found> = found.iter().filter(|found| found.allows() && !asked).collect();
    let left =
        part.reasons.iter().filter(|reason| !allowing.iter().any(|found| lifts(found, &reason.kind)) && !lifted(rules, &reason.kind));
    let freedom = match (asked, allowing.is_empty()) {
        (true, _) => Freedom::Asked,
        (false, true) => Freedom::None,
        (false, false) => Freedom::Freed,
    };
    Heard { part, left: left.cloned().collect(), freedom }
}

/// Whether a rule that allows takes a reason away.
fn lifts(found: &Found, kind: &Kind) -> bool {
    match kind {
        Kind::Configured | Kind::Other | Kind::Need | Kind::Network(_) => true,
        Kind::Beyond(_) | Kind::Care | Kind::Loss => found.given == Given::Settings || found.is_exact(),
        // A rule about a command says nothing of the files its output may go to.
        Kind::Write(_) => false,
        Kind::Setting | Kind::Danger => found.given == Given::Settings && found.is_exact(),
        Kind::Escape(_) | Kind::Unclear => false,
        Kind::Secret(name) => glob::stem(&found.rule.pattern).split([' ', '\'']).any(|word| word.contains(name.as_str())),
    }
}

/// Whether a rule about files takes a reason away.
fn lifted(rules: &Rules, kind: &Kind) -> bool {
    let Kind::Write(path) = kind else { return false };
    let allows = |rule: &Rule| rule.subject == Subject::Edit && glob::fits(&rule.pattern, &path.to_string_lossy());
    rules.find(Subject::Edit, allows).is_some_and(|found| found.allows())
}

/// One rule for each part that was not free, and what lets its output be written.
fn learn(heard: &[Heard], folder: &Target) -> Vec<Rule> {
    let mut rules = Vec::new();
    for heard in heard.iter().filter(|heard| !heard.left.is_empty()) {
        let grave = heard.left.iter().map(|reason| &reason.kind).max();
        if heard.left.iter().any(|reason| !matches!(reason.kind, Kind::Write(_))) {
            match (&heard.part.lesson, grave) {
                (_, Some(Kind::Care | Kind::Loss | Kind::Beyond(_) | Kind::Secret(_))) => push(&mut rules, whole(heard.part)),
                (Lesson::Prefix(text), _) => push(&mut rules, Some(allow(Subject::Shell, format!("{} *", glob::exactly(text))))),
                (Lesson::Exactly(text), _) => push(&mut rules, Some(allow(Subject::Shell, glob::exactly(text)))),
                (Lesson::Nothing, _) => {}
            }
        }
        for reason in &heard.left {
            if let Kind::Write(path) = &reason.kind {
                push(&mut rules, Some(allow(Subject::Edit, glob::exactly(&path.to_string_lossy()))));
            }
        }
    }
    if folder.side == Side::Outside {
        push(&mut rules, Some(allow(Subject::Outside, glob::exactly(&folder.path.to_string_lossy()))));
    }
    rules
}

/// A rule about a part to the letter, unless nothing may be learned of it.
fn whole(part: &Part) -> Option<Rule> {
    let text = part.texts.first().filter(|text| part.lesson != Lesson::Nothing && !text.quoted.contains(['$', '`']))?;
    Some(allow(Subject::Shell, glob::exactly(&text.quoted)))
}

fn allow(subject: Subject, pattern: String) -> Rule {
    Rule::new(subject, pattern, Ruling::Allow)
}

fn push(rules: &mut Vec<Rule>, rule: Option<Rule>) {
    rules.extend(rule.filter(|rule| !rules.contains(rule)));
}
