//! Undo and redo, away from the loop: what going back over a turn's changes would do, and doing it.
//! Does not decide which turn.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;

use crate::engine::work::{blocking, spawn};
use crate::protocol::{
    ChosenStep, Direction, EventKind, FileChange, Notice, Record, TurnId, UndoPreview,
    with_left_turns,
};
use crate::sandbox;
use crate::session::{SessionInput, UndoneFiles};
use crate::undo::{CutOff, Prepared, SnapshotStore, Snapshots, Touched};

use super::super::link::session_handle::SessionHandle;
use super::owned_work::Work;

/// The undo of one session.
#[derive(Clone)]
pub(crate) struct SessionUndo {
    store: SnapshotStore,
    folder: PathBuf,
    link: SessionHandle,
    /// Kept, and waiting until that is on record.
    prepared: Arc<Mutex<Option<PreparedUndo>>>,
}

struct PreparedUndo {
    direction: Direction,
    turn: TurnId,
    prepared: Prepared,
}

/// File names of a notice.
const NAMED: usize = 4;

impl SessionUndo {
    pub(crate) fn new(store: SnapshotStore, folder: PathBuf, link: SessionHandle) -> Self {
        Self { store, folder, link, prepared: Arc::default() }
    }

    pub(crate) fn store(&self) -> &SnapshotStore {
        &self.store
    }

    /// Finds out what it would do.
    pub(crate) fn preview(
        &self,
        preview: UndoPreview,
        changes: Vec<FileChange>,
        chosen: bool,
    ) -> Work {
        let undo = self.clone();
        Work::start(async move {
            let (store, turn) = (undo.store.clone(), preview.turn);
            match blocking(move || store.preview(turn, &changes)).await {
                Ok(steps) => undo.link.send(SessionInput::UndoPreviewed {
                    preview: UndoPreview { steps, ..preview },
                    chosen,
                }),
                Err(error) => tracing::error!(%error, "changes could not be looked at"),
            }
        })
    }

    /// Keeps what the steps would write over; not to be stopped half way.
    pub(crate) fn prepare(
        &self,
        direction: Direction,
        turn: TurnId,
        changes: Vec<FileChange>,
        steps: Vec<ChosenStep>,
    ) -> JoinHandle<()> {
        let undo = self.clone();
        blocking(move || {
            let prepared = undo.store.prepare_undo(turn, &changes, &steps);
            let planned = prepared.changes();
            if planned.is_empty() {
                return undo.finish(direction, turn, prepared);
            }
            *undo.prepared.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(PreparedUndo { direction, turn, prepared });
            undo.link.send(SessionInput::UndoPrepared { direction, turn, changes: planned });
        })
    }

    /// Does what was prepared, once what led to it is on the disk.
    pub(crate) fn perform(
        &self,
        settled: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let undo = self.clone();
        spawn(async move {
            settled.await;
            let waiting = undo.prepared.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(PreparedUndo { direction, turn, prepared }) = waiting {
                let done = blocking(move || undo.finish(direction, turn, prepared)).await;
                if let Err(error) = done {
                    tracing::error!(%error, "an undo did not come to its end");
                }
            }
        })
    }

    fn finish(&self, direction: Direction, turn: TurnId, prepared: Prepared) {
        let undone = self.store.undo(prepared);
        let kept =
            undone.kept.into_iter().map(|(path, why)| (shown(&path, &self.folder), why)).collect();
        self.report(direction, turn, undone.done, kept);
    }

    fn report(
        &self,
        direction: Direction,
        turn: TurnId,
        changes: Vec<FileChange>,
        kept: Vec<(String, String)>,
    ) {
        let mut files = names(&changes, &self.folder);
        files.sort();
        files.dedup();
        self.link.send(SessionInput::Undone(UndoneFiles { direction, turn, changes, files, kept }));
    }

    /// After a kill: what a command had changed that was cut off, and how far an undo came. Clears
    /// away what was left behind.
    pub(crate) fn recover(
        &self,
        snapshots: Snapshots,
        recorded: HashSet<String>,
        begun: Option<(TurnId, Direction, Vec<FileChange>)>,
    ) -> JoinHandle<()> {
        let undo = self.clone();
        blocking(move || {
            undo.store.clear_leftovers();
            snapshots.sweep();
            if let Some((turn, direction, changes)) = begun {
                let made = undo.store.made(&changes);
                let all = changes.len();
                let message = format!(
                    "An undo was cut off when codling ended: {} of {all} of its changes were made",
                    made.len()
                );
                let (on, back) = match direction {
                    Direction::Redo => ("/redo", "/undo"),
                    Direction::Undo => ("/undo", "/redo"),
                };
                let next =
                    Some(format!("`{on}` goes on with it, `{back}` takes back what was done"));
                undo.link.emit(EventKind::Notice(Notice { message, next }));
                undo.report(direction, turn, made, Vec::new());
            }
            for CutOff { turn, changes } in
                undo.store.cut_off(&recorded, &touched, &sandbox::read_kept)
            {
                if changes.files.is_empty() {
                    continue;
                }
                // Inside the folder first: elsewhere there is nothing that could be taken back.
                let (inside, outside): (Vec<_>, Vec<_>) = changes
                    .files
                    .iter()
                    .cloned()
                    .partition(|change| change.path.starts_with(&undo.folder));
                let names = [names(&inside, &undo.folder), names(&outside, &undo.folder)].concat();
                let message =
                    format!("The command that was cut off had changed {}", some_of(&names));
                undo.link.send(SessionInput::Changed {
                    turn,
                    id: changes.id,
                    files: changes.files,
                });
                undo.link.emit(EventKind::Notice(Notice {
                    message,
                    next: Some("`/undo` shows it and takes it back".into()),
                }));
            }
        })
    }
}

/// The files that a command's own processes touched, where that was traced.
pub(crate) fn touched(trace: &Path) -> Option<Touched> {
    let trace = sandbox::read_trace(trace)?;
    let (renamed, absent) = (trace.renamed().clone(), trace.absent().clone());
    Some(Touched { renamed, absent, complete: trace.complete, paths: trace.paths })
}

/// The undo of a log that has no end.
pub(crate) fn cut_off(records: &[Record]) -> Option<(TurnId, Direction, Vec<FileChange>)> {
    let last = with_left_turns(records)
        .rev()
        .find(|record| matches!(record, Record::UndoBegun { .. } | Record::Undone { .. }))?;
    match last {
        Record::UndoBegun { turn, direction, files } => Some((*turn, *direction, files.clone())),
        _ => None,
    }
}

/// For people: what changed, and of all that did in a git folder that folder alone.
fn names(changes: &[FileChange], folder: &Path) -> Vec<String> {
    let named = |change: &FileChange| {
        let git = change.path.ancestors().filter(|above| above.ends_with(".git")).last();
        shown(git.unwrap_or(&change.path), folder)
    };
    let mut names: Vec<String> = changes.iter().map(named).collect();
    names.dedup();
    names
}

/// For people: relative where it lies inside.
fn shown(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

fn some_of(names: &[String]) -> String {
    let shown = names[..names.len().min(NAMED)]
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Author;

    #[test]
    fn of_a_repository_only_its_git_folder_is_named() {
        let paths = ["/w/.git", "/w/.git/HEAD", "/w/.git/refs/a", "/w/.gitignore", "/w/a/.git/x"];
        let change = |path: &str| FileChange {
            path: path.into(),
            before: None,
            after: None,
            author: Author::Call,
        };
        let changes: Vec<FileChange> = paths.map(change).into();
        assert_eq!(names(&changes, Path::new("/w")), [".git", ".gitignore", "a/.git"]);
    }
}
