//! A folder that is changed, taken back and made again.

mod arrivals;
mod attribution;
mod commands;
mod conflicts;
mod destroyed;
mod kept;
mod killed;
mod links;
mod made_repository;
mod moves;
mod other_sessions;
mod repository;
mod unsaved;

#[cfg(target_os = "linux")]
mod scanning;
mod trials;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Changes, Snapshots, Touched};
use crate::protocol::{ChosenStep, FileChange, ReviewedState, TurnId, UndoAction, UndoStep};
use crate::undo::SnapshotStore;
use crate::undo::changes::pending_calls;
use crate::undo::restore::plan::{NO_COMMITS, NO_COPY, OUTSIDE, SPECIAL};
use crate::undo::restore::planned_path::{NOT_EMPTY, UNSEEN};
use crate::undo::restore::prepare::OVERTAKEN;
use crate::undo::restore::whole_repositories::CHANGED;
use crate::undo::store::attributes;
use crate::undo::store::blobs::Digest;

pub struct Fixture {
    resting: Resting,
    pub folder: PathBuf,
    pub snapshots: Snapshots,
    pub store: SnapshotStore,
    /// Removed last.
    place: TempDir,
}

/// A store whose thread has ended once this is dropped: it would make the folders of what it keeps
/// again after they were removed.
pub struct Resting(pub SnapshotStore);

impl Drop for Resting {
    fn drop(&mut self) {
        self.0.rest();
    }
}

/// The folder as it is: content, mode, owner, where links lead, and which names are one file.
pub type Picture = Vec<(String, String)>;

/// A turn that nothing is known of, so that whoever may have changed something is asked about.
const ANY: TurnId = TurnId(u64::MAX);

/// Which steps are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// As the panel offers it.
    Offered,
    All,
}

impl Fixture {
    pub fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(place.path()).unwrap();
        let folder = root.join("fixture");
        fs::create_dir(&folder).unwrap();
        let (snapshots, store) = Self::open(&root);
        Self { resting: Resting(store.clone()), place, folder, snapshots, store }
    }

    fn open(root: &Path) -> (Snapshots, SnapshotStore) {
        let snapshots = Snapshots::new(root.join("data/snapshots"));
        let folder = root.join("fixture");
        let private = vec![folder.join("auth.json")];
        let store = snapshots.session(
            "ses_a".into(),
            folder,
            root.join("data/sessions/ses_a/images"),
            private,
        );
        (snapshots, store)
    }

    /// As after a kill: what was in memory is gone.
    pub fn restart(self) -> Self {
        let Self { resting, place, folder, snapshots, store } = self;
        let run = store.own_run();
        drop((resting, snapshots, store));
        // A program that another test starts meanwhile holds the lock of this one for a moment:
        // between its fork and its exec.
        while pending_calls::is_alive(&run) {
            std::thread::yield_now();
        }
        let (snapshots, store) = Self::open(&fs::canonicalize(place.path()).unwrap());
        Self { resting: Resting(store.clone()), place, folder, snapshots, store }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    pub fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub fn sh(&self, line: &str) {
        let status = std::process::Command::new("sh")
            .args(["-ec", line])
            .current_dir(&self.folder)
            .env("HOME", self.outside())
            .status();
        assert!(status.unwrap().success(), "{line}");
    }

    pub fn outside(&self) -> PathBuf {
        fs::canonicalize(self.place.path()).unwrap()
    }

    /// The changes of a tool that names its files beforehand.
    pub fn edit(&self, files: &[&str], act: impl FnOnce()) -> Changes {
        let paths: Vec<PathBuf> = files.iter().map(|file| self.path(file)).collect();
        let before = self.store.before(TurnId(1), &paths);
        act();
        self.store.after_alone(before, None)
    }

    /// A command whose every change is known to be its own.
    pub fn command(&self, act: impl FnOnce()) -> Changes {
        self.traced(&[""], act)
    }

    /// A command that is known to have changed these, and no others.
    pub fn traced(&self, touched: &[&str], act: impl FnOnce()) -> Changes {
        let paths: BTreeSet<PathBuf> = touched
            .iter()
            .map(|path| if path.is_empty() { self.folder.clone() } else { self.path(path) })
            .collect();
        let renamed = paths.iter().filter(|path| **path == self.folder).cloned().collect();
        self.with_trace(
            Some(&Touched { paths, renamed, complete: true, ..Touched::default() }),
            act,
        )
    }

    pub fn with_trace(&self, touched: Option<&Touched>, act: impl FnOnce()) -> Changes {
        let before = self.before();
        act();
        self.store.after_alone(before, touched)
    }

    /// However long it takes until all is kept.
    pub fn before(&self) -> super::BeforeCall {
        self.store.clone().filled();
        self.store.before_command(TurnId(1))
    }

    pub fn preview(&self, changes: &[FileChange]) -> Vec<UndoStep> {
        self.store.preview(ANY, changes)
    }

    /// In words: `restore a.txt`, `remove b.txt ?`.
    pub fn described(&self, changes: &[FileChange]) -> Vec<String> {
        self.preview(changes).iter().map(describe).collect()
    }

    /// Performs the undo; returns its changes, which can be undone in turn.
    pub fn undo(&self, changes: &[FileChange], pick: Pick) -> Vec<FileChange> {
        self.undo_steps(changes, &self.preview(changes), pick).0
    }

    pub fn undo_steps(
        &self,
        changes: &[FileChange],
        steps: &[UndoStep],
        pick: Pick,
    ) -> (Vec<FileChange>, Vec<String>) {
        let chosen = |step: &&UndoStep| pick == Pick::All || step.state == ReviewedState::AsLeft;
        let chosen: Vec<_> = steps
            .iter()
            .filter(chosen)
            .map(|step| ChosenStep { path: step.path.clone(), seen: step.seen })
            .collect();
        let prepared = self.store.prepare_undo(ANY, changes, &chosen);
        let undone = self.store.undo(prepared);
        let kept =
            undone.kept.iter().map(|(path, why)| format!("{}: {why}", self.shown(path))).collect();
        (undone.done, kept)
    }

    /// Taken back, all is as it was first; and made again, as it is now.
    pub fn there_and_back(&self, changes: &[FileChange], first: &Picture) {
        let then = self.all();
        let undone = self.undo(changes, Pick::Offered);
        assert_eq!(self.all(), *first);
        self.undo(&undone, Pick::Offered);
        assert_eq!(self.all(), then);
    }

    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder).unwrap_or(path).to_string_lossy().into_owned()
    }

    /// All there is, folders and links and modes too; of git only what undo has a hand in.
    pub fn all(&self) -> Picture {
        picture(&self.folder)
    }
}

