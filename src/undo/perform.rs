//! Doing an undo, one path at a time: each is looked at again at the moment it is written, and what cannot be done stays as it is and is named.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use tempfile::Builder;

use crate::base::cause;
use crate::protocol::{Author, FileChange, FileState, NodeKind, Stamp};

use super::blobs::{Blobs, Digest};
use super::drafts::{carry, put};
use super::file_modes::{DRAFT, rename_new, set_owner, set_rights, symlink, sync};
use super::folder_moves::Passenger;
use super::plan::PlannedStep;
use super::prepare::{OVERTAKEN, Prepared, PreparedPath, Undone};
use super::present_state::{PresentState, StateMatch, stands};
use super::stat::{StatKind, StatResult, look};

const NOT_COPIED: &str = "what it holds could not be brought to where it came from";

/// In an order in which nothing is in the way of anything else: what goes makes room for what comes, and folders come first and go last.
pub(super) fn perform(blobs: &Blobs, Prepared { mut steps, kept }: Prepared) -> Undone {
    let mut work =
        UndoWork { blobs, undone: Undone { done: Vec::new(), kept }, touched: HashMap::new() };
    steps.sort_by(|one, other| one.path.cmp(&other.path));
    for ready in
        steps.extract_if(.., |ready| ready.way == PlannedStep::Remove && !ready.was_folder())
    {
        work.attempt(&ready, UndoWork::remove);
    }
    // A folder may have to be emptied by moves that wait for another folder.
    for pass in [UndoPass::WhatCan, UndoPass::WhatCan, UndoPass::All] {
        for ready in steps.extract_if(.., |ready| ready.can_come()) {
            let act = if ready.way == PlannedStep::Make {
                UndoWork::make_folder
            } else {
                UndoWork::bring
            };
            work.attempt(&ready, act);
        }
        let mut left = Vec::new();
        for mut ready in std::mem::take(&mut steps).into_iter().rev() {
            let is_in_the_way = ready.seen.is_some()
                && ready.was_folder() != ready.becomes_folder()
                && ready.to.is_some();
            if ready.way == PlannedStep::Remove && (pass == UndoPass::All || is_empty(&ready.path))
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
    // Copies before what they are copied from is written, further names after the files they are names of; rights of folders last, since they may forbid what is done in them.
    steps.sort_by_key(|ready| match ready.way {
        PlannedStep::CopyFrom(_) => 0,
        PlannedStep::Link(..) => 2,
        PlannedStep::Rights if ready.becomes_folder() => 3,
        _ => 1,
    });
    let mut lost: HashSet<&Path> = HashSet::new();
    for ready in &steps {
        let act = match &ready.way {
            PlannedStep::CopyFrom(_) => UndoWork::copy,
            PlannedStep::Link(..) => UndoWork::link,
            PlannedStep::MoveFrom(_) => UndoWork::bring,
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
        if let PlannedStep::CopyFrom(from) = &ready.way
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
            self.touched.entry([stat.stamp.device, stat.stamp.inode]).or_insert(stat.stamp);
        }
        match act(self, ready) {
            Ok(()) => {
                if let StatResult::There(now) = look(&ready.path) {
                    self.touched.insert([now.stamp.device, now.stamp.inode], now.stamp);
                }
                self.done(ready);
            }
            Err(error) => self.undone.kept.push((ready.path.clone(), part(&cause(&error)))),
        }
    }

    /// Makes room for something of another kind; its content is kept.
    fn clear(&self, ready: &PreparedPath) -> bool {
        let cleared = self.still_stands(ready).and_then(|()| match ready.was_folder() {
            true => fs::remove_dir(&ready.path),
            false => fs::remove_file(&ready.path),
        });
        cleared.is_ok()
    }

    fn done(&mut self, ready: &PreparedPath) {
        let change = |path: &Path, before, after| FileChange {
            path: path.to_owned(),
            before,
            after,
            author: Author::Call,
        };
        let after = stands(&ready.path, ready.to.as_ref());
        if let PlannedStep::MoveFrom(from) = &ready.way {
            self.undone.done.push(change(from, ready.was.clone(), None));
        }
        self.undone.done.push(change(&ready.path, ready.before.clone(), after));
        for Passenger { from, was, path, to } in &ready.passengers {
            self.undone.done.extend([
                change(from, was.clone(), None),
                change(path, None, stands(path, to.as_ref())),
            ]);
        }
    }

    /// Somebody may have been quicker.
    fn still_stands(&self, ready: &PreparedPath) -> io::Result<()> {
        let same = match (look(&ready.path), ready.seen) {
            (StatResult::There(now), Some(seen)) if seen.kind == StatKind::Folder => {
                now.kind == StatKind::Folder
            }
            (StatResult::There(now), Some(seen)) => {
                // Names that come and go leave their mark on a file, too.
                let ours = self.touched.get(&[now.stamp.device, now.stamp.inode]);
                now.stamp == seen.stamp
                    || ours
                        .is_some_and(|ours| Stamp { changed: ours.changed, ..now.stamp } == *ours)
            }
            (StatResult::Nothing, None) => true,
            _ => false,
        };
        if same { Ok(()) } else { Err(io::Error::other(OVERTAKEN)) }
    }

    fn remove(&mut self, ready: &PreparedPath) -> io::Result<()> {
        self.still_stands(ready)?;
        fs::remove_file(&ready.path)
    }

    fn remove_folder(&mut self, ready: &PreparedPath) -> io::Result<()> {
        fs::remove_dir(&ready.path).map_err(|error| match error.kind() {
            ErrorKind::DirectoryNotEmpty => io::Error::other("it holds other files"),
            _ => error,
        })
    }

    fn make_folder(&mut self, ready: &PreparedPath) -> io::Result<()> {
        match fs::create_dir(&ready.path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && ready.path.is_dir() => {}
            made => made?,
        }
        set_rights(&ready.path, ready.to.as_ref())
    }

    fn make_link(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let Some(NodeKind::Link { target }) = ready.to.as_ref().map(|to| &to.kind) else {
            return Ok(());
        };
        let folder = self.place(ready)?;
        let draft = Builder::new()
            .prefix(DRAFT.0)
            .suffix(DRAFT.1)
            .make_in(folder, |draft| symlink(target, draft))?;
        self.still_stands(ready)?;
        set_owner(draft.path(), ready.to.as_ref())?;
        fs::rename(draft.path(), &ready.path)?;
        let _moved = draft.into_temp_path().keep();
        Ok(())
    }

    fn copy(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let PlannedStep::CopyFrom(from) = &ready.way else { return Ok(()) };
        let draft =
            Builder::new().prefix(DRAFT.0).suffix(DRAFT.1).tempfile_in(self.place(ready)?)?;
        fs::copy(from, draft.path())?;
        set_rights(draft.path(), ready.to.as_ref())?;
        self.still_stands(ready)?;
        put(draft, ready)
    }

    fn link(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let PlannedStep::Link(name, held) = &ready.way else { return Ok(()) };
        let there = PresentState::at(name);
        if !there.stat().is_some_and(|stat| stat.kind == StatKind::File)
            || there.fits(ready.to.as_ref()) == StateMatch::Other
        {
            let Some(held) = held else {
                return Err(io::Error::other("its other name does not hold what it held any more"));
            };
            return self.write_anew(ready, *held);
        }
        let folder = self.place(ready)?;
        let draft = Builder::new()
            .prefix(DRAFT.0)
            .suffix(DRAFT.1)
            .make_in(folder, |draft| fs::hard_link(name, draft))?;
        self.still_stands(ready)?;
        match ready.seen {
            Some(_) => fs::rename(draft.path(), &ready.path)?,
            None => rename_new(draft.path(), &ready.path)?,
        }
        let _moved = draft.into_temp_path().keep();
        Ok(())
    }

    fn bring(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let PlannedStep::MoveFrom(from) = &ready.way else { return Ok(()) };
        self.place(ready)?;
        self.still_stands(ready)?;
        match rename_new(from, &ready.path) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => carry(from, ready)?,
            renamed => renamed?,
        }
        for passenger in &ready.passengers {
            set_rights(&passenger.path, passenger.to.as_ref())?;
        }
        set_rights(&ready.path, ready.to.as_ref())
    }

    fn give_rights(&mut self, ready: &PreparedPath) -> io::Result<()> {
        self.still_stands(ready)?;
        set_rights(&ready.path, ready.to.as_ref())
    }

    fn write(&mut self, ready: &PreparedPath) -> io::Result<()> {
        let PlannedStep::Write(digest) = ready.way else { return Ok(()) };
        self.write_anew(ready, digest)
    }

    fn write_anew(&mut self, ready: &PreparedPath, digest: Digest) -> io::Result<()> {
        let Some(to) = &ready.to else { return Ok(()) };
        // Its other names are to hold the same again.
        let is_shared = ready.seen.is_some_and(|seen| {
            seen.links > 1 && to.stamp.is_some_and(|stamp| seen.is_same_node(&stamp))
        });
        if is_shared {
            self.still_stands(ready)?;
            return self.write_through(&ready.path, digest, to);
        }
        let folder = self.place(ready)?;
        let mut draft = Builder::new().prefix(DRAFT.0).suffix(DRAFT.1).tempfile_in(folder)?;
        self.fill(draft.as_file_mut(), digest, to)?;
        match set_rights(draft.path(), Some(to)) {
            // Files are not given away without a right to; one that has the owner already keeps it when it is written through.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                self.still_stands(ready)?;
                if ready.seen.is_some_and(|seen| {
                    to.owner == Some(seen.owner) && seen.kind == StatKind::File && seen.links == 1
                }) {
                    return self.write_through(&ready.path, digest, to);
                }
                set_rights(draft.path(), Some(&FileState { owner: None, ..to.clone() }))?;
                self.undone.kept.push((ready.path.clone(), format!("it is back, but {error}")));
            }
            set => set?,
        }
        self.still_stands(ready)?;
        put(draft, ready)
    }

    fn write_through(&self, path: &Path, digest: Digest, to: &FileState) -> io::Result<()> {
        let open = || File::options().write(true).truncate(true).open(path);
        let mut file = match open() {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                let mut rights = fs::metadata(path)?.permissions();
                #[cfg(unix)]
                std::os::unix::fs::PermissionsExt::set_mode(&mut rights, to.mode | 0o200);
                fs::set_permissions(path, rights)?;
                open()?
            }
            opened => opened?,
        };
        self.fill(&mut file, digest, to)?;
        set_rights(path, Some(to))
    }

    fn fill(&self, file: &mut File, digest: Digest, to: &FileState) -> io::Result<()> {
        if to.stamp.is_some_and(|stamp| stamp.length == 0) {
            Ok(())
        } else {
            self.blobs.copy_to(digest, file)
        }
    }

    /// The folder a path lies in, made where it is missing.
    fn place<'a>(&self, ready: &'a PreparedPath) -> io::Result<&'a Path> {
        let folder = ready.path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)?;
        Ok(folder)
    }
}

/// A sentence of the system's as a part of one.
fn part(why: &str) -> String {
    let mut letters = why.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
