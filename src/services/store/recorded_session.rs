//! A session's log as it was read: its records and its damage. Accepts any bytes.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::Timestamp;
use crate::protocol::{
    Branch, Item, ItemId, ItemKind, LogFailure, Record, SessionId, SessionSettings, SessionSummary,
    TimelineTurn, TurnId, go_back, with_left_turns,
};

use super::log_line::{self, LineContent, LiveWords, VERSION};

/// The first line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHeader {
    pub version: u32,
    pub id: SessionId,
    /// The conversation's folder.
    pub folder: PathBuf,
    pub created: Timestamp,
    /// The session that this one was copied from.
    pub forked_from: Option<SessionId>,
}

/// The contents of a log: its records are those of the branch that was gone on with last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordedSession {
    /// `None` if no line of the log is a sound header.
    pub header: Option<LogHeader>,
    /// Text that never became a whole answer is among them, as the answer of its turn.
    pub records: Vec<Record>,
    /// When turns began, where the log says so; those of left turns are among them.
    pub began: HashMap<TurnId, Timestamp>,
    /// The ends that were left by going back, in the order of the log.
    pub branches: Vec<Branch>,
    /// Empty for a log that is whole.
    pub damage: LogDamage,
    /// Bytes up to the end of the last whole line.
    pub(super) sound: usize,
    pub(super) tail: LogTail,
}

/// The parts of a log that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogDamage {
    /// Damaged lines before the last, counted from 1.
    pub lines: Vec<usize>,
    /// Bytes of an incomplete last line.
    pub torn: usize,
}

/// How a log ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogTail {
    #[default]
    Closed,
    /// The last line lacks only its line feed.
    Open,
}

/// Texts of answers that are not complete yet, in the order they began.
#[derive(Default)]
struct OpenWords(Vec<(ItemId, String)>);

impl OpenWords {
    fn take(&mut self, words: LiveWords) {
        match words {
            LiveWords::More { item, text } => match self.0.iter_mut().find(|(id, _)| *id == item) {
                Some((_, so_far)) => so_far.push_str(&text),
                None => self.0.push((item, text)),
            },
            LiveWords::Void(item) => self.0.retain(|(id, _)| *id != item),
        }
    }

    /// Records to insert before this one. A turn that ends without its answer keeps the text that
    /// was written.
    fn before(&mut self, record: &Record) -> Vec<Record> {
        match record {
            Record::Item(item) => {
                self.0.retain(|(id, _)| *id != item.id);
                Vec::new()
            }
            Record::TurnEnded { .. } | Record::TurnStarted(_) => self.end(),
            _ => Vec::new(),
        }
    }

    fn end(&mut self) -> Vec<Record> {
        let answer = |(id, text)| {
            Record::Item(Arc::new(Item { id, kind: ItemKind::assistant(text), wire: None }))
        };
        self.0.drain(..).map(answer).collect()
    }
}

impl RecordedSession {
    /// Reads any log, one of a newer version as far as it is understood: see
    /// [`RecordedSession::is_newer`].
    pub fn read(bytes: &[u8]) -> Self {
        let mut past = Self::default();
        let mut words = OpenWords::default();
        let mut rest = bytes;
        for number in 1.. {
            if rest.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', rest);
            let text = &rest[..end.unwrap_or(rest.len())];
            let held = log_line::read(text);
            match (end, held) {
                (None, None) => {
                    past.damage.torn = text.len();
                    break;
                }
                (_, None) if text.iter().all(u8::is_ascii_whitespace) => {}
                (_, None) => past.damage.lines.push(number),
                (_, Some(LineContent::Header(header))) => {
                    past.header = past.header.or(Some(header))
                }
                (_, Some(LineContent::Record(record))) => {
                    past.records.extend(words.before(&record));
                    past.take(record, text);
                }
                (_, Some(LineContent::Words(more))) => words.take(more),
                (_, Some(LineContent::Unknown)) => {}
            }
            let Some(end) = end else {
                past.sound = bytes.len();
                past.tail = LogTail::Open;
                break;
            };
            rest = &rest[end + 1..];
            past.sound = bytes.len() - rest.len();
        }
        past.records.extend(words.end());
        past
    }

    /// Takes in the record of the next line.
    fn take(&mut self, record: Record, line: &[u8]) {
        match &record {
            Record::WentBack(left) => return self.go_back(left.before, log_line::time(line)),
            Record::TurnStarted(turn) => {
                self.began.extend(log_line::time(line).map(|began| (*turn, began)));
            }
            _ => {}
        }
        self.records.push(record);
    }

