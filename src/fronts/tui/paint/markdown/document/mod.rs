//! The document: the settled part of the source is laid out once, and the rows of its tail are
//! replaced by each update.

use std::ops::Range;

use super::code::{CodeBlock, CodeId, CodeRequest};
use super::fence::CodeFence;
use super::mend::mend;
use super::segments::segments;
use crate::tui::paint::LaidOutLines;
use crate::tui::paint::highlight::Highlight;

mod freeze;

/// Whether more text may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentEnd {
    Complete,
    /// Unfinished constructs at the end are shown as if complete.
    Open,
}

/// One Markdown text laid out at one width.
#[derive(Debug)]
pub struct Markdown {
    width: u16,
    ending: DocumentEnd,
    /// Bytes of the source seen, and the last few of them, to tell growth from replacement.
    seen: usize,
    probe: Vec<u8>,
    lines: LaidOutLines,
    /// The source and rows that are laid out for good.
    frozen: usize,
    frozen_rows: usize,
    /// The source up to here was split into segments.
    parted: usize,
    /// The source up to here is shown.
    shown: usize,
    place: Where,
    codes: Vec<CodeBlock>,
    next_id: u32,
}

/// The construct in which the unsettled source begins.
#[derive(Debug)]
enum Where {
    Between,
    Fence(CodeFence),
    /// At a later item of a list, with its number.
    List(Option<u64>),
}

/// Enough bytes to notice a replaced text.
const PROBE: usize = 48;

/// A larger tail is laid out again only after it grew considerably, so that an endless paragraph
/// stays cheap.
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
            ending: DocumentEnd::Open,
            seen: 0,
            probe: Vec::new(),
            lines: LaidOutLines::new(),
            frozen: 0,
            frozen_rows: 0,
            parted: 0,
            shown: 0,
            place: Where::Between,
            codes: Vec::new(),
            next_id: 0,
        }
    }

    /// Takes the whole text as it is now. Cheap if the last text only grew at its end and the width
    /// is the same. Returns the first row that may look different, or the height if none does.
    pub fn update(&mut self, text: &str, width: u16, ending: DocumentEnd) -> usize {
        let width = width.max(4);
        let same = width == self.width && self.begins(text);
        if same && text.len() == self.seen && ending == self.ending {
            return self.height();
        }
        if !same || self.ending == DocumentEnd::Complete {
            *self = Self { width, next_id: self.next_id, ..Self::new() };
        }
        self.ending = ending;
        self.remember(text);
        let tail = text.len() - self.frozen;
        if ending == DocumentEnd::Open
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

    /// The rows at the width of the last update.
    pub fn height(&self) -> usize {
        self.lines.len()
    }

    /// All rows at the width of the last update.
    pub fn lines(&self) -> &LaidOutLines {
        &self.lines
    }

    /// Finished code blocks in these rows that are not highlighted yet; each is returned once.
    pub fn wanted_highlights(&mut self, rows: Range<usize>) -> Vec<CodeRequest> {
        // They are sorted by rows, so a binary search finds the first visible one.
        let first = self.codes.partition_point(|code| code.rows.end <= rows.start);
        let in_sight = self.codes[first..].iter_mut().take_while(|code| code.overlaps(&rows));
        let mut wanted = Vec::new();
        for code in in_sight.filter(|code| !code.asked) {
            code.asked = true;
            wanted.push(CodeRequest {
                id: code.id,
                language: code.language.to_string(),
                code: code.code.to_string(),
            });
        }
        wanted
    }

    /// Applies a highlight; `None` says that there is none. The number of rows stays. Ignored if
    /// the block is gone.
    pub fn set_highlight(&mut self, id: CodeId, highlight: Option<&Highlight>) {
        let Some(at) = self.codes.iter().position(|code| code.id == id) else { return };
        if let Some(highlight) = highlight {
            self.codes[at].ink(highlight, &mut self.lines);
        }
        self.codes.remove(at);
    }

    /// Bytes held on the heap.
    #[cfg(test)]
    pub fn heap_bytes(&self) -> usize {
        let codes: usize = self
            .codes
            .iter()
            .map(|code| code.code.len() + code.language.len() + size_of::<CodeBlock>())
            .sum();
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

    /// Adds rows that the next update removes.
    fn show_tail(&mut self, text: &str) {
        let rest = text.get(self.frozen..).unwrap_or_default();
        match &self.place {
            _ if self.ending == DocumentEnd::Complete || rest.is_empty() => {}
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
