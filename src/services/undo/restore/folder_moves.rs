//! Moves of whole folders: where all that is in a folder goes back to where that folder was, the
//! folder itself goes back, with what nobody lists (a repository's objects). Changes nothing.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::protocol::{FileState, NodeKind, ReviewedState};

use super::planned_path::{Passenger, PlannedPath, PlannedStep};
use super::present_state::stands;
use crate::undo::scan::stat::{StatResult, look};
use crate::undo::scan::walk::SnapshotRoots;

/// Replaces the steps of each folder that can go back as a whole by one.
pub fn join(scope: &SnapshotRoots, mut planned: Vec<PlannedPath>) -> Vec<PlannedPath> {
    let mut moves: Vec<(usize, usize)> = moved_folders(&planned);
    // The outermost first.
    moves.sort_by_key(|(gone, _)| planned[*gone].path.as_os_str().len());
    let mut absorbed: HashSet<usize> = HashSet::new();
    let joined: Vec<Joined> = {
        let sources: HashMap<&Path, usize> =
            planned.iter().enumerate().filter_map(|(at, step)| Some((source(step)?, at))).collect();
        let folders: HashMap<&Path, [usize; 2]> = moves
            .iter()
            .map(|(gone, back)| (planned[*gone].path.as_path(), [*gone, *back]))
            .collect();
        let look = Look { scope, planned: &planned, sources, folders };
        let joined = moves.iter().filter_map(|(gone, back)| {
            if absorbed.contains(gone) {
                return None;
            }
            let joined = look.join(*gone, *back)?;
            absorbed.extend(&joined.absorbed);
            Some(joined)
        });
        joined.collect()
    };
    for Joined { back, operation, state, passengers, .. } in joined {
        let step = &mut planned[back];
        (step.operation, step.state, step.passengers) = (operation, state, passengers);
    }
    let mut at = 0;
    planned.retain(|_| {
        at += 1;
        !absorbed.contains(&(at - 1))
    });
    planned
}

/// Folders that would go, each with the one that it was: by device and inode, nothing standing
/// where it was.
fn moved_folders(planned: &[PlannedPath]) -> Vec<(usize, usize)> {
    let is_folder = |state: &Option<FileState>| {
        state.as_ref().is_some_and(|state| state.kind == NodeKind::Folder)
    };
    let comes = |step: &PlannedPath| {
        (step.seen.is_none() && is_folder(&step.to)).then(|| step.to.as_ref()?.stamp).flatten()
    };
    let back: HashMap<[u64; 2], usize> = planned
        .iter()
        .enumerate()
        .filter_map(|(at, step)| Some((comes(step)?.node(), at)))
        .collect();
    let goes = |step: &PlannedPath| {
        (step.operation == PlannedStep::Remove
            && is_folder(&step.from)
            && step.state != ReviewedState::ChangedSince)
            .then_some(step.seen)
            .flatten()
    };
    let gone = planned
        .iter()
        .enumerate()
        .filter_map(|(at, step)| Some((at, *back.get(&goes(step)?.node())?)));
    gone.filter(|(gone, back)| {
        planned[*back].state != ReviewedState::ChangedSince
            && is_same_disk(&planned[*gone].path, &planned[*back].path)
    })
    .collect()
}

/// Between disks there are only copies, of one file each.
fn is_same_disk(folder: &Path, other: &Path) -> bool {
    let disk = |path: &Path| match look(path) {
        StatResult::There(stat) => Some(stat.stamp.device),
        StatResult::Nothing | StatResult::Hidden => None,
    };
    disk(folder) == other.ancestors().find_map(disk)
}

fn source(step: &PlannedPath) -> Option<&Path> {
    match &step.operation {
        PlannedStep::MoveFrom(from) if step.may_be_done() => Some(from),
        _ => None,
    }
}

struct Look<'a> {
    scope: &'a SnapshotRoots,
    planned: &'a [PlannedPath],
    /// Steps that move a file, by where it is.
    sources: HashMap<&'a Path, usize>,
    /// Steps that remove a folder and make it where it was, by where it is now.
    folders: HashMap<&'a Path, [usize; 2]>,
}

/// One step for a whole folder.
struct Joined {
    back: usize,
    operation: PlannedStep,
    state: ReviewedState,
    passengers: Vec<Passenger>,
    /// Steps that it takes the place of.
    absorbed: Vec<usize>,
}

impl Look<'_> {
    /// `None` where something else stands in the folder. An empty one may be another: numbers of
    /// folders are given out again.
    fn join(&self, gone: usize, back: usize) -> Option<Joined> {
        let from = &self.planned[gone].path;
        let steps =
            self.all_in(from, &self.planned[back].path).filter(|steps| !steps.is_empty())?;
        let folders = steps
            .iter()
            .filter_map(|(from, _)| self.folders.get(from.as_path()))
            .map(|[gone, _]| *gone);
        let absorbed: Vec<usize> =
            steps.iter().map(|(_, at)| *at).chain(folders).chain([gone]).collect();
        let any =
            |state: &ReviewedState| absorbed.iter().any(|at| self.planned[*at].state == *state);
        Some(Joined {
            back,
            operation: PlannedStep::MoveFrom(from.clone()),
            state: [ReviewedState::ChangedSince, ReviewedState::PerhapsYours]
                .into_iter()
                .find(any)
                .unwrap_or(ReviewedState::AsLeft),
            passengers: steps.iter().map(|(from, at)| self.passenger(from, *at)).collect(),
            absorbed,
        })
    }

    /// The steps that bring back all that stands in a folder, each with where that is now; `None`
    /// where something else stands in it.
    fn all_in(&self, folder: &Path, was: &Path) -> Option<Vec<(PathBuf, usize)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).ok()? {
            let from = entry.ok()?.path();
            let back = was.join(from.file_name()?);
            let leads_there = |at: &&usize| self.planned[**at].path == back;
            if let Some(at) = self.sources.get(from.as_path()).filter(leads_there) {
                found.push((from, *at));
            } else if let Some(at) =
                self.folders.get(from.as_path()).map(|[_, back]| back).filter(leads_there)
            {
                found.extend(self.all_in(&from, &back)?);
                found.push((from, *at));
            } else if !self.scope.is_left_out(&from) {
                return None;
            }
        }
        Some(found)
    }

    fn passenger(&self, from: &Path, at: usize) -> Passenger {
        let to = self.planned[at].to.clone();
        Passenger {
            from: from.to_owned(),
            was: stands(from, to.as_ref()),
            path: self.planned[at].path.clone(),
            to,
        }
    }
}
