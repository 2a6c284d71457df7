//! The plan of an undo: for each path what would have to be done, and whether it may. Changes
//! nothing.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::protocol::{
    Author, FileChange, FileState, NodeKind, ReviewedState, Stamp, UndoAction, UndoStep,
};

use super::data_loss;
use super::folder_moves;
use super::hard_links;
use super::net_changes::{NetChange, move_source, move_sources, net_changes};
use super::planned_path::{NOT_EMPTY, PlannedPath, PlannedStep, UNSEEN};
use super::present_state::{PresentState, READABLE, StateMatch};
use super::whole_repositories;
use crate::undo::scan::stat::{FileStat, StatKind, StatResult};
use crate::undo::scan::walk::SnapshotRoots;
use crate::undo::store::blobs::{Blobs, Digest};
use crate::undo::store::references::References;

/// Where things are, and what is kept of them.
pub struct PlanContext<'a> {
    pub scope: &'a SnapshotRoots,
    pub blobs: &'a Blobs,
    /// All names that a file has now, by device and inode.
    pub names: &'a dyn Fn(&Stamp) -> Vec<PathBuf>,
}

pub const NO_COPY: &str = "no copy of what it held was kept";
const HIDDEN: &str = "it cannot be looked at";
const TOO_LARGE: &str = "it is too large to keep a copy of, so it is not removed";
pub const SPECIAL: &str = "pipes, sockets and devices cannot be made again";
pub const OUTSIDE: &str = "it lies outside of the folder, and no copy was kept";
const GITS_OWN: &str = "git keeps more in it than undo does";
pub const NO_COMMITS: &str = "git does not have its commits any more";

/// One for each path that would change, or cannot; paths that a move takes away are told with where
/// it leads.
pub fn plan(context: &PlanContext<'_>, recorded: &[FileChange]) -> Vec<PlannedPath> {
    let net_changes = net_changes(recorded);
    let looked: Vec<(NetChange<'_>, PresentState<'_>)> =
        net_changes.into_iter().map(|net| (net, PresentState::at(net.path))).collect();
    let move_sources = move_sources(&looked);
    let mut taken: HashSet<&Path> = HashSet::new();
    let goes: HashSet<&Path> =
        looked.iter().filter(|(net, _)| net.to.is_none()).map(|(net, _)| net.path).collect();
    let changes: HashSet<&Path> = looked.iter().map(|(net, _)| net.path).collect();
    let coming =
        looked.iter().filter(|(net, now)| net.to.is_some() && now.found == StatResult::Nothing);
    let mut references = References::new(coming.map(|(net, _)| net.path));
    let mut planned: Vec<(&Path, PlannedPath)> = Vec::with_capacity(looked.len());
    for (net, now) in &looked {
        let source = net.to.and_then(|to| move_source(&move_sources, to, now, &taken));
        let (operation, refused) = operation(
            context,
            net,
            now,
            source.map(|(net, _)| net.path),
            (&goes, &changes),
            &mut references,
        );
        let mut state = reviewed_state(net, now, refused, operation == PlannedStep::Nothing);
        if let (PlannedStep::MoveFrom(from), Some((other, _))) = (&operation, source) {
            taken.insert(other.path);
            state = moved_state(state, source);
            debug_assert_eq!(from, other.path);
        }
        let step = PlannedPath {
            path: net.path.to_owned(),
            seen: now.stamp(),
            from: net.from.cloned(),
            to: net.to.cloned(),
            operation,
            state,
            passengers: Vec::new(),
            parts: Vec::new(),
        };
        planned.push((net.path, step));
    }
    let mut planned: Vec<PlannedPath> = planned
        .into_iter()
        .filter(|(path, _)| !taken.contains(path))
        .map(|(_, step)| step)
        .collect();
    data_loss::keep(&mut planned, recorded);
    hard_links::join(&mut planned);
    let planned = folder_moves::join(context.scope, planned);
    let mut planned = whole_repositories::join(context.scope, planned);
    keep_parents(&mut planned);
    planned
}

