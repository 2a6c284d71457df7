//! The output of a command of any length: its beginning and its end in memory, all of it in a file
//! once it is long, as far as the conversation has room for it.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::base::files::{FileError, create_private_folder};
use crate::base::phrases::{count, size};
use crate::protocol::CallId;

use super::output_room::OutputRoom;

/// Bytes of the beginning, and of the end, that the model gets.
const PART: usize = 16 << 10;
/// Bytes that are told while it runs.
const RECENT: usize = 2 << 10;
/// Calls of one name whose outputs are kept.
const NAMESAKES: u32 = 100;

#[derive(Debug)]
pub struct CommandOutput {
    folder: PathBuf,
    name: String,
    /// All there is until it is too long, its beginning after that.
    head: Vec<u8>,
    /// At least the last `PART` bytes; empty until it is too long.
    tail: Vec<u8>,
    bytes: u64,
    feeds: u64,
    spill: Spill,
    room: OutputRoom,
}

/// The part of an output that a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptOutput {
    All(PathBuf),
    /// Its first bytes, and why the others are missing: words that follow a colon.
    Beginning {
        file: PathBuf,
        bytes: u64,
        why: String,
    },
    /// Why there is no file.
    Nothing(String),
}

/// An output that has ended.
#[derive(Debug, PartialEq, Eq)]
pub struct OutputSummary {
    pub head: Vec<u8>,
    /// The part between head and tail; `None` when all is in the head.
    pub gap: Option<OutputGap>,
    pub tail: Vec<u8>,
}

/// The part of an output that is left out.
#[derive(Debug, PartialEq, Eq)]
pub struct OutputGap {
    /// How much it is and where, as one sentence without a full stop.
    pub sentence: String,
    /// Where the whole output is, or as much of it as there was room for.
    pub file: Option<PathBuf>,
}

/// Where the whole of it goes.
#[derive(Debug)]
enum Spill {
    Failed(String),
    File { file: File, path: PathBuf, written: u64 },
    NotYet,
}

impl CommandOutput {
    /// Makes the folder and a file in it when the output turns out to be long.
    pub fn new(folder: PathBuf, call: &CallId, room: OutputRoom) -> Self {
        let name = named(call);
        Self {
            folder,
            name,
            head: Vec::new(),
            tail: Vec::new(),
            bytes: 0,
            feeds: 0,
            spill: Spill::NotYet,
            room,
        }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.feeds += feeds(bytes);
        if let Spill::NotYet = self.spill {
            self.head.extend_from_slice(bytes);
            if self.head.len() > 2 * PART {
                self.begin_file();
            }
            return;
        }
        self.spill.write(bytes, &self.room);
        if bytes.len() >= PART {
            self.tail.clear();
        } else if self.tail.len() + bytes.len() > 4 * PART {
            self.tail.drain(..self.tail.len() - PART);
        }
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(PART)..]);
    }

    /// The last few lines so far.
    pub fn recent(&self) -> &[u8] {
        let last = if self.tail.is_empty() { &self.head } else { &self.tail };
        match last.len().checked_sub(RECENT) {
            None | Some(0) => last,
            Some(from) => after_feed(&last[from..]),
        }
    }

    /// The part of it that a file holds so far, which is made where there is none yet.
    pub fn kept(&mut self) -> KeptOutput {
        if let Spill::NotYet = self.spill {
            self.begin_file();
        }
        self.kept_so_far()
    }

    fn kept_so_far(&self) -> KeptOutput {
        match &self.spill {
            Spill::File { path, written, .. } if *written == self.bytes => {
                KeptOutput::All(path.clone())
            }
            Spill::File { path, written, .. } => KeptOutput::Beginning {
                file: path.clone(),
                bytes: *written,
                why: self.room.why(*written),
            },
            Spill::Failed(why) => KeptOutput::Nothing(format!("it could not be kept: {why}")),
            Spill::NotYet => KeptOutput::Nothing("it was not kept".to_owned()),
        }
    }

    fn begin_file(&mut self) {
        self.spill = Spill::begin(&self.folder, &self.name, &self.room);
        self.spill.write(&self.head, &self.room);
        self.tail = self.head[self.head.len().saturating_sub(PART)..].to_vec();
        self.head.truncate(PART);
        self.head.shrink_to_fit();
    }

    /// Its beginning and its end so far, without a word about what lies between.
    pub fn ends(&self) -> OutputSummary {
        OutputSummary { head: self.head.clone(), gap: None, tail: self.tail.clone() }
    }

    pub fn finish(mut self) -> OutputSummary {
        if let Spill::NotYet = self.spill {
            return OutputSummary { head: self.head, gap: None, tail: Vec::new() };
        }
        let kept = self.kept_so_far();
        self.head
            .truncate(self.head.iter().rposition(|byte| *byte == b'\n').map_or(PART, |at| at + 1));
        let last = &self.tail[self.tail.len().saturating_sub(PART)..];
        let tail = after_feed(last).to_vec();
        let first = feeds(&self.head);
        let lines = self.feeds.saturating_sub(first + feeds(&tail));
        let bytes = self.bytes.saturating_sub((self.head.len() + tail.len()) as u64);
        let left_out = match lines {
            0 => format!("{} left out", size(bytes)),
            _ => format!("{} ({}) left out", count(lines, "line"), size(bytes)),
        };
        let read_on = |file: &Path| {
            let (file, from) = (file.display(), first + 1);
            format!("in `{file}`: search it, or read on there from line {from}")
        };
        let where_to = match &kept {
            KeptOutput::All(file) => format!("all of it is {}", read_on(file)),
            KeptOutput::Beginning { file, bytes, why } => {
                format!(
                    "the rest is not kept: {why}; the first {} are {}",
                    size(*bytes),
                    read_on(file)
                )
            }
            KeptOutput::Nothing(why) => why.clone(),
        };
        let sentence = format!("{left_out}; {where_to}");
        OutputSummary {
            head: self.head,
            gap: Some(OutputGap { sentence, file: kept.file() }),
            tail,
        }
    }
}

