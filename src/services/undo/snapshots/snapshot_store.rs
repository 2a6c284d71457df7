//! The snapshot store of a session: what stood in its folder before a call, what became of it, and
//! the way back.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::protocol::{
    Author, ChosenStep, FileChange, FileState, KeptContent, NodeKind, SessionId, Stamp, TurnId,
    UndoStep,
};

use super::snapshot_folder::{Snapshot, SnapshotFolder};
use super::uncovered::{Uncovered, sentence};
use super::unsaved;
use crate::undo::changes::attribution::Changes;
use crate::undo::changes::comparison::Comparison;
use crate::undo::changes::destroyed::Destroyed;
use crate::undo::changes::early_digests::{EarlyDigests, EarlyReader};
use crate::undo::changes::other_calls::RunningCalls;
use crate::undo::changes::other_hands;
use crate::undo::changes::pending_calls;
use crate::undo::changes::pending_calls::PendingCall;
use crate::undo::changes::touched::Touched;
use crate::undo::restore::perform::perform;
use crate::undo::restore::plan::{PlanContext, plan};
use crate::undo::restore::prepare::{Prepared, Undone, prepare};
use crate::undo::scan::ignored::{self, IgnoreState};
use crate::undo::scan::repositories;
use crate::undo::scan::stat::{StatKind, StatResult, look, now};
use crate::undo::scan::walk::{MOST, list_only};
use crate::undo::store::blobs::{Blobs, Digest};
use crate::undo::store::fill::uncovered_of;
use crate::undo::store::leftovers;

/// One per session; costs nothing until it is used. All of it blocks.
#[derive(Clone)]
pub struct SnapshotStore(Arc<Inner>);

struct Inner {
    folder: Arc<SnapshotFolder>,
    /// Contents that the session's records name.
    blobs: Blobs,
    session: SessionId,
    announced: Mutex<Option<Uncovered>>,
    running: RunningCalls,
    /// Calls that have ended, and whose changes are on their way to the session's log.
    ended: Mutex<Vec<PendingCall>>,
}

/// The folder before a call.
#[derive(Debug)]
pub struct BeforeCall {
    snapshot: Snapshot,
    only: Vec<PathBuf>,
    pending: Option<PendingCall>,
    outputs: Vec<PathBuf>,
    /// Files that have no copy, in one sentence without a full stop; said once.
    pub uncovered: Option<String>,
    /// Texts of some of the files that were unsaved in an editor (absolute, links
    /// followed), and what of it was written over: an undo gives that back, and not what the disk
    /// held.
    pub unsaved: Vec<(PathBuf, Vec<u8>)>,
    /// Contents that were kept just before the call's processes destroyed them.
    pub destroyed: Vec<KeptContent>,
    /// Reads them while the call runs.
    pub reader: Option<EarlyReader>,
}

/// A call that was cut off with the program.
#[derive(Debug)]
pub struct CutOff {
    /// The turn that made the call.
    pub turn: TurnId,
    /// Not on record yet; without files if the call changed none.
    pub changes: Changes,
}

impl SnapshotStore {
    /// The store of one session about a folder; `blobs` are the session's own.
    pub fn new(folder: Arc<SnapshotFolder>, blobs: Blobs, session: SessionId) -> Self {
        Self(Arc::new(Inner {
            folder,
            blobs,
            session,
            announced: Mutex::default(),
            running: RunningCalls::default(),
            ended: Mutex::default(),
        }))
    }

    /// Lists the folder and keeps what it holds, away from whoever asks, so that a command that may
    /// come is not held up.
    pub fn get_ready(&self) {
        self.0.folder.prepare();
    }

    /// Before a tool changes exactly these files (absolute, links followed).
    pub fn before(&self, turn: TurnId, files: &[PathBuf]) -> BeforeCall {
        let taken = now();
        let listing = list_only(&self.0.folder.scope, parents(files));
        for file in files {
            if let StatResult::There(stat) = look(file)
                && stat.kind == StatKind::File
            {
                let _not_kept = self.0.folder.contents.take(file, &stat);
            }
        }
        let snapshot = Snapshot { listing: Arc::new(listing), recent: parents(files), taken };
        self.begin(snapshot, turn, files.to_vec(), None)
    }

    /// Before a command, which may change anything.
    pub fn before_command(&self, turn: TurnId) -> BeforeCall {
        let (snapshot, uncovered) = self.0.folder.before_command();
        let uncovered = self.announce(uncovered);
        let Inner { folder, session, .. } = &*self.0;
        folder.hands.begin(&folder.scope, &snapshot.listing, session, turn);
        self.begin(snapshot, turn, Vec::new(), uncovered)
    }

