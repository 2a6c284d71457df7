//! A piece of a text replaced by another, the piece being remembered exactly or nearly so.

use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

use crate::tools::files::matching::{
    BlockMatch, Edit, Flat, Folding, IndentShift, LineEnding, MatchStrictness, TextRow, blocks,
    edits, indent, rows, splice, unescape, unify,
};
use crate::tools::folder::text_file::LIMIT;

/// How many places are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplaceScope {
    All,
    /// The only one.
    One,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    pub text: String,
    pub places: usize,
    pub leniency: Leniency,
}

/// The differences that had to be overlooked, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leniency {
    None,
    LineEnds,
    TrailingBlanks,
    Indentation,
    BlankLines,
    Escapes,
    LookAlikes,
}

/// Why nothing was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplaceMiss {
    /// Begins of the places, as line numbers counted from 1; there may be more than are told.
    Ambiguous(Vec<usize>),
    Missing,
    /// The text would become larger than a file may be.
    TooLarge,
}

/// Places of an ambiguous text that are told.
const TOLD: usize = 10;

/// A part of the text, and what takes its place.
struct Cut {
    range: Range<usize>,
    with: Rc<str>,
}

/// `old` is not empty. Outside of the places not one byte changes; new lines end as those around
/// them.
///
/// # Errors
///
/// Fails if `old` is not found, or if one place is wanted and there are several.
pub fn replace(
    text: &str,
    old: &str,
    new: &str,
    scope: ReplaceScope,
) -> Result<Replacement, ReplaceMiss> {
    let (old_lines, new) = (unify(old), unify(new));
    let piece = Piece { text, rows: rows(text), ending: LineEnding::of(text).unwrap_or_default() };
    let plain = || unescape(&old_lines).map(|old| (old, unescape(&new)));
    for leniency in Leniency::ALL {
        let cuts = match leniency {
            Leniency::None => piece.exact(old, &new, scope),
            Leniency::LineEnds if !text.contains('\r') && !old.contains('\r') => None,
            Leniency::LineEnds => piece.flat(&old_lines, &new, Folding::LineEnds, scope),
            Leniency::TrailingBlanks => {
                piece.lines(&old_lines, &new, MatchStrictness::TrailingBlanks)
            }
            Leniency::Indentation => piece.lines(&old_lines, &new, MatchStrictness::Indentation),
            Leniency::BlankLines => piece.without_blank_ends(&old_lines, &new),
            Leniency::Escapes => plain().map(|(old, unescaped)| {
                piece.unescaped(&old, unescaped.as_deref().unwrap_or(&new), scope)
            }),
            Leniency::LookAlikes => piece.alike(&old_lines, &new, scope),
        };
        match cuts {
            None => {}
            Some(cuts) if cuts.is_empty() => {}
            Some(cuts) if cuts.len() > 1 && scope == ReplaceScope::One => {
                return Err(piece.ambiguous(&cuts));
            }
            Some(cuts) => return piece.cut(&cuts, leniency),
        }
    }
    Err(ReplaceMiss::Missing)
}

impl Leniency {
    const ALL: [Self; 7] = [
        Self::None,
        Self::LineEnds,
        Self::TrailingBlanks,
        Self::Indentation,
        Self::BlankLines,
        Self::Escapes,
        Self::LookAlikes,
    ];
}

struct Piece<'a> {
    text: &'a str,
    rows: Vec<TextRow<'a>>,
    ending: LineEnding,
}

/// `None` where a way does not apply.
type Cuts = Option<Vec<Cut>>;

