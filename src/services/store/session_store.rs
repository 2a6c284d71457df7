//! The session store: a folder (mode 0700) with one log (mode 0600) for each session,
//! `<data>/sessions/<id>.jsonl`, and a folder beside it for outputs and images. Blocks; safe among
//! processes.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::base::files::{FileError, create_private_folder};
use crate::base::{Clock, Timestamp};
use crate::protocol::{
    Branch, ForkPoint, ItemKind, KeepFrom, Record, SessionHolder, SessionId, SessionSelector,
    SessionSummary,
};

use super::StoreError;
use super::belongings;
use super::holder_note;
use super::log_line::{self, LineContent, VERSION};
use super::recorded_session::{self, LogHeader, RecordedSession};
use super::session_index::SessionIndex;
use super::session_log::SessionLog;

/// Bytes at the end of a log that are searched for its last words.
const TAIL: u64 = 256 << 10;
/// Characters of a preview.
const GLIMPSE: usize = 600;
/// How many generations of copies are followed back.
const FOREBEARS: usize = 16;

/// The folder of sessions, and the clock that dates their records.
#[derive(Clone, Debug)]
pub struct SessionStore {
    folder: PathBuf,
    pub(super) clock: Clock,
}

/// A session opened to continue it.
#[derive(Debug)]
pub struct OpenedSession {
    /// The copy's own if `log` is a copy.
    pub id: SessionId,
    /// Takes the records to come.
    pub log: SessionLog,
    /// The records until now.
    pub past: RecordedSession,
    /// Says whether `log` is a copy.
    pub origin: LogOrigin,
}

/// Whether the opened log is the session itself or a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogOrigin {
    /// A requested copy.
    Copy,
    /// A copy, because another program holds the session; with the holder if known.
    Held(Option<SessionHolder>),
    /// The session itself; this program holds its lock.
    Itself,
}

/// The last prompt and answer of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionPreview {
    pub prompt: String,
    pub answer: String,
}

impl SessionPreview {
    fn take(&mut self, kind: &ItemKind) {
        match kind {
            ItemKind::User { text, .. } => {
                *self = Self { prompt: glimpse(text), answer: String::new() }
            }
            ItemKind::Assistant { text, .. } => self.answer = glimpse(text),
            _ => {}
        }
    }
}

impl SessionStore {
    /// Names the folder; the first session makes it.
    pub fn new(folder: PathBuf, clock: Clock) -> Self {
        Self { folder, clock }
    }

    /// The folder for long outputs of a session's commands.
    pub fn outputs(&self, id: &SessionId) -> PathBuf {
        self.folder.join(id.as_str()).join("outputs")
    }

    /// The output folders of the sessions that this one was copied from, nearest first: its text
    /// names files there.
    pub fn outputs_before(&self, past: &RecordedSession) -> Vec<PathBuf> {
        let from = |header: &LogHeader| header.forked_from.clone();
        let first = past.header.as_ref().and_then(from);
        let line = std::iter::successors(first, |id| {
            recorded_session::header(&self.path(id).ok()?).as_ref().and_then(from)
        });
        line.take(FOREBEARS)
            .take_while(|id| self.path(id).is_ok())
            .map(|id| self.outputs(&id))
            .collect()
    }

    /// The folder for the contents of files that a session changed.
    pub fn images(&self, id: &SessionId) -> PathBuf {
        self.folder.join(id.as_str()).join("images")
    }

    /// Begins a new session about a folder.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the id is no file name.
    pub fn begin(
        &self,
        id: &SessionId,
        folder: &Path,
        keep_from: KeepFrom,
    ) -> Result<SessionLog, StoreError> {
        let header = self.header(id, folder.to_owned(), None);
        Ok(SessionLog::begin(self.path(id)?, &header, &[], keep_from, self.clock.clone()))
    }

    /// The list of sessions without checking the older ones, which may have changed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the folder cannot be read.
    pub fn glance(&self) -> Result<SessionIndex, StoreError> {
        SessionIndex::glance(&self.folder).map_err(|source| self.unreadable(source))
    }

    /// The list of sessions with every log checked.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the folder cannot be read.
    pub fn list(&self) -> Result<SessionIndex, StoreError> {
        let mut listing = self.glance()?;
        listing.check();
        Ok(listing)
    }

    /// The list of archived sessions.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the folder cannot be read.
    pub fn archived(&self) -> Result<SessionIndex, StoreError> {
        self.aside().list()
    }

    /// Archives a session.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if another program holds it, or the log cannot be moved.
    pub fn archive(&self, id: &SessionId) -> Result<(), StoreError> {
        let _held = self.hold(id)?;
        let aside = self.aside();
        create_private_folder(&aside.folder).map_err(|source| StoreError::Session { source })?;
        self.move_log(&self.path(id)?, &aside.path(id)?)
    }