impl KeptOutput {
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::All(file) | Self::Beginning { file, .. } => Some(file.clone()),
            Self::Nothing(_) => None,
        }
    }
}

/// Keeps a whole text where a long output of the call would be, and says where that is.
///
/// # Errors
///
/// Fails if the file cannot be made or written.
pub fn keep(folder: &Path, call: &CallId, text: &str) -> Result<PathBuf, FileError> {
    let (mut file, path) = create(folder, &named(call))?;
    match file.write_all(text.as_bytes()) {
        Ok(()) => Ok(path),
        Err(source) => Err(FileError::Write { path, source }),
    }
}

impl Spill {
    /// No file is made that would stay empty.
    fn begin(folder: &Path, name: &str, room: &OutputRoom) -> Self {
        if let Some(why) = room.is_used_up(folder) {
            return Self::Failed(why);
        }
        match create(folder, name) {
            Ok((file, path)) => Self::File { file, path, written: 0 },
            Err(error) => Self::Failed(error.to_string()),
        }
    }

    /// Bytes that do not fit any more are counted by the caller, not kept. A disk that is full ends
    /// nothing.
    fn write(&mut self, bytes: &[u8], room: &OutputRoom) {
        let Self::File { file, written, .. } = self else { return };
        let room = room.take(*written, bytes.len());
        match file.write_all(&bytes[..room]) {
            Ok(()) => *written += room as u64,
            Err(error) => *self = Self::Failed(error.to_string()),
        }
    }
}

/// Never over the output of another call, whose name the model may have given twice.
fn create(folder: &Path, name: &str) -> Result<(File, PathBuf), FileError> {
    create_private_folder(folder)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut number = 1;
    loop {
        let path = folder.join(if number == 1 {
            format!("{name}.txt")
        } else {
            format!("{name}-{number}.txt")
        });
        match options.open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < NAMESAKES => {
                number += 1
            }
            Err(source) => return Err(FileError::Write { path, source }),
        }
    }
}

/// A name that leads nowhere.
fn named(call: &CallId) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
    let name: String = call.as_str().chars().map(allowed).take(64).collect();
    if name.is_empty() { "_".to_owned() } else { name }
}

/// Line feeds. Counted without looking for each: an output may be nothing but short lines.
fn feeds(bytes: &[u8]) -> u64 {
    bytes
        .chunks(255)
        .map(|chunk| u64::from(chunk.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>()))
        .sum()
}

