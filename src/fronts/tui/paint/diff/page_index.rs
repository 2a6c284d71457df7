//! The rows of a page of diffs at one width, counted without laying them out.

use super::hunks::{HunkLine, HunkLines, Sign};
use super::shown::{Returns, VisibleLine};
use crate::base::text;
use crate::protocol::{ChangedFile, Completeness};
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{LaidOutLines, Role, Span};

/// Rows that one line may take.
pub const TALLEST: usize = 10;
/// No line on a side.
pub const NONE: u32 = u32::MAX;

/// One or two columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiffForm {
    /// The file before on the left, the file after on the right.
    SideBySide,
    #[default]
    Unified,
}

/// A line of a hunk, by its place in the file's hunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinePlace {
    pub hunk: u32,
    start: u32,
    len: u32,
    pub sign: Sign,
    number: u32,
    old: u32,
}

/// A hunk: its head and its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HunkPlace {
    pub file: u32,
    /// The bytes of its head in the file's hunks.
    pub head: (u32, u32),
    pub first: u32,
    pub end: u32,
    pub returns: Returns,
}

/// All hunks and lines of some files.
#[derive(Debug, Default)]
pub struct Places {
    pub hunks: Vec<HunkPlace>,
    pub lines: Vec<LinePlace>,
    /// The columns of the largest line number of each file.
    pub numbers: Vec<usize>,
}

/// A part of the page that is laid out as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Blank,
    /// The last lines of a file are missing.
    CutOff(u32),
    FileHead(u32),
    HunkHead(u32),
    Line(u32),
    /// A row of the list at the top.
    Listed(u32),
    /// The count of files that are not listed.
    More,
    Note(u32),
    /// A line on each side, or [`NONE`].
    Pair(u32, u32),
}

/// The entries at one width, with the row at which each begins.
#[derive(Debug, Default)]
pub struct PageIndex {
    pub entries: Vec<Entry>,
    /// One more than entries: the last is the number of rows.
    pub tops: Vec<u32>,
}

/// The room for the text of a line, for one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRoom {
    pub width: usize,
    pub numbers: usize,
}

impl Places {
    pub fn of(files: &[ChangedFile]) -> Self {
        let mut places = Self::default();
        for (file, changed) in (0_u32..).zip(files) {
            places.add(file, &changed.diff.hunks);
        }
        places
    }

    fn add(&mut self, file: u32, hunks: &str) {
        let mut largest = 1;
        let begins = memchr::memmem::find_iter(hunks.as_bytes(), "\n@@").map(|at| at + 1);
        let begins: Vec<usize> =
            hunks.starts_with("@@").then_some(0).into_iter().chain(begins).collect();
        for (number, begin) in begins.iter().enumerate() {
            let end = begins.get(number + 1).copied().unwrap_or(hunks.len());
            let whole = &hunks[*begin..end];
            let head = whole.lines().next().unwrap_or_default().len();
            let lines: Vec<HunkLine<'_>> = HunkLines::new(whole).collect();
            let (hunk, first) = (small(self.hunks.len()), small(self.lines.len()));
            let base = hunks.as_ptr() as usize;
            // The heads may be wrong.
            let numbers = lines.iter().flat_map(|line| [line.number, line.old]).flatten();
            largest = numbers.chain([largest]).max().unwrap_or(1);
            // A line without text may stand nowhere.
            let start = |line: &HunkLine<'_>| {
                if line.text.is_empty() { 0 } else { line.text.as_ptr() as usize - base }
            };
            self.lines.extend(lines.iter().map(|line| LinePlace {
                hunk,
                start: small(start(line)),
                len: small(line.text.len()),
                sign: line.sign,
                number: line.number.unwrap_or(NONE),
                old: line.old.unwrap_or(NONE),
            }));
            self.hunks.push(HunkPlace {
                file,
                head: (small(*begin), small(begin + head)),
                first,
                end: small(self.lines.len()),
                returns: Returns::of(&lines),
            });
        }
        self.numbers.push(largest.max(1).ilog10() as usize + 1);
    }

    /// A line, read from its file's hunks.
    pub fn line<'a>(&self, at: u32, files: &'a [ChangedFile]) -> HunkLine<'a> {
        let LinePlace { hunk, start, len, sign, number, old } = self.lines[at as usize];
        let hunks = &files[self.hunks[hunk as usize].file as usize].diff.hunks;
        let text = &hunks[start as usize..(start + len) as usize];
        let known = |number: u32| (number != NONE).then_some(number);
        HunkLine { sign, number: known(number), old: known(old), text }
    }
}