    /// Takes a turn and all that followed on it for left.
    fn go_back(&mut self, before: TurnId, at: Option<Timestamp>) {
        go_back(&mut self.records, before);
        if let Some(Record::WentBack(left)) = self.records.last() {
            self.branches.push(Branch {
                left: at,
                prompts: u32::try_from(left.prompts()).unwrap_or(u32::MAX),
                prompt: prompts(&left.records).next_back().map(title_of).unwrap_or_default(),
            });
        }
    }

    /// The records as they are once it went back to before a turn; `None` if the branch that was
    /// gone on with last has no such turn.
    pub fn back_to(mut self, before: TurnId) -> Option<Vec<Record>> {
        if !self.records.contains(&Record::TurnStarted(before)) {
            return None;
        }
        self.go_back(before, None);
        Some(self.records)
    }

    /// The turns that began with a prompt.
    pub fn timeline(&self) -> Vec<TimelineTurn> {
        let mut changed: HashMap<TurnId, HashSet<&Path>> = HashMap::new();
        for record in with_left_turns(&self.records) {
            if let Record::Changed { turn, files, .. } = record {
                let paths = files.iter().map(|change| change.path.as_path());
                changed.entry(*turn).or_default().extend(paths);
            }
        }
        let (mut turns, mut opened) = (Vec::new(), None);
        for record in &self.records {
            match (record, typed(record)) {
                (Record::TurnStarted(turn), _) => opened = Some(*turn),
                // A later prompt of a turn joined it while it ran.
                (_, Some(prompt)) => turns.extend(opened.take().map(|turn| TimelineTurn {
                    turn,
                    began: self.began.get(&turn).copied(),
                    prompt: title_of(prompt),
                    files: changed.get(&turn).map_or(0, HashSet::len),
                })),
                _ => {}
            }
        }
        turns
    }

    /// Whether a newer codling wrote the log, so that this one must leave it alone.
    pub fn is_newer(&self) -> bool {
        self.header.as_ref().is_some_and(|header| header.version > VERSION)
    }

    /// The model and effort in use at the end of the log.
    pub fn settings(&self) -> Option<&SessionSettings> {
        self.records.iter().rev().find_map(|record| {
            if let Record::Settings(settings) = record { Some(settings) } else { None }
        })
    }

    /// The session's entry in a list.
    pub fn summary(&self, id: SessionId, changed: Timestamp) -> SessionSummary {
        let named = self.records.iter().rev().find_map(|record| {
            if let Record::Title(title) = record { Some(title.clone()) } else { None }
        });
        // Where it went back to its beginning, it is known by what was left.
        let mut opening =
            prompts(&self.records).chain(with_left_turns(&self.records).filter_map(typed));
        SessionSummary {
            id,
            folder: self.header.as_ref().map(|header| header.folder.clone()).unwrap_or_default(),
            is_named: named.is_some(),
            title: named.or_else(|| opening.next().map(title_of)).unwrap_or_default(),
            created: self.header.as_ref().map_or(changed, |header| header.created),
            changed,
            prompts: u32::try_from(prompts(&self.records).count()).unwrap_or(u32::MAX),
            branches: u32::try_from(self.branches.len()).unwrap_or(u32::MAX),
            failure: self.header.is_none().then_some(LogFailure::FirstLine),
            is_open_elsewhere: false,
            activity: None,
        }
    }
}

/// The prompts among records, as they were typed.
fn prompts(records: &[Record]) -> impl DoubleEndedIterator<Item = &str> {
    records.iter().filter_map(typed)
}

/// The text of a prompt.
fn typed(record: &Record) -> Option<&str> {
    match record {
        Record::Item(item) => match &item.kind {
            ItemKind::User { text, .. } => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Reads only the header of a log.
pub(super) fn header(log: &Path) -> Option<LogHeader> {
    const LONGEST: u64 = 64 << 10;
    let mut line = Vec::new();
    BufReader::new(File::open(log).ok()?.take(LONGEST)).read_until(b'\n', &mut line).ok()?;
    if let Some(LineContent::Header(header)) = log_line::read(&line) { Some(header) } else { None }
}

/// The first line of a prompt that is not blank, shortened.
pub(super) fn title_of(prompt: &str) -> String {
    const LONGEST: usize = 120;
    let line = prompt.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