    /// Takes a session out of the archive.
    ///
    /// # Errors
    ///
    /// As [`Self::archive`].
    pub fn unarchive(&self, id: &SessionId) -> Result<(), StoreError> {
        let aside = self.aside();
        let _held = aside.hold(id)?;
        self.move_log(&aside.path(id)?, &self.path(id)?)
    }

    /// The archive. Only logs move there; outputs and images stay.
    fn aside(&self) -> Self {
        Self { folder: self.folder.join("archived"), clock: self.clock.clone() }
    }

    /// Moves a log without replacing one.
    fn move_log(&self, from: &Path, to: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::Session {
            source: FileError::Write { path: to.to_owned(), source },
        };
        if to.exists() {
            return Err(failed(ErrorKind::AlreadyExists.into()));
        }
        fs::rename(from, to).map_err(failed)
    }

    /// The id that was meant, and the list that contains it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if no session fits, or several do.
    pub fn find(&self, which: &SessionSelector) -> Result<(SessionId, SessionIndex), StoreError> {
        let listing = self.list()?;
        Ok((Self::pick(listing.summaries(), which)?, listing))
    }

    fn pick(
        sessions: Vec<SessionSummary>,
        which: &SessionSelector,
    ) -> Result<SessionId, StoreError> {
        match which {
            SessionSelector::Latest(folder) => {
                let here = sessions.into_iter().find(|session| {
                    let has_prompts = session.prompts > 0 || session.branches > 0;
                    session.folder == *folder && has_prompts && session.failure.is_none()
                });
                here.map(|session| session.id)
                    .ok_or_else(|| StoreError::NoneHere { folder: folder.clone() })
            }
            SessionSelector::Named(name) => {
                let name = name.trim();
                let mut found: Vec<SessionId> = sessions
                    .into_iter()
                    .map(|session| session.id)
                    .filter(|id| id.as_str().contains(name))
                    .collect();
                if let Some(exact) = found.iter().position(|id| id.as_str() == name) {
                    return Ok(found.swap_remove(exact));
                }
                match (found.pop(), found.len()) {
                    (Some(id), 0) if !name.is_empty() => Ok(id),
                    (Some(_), more) if !name.is_empty() => {
                        Err(StoreError::Ambiguous { name: name.into(), count: more + 1 })
                    }
                    _ => Err(StoreError::NoSession { name: name.into() }),
                }
            }
        }
    }

    /// Copies a session under another id, up to a point.
    ///
    /// Images are not copied here: undo knows how they are kept. Long outputs stay with the
    /// original, and are deleted with it: the copy's text names their files.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the session or the turn is missing, or the log cannot be read.
    pub fn fork(
        &self,
        from: &SessionId,
        id: &SessionId,
        at: ForkPoint,
        keep_from: KeepFrom,
    ) -> Result<OpenedSession, StoreError> {
        let mut bytes = self.bytes(from)?;
        bytes.truncate(length_up_to(&bytes, at).ok_or(StoreError::NoTurn)?);
        let past = self.sound(from, RecordedSession::read(&bytes))?;
        let folder = past.header.as_ref().map(|header| header.folder.clone()).unwrap_or_default();
        // Lines are copied unchanged, unknown types too.
        let mut lines = Vec::with_capacity(bytes.len());
        for text in bytes.split(|byte| *byte == b'\n') {
            if matches!(
                log_line::read(text),
                Some(LineContent::Record(_) | LineContent::Unknown | LineContent::Words(_))
            ) {
                lines.extend_from_slice(text);
                lines.push(b'\n');
            }
        }
        let path = self.path(id)?;
        let header = self.header(id, folder, Some(from.clone()));
        let log = SessionLog::begin(path, &header, &lines, keep_from, self.clock.clone());
        let past = RecordedSession { header: Some(header), ..past };
        Ok(OpenedSession { id: id.clone(), log, past, origin: LogOrigin::Copy })
    }

    /// Reads a whole session, also while it is being written.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is missing or newer, or cannot be read.
    pub fn read(&self, id: &SessionId) -> Result<(SessionSummary, RecordedSession), StoreError> {
        let path = self.path(id)?;
        let past = self.known(id, RecordedSession::read(&self.bytes(id)?))?;
        let changed = fs::metadata(&path)
            .and_then(|about| about.modified())
            .map_or_else(|_e| self.clock.now(), changed_at);
        let is_open_elsewhere = holder_note::is_open_elsewhere(&path);
        let summary = past.summary(id.clone(), changed);
        Ok((SessionSummary { is_open_elsewhere, ..summary }, past))
    }

    /// Gives a session another title.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if another program holds it, or the log cannot be written.
    pub fn rename(&self, id: &SessionId, title: &str) -> Result<(), StoreError> {
        let path = self.path(id)?;
        match SessionLog::open(&path, self.clock.clone())? {
            Some((mut log, past)) => {
                self.known(id, past)?;
                log.append(&[Record::Title(title.to_owned())])
            }
            None => Err(StoreError::InUse { path }),
        }
    }