impl LineRoom {
    /// The columns for the text.
    pub fn text(self) -> usize {
        self.width.saturating_sub(self.numbers + 3).max(1)
    }

    /// The columns after which a line is cut.
    pub fn longest(self) -> usize {
        self.text() * TALLEST
    }

    /// The rows of a line.
    fn rows(self, line: &HunkLine<'_>, returns: Returns) -> u32 {
        let room = self.text();
        if line.text.len() <= room && line.text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return 1;
        }
        let shown = VisibleLine::new(line, self.longest(), returns);
        if text::width(&shown.text) <= room {
            return 1;
        }
        let mut lines = LaidOutLines::new();
        let blank = || Span::new(" ".repeat(self.numbers + 3), Role::Text);
        let prefix = Prefix::new(vec![blank()], vec![blank()]);
        let spans = [Span::new(shown.text, Role::Text)];
        lines.wrap_anywhere(&spans, self.width, &prefix);
        small(lines.len())
    }
}

impl PageIndex {
    /// Counts the rows of all files, below a list of `listed` rows; `room` says in which form a
    /// file is shown, and the room of one column.
    pub fn new(
        files: &[ChangedFile],
        places: &Places,
        (listed, more): (usize, u64),
        room: impl Fn(u32) -> (DiffForm, LineRoom),
    ) -> Self {
        let mut index = Self { entries: Vec::new(), tops: vec![0] };
        (0..small(listed)).for_each(|row| index.push(Entry::Listed(row), 1));
        if more > 0 {
            index.push(Entry::More, 1);
        }
        let mut hunks = (0_u32..).zip(&places.hunks).peekable();
        for (file, changed) in (0_u32..).zip(files) {
            if !index.entries.is_empty() {
                index.push(Entry::Blank, 1);
            }
            index.push(Entry::FileHead(file), 1);
            if changed.note.is_some() {
                index.push(Entry::Note(file), 1);
            }
            let (form, room) = room(file);
            while let Some((number, hunk)) = hunks.next_if(|(_, hunk)| hunk.file == file) {
                index.push(Entry::HunkHead(number), 1);
                let rows = |at: u32| room.rows(&places.line(at, files), hunk.returns);
                match form {
                    DiffForm::Unified => {
                        (hunk.first..hunk.end).for_each(|at| index.push(Entry::Line(at), rows(at)));
                    }
                    DiffForm::SideBySide => {
                        for (left, right) in pairs(&places.lines, hunk) {
                            let of = |at: u32| if at == NONE { 0 } else { rows(at) };
                            index.push(Entry::Pair(left, right), of(left).max(of(right)));
                        }
                    }
                }
            }
            if changed.diff.completeness == Completeness::Truncated {
                index.push(Entry::CutOff(file), 1);
            }
        }
        index
    }

    fn push(&mut self, entry: Entry, rows: u32) {
        let top = self.tops.last().copied().unwrap_or(0);
        self.entries.push(entry);
        self.tops.push(top.saturating_add(rows));
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.tops.last().copied().unwrap_or(0) as usize
    }

    /// The entry that holds a row; the last one for later rows.
    pub fn entry_at(&self, row: usize) -> usize {
        let after = self.tops.partition_point(|top| *top as usize <= row);
        after.saturating_sub(1).min(self.entries.len().saturating_sub(1))
    }
}

/// Pairs the lines of a hunk: kept lines with themselves, removed ones with the added ones that
/// follow.
fn pairs(lines: &[LinePlace], hunk: &HunkPlace) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    let mut at = hunk.first;
    let run = |from: u32, sign: Sign| {
        let run = lines[from as usize..hunk.end as usize].iter();
        small(run.take_while(|line| line.sign == sign || line.sign == Sign::Remark).count())
    };
    while at < hunk.end {
        match lines[at as usize].sign {
            Sign::Removed | Sign::Added => {
                let middle = at + run(at, Sign::Removed);
                let end = middle + run(middle, Sign::Added);
                for number in 0..(middle - at).max(end - middle) {
                    let side = |from: u32, to: u32| Some(from + number).filter(|at| *at < to);
                    let (left, right) = (side(at, middle), side(middle, end));
                    pairs.push((left.unwrap_or(NONE), right.unwrap_or(NONE)));
                }
                at = end;
            }
            Sign::Kept | Sign::Remark | Sign::Gap => {
                pairs.push((at, at));
                at += 1;
            }
        }
    }
    pairs
}

/// Counts of a page are far below four billion: what is shown is limited in bytes.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
