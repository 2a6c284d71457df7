//! Wrapping inked spans to a width: by words, never inside a grapheme, with a first and a hanging
//! prefix.

use std::borrow::Cow;
use std::sync::Arc;

use crate::base::text::{self, grapheme_width, graphemes};
use crate::tui::paint::{Ink, LaidOutLines, Seam};

/// A piece of cleaned text of one ink; a `\n` in it starts a new row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    pub text: Cow<'a, str>,
    pub ink: Ink,
    /// The address of a link; none if empty.
    pub link: Option<Arc<str>>,
}

/// The prefix of the first row and that of all others.
#[derive(Clone, Debug, Default)]
pub struct Prefix {
    pub first: Vec<Span<'static>>,
    pub rest: Vec<Span<'static>>,
    /// Bytes at the end of the first prefix that are text, such as a bullet; the rest of it, and
    /// all of the other, is gutter.
    pub kept: usize,
}

/// Where rows may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Breaks {
    Words,
    Graphemes,
}

impl<'a> Span<'a> {
    pub fn new(text: impl Into<Cow<'a, str>>, ink: impl Into<Ink>) -> Self {
        Self { text: text.into(), ink: ink.into(), link: None }
    }
}

impl Prefix {
    pub fn new(first: Vec<Span<'static>>, rest: Vec<Span<'static>>) -> Self {
        Self { first, rest, kept: 0 }
    }

    /// A mark or a name before the first row, and as many columns before the others.
    pub fn behind(name: impl Into<Cow<'static, str>>, ink: impl Into<Ink>) -> Self {
        let name = Span::new(name, ink);
        let blank = " ".repeat(text::width(&name.text));
        Self::new(vec![name], vec![Span::new(blank, Ink::default())])
    }

    /// Takes the last bytes of the first prefix for text.
    pub fn keeping(self, kept: usize) -> Self {
        Self { kept, ..self }
    }

    /// A prefix of spaces before every row but the first.
    pub fn hanging(columns: usize) -> Self {
        Self::new(Vec::new(), vec![Span::new(" ".repeat(columns), Ink::default())])
    }

    pub fn columns(&self) -> usize {
        spans_width(&self.first).max(spans_width(&self.rest))
    }
}

pub fn spans_width(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| text::width(&span.text)).sum()
}

