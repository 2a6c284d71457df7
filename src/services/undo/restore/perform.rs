//! Doing an undo, one path at a time: each is looked at again at the moment it is written, and what
//! cannot be done stays as it is and is named.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::base::cause;
use crate::protocol::{FileState, NodeKind, Stamp};

use super::planned_path::Passenger;
use super::planned_path::{NOT_EMPTY, PlannedStep};
use super::prepare::{OVERTAKEN, Prepared, PreparedPath, Undone};
use super::present_state::{PresentState, StateMatch, stands};
use super::rights;
use crate::undo::path_handle::sync;
use crate::undo::path_handle::{Draft, PathHandle, SeenFile};
use crate::undo::scan::stat::{StatKind, StatResult, look};
use crate::undo::store::blobs::{Blobs, Digest};

const NOT_COPIED: &str = "what it holds could not be brought to where it came from";

/// In an order in which nothing is in the way of anything else: what goes makes room for what
/// comes, and folders come first and go last.
pub fn perform(blobs: &Blobs, Prepared { mut steps, kept }: Prepared) -> Undone {
    let mut work =
        UndoWork { blobs, undone: Undone { done: Vec::new(), kept }, touched: HashMap::new() };
    steps.sort_by(|one, other| one.path.cmp(&other.path));
    for ready in
        steps.extract_if(.., |ready| ready.operation == PlannedStep::Remove && !ready.was_folder())
    {
        work.attempt(&ready, UndoWork::remove);
    }
    // A folder may have to be emptied by moves that wait for another folder.
    for pass in [UndoPass::WhatCan, UndoPass::WhatCan, UndoPass::All] {
        for ready in steps.extract_if(.., |ready| ready.can_come()) {
            let act = if ready.operation == PlannedStep::Make {
                UndoWork::make_folder
            } else {
                UndoWork::move_back
            };
            work.attempt(&ready, act);
        }
        let mut left = Vec::new();
        for mut ready in std::mem::take(&mut steps).into_iter().rev() {
            let is_in_the_way = ready.seen.is_some()
                && ready.was_folder() != ready.becomes_folder()
                && ready.to.is_some();
            if ready.operation == PlannedStep::Remove
                && (pass == UndoPass::All || is_empty(&ready.path))
            {
                work.attempt(&ready, UndoWork::remove_folder);
                continue;
            }
            if is_in_the_way && work.clear(&ready) {
                ready.seen = None;
            }
            left.push(ready);
        }
        left.reverse();
        steps = left;
    }
    // Copies before what they are copied from is written, further names after the files they are
    // names of; rights of folders last, since they may forbid what is done in them.
    steps.sort_by_key(|ready| match ready.operation {
        PlannedStep::CopyFrom(_) => 0,
        PlannedStep::Link(..) => 2,
        PlannedStep::Rights if ready.becomes_folder() => 3,
        _ => 1,
    });
    let mut lost: HashSet<&Path> = HashSet::new();
    for ready in &steps {
        let act = match &ready.operation {
            PlannedStep::CopyFrom(_) => UndoWork::copy,
            PlannedStep::Link(..) => UndoWork::link,
            PlannedStep::MoveFrom(_) => UndoWork::move_back,
            PlannedStep::Rights => UndoWork::give_rights,
            PlannedStep::Write(_) => UndoWork::write,
            PlannedStep::Make if ready.becomes_folder() => UndoWork::make_folder,
            PlannedStep::Make => UndoWork::make_link,
            PlannedStep::Remove | PlannedStep::Nothing => continue,
        };
        if lost.contains(ready.path.as_path()) {
            work.undone.kept.push((ready.path.clone(), NOT_COPIED.into()));
            continue;
        }
        let kept = work.undone.kept.len();
        work.attempt(ready, act);
        if let PlannedStep::CopyFrom(from) = &ready.operation
            && work.undone.kept.len() > kept
        {
            lost.insert(from);
        }
    }
    sync(&work.undone.done);
    work.undone
}

/// Which folders are removed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum UndoPass {
    All,
    WhatCan,
}

struct UndoWork<'a> {
    blobs: &'a Blobs,
    undone: Undone,
    /// Files that this undo changed, by whichever of their names, and how it left them.
    touched: HashMap<[u64; 2], Stamp>,
}

