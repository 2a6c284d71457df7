//! The document: which part of the source is laid out for good, and which rows are its tail's. Does not know how a block looks.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::code::{Code, CodeId, Wanted, is_worth_it};
use super::fence::{Fence, Taken, code_prefix};
use super::layout::{Inner, lay_out};
use super::mend::mend;
use super::segments::{Kind, Place, segments};
use crate::base::text::clean;
use crate::tui::paint::highlight::Highlight;
use crate::tui::paint::wrap::{Breaks, Prefix, wrap_into};
use crate::tui::paint::{Lines, Role, Span, Theme};

/// Whether more text may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Complete,
    /// Half-open constructs at the end are shown as if they were closed.
    Open,
}

/// One text's rows at one width.
#[derive(Debug)]
pub struct Markdown {
    width: u16,
    ending: Ending,
    /// Bytes of the source seen, and the last few of them: to tell growth from replacement.
    seen: usize,
    probe: Vec<u8>,
    lines: Lines,
    /// Source and rows that are laid out for good.
    frozen: usize,
    frozen_rows: usize,
    /// Source up to here was parted into segments.
    parted: usize,
    /// Source up to here is shown.
    shown: usize,
    place: Where,
    codes: Vec<Code>,
    next_id: u32,
}

/// What the unfrozen source begins in.
#[derive(Debug)]
enum Where {
    Between,
    Fence(Fence),
    /// At a later item of a list, numbered so.
    List(Option<u64>),
}

/// Whether parting the source once was enough.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Again,
    Done,
}

/// Enough to notice a replaced text.
const PROBE: usize = 48;

/// A tail larger than this is laid out anew only when it grew by a good part, so that one endless paragraph stays affordable.
const LARGE_TAIL: usize = 16 << 10;
const GOOD_PART: usize = 64;

impl Default for Markdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Markdown {
    pub fn new() -> Self {
        Self {
            width: 0,
            ending: Ending::Open,
            seen: 0,
            probe: Vec::new(),
            lines: Lines::new(),
            frozen: 0,
            frozen_rows: 0,
            parted: 0,
            shown: 0,
            place: Where::Between,
            codes: Vec::new(),
            next_id: 0,
        }
    }

    /// Takes the whole text as it is now. Cheap when it is the last text with more at its end and the width is the same.
    /// Answers the first row that may look different; the height if none does.
    pub fn update(&mut self, text: &str, width: u16, ending: Ending) -> usize {
        let width = width.max(4);
        let same = width == self.width && self.begins(text);
        if same && text.len() == self.seen && ending == self.ending {
            return self.height();
        }
        if !same || self.ending == Ending::Complete {
            *self = Self { width, next_id: self.next_id, ..Self::new() };
        }
        self.ending = ending;
        self.remember(text);
        let tail = text.len() - self.frozen;
        if ending == Ending::Open
            && tail > LARGE_TAIL
            && !matches!(self.place, Where::Fence(_))
            && text.len() - self.shown < tail / GOOD_PART
        {
            return self.height();
        }
        let first = self.frozen_rows;
        self.lines.truncate(first);
        self.freeze(text);
        self.show_tail(text);
        self.shown = text.len();
        first
    }

    /// Rows at the width of the last update.
    pub fn height(&self) -> usize {
        self.lines.len()
    }

    /// Draws the rows from the area's top down.
    pub fn draw(&self, rows: Range<usize>, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        self.lines.draw(rows, area, buffer, theme);
    }

    /// One row's text.
    pub fn plain(&self, row: usize) -> &str {
        self.lines.plain(row)
    }

    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Finished code blocks within the rows that are not highlighted yet; each is named once.
    pub fn wanted_highlights(&mut self, rows: Range<usize>) -> Vec<Wanted> {
        // Sorted by rows, so that the first in sight is found without looking at all.
        let first = self.codes.partition_point(|code| code.rows.end <= rows.start);
        let in_sight = self.codes[first..].iter_mut().take_while(|code| code.overlaps(&rows));
        let mut wanted = Vec::new();
        for code in in_sight.filter(|code| !code.asked) {
            code.asked = true;
            wanted.push(Wanted { id: code.id, language: code.language.to_string(), code: code.code.to_string() });
        }
        wanted
    }

