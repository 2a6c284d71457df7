//! The decision about files that are read or changed, and about addresses that are fetched.

use std::path::Path;

use url::Url;

use crate::base::is_secret;
use crate::protocol::{
    Confinement, Denial, DenialCause, Grant, HostLocation, Location, PathScope, Rule, RuleSubject,
    Ruling, SecretAccess, SessionMode, Target,
};

use super::decision::{Allowance, Decision, forbidden};
use super::rules::{MatchedRule, RuleSet};
use super::{glob, shell_path};

/// The reason to ask about an ordinary change.
const EVERY_CHANGE: &str = "The mode `ask` asks before every change";

pub fn look(rules: &RuleSet, session_mode: &SessionMode, targets: &[Target]) -> Decision {
    let (mut whys, mut learn) = (Vec::new(), Vec::new());
    for target in targets {
        let outside = is_outside(rules, target);
        let named = TargetNames::of(target);
        let read = named.rule(rules, RuleSubject::Read);
        let beyond = if outside { named.rule(rules, RuleSubject::Outside) } else { None };
        if let Some(found) =
            [read, beyond].into_iter().flatten().find(|found| found.ruling() == Ruling::Deny)
        {
            return forbidden(found.rule);
        }
        if is_secret(&target.path)
            && !read.is_some_and(|found| found.allows() && names(found.rule, &named))
        {
            whys.push(format!("`{}` may hold secrets", target.shown));
            learn.push(Rule::new(RuleSubject::Read, glob::exactly(named.best()), Ruling::Allow));
        } else if read.is_some_and(|found| found.ruling() == Ruling::Ask) {
            whys.push(format!("A rule says to ask (`{}`)", target.shown));
            learn.push(Rule::new(RuleSubject::Read, glob::exactly(named.best()), Ruling::Allow));
        }
        if outside && !beyond.is_some_and(|found| found.allows()) {
            whys.push(format!("It reads outside of the folder: `{}`", target.shown));
            let folder =
                target.path.parent().unwrap_or(&target.path).to_string_lossy().into_owned();
            let rule = Rule::new(
                RuleSubject::Outside,
                format!("{}/*", glob::exactly(folder.trim_end_matches('/'))),
                Ruling::Allow,
            );
            learn.extend((!learn.contains(&rule)).then_some(rule));
        }
    }
    // A person who lets a secret be looked at by its name shows all of it.
    let secret_access = if targets.iter().any(|target| is_secret(&target.path)) {
        SecretAccess::All
    } else {
        SecretAccess::Plain
    };
    let grant = Grant {
        paths: farthest(targets),
        secrets: secret_access,
        ..Grant::within(Confinement::ReadOnly)
    };
    if Allowance::of(session_mode) == Allowance::Full {
        return Decision::Allow(Grant::anywhere(Confinement::Free));
    }
    match whys.into_iter().next() {
        Some(why) => Decision::Ask { why, learn, grant },
        None => Decision::Allow(grant),
    }
}

pub fn change(rules: &RuleSet, session_mode: &SessionMode, targets: &[Target]) -> Decision {
    let scope = Allowance::of(session_mode);
    let found: Vec<_> = targets
        .iter()
        .map(|target| TargetNames::of(target).rule(rules, RuleSubject::Edit))
        .collect();
    if let Some(found) = found.iter().flatten().find(|found| found.ruling() == Ruling::Deny) {
        return forbidden(found.rule);
    }
    let beyond = targets
        .iter()
        .filter(|target| target.location == Location::Outside)
        .find_map(|target| TargetNames::of(target).rule(rules, RuleSubject::Outside));
    if let Some(found) = beyond.filter(|found| found.ruling() == Ruling::Deny) {
        return forbidden(found.rule);
    }
    match scope {
        Allowance::Full => return Decision::Allow(Grant::anywhere(Confinement::Free)),
        Allowance::Plan => {
            let why = "Plan changes nothing: say what you would change".to_owned();
            return Decision::Deny { why, denial: Denial::by(DenialCause::Plan) };
        }
        Allowance::ReadOnly => {
            let why = "The mode is read-only: say what you would change".to_owned();
            return Decision::Deny { why, denial: Denial::by(DenialCause::ReadOnly) };
        }
        Allowance::Ask | Allowance::Auto => {}
    }
    let (mut grave, mut mild) = (None, None);
    for (target, found) in targets.iter().zip(&found) {
        let shown = &target.shown;
        let allowed = found.filter(MatchedRule::allows);
        let asked = found.is_some_and(|found| found.ruling() == Ruling::Ask);
        if is_outside(rules, target) {
            grave.get_or_insert(format!("It writes outside of the folder: `{shown}`"));
        } else if let Some(later) = shell_path::later(&within(target)) {
            grave.get_or_insert(format!("{later}: `{shown}`"));
        } else if rules.policy.holds_home()
            && target.path.iter().any(|name| name.as_encoded_bytes().starts_with(b"."))
        {
            grave.get_or_insert(format!("It changes settings in your own folder: `{shown}`"));
        } else if is_secret(&target.path)
            && !allowed.is_some_and(|found| names(found.rule, &TargetNames::of(target)))
        {
            grave.get_or_insert(format!("`{shown}` may hold secrets"));
        } else if asked || allowed.is_none() && scope == Allowance::Ask {
            mild.get_or_insert(if asked {
                format!("A rule says to ask (`{shown}`)")
            } else {
                EVERY_CHANGE.to_owned()
            });
        }
    }
    let grant = Grant { paths: farthest(targets), ..Grant::within(Confinement::Folder) };
    match (grave, mild) {
        (Some(why), _) => Decision::Ask { why, learn: Vec::new(), grant },
        (None, Some(why)) => Decision::Ask {
            why,
            learn: vec![Rule::new(RuleSubject::Edit, "*", Ruling::Allow)],
            grant,
        },
        (None, None) => Decision::Allow(grant),
    }
}