    /// Files that have no copy now, in one sentence without a full stop.
    pub fn uncovered(&self) -> Option<String> {
        let (_, uncovered) = self.0.folder.before_command();
        sentence(&self.0.folder.scope.folder, &uncovered)
    }

    /// Files without a copy whose contents a command may destroy, in one sentence without
    /// a full stop. Waits while copies are still being made.
    pub fn uncovered_of(&self, is_meant: &dyn Fn(&Path) -> bool) -> Option<String> {
        let (snapshot, _) = self.0.folder.before_loss();
        let SnapshotFolder { scope, contents, .. } = &*self.0.folder;
        let is_meant = |path: &Path| path.strip_prefix(&scope.folder).is_ok_and(is_meant);
        sentence(&scope.folder, &uncovered_of(scope, contents, &snapshot.listing, &is_meant))
    }

    fn begin(
        &self,
        snapshot: Snapshot,
        turn: TurnId,
        only: Vec<PathBuf>,
        uncovered: Option<String>,
    ) -> BeforeCall {
        // A call begins when the one before is on record.
        self.settle();
        let outputs = match only.as_slice() {
            [] => ignored::outputs(&self.0.folder.scope.folder, &snapshot.listing),
            _ => Vec::new(),
        };
        let noted = self
            .0
            .folder
            .run(|run| run.note(&snapshot.listing, &self.0.session, turn, now(), &only));
        let pending = noted
            .inspect_err(|error| tracing::warn!(%error, "a call could not be noted before it runs"))
            .ok();
        self.0.running.add(pending.clone());
        BeforeCall {
            snapshot,
            only,
            pending,
            outputs,
            uncovered,
            unsaved: Vec::new(),
            destroyed: Vec::new(),
            reader: None,
        }
    }

    /// The changes since the snapshot. `touched` holds names that the call's own processes touched,
    /// where known. Where other calls of the session still run, what their processes did, as `read`
    /// reads it in their traces, is told when they end.
    pub fn after(
        &self,
        before: BeforeCall,
        touched: Option<&Touched>,
        read: &dyn Fn(&Path) -> Option<Touched>,
    ) -> Changes {
        let id = before.pending.as_ref().map(|pending| pending.id.clone()).unwrap_or_default();
        let is_command = before.only.is_empty();
        let early = before.reader.map(EarlyReader::end).unwrap_or_default();
        let destroyed = Destroyed::new(before.destroyed, early);
        let mut changes = self.compare(&before.snapshot, &before.only, touched, &destroyed);
        let (unsaved, began) = (before.unsaved, before.snapshot.taken);
        if let Some(missed) = unsaved::put_before(&self.0.blobs, unsaved, &mut changes.0, began) {
            changes.1.get_or_insert(missed);
        }
        let shared = &self.0.folder;
        self.0.running.leave_out(before.pending.as_ref(), &mut changes.0, read);
        shared.recent.leave_out(before.snapshot.taken, &mut changes.0);
        shared.recent.note(&changes.0, now());
        if is_command {
            let is_watched = touched.is_some_and(|touched| touched.complete);
            shared.hands.end(&shared.known(), &changes.0, is_watched);
        } else {
            shared.hands.expect(&changes.0);
        }
        if let Some(pending) = before.pending {
            pending_calls::drop_kept(&pending);
            self.ended().push(pending);
        }
        if changes.0.is_empty() {
            self.settle();
        }
        self.0.folder.prepare();
        Changes { id, files: changes.0, missed: changes.1 }
    }

    /// Once what calls changed is on record.
    pub fn settle(&self) {
        for pending in self.ended().drain(..) {
            let _left = self.0.folder.run(|run| {
                run.forget(&pending);
                Ok(())
            });
        }
    }

    fn ended(&self) -> MutexGuard<'_, Vec<PendingCall>> {
        self.0.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compare(
        &self,
        before: &Snapshot,
        only: &[PathBuf],
        touched: Option<&Touched>,
        destroyed: &Destroyed,
    ) -> (Vec<FileChange>, Option<String>) {
        let Inner { folder, blobs, .. } = &*self.0;
        Comparison { before, folder, blobs, destroyed }.changes(only, touched)
    }

    /// The steps that undoing these changes of a turn would take, by path.
    pub fn preview(&self, turn: TurnId, changes: &[FileChange]) -> Vec<UndoStep> {
        let folder = &self.0.folder.scope.folder;
        let changes = self.attributed(turn, changes);
        self.with_context(|context| {
            plan(context, &changes).iter().map(|planned| planned.step(folder)).collect()
        })
    }

