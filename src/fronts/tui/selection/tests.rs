//! The text between two points: wraps, wide characters, gutters, several entries.

use super::*;
use crate::tui::paint::markdown::{DocumentEnd, Markdown};
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{LaidOutLines, Role, Span, TextRow};

impl TextRows for Vec<LaidOutLines> {
    fn entries(&self) -> usize {
        self.len()
    }

    fn text_row(&self, entry: usize, row: usize) -> Option<TextRow<'_>> {
        self.get(entry)?.text_row(row)
    }
}

fn at(entry: usize, row: usize, column: u16) -> TextPoint {
    TextPoint { entry, row, column }
}

fn markdown(text: &str, width: u16) -> LaidOutLines {
    let mut markdown = Markdown::new();
    markdown.update(text, width, DocumentEnd::Complete);
    markdown.lines().clone()
}

fn wrapped(text: &str, width: usize) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    let prefix = Prefix::new(vec![Span::new("› ", Role::User)], vec![Span::new("  ", Role::User)]);
    lines.wrap(&[Span::new(text, Role::Text)], width, &prefix);
    lines
}

fn text(rows: &Vec<LaidOutLines>, from: TextPoint, to: TextPoint) -> String {
    let mut selection = Selection::new(rows, from, SelectionUnit::Cell).unwrap();
    selection.extend(rows, to);
    selection.text(rows)
}

fn piece_at(rows: &Vec<LaidOutLines>, at: TextPoint, unit: SelectionUnit) -> Option<String> {
    Selection::new(rows, at, unit).map(|selection| selection.text(rows))
}

#[test]
fn a_wrapped_line_is_one_line_and_its_spaces_come_back() {
    let rows = vec![wrapped("one two  three\nfour averylongword", 10)];
    assert_eq!(rows[0].to_text(), "› one two\n  three\n  four\n  averylon\n  gword\n");
    let all = "one two  three\nfour averylongword";
    assert_eq!(text(&rows, at(0, 0, 0), at(0, 4, 9)), all);
    assert_eq!(text(&rows, at(0, 4, 9), at(0, 0, 0)), all, "backwards");
    assert_eq!(text(&rows, at(0, 0, 6), at(0, 1, 3)), "two  th");
    assert_eq!(text(&rows, at(0, 0, 40), at(0, 1, 1)), "", "past the end and in the gutter");
}

#[test]
fn a_wide_character_is_taken_whole() {
    let rows = vec![wrapped("a中文b👩‍👩‍👧c", 40)];
    for (from, to, expected) in
        [(3, 3, "中"), (4, 4, "中"), (4, 5, "中文"), (2, 7, "a中文b"), (8, 8, "👩‍👩‍👧"), (9, 10, "👩‍👩‍👧c")]
    {
        assert_eq!(text(&rows, at(0, 0, from), at(0, 0, to)), expected, "{from}..={to}");
    }
    let selection = Selection::new(&rows, at(0, 0, 4), SelectionUnit::Cell).unwrap();
    assert_eq!(selection.columns(0, 0, rows[0].text_row(0).unwrap()), Some(3..5));
}

#[test]
fn code_lists_and_quotations_come_without_their_gutters() {
    let source = "Look:\n\n```rust\nfn main() {\n    let it = 1234567890;\n}\n```\n\n1. one\n   - two \
                  words here\n2. three\n\n> said\n> > twice\n";
    let rows = vec![markdown(source, 18)];
    assert_eq!(
        text(&rows, at(0, 0, 0), at(0, 99, 0)),
        "Look:\n\nrust\nfn main() {\n    let it = 1234567890;\n}\n\n1. one\n   – two words here\n2. \
         three\n\nsaid\n\ntwice",
        "{}",
        rows[0].to_text()
    );
}

#[test]
fn a_selection_goes_across_entries() {
    let rows = vec![wrapped("one", 9), LaidOutLines::new(), wrapped("two three", 7)];
    assert_eq!(text(&rows, at(0, 0, 3), at(2, 1, 4)), "ne\ntwo thr");
    let mut selection = Selection::new(&rows, at(0, 0, 3), SelectionUnit::Cell).unwrap();
    selection.extend(&rows, at(2, 0, 2));
    assert_eq!(selection.removed(1).unwrap().bounds(), (at(0, 0, 3), at(1, 0, 2)));
    assert_eq!(selection.removed(0), None);
    assert_eq!(selection.removed(3), Some(selection));
}

#[test]
fn a_word_and_a_line_are_found_across_wraps() {
    let rows = vec![wrapped("see src/main.rs:12, (a_b) and more", 12)];
    assert_eq!(rows[0].to_text(), "› see\n  src/main.r\n  s:12,\n  (a_b) and\n  more\n");
    for (point, expected) in [
        (at(0, 0, 3), Some("see")),
        (at(0, 1, 2), Some("src/main.rs:12")),
        (at(0, 2, 4), Some("src/main.rs:12")),
        (at(0, 2, 6), Some(",")),
        (at(0, 3, 2), Some("(")),
        (at(0, 3, 4), Some("a_b")),
        (at(0, 3, 11), None),
        (at(0, 0, 0), None),
        (at(7, 0, 0), None),
    ] {
        let word = piece_at(&rows, point, SelectionUnit::Word);
        assert_eq!(word.as_deref(), expected, "{point:?}");
    }
    let all = "see src/main.rs:12, (a_b) and more";
    assert_eq!(piece_at(&rows, at(0, 3, 0), SelectionUnit::Line).as_deref(), Some(all));
    let mut selection = Selection::new(&rows, at(0, 3, 4), SelectionUnit::Word).unwrap();
    selection.extend(&rows, at(0, 2, 2));
    assert_eq!(selection.text(&rows), "src/main.rs:12, (a_b", "it grows by words");
}
