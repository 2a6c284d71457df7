//! Markdown that streams: finished blocks are laid out once, only the unfinished tail is read again. Does not know who wrote it.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::paint::highlight::Highlight;
use crate::tui::paint::{Lines, Theme};

/// Whether more text may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Complete,
    /// Half-open constructs at the end are shown as if they were closed.
    Open,
}

/// A code block in a `Markdown`, for as long as its width stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodeId(u32);

/// Code that would look better highlighted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub id: CodeId,
    pub language: String,
    pub code: String,
}

/// One text's rows at one width.
#[derive(Debug, Default)]
pub struct Markdown {
    lines: Lines,
}

impl Markdown {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the whole text as it is now. Cheap when it is the last text with more at its end and the width is the same.
    /// Answers the first row that may look different.
    pub fn update(&mut self, text: &str, width: u16, _ending: Ending) -> usize {
        let spans = [crate::tui::paint::Span::new(crate::base::text::clean(text).into_owned(), crate::tui::paint::Role::Text)];
        self.lines = crate::tui::paint::wrap(&spans, usize::from(width));
        0
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

    /// Finished code blocks within the rows that are not highlighted yet; each is named once.
    pub fn wanted_highlights(&mut self, _rows: Range<usize>) -> Vec<Wanted> {
        Vec::new()
    }

    /// Takes a highlight; `None` says there is none to be had. Rows keep their number. Ignored when the block is gone.
    pub fn set_highlight(&mut self, _id: CodeId, _highlight: Option<&Highlight>) {}

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.lines.heap_bytes()
    }
}
