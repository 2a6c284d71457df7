//! Putting new lines into a place where old ones were found: what a change leaves alone keeps its
//! very bytes.

use std::borrow::Cow;
use std::collections::VecDeque;

use similar::{Algorithm, DiffTag};

use super::{BlockMatch, LineEnding, TextRow};

/// The fate of one line of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit<'a> {
    Add(&'a str),
    /// As it is there, however it was remembered.
    Keep(&'a str),
    Remove(&'a str),
}

impl<'a> Edit<'a> {
    /// The line that has to be there already.
    pub fn old(self) -> Option<&'a str> {
        match self {
            Self::Add(_) => None,
            Self::Keep(line) | Self::Remove(line) => Some(line),
        }
    }
}

/// The edits that turn some lines into others.
pub fn edits<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Edit<'a>> {
    let mut edits = Vec::new();
    for op in similar::capture_diff_slices(Algorithm::Myers, old, new) {
        let (before, after) = (old[op.old_range()].iter(), new[op.new_range()].iter());
        match op.tag() {
            DiffTag::Equal => edits.extend(before.map(|line| Edit::Keep(line))),
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                edits.extend(before.map(|line| Edit::Remove(line)));
                edits.extend(after.map(|line| Edit::Add(line)));
            }
        }
    }
    edits
}

/// The lines that stand at a place afterwards, each with its end. A line that takes the place of
/// another ends as that did, one more as the line before it; `ending` is for where there is none. A
/// line that had no end keeps none.
pub fn splice<'a>(
    rows: &[TextRow<'a>],
    fit: &BlockMatch,
    edits: &[Edit<'a>],
    ending: LineEnding,
) -> Vec<(Cow<'a, str>, &'a str)> {
    let mut lines = Vec::with_capacity(edits.len());
    let mut there = rows[fit.at..].iter();
    let mut before = fit
        .at
        .checked_sub(1)
        .and_then(|above| rows.get(above))
        .or(rows.get(fit.at))
        .map_or("", |row| row.end);
    // Ends of lines that were taken away and have nothing in their place yet.
    let mut free: VecDeque<&str> = VecDeque::new();
    for edit in edits {
        match edit {
            Edit::Add(line) => {
                before = free.pop_front().filter(|end| !end.is_empty()).unwrap_or(before);
                let end = if before.is_empty() { ending.as_str() } else { before };
                lines.push((fit.shift.apply(line), end));
            }
            Edit::Keep(_) => {
                free.clear();
                before = there.clone().next().map_or(before, |row| row.end);
                lines.extend(there.next().map(|row| (Cow::Borrowed(row.text), row.end)));
            }
            Edit::Remove(_) => free.extend(there.next().map(|row| row.end)),
        }
    }
    lines
}
