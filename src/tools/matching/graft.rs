//! Putting new lines into a place where old ones were found: what a change leaves alone keeps its
//! very bytes.

use std::borrow::Cow;
use std::collections::VecDeque;

use similar::{Algorithm, DiffTag};

use super::{BlockMatch, LineEnding, TextRow};

/// What happens to one line of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke<'a> {
    Add(&'a str),
    /// As it is there, however it was remembered.
    Keep(&'a str),
    Remove(&'a str),
}

impl<'a> Stroke<'a> {
    /// What has to be there already.
    pub fn old(self) -> Option<&'a str> {
        match self {
            Self::Add(_) => None,
            Self::Keep(line) | Self::Remove(line) => Some(line),
        }
    }
}

/// What turns some lines into others.
pub fn strokes<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Stroke<'a>> {
    let mut strokes = Vec::new();
    for op in similar::capture_diff_slices(Algorithm::Myers, old, new) {
        let (before, after) = (old[op.old_range()].iter(), new[op.new_range()].iter());
        match op.tag() {
            DiffTag::Equal => strokes.extend(before.map(|line| Stroke::Keep(line))),
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                strokes.extend(before.map(|line| Stroke::Remove(line)));
                strokes.extend(after.map(|line| Stroke::Add(line)));
            }
        }
    }
    strokes
}

/// The lines that stand at a place afterwards, each with its end. A line that takes the place of another ends as that did, one more as the line before
/// it; `ending` is for where there is none. A line that had no end keeps none.
pub fn graft<'a>(
    rows: &[TextRow<'a>],
    fit: &BlockMatch,
    strokes: &[Stroke<'a>],
    ending: LineEnding,
) -> Vec<(Cow<'a, str>, &'a str)> {
    let mut lines = Vec::with_capacity(strokes.len());
    let mut there = rows[fit.at..].iter();
    let mut before = fit
        .at
        .checked_sub(1)
        .and_then(|above| rows.get(above))
        .or(rows.get(fit.at))
        .map_or("", |row| row.end);
    // Ends of lines that were taken away and have nothing in their place yet.
    let mut free: VecDeque<&str> = VecDeque::new();
    for stroke in strokes {
        match stroke {
            Stroke::Add(line) => {
                before = free.pop_front().filter(|end| !end.is_empty()).unwrap_or(before);
                let end = if before.is_empty() { ending.as_str() } else { before };
                lines.push((fit.shift.apply(line), end));
            }
            Stroke::Keep(_) => {
                free.clear();
                before = there.clone().next().map_or(before, |row| row.end);
                lines.extend(there.next().map(|row| (Cow::Borrowed(row.text), row.end)));
            }
            Stroke::Remove(_) => free.extend(there.next().map(|row| row.end)),
        }
    }
    lines
}
