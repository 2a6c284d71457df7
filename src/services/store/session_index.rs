//! The list of sessions: the saved index, checked against the logs. Reads only what a log gained
//! since.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::{self, DirEntry, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::UNIX_EPOCH;

use crate::base::files::FileError;
use crate::protocol::{SessionId, SessionSummary};

use super::belongings;
use super::holder_note;
use super::index::{self, IndexEntry};

/// Several threads read the files if there are at least this many.
const MANY: usize = 500;
/// How many of the latest logs are checked before the list is first shown.
const LATEST: usize = 64;

/// The list of sessions, and how far it has been checked.
#[derive(Debug)]
pub struct SessionIndex {
    folder: PathBuf,
    /// Sorted by id.
    logs: Vec<Log>,
    state: State,
}

/// An existing log.
#[derive(Debug)]
struct Log {
    id: String,
    file: DirEntry,
    /// A note beside it says who has it open.
    is_noted: bool,
    /// None before it has been read.
    entry: Option<IndexEntry>,
}

impl Log {
    /// Its row in the list; `None` before it has been read.
    fn summary(&self) -> Option<SessionSummary> {
        let is_open_elsewhere = self.is_noted && holder_note::is_open_elsewhere(&self.file.path());
        Some(SessionSummary { is_open_elsewhere, ..self.entry.as_ref()?.summary(&self.id) })
    }
}

/// Whether the list is the one that was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    AsSaved,
    Changed,
}

/// The outcome of a check of the logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckedSession {
    /// A log was new, changed or gone: summaries taken before may be out of date.
    Different,
    /// All were as the list had them.
    Same,
}

impl SessionIndex {
    /// The saved list, with new logs and the latest ones checked.
    pub(super) fn glance(folder: &Path) -> io::Result<Self> {
        let (saved, files) = thread::scope(|scope| {
            let saved = scope.spawn(|| index::load(folder));
            let files = files(folder);
            let mut saved = saved.join().unwrap_or_default();
            saved.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            (saved, files)
        });
        let (files, before) = (files?, saved.len());
        let mut saved = saved.into_iter().peekable();
        let mut logs = Vec::with_capacity(files.len());
        let mut found = 0;
        for (id, (file, is_noted)) in files {
            while saved.next_if(|(gone, _)| *gone < id).is_some() {}
            let entry = saved.next_if(|(known, _)| *known == id).map(|(_, entry)| entry);
            found += usize::from(entry.is_some());
            logs.push(Log { id, file, is_noted, entry });
        }
        let state = if found == before { State::AsSaved } else { State::Changed };
        let mut listing = Self { folder: folder.to_owned(), logs, state };
        let mut looks: Vec<usize> = (0..listing.logs.len()).collect();
        // New logs count as the latest.
        let written = |at: &usize| {
            Reverse(listing.logs[*at].entry.as_ref().map_or(u64::MAX, |entry| entry.mtime))
        };
        let new = listing.logs.iter().filter(|log| log.entry.is_none()).count();
        if looks.len() > new + LATEST {
            looks.select_nth_unstable_by_key(new + LATEST, written);
            looks.truncate(new + LATEST);
        }
        listing.look_at(&looks);
        Ok(listing)
    }

    /// Checks every log.
    pub fn check(&mut self) -> CheckedSession {
        self.look_at(&(0..self.logs.len()).collect::<Vec<_>>())
    }