    /// Takes a highlight; `None` says there is none to be had. Rows keep their number. Ignored when the block is gone.
    pub fn set_highlight(&mut self, id: CodeId, highlight: Option<&Highlight>) {
        let Some(at) = self.codes.iter().position(|code| code.id == id) else { return };
        if let Some(highlight) = highlight {
            self.codes[at].ink(highlight, &mut self.lines);
        }
        self.codes.remove(at);
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        let codes: usize = self.codes.iter().map(|code| code.code.len() + code.language.len() + size_of::<Code>()).sum();
        self.lines.heap_bytes() + self.probe.capacity() + codes
    }

    fn begins(&self, text: &str) -> bool {
        text.as_bytes().get(..self.seen).is_some_and(|seen| seen.ends_with(&self.probe))
    }

    fn remember(&mut self, text: &str) {
        self.seen = text.len();
        self.probe.clear();
        self.probe.extend_from_slice(&text.as_bytes()[text.len().saturating_sub(PROBE)..]);
    }

    /// Lays out for good all that no further text can change.
    fn freeze(&mut self, text: &str) {
        loop {
            if matches!(self.place, Where::Fence(_)) && self.freeze_fence(text) == Taken::Code {
                break;
            }
            let end = self.stable_end(text);
            let known = if self.ending == Ending::Complete { self.frozen } else { self.parted.max(self.frozen) };
            if end <= known {
                break;
            }
            self.parted = end;
            if self.freeze_segments(text, end) == Progress::Done {
                break;
            }
        }
        if self.ending == Ending::Complete {
            self.close_fence(text.len());
            self.lines.shrink();
        }
    }

    /// Only whole lines are sure to be what they seem.
    fn stable_end(&self, text: &str) -> usize {
        match self.ending {
            Ending::Complete => text.len(),
            Ending::Open => text[self.frozen..].rfind('\n').map_or(self.frozen, |feed| self.frozen + feed + 1),
        }
    }

    /// Stops before the last segment while it may grow, and inside a fence that does.
    fn freeze_segments(&mut self, text: &str, end: usize) -> Progress {
        let from = self.frozen;
        let segments = segments(&text[from..end]);
        let count = segments.len();
        for (at, segment) in segments.into_iter().enumerate() {
            let may_grow = at + 1 == count && self.ending == Ending::Open;
            let slice = from + segment.range.start..from + segment.range.end;
            if segment.kind == Kind::Fence && self.open_fence(text, &slice) {
                // The fence itself says where it ends; rarely the parser saw that otherwise, and what follows is parted anew.
                if may_grow || (self.freeze_fence(&text[..slice.end]) == Taken::Closed && !text[self.frozen..slice.end].trim().is_empty()) {
                    self.parted = 0;
                    return Progress::Again;
                }
                self.close_fence(slice.end);
            } else if may_grow {
                self.frozen = slice.start;
                if !self.continues(at, segment.kind) {
                    self.place = Where::Between;
                }
            } else {
                for code in self.put_segment(at, &text[slice.clone()], segment.kind) {
                    self.keep_code(code);
                }
                self.frozen = slice.end;
                self.frozen_rows = self.lines.len();
            }
        }
        Progress::Done
    }

    /// Whether a segment, the one numbered `at` since the frozen source, is a later item of the list before it. Where a list was parted, its
    /// next item looks like the first of a new one.
    fn continues(&self, at: usize, kind: Kind) -> bool {
        match (kind, &self.place) {
            (Kind::Item { place: Place::Later, .. }, Where::List(_)) => true,
            (Kind::Item { place: Place::First, .. }, Where::List(_)) => at == 0,
            _ => false,
        }
    }

