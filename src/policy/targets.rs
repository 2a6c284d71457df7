//! What becomes of a look, a change and a fetch. Does not know commands.

use std::path::Path;

use url::Url;

use crate::base::is_secret;
use crate::protocol::{Confinement, Host, Leave, Reach, Rule, Ruling, Side, Sight, Stance, Subject, Target};

use super::rules::{Found, Rules};
use super::{Scope, Verdict, forbidden, glob, place};

/// What a person is told of an ordinary change.
const EVERY_CHANGE: &str = "The mode `ask` asks before every change";

pub fn look(rules: &Rules, stance: &Stance, targets: &[Target]) -> Verdict {
    let (mut whys, mut learn) = (Vec::new(), Vec::new());
    for target in targets {
        let outside = target.side == Side::Outside;
        let named = Named::of(target);
        let read = named.rule(rules, Subject::Read);
        let beyond = if outside { named.rule(rules, Subject::Outside) } else { None };
        if let Some(found) = [read, beyond].into_iter().flatten().find(|found| found.ruling() == Ruling::Deny) {
            return forbidden(found.rule);
        }
        if is_secret(&target.path) && !read.is_some_and(|found| found.allows() && names(found.rule, &named)) {
            whys.push(format!("`{}` may hold secrets", target.shown));
            learn.push(Rule::new(Subject::Read, glob::exactly(named.best()), Ruling::Allow));
        } else if read.is_some_and(|found| found.ruling() == Ruling::Ask) {
            whys.push(format!("A rule says to ask (`{}`)", target.shown));
            learn.push(Rule::new(Subject::Read, glob::exactly(named.best()), Ruling::Allow));
        }
        if outside && !beyond.is_some_and(|found| found.allows()) {
            whys.push(format!("It reads outside of the folder: `{}`", target.shown));
            let folder = target.path.parent().unwrap_or(&target.path).to_string_lossy().into_owned();
            let rule = Rule::new(Subject::Outside, format!("{}/*", glob::exactly(folder.trim_end_matches('/'))), Ruling::Allow);
            learn.extend((!learn.contains(&rule)).then_some(rule));
        }
    }
    // Whoever may look at a secret by its name may look at all there is of it.
    let sight = if targets.iter().any(|target| is_secret(&target.path)) { Sight::All } else { Sight::Plain };
    let leave = Leave { reach: farthest(targets), sight, ..Leave::within(Confinement::ReadOnly) };
    if Scope::of(stance) == Scope::Full {
        return Verdict::Allow(Leave::anywhere(Confinement::Free));
    }
    match whys.into_iter().next() {
        Some(why) => Verdict::Ask { why, learn, leave },
        None => Verdict::Allow(leave),
    }
}

pub fn change(rules: &Rules, stance: &Stance, targets: &[Target]) -> Verdict {
    let scope = Scope::of(stance);
    let found: Vec<_> = targets.iter().map(|target| Named::of(target).rule(rules, Subject::Edit)).collect();
    if let Some(found) = found.iter().flatten().find(|found| found.ruling() == Ruling::Deny) {
        return forbidden(found.rule);
    }
    let beyond =
        targets.iter().filter(|target| target.side == Side::Outside).find_map(|target| Named::of(target).rule(rules, Subject::Outside));
    if let Some(found) = beyond.filter(|found| found.ruling() == Ruling::Deny) {
        return forbidden(found.rule);
    }
    match scope {
        Scope::Full => return Verdict::Allow(Leave::anywhere(Confinement::Free)),
        Scope::Plan => {
            let why = "Plan has no tools that change anything: say what you would change; the person switches to Build with tab";
            return Verdict::Deny { why: why.to_owned() };
        }
        Scope::ReadOnly => {
            let why = "The mode is read-only: say what you would change; the person can change the mode with `/approvals`";
            return Verdict::Deny { why: why.to_owned() };
        }
        Scope::Ask | Scope::Auto => {}
    }
    let (mut grave, mut mild) = (None, None);
    for (target, found) in targets.iter().zip(&found) {
        let shown = &target.shown;
        let allowed = found.filter(Found::allows);
        let asked = found.is_some_and(|found| found.ruling() == Ruling::Ask);
        if target.side == Side::Outside {
            grave.get_or_insert(format!("It writes outside of the folder: `{shown}`"));
        } else if let Some(later) = place::later(&within(target)) {
            grave.get_or_insert(format!("{later}: `{shown}`"));
        } else if rules.law.holds_home() && target.path.iter().any(|name| name.as_encoded_bytes().starts_with(b".")) {
            grave.get_or_insert(format!("It changes settings in your own folder: `{shown}`"));
        } else if is_secret(&target.path) && !allowed.is_some_and(|found| names(found.rule, &Named::of(target))) {
            grave.get_or_insert(format!("`{shown}` may hold secrets"));
        } else if asked || allowed.is_none() && scope == Scope::Ask {
            mild.get_or_insert(if asked { format!("A rule says to ask (`{shown}`)") } else { EVERY_CHANGE.to_owned() });
        }
    }
    let leave = Leave { reach: farthest(targets), ..Leave::within(Confinement::Folder) };
    match (grave, mild) {
        (Some(why), _) => Verdict::Ask { why, learn: Vec::new(), leave },
        (None, Some(why)) => Verdict::Ask { why, learn: vec![Rule::new(Subject::Edit, "*", Ruling::Allow)], leave },
        (None, None) => Verdict::Allow(leave),
    }
}