impl UndoWork<'_> {
    /// The step is over, whatever comes of it.
    fn attempt(
        &mut self,
        ready: &PreparedPath,
        act: fn(&mut Self, &PreparedPath) -> io::Result<()>,
    ) {
        if let Some(stat) = ready.seen {
            self.touched.entry(stat.stamp.node()).or_insert(stat.stamp);
        }
        match act(self, ready) {
            Ok(()) => {
                if let StatResult::There(now) = look(&ready.path) {
                    self.touched.insert(now.stamp.node(), now.stamp);
                }
                self.undone.done.extend(ready.changes(stands));
            }
            Err(error) => self.undone.kept.push((ready.path.clone(), part(&cause(&error)))),
        }
    }

    /// Makes room for something of another kind; its content is kept.
    fn clear(&self, ready: &PreparedPath) -> bool {
        let cleared = PathHandle::of(&ready.path).and_then(|place| self.take(&place, ready));
        cleared.is_ok()
    }

    fn take(&self, place: &PathHandle, ready: &PreparedPath) -> io::Result<()> {
        match self.check_seen(place, ready)? {
            Some(found) => place.remove(&found),
            None => Ok(()),
        }
    }

    /// The file that is there, if it is the one that was reviewed: it may have changed meanwhile.
    fn check_seen(&self, place: &PathHandle, ready: &PreparedPath) -> io::Result<Option<SeenFile>> {
        let found = place.look()?;
        let same = match (found.as_ref().map(SeenFile::stat), ready.seen) {
            (Some(now), Some(seen)) if seen.kind == StatKind::Folder => {
                now.kind == StatKind::Folder
            }
            (Some(now), Some(seen)) => {
                // Names that come and go leave their mark on a file, too.
                let ours = self.touched.get(&now.stamp.node());
                now.stamp == seen.stamp
                    || ours
                        .is_some_and(|ours| Stamp { changed: ours.changed, ..now.stamp } == *ours)
            }
            (None, None) => true,
            _ => false,
        };
        if same { Ok(found) } else { Err(overtaken()) }
    }

    fn remove(&mut self, ready: &PreparedPath) -> io::Result<()> {
        self.take(&PathHandle::of(&ready.path)?, ready)
    }

    fn remove_folder(&mut self, ready: &PreparedPath) -> io::Result<()> {
        PathHandle::of(&ready.path)?.remove_folder().map_err(|error| match error.kind() {
            ErrorKind::DirectoryNotEmpty => io::Error::other(NOT_EMPTY),
            _ => error,
        })
    }

    fn make_folder(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let place = PathHandle::of(&ready.path)?;
        match place.make_folder() {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && is_folder(&place) => {}
            made => made?,
        }
        place.set_rights(ready.to.as_ref())
    }

    fn make_link(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let Some(NodeKind::Link { target }) = ready.to.as_ref().map(|to| &to.kind) else {
            return Ok(());
        };
        let place = PathHandle::making(&ready.path)?;
        let found = self.check_seen(&place, ready)?;
        place.put_link(target, ready.to.as_ref(), found.as_ref())
    }

    fn copy(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let PlannedStep::CopyFrom(from) = &ready.operation else { return Ok(()) };
        let place = PathHandle::making(&ready.path)?;
        let from = PathHandle::of(from)?;
        let mut draft = place.draft()?;
        io::copy(&mut from.open()?, draft.file())?;
        draft.set_rights(ready.to.as_ref())?;
        self.put(&place, draft, Some(&from), ready)
    }

    fn link(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let PlannedStep::Link(name, held) = &ready.operation else { return Ok(()) };
        let other = PathHandle::of(name)?;
        let file = other.look()?;
        let there = PresentState::at(name);
        let is_it = file.as_ref().zip(there.stat()).is_some_and(|(file, stat)| {
            stat.kind == StatKind::File && file.stat().is_same_node(&stat.stamp)
        });
        let Some(file) =
            file.filter(|_| is_it && there.compare(ready.to.as_ref()) != StateMatch::Other)
        else {
            let Some(held) = held else {
                return Err(io::Error::other("its other name does not hold what it held any more"));
            };
            return self.write_anew(ready, *held);
        };
        let place = PathHandle::making(&ready.path)?;
        let found = self.check_seen(&place, ready)?;
        place.put_name_of(&other, &file, found.as_ref())
    }

    fn move_back(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let PlannedStep::MoveFrom(from) = &ready.operation else { return Ok(()) };
        let place = PathHandle::making(&ready.path)?;
        self.check_seen(&place, ready)?;
        let from = PathHandle::of(from)?;
        let moves = from.look()?.ok_or_else(overtaken)?;
        let was = ready.was.as_ref().and_then(|was| was.stamp);
        if was.is_some_and(|was| !moves.stat().is_same_node(&was)) {
            return Err(overtaken());
        }
        match from.move_to(&place) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                carry(&from, &moves, &place, ready)?;
            }
            moved => moved?,
        }
        for Passenger { path, to, .. } in &ready.passengers {
            self.set_rights(&PathHandle::of(path)?, path, to.as_ref())?;
        }
        self.set_rights(&place, &ready.path, ready.to.as_ref())
    }

    fn give_rights(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let place = PathHandle::of(&ready.path)?;
        self.check_seen(&place, ready)?;
        self.set_rights(&place, &ready.path, ready.to.as_ref())
    }

    fn set_rights(
        &mut self,
        place: &PathHandle,
        path: &Path,
        to: Option<&FileState>,
    ) -> io::Result<()> {
        let lack = rights::set(self.blobs, place, to)?;
        self.undone.kept.extend(lack.map(|lack| (path.to_owned(), lack)));
        Ok(())
    }

    fn write(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let PlannedStep::Write(digest) = ready.operation else { return Ok(()) };
        self.write_anew(ready, digest)
    }

    fn write_anew(&mut self, ready: &PreparedPath, digest: Digest) -> io::Result<()> {
        let Some(to) = &ready.to else { return Ok(()) };
        let place = PathHandle::making(&ready.path)?;
        // Its other names are to hold the same again.
        let is_shared = ready.seen.is_some_and(|seen| {
            seen.links > 1 && to.stamp.is_some_and(|stamp| seen.is_same_node(&stamp))
        });
        if is_shared {
            return self.write_through(&place, ready, digest, to);
        }
        let mut draft = place.draft()?;
        self.write_contents(draft.file(), digest, to)?;
        match draft.set_rights(Some(to)) {
            // Files are not given away without a right to; one that has the owner already keeps it
            // when it is written through.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                self.check_seen(&place, ready)?;
                if ready.seen.is_some_and(|seen| {
                    to.owner == Some(seen.owner) && seen.kind == StatKind::File && seen.links == 1
                }) {
                    return self.write_through(&place, ready, digest, to);
                }
                draft.set_rights(Some(&FileState { owner: None, ..to.clone() }))?;
                self.undone.kept.push((ready.path.clone(), format!("it is back, but {error}")));
            }
            set => set?,
        }
        let is_file = ready.seen.is_some_and(|seen| seen.kind == StatKind::File);
        self.put(&place, draft, Some(&place).filter(|_| is_file), ready)
    }

    /// A draft takes its place, with the attributes that are recorded, else with those of a
    /// `model`. Without them it would let others do more, or less.
    fn put(
        &mut self,
        place: &PathHandle,
        mut draft: Draft,
        model: Option<&PathHandle>,
        ready: &PreparedPath,
    ) -> io::Result<()> {
        if let Some(to) = &ready.to {
            let lack = rights::set_of_draft(self.blobs, &mut draft, to, model)?;
            self.undone.kept.extend(lack.map(|lack| (ready.path.clone(), lack)));
        }
        let found = self.check_seen(place, ready)?;
        place.put(draft, found.as_ref())
    }

    fn write_through(
        &mut self,
        place: &PathHandle,
        ready: &PreparedPath,
        digest: Digest,
        to: &FileState,
    ) -> io::Result<()> {
        let found = self.check_seen(place, ready)?.ok_or_else(overtaken)?;
        let mut file = place.open_through(&found)?;
        file.set_len(0)?;
        self.write_contents(&mut file, digest, to)?;
        self.set_rights(place, &ready.path, Some(to))
    }

    fn write_contents(&self, file: &mut File, digest: Digest, to: &FileState) -> io::Result<()> {
        if to.stamp.is_some_and(|stamp| stamp.length == 0) {
            Ok(())
        } else {
            self.blobs.copy_to(digest, file)
        }
    }
}

/// Between disks: a copy, and then the file that it is a copy of goes.
fn carry(
    from: &PathHandle,
    moves: &SeenFile,
    to: &PathHandle,
    ready: &PreparedPath,
) -> io::Result<()> {
    if let Some(target) = from.target() {
        to.put_link(&target, ready.to.as_ref(), None)?;
    } else {
        let mut file = from.open()?;
        let mut draft = to.draft()?;
        io::copy(&mut file, draft.file())?;
        draft.file().set_modified(file.metadata()?.modified()?)?;
        let _named_by_nobody = from.attributes().give_to(&*draft.file())?;
        draft.file().sync_all()?;
        to.put(draft, None)?;
    }
    from.remove(moves)
}

fn is_folder(place: &PathHandle) -> bool {
    place.look().is_ok_and(|found| found.is_some_and(|found| found.stat().kind == StatKind::Folder))
}

fn overtaken() -> io::Error {
    io::Error::other(OVERTAKEN)
}

/// A sentence of the system's as a part of one.
fn part(why: &str) -> String {
    let mut letters = why.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
