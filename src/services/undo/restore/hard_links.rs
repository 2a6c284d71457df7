//! Names of one file: those that were hard links of each other become so again, instead of files
//! that hold the same. Changes nothing.

use std::collections::HashMap;

use crate::protocol::{FileState, Stamp};

use super::planned_path::{PlannedPath, PlannedStep};
use crate::undo::scan::stat::{StatResult, look};

/// The key that names of one file share.
#[derive(PartialEq, Eq, Hash)]
struct TwinFile<'a> {
    node: [u64; 2],
    length: u64,
    modified: i64,
    digest: &'a str,
}

/// Links those that are to be one file to the first of them that is, or will be, what it was.
pub fn join(planned: &mut [PlannedPath]) {
    let mut groups: HashMap<TwinFile<'_>, Vec<usize>> = HashMap::new();
    for (at, step) in planned.iter().enumerate() {
        if let Some(file) = step.to.as_ref().and_then(TwinFile::of) {
            groups.entry(file).or_default().push(at);
        }
    }
    let mut links: Vec<(usize, usize)> = Vec::new();
    let mut rights: Vec<usize> = Vec::new();
    for group in groups.into_values().filter(|group| group.len() > 1) {
        if are_all_its_names(planned, &group) {
            rights.extend(group);
            continue;
        }
        let stays = |at: &&usize| is_itself(&planned[**at]);
        // A move keeps the very file; a write makes another one.
        let moves = |at: &&usize| {
            matches!(planned[**at].operation, PlannedStep::MoveFrom(_))
                && planned[**at].may_be_done()
        };
        let comes = |at: &&usize| {
            matches!(planned[**at].operation, PlannedStep::Write(_)) && planned[**at].may_be_done()
        };
        let leader = group.iter().find(stays).or_else(|| group.iter().find(moves));
        let Some(leader) = leader.or_else(|| group.iter().find(comes)).copied() else { continue };
        let others = group.into_iter().filter(|at| *at != leader && !is_itself(&planned[*at]));
        links.extend(others.map(|at| (at, leader)));
    }
    for at in rights {
        planned[at].operation = PlannedStep::Rights;
    }
    for (at, leader) in links {
        if let PlannedStep::Write(digest) = planned[at].operation {
            planned[at].operation = PlannedStep::Link(planned[leader].path.clone(), Some(digest));
        }
    }
}

/// Whether these are one file now, though another than it was, and all of its names: then its
/// rights can be changed.
fn are_all_its_names(planned: &[PlannedPath], group: &[usize]) -> bool {
    let is_apart = |at: &usize| matches!(&planned[*at].operation, PlannedStep::CopyFrom(from) if *from == planned[*at].path);
    let node = |at: &usize| planned[*at].seen.map(|seen| seen.node());
    let is_one = group.iter().all(|at| is_apart(at) && node(at) == node(&group[0]));
    is_one
        && matches!(look(&planned[group[0]].path), StatResult::There(stat) if stat.links == group.len() as u64)
}

/// Whether the very file stands at the name, whatever it holds now.
fn is_itself(step: &PlannedPath) -> bool {
    let to = step.to.as_ref().and_then(|to| to.stamp);
    step.seen.zip(to).is_some_and(|(seen, to)| seen.node() == to.node())
}

impl<'a> TwinFile<'a> {
    fn of(state: &'a FileState) -> Option<Self> {
        let Stamp { device, inode, length, modified, .. } = state.stamp?;
        let digest = state.digest()?;
        (inode != 0).then_some(Self { node: [device, inode], length, modified, digest })
    }
}