/// The bytes after the first line feed, where there is one.
fn after_feed(bytes: &[u8]) -> &[u8] {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(at) if at + 1 < bytes.len() => &bytes[at + 1..],
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::phrases::grouped;

    struct Fixture(tempfile::TempDir);

    impl Fixture {
        fn output(&self, call: &str) -> CommandOutput {
            CommandOutput::new(
                self.0.path().join("outputs"),
                &CallId::from(call),
                OutputRoom::default(),
            )
        }

        fn summary(&self, pieces: impl Iterator<Item = Vec<u8>>) -> OutputSummary {
            let mut output = self.output("call_1");
            pieces.for_each(|piece| output.push(&piece));
            output.finish()
        }

        fn kept(&self, name: &str) -> Vec<u8> {
            std::fs::read(self.0.path().join("outputs").join(name)).unwrap()
        }
    }

    fn fixture() -> Fixture {
        Fixture(tempfile::tempdir().unwrap())
    }

    #[test]
    fn a_short_output_is_whole_and_leaves_no_file() {
        let fixture = fixture();
        for text in ["", "one", "one\ntwo\n", &"x".repeat(2 * PART)] {
            let summary = fixture.summary([text.as_bytes().to_vec()].into_iter());
            assert_eq!(summary, OutputSummary { head: text.into(), gap: None, tail: Vec::new() });
        }
        assert!(!fixture.0.path().join("outputs").exists());
    }

    #[test]
    fn a_long_output_is_told_by_its_ends_and_kept_whole_however_it_comes() {
        let all: Vec<u8> =
            (1..=20_000).flat_map(|line| format!("line {line}\n").into_bytes()).collect();
        for piece in [1_usize, 7, 1000, PART, 3 * PART, all.len()] {
            let fixture = fixture();
            let summary = fixture.summary(all.chunks(piece).map(<[u8]>::to_vec));
            assert_eq!(fixture.kept("call_1.txt"), all);
            assert!(
                summary.head.starts_with(b"line 1\n")
                    && summary.head.ends_with(b"\n")
                    && summary.head.len() <= PART
            );
            assert!(
                summary.tail.starts_with(b"line ")
                    && summary.tail.ends_with(b"line 20000\n")
                    && summary.tail.len() <= PART
            );
            let (first, last) = (feeds(&summary.head), feeds(&summary.tail));
            let gap = summary.gap.unwrap();
            assert!(gap.file.is_some_and(|file| file.ends_with("call_1.txt")));
            let gap = gap.sentence;
            assert!(
                gap.starts_with(&format!("{} lines (", grouped(20_000 - first - last))),
                "{piece}: {gap}"
            );
            assert!(gap.ends_with(&format!(" line {}", first + 1)), "{gap}");
        }
    }

    #[test]
    fn one_endless_line_is_cut_and_counted_in_bytes() {
        let fixture = fixture();
        let summary = fixture.summary(std::iter::repeat_n(vec![b'x'; 1000], 100));
        assert_eq!((summary.head.len(), summary.tail.len()), (PART, PART));
        assert!(summary.gap.unwrap().sentence.starts_with(&format!(
            "{} left out; all of it is in",
            size(100_000 - 2 * PART as u64)
        )));
    }

    #[test]
    fn what_is_told_on_the_way_is_the_last_lines() {
        let fixture = fixture();
        let mut output = fixture.output("c");
        output.push(b"a\nb");
        assert_eq!(output.recent(), b"a\nb");
        for line in 0..10_000 {
            output.push(format!("line {line}\n").as_bytes());
        }
        assert!(
            output.recent().starts_with(b"line ")
                && output.recent().ends_with(b"line 9999\n")
                && output.recent().len() <= RECENT
        );
    }

    #[test]
    fn calls_of_one_name_keep_their_own_files_and_no_name_leads_elsewhere() {
        let fixture = fixture();
        for (call, file) in [
            ("c", "c.txt"),
            ("c", "c-2.txt"),
            ("../../etc/x", "______etc_x.txt"),
            ("", "_.txt"),
            ("a.b", "a_b.txt"),
        ] {
            let mut output = fixture.output(call);
            output.push(&vec![b'\n'; 3 * PART]);
            assert!(output.finish().gap.unwrap().sentence.contains(file), "{call}");
            assert_eq!(fixture.kept(file).len(), 3 * PART);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            let folder = fixture.0.path().join("outputs");
            assert_eq!((mode(&folder), mode(&folder.join("c.txt"))), (0o700, 0o600));
        }
    }

    #[test]
    fn a_disk_that_takes_nothing_ends_nothing() {
        let fixture = fixture();
        std::fs::write(fixture.0.path().join("outputs"), "a file").unwrap();
        let summary = fixture.summary(std::iter::repeat_n(b"line\n".repeat(1000), 20));
        assert!(summary.gap.unwrap().sentence.contains("it could not be kept: "));
    }

    #[test]
    fn a_file_ends_at_its_limit_and_it_is_said_which_part_is_kept() {
        let fixture = fixture();
        let room = OutputRoom::of(70_000, 100_000);
        let output = |call: &str| {
            let folder = fixture.0.path().join("outputs");
            CommandOutput::new(folder, &CallId::from(call), room.clone())
        };
        let all: Vec<u8> = (0..80_000).map(|at: u32| (at % 251) as u8).collect();
        let mut first = output("c1");
        all.chunks(7_000).for_each(|piece| first.push(piece));
        assert!(matches!(first.kept(), KeptOutput::Beginning { bytes: 70_000, .. }));
        assert!(fixture.kept("c1.txt") == all[..70_000]);
        // The end is known all the same.
        let summary = first.finish();
        assert!(all.ends_with(&summary.tail) && !summary.tail.is_empty());
        // The next one has the room that is left of the conversation's, and the last none.
        let (mut second, mut third) = (output("c2"), output("c3"));
        all.chunks(7_000).for_each(|piece| second.push(piece));
        assert!(matches!(second.kept(), KeptOutput::Beginning { bytes: 30_000, .. }));
        third.push(&all);
        assert!(matches!(third.kept(), KeptOutput::Nothing(_)));
        assert!(!fixture.0.path().join("outputs/c3.txt").exists());
        // A conversation that is opened again has written them already.
        let again = OutputRoom::of(70_000, 100_000);
        let folder = fixture.0.path().join("outputs");
        let mut fourth = CommandOutput::new(folder, &CallId::from("c4"), again);
        fourth.push(&all);
        assert!(matches!(fourth.kept(), KeptOutput::Nothing(_)));
    }
}