pub fn fetch(
    rules: &RuleSet,
    session_mode: &SessionMode,
    url: &str,
    host: HostLocation,
) -> Decision {
    let parsed = Url::parse(url).ok();
    let whole = parsed.as_ref().map_or_else(|| url.to_owned(), plain);
    let found = rules.find(RuleSubject::WebFetch, |rule| {
        glob::fits(&rule.pattern, &whole)
            || rule.ruling != Ruling::Allow && glob::fits(&rule.pattern, url)
    });
    if let Some(found) = found.filter(|found| found.ruling() == Ruling::Deny) {
        return forbidden(found.rule);
    }
    if Allowance::of(session_mode) == Allowance::Full {
        return Decision::Allow(Grant::anywhere(Confinement::Free));
    }
    let grant = match host {
        HostLocation::Private => Grant::anywhere(Confinement::ReadOnly),
        HostLocation::Public => Grant::within(Confinement::ReadOnly),
    };
    let origin = parsed
        .as_ref()
        .filter(|url| url.has_host())
        .map(|url| format!("{}/", url.origin().ascii_serialization()));
    // A pattern that fits many addresses does not mean those of this machine.
    let means = |found: &MatchedRule| {
        host == HostLocation::Public
            || origin
                .as_ref()
                .is_some_and(|origin| glob::stem(&found.rule.pattern).starts_with(origin))
    };
    if found.is_some_and(|found| found.allows() && means(&found)) {
        return Decision::Allow(grant);
    }
    let name = parsed.as_ref().and_then(Url::host_str).unwrap_or(url);
    let why = match host {
        HostLocation::Private => format!("`{name}` is this machine or in a private network"),
        HostLocation::Public => format!("It loads a page from `{name}`"),
    };
    let rule = |origin: String| {
        Rule::new(RuleSubject::WebFetch, format!("{}*", glob::exactly(&origin)), Ruling::Allow)
    };
    Decision::Ask { why, learn: origin.map(rule).into_iter().collect(), grant }
}

/// Whether a target lies neither in the folder nor in one that was added to it.
fn is_outside(rules: &RuleSet, target: &Target) -> bool {
    let added = &rules.policy.added;
    target.location == Location::Outside
        && !added.iter().any(|folder| target.path.starts_with(folder))
}

/// The folder itself may lie anywhere; only what is in it counts.
fn within(target: &Target) -> String {
    if target.location == Location::Inside {
        target.shown.clone()
    } else {
        target.path.to_string_lossy().into_owned()
    }
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
struct TargetNames {
    shown: String,
    whole: String,
    side: Location,
}

impl TargetNames {
    fn of(target: &Target) -> Self {
        Self {
            shown: target.shown.clone(),
            whole: target.path.to_string_lossy().into_owned(),
            side: target.location,
        }
    }

    /// The one a rule is learned with.
    fn best(&self) -> &str {
        if self.side == Location::Inside { &self.shown } else { &self.whole }
    }

    fn rule<'a>(&self, rules: &RuleSet<'a>, subject: RuleSubject) -> Option<MatchedRule<'a>> {
        rules.find_named(subject, &[&self.shown, &self.whole], &[])
    }
}

/// Whether a rule names a file, rather than fitting it among others: no wildcard before its name.
fn names(rule: &Rule, named: &TargetNames) -> bool {
    let stem = glob::stem(&rule.pattern);
    let named_by = |path: &str| {
        let folder = Path::new(path).parent().map_or(0, |folder| folder.as_os_str().len());
        let begin = if folder == 0 || path[folder..].starts_with('/') && folder == 1 {
            folder
        } else {
            folder + 1
        };
        path.starts_with(&stem) && stem.len() > begin
    };
    let home = rule.pattern.starts_with("~/") && glob::is_exact(&rule.pattern);
    home || named_by(&named.shown) || named_by(&named.whole)
}

fn farthest(targets: &[Target]) -> PathScope {
    if targets.iter().any(|target| target.location == Location::Outside) {
        PathScope::Anywhere
    } else {
        PathScope::Folder
    }
}
