//! Settling a growing source: which part can no longer change, and its final layout.

use std::ops::Range;

use super::{DocumentEnd, Markdown, Where};
use crate::base::text::clean;
use crate::tui::paint::markdown::code::{CodeBlock, CodeId, is_worth_it};
use crate::tui::paint::markdown::fence::{CodeFence, Taken, code_prefix};
use crate::tui::paint::markdown::layout::{BlockContent, lay_out};
use crate::tui::paint::markdown::segments::{SegmentKind, SegmentPlace, segments};
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Role, Span};

/// Whether one split of the source was enough.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Again,
    Done,
}

impl Markdown {
    /// Lays out everything that further text cannot change.
    pub(super) fn freeze(&mut self, text: &str) {
        loop {
            if matches!(self.place, Where::Fence(_)) && self.freeze_fence(text) == Taken::Code {
                break;
            }
            let end = self.stable_end(text);
            let known = if self.ending == DocumentEnd::Complete {
                self.frozen
            } else {
                self.parted.max(self.frozen)
            };
            if end <= known {
                break;
            }
            self.parted = end;
            if self.freeze_segments(text, end) == Progress::Done {
                break;
            }
        }
        if self.ending == DocumentEnd::Complete {
            self.close_fence(text.len());
            self.lines.shrink();
        }
    }

    /// The end of the stable source: only complete lines are certain.
    fn stable_end(&self, text: &str) -> usize {
        match self.ending {
            DocumentEnd::Complete => text.len(),
            DocumentEnd::Open => {
                text[self.frozen..].rfind('\n').map_or(self.frozen, |feed| self.frozen + feed + 1)
            }
        }
    }

    /// Settles segments; stops before the last one while it may grow, and inside an open fence.
    fn freeze_segments(&mut self, text: &str, end: usize) -> Progress {
        let from = self.frozen;
        let segments = segments(&text[from..end]);
        let count = segments.len();
        for (at, segment) in segments.into_iter().enumerate() {
            let may_grow = at + 1 == count && self.ending == DocumentEnd::Open;
            let slice = from + segment.range.start..from + segment.range.end;
            if segment.kind == SegmentKind::Fence && self.open_fence(text, &slice) {
                // The fence determines its own end; if the parser saw another, the rest is split
                // again.
                if may_grow
                    || (self.freeze_fence(&text[..slice.end]) == Taken::Closed
                        && !text[self.frozen..slice.end].trim().is_empty())
                {
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

    /// Whether the segment with index `at` is a later item of the list before it. After a split, a
    /// list's next item looks like the first of a new list.
    fn continues(&self, at: usize, kind: SegmentKind) -> bool {
        match (kind, &self.place) {
            (SegmentKind::Item { place: SegmentPlace::Later, .. }, Where::List(_)) => true,
            (SegmentKind::Item { place: SegmentPlace::First, .. }, Where::List(_)) => at == 0,
            _ => false,
        }
    }

    /// Lays a segment out after the previous ones.
    pub(super) fn put_segment(
        &mut self,
        at: usize,
        slice: &str,
        kind: SegmentKind,
    ) -> Vec<BlockContent> {
        if !self.continues(at, kind) {
            self.put_gap();
            self.place = match kind {
                SegmentKind::Item { number, .. } => Where::List(number),
                SegmentKind::Block | SegmentKind::Fence | SegmentKind::Raw => Where::Between,
            };
        }
        let width = usize::from(self.width);
        match (kind, &mut self.place) {
            (SegmentKind::Raw, _) => {
                let text = clean(slice.trim());
                self.lines.wrap(&[Span::new(text, Role::Dim)], width, &Prefix::default());
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

    /// Adds a blank row between blocks; none before the first.
    fn put_gap(&mut self) {
        if !self.lines.is_empty() {
            self.lines.end_row();
        }
    }

    fn open_fence(&mut self, text: &str, slice: &Range<usize>) -> bool {
        let source = &text[slice.clone()];
        let line = source.split('\n').next().unwrap_or_default();
        let Some(mut fence) = CodeFence::open(line.trim_end()) else { return false };
        self.put_gap();
        fence.put_label(&mut self.lines);
        self.place = Where::Fence(fence);
        self.frozen = slice.start + (line.len() + 1).min(text.len() - slice.start);
        self.frozen_rows = self.lines.len();
        true
    }

    /// Settles the complete lines of a fence.
    fn freeze_fence(&mut self, text: &str) -> Taken {
        while let Where::Fence(fence) = &mut self.place {
            let rest = text.get(self.frozen..).unwrap_or_default();
            let last =
                (self.ending == DocumentEnd::Complete && !rest.is_empty()).then_some(rest.len());
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
        let inner = BlockContent {
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

    fn keep_code(&mut self, inner: BlockContent) {
        if !is_worth_it(&inner.language, &inner.code) {
            return;
        }
        let id = CodeId(self.next_id);
        self.next_id += 1;
        self.codes.push(CodeBlock {
            id,
            rows: inner.rows,
            first_prefix: inner.first_prefix,
            rest_prefix: inner.rest_prefix,
            language: inner.language.into_boxed_str(),
            code: inner.code.into_boxed_str(),
            asked: false,
        });
    }
}