    /// All sessions, newest first. Those that cannot be opened here say why.
    pub fn summaries(&self) -> Vec<SessionSummary> {
        let entry = |log: &'_ Log| {
            log.entry.as_ref().filter(|entry| entry.is_listed()).map(|entry| entry.mtime)
        };
        let mut listed: Vec<(u64, &Log)> =
            self.logs.iter().filter_map(|log| Some((entry(log)?, log))).collect();
        listed
            .sort_unstable_by(|(one, a), (other, b)| other.cmp(one).then_with(|| b.id.cmp(&a.id)));
        listed.into_iter().filter_map(|(_, log)| log.summary()).collect()
    }

    /// The sessions in which nothing seems to have been said, and that no program seems to have
    /// open.
    pub(super) fn empty(&self) -> impl Iterator<Item = SessionId> {
        let logs = self.logs.iter().filter(|log| !log.is_noted);
        let summaries = logs.filter_map(Log::summary);
        summaries.filter(|session| !session.says_something()).map(|session| session.id)
    }

    /// Saves the index and removes leftovers that belong to no session. If it is not called, the
    /// next reader repeats the work.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the index cannot be written.
    pub fn keep(self) -> Result<(), FileError> {
        if self.state == State::AsSaved {
            return Ok(());
        }
        belongings::sweep(&self.folder);
        index::save(
            &self.folder,
            self.logs.iter().filter_map(|log| Some((log.id.as_str(), log.entry.as_ref()?))),
        )
    }

    fn look_at(&mut self, which: &[usize]) -> CheckedSession {
        let mut checked = CheckedSession::Same;
        for (at, look) in which.iter().zip(looks(&self.logs, which)) {
            let log = &mut self.logs[*at];
            let known = log.entry.as_ref().map(|entry| (entry.mtime, entry.size));
            if look == known {
                continue;
            }
            let before = log.entry.take();
            log.entry = look.and_then(|(mtime, _)| match read(&log.file.path(), before) {
                Ok(mut entry) => {
                    entry.mtime = mtime;
                    Some(entry)
                }
                Err(error) => {
                    tracing::warn!(%error, "a session cannot be listed");
                    None
                }
            });
            if known.is_some() || log.entry.is_some() {
                (self.state, checked) = (State::Changed, CheckedSession::Different);
            }
        }
        checked
    }
}

/// The logs of a folder by their ids, in that order, and whether there is a note beside each.
fn files(folder: &Path) -> io::Result<BTreeMap<String, (DirEntry, bool)>> {
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let (mut logs, mut noted) = (BTreeMap::new(), Vec::new());
    for file in files.flatten() {
        let name = file.file_name();
        match name.to_str().and_then(|name| name.rsplit_once('.')) {
            Some((id, "jsonl")) if id.starts_with("ses_") => {
                logs.insert(id.to_owned(), (file, false));
            }
            Some((id, "open")) => noted.push(id.to_owned()),
            _ => {}
        }
    }
    for id in noted {
        logs.entry(id).and_modify(|(_, is_noted)| *is_noted = true);
    }
    Ok(logs)
}

/// The mtime (nanoseconds since 1970 UTC) and size of each log; `None` for one that is no file any
/// more.
fn looks(logs: &[Log], which: &[usize]) -> Vec<Option<(u64, u64)>> {
    let looks = |which: &[usize]| which.iter().map(|at| look(&logs[*at].file)).collect::<Vec<_>>();
    if which.len() < MANY {
        return looks(which);
    }
    let (one, other) = which.split_at(which.len() / 2);
    thread::scope(|scope| {
        let other = scope.spawn(|| looks(other));
        let mut both = looks(one);
        both.extend(other.join().unwrap_or_default());
        both
    })
}

fn look(file: &DirEntry) -> Option<(u64, u64)> {
    let about = file.metadata().ok().filter(|about| about.is_file())?;
    let mtime = about
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |time| time.as_nanos() as u64);
    Some((mtime, about.len()))
}

/// Reads the lines that were added since; the whole log if it was replaced.
fn read(path: &Path, before: Option<IndexEntry>) -> io::Result<IndexEntry> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut entry = before.filter(|before| before.size <= size).unwrap_or_default();
    file.seek(SeekFrom::Start(entry.read))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1);
    let mut rest = &bytes[..whole];
    while let Some(end) = memchr::memchr(b'\n', rest) {
        entry.take(&rest[..end]);
        rest = &rest[end + 1..];
    }
    entry.read += whole as u64;
    entry.size = size;
    let sound = entry.read;
    entry.settle(|| {
        file.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        file.take(sound).read_to_end(&mut bytes)?;
        Ok(bytes)
    })?;
    Ok(entry)
}
