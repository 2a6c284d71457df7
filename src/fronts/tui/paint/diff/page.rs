//! A page of whole diffs, of which only the rows that are seen are laid out and highlighted: a list
//! of the files, then their hunks, in one column or side by side.

use std::collections::HashMap;
use std::ops::Range;

pub use super::page_index::DiffForm;

use super::block::HunkBlock;
use super::hunks::{HunkLine, Sign};
use super::page_index::{Entry, LineRoom, NONE, PageIndex, Places};
use super::{DiffFrame, Finish, cut_off, head, language, push_blanks, put_line, put_names};
use crate::base::phrases::grouped;
use crate::base::text;
use crate::protocol::{ChangedFile, DiffKind, FileDiff};
use crate::tui::paint::{Emphasis, Ink, LaidOutLines, Role, Span};

/// Lines before and after those that are seen that are looked at for words that changed.
const AROUND: u32 = 200;
/// Files that are listed one below the other.
const FEW: usize = 12;
/// Between the two columns.
const BETWEEN: &str = "│ ";

#[derive(Debug)]
pub struct DiffPage {
    files: Vec<ChangedFile>,
    more: u64,
    places: Places,
    index: PageIndex,
    /// The list of the files, at the page's width.
    list: LaidOutLines,
    width: u16,
    form: DiffForm,
}

/// A part of the page, whatever its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PagePlace {
    file: Option<usize>,
    line: u32,
    /// Rows above that line, such as the head of its hunk.
    above: usize,
}

impl DiffPage {
    pub fn new(files: Vec<ChangedFile>, more: u64) -> Self {
        let (places, index) = (Places::of(&files), PageIndex::default());
        let list = LaidOutLines::new();
        Self { files, more, places, index, list, width: 0, form: DiffForm::Unified }
    }

    pub fn files(&self) -> &[ChangedFile] {
        &self.files
    }

    /// Files that changed, also those that are not listed.
    pub fn count(&self) -> u64 {
        self.files.len() as u64 + self.more
    }

    /// Gives the page a width and a form; returns whether its rows are others than before.
    pub fn fit(&mut self, width: u16, form: DiffForm) -> bool {
        if (self.width, self.form) == (width, form) && !self.index.tops.is_empty() {
            return false;
        }
        (self.width, self.form) = (width, form);
        self.list = self.list();
        let room = |file: u32| (self.form_of(file), self.room(file));
        let above = (self.list.len(), self.more);
        self.index = PageIndex::new(&self.files, &self.places, above, room);
        true
    }

    /// Lists the files if there are several: a few one below the other, many in columns.
    fn list(&self) -> LaidOutLines {
        let mut list = LaidOutLines::new();
        if self.files.len() > FEW {
            let diffs: Vec<FileDiff> = self.files.iter().map(|file| file.diff.clone()).collect();
            put_names(&mut list, &diffs, usize::from(self.width));
        } else if self.files.len() > 1 || self.more > 0 {
            self.files.iter().for_each(|file| head(&mut list, &file.diff, frame(self.width)));
        }
        list
    }

    /// The form of a file: one that was added or deleted has only one side.
    fn form_of(&self, file: u32) -> DiffForm {
        match self.files[file as usize].diff.kind {
            DiffKind::Added | DiffKind::Deleted => DiffForm::Unified,
            DiffKind::Moved { .. } | DiffKind::Updated => self.form,
        }
    }

    /// The columns of one line of a file.
    fn room(&self, file: u32) -> LineRoom {
        let numbers = self.places.numbers[file as usize];
        let width = usize::from(self.width);
        let column = width.saturating_sub(text::width(BETWEEN)) / 2;
        let width = if self.form_of(file) == DiffForm::SideBySide { column } else { width };
        LineRoom { numbers, width }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.index.rows()
    }

    /// The file whose head or lines are in a row; `None` in the list.
    pub fn file_at(&self, row: usize) -> Option<usize> {
        let upto = self.index.entries.get(..=self.index.entry_at(row))?;
        upto.iter().rev().find_map(|entry| match entry {
            Entry::FileHead(file) => Some(*file as usize),
            _ => None,
        })
    }

    /// Whether a row is the head of a file.
    pub fn is_head(&self, row: usize) -> bool {
        let at = self.index.entry_at(row);
        matches!(self.index.entries.get(at), Some(Entry::FileHead(_)))
    }

    /// The rows at which files begin.
    pub fn file_rows(&self) -> impl Iterator<Item = usize> {
        self.rows_of(|entry| matches!(entry, Entry::FileHead(_)))
    }

    /// The rows at which hunks begin.
    pub fn hunk_rows(&self) -> impl Iterator<Item = usize> {
        self.rows_of(|entry| matches!(entry, Entry::HunkHead(_)))
    }

    fn rows_of(&self, is_meant: impl Fn(&Entry) -> bool) -> impl Iterator<Item = usize> {
        let entries = self.index.entries.iter().zip(&self.index.tops);
        entries.filter(move |(entry, _)| is_meant(entry)).map(|(_, top)| *top as usize)
    }