impl Piece<'_> {
    fn exact(&self, old: &str, new: &str, scope: ReplaceScope) -> Cuts {
        let ranges = ranges(self.text, old, scope);
        Some(self.dressed(ranges, new))
    }

    fn flat(&self, old: &str, new: &str, folding: Folding, scope: ReplaceScope) -> Cuts {
        let flat = Flat::new(self.text, folding);
        let old = match folding {
            Folding::LineEnds => Cow::Borrowed(old),
            Folding::LookAlikes => Cow::Owned(Flat::new(old, folding).text),
        };
        let found = ranges(&flat.text, &old, scope);
        Some(self.dressed(found.into_iter().filter_map(|range| flat.origin(&range)).collect(), new))
    }

    fn lines(&self, old: &str, new: &str, way: MatchStrictness) -> Cuts {
        // An end of the last line on both sides is the end of the line that is there.
        let (old, new) = match old.strip_suffix('\n') {
            Some(shorter) => (shorter, new.strip_suffix('\n').unwrap_or(new)),
            None => (old, new),
        };
        let old: Vec<&str> = old.split('\n').collect();
        let new: Vec<&str> = new.split('\n').collect();
        self.blocks(&old, &new, way)
    }

    fn without_blank_ends(&self, old: &str, new: &str) -> Cuts {
        let (old, new): (Vec<&str>, Vec<&str>) =
            (old.split('\n').collect(), new.split('\n').collect());
        let (before, after) = blank_ends(&old);
        if before + after == 0 || before == old.len() {
            return None;
        }
        let (own_before, own_after) = blank_ends(&new);
        let end = new.len() - own_after.min(after);
        let new = new.get(own_before.min(before)..end).unwrap_or_default();
        let old = &old[before..old.len() - after];
        [MatchStrictness::Exact, MatchStrictness::TrailingBlanks, MatchStrictness::Indentation]
            .into_iter()
            .find_map(|way| some(self.blocks(old, new, way)))
    }

    fn unescaped(&self, old: &str, new: &str, scope: ReplaceScope) -> Vec<Cut> {
        let found = some(self.exact(old, new, scope))
            .or_else(|| some(self.flat(old, new, Folding::LineEnds, scope)));
        let ways = [MatchStrictness::TrailingBlanks, MatchStrictness::Indentation];
        found
            .or_else(|| ways.into_iter().find_map(|way| some(self.lines(old, new, way))))
            .unwrap_or_default()
    }

    fn alike(&self, old: &str, new: &str, scope: ReplaceScope) -> Cuts {
        if self.text.is_ascii() && old.is_ascii() {
            return None;
        }
        some(self.flat(old, new, Folding::LookAlikes, scope))
            .or_else(|| self.lines(old, new, MatchStrictness::LookAlikes))
    }

    /// Whole lines, by what changes in them: lines that stay the same keep what they hold.
    fn blocks(&self, old: &[&str], new: &[&str], way: MatchStrictness) -> Cuts {
        let edits = match new {
            [""] | [] => old
                .iter()
                .map(|line| Edit::Remove(line))
                .chain(new.iter().map(|line| Edit::Add(line)))
                .collect(),
            _ => edits(old, new),
        };
        let fits = blocks(&self.rows, old, 0, way);
        let mut cuts: Vec<Cut> = Vec::new();
        let mut size = 0;
        for fit in &fits {
            let there = &self.rows[fit.at..fit.at + old.len()];
            let (Some(first), Some(last)) = (there.first(), there.last()) else { continue };
            let part = &self.text[first.start..last.after()];
            let ending = LineEnding::of(part).unwrap_or(self.ending);
            let fit = if is_in_place(new, old, there) {
                &BlockMatch { shift: IndentShift::None, ..fit.clone() }
            } else {
                fit
            };
            let mut lines = splice(&self.rows, fit, &edits, ending);
            let count = lines.len();
            for (number, line) in lines.iter_mut().enumerate() {
                // Only what becomes the last line may take over that it has no end.
                line.1 = if number + 1 == count {
                    last.end
                } else if line.1.is_empty() {
                    ending.as_str()
                } else {
                    line.1
                };
            }
            let with: String = lines.iter().flat_map(|(text, end)| [text.as_ref(), end]).collect();
            size += with.len();
            cuts.push(Cut { range: first.start..last.after(), with: with.into() });
            if size > LIMIT as usize {
                break;
            }
        }
        Some(cuts)
    }

    fn dressed(&self, ranges: Vec<Range<usize>>, new: &str) -> Vec<Cut> {
        let [lf, crlf]: [Rc<str>; 2] =
            [LineEnding::Lf.dress(new).into(), LineEnding::CrLf.dress(new).into()];
        let cut = |mut range: Range<usize>| {
            // The end of a line goes as a whole.
            if self.text[range.clone()].starts_with('\n')
                && self.text[..range.start].ends_with('\r')
            {
                range.start -= 1;
            }
            let with = match LineEnding::of(&self.text[range.clone()])
                .unwrap_or_else(|| self.ending_at(range.start))
            {
                LineEnding::CrLf => Rc::clone(&crlf),
                LineEnding::Lf => Rc::clone(&lf),
            };
            Cut { range, with }
        };
        ranges.into_iter().map(cut).collect()
    }

    /// How the line ends that this is a part of; the last one, as most lines do.
    fn ending_at(&self, start: usize) -> LineEnding {
        let row = self
            .rows
            .partition_point(|row| row.start <= start)
            .checked_sub(1)
            .and_then(|at| self.rows.get(at));
        row.and_then(|row| LineEnding::of(row.end)).unwrap_or(self.ending)
    }

    fn ambiguous(&self, cuts: &[Cut]) -> ReplaceMiss {
        let line = |cut: &Cut| self.rows.partition_point(|row| row.start <= cut.range.start);
        ReplaceMiss::Ambiguous(cuts.iter().take(TOLD).map(line).collect())
    }

    fn cut(&self, cuts: &[Cut], leniency: Leniency) -> Result<Replacement, ReplaceMiss> {
        let size = cuts.iter().map(|cut| cut.with.len()).sum::<usize>();
        if size.saturating_sub(self.text.len()) > LIMIT as usize {
            return Err(ReplaceMiss::TooLarge);
        }
        let mut text = String::with_capacity(self.text.len() + size);
        let (mut at, mut places) = (0, 0);
        for cut in cuts {
            // Places that overlap: the first one counts.
            if cut.range.start >= at {
                text.push_str(&self.text[at..cut.range.start]);
                text.push_str(&cut.with);
                (at, places) = (cut.range.end, places + 1);
            }
        }
        text.push_str(&self.text[at..]);
        if text.len() as u64 > LIMIT {
            Err(ReplaceMiss::TooLarge)
        } else {
            Ok(Replacement { text, places, leniency })
        }
    }
}