/// Wraps by words into rows of at most `columns`, without a prefix. No spans give one empty row.
pub fn wrap(spans: &[Span<'_>], columns: usize) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    lines.wrap(spans, columns, &Prefix::default());
    lines
}

impl LaidOutLines {
    /// Appends spans that are wrapped between words; a word wider than a row is broken. Spaces at a
    /// break are dropped.
    pub fn wrap(&mut self, spans: &[Span<'_>], columns: usize, prefix: &Prefix) {
        wrap_into(self, spans, columns, prefix, Breaks::Words);
    }

    /// Appends spans that are wrapped between graphemes, dropping nothing, for code.
    pub fn wrap_anywhere(&mut self, spans: &[Span<'_>], columns: usize, prefix: &Prefix) {
        wrap_into(self, spans, columns, prefix, Breaks::Graphemes);
    }
}

fn wrap_into(
    lines: &mut LaidOutLines,
    spans: &[Span<'_>],
    columns: usize,
    prefix: &Prefix,
    breaks: Breaks,
) {
    let mut writer = Writer { lines, prefix, columns, used: 0, empty_row: true, rows: 0 };
    writer.begin_row();
    let mut word = Word::default();
    for span in spans {
        for (at, piece) in span.text.split('\n').enumerate() {
            if at > 0 {
                writer.put_word(&mut word);
                writer.end_row(Seam::Line);
            }
            match breaks {
                Breaks::Words => break_words(&mut writer, &mut word, piece, &Look::of(span)),
                Breaks::Graphemes => writer.put_broken(piece, &Look::of(span)),
            }
        }
    }
    writer.put_word(&mut word);
    writer.lines.end_row();
}

/// Expands tabs to the next multiple of four, counted from the row's start.
pub fn expand_tabs(row: &str) -> Cow<'_, str> {
    if !row.contains('\t') {
        return Cow::Borrowed(row);
    }
    let mut expanded = String::with_capacity(row.len() + 16);
    let mut column = 0;
    for piece in row.split_inclusive('\t') {
        let body = piece.strip_suffix('\t');
        expanded.push_str(body.unwrap_or(piece));
        if let Some(body) = body {
            column += text::width(body);
            let fill = 4 - column % 4;
            expanded.extend(std::iter::repeat_n(' ', fill));
            column += fill;
        }
    }
    Cow::Owned(expanded)
}

/// A word that may cross spans, kept until its end.
#[derive(Default)]
struct Word {
    pieces: Vec<(String, Look)>,
    columns: usize,
    /// Spaces seen before it.
    gap: usize,
    gap_look: Look,
}

/// The attributes of a span.
#[derive(Clone, Default, PartialEq, Eq)]
struct Look {
    ink: Ink,
    link: Option<Arc<str>>,
}

impl Look {
    fn of(span: &Span<'_>) -> Self {
        Self { ink: span.ink, link: span.link.clone() }
    }
}

struct Writer<'l, 'p> {
    lines: &'l mut LaidOutLines,
    prefix: &'p Prefix,
    columns: usize,
    used: usize,
    empty_row: bool,
    rows: usize,
}

fn break_words(writer: &mut Writer<'_, '_>, word: &mut Word, piece: &str, look: &Look) {
    for part in piece.split_inclusive([' ', '\t']) {
        let solid = part.trim_end_matches([' ', '\t']);
        if !solid.is_empty() {
            push_solid(writer, word, solid, look);
        }
        if solid.len() < part.len() {
            writer.put_word(word);
            word.gap += part.len() - solid.len();
            word.gap_look = look.clone();
        }
    }
}

/// Adds a run without blanks. Wide characters (CJK) may be separated; everything else stays in one
/// word.
fn push_solid(writer: &mut Writer<'_, '_>, word: &mut Word, solid: &str, look: &Look) {
    if solid.is_ascii() {
        word.columns += solid.len();
        word.pieces.push((solid.to_owned(), look.clone()));
        return;
    }
    for grapheme in graphemes(solid) {
        let columns = grapheme_width(grapheme);
        if columns == 2 && !is_closing(grapheme) && !word.pieces.is_empty() {
            writer.put_word(word);
        }
        word.columns += columns;
        match word.pieces.last_mut() {
            Some((text, last)) if last == look => text.push_str(grapheme),
            _ => word.pieces.push((grapheme.to_owned(), look.clone())),
        }
    }
}

/// Whether it is punctuation that must not begin a row.
fn is_closing(grapheme: &str) -> bool {
    matches!(
        grapheme,
        "、" | "。" | "，" | "．" | "！" | "？" | "：" | "；" | "）" | "」" | "』" | "】" | "》"
    )
}

impl Writer<'_, '_> {
    fn room(&self) -> usize {
        self.columns.saturating_sub(self.used)
    }

    fn begin_row(&mut self) {
        let spans = if self.rows == 0 { &self.prefix.first } else { &self.prefix.rest };
        let columns = spans_width(spans);
        // A prefix that leaves no room for text is dropped.
        if columns + 2 <= self.columns || columns == 0 {
            for span in spans {
                self.lines.push(&span.text, span.ink);
            }
            self.lines.end_gutter(if self.rows == 0 { self.prefix.kept } else { 0 });
            self.used = columns;
        } else {
            self.used = 0;
        }
        self.empty_row = true;
    }

    /// Ends the row; the seam is how the next one goes on.
    fn end_row(&mut self, seam: Seam) {
        self.lines.end_row();
        self.lines.go_on(seam);
        self.rows += 1;
        self.begin_row();
    }

    fn put_word(&mut self, word: &mut Word) {
        if word.pieces.is_empty() {
            return;
        }
        let gap = if self.empty_row && self.rows > 0 { 0 } else { word.gap };
        if gap + word.columns <= self.room() {
            self.put_gap(gap, &word.gap_look);
        } else if !self.empty_row {
            self.end_row(Seam::Wrapped(u8::try_from(word.gap).unwrap_or(u8::MAX)));
        }
        for (piece, look) in word.pieces.drain(..) {
            self.put_broken(&piece, &look);
        }
        word.columns = 0;
        word.gap = 0;
    }

    fn put_gap(&mut self, gap: usize, look: &Look) {
        if gap > 0 {
            self.lines.push_linked(&" ".repeat(gap), look.ink, look.link.as_ref());
            self.used += gap;
        }
    }

    /// Adds text that may be wider than the row.
    fn put_broken(&mut self, piece: &str, look: &Look) {
        let mut rest = piece;
        loop {
            let (fits, more) = text::split_at_width(rest, self.room());
            if !fits.is_empty() {
                self.lines.push_linked(fits, look.ink, look.link.as_ref());
                self.used += text::width(fits);
                self.empty_row = false;
            }
            if more.is_empty() {
                return;
            }
            if fits.is_empty() && self.empty_row {
                // Not even one grapheme fits (two columns in a row of one): it is skipped, so that
                // the loop ends.
                let skipped = graphemes(more).next().map_or(more.len(), str::len);
                self.lines.push_linked("…", look.ink, look.link.as_ref());
                self.used += 1;
                self.empty_row = false;
                rest = &more[skipped..];
            } else {
                self.end_row(Seam::Wrapped(0));
                rest = more;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tui::paint::Role;

    fn rows(text: &str, columns: usize) -> Vec<String> {
        let lines = wrap(&[Span::new(text, Role::Text)], columns);
        (0..lines.len()).map(|row| lines.plain(row).to_owned()).collect()
    }

    #[test]
    fn rows_break_between_words_and_inside_words_that_are_too_long() {
        let cases: [(&str, usize, &[&str]); 8] = [
            ("one two three", 7, &["one two", "three"]),
            ("one two three", 20, &["one two three"]),
            ("abcdefghij", 4, &["abcd", "efgh", "ij"]),
            ("a abcdefghij", 4, &["a", "abcd", "efgh", "ij"]),
            ("", 4, &[""]),
            ("a\n\nb", 4, &["a", "", "b"]),
            ("  indented text", 10, &["  indented", "text"]),
            ("中文字符很长", 5, &["中文", "字符", "很长"]),
        ];
        for (text, columns, expected) in cases {
            assert_eq!(rows(text, columns), expected, "{text:?} at {columns}");
        }
    }

    #[test]
    fn a_word_of_several_inks_is_not_parted() {
        let lines = wrap(
            &[
                Span::new("one tw", Role::Text),
                Span::new("o", Role::Bad),
                Span::new(", three", Role::Text),
            ],
            6,
        );
        assert_eq!(lines.to_text(), "one\ntwo,\nthree\n");
        assert_eq!(
            lines.row(1).collect::<Vec<_>>(),
            [("tw", Role::Text.into()), ("o", Role::Bad.into()), (",", Role::Text.into())]
        );
    }

    #[test]
    fn a_prefix_hangs() {
        let prefix =
            Prefix::new(vec![Span::new("- ", Role::Accent)], vec![Span::new("  ", Role::Text)]);
        let mut lines = LaidOutLines::new();
        lines.wrap(&[Span::new("one two three", Role::Text)], 9, &prefix);
        assert_eq!(lines.to_text(), "- one two\n  three\n");
    }

    #[test]
    fn a_row_knows_its_gutter_and_how_it_goes_on() {
        let mut lines = LaidOutLines::new();
        let prefix =
            Prefix::new(vec![Span::new("│ 1. ", Role::Accent)], vec![Span::new("   ", Role::Text)]);
        lines.wrap(&[Span::new("one  two\nabcdefgh", Role::Text)], 8, &prefix.keeping(3));
        let rows = (0..lines.len()).filter_map(|row| lines.text_row(row));
        let rows: Vec<_> = rows.map(|row| (&row.text[row.gutter..], row.seam)).collect();
        assert_eq!(
            rows,
            [
                ("1. one", Seam::Line),
                ("two", Seam::Wrapped(2)),
                ("abcde", Seam::Line),
                ("fgh", Seam::Wrapped(0))
            ]
        );
    }

    #[test]
    fn code_breaks_anywhere_and_loses_nothing() {
        let mut lines = LaidOutLines::new();
        lines.wrap_anywhere(&[Span::new("if a  {  b }", Role::Code)], 5, &Prefix::default());
        assert_eq!(lines.to_text(), "if a \n {  b\n }\n");
    }

    #[test]
    fn tabs_reach_the_next_stop() {
        for (row, expected) in
            [("\ta", "    a"), ("ab\tc", "ab  c"), ("中\tc", "中  c"), ("abcd\te", "abcd    e")]
        {
            assert_eq!(expand_tabs(row), expected);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]
        #[test]
        fn no_row_is_wider_than_asked_and_no_letter_is_lost(text in "[a-c中é👍🏽 ]{0,60}", columns in 2_usize..12) {
            let rows = rows(&text, columns);
            prop_assert!(rows.iter().all(|row| text::width(row) <= columns), "{rows:?}");
            let letters = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(letters(&rows.concat()), letters(&text));
        }
    }
}