pub fn picture(top: &Path) -> Picture {
    use std::os::unix::fs::MetadataExt;
    let mut found = Vec::new();
    let mut twins: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(top).unwrap().to_string_lossy().into_owned();
            if name.contains("nested/.git/") && !name.ends_with("/HEAD") {
                continue;
            }
            if ["objects", "logs", "hooks", "info"]
                .iter()
                .any(|part| name == format!(".git/{part}"))
                || name == ".git/COMMIT_EDITMSG"
            {
                continue;
            }
            let about = fs::symlink_metadata(&path).unwrap();
            let mode = mode_of(&about);
            let owner = format!("{}:{}", about.uid(), about.gid());
            let what = if about.is_dir() {
                folders.push(path);
                format!("{mode:o} {owner} folder")
            } else if about.is_symlink() {
                format!("{owner} link to {}", fs::read_link(&path).unwrap().display())
            } else if about.is_file() {
                let twins = twins.entry(about.ino()).or_default();
                twins.insert(name.clone());
                // Root can read all files; others tell of what they cannot as of what has none.
                let given = attributes::recorded_at(&path).unwrap_or_default();
                format!("{mode:o} {owner} {} {given}", Digest::of_file(&path).unwrap().digits())
            } else {
                format!("{mode:o} {owner} special")
            };
            found.push((name, what));
        }
    }
    for names in twins.values().filter(|names| names.len() > 1) {
        let first = names.first().unwrap();
        for (_, what) in found.iter_mut().filter(|(name, _)| names.contains(name)) {
            what.push_str(&format!(" with {first}"));
        }
    }
    found.sort();
    found
}

fn mode_of(about: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o7777
}

pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

pub fn describe(step: &UndoStep) -> String {
    let action = match &step.action {
        UndoAction::Create => "create".to_owned(),
        UndoAction::MoveFrom(from) => format!("move {from} to"),
        UndoAction::Remove => "remove".to_owned(),
        UndoAction::Restore => "restore".to_owned(),
    };
    let note = match &step.state {
        ReviewedState::AsLeft => "",
        ReviewedState::Already => " (already)",
        ReviewedState::Cannot(why) => return cannot(&step.shown, why),
        ReviewedState::ChangedSince => " (changed since)",
        ReviewedState::PerhapsYours => " (perhaps yours)",
    };
    format!("{action} {}{note}", step.shown)
}

/// A step that cannot be done, as it is described.
pub fn cannot(shown: &str, why: &str) -> String {
    format!("cannot {shown}: {why}")
}