    /// The place of a row, to find it again at another width.
    pub fn place(&self, row: usize) -> PagePlace {
        let at = self.index.entry_at(row);
        let rest = self.index.entries.get(at..).unwrap_or_default();
        let lines = rest.iter().enumerate().find_map(|(number, entry)| match entry {
            Entry::Line(line) => Some((number, *line)),
            Entry::Pair(left, right) => Some((number, (*left).min(*right))),
            _ => None,
        });
        let (number, line) = lines.unwrap_or((0, NONE));
        let tops = &self.index.tops;
        let above = tops.get(at + number).zip(tops.get(at)).map_or(0, |(line, top)| line - top);
        PagePlace { file: self.file_at(row), line, above: above as usize }
    }

    /// The row of a place.
    pub fn row(&self, place: PagePlace) -> usize {
        let Some(file) = place.file else { return 0 };
        let is_there = |entry: &Entry| match entry {
            Entry::Line(line) => *line >= place.line,
            Entry::Pair(left, right) => {
                [left, right].into_iter().any(|line| *line != NONE && *line >= place.line)
            }
            _ => false,
        };
        let head = self.file_rows().nth(file).unwrap_or(0);
        let at = self.index.entries.iter().position(is_there);
        let row = at.map_or(head, |at| self.index.tops[at] as usize).saturating_sub(place.above);
        if self.file_at(row) == Some(file) { row } else { head }
    }

    /// The head of a file, with its place among all of them.
    pub fn put_head(&self, lines: &mut LaidOutLines, file: usize, width: u16) {
        let place = format!("{}/{} ", file + 1, self.files.len());
        let columns = u16::try_from(place.len()).unwrap_or(0);
        lines.push(&place, Role::Dim);
        if let Some(changed) = self.files.get(file) {
            head(lines, &changed.diff, frame(width.saturating_sub(columns)));
        }
    }

    /// Lays out so many rows from `top` on.
    pub fn window(&self, top: usize, rows: usize) -> LaidOutLines {
        let mut lines = LaidOutLines::new();
        let first = self.index.entry_at(top);
        let Some(begin) = self.index.tops.get(first).map(|top| *top as usize) else { return lines };
        let end = self.index.entry_at((top + rows).saturating_sub(1)) + 1;
        let entries = self.index.entries.get(first..end).unwrap_or_default();
        let mut at = 0;
        while at < entries.len() {
            let hunk = self.hunk_of(&entries[at]);
            let run = entries[at..].iter().take_while(|it| self.hunk_of(it) == hunk).count();
            match hunk {
                Some(_) => self.put_lines(&mut lines, &entries[at..at + run]),
                None => entries[at..at + run].iter().for_each(|it| self.put_other(&mut lines, *it)),
            }
            at += run;
        }
        let mut seen = LaidOutLines::new();
        for row in (top - begin)..lines.len().min(top - begin + rows) {
            lines.row(row).for_each(|(piece, ink)| seen.push(piece, ink));
            seen.end_row();
        }
        seen
    }

    /// The hunk whose line an entry is.
    fn hunk_of(&self, entry: &Entry) -> Option<u32> {
        let line = match entry {
            Entry::Line(line) => *line,
            Entry::Pair(left, right) => *left.min(right),
            _ => return None,
        };
        self.places.lines.get(line as usize).map(|line| line.hunk)
    }

    fn put_other(&self, lines: &mut LaidOutLines, entry: Entry) {
        let width = usize::from(self.width);
        match entry {
            Entry::FileHead(file) => {
                let Some(changed) = self.files.get(file as usize) else { return };
                let mut own = LaidOutLines::new();
                head(&mut own, &changed.diff, frame(self.width));
                own.row(0).for_each(|(piece, ink)| lines.push(piece, ink));
                let left = width.saturating_sub(own.width(0));
                // A rule tells it from the rows of the list.
                if left > 1 {
                    lines.push(&format!(" {}", "─".repeat(left - 1)), Role::Border);
                }
                lines.end_row();
            }
            Entry::Listed(row) => {
                self.list.row(row as usize).for_each(|(piece, ink)| lines.push(piece, ink));
                lines.end_row();
            }
            Entry::Note(file) => {
                let note = self.files.get(file as usize).and_then(|file| file.note.as_deref());
                let note = text::clean_line(note.unwrap_or_default());
                lines.push("  ", Role::Text);
                lines.push_row(&text::cut(&note, width.saturating_sub(2)), Role::Warn);
            }
            Entry::HunkHead(hunk) => {
                let Some(hunk) = self.places.hunks.get(hunk as usize) else { return };
                let hunks = &self.files[hunk.file as usize].diff.hunks;
                let head = text::reveal(&hunks[hunk.head.0 as usize..hunk.head.1 as usize]);
                lines.push_row(&text::cut(&head, width), Role::Accent);
            }
            Entry::CutOff(file) => {
                let Some(changed) = self.files.get(file as usize) else { return };
                lines.push_row(&text::cut(&cut_off(&changed.diff), width), Role::Dim);
            }
            Entry::More => {
                let more = format!("and {} more", grouped(self.more));
                lines.push_row(&text::cut(&more, width), Role::Dim);
            }
            Entry::Blank | Entry::Line(_) | Entry::Pair(..) => lines.end_row(),
        }
    }