pub fn fetch(rules: &Rules, stance: &Stance, url: &str, host: Host) -> Verdict {
    let parsed = Url::parse(url).ok();
    let whole = parsed.as_ref().map_or_else(|| url.to_owned(), plain);
    let found = rules.find(Subject::WebFetch, |rule| {
        glob::fits(&rule.pattern, &whole) || rule.ruling != Ruling::Allow && glob::fits(&rule.pattern, url)
    });
    if let Some(found) = found.filter(|found| found.ruling() == Ruling::Deny) {
        return forbidden(found.rule);
    }
    if Scope::of(stance) == Scope::Full {
        return Verdict::Allow(Leave::anywhere(Confinement::Free));
    }
    let leave = match host {
        Host::Private => Leave::anywhere(Confinement::ReadOnly),
        Host::Public => Leave::within(Confinement::ReadOnly),
    };
    let origin = parsed.as_ref().filter(|url| url.has_host()).map(|url| format!("{}/", url.origin().ascii_serialization()));
    // A pattern that fits many addresses does not mean those of this machine.
    let means =
        |found: &Found| host == Host::Public || origin.as_ref().is_some_and(|origin| glob::stem(&found.rule.pattern).starts_with(origin));
    if found.is_some_and(|found| found.allows() && means(&found)) {
        return Verdict::Allow(leave);
    }
    let name = parsed.as_ref().and_then(Url::host_str).unwrap_or(url);
    let why = match host {
        Host::Private => format!("`{name}` is this machine or in a private network"),
        Host::Public => format!("It loads a page from `{name}`"),
    };
    let rule = |origin: String| Rule::new(Subject::WebFetch, format!("{}*", glob::exactly(&origin)), Ruling::Allow);
    Verdict::Ask { why, learn: origin.map(rule).into_iter().collect(), leave }
}

/// The folder itself may lie anywhere; only what is in it counts.
fn within(target: &Target) -> String {
    if target.side == Side::Inside { target.shown.clone() } else { target.path.to_string_lossy().into_owned() }
}

/// An address without a name and password in it.
fn plain(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only where there is no host, and then there is nothing to take away.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// The names of a file that rules may use.
struct Named {
    shown: String,
    whole: String,
    side: Side,
}

impl Named {
    fn of(target: &Target) -> Self {
        Self { shown: target.shown.clone(), whole: target.path.to_string_lossy().into_owned(), side: target.side }
    }

    /// The one a rule is learned with.
    fn best(&self) -> &str {
        if self.side == Side::Inside { &self.shown } else { &self.whole }
    }

    fn rule<'a>(&self, rules: &Rules<'a>, subject: Subject) -> Option<Found<'a>> {
        rules.find_named(subject, &[&self.shown, &self.whole], &[])
    }
}

/// Whether a rule names a file, rather than fitting it among others: no wildcard before its name.
fn names(rule: &Rule, named: &Named) -> bool {
    let stem = glob::stem(&rule.pattern);
    let named_by = |path: &str| {
        let folder = Path::new(path).parent().map_or(0, |folder| folder.as_os_str().len());
        let begin = if folder == 0 || path[folder..].starts_with('/') && folder == 1 { folder } else { folder + 1 };
        path.starts_with(&stem) && stem.len() > begin
    };
    let home = rule.pattern.starts_with("~/") && glob::is_exact(&rule.pattern);
    home || named_by(&named.shown) || named_by(&named.whole)
}

fn farthest(targets: &[Target]) -> Reach {
    if targets.iter().any(|target| target.side == Side::Outside) { Reach::Anywhere } else { Reach::Folder }
}
