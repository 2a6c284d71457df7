//! The layout of one block: prefixes, gaps, bullets.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

use super::fence::{as_code, code_prefix, put_code, put_label};
use super::inline::InlineLayout;
use super::segments::options;
use super::table::TableLayout;
use crate::tui::paint::wrap::{Prefix, Span};
use crate::tui::paint::{Emphasis, Ink, LaidOutLines, Role};

/// A code block inside the laid-out block.
#[derive(Debug)]
pub(super) struct BlockContent {
    pub rows: std::ops::Range<usize>,
    pub first_prefix: usize,
    pub rest_prefix: usize,
    pub language: String,
    pub code: String,
}

/// Lays out one slice; `number` overrides the first number of an ordered list. Returns its code
/// blocks.
pub(super) fn lay_out(
    slice: &str,
    number: Option<u64>,
    width: usize,
    lines: &mut LaidOutLines,
) -> Vec<BlockContent> {
    let mut layout = Layout {
        lines,
        width,
        number,
        inline: InlineLayout::default(),
        frames: Vec::new(),
        lists: Vec::new(),
        last: None,
        code: None,
        table: None,
        codes: Vec::new(),
    };
    for event in Parser::new_ext(slice, options()) {
        layout.take(event);
    }
    layout.flush(Last::Text);
    layout.codes
}

struct Layout<'l> {
    lines: &'l mut LaidOutLines,
    width: usize,
    number: Option<u64>,
    inline: InlineLayout,
    frames: Vec<Frame>,
    /// The next number of each open list.
    lists: Vec<Option<u64>>,
    /// The last content of the innermost container.
    last: Option<Last>,
    code: Option<(String, String)>,
    table: Option<TableLayout>,
    codes: Vec<BlockContent>,
}

/// The prefix of an open container's rows.
struct Frame {
    /// The prefix of its first row only: a bullet or a number.
    first: Option<Span<'static>>,
    rest: Span<'static>,
    is_quote: bool,
    /// The last content around it.
    outside: Option<Last>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Item,
    Other,
    Text,
}

