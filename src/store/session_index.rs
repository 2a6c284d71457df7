//! The list of sessions: what the index says of them, and how much of that has been checked against the logs. Reads of a log what is new in it.

use std::cmp::Reverse;
use std::fs::{self, DirEntry, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::UNIX_EPOCH;

use crate::base::files::FileError;
use crate::protocol::SessionSummary;

use super::belongings;
use super::index::{self, IndexEntry};

/// From so many files on the work is shared out.
const MANY: usize = 500;
/// How many of those written to last are looked at before anything is told.
const LATEST: usize = 64;

#[derive(Debug)]
pub struct SessionIndex {
    folder: PathBuf,
    /// In the order of their ids.
    logs: Vec<Log>,
    state: State,
}

/// A log that is there.
#[derive(Debug)]
struct Log {
    id: String,
    file: DirEntry,
    /// None before it has been read.
    entry: Option<IndexEntry>,
}

/// Whether the list is the one that was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    AsSaved,
    Changed,
}

/// What a look at the logs brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckedSession {
    Different,
    Same,
}

impl SessionIndex {
    /// What was saved of the logs that are there; those that are new, and those written to lately, have been looked at.
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
        for (id, file) in files {
            while saved.next_if(|(gone, _)| *gone < id).is_some() {}
            let entry = saved.next_if(|(known, _)| *known == id).map(|(_, entry)| entry);
            found += usize::from(entry.is_some());
            logs.push(Log { id, file, entry });
        }
        let state = if found == before { State::AsSaved } else { State::Changed };
        let mut listing = Self { folder: folder.to_owned(), logs, state };
        let mut looks: Vec<usize> = (0..listing.logs.len()).collect();
        // What is new counts as written to last of all.
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

    /// Looks at every log.
    pub fn check(&mut self) -> CheckedSession {
        self.look_at(&(0..self.logs.len()).collect::<Vec<_>>())
    }

    /// All of them, newest first; also those that cannot be opened here, which say why.
    pub fn summaries(&self) -> Vec<SessionSummary> {
        let entry = |log: &'_ Log| {
            log.entry.as_ref().filter(|entry| entry.is_listed()).map(|entry| entry.mtime)
        };
        let mut listed: Vec<(u64, &Log)> =
            self.logs.iter().filter_map(|log| Some((entry(log)?, log))).collect();
        listed
            .sort_unstable_by(|(one, a), (other, b)| other.cmp(one).then_with(|| b.id.cmp(&a.id)));
        listed
            .into_iter()
            .filter_map(|(_, log)| Some(log.entry.as_ref()?.summary(&log.id)))
            .collect()
    }

    /// Saves what was learned, and clears away what belongs to no session. Without it the next reader learns it again.
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

/// The logs of a folder, in the order of their ids.
fn files(folder: &Path) -> io::Result<Vec<(String, DirEntry)>> {
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let log = |file: DirEntry| {
        let id = file
            .file_name()
            .to_str()?
            .strip_suffix(".jsonl")
            .filter(|id| id.starts_with("ses_"))?
            .to_owned();
        Some((id, file))
    };
    let mut logs: Vec<(String, DirEntry)> = files.flatten().filter_map(log).collect();
    logs.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(logs)
}

/// When these were written to (nanoseconds since 1970 UTC), and their sizes; none for what is no file any more.
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

/// Reads what was added since the last time; all of it where the log is another one.
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
    Ok(entry)
}