    /// Lays out lines of one hunk.
    fn put_lines(&self, lines: &mut LaidOutLines, entries: &[Entry]) {
        let lines_of = |entry: &Entry| match entry {
            Entry::Line(line) => [*line, NONE],
            Entry::Pair(left, right) => [*left, *right],
            _ => [NONE, NONE],
        };
        let side = |side: usize| {
            let seen = || entries.iter().map(|it| lines_of(it)[side]).filter(|at| *at != NONE);
            Some(seen().min()?..seen().max()? + 1)
        };
        // The two sides of a long change are far from each other.
        let ranges: Vec<Range<u32>> = match (side(0), side(1)) {
            (Some(left), Some(right)) if right.start.saturating_sub(left.end) < AROUND => {
                std::iter::once(left.start.min(right.start)..left.end.max(right.end)).collect()
            }
            (left, right) => left.into_iter().chain(right).collect(),
        };
        let Some(first) = ranges.first().map(|range| range.start) else { return };
        let hunk = self.places.hunks[self.places.lines[first as usize].hunk as usize];
        let room = self.room(hunk.file);
        let language = language(&self.files[hunk.file as usize].diff.path);
        let around: Vec<Range<u32>> =
            ranges.iter().map(|seen| self.around(seen.clone(), hunk.first..hunk.end)).collect();
        let blocks: Vec<HunkBlock<'_>> = around
            .iter()
            .map(|around| {
                let read = around.clone().map(|at| self.places.line(at, &self.files)).collect();
                let finish = Finish::Coloured;
                HunkBlock::new(read, hunk.returns, room.longest(), &language, finish)
            })
            .collect();
        let is_seen = |at: &u32| ranges.iter().any(|range| range.contains(at));
        let rows: HashMap<u32, (HunkLine<'_>, Vec<Span<'_>>)> = around
            .iter()
            .zip(&blocks)
            .flat_map(|(around, block)| around.clone().zip(block.rows()))
            .filter(|(at, _)| is_seen(at))
            .map(|(at, (line, spans))| (at, (*line, spans)))
            .collect();
        for entry in entries {
            match entry {
                Entry::Line(line) => {
                    if let Some((line, spans)) = rows.get(line) {
                        put_line(lines, line, spans, room.numbers, frame(self.width));
                    }
                }
                Entry::Pair(left, right) => {
                    let old = rows.get(left).map(|(line, spans)| {
                        (HunkLine { number: line.old, ..*line }, spans.as_slice())
                    });
                    let new = rows.get(right).map(|(line, spans)| (*line, spans.as_slice()));
                    put_pair(lines, [old, new], room);
                }
                _ => {}
            }
        }
    }

    /// Extends lines to whole changes, as far as they are not too long.
    fn around(&self, seen: Range<u32>, hunk: Range<u32>) -> Range<u32> {
        let is_changed = |at: u32| self.places.lines[at as usize].sign != Sign::Kept;
        let least = seen.start.saturating_sub(AROUND).max(hunk.start);
        let most = seen.end.saturating_add(AROUND).min(hunk.end);
        let before = (least..seen.start).rev().take_while(|at| is_changed(*at)).last();
        let after = (seen.end..most).take_while(|at| is_changed(*at)).last();
        before.unwrap_or(seen.start)..after.map_or(seen.end, |after| after + 1)
    }
}

/// Two lines beside each other.
fn put_pair(
    lines: &mut LaidOutLines,
    sides: [Option<(HunkLine<'_>, &[Span<'_>])>; 2],
    room: LineRoom,
) {
    let column = u16::try_from(room.width).unwrap_or(u16::MAX);
    let [left, right] = sides.map(|side| {
        let mut lines = LaidOutLines::new();
        if let Some((line, spans)) = &side {
            put_line(&mut lines, line, spans, room.numbers, frame(column));
        }
        lines
    });
    let ground = match sides[0].as_ref().map(|(line, _)| line.sign) {
        Some(Sign::Removed) => Ink::new(Role::Removed, Emphasis::REMOVED),
        _ => Ink::from(Role::Text),
    };
    for row in 0..left.len().max(right.len()) {
        left.row(row).for_each(|(piece, ink)| lines.push(piece, ink));
        let blanks = room.width.saturating_sub(left.width(row));
        match row < left.len() {
            true => lines.push(&" ".repeat(blanks), ground),
            false => push_blanks(lines, blanks),
        }
        lines.push(BETWEEN, Role::Border);
        right.row(row).for_each(|(piece, ink)| lines.push(piece, ink));
        lines.end_row();
    }
}

fn frame(width: u16) -> DiffFrame<'static> {
    DiffFrame { width, inset: 0, rows: usize::MAX, hint: "", finish: Finish::Coloured }
}