    /// The paths that changes are about, each with its state before the first of them. Leaves out
    /// folders, git's own files and what git ignores.
    pub fn first_states<'a>(
        &self,
        changes: &'a [FileChange],
    ) -> Vec<(&'a Path, Option<&'a FileState>)> {
        let mut ignored = ignored::Ignored::new(&self.0.folder.scope.folder);
        let mut is_shown = |path: &Path| {
            let is_of_git = path.components().any(|part| part.as_os_str() == ".git");
            let rules = path.parent().map(|parent| ignored.folder(parent));
            !is_of_git && rules.is_none_or(|rules| rules.file(path) == IgnoreState::Plain)
        };
        let is_folder = |state: &Option<FileState>| {
            state.as_ref().is_some_and(|state| state.kind == NodeKind::Folder)
        };
        let mut first: BTreeMap<&Path, Option<&FileState>> = BTreeMap::new();
        for change in changes.iter().filter(|it| !is_folder(&it.before) && !is_folder(&it.after)) {
            first.entry(&change.path).or_insert(change.before.as_ref());
        }
        first.into_iter().filter(|(path, _)| is_shown(path)).collect()
    }

    /// The content of a file in an earlier state, of at most `largest` bytes; `None` if it was not
    /// kept or is longer.
    pub fn kept_content(&self, state: &FileState, largest: u64) -> Option<Vec<u8>> {
        if state.stamp.is_some_and(|stamp| stamp.length > largest) {
            return None;
        }
        let content = self.0.blobs.bytes(Digest::parse(state.digest()?)?).ok()?;
        (content.len() as u64 <= largest).then_some(content)
    }

    /// Where nobody but the turn's calls was seen at work, what was made while they ran is theirs.
    fn attributed<'a>(&self, turn: TurnId, changes: &'a [FileChange]) -> Cow<'a, [FileChange]> {
        let Inner { folder, session, .. } = &*self.0;
        if changes.iter().all(|change| change.author == Author::Call) {
            return Cow::Borrowed(changes);
        }
        let listing = folder.refresh().listing;
        match folder.hands.none_since(&folder.scope, &listing, session, turn) {
            Some(began) => Cow::Owned(other_hands::attribute(changes, began)),
            None => Cow::Borrowed(changes),
        }
    }

    /// Keeps what the chosen steps would write over, and says what they are about to change.
    pub fn prepare_undo(
        &self,
        turn: TurnId,
        changes: &[FileChange],
        chosen: &[ChosenStep],
    ) -> Prepared {
        let chosen: HashMap<&Path, Option<Stamp>> =
            chosen.iter().map(|step| (step.path.as_path(), step.seen)).collect();
        let changes = self.attributed(turn, changes);
        let steps = self.with_context(|context| plan(context, &changes));
        let steps = steps
            .into_iter()
            .filter_map(|step| chosen.get(step.path.as_path()).map(|seen| step.reviewed(*seen)));
        prepare(&self.0.blobs, steps.collect())
    }

    /// Does it. What cannot be done stays as it is, and is named.
    pub fn undo(&self, prepared: Prepared) -> Undone {
        let note = leftovers::note(&self.0.folder.place, &prepared.folders());
        let undone = perform(&self.0.blobs, prepared);
        drop(note);
        self.0.folder.hands.expect(&undone.done);
        self.0.folder.prepare();
        undone
    }

    /// The changes that an undo made before it was cut off.
    pub fn made(&self, changes: &[FileChange]) -> Vec<FileChange> {
        let is_made = |change: &&FileChange| {
            crate::undo::restore::present_state::PresentState::at(&change.path)
                .compare(change.after.as_ref())
                != crate::undo::restore::present_state::StateMatch::Other
        };
        changes.iter().filter(is_made).cloned().collect()
    }

    /// Changes that calls of this session had made when the program was killed; `recorded` names
    /// those that are known. `read` reads a trace, and `read_kept` what was kept.
    pub fn cut_off(
        &self,
        recorded: &HashSet<String>,
        read: &dyn Fn(&Path) -> Option<Touched>,
        read_kept: &dyn Fn(&Path) -> Vec<KeptContent>,
    ) -> Vec<CutOff> {
        let mut found = Vec::new();
        for (pending, _alive) in pending_calls::cut_off(&self.0.folder.runs(), &self.0.session) {
            let listing = pending.listing().filter(|_| !recorded.contains(&pending.id));
            if let Some(listing) = listing {
                let before = Snapshot {
                    listing: Arc::new(listing),
                    recent: HashSet::new(),
                    taken: pending.began,
                };
                let trace = pending.trace();
                let touched = if pending.files.is_empty() { read(&trace) } else { None };
                let kept = read_kept(&pending.kept());
                let destroyed = Destroyed::new(kept, EarlyDigests::default());
                let (files, missed) =
                    self.compare(&before, &pending.files, touched.as_ref(), &destroyed);
                found.push(CutOff {
                    turn: pending.turn,
                    changes: Changes { id: pending.id.clone(), files, missed },
                });
            }
            pending_calls::settle(&pending);
        }
        found
    }

    /// Removes what an undo that was cut off left in the folder.
    pub fn clear_leftovers(&self) {
        leftovers::clear(&self.0.folder.place);
    }

    fn with_context<T>(&self, work: impl FnOnce(&PlanContext<'_>) -> T) -> T {
        let sorted = std::cell::OnceCell::new();
        let names = |stamp: &Stamp| {
            let sorted: &Vec<([u64; 2], PathBuf)> = sorted.get_or_init(|| {
                let listing = self.0.folder.refresh().listing;
                let files = listing.all().filter(|(_, listed)| listed.stat.kind == StatKind::File);
                let mut files: Vec<_> =
                    files.map(|(path, listed)| (listed.stat.stamp.node(), path)).collect();
                files.sort_unstable();
                files
            });
            let node = stamp.node();
            let first = sorted.partition_point(|(other, _)| *other < node);
            sorted[first..]
                .iter()
                .take_while(|(other, _)| *other == node)
                .map(|(_, path)| path.clone())
                .collect()
        };
        work(&PlanContext { scope: &self.0.folder.scope, blobs: &self.0.blobs, names: &names })
    }

    /// The sentence about `uncovered`, if it has changed since it was last said.
    fn announce(&self, uncovered: Uncovered) -> Option<String> {
        let mut announced = self.0.announced.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = announced.as_ref().is_none_or(|announced| {
            uncovered.files > announced.files || uncovered.first.first() != announced.first.first()
        });
        let sentence = sentence(&self.0.folder.scope.folder, &uncovered).filter(|_| is_news);
        if sentence.is_some() {
            *announced = Some(uncovered);
        }
        sentence
    }
}

