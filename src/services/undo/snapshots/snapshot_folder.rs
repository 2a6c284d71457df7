//! Snapshots of one folder, shared by all sessions about it: the listing, kept up to date, and the
//! copies of contents.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::uncovered::Uncovered;
use crate::base::text::hex;
use crate::undo::changes::other_calls::RecentChanges;
use crate::undo::changes::other_hands::OtherHands;
use crate::undo::changes::pending_calls::ProgramRun;
use crate::undo::scan::listing::{FolderTree, holding, shared, unsettled};
use crate::undo::scan::made_repositories;
use crate::undo::scan::stat::{FileTime, StatKind, now};
use crate::undo::scan::walk::{SnapshotRoots, look_again, scan};
use crate::undo::scan::watch::{FolderWatch, WatchedChange};
use crate::undo::store::contents::{ContentIndex, QUOTA};
use crate::undo::store::fill::{fill, sweep};

/// How long a command is held up while contents are still being kept. What has no copy by then is
/// named.
#[cfg(not(test))]
const PATIENCE: Duration = Duration::from_millis(150);
/// Tests are not about how busy the machine is.
#[cfg(test)]
const PATIENCE: Duration = LONG_PATIENCE;
/// The same of one that may destroy them, where nothing else keeps them: then it is asked about.
/// Esc ends that, too.
const LONG_PATIENCE: Duration = Duration::from_secs(10);
/// How far keeping contents stands back behind other work, as `nice(2)` counts.
#[cfg(target_os = "linux")]
const BEHIND: i32 = 5;
/// Files, as they once were, that may be known beside those there are.
const MANY: usize = 10_000;

#[derive(Debug)]
pub struct SnapshotFolder {
    pub scope: SnapshotRoots,
    pub place: PathBuf,
    pub contents: ContentIndex,
    /// Recent changes by calls of all its sessions.
    pub recent: RecentChanges,
    /// Whether others than those calls were seen at work.
    pub hands: OtherHands,
    current: Mutex<Current>,
    filling: Mutex<Filling>,
    filled: Condvar,
    run: Mutex<Option<ProgramRun>>,
    /// Listings from before calls: what they name is not forgotten while the calls run.
    before: Mutex<Vec<Weak<FolderTree>>>,
}

#[derive(Debug, Default)]
struct Current {
    listing: Arc<FolderTree>,
    watch: Option<FolderWatch>,
    scanned: bool,
    /// When it was looked at last.
    taken: FileTime,
    /// Folders that were looked into last, and when: what was written there just before may be
    /// written again without a sign.
    recent: HashSet<PathBuf>,
}

#[derive(Debug, Default)]
struct Filling {
    runs: bool,
    /// The listing that all is known of.
    done: Option<Arc<FolderTree>>,
    uncovered: Uncovered,
}

/// A folder as it is now.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub listing: Arc<FolderTree>,
    pub recent: HashSet<PathBuf>,
    pub taken: FileTime,
}

impl SnapshotFolder {
    /// Touches nothing but the git folders' names. `folder` with links followed.
    pub fn new(folder: PathBuf, snapshots: &Path, private: Vec<PathBuf>) -> Self {
        let digest = Sha256::digest(folder.as_os_str().as_encoded_bytes());
        let place = snapshots.join(hex(&digest[..12]));
        Self {
            scope: SnapshotRoots::new(folder, private),
            contents: ContentIndex::new(&place, QUOTA),
            recent: RecentChanges::default(),
            hands: OtherHands::default(),
            place,
            current: Mutex::default(),
            filling: Mutex::default(),
            filled: Condvar::new(),
            run: Mutex::default(),
            before: Mutex::default(),
        }
    }

