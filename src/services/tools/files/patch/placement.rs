//! Hunks put where their context stands: at one place only, or not at all.

use std::borrow::Cow;

use crate::base::phrases::shorten;
use crate::tools::call::refusal::numbers;
use crate::tools::files::matching::{
    BlockMatch, Edit, IndentShift, LineEnding, MatchStrictness, TextRow, blocks, indent, rows,
    splice,
};

use super::hunk::{Hunk, HunkAnchor};

/// Why a hunk cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacementError {
    /// Counted from 1.
    pub hunk: usize,
    /// Without a subject: `stands at lines 3 and 9: …`.
    pub reason: String,
    /// The lines that are nowhere.
    pub missing: Option<String>,
}

/// Ordered from strict to loose; the first one by which a hunk stands anywhere counts.
const WAYS: [MatchStrictness; 5] = [
    MatchStrictness::Exact,
    MatchStrictness::TrailingBlanks,
    MatchStrictness::Indentation,
    MatchStrictness::Trimmed,
    MatchStrictness::LookAlikes,
];
/// Places of an ambiguous hunk that are told.
const TOLD: usize = 10;
/// Places of one line that are followed: hostile texts have as many as lines.
const ANCHORS: usize = 200;

/// A text that hunks were applied to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchedText {
    pub text: String,
    /// Hunks that name no place, counted from 1, each with the line (from 1) where it went.
    pub appended: Vec<(usize, usize)>,
}

