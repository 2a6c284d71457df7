//! Repositories that a turn made, or worked in since: all that would be done in one is one step,
//! which is done whole or not at all. Changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::protocol::{FileState, NodeKind, ReviewedState};

use super::planned_path::{NOT_EMPTY, PlannedPath, PlannedStep, UNSEEN};
use crate::undo::scan::stat::{StatResult, look};
use crate::undo::scan::walk::SnapshotRoots;

pub const CHANGED: &str = "something in it changed since";

/// Replaces the steps in each repository that goes, or whose names are all listed, by one.
pub fn join(scope: &SnapshotRoots, planned: Vec<PlannedPath>) -> Vec<PlannedPath> {
    let crossed = crossed(&planned);
    let (mut others, mut inside) = (Vec::new(), BTreeMap::<PathBuf, Vec<PlannedPath>>::new());
    for step in planned {
        match git_folder(&step.path).filter(|git| !crossed.iter().any(|path| path == git)) {
            Some(git) => inside.entry(git.to_owned()).or_default().push(step),
            None => others.push(step),
        }
    }
    for (git, steps) in inside {
        // One that came from somewhere unknown is not touched in parts either.
        let goes = |step: &PlannedPath| {
            step.path == git
                && was_folder(&step.from)
                && step.to.as_ref().is_none_or(|to| to.kind == NodeKind::Unknown)
        };
        if steps.iter().any(|step| goes(step) || scope.is_of_no_use(&step.path)) {
            others.push(whole(git, steps));
        } else {
            others.extend(steps);
        }
    }
    others.sort_by(|one, other| one.path.cmp(&other.path));
    others
}

/// The outermost git folder that a path is or lies in.
fn git_folder(path: &Path) -> Option<&Path> {
    path.ancestors().filter(|above| above.ends_with(".git")).last()
}

/// Git folders that files come from, or into which they come from elsewhere.
fn crossed(planned: &[PlannedPath]) -> Vec<PathBuf> {
    let moves = planned.iter().filter_map(|step| match &step.operation {
        PlannedStep::MoveFrom(from) => Some([git_folder(from), git_folder(&step.path)]),
        _ => None,
    });
    let crossing = moves.filter(|[from, to]| from != to);
    crossing.flatten().flatten().map(Path::to_owned).collect()
}

fn was_folder(state: &Option<FileState>) -> bool {
    state.as_ref().is_some_and(|state| state.kind == NodeKind::Folder)
}

fn whole(git: PathBuf, parts: Vec<PlannedPath>) -> PlannedPath {
    let own = parts.iter().find(|step| step.path == git);
    let now = match look(&git) {
        StatResult::There(stat) => Some(stat.stamp),
        StatResult::Nothing | StatResult::Hidden => None,
    };
    let folder =
        FileState { kind: NodeKind::Folder, mode: 0, owner: None, stamp: now, attributes: None };
    let (from, to) = own.map_or_else(
        || (Some(folder.clone()), Some(folder.clone())),
        |own| (own.from.clone(), own.to.clone()),
    );
    PlannedPath {
        state: state(&git, &parts, to.is_none()),
        seen: now,
        from,
        to,
        operation: own.map_or(PlannedStep::Nothing, |own| own.operation.clone()),
        passengers: Vec::new(),
        path: git,
        parts,
    }
}

fn state(git: &Path, parts: &[PlannedPath], goes: bool) -> ReviewedState {
    let any = |state: &ReviewedState| parts.iter().any(|part| part.state == *state);
    if parts.iter().all(|part| part.state == ReviewedState::Already) {
        return ReviewedState::Already;
    }
    let cannot = parts.iter().find_map(|part| match &part.state {
        ReviewedState::Cannot(why) if why != NOT_EMPTY => Some(why.clone()),
        _ => None,
    });
    if let Some(why) = cannot {
        return ReviewedState::Cannot(why);
    }
    let is_listed = parts.iter().any(|part| part.path == git.join("objects"));
    if goes && !is_listed && !holds_only(git, parts) {
        return ReviewedState::Cannot(UNSEEN.into());
    }
    let index = git.join("index");
    let is_changed =
        |part: &PlannedPath| part.state == ReviewedState::ChangedSince && part.path != index;
    if parts.iter().any(is_changed) || goes && !holds_only(git, parts) {
        return ReviewedState::Cannot(CHANGED.into());
    }
    // A mere `git status` writes the index anew, and of what went nothing would be lost. Yet
    // somebody was at it.
    if any(&ReviewedState::ChangedSince) || goes && any(&ReviewedState::Already) {
        return ReviewedState::ChangedSince;
    }
    if any(&ReviewedState::PerhapsYours) {
        ReviewedState::PerhapsYours
    } else {
        ReviewedState::AsLeft
    }
}

/// Whether nothing else stands in a folder than these.
fn holds_only(folder: &Path, parts: &[PlannedPath]) -> bool {
    let known: std::collections::HashSet<&Path> =
        parts.iter().map(|part| part.path.as_path()).collect();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { return false };
        for entry in entries {
            let Ok(entry) = entry else { return false };
            let path = entry.path();
            if !known.contains(path.as_path()) {
                return false;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            }
        }
    }
    true
}