    /// Writes a segment after those before it.
    fn put_segment(&mut self, at: usize, slice: &str, kind: Kind) -> Vec<Inner> {
        if !self.continues(at, kind) {
            self.put_gap();
            self.place = match kind {
                Kind::Item { number, .. } => Where::List(number),
                Kind::Block | Kind::Fence | Kind::Raw => Where::Between,
            };
        }
        let width = usize::from(self.width);
        match (kind, &mut self.place) {
            (Kind::Raw, _) => {
                let text = clean(slice.trim());
                wrap_into(&mut self.lines, &[Span::new(text, Role::Dim)], width, &Prefix::default(), Breaks::Words);
                Vec::new()
            }
            (_, Where::List(number)) => {
                let inner = lay_out(slice, *number, width, &mut self.lines);
                *number = number.map(|number| number.saturating_add(1));
                inner
            }
            _ => lay_out(slice, None, width, &mut self.lines),
        }
    }

    /// A row between blocks; none before the first.
    fn put_gap(&mut self) {
        if !self.lines.is_empty() {
            self.lines.end_row();
        }
    }

    fn open_fence(&mut self, text: &str, slice: &Range<usize>) -> bool {
        let source = &text[slice.clone()];
        let line = source.split('\n').next().unwrap_or_default();
        let Some(mut fence) = Fence::open(line.trim_end()) else { return false };
        self.put_gap();
        fence.put_label(&mut self.lines);
        self.place = Where::Fence(fence);
        self.frozen = slice.start + (line.len() + 1).min(text.len() - slice.start);
        self.frozen_rows = self.lines.len();
        true
    }

    /// Takes the whole lines that are there.
    fn freeze_fence(&mut self, text: &str) -> Taken {
        while let Where::Fence(fence) = &mut self.place {
            let rest = text.get(self.frozen..).unwrap_or_default();
            let last = (self.ending == Ending::Complete && !rest.is_empty()).then_some(rest.len());
            let Some(feed) = rest.find('\n').or(last) else { return Taken::Code };
            let taken = fence.take(&rest[..feed], &mut self.lines, usize::from(self.width));
            self.frozen += (feed + 1).min(rest.len());
            self.frozen_rows = self.lines.len();
            if taken == Taken::Closed {
                self.close_fence(self.frozen);
            }
        }
        Taken::Closed
    }

    fn close_fence(&mut self, end: usize) {
        let Where::Fence(fence) = &mut self.place else { return };
        let prefix = code_prefix(&[]);
        let bytes = |spans: &[Span<'_>]| spans.iter().map(|span| span.text.len()).sum();
        let inner = Inner {
            rows: fence.first_row..self.lines.len(),
            first_prefix: bytes(&prefix.first),
            rest_prefix: bytes(&prefix.rest),
            language: std::mem::take(&mut fence.language),
            code: std::mem::take(&mut fence.code),
        };
        self.place = Where::Between;
        self.frozen = self.frozen.max(end);
        self.keep_code(inner);
    }

    fn keep_code(&mut self, inner: Inner) {
        if !is_worth_it(&inner.language, &inner.code) {
            return;
        }
        let id = CodeId(self.next_id);
        self.next_id += 1;
        self.codes.push(Code {
            id,
            rows: inner.rows,
            first_prefix: inner.first_prefix,
            rest_prefix: inner.rest_prefix,
            language: inner.language.into_boxed_str(),
            code: inner.code.into_boxed_str(),
            asked: false,
        });
    }

    /// Rows that the next update takes away again.
    fn show_tail(&mut self, text: &str) {
        let rest = text.get(self.frozen..).unwrap_or_default();
        match &self.place {
            _ if self.ending == Ending::Complete || rest.is_empty() => {}
            Where::Fence(fence) => fence.show(rest, &mut self.lines, usize::from(self.width)),
            Where::Between | Where::List(_) => {
                let before = match self.place {
                    Where::List(number) => Where::List(number),
                    _ => Where::Between,
                };
                let rest = mend(rest);
                for (at, segment) in segments(&rest).into_iter().enumerate() {
                    self.put_segment(at, &rest[segment.range.clone()], segment.kind);
                }
                self.place = before;
            }
        }
    }
}
