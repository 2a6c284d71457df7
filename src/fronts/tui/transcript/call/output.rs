//! A call's output as rows: lines are cut, sentences wrapped.

use crate::base::text;
use crate::tui::paint::wrap::{Prefix, expand_tabs};
use crate::tui::paint::{LaidOutLines, Role, Span};

/// Which lines are shown if not all are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputPart {
    First,
    Last,
}

const BESIDE: &str = "  │ ";
/// The limit in bytes for a sentence.
const LONGEST_SENTENCE: usize = 16 << 10;

/// Adds a row for each line, at most `most`; the hint follows if lines are left out. Without a
/// limit long lines are wrapped instead of cut.
pub fn rows(
    lines: &mut LaidOutLines,
    output: &str,
    most: usize,
    part: OutputPart,
    width: u16,
    hint: &str,
) {
    if most == 0 {
        return;
    }
    let count = output.lines().count();
    let left_out = count.saturating_sub(most);
    let note = match left_out {
        0 => None,
        1 => Some(format!("… 1 more line{hint}")),
        many => Some(format!("… {many} more lines{hint}")),
    };
    let skipped = if part == OutputPart::Last { left_out } else { 0 };
    if part == OutputPart::Last {
        note.iter().for_each(|note| push(lines, note, width));
    }
    let whole = most == usize::MAX;
    let push_line = if whole { push_wrapped } else { push };
    output.lines().skip(skipped).take(most).for_each(|row| push_line(lines, row, width));
    if part == OutputPart::First {
        note.iter().for_each(|note| push(lines, note, width));
    }
}

/// Adds the last rows of live output, padded so that the height never shrinks.
pub fn live(lines: &mut LaidOutLines, tail: &str, rows: usize, width: u16) {
    let last: Vec<_> = tail.lines().rev().take(rows).collect();
    last.iter().rev().for_each(|row| push(lines, row, width));
    for _ in last.len()..rows {
        push(lines, "", width);
    }
}

/// Adds sentences, wrapped to at most `most` rows.
pub fn sentences(lines: &mut LaidOutLines, words: &str, most: usize, width: u16, hint: &str) {
    let end = words.char_indices().nth(LONGEST_SENTENCE).map_or(words.len(), |(at, _)| at);
    let cleaned = text::clean(words[..end].trim_end());
    if most == 0 || cleaned.is_empty() {
        return;
    }
    let expanded = cleaned.lines().map(expand_tabs).collect::<Vec<_>>().join("\n");
    let beside = || vec![Span::new(BESIDE, Role::Border)];
    let mut wrapped = LaidOutLines::new();
    wrapped.wrap(
        &[Span::new(expanded, Role::Dim)],
        usize::from(width),
        &Prefix::new(beside(), beside()),
    );
    let left_out = wrapped.len().saturating_sub(most);
    if left_out > 0 {
        wrapped.truncate(most);
    }
    lines.append(&wrapped);
    match left_out {
        0 => {}
        1 => push(lines, &format!("… 1 more row{hint}"), width),
        many => push(lines, &format!("… {many} more rows{hint}"), width),
    }
}

/// Adds a line in one row, cleaned and cut.
fn push(lines: &mut LaidOutLines, row: &str, width: u16) {
    lines.push(BESIDE, Role::Border);
    lines.end_gutter(0);
    lines.push_row(&one_row(row, usize::from(width).saturating_sub(4)), Role::Dim);
}

/// Adds a line in as many rows as it needs, cleaned.
fn push_wrapped(lines: &mut LaidOutLines, row: &str, width: u16) {
    let beside = || vec![Span::new(BESIDE, Role::Border)];
    let line = one_row(row, usize::MAX);
    let (spans, prefix) = ([Span::new(line, Role::Dim)], Prefix::new(beside(), beside()));
    lines.wrap_anywhere(&spans, usize::from(width), &prefix);
}

/// A cleaned line of at most `room` columns.
pub fn one_row(row: &str, room: usize) -> String {
    // The invisible rest of a long row is not cleaned.
    let start: String = row.chars().take(room.saturating_mul(4)).collect();
    text::cut(&expand_tabs(&text::clean(&start)).replace('\n', " "), room).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(draw: impl FnOnce(&mut LaidOutLines)) -> String {
        let mut lines = LaidOutLines::new();
        draw(&mut lines);
        lines.to_text()
    }

    #[test]
    fn the_first_or_the_last_lines_are_shown_and_the_rest_counted() {
        let output = "one\n\ttwo\nthree\n";
        for (most, part, expected) in [
            (0, OutputPart::First, ""),
            (2, OutputPart::First, "  │ one\n  │     two\n  │ … 1 more line · key\n"),
            (2, OutputPart::Last, "  │ … 1 more line · key\n  │     two\n  │ three\n"),
            (1, OutputPart::Last, "  │ … 2 more lines · key\n  │ three\n"),
            (3, OutputPart::Last, "  │ one\n  │     two\n  │ three\n"),
        ] {
            assert_eq!(shown(|lines| rows(lines, output, most, part, 40, " · key")), expected);
        }
    }

    #[test]
    fn what_is_still_coming_keeps_its_height() {
        assert_eq!(shown(|lines| live(lines, "a\nb\nc", 2, 40)), "  │ b\n  │ c\n");
        assert_eq!(shown(|lines| live(lines, "a\n", 3, 40)), "  │ a\n  │ \n  │ \n");
        assert_eq!(shown(|lines| live(lines, "0123456789\u{1b}[2J", 1, 12)), "  │ 0123456…\n");
    }

    #[test]
    fn sentences_are_read_to_their_end() {
        let words = "one two three four five six";
        assert_eq!(
            shown(|lines| sentences(lines, words, 9, 14, "")),
            "  │ one two\n  │ three four\n  │ five six\n"
        );
        assert_eq!(
            shown(|lines| sentences(lines, words, 1, 14, "")),
            "  │ one two\n  │ … 2 more …\n"
        );
        assert_eq!(shown(|lines| sentences(lines, " \n", 9, 14, "")), "");
    }
}