/// The text after all hunks, which stand in the order of the file. Whether it ends with a line end
/// does not change.
///
/// # Errors
///
/// Fails at the first hunk whose lines are not found, or are found in several places.
pub fn apply(text: &str, hunks: &[Hunk<'_>]) -> Result<PatchedText, PlacementError> {
    let rows = rows(text);
    let ending = LineEnding::of(text).unwrap_or_default();
    let mut lines: Vec<(Cow<'_, str>, &str)> = Vec::with_capacity(rows.len());
    let mut appended = Vec::new();
    let mut at = 0;
    for (number, hunk) in hunks.iter().enumerate() {
        let finder = HunkFinder { rows: &rows, from: at, hunk, number: number + 1 };
        let fit = in_place(&rows, finder.find()?, &hunk.edits);
        lines.extend(rows[at..fit.at].iter().map(|row| (Cow::Borrowed(row.text), row.end)));
        if hunk.names_no_place() && !lines.is_empty() {
            appended.push((number + 1, lines.len() + 1));
        }
        lines.extend(splice(&rows, &fit, &hunk.edits, ending));
        at = fit.at + hunk.edits.iter().filter(|edit| edit.old().is_some()).count();
    }
    lines.extend(rows[at..].iter().map(|row| (Cow::Borrowed(row.text), row.end)));
    let text = joined(lines, rows.last().map_or(ending.as_str(), |row| row.end), ending);
    Ok(PatchedText { text, appended })
}

/// The match without its shift where old lines stand in the patch without indentation and new ones
/// with it: the new ones were written as they belong in the file.
fn in_place(rows: &[TextRow<'_>], fit: BlockMatch, edits: &[Edit<'_>]) -> BlockMatch {
    let filled = |line: &str| !line.trim().is_empty();
    let old_count = edits.iter().filter(|edit| edit.old().is_some()).count();
    let there = &rows[fit.at..fit.at + old_count];
    let mut old = edits.iter().filter_map(|edit| edit.old()).filter(|line| filled(line));
    let is_bare = old.all(|line| indent(line).is_empty());
    let least = there
        .iter()
        .filter(|row| filled(row.text))
        .map(|row| indent(row.text))
        .min_by_key(|indent| indent.len())
        .unwrap_or_default();
    if !is_bare || least.is_empty() {
        return fit;
    }
    let mut there = there.iter();
    // The line of the file that opens a block just above: its body stands deeper than itself.
    let mut opener: Option<&str> = None;
    for edit in edits {
        match edit {
            Edit::Add(line) if filled(line) => {
                let own = indent(line);
                let is_shallower = own.len() < least.len() && least.starts_with(own);
                if is_shallower || opener.take().is_some_and(|above| indent(above) == own) {
                    return fit;
                }
            }
            Edit::Add(_) => {}
            Edit::Keep(_) => {
                let row = there.next().map(|row| row.text);
                opener = row.filter(|row| row.trim_end().ends_with(['{', '(', '[', ':']));
            }
            Edit::Remove(_) => drop(there.next()),
        }
    }
    BlockMatch { shift: IndentShift::None, ..fit }
}

fn joined(lines: Vec<(Cow<'_, str>, &str)>, last: &str, ending: LineEnding) -> String {
    let mut text = String::with_capacity(lines.iter().map(|(line, _)| line.len() + 2).sum());
    let count = lines.len();
    for (number, (line, end)) in lines.into_iter().enumerate() {
        text.push_str(&line);
        match (number + 1 == count, end) {
            (true, _) if last.is_empty() => {}
            (_, "") => text.push_str(ending.as_str()),
            (_, end) => text.push_str(end),
        }
    }
    text
}

struct HunkFinder<'a> {
    rows: &'a [TextRow<'a>],
    /// Where the hunk before ended.
    from: usize,
    hunk: &'a Hunk<'a>,
    number: usize,
}

impl HunkFinder<'_> {
    fn find(&self) -> Result<BlockMatch, PlacementError> {
        let starts = self.starts()?;
        let old = self.hunk.old();
        if old.is_empty() {
            return self.insertion(&starts);
        }
        let first = starts.iter().copied().min().unwrap_or(self.from);
        for way in WAYS {
            let mut fits = blocks(self.rows, &old, first, way);
            if self.hunk.stand == HunkAnchor::AtEnd {
                fits.retain(|fit| self.is_end(fit.at + old.len()));
            }
            if !self.hunk.anchors.is_empty() {
                // Below each anchor, the first place is meant.
                let first_below = |start: &usize| {
                    fits.get(fits.partition_point(|fit| fit.at < *start)).map(|fit| fit.at)
                };
                let meant: Vec<usize> = starts.iter().filter_map(first_below).collect();
                fits.retain(|fit| meant.contains(&fit.at));
            }
            match fits.as_slice() {
                [] => {}
                [only] => return Ok(only.clone()),
                many => {
                    return self
                        .hinted(many)
                        .ok_or_else(|| self.ambiguous(many.iter().map(|fit| fit.at)));
                }
            }
        }
        Err(self.missing(&old, first))
    }

    /// Where the lines below the anchors begin: one place for each way of following them.
    fn starts(&self) -> Result<Vec<usize>, PlacementError> {
        let mut starts = vec![self.from];
        for anchor in &self.hunk.anchors {
            let first = starts.iter().copied().min().unwrap_or(self.from);
            let places = WAYS
                .into_iter()
                .map(|way| blocks(self.rows, &[*anchor], first, way))
                .find(|places| !places.is_empty());
            let Some(places) = places else { return Err(self.no_anchor(anchor)) };
            starts = places.iter().map(|fit| fit.at + 1).take(ANCHORS).collect();
        }
        Ok(starts)
    }

    /// Lines that come without context: below an anchor, else at the end.
    fn insertion(&self, starts: &[usize]) -> Result<BlockMatch, PlacementError> {
        let at = |at| Ok(BlockMatch { at, shift: IndentShift::None });
        match starts {
            _ if self.hunk.stand == HunkAnchor::AtEnd => at(self.rows.len()),
            [below] if !self.hunk.anchors.is_empty() => at(*below),
            many if !self.hunk.anchors.is_empty() => {
                Err(self.ambiguous(many.iter().map(|start| start - 1)))
            }
            _ => at(self.rows.len()),
        }
    }

    /// A line number counts only where there is a choice.
    fn hinted(&self, fits: &[BlockMatch]) -> Option<BlockMatch> {
        let line = self.hunk.line?;
        fits.iter().find(|fit| fit.at + 1 == line).cloned()
    }

    /// Blank lines may follow the end that a model remembers.
    fn is_end(&self, at: usize) -> bool {
        self.rows[at..].iter().all(|row| row.text.trim().is_empty())
    }

    fn ambiguous(&self, places: impl Iterator<Item = usize>) -> PlacementError {
        let lines: Vec<usize> = places.take(TOLD).map(|at| at + 1).collect();
        self.error(format!(
            "fits more than one place ({}): give more lines around it, or an `@@` line that stands above",
            numbers(&lines)
        ))
    }

    fn missing(&self, old: &[&str], first: usize) -> PlacementError {
        let elsewhere = WAYS[..4].iter().flat_map(|way| blocks(self.rows, old, 0, *way)).next();
        let reason = match elsewhere {
            Some(fit) if fit.at < self.from => {
                return self
                    .error(format!("stands at line {}, above the hunk before it: put the hunks in the order of the file", fit.at + 1));
            }
            Some(fit) if fit.at < first => {
                return self.error(format!(
                    "stands at line {}, above its `@@` line: give the right one, or none",
                    fit.at + 1
                ));
            }
            Some(fit) if self.hunk.stand == HunkAnchor::AtEnd => {
                return self.error(format!(
                    "stands at line {}, which is not the end of the file",
                    fit.at + 1
                ));
            }
            _ => {
                let line =
                    old.iter().find(|line| !line.trim().is_empty()).copied().unwrap_or_default();
                format!(
                    "does not fit: its lines, from `{}` on, are not in the file",
                    shorten(line, 120)
                )
            }
        };
        PlacementError { missing: Some(old.join("\n")), ..self.error(reason) }
    }

    fn no_anchor(&self, anchor: &str) -> PlacementError {
        let reason =
            format!("has an `@@` line that is not in the file: `{}`", shorten(anchor, 120));
        PlacementError { missing: Some(anchor.to_owned()), ..self.error(reason) }
    }

    fn error(&self, reason: String) -> PlacementError {
        PlacementError { hunk: self.number, reason, missing: None }
    }
}