/// A file that moves back may have got other rights meanwhile; it gets its old ones back.
fn moved_state(
    state: ReviewedState,
    source: Option<&(NetChange<'_>, PresentState<'_>)>,
) -> ReviewedState {
    match (state, source) {
        (ReviewedState::AsLeft | ReviewedState::PerhapsYours, Some((net, now)))
            if now.compare(net.from) != StateMatch::Same =>
        {
            ReviewedState::ChangedSince
        }
        (ReviewedState::AsLeft, Some((net, _))) if net.author == Author::Unknown => {
            ReviewedState::PerhapsYours
        }
        (state, _) => state,
    }
}

/// A folder cannot go while something in it stays.
fn keep_parents(planned: &mut [PlannedPath]) {
    let stays = |step: &&PlannedPath| {
        step.operation == PlannedStep::Remove && matches!(step.state, ReviewedState::Cannot(_))
    };
    let parents: HashSet<PathBuf> = planned
        .iter()
        .filter(stays)
        .flat_map(|step| step.path.ancestors().skip(1))
        .map(Path::to_path_buf)
        .collect();
    for step in planned.iter_mut().filter(|step| parents.contains(&step.path)) {
        if step.operation == PlannedStep::Remove && step.may_be_done() {
            step.state = ReviewedState::Cannot(NOT_EMPTY.into());
        }
    }
}

/// How it would be done, and why it cannot.
fn operation(
    context: &PlanContext<'_>,
    net: &NetChange<'_>,
    now: &PresentState<'_>,
    source: Option<&Path>,
    (goes, changes): (&HashSet<&Path>, &HashSet<&Path>),
    references: &mut References,
) -> (PlannedStep, Option<&'static str>) {
    let Some(to) = net.to else {
        return match now.stat() {
            None => (PlannedStep::Nothing, None),
            Some(stat)
                if stat.kind == StatKind::Folder
                    && context.scope.is_by_name(net.path)
                    && !is_empty(net.path) =>
            {
                (PlannedStep::Remove, Some(GITS_OWN))
            }
            Some(stat) if stat.kind == StatKind::Folder && holds_others(net.path, goes) => {
                (PlannedStep::Remove, Some(NOT_EMPTY))
            }
            Some(stat) if stat.kind == StatKind::File && stat.stamp.length > READABLE => {
                (PlannedStep::Remove, Some(TOO_LARGE))
            }
            Some(_) => (PlannedStep::Remove, None),
        };
    };
    if to.kind == NodeKind::Unknown {
        return (
            PlannedStep::Nothing,
            Some(if net.path.starts_with(&context.scope.folder) { UNSEEN } else { OUTSIDE }),
        );
    }
    if let Some(source) = source {
        return (PlannedStep::MoveFrom(source.to_owned()), None);
    }
    match now.compare(Some(to)) {
        StateMatch::Same => return (PlannedStep::Nothing, None),
        StateMatch::Rights if !is_shared_with_others(now, to) => {
            return (PlannedStep::Rights, None);
        }
        StateMatch::Rights if matches!(to.kind, NodeKind::File { .. }) => {
            return (PlannedStep::CopyFrom(net.path.to_owned()), None);
        }
        StateMatch::Rights if matches!(to.kind, NodeKind::Link { .. }) => {
            return (PlannedStep::Make, None);
        }
        StateMatch::Rights => return (PlannedStep::Rights, None),
        StateMatch::Other => {}
    }
    match &to.kind {
        NodeKind::File { digest, .. } => {
            // A file that was emptied, or was empty, needs no copy.
            let length = to.stamp.map(|stamp| stamp.length);
            let held = match Digest::parse(digest) {
                // A redo keeps no second copy of a file that it found in place; the earlier copy
                // serves.
                Some(digest) if context.blobs.has(digest, length) => Some(digest),
                _ if length == Some(0) => Some(Digest::of(b"")),
                _ => None,
            };
            let is_free = |stamp: &Stamp| match now.stat() {
                Some(stat) => !stat.is_same_node(stamp),
                None => now.found == StatResult::Nothing,
            };
            let holds_it = |name: &PathBuf| {
                let there = PresentState::at(name);
                let is_same =
                    |stat: &FileStat| is_untouched(stat, to) || there.has_content(stat, to);
                there.stat().is_some_and(|stat| {
                    to.stamp.is_some_and(|stamp| stat.is_same_node(&stamp)) && is_same(stat)
                })
            };
            let names =
                to.stamp.filter(is_free).map(|stamp| (context.names)(&stamp)).unwrap_or_default();
            let (others, partners): (Vec<_>, Vec<_>) =
                names.into_iter().partition(|name| changes.contains(name.as_path()));
            let operation = match (partners.into_iter().find(holds_it), held) {
                (Some(name), held) => PlannedStep::Link(name, held),
                (None, Some(digest)) => PlannedStep::Write(digest),
                (None, None) => match others.into_iter().find(holds_it) {
                    Some(name) => PlannedStep::CopyFrom(name),
                    None => return (PlannedStep::Nothing, Some(NO_COPY)),
                },
            };
            let refused = (!is_pointer(net.path, to)
                && !references.are_there(net.path, context.blobs, held))
            .then_some(NO_COMMITS);
            (operation, refused)
        }
        NodeKind::Folder if context.scope.is_by_name(net.path) => {
            (PlannedStep::Nothing, Some(GITS_OWN))
        }
        NodeKind::Folder | NodeKind::Link { .. } => {
            let refused =
                !is_pointer(net.path, to) && !references.are_there(net.path, context.blobs, None);
            (PlannedStep::Make, refused.then_some(NO_COMMITS))
        }
        NodeKind::Special | NodeKind::Unknown => (PlannedStep::Nothing, Some(SPECIAL)),
    }
}

