//! What a person could open of the sandbox instead of letting a command out of it: single hosts, single folders. Opens nothing.

use crate::base::is_offerable;
use crate::protocol::{AllowedHost, Confinement, Deed, DeedKind, Grant, Leave, Rule, Stance, Wanted};

use super::command::{Kind, parts};
use super::{Law, Verdict, judge};

/// What is offered at once; a line that names more of them is better looked at as a whole.
const MOST: usize = 4;

/// What has to be opened for a command to run in the sandbox without a question, by what its line names and by hosts that it asked for in vain. Empty
/// where that would not do.
pub fn openings(law: &Law, learned: &[Rule], stance: &Stance, deed: &Deed, unreached: &[AllowedHost]) -> Vec<Grant> {
    let wishes = wishes(law, deed, unreached);
    let missing: Vec<Grant> = wishes.into_iter().filter(|grant| !law.grants.covers(grant)).collect();
    let mut open = law.clone();
    missing.iter().cloned().for_each(|grant| open.grants.add(grant));
    let is_enough = !missing.is_empty() && missing.len() <= MOST && kept_in(&open, learned, stance, deed).is_some();
    if is_enough { missing } else { Vec::new() }
}

/// The same command in the sandbox, also when it asked to be let out, and what it is allowed there with what is open now; `None` where it would have to be
/// asked about.
pub fn kept_in(law: &Law, learned: &[Rule], stance: &Stance, deed: &Deed) -> Option<(Deed, Leave)> {
    let DeedKind::Command { line, folder, .. } = deed.kind.clone() else { return None };
    let usual = Deed { kind: DeedKind::Command { line, folder, wanted: Wanted::AsUsual }, ..deed.clone() };
    match judge(law, learned, stance, &usual) {
        Verdict::Allow(leave) if leave.confinement == Confinement::Folder => Some((usual, leave)),
        _ => None,
    }
}

fn wishes(law: &Law, deed: &Deed, unreached: &[AllowedHost]) -> Vec<Grant> {
    let DeedKind::Command { line, folder, .. } = &deed.kind else { return Vec::new() };
    let mut all: Vec<Grant> = unreached.iter().cloned().map(Grant::Host).collect();
    for reason in parts(law, line, &folder.path).into_iter().flat_map(|part| part.reasons) {
        let found: Vec<Grant> = match reason.kind {
            Kind::Network(hosts) => hosts.iter().filter_map(|host| AllowedHost::parse(host)).map(Grant::Host).collect(),
            // What is written may not be there yet; the folder that it stands in has to be.
            Kind::Beyond(Some(path)) | Kind::Escape(Some(path)) => {
                let folder = path.parent().filter(|folder| is_offerable(folder, law.home.as_deref(), &law.closed));
                folder.map(|folder| Grant::Folder(folder.to_owned())).into_iter().collect()
            }
            _ => Vec::new(),
        };
        all.extend(found);
    }
    let mut once: Vec<Grant> = Vec::new();
    all.into_iter().for_each(|grant| {
        if !once.contains(&grant) {
            once.push(grant)
        }
    });
    once
}