    /// Looks at what may have changed since the last time, and only at that where the system tells.
    pub fn refresh(&self) -> Snapshot {
        let mut current = self.current();
        let taken = now();
        let Current { listing, watch, scanned, recent, taken: last } = &mut *current;
        let last = std::mem::replace(last, taken);
        let changed = match watch {
            Some(watch) if *scanned => watch.changed(),
            _ => WatchedChange::Anything,
        };
        match changed {
            WatchedChange::Folders(folders) if folders.is_empty() => recent.clear(),
            WatchedChange::Folders(mut folders) => {
                let before = Arc::clone(listing);
                let fresh = Arc::make_mut(listing);
                let repositories =
                    look_again(&self.scope, watch.as_ref(), fresh, folders.iter().cloned());
                made_repositories::list(
                    &self.scope,
                    watch.as_ref(),
                    (&before, last),
                    fresh,
                    repositories,
                );
                // A change by one name of a file is told of that name alone, and so is a new name.
                let nodes = shared([&before, fresh], &folders);
                if !nodes.is_empty() {
                    let others: Vec<PathBuf> =
                        holding(fresh, &nodes).difference(&folders).cloned().collect();
                    look_again(&self.scope, watch.as_ref(), fresh, others.iter().cloned());
                    folders.extend(others);
                }
                *recent = folders;
            }
            WatchedChange::Anything => {
                if !*scanned {
                    *watch = FolderWatch::new(&self.scope.folder);
                }
                let mut fresh = scan(&self.scope, watch.as_ref());
                if *scanned {
                    let repositories = fresh.folders.keys().filter(|path| path.ends_with(".git"));
                    let repositories = repositories.map(|path| path.to_path_buf()).collect();
                    made_repositories::list(
                        &self.scope,
                        watch.as_ref(),
                        (listing, last),
                        &mut fresh,
                        repositories,
                    );
                }
                *recent = unsettled(&fresh, taken);
                // One that says the same stays the same, so that nobody waits until all of it is
                // known again.
                if **listing != fresh {
                    let known = Arc::make_mut(listing);
                    known.folders.retain(|folder, _| fresh.folders.contains_key(folder));
                    for (folder, names) in fresh.folders {
                        if known.folders.get(&folder).is_none_or(|then| *then != names) {
                            known.folders.insert(folder, names);
                        }
                    }
                }
                // One that does not see all is no use, and others want to watch as well.
                if watch.as_ref().is_some_and(FolderWatch::is_blind) {
                    *watch = None;
                }
                *scanned = true;
            }
        }
        Snapshot { listing: Arc::clone(listing), recent: recent.clone(), taken }
    }

    /// Begins to keep contents, away from whoever asks; it ends by itself.
    pub fn prepare(self: &Arc<Self>) {
        let mut filling = self.filling();
        if filling.runs {
            return;
        }
        filling.runs = true;
        drop(filling);
        let folder = Arc::clone(self);
        let started = std::thread::Builder::new().name("snapshot".into()).spawn(move || {
            make_way();
            folder.keep_filling();
        });
        if let Err(error) = started {
            tracing::warn!(%error, "nothing can be kept for undo in the background");
            self.filling().runs = false;
        }
    }

    /// A listing, and those from before calls that are still running.
    fn in_use(&self, listing: &Arc<FolderTree>) -> Vec<Arc<FolderTree>> {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        before.retain(|listing| listing.strong_count() > 0);
        before.iter().filter_map(Weak::upgrade).chain([Arc::clone(listing)]).collect()
    }

    /// Keeps contents until all are kept, or no session uses the folder any more.
    fn keep_filling(self: &Arc<Self>) {
        let is_let_go_of = || Arc::strong_count(self) == 1;
        // Contents that another program counts on stay; from here on, others keep those that this
        // one does.
        let is_alone = self.run(|run| Ok(!run.has_company())).unwrap_or_default();
        let Snapshot { mut listing, .. } = self.refresh_while_reading();
        loop {
            if self.filling().done.as_ref().is_some_and(|done| Arc::ptr_eq(done, &listing)) {
                break;
            }
            let files = listing.names();
            if is_alone
                && (self.contents.room() < QUOTA / 4 || self.contents.count() > 2 * files + MANY)
            {
                sweep(&self.contents, &self.in_use(&listing));
            }
            let uncovered = fill(&self.scope, &self.contents, &listing, &is_let_go_of);
            let mut filling = self.filling();
            filling.done = Some(Arc::clone(&listing)).filter(|_| !uncovered.unfinished);
            filling.uncovered = uncovered;
            self.filled.notify_all();
            if is_let_go_of() {
                break;
            }
            listing = self.refresh().listing;
        }
        self.filling().runs = false;
        self.filled.notify_all();
    }

    /// Looks at the folder while another thread reads what earlier programs wrote down about it.
    fn refresh_while_reading(&self) -> Snapshot {
        std::thread::scope(|threads| {
            let reader = std::thread::Builder::new().name("snapshot index".into());
            let started = reader.spawn_scoped(threads, || self.contents.get_ready());
            if let Err(error) = started {
                tracing::debug!(%error, "what is kept is read later");
            }
            self.refresh()
        })
    }

    /// The folder as it is, with copies of what could be kept in time; and what has none.
    pub fn before_command(self: &Arc<Self>) -> (Snapshot, Uncovered) {
        self.before(PATIENCE)
    }

    /// The same, with time for all that can be kept.
    pub fn before_loss(self: &Arc<Self>) -> (Snapshot, Uncovered) {
        self.before(LONG_PATIENCE)
    }

