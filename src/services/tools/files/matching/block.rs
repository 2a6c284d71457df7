//! Where a block of lines stands among others, by stricter and looser ways of comparing. Takes time
//! in proportion to the text, whatever it holds.

use std::borrow::Cow;

use super::alike::fold;
use super::{IndentShift, TextRow};

/// How lines are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchStrictness {
    Exact,
    /// Blanks at the ends of lines do not count.
    TrailingBlanks,
    /// Nor does indentation, as long as it differs by the same for all lines.
    Indentation,
    /// Nor does any indentation.
    Trimmed,
    /// As with `Trimmed`, and characters that look the same are the same, however their accents are
    /// written.
    LookAlikes,
}

/// A place where a block stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockMatch {
    /// The first of its lines, counted from 0.
    pub at: usize,
    pub shift: IndentShift,
}

/// Line comparisons spent on telling how places are indented: hostile texts have as many places as
/// lines.
const EFFORT: usize = 2_000_000;

/// All places from line `from` on, overlapping ones too. Blank lines alone are found only exactly,
/// nothing at all nowhere.
pub fn blocks(
    rows: &[TextRow<'_>],
    wanted: &[&str],
    from: usize,
    way: MatchStrictness,
) -> Vec<BlockMatch> {
    let rows = rows.get(from..).unwrap_or_default();
    if wanted.is_empty()
        || way != MatchStrictness::Exact && wanted.iter().all(|line| line.trim().is_empty())
    {
        return Vec::new();
    }
    let places = match way {
        MatchStrictness::Exact => places(rows, wanted, |line| line),
        MatchStrictness::TrailingBlanks => places(rows, wanted, str::trim_end),
        MatchStrictness::Indentation | MatchStrictness::Trimmed => places(rows, wanted, str::trim),
        MatchStrictness::LookAlikes => {
            let folded: Vec<Cow<'_, str>> = rows.iter().map(|row| fold(row.text)).collect();
            let wanted: Vec<Cow<'_, str>> = wanted.iter().map(|line| fold(line)).collect();
            let trimmed = |lines: &[Cow<'_, str>]| {
                lines.iter().map(|line| line.trim().to_owned()).collect::<Vec<_>>()
            };
            positions(&trimmed(&folded), &trimmed(&wanted))
        }
    };
    let affordable = EFFORT / wanted.len();
    let shift = |at: usize| {
        let pairs: Vec<(&str, &str)> =
            wanted.iter().copied().zip(rows[at..].iter().map(|row| row.text)).collect();
        IndentShift::between(&pairs)
    };
    let fit = |at: usize| {
        let shift = match way {
            MatchStrictness::Exact | MatchStrictness::TrailingBlanks => IndentShift::None,
            MatchStrictness::Indentation => shift(at)?,
            MatchStrictness::Trimmed | MatchStrictness::LookAlikes => {
                shift(at).unwrap_or(IndentShift::None)
            }
        };
        Some(BlockMatch { at: at + from, shift })
    };
    places.into_iter().take(affordable.max(1)).filter_map(fit).collect()
}

fn places<'a>(
    rows: &[TextRow<'a>],
    wanted: &[&'a str],
    seen: impl Fn(&'a str) -> &'a str,
) -> Vec<usize> {
    let rows: Vec<&str> = rows.iter().map(|row| seen(row.text)).collect();
    let wanted: Vec<&str> = wanted.iter().map(|line| seen(line)).collect();
    positions(&rows, &wanted)
}

/// Every place of `wanted` in `all`, by Knuth, Morris and Pratt.
fn positions<T: PartialEq>(all: &[T], wanted: &[T]) -> Vec<usize> {
    let mut border = vec![0; wanted.len()];
    let mut matched = 0;
    for at in 1..wanted.len() {
        while matched > 0 && wanted[at] != wanted[matched] {
            matched = border[matched - 1];
        }
        matched += usize::from(wanted[at] == wanted[matched]);
        border[at] = matched;
    }
    let mut found = Vec::new();
    let mut matched = 0;
    for (at, item) in all.iter().enumerate() {
        while matched > 0 && (matched == wanted.len() || *item != wanted[matched]) {
            matched = border[matched - 1];
        }
        matched += usize::from(*item == wanted[matched]);
        if matched == wanted.len() {
            found.push(at + 1 - matched);
        }
    }
    found
}
