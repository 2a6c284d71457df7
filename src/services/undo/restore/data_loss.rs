//! Guards against data loss: a file that stood elsewhere before a turn may hold what no other file
//! holds. None is removed, and none is written over without a question, unless what it was comes
//! back otherwise. Changes nothing.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::protocol::{FileChange, NodeKind, ReviewedState, Stamp};

use super::planned_path::{PlannedPath, PlannedStep};
use crate::undo::scan::stat::born;

const ONLY_COPY: &str = "it may be the only copy of what it holds";

/// Refuses the steps that would lose one.
pub fn keep(planned: &mut [PlannedPath], recorded: &[FileChange]) {
    let mut stood: HashMap<[u64; 2], Vec<(&Path, Stamp)>> = HashMap::new();
    for change in recorded {
        if let Some(before) = &change.before
            && before.kind != NodeKind::Folder
            && let Some(stamp) = before.stamp
        {
            stood.entry(stamp.node()).or_default().push((&change.path, stamp));
        }
    }
    let back: HashMap<PathBuf, bool> =
        planned.iter().map(|step| (step.path.clone(), comes_back(step))).collect();
    let copied: HashSet<PathBuf> = planned.iter().filter_map(copied).collect();
    for step in planned.iter_mut().filter(|step| step.may_be_done()) {
        let Some(seen) = step.seen.filter(|_| step.takes_its_place()) else { continue };
        // A number that was given out again is another file's.
        let is_it = |then: &Stamp| born(&step.path).is_none_or(|born| born <= then.changed);
        let is_missed = stood.get(&seen.node()).is_some_and(|names| {
            names.iter().any(|(path, then)| {
                *path != step.path && back.get(*path).is_some_and(|back| !back) && is_it(then)
            })
        });
        let goes = step.operation == PlannedStep::Remove;
        if goes && (is_missed || copied.contains(&step.path)) {
            step.state = ReviewedState::Cannot(ONLY_COPY.into());
        } else if is_missed && step.state == ReviewedState::AsLeft {
            step.state = ReviewedState::PerhapsYours;
        }
    }
}

/// The path that a step copies from after the removals.
fn copied(step: &PlannedPath) -> Option<PathBuf> {
    match &step.operation {
        PlannedStep::CopyFrom(from) => Some(from.clone()),
        _ => None,
    }
}

/// Whether what a path was comes back, or was made by the turn.
fn comes_back(step: &PlannedPath) -> bool {
    match &step.operation {
        PlannedStep::CopyFrom(_) => step.state == ReviewedState::AsLeft,
        PlannedStep::Link(_, None) => false,
        PlannedStep::Nothing => step.state == ReviewedState::Already,
        PlannedStep::Remove => true,
        _ => step.may_be_done(),
    }
}

impl PlannedPath {
    /// Whether what stands there is not there afterwards.
    fn takes_its_place(&self) -> bool {
        let stays = self.to.as_ref().and_then(|to| to.stamp).map(|stamp| stamp.node());
        match self.operation {
            PlannedStep::Remove => true,
            PlannedStep::Rights | PlannedStep::Nothing => false,
            _ => self.seen.map(|seen| seen.node()) != stays,
        }
    }
}