/// Whether new lines are indented as the place is already, though the old ones were not remembered
/// so: then they are to stay as they are.
fn is_in_place(new: &[&str], old: &[&str], there: &[TextRow<'_>]) -> bool {
    let filled = |line: &&str| !line.trim().is_empty();
    let first =
        |lines: &[&str]| lines.iter().copied().find(filled).map(|line| indent(line).to_owned());
    let rows: Vec<&str> = there.iter().map(|row| row.text).collect();
    let (Some(new_indent), Some(old_indent), Some(place)) = (first(new), first(old), first(&rows))
    else {
        return false;
    };
    let least = rows
        .iter()
        .copied()
        .filter(filled)
        .map(indent)
        .min_by_key(|indent| indent.len())
        .unwrap_or_default();
    new_indent == place
        && old_indent != place
        && new.iter().copied().filter(filled).all(|line| indent(line).starts_with(least))
}

/// For one place, as many as can be told, also where they overlap; for all, those that do not.
fn ranges(text: &str, old: &str, scope: ReplaceScope) -> Vec<Range<usize>> {
    if old.is_empty() {
        return Vec::new();
    }
    if scope == ReplaceScope::All {
        return text.match_indices(old).map(|(at, _)| at..at + old.len()).collect();
    }
    let step = old.chars().next().map_or(1, char::len_utf8);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(old).filter(|_| found.len() < TOLD) {
        found.push(from + at..from + at + old.len());
        from += at + step;
    }
    found
}

fn some(cuts: Cuts) -> Cuts {
    cuts.filter(|cuts| !cuts.is_empty())
}

/// How many blank lines there are at the beginning and at the end.
fn blank_ends(lines: &[&str]) -> (usize, usize) {
    let before = lines.iter().take_while(|line| line.trim().is_empty()).count();
    let after = lines[before..].iter().rev().take_while(|line| line.trim().is_empty()).count();
    (before, after)
}
