//! Hits in laid-out rows. Rows that were wrapped are one line, so that a hit may go over a wrap;
//! gutters are no text.

use std::ops::Range;

use super::needle::Needle;
use crate::base::text::{grapheme_width, graphemes};
use crate::tui::paint::{Seam, TextRow};

/// A hit: its columns in each row that it touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowHit {
    pub pieces: Vec<(usize, Range<u16>)>,
}

impl RowHit {
    /// Its first row.
    pub fn row(&self) -> usize {
        self.pieces.first().map_or(0, |(row, _)| *row)
    }
}

/// A line that may take several rows.
#[derive(Default)]
struct WholeLine {
    text: String,
    /// The row, where its text begins in the line, and the bytes of its gutter.
    parts: Vec<(usize, usize, usize)>,
}

/// The hits that touch some rows of an entry, in their order. `text_row` returns `None` past the
/// entry's last row.
pub fn in_rows<'a>(
    text_row: impl Fn(usize) -> Option<TextRow<'a>>,
    rows: Range<usize>,
    needle: &Needle,
) -> Vec<RowHit> {
    let mut first = rows.start;
    while first > 0 && goes_on(text_row(first)) {
        first -= 1;
    }
    let mut hits = Vec::new();
    let mut line = WholeLine::default();
    let mut row = first;
    while let Some(text) = text_row(row) {
        if !goes_on(Some(text)) {
            line.look(&text_row, needle, &mut hits);
            if row >= rows.end {
                break;
            }
        }
        line.push(row, text);
        row += 1;
    }
    line.look(&text_row, needle, &mut hits);
    hits
}

fn goes_on(row: Option<TextRow<'_>>) -> bool {
    row.is_some_and(|row| matches!(row.seam, Seam::Wrapped(_)))
}

/// Whether a row only counts the rows that are left out.
fn is_count(own: &str) -> bool {
    let rest = own.strip_prefix("… ").and_then(|rest| rest.split_once(' '));
    rest.is_some_and(|(count, rest)| {
        count.bytes().all(|byte| byte.is_ascii_digit()) && rest.starts_with("more")
    })
}

impl WholeLine {
    fn push(&mut self, row: usize, text: TextRow<'_>) {
        if let Seam::Wrapped(spaces) = text.seam {
            self.text.extend(std::iter::repeat_n(' ', usize::from(spaces)));
        }
        self.parts.push((row, self.text.len(), text.gutter));
        self.text.push_str(&text.text[text.gutter..]);
    }

    /// Adds the hits in the line, and begins another one.
    fn look<'a>(
        &mut self,
        text_row: &impl Fn(usize) -> Option<TextRow<'a>>,
        needle: &Needle,
        hits: &mut Vec<RowHit>,
    ) {
        if !is_count(&self.text) {
            let view = needle.view(&self.text);
            for range in needle.hits(&view) {
                let pieces = self.parts.iter().filter_map(|(row, from, gutter)| {
                    let text = text_row(*row)?;
                    let own = |at: usize| (at + gutter).saturating_sub(*from).max(*gutter);
                    Some((*row, columns(text, own(range.start)..own(range.end))?))
                });
                let pieces: Vec<_> = pieces.collect();
                hits.extend((!pieces.is_empty()).then_some(RowHit { pieces }));
            }
        }
        self.text.clear();
        self.parts.clear();
    }
}

/// The columns of some bytes of a row, widened to whole characters; `None` for none.
fn columns(row: TextRow<'_>, bytes: Range<usize>) -> Option<Range<u16>> {
    let (mut column, mut at) = (row.column, 0);
    let mut found: Option<Range<u16>> = None;
    for grapheme in graphemes(row.text) {
        if at >= bytes.end {
            break;
        }
        let next = column.saturating_add(u16::try_from(grapheme_width(grapheme)).unwrap_or(0));
        if at + grapheme.len() > bytes.start {
            found = Some(found.map_or(column, |range| range.start)..next);
        }
        (column, at) = (next, at + grapheme.len());
    }
    found.filter(|range| !range.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::paint::wrap::{Prefix, Span};
    use crate::tui::paint::{LaidOutLines, Role};

    fn found(words: &str, text: &str, width: usize) -> Vec<Vec<(usize, Range<u16>)>> {
        let mut lines = LaidOutLines::new();
        let prefix =
            Prefix::new(vec![Span::new("› ", Role::User)], vec![Span::new("  ", Role::User)]);
        lines.wrap(&[Span::new(text, Role::Text)], width, &prefix);
        let needle = Needle::new(words).unwrap();
        let hits = in_rows(|row| lines.text_row(row), 0..lines.len(), &needle);
        // Looking at one row alone finds those that touch it.
        for row in 0..lines.len() {
            let touching = in_rows(|row| lines.text_row(row), row..row + 1, &needle);
            for hit in hits.iter().filter(|hit| hit.pieces.iter().any(|(at, _)| *at == row)) {
                assert!(touching.contains(hit), "{words} in row {row} of {text}");
            }
        }
        hits.into_iter().map(|hit| hit.pieces).collect()
    }

    #[test]
    fn a_hit_has_columns_and_may_go_over_a_wrap() {
        for (words, text, width, hits) in [
            ("two", "one two", 20, vec![vec![(0, 6..9)]]),
            ("one two", "one two", 7, vec![vec![(0, 2..5), (1, 2..5)]]),
            ("bcdef", "abcdefgh", 6, vec![vec![(0, 3..6), (1, 2..4)]]),
            (
                "e\nt",
                "one
two",
                20,
                vec![],
            ),
            (
                "et",
                "one
two",
                20,
                vec![],
            ),
            ("語", "日本語", 20, vec![vec![(0, 6..8)]]),
            ("本語", "日本語", 6, vec![vec![(0, 4..6), (1, 2..4)]]),
            ("👍", "a 👍🏽", 20, vec![vec![(0, 4..6)]]),
            ("›", "one", 20, vec![]),
            ("o", "o o", 20, vec![vec![(0, 2..3)], vec![(0, 4..5)]]),
        ] {
            assert_eq!(found(words, text, width), hits, "{words} in {text} at {width}");
        }
    }

    #[test]
    fn rows_that_count_hidden_rows_have_no_hits() {
        assert_eq!(found("more", "… 3 more lines · ctrl+o shows them", 60), Vec::<Vec<_>>::new());
        assert_eq!(found("more", "… and more", 60).len(), 1);
    }
}