impl Layout<'_> {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) if self.code.is_some() => {
                if let Some((_, code)) = &mut self.code {
                    code.push_str(&text);
                }
            }
            Event::Rule => {
                self.flush(Last::Text);
                self.gap(Last::Other);
                self.put_rule();
            }
            Event::Html(html) => {
                for line in html.lines().filter(|line| !line.trim().is_empty()) {
                    self.flush(Last::Text);
                    self.inline.text(line, Role::Dim.into());
                    self.flush_joined();
                }
            }
            event => self.inline.take_event(&event),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.flush(Last::Text),
            Tag::Heading { level, .. } => {
                self.flush(Last::Text);
                self.inline.push_ink(heading(level));
            }
            Tag::BlockQuote(_) => {
                self.flush(Last::Text);
                self.gap(Last::Other);
                self.inline.push_ink(Role::Quote.into());
                self.open(None, Span::new("│ ", Role::Faint));
            }
            Tag::CodeBlock(kind) => {
                self.flush(Last::Text);
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        as_code(info.split([' ', ',', '{', '\t']).next().unwrap_or_default())
                            .to_lowercase()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::List(number) => {
                self.flush(Last::Text);
                // A nested list follows its item's text without a gap.
                if self.lists.is_empty() || self.last == Some(Last::Other) {
                    self.gap(Last::Item);
                }
                let number =
                    if self.lists.is_empty() { number.and(self.number.or(number)) } else { number };
                self.lists.push(number);
            }
            Tag::Item => {
                self.last = None;
                let (first, columns) = self.bullet();
                self.open(Some(first), Span::new(" ".repeat(columns), Role::Text));
            }
            Tag::Table(alignments) => {
                self.flush(Last::Text);
                self.table = Some(TableLayout { alignments, rows: Vec::new() });
            }
            Tag::TableHead => {
                self.inline.push_ink(Ink::from(Role::Text).bold());
                self.row();
            }
            Tag::TableRow => self.row(),
            tag => self.inline.take_event(&Event::Start(tag)),
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Paragraph => self.flush(Last::Text),
            TagEnd::Heading(level) => {
                self.flush(Last::Other);
                self.inline.pop_ink();
                if level == HeadingLevel::H1 {
                    self.put_rule();
                }
            }
            TagEnd::BlockQuote(_) => {
                self.flush(Last::Text);
                self.inline.pop_ink();
                self.close(Last::Other);
            }
            TagEnd::CodeBlock => self.put_code_block(),
            TagEnd::List(_) => {
                self.lists.pop();
                self.last = Some(Last::Other);
            }
            TagEnd::Item => {
                self.flush(Last::Text);
                if self.frames.last().is_some_and(|frame| frame.first.is_some()) {
                    // An empty item still shows its bullet.
                    self.put(&[]);
                }
                self.close(Last::Item);
            }
            TagEnd::Table => self.put_table(),
            TagEnd::TableHead => self.inline.pop_ink(),
            TagEnd::TableCell => {
                let cell = self.inline.take();
                if let Some(row) = self.table.as_mut().and_then(|table| table.rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::HtmlBlock => self.last = Some(Last::Other),
            end => self.inline.take_event(&Event::End(end)),
        }
    }

    /// Adds the collected text as a paragraph.
    fn flush(&mut self, kind: Last) {
        if !self.inline.is_empty() {
            self.gap(kind);
            self.flush_joined();
        }
    }

    fn flush_joined(&mut self) {
        let spans = self.inline.take();
        self.put(&spans);
        self.last.get_or_insert(Last::Text);
    }

    /// Adds a blank row between this and the previous content of the container.
    fn gap(&mut self, next: Last) {
        if self.last.is_some() {
            let prefix = self.prefix();
            let mut row = prefix.rest;
            while row.last().is_some_and(|span| span.text.trim().is_empty()) {
                row.pop();
            }
            for span in row {
                self.lines.push(span.text.trim_end(), span.ink);
            }
            self.lines.end_gutter(0);
            self.lines.end_row();
        }
        self.last = Some(next);
    }

    fn put(&mut self, spans: &[Span<'static>]) {
        let prefix = self.prefix();
        self.lines.wrap(spans, self.width, &prefix);
        self.begun();
    }

    fn put_rule(&mut self) {
        let width = self.width.saturating_sub(self.prefix_columns()).max(1);
        self.put(&[Span::new("─".repeat(width), Role::Border)]);
    }

    fn put_code_block(&mut self) {
        let Some((language, source)) = self.code.take() else { return };
        self.gap(Last::Other);
        let bullet_waits = self.frames.iter().any(|frame| frame.first.is_some());
        if !language.is_empty() {
            let outer = self.prefix().first;
            put_label(self.lines, &language, &outer);
            self.begun();
        }
        let start = self.lines.len();
        let mut code = String::with_capacity(source.len());
        for line in source.lines() {
            let shown = as_code(line);
            let outer = self.prefix().first;
            put_code(self.lines, &shown, self.width, &outer);
            self.begun();
            code.push_str(&shown);
            code.push('\n');
        }
        let prefix = code_prefix(&self.prefix().rest);
        let bytes = |spans: &[Span<'_>]| spans.iter().map(|span| span.text.len()).sum();
        let fits = prefix.columns() + 2 <= self.width;
        // A bullet in the code's first row would give it another prefix than the rest.
        if fits && !(bullet_waits && language.is_empty()) {
            let (first_prefix, rest_prefix) = (bytes(&prefix.first), bytes(&prefix.rest));
            self.codes.push(BlockContent {
                rows: start..self.lines.len(),
                first_prefix,
                rest_prefix,
                language,
                code,
            });
        }
    }

    fn put_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        self.gap(Last::Other);
        let rows = table.lay_out(self.width.saturating_sub(self.prefix_columns()).max(1));
        for row in 0..rows.len() {
            let prefix = self.prefix();
            for span in prefix.first {
                self.lines.push(&span.text, span.ink);
            }
            self.lines.end_gutter(prefix.kept);
            self.lines.go_on(rows.text_row(row).unwrap_or_default().seam);
            self.lines.push_from(&rows, row);
            self.lines.end_row();
            self.begun();
        }
    }

    fn row(&mut self) {
        if let Some(table) = &mut self.table {
            table.rows.push(Vec::new());
        }
    }

    fn bullet(&mut self) -> (Span<'static>, usize) {
        let depth = self.lists.len();
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let text = format!("{number}. ");
                *number += 1;
                let columns = text.len();
                (Span::new(text, Role::Accent), columns)
            }
            _ => {
                let bullet = match depth {
                    0 | 1 => "• ",
                    2 => "– ",
                    _ => "· ",
                };
                (Span::new(bullet, Role::Accent), 2)
            }
        }
    }

    fn open(&mut self, first: Option<Span<'static>>, rest: Span<'static>) {
        let is_quote = first.is_none();
        self.frames.push(Frame { first, rest, is_quote, outside: self.last.take() });
    }

    fn close(&mut self, kind: Last) {
        if let Some(frame) = self.frames.pop() {
            self.last = frame.outside.or(Some(kind));
        }
        self.last = Some(kind);
    }

    fn prefix(&self) -> Prefix {
        let first = self
            .frames
            .iter()
            .map(|frame| frame.first.clone().unwrap_or_else(|| frame.rest.clone()))
            .collect();
        let rest = self.frames.iter().map(|frame| frame.rest.clone()).collect();
        Prefix::new(first, rest).keeping(self.bullet_bytes())
    }

    /// The bytes of a bullet that is about to be written, and of the indent before it, as far as
    /// they are not the bar of a quotation.
    fn bullet_bytes(&self) -> usize {
        if self.frames.iter().all(|frame| frame.first.is_none()) {
            return 0;
        }
        let in_lists = self.frames.iter().rev().take_while(|frame| !frame.is_quote);
        in_lists.map(|frame| frame.first.as_ref().unwrap_or(&frame.rest).text.len()).sum()
    }

    fn prefix_columns(&self) -> usize {
        self.prefix().columns()
    }

    /// Records that a row was written, so that bullets are used up.
    fn begun(&mut self) {
        for frame in &mut self.frames {
            frame.first = None;
        }
    }
}

fn heading(level: HeadingLevel) -> Ink {
    match level {
        HeadingLevel::H1 => Role::Heading.into(),
        HeadingLevel::H2 => Ink::new(Role::Heading, Emphasis::UNDERLINE),
        _ => Ink::new(Role::Heading, Emphasis::ITALIC),
    }
}