/// A file or link in the place of a git folder only says where that is.
fn is_pointer(path: &Path, to: &FileState) -> bool {
    to.kind != NodeKind::Folder && path.file_name().is_some_and(|name| name == ".git")
}

/// Whether what stands there is the second name of another file, or of another link: its rights are
/// that one's too.
fn is_shared_with_others(now: &PresentState<'_>, to: &FileState) -> bool {
    now.stat().is_some_and(|stat| {
        stat.links > 1
            && matches!(stat.kind, StatKind::File | StatKind::Link)
            && !to.stamp.is_some_and(|stamp| stat.is_same_node(&stamp))
    })
}

fn is_untouched(stat: &FileStat, to: &FileState) -> bool {
    to.stamp.is_some_and(|stamp| {
        (stat.stamp.length, stat.stamp.modified) == (stamp.length, stamp.modified)
    })
}

fn reviewed_state(
    net: &NetChange<'_>,
    now: &PresentState<'_>,
    refused: Option<&'static str>,
    nothing: bool,
) -> ReviewedState {
    match refused {
        _ if now.found == StatResult::Hidden => ReviewedState::Cannot(HIDDEN.into()),
        Some(why) => ReviewedState::Cannot(why.into()),
        None if nothing => ReviewedState::Already,
        None if net.broken || now.compare(net.from) != StateMatch::Same => {
            ReviewedState::ChangedSince
        }
        None if net.author == Author::Unknown => ReviewedState::PerhapsYours,
        None => ReviewedState::AsLeft,
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// Whether something would be left of a folder once these are gone.
fn holds_others(folder: &Path, goes: &HashSet<&Path>) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return true };
    entries
        .into_iter()
        .any(|entry| entry.map_or(true, |entry| !goes.contains(entry.path().as_path())))
}

impl PlannedPath {
    pub fn may_be_done(&self) -> bool {
        !matches!(self.state, ReviewedState::Already | ReviewedState::Cannot(_))
    }

    /// Only what stood there when it was reviewed is written over.
    pub fn reviewed(self, seen: Option<Stamp>) -> Self {
        Self { seen, ..self }
    }

    /// For a person.
    pub fn step(&self, folder: &Path) -> UndoStep {
        let action = match (&self.operation, &self.to) {
            (PlannedStep::MoveFrom(from), _) => UndoAction::MoveFrom(shown(folder, from)),
            (_, None) => UndoAction::Remove,
            (_, Some(_)) if self.from.is_none() => UndoAction::Create,
            (_, Some(_)) => UndoAction::Restore,
        };
        UndoStep {
            path: self.path.clone(),
            shown: shown(folder, &self.path),
            action,
            state: self.state.clone(),
            seen: self.seen,
        }
    }
}

/// For people: relative to the folder where it lies inside, with `/` between names.
pub fn shown(folder: &Path, path: &Path) -> String {
    match path.strip_prefix(folder) {
        Ok(inside) => {
            inside.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/")
        }
        Err(_outside) => path.display().to_string(),
    }
}