    fn before(self: &Arc<Self>, patience: Duration) -> (Snapshot, Uncovered) {
        // While the folder is still being listed by whoever was told to get ready.
        self.contents.get_ready();
        let snapshot = self.refresh();
        self.before
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::downgrade(&snapshot.listing));
        self.read_again(&snapshot);
        let is_done = |filling: &Filling| {
            filling.done.as_ref().is_some_and(|done| Arc::ptr_eq(done, &snapshot.listing))
        };
        if is_done(&self.filling()) {
            return (snapshot, self.filling().uncovered.clone());
        }
        self.prepare();
        let until = Instant::now() + patience;
        // The call that is about to run is noted by this listing.
        let written = self.run(|run| run.write(&snapshot.listing));
        if let Err(error) = written {
            tracing::warn!(%error, "a listing could not be written before a call");
        }
        let mut filling = self.filling();
        while !is_done(&filling) && Instant::now() < until {
            let left = until.saturating_duration_since(Instant::now());
            filling =
                self.filled.wait_timeout(filling, left).unwrap_or_else(PoisonError::into_inner).0;
            if !filling.runs && !is_done(&filling) {
                drop(filling);
                self.prepare();
                filling = self.filling();
            }
        }
        if is_done(&filling) {
            return (snapshot, filling.uncovered.clone());
        }
        // In a large folder not all is kept yet; the rest follows while the command runs.
        let uncovered = Uncovered { unfinished: true, ..filling.uncovered.clone() };
        drop(filling);
        (snapshot, uncovered)
    }

    /// A file that was written just before it was read may have changed again since.
    fn read_again(&self, snapshot: &Snapshot) {
        let until = Instant::now() + PATIENCE;
        let folders = snapshot
            .recent
            .iter()
            .filter_map(|folder| Some((folder, snapshot.listing.folders.get(&**folder)?)));
        for (path, listed) in folders.flat_map(|(folder, names)| {
            names.names.iter().map(|listed| (folder.join(&*listed.name), listed))
        }) {
            let is_known =
                listed.stat.kind != StatKind::File || self.contents.of(&listed.stat).is_some();
            if !is_known && self.contents.recall(&listed.stat).is_some() && Instant::now() < until {
                let _not_kept = self.contents.take(&path, &listed.stat);
            }
        }
    }

    /// As it was looked at last.
    pub fn known(&self) -> Arc<FolderTree> {
        Arc::clone(&self.current().listing)
    }

    /// This program's run, begun with the first call.
    ///
    /// # Errors
    ///
    /// Fails if the run's folder cannot be made, or with the error of `work`.
    pub fn run<T>(
        &self,
        work: impl FnOnce(&mut ProgramRun) -> std::io::Result<T>,
    ) -> std::io::Result<T> {
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        if run.is_none() {
            *run = Some(ProgramRun::begin(&self.runs())?);
        }
        match run.as_mut() {
            Some(run) => work(run),
            None => Err(std::io::Error::other("there is no run")),
        }
    }

    pub fn runs(&self) -> PathBuf {
        self.place.join("runs")
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn filling(&self) -> MutexGuard<'_, Filling> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl SnapshotFolder {
    /// For tests: as where the system does not tell of all changes.
    pub fn is_not_told(&self) {
        self.refresh();
        self.current().watch = None;
    }

    pub fn rest(self: &Arc<Self>) {
        let mut filling = self.filling();
        while filling.runs {
            filling = self.filled.wait(filling).unwrap_or_else(PoisonError::into_inner);
        }
        drop(filling);
        // The thread holds on to the folder for a moment after its last word.
        while Arc::strong_count(self) > 1 {
            std::thread::yield_now();
        }
    }
}

/// Lets whatever the person does go first: on Linux, where a thread can be told so alone.
fn make_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(BEHIND) {
        tracing::debug!(%error, "contents are kept as fast as all else goes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files::Lock;

    #[test]
    fn contents_are_kept_no_longer_than_a_session_uses_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("work")).unwrap();
        std::fs::write(dir.path().join("work/file"), "x").unwrap();
        for (is_used, kept) in [(true, 1), (false, 0)] {
            let data = dir.path().join(format!("data-{kept}"));
            let folder = Arc::new(SnapshotFolder::new(dir.path().join("work"), &data, Vec::new()));
            let (place, weak) = (folder.place.clone(), Arc::downgrade(&folder));
            // Holds the thread up at its beginning.
            let lock = Lock::take(&place.join("beginning")).unwrap();
            folder.prepare();
            let session = is_used.then_some(folder);
            drop(lock);
            session.iter().for_each(SnapshotFolder::rest);
            drop(session);
            while weak.strong_count() > 0 {
                std::thread::yield_now();
            }
            let contents = ContentIndex::new(&place, QUOTA);
            contents.get_ready();
            assert_eq!(contents.count(), kept);
        }
    }

    #[test]
    fn where_nothing_changed_nobody_waits_even_if_the_system_does_not_tell() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("work")).unwrap();
        std::fs::write(dir.path().join("work/file"), "x").unwrap();
        let folder = Arc::new(SnapshotFolder::new(
            dir.path().join("work"),
            &dir.path().join("data"),
            Vec::new(),
        ));
        folder.is_not_told();
        folder.prepare();
        folder.rest();
        let (snapshot, uncovered) = folder.before_command();
        assert_eq!(uncovered, Uncovered::default());
        assert!(Arc::ptr_eq(&snapshot.listing, &folder.refresh().listing));
        std::fs::write(dir.path().join("work/file"), "xy").unwrap();
        assert!(!Arc::ptr_eq(&snapshot.listing, &folder.refresh().listing));
    }
}