/// The nearest folders that are there.
fn parents(files: &[PathBuf]) -> HashSet<PathBuf> {
    files
        .iter()
        .filter_map(|file| file.ancestors().skip(1).find(|above| above.is_dir()))
        .map(Path::to_path_buf)
        .collect()
}

impl BeforeCall {
    /// Every `.git` in the folder; `None` where not all of it was listed.
    pub fn repositories(&self) -> Option<Vec<PathBuf>> {
        let is_whole = self.only.is_empty() && self.snapshot.listing.names() < MOST;
        is_whole.then(|| repositories::pointers(&self.snapshot.listing))
    }

    /// Where contents can be kept that the call's processes are about to destroy, and the folders
    /// in which that is not needed: git ignores them, and tools make them anew.
    pub fn keeping(&self) -> Option<(PathBuf, Vec<PathBuf>)> {
        let pending = self.pending.as_ref()?;
        Some((pending.kept(), self.outputs.clone()))
    }

    /// Where a trace of the call's processes can be written.
    pub fn trace(&self) -> Option<PathBuf> {
        self.pending.as_ref().map(PendingCall::trace)
    }
}

impl fmt::Debug for SnapshotStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SnapshotStore")
            .field("session", &self.0.session)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
impl SnapshotStore {
    /// For tests: where nothing else runs.
    pub fn after_alone(&self, before: BeforeCall, touched: Option<&Touched>) -> Changes {
        self.after(before, touched, &|_trace| None)
    }

    /// For tests: until nothing runs in the background.
    pub fn rest(&self) {
        self.0.folder.rest();
    }

    /// For tests: where this program's run is noted.
    pub fn own_run(&self) -> PathBuf {
        self.0.folder.run(|run| Ok(run.place().to_owned())).unwrap_or_default()
    }

    /// For tests: all contents are kept, however long that takes.
    pub fn filled(self) -> Self {
        let listing = self.0.folder.refresh().listing;
        crate::undo::store::fill::fill(
            &self.0.folder.scope,
            &self.0.folder.contents,
            &listing,
            &|| false,
        );
        self
    }
}
