//! Pending calls, on disk before they run: the listing from before each, and which call of
//! which session it is. Read again after the program was killed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::files::{self, Lock};
use crate::protocol::{SessionId, TurnId};

use crate::undo::scan::listing::FolderTree;
use crate::undo::scan::listing_file;
use crate::undo::scan::stat::FileTime;

/// Bytes of a listing.
const LARGEST: u64 = 1 << 30;

/// This program's own folder in a store; its lock says that the program lives.
#[derive(Debug)]
pub struct ProgramRun {
    place: PathBuf,
    _alive: Lock,
    count: u64,
    /// The listing that is on disk, and where.
    written: Option<(Arc<FolderTree>, PathBuf)>,
}

/// A call that may change files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingCall {
    pub id: String,
    pub session: SessionId,
    pub turn: TurnId,
    pub began: FileTime,
    /// Only these are looked at; none: all of the folder.
    pub files: Vec<PathBuf>,
    place: PathBuf,
    listing: PathBuf,
}

impl ProgramRun {
    /// Makes the program's folder among all `runs` of a store.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn begin(runs: &Path) -> io::Result<Self> {
        let _others_wait = among(runs)?;
        let place = runs.join(uuid::Uuid::now_v7().simple().to_string());
        files::create_private_folder(&place).map_err(io::Error::other)?;
        let lock = Lock::try_take(&place.join("run")).map_err(io::Error::other)?;
        let alive = lock.ok_or_else(|| io::Error::other("somebody else has taken it"))?;
        Ok(Self { place, _alive: alive, count: 0, written: None })
    }

    #[cfg(test)]
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Writes the folder's own listing, where it is not the one that was written last. Returns its
    /// file.
    ///
    /// # Errors
    ///
    /// Fails if the listing cannot be written into the run's folder.
    pub fn write(&mut self, listing: &Arc<FolderTree>) -> io::Result<PathBuf> {
        match &self.written {
            Some((written, file)) if Arc::ptr_eq(written, listing) => Ok(file.clone()),
            _ => {
                let file = self.write_new(listing)?;
                self.written = Some((Arc::clone(listing), file.clone()));
                Ok(file)
            }
        }
    }

    fn write_new(&mut self, listing: &FolderTree) -> io::Result<PathBuf> {
        self.count += 1;
        let file = self.place.join(format!("listing-{}", self.count));
        write(&file, &listing_file::encode(listing))?;
        Ok(file)
    }

    /// Notes a call that is about to run.
    ///
    /// # Errors
    ///
    /// Fails if the listing or the note of the call cannot be written; the call must not run then.
    pub fn note(
        &mut self,
        listing: &Arc<FolderTree>,
        session: &SessionId,
        turn: TurnId,
        began: FileTime,
        only: &[PathBuf],
    ) -> io::Result<PendingCall> {
        self.count += 1;
        let place = self.place.join(format!("call-{}", self.count));
        let file = if only.is_empty() { self.write(listing)? } else { self.write_new(listing)? };
        let name = self.place.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let id = format!("{name}-{}", self.count);
        let pending = PendingCall {
            id,
            session: session.clone(),
            turn,
            began,
            files: only.to_vec(),
            place,
            listing: file,
        };
        write(&pending.place, &pending.encode())?;
        Ok(pending)
    }

    /// The call has ended, and what it changed is recorded.
    pub fn forget(&self, pending: &PendingCall) {
        settle(pending);
        self.sweep();
    }

    /// Whether another program that lives works in the same folder.
    pub fn has_company(&self) -> bool {
        let _others_wait = self.place.parent().map(among);
        let is_taken = |run: &PathBuf| !matches!(Lock::try_take(&run.join("run")), Ok(Some(_)));
        self.place
            .parent()
            .is_some_and(|runs| folders(runs).iter().any(|run| *run != self.place && is_taken(run)))
    }

    /// Listings that no call needs any more.
    fn sweep(&self) {
        let used: Vec<PathBuf> = calls(&self.place).into_iter().map(|call| call.listing).collect();
        let Ok(entries) = fs::read_dir(&self.place) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            let is_listing =
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("listing-"));
            let is_current = self.written.as_ref().is_some_and(|(_, file)| *file == path);
            if is_listing && !is_current && !used.contains(&path) {
                let _left = fs::remove_file(path);
            }
        }
    }
}

impl Drop for ProgramRun {
    fn drop(&mut self) {
        // Calls that still wait are for the next start; if there are none, the rest is not needed.
        if calls(&self.place).is_empty() {
            let _left_for_the_next_start = fs::remove_dir_all(&self.place);
        }
    }
}

impl PendingCall {
    /// Where a trace of what the call's processes do may be written.
    pub fn trace(&self) -> PathBuf {
        self.place.with_extension("trace")
    }

