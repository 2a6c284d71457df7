//! The word and the line at a point, across the rows that a line was wrapped into.

use super::text::{TextPoint, TextRows};
use crate::base::text::{grapheme_width, graphemes};
use crate::tui::paint::Seam;

/// Punctuation inside of paths, addresses, options and names.
const IN_WORDS: &str = "@-./_~?&=%+#:\\";
/// Punctuation that ends a sentence and no word.
const AT_ENDS: &str = ".:?";

/// The kind of a grapheme; neighbours of one kind are a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Blank,
    /// The same character again.
    Sign(char),
    Word,
}

/// A grapheme of a line, and where it stands.
struct Place<'a> {
    grapheme: &'a str,
    class: Class,
    first: TextPoint,
    last: TextPoint,
}

/// The first and the last cell of the word at a point; `None` where there is no text.
pub(super) fn word(
    rows: &(impl TextRows + ?Sized),
    at: TextPoint,
) -> Option<(TextPoint, TextPoint)> {
    let places = places(rows, at);
    let hit = places.iter().position(|place| place.first <= at && at <= place.last)?;
    let class = places[hit].class;
    let is_same = |place: &&Place<'_>| place.class == class;
    let first = hit - places[..hit].iter().rev().take_while(is_same).count();
    let mut last = hit + places[hit + 1..].iter().take_while(is_same).count();
    while class == Class::Word && last > hit && AT_ENDS.contains(places[last].grapheme) {
        last -= 1;
    }
    Some((places[first].first, places[last].last))
}

/// The first and the last cell of the line at a point.
pub(super) fn line(rows: &(impl TextRows + ?Sized), at: TextPoint) -> (TextPoint, TextPoint) {
    let (first, last) = line_rows(rows, at);
    (TextPoint { row: first, column: 0, ..at }, TextPoint { row: last, column: u16::MAX, ..at })
}

/// The first and the last row of the line at a point.
fn line_rows(rows: &(impl TextRows + ?Sized), at: TextPoint) -> (usize, usize) {
    let goes_on = |row: usize| {
        let seam = rows.text_row(at.entry, row).map(|row| row.seam);
        matches!(seam, Some(Seam::Wrapped(_)))
    };
    let (mut first, mut last) = (at.row, at.row);
    while first > 0 && goes_on(first) {
        first -= 1;
    }
    while goes_on(last + 1) {
        last += 1;
    }
    (first, last)
}

/// The graphemes of the line at a point; spaces that were dropped at a wrap have no place.
fn places<'a>(rows: &'a (impl TextRows + ?Sized), at: TextPoint) -> Vec<Place<'a>> {
    let (first, last) = line_rows(rows, at);
    let mut places = Vec::new();
    for row in first..=last {
        let Some(text) = rows.text_row(at.entry, row) else { continue };
        let point = |column: usize| TextPoint {
            row,
            column: u16::try_from(column).unwrap_or(u16::MAX),
            ..at
        };
        if matches!(text.seam, Seam::Wrapped(1..)) {
            // A range without a point in it.
            let (first, last) = (point(usize::MAX), point(0));
            places.push(Place { grapheme: " ", class: Class::Blank, first, last });
        }
        let (mut column, mut byte) = (usize::from(text.column), 0);
        for grapheme in graphemes(text.text) {
            let wide = grapheme_width(grapheme);
            if byte >= text.gutter && wide > 0 {
                let class = class(grapheme);
                let (first, last) = (point(column), point(column + wide - 1));
                places.push(Place { grapheme, class, first, last });
            }
            (column, byte) = (column + wide, byte + grapheme.len());
        }
    }
    places
}

fn class(grapheme: &str) -> Class {
    match grapheme.chars().next() {
        None => Class::Blank,
        Some(sign) if sign.is_whitespace() => Class::Blank,
        Some(sign) if sign.is_alphanumeric() || IN_WORDS.contains(sign) => Class::Word,
        Some(sign) => Class::Sign(sign),
    }
}
