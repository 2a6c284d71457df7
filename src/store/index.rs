//! What is known of every session without opening its log: read back from a file, checked against sizes and times, and mended where they differ.
//! Can be thrown away at any time.

use std::collections::HashMap;
use std::fs::{self, DirEntry, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;
use crate::base::files::{FileError, replace};
use crate::protocol::{SessionId, SessionSummary};

use super::line::VERSION;
use super::past::title_of;

const NAME: &str = "index.json";
/// From so many files on the work is shared out.
const MANY: usize = 500;
/// Of the index's own form.
const FORM: u32 = 1;

#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Index {
    form: u32,
    entries: Vec<Entry>,
    #[serde(skip)]
    folder: PathBuf,
}

/// One log, as far as it had been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
struct Entry {
    id: String,
    /// Nanoseconds since 1970 UTC.
    mtime: u64,
    size: u64,
    /// Bytes that were whole lines.
    read: u64,
    version: u32,
    folder: String,
    created: i64,
    title: String,
    named: bool,
    prompts: u32,
}

/// What a line may hold that a list is interested in.
#[derive(Deserialize)]
struct Glance {
    #[serde(rename = "type")]
    kind: String,
    version: Option<u32>,
    folder: Option<String>,
    at: Option<i64>,
    title: Option<String>,
    text: Option<String>,
}

impl Index {
    /// The index of a folder as it is now, and whether it differs from the one on disk.
    pub(super) fn refresh(folder: &Path) -> io::Result<(Self, bool)> {
        // Ten thousand looks at files take as long as all the rest: they are shared out.
        let (saved, looks) = thread::scope(|scope| {
            let saved = scope.spawn(|| Self::load(folder));
            let looks = looks(folder);
            (saved.join().unwrap_or_default(), looks)
        });
        let mut known: HashMap<String, Entry> = saved.entries.into_iter().map(|entry| (entry.id.clone(), entry)).collect();
        let mut fresh = false;
        let looks = looks?;
        let mut entries = Vec::with_capacity(looks.len());
        for Look { id, mtime, size } in looks {
            match known.remove(&id) {
                Some(entry) if entry.mtime == mtime && entry.size == size => entries.push(entry),
                before => {
                    fresh = true;
                    match read(&folder.join(format!("{id}.jsonl")), &id, before) {
                        Ok(entry) => entries.push(Entry { mtime, ..entry }),
                        Err(error) => tracing::warn!(%error, "a session cannot be listed"),
                    }
                }
            }
        }
        let gone = !known.is_empty();
        Ok((Self { form: FORM, entries, folder: folder.to_owned() }, fresh || gone))
    }

    /// As it was saved; an empty one where it is missing, damaged or of another form.
    fn load(folder: &Path) -> Self {
        let saved = fs::read(folder.join(NAME)).ok().and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        saved.filter(|index| index.form == FORM).unwrap_or_default()
    }

    /// Puts it in the place of the one on disk. Of two at a time one wins, and the next reader mends the rest.
    pub fn save(&self) -> Result<(), FileError> {
        // Text keys, text and whole numbers only: it cannot fail.
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        replace(&self.folder.join(NAME), &bytes)
    }

    /// Those that hold a prompt and can be read here, newest first.
    pub(super) fn summaries(&self) -> Vec<SessionSummary> {
        let mut sessions: Vec<SessionSummary> =
            self.entries.iter().filter(|entry| entry.prompts > 0 && entry.version <= VERSION).map(Entry::summary).collect();
        sessions.sort_unstable_by(|a, b| b.changed.cmp(&a.changed).then_with(|| b.id.cmp(&a.id)));
        sessions
    }
}

impl Entry {
    fn summary(&self) -> SessionSummary {
        SessionSummary {
            id: SessionId::new(self.id.as_str()),
            folder: PathBuf::from(&self.folder),
            title: self.title.clone(),
            created: Timestamp(self.created),
            changed: Timestamp(i64::try_from(self.mtime / 1_000_000).unwrap_or(i64::MAX)),
            prompts: self.prompts,
        }
    }

    fn take(&mut self, line: Glance) {
        match line.kind.as_str() {
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
            _ => {}
        }
    }
}

/// A log as the folder tells of it.
struct Look {
    id: String,
    mtime: u64,
    size: u64,
}

fn looks(folder: &Path) -> io::Result<Vec<Look>> {
    let files: Vec<DirEntry> = match fs::read_dir(folder) {
        Ok(files) => files.flatten().collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let (one, other) = files.split_at(files.len() / 2);
    let look = |files: &[DirEntry]| files.iter().filter_map(look).collect::<Vec<_>>();
    if files.len() < MANY {
        return Ok(look(&files));
    }
    Ok(thread::scope(|scope| {
        let other = scope.spawn(|| look(other));
        let mut looks = look(one);
        looks.extend(other.join().unwrap_or_default());
        looks
    }))
}

fn look(file: &DirEntry) -> Option<Look> {
    let name = file.file_name();
    let id = name.to_str()?.strip_suffix(".jsonl").filter(|id| id.starts_with("ses_"))?;
    let about = file.metadata().ok().filter(|about| about.is_file())?;
    let mtime = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map_or(0, |time| time.as_nanos() as u64);
    Some(Look { id: id.to_owned(), mtime, size: about.len() })
}

/// Reads what was added since the last time; all of it where the log is another one.
fn read(path: &Path, id: &str, before: Option<Entry>) -> io::Result<Entry> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut entry = match before {
        Some(before) if before.size <= size => before,
        _ => Entry { id: id.to_owned(), ..Entry::default() },
    };
    file.seek(SeekFrom::Start(entry.read))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    for line in bytes[..whole].split(|byte| *byte == b'\n') {
        if let Ok(glance) = serde_json::from_slice(line) {
            entry.take(glance);
        }
    }
    entry.read += whole as u64;
    entry.size = size;
    Ok(entry)
}