    /// Removes a session with its outputs and images.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if another program holds it, or a file cannot be removed.
    pub fn delete(&self, id: &SessionId) -> Result<(), StoreError> {
        let _held = self.hold(id)?;
        let path = self.path(id)?;
        // The log is removed last, so that a failed removal can be tried again.
        belongings::remove(&self.folder.join(id.as_str()))
            .map_err(|source| StoreError::Session { source })?;
        holder_note::forget(&path);
        fs::remove_file(&path)
            .map_err(|source| StoreError::Session { source: FileError::Write { path, source } })
    }

    /// The last prompt and the last answer, read from the end of the log only.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the log cannot be read.
    pub fn preview(&self, id: &SessionId) -> Result<SessionPreview, StoreError> {
        let path = self.path(id)?;
        let bytes = tail(&path).map_err(|source| self.missing(id, path, source))?;
        let mut preview = SessionPreview::default();
        for text in bytes.split(|byte| *byte == b'\n') {
            match log_line::read(text) {
                Some(LineContent::Record(Record::Item(item))) => preview.take(&item.kind),
                // The last words of its end are not those of the log's end.
                Some(LineContent::Record(Record::WentBack(_))) => return self.whole_preview(id),
                _ => {}
            }
        }
        Ok(preview)
    }

    fn whole_preview(&self, id: &SessionId) -> Result<SessionPreview, StoreError> {
        let mut preview = SessionPreview::default();
        for record in RecordedSession::read(&self.bytes(id)?).records {
            if let Record::Item(item) = record {
                preview.take(&item.kind);
            }
        }
        Ok(preview)
    }

    /// The ends of a session that were left by going back, in the order of the log.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn branches(&self, id: &SessionId) -> Result<Vec<Branch>, StoreError> {
        Ok(self.known(id, RecordedSession::read(&self.bytes(id)?))?.branches)
    }

    fn hold(&self, id: &SessionId) -> Result<SessionLog, StoreError> {
        let path = self.path(id)?;
        match SessionLog::open(&path, self.clock.clone())? {
            Some((log, _)) => Ok(log),
            None => Err(StoreError::InUse { path }),
        }
    }

    fn header(&self, id: &SessionId, folder: PathBuf, forked_from: Option<SessionId>) -> LogHeader {
        LogHeader {
            version: VERSION,
            id: id.clone(),
            folder,
            created: self.clock.now(),
            forked_from,
        }
    }

    /// Refuses logs that this version does not understand.
    fn known(&self, id: &SessionId, past: RecordedSession) -> Result<RecordedSession, StoreError> {
        if past.is_newer() { Err(StoreError::Newer { path: self.path(id)? }) } else { Ok(past) }
    }

    /// Also refuses logs that cannot be continued: without a folder nothing limits the tools.
    pub(super) fn sound(
        &self,
        id: &SessionId,
        past: RecordedSession,
    ) -> Result<RecordedSession, StoreError> {
        match self.known(id, past)? {
            past if past.header.is_some() => Ok(past),
            _ => Err(StoreError::FirstLine { id: id.clone(), path: self.path(id)? }),
        }
    }

    fn bytes(&self, id: &SessionId) -> Result<Vec<u8>, StoreError> {
        let path = self.path(id)?;
        fs::read(&path).map_err(|source| self.missing(id, path, source))
    }

    /// The log's path; refuses an id that is no file name.
    pub(super) fn path(&self, id: &SessionId) -> Result<PathBuf, StoreError> {
        let name = id.as_str();
        let good = name.starts_with("ses_")
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if good {
            Ok(self.folder.join(format!("{name}.jsonl")))
        } else {
            Err(StoreError::NoSession { name: name.into() })
        }
    }

    pub(super) fn missing(&self, id: &SessionId, path: PathBuf, source: io::Error) -> StoreError {
        match source.kind() {
            ErrorKind::NotFound => StoreError::NoSession { name: id.as_str().into() },
            _ => StoreError::Session { source: FileError::Read { path, source } },
        }
    }

    fn unreadable(&self, source: io::Error) -> StoreError {
        StoreError::Session { source: FileError::Read { path: self.folder.clone(), source } }
    }
}

/// The length in bytes of the part of a log up to a point; `None` if it has no such point.
fn length_up_to(log: &[u8], point: ForkPoint) -> Option<usize> {
    let (mut at, mut branches) = (0, 0);
    for line in log.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        match (log_line::read(text), point) {
            (Some(LineContent::Record(Record::TurnStarted(turn))), ForkPoint::Before(before))
                if turn == before =>
            {
                return Some(at);
            }
            (Some(LineContent::Record(Record::WentBack(_))), ForkPoint::Branch(number)) => {
                if branches == number {
                    return Some(at);
                }
                branches += 1;
            }
            _ => {}
        }
        at += line.len();
    }
    (point == ForkPoint::End).then_some(at)
}

pub(super) fn changed_at(time: std::time::SystemTime) -> Timestamp {
    let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn tail(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn glimpse(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(GLIMPSE) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