    /// Where contents may be kept that the call's processes destroy; see [`super::destroyed`].
    pub fn kept(&self) -> PathBuf {
        self.place.with_extension("kept")
    }

    pub fn listing(&self) -> Option<FolderTree> {
        listing_file::decode(&files::read(&self.listing, LARGEST).ok()?)
    }

    fn encode(&self) -> Vec<u8> {
        let name = self.listing.file_name().unwrap_or_default();
        let words = [
            self.id.clone(),
            self.session.as_str().to_owned(),
            self.turn.0.to_string(),
            self.began.to_string(),
        ];
        let mut bytes: Vec<u8> =
            words.into_iter().flat_map(|word| [word.into_bytes(), vec![0]].concat()).collect();
        bytes.extend_from_slice(name.as_encoded_bytes());
        for file in &self.files {
            bytes.push(0);
            bytes.extend_from_slice(file.as_os_str().as_encoded_bytes());
        }
        bytes
    }

    fn decode(place: PathBuf, bytes: &[u8]) -> Option<Self> {
        let mut words = bytes.split(|byte| *byte == 0);
        let mut text = || std::str::from_utf8(words.next()?).ok();
        let (id, session, turn) =
            (text()?.to_owned(), SessionId::new(text()?), TurnId(text()?.parse().ok()?));
        let began = text()?.parse().ok()?;
        let listing = Path::new(text()?).file_name()?.to_owned();
        let listing = place.with_file_name(listing);
        let files = words.map(path_of).collect::<Option<_>>()?;
        Some(Self { id, session, turn, began, files, place, listing })
    }
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(std::ffi::OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

/// A new file of the store's.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    files::give_to_folders_owner(path, &file);
    file.write_all(bytes)
}

/// The calls of programs that were killed, of one session. Hold on to the result until they are
/// recorded.
pub fn cut_off(runs: &Path, session: &SessionId) -> Vec<(PendingCall, Arc<Lock>)> {
    let mut found = Vec::new();
    let _others_wait = among(runs);
    for run in folders(runs) {
        let Ok(Some(lock)) = Lock::try_take(&run.join("run")) else { continue };
        let calls = calls(&run);
        if calls.is_empty() {
            let _next_time = fs::remove_dir_all(&run);
            continue;
        }
        let lock = Arc::new(lock);
        found.extend(
            calls
                .into_iter()
                .filter(|call| call.session == *session)
                .map(|call| (call, Arc::clone(&lock))),
        );
    }
    found.sort_by_key(|one| one.0.began);
    found
}

/// For tests: whether anybody holds the lock of a run.
#[cfg(test)]
pub fn is_alive(run: &Path) -> bool {
    run.exists() && !matches!(Lock::try_take(&run.join("run")), Ok(Some(_)))
}

/// Lets go of a call, once what it changed is recorded.
pub fn settle(pending: &PendingCall) {
    for file in [&pending.place, &pending.trace()] {
        let _not_there = fs::remove_file(file);
    }
    let _nothing_was_kept = fs::remove_dir_all(pending.kept());
}

/// Lets go of what was kept while a call ran, away from whoever waits: nobody needs it any more.
pub fn drop_kept(pending: &PendingCall) {
    let kept = pending.kept();
    if !kept.exists() {
        return;
    }
    let remove = move || {
        let _again_once_it_is_recorded = fs::remove_dir_all(kept);
    };
    if let Err(error) = std::thread::Builder::new().name("kept".to_owned()).spawn(remove) {
        tracing::debug!(%error, "what was kept of a call is removed later");
    }
}

fn calls(run: &Path) -> Vec<PendingCall> {
    let Ok(entries) = fs::read_dir(run) else { return Vec::new() };
    let is_call = |path: &PathBuf| {
        path.extension().is_none()
            && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("call-"))
    };
    let files = entries.flatten().map(|entry| entry.path()).filter(is_call);
    files.filter_map(|path| PendingCall::decode(path.clone(), &fs::read(&path).ok()?)).collect()
}

/// Keeps others from looking at the runs meanwhile: one that is just beginning has no lock yet, and
/// would be taken for a dead one.
fn among(runs: &Path) -> io::Result<Lock> {
    Lock::take(&runs.with_file_name("beginning")).map_err(io::Error::other)
}

fn folders(runs: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(runs) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_program_that_begins_is_not_taken_for_a_dead_one() {
        let dir = tempfile::tempdir().unwrap();
        let runs = dir.path().join("runs");
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    assert!(cut_off(&runs, &SessionId::new("other")).is_empty());
                }
            });
            let begun: Vec<_> = (0..200).map(|_| ProgramRun::begin(&runs).map(drop)).collect();
            is_over.store(true, Ordering::Relaxed);
            let failed: Vec<_> = begun.into_iter().filter_map(Result::err).collect();
            assert!(failed.is_empty(), "{} of 200: {:?}", failed.len(), failed.first());
        });
    }
}
