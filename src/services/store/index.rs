//! The index file: what is known of sessions without opening their logs. It can be deleted at any
//! time, and may lag behind the logs.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;
use crate::base::files::{FileError, replace};
use crate::protocol::{LogFailure, SessionId, SessionSummary};

use super::log_line::{VERSION, WORDS};
use super::recorded_session::{RecordedSession, title_of};

const NAME: &str = "index.json";
/// The version of the file's format.
const FORM: u32 = 3;

/// The facts of a log, up to the point where it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct IndexEntry {
    /// Nanoseconds since 1970 UTC.
    pub(super) mtime: u64,
    pub(super) size: u64,
    /// Bytes of whole lines that were read.
    pub(super) read: u64,
    version: u32,
    folder: String,
    created: i64,
    title: String,
    named: bool,
    prompts: u32,
    branches: u32,
    /// The log went back: what it holds now has to be read as a whole.
    went_back: bool,
}

/// The fields of a log line that the list shows.
#[derive(Deserialize)]
struct IndexedStat<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    version: Option<u32>,
    folder: Option<String>,
    at: Option<i64>,
    title: Option<String>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    direction: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Serialize)]
struct IndexFile<T> {
    form: u32,
    entries: Vec<T>,
}

/// Id, mtime, size, read, version, folder, created, title, named, prompts, branches. A compact row,
/// because ten thousand of them are read before the list appears.
type Row<T> = (T, u64, u64, u64, u32, T, i64, T, bool, u32, u32);

/// The saved entries by session id; none if the file is missing, damaged or of another version.
pub(super) fn load(folder: &Path) -> Vec<(String, IndexEntry)> {
    let saved = fs::read(folder.join(NAME))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<IndexFile<Row<String>>>(&bytes).ok());
    let rows =
        saved.filter(|saved| saved.form == FORM).map(|saved| saved.entries).unwrap_or_default();
    let entry = |row: Row<String>| {
        let (id, mtime, size, read, version, folder, created, title, named, prompts, branches) =
            row;
        let entry = IndexEntry {
            mtime,
            size,
            read,
            version,
            folder,
            created,
            title,
            named,
            prompts,
            branches,
            went_back: false,
        };
        (id, entry)
    };
    rows.into_iter().map(entry).collect()
}

/// Replaces the saved entries. If two processes save at once, one wins and the next reader repairs
/// the rest.
pub(super) fn save<'a>(
    folder: &Path,
    entries: impl Iterator<Item = (&'a str, &'a IndexEntry)>,
) -> Result<(), FileError> {
    let row = |(id, entry): (&'a str, &'a IndexEntry)| -> Row<&'a str> {
        let IndexEntry { mtime, size, read, version, folder, created, title, named, .. } = entry;
        let (prompts, branches) = (entry.prompts, entry.branches);
        (id, *mtime, *size, *read, *version, folder, *created, title, *named, prompts, branches)
    };
    // Text and integers always serialize.
    let bytes = serde_json::to_vec(&IndexFile { form: FORM, entries: entries.map(row).collect() })
        .unwrap_or_default();
    replace(&folder.join(NAME), &bytes)
}

impl IndexEntry {
    /// Whether the log holds anything to list.
    pub(super) fn is_listed(&self) -> bool {
        self.read > 0
    }

    fn failure(&self) -> Option<LogFailure> {
        match self.version {
            // No line states a version.
            0 => Some(LogFailure::FirstLine),
            version if version > VERSION => Some(LogFailure::Newer),
            _ => None,
        }
    }

    pub(super) fn summary(&self, id: &str) -> SessionSummary {
        let changed = Timestamp(i64::try_from(self.mtime / 1_000_000).unwrap_or(i64::MAX));
        let failure = self.failure();
        let is_dated = failure != Some(LogFailure::FirstLine);
        SessionSummary {
            id: SessionId::new(id),
            folder: PathBuf::from(&self.folder),
            title: self.title.clone(),
            is_named: self.named,
            created: if is_dated { Timestamp(self.created) } else { changed },
            changed,
            prompts: self.prompts,
            branches: self.branches,
            failure,
            is_open_elsewhere: false,
            activity: None,
        }
    }

    /// Reads the next line of the log; skips damaged ones.
    pub(super) fn take(&mut self, line: &[u8]) {
        let Ok(line) = serde_json::from_slice::<IndexedStat<'_>>(line) else { return };
        match &*line.kind {
            "session" => {
                self.version = line.version.unwrap_or_default();
                self.folder = line.folder.unwrap_or_default();
                self.created = line.at.unwrap_or_default();
            }
            "title" => {
                if let Some(title) = line.title {
                    (self.title, self.named) = (title, true);
                }
            }
            "user" => {
                self.prompts += 1;
                if !self.named && self.prompts == 1 {
                    self.title = title_of(&line.text.unwrap_or_default());
                }
            }
            "undone" => self.went_back |= line.direction.as_deref() == Some(WORDS),
            _ => {}
        }
    }

    /// Counts anew what is left of a log that went back; `log` holds all of its whole lines.
    pub(super) fn settle(&mut self, log: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<()> {
        if std::mem::take(&mut self.went_back) {
            let past = RecordedSession::read(&log()?);
            let summary = past.summary(SessionId::new(""), Timestamp(0));
            (self.title, self.prompts) = (summary.title, summary.prompts);
            self.branches = summary.branches;
        }
        Ok(())
    }
}
