//! Prepares the lines of a hunk for drawing: cleaned, highlighted, with changed words marked.

use std::ops::Range;

use super::Finish;
use super::hunks::{HunkLine, Sign};
use super::shown::{BLANK, Returns, VisibleLine};
use super::words;
use crate::base::text::graphemes;
use crate::tui::paint::highlight::{Highlight, highlight};
use crate::tui::paint::{Emphasis, Ink, Role, Span};

/// The inks of one line, as lengths in bytes.
type Inked = [(u16, Ink)];

pub(super) struct HunkBlock<'a> {
    lines: Vec<HunkLine<'a>>,
    shown: Vec<VisibleLine<'a>>,
    /// The changed byte ranges of each line as shown.
    changed: Vec<Vec<Range<usize>>>,
    /// Highlights of the file before and after, as far as the hunk shows it.
    old: Option<Highlight>,
    new: Option<Highlight>,
}

impl<'a> HunkBlock<'a> {
    /// Prepares the lines; `columns` is the limit for one line.
    pub fn new(
        lines: Vec<HunkLine<'a>>,
        returns: Returns,
        columns: usize,
        language: &str,
        finish: Finish,
    ) -> Self {
        let shown: Vec<_> =
            lines.iter().map(|line| VisibleLine::new(line, columns, returns)).collect();
        let changed = vec![Vec::new(); lines.len()];
        let mut block = Self { lines, shown, changed, old: None, new: None };
        if finish == Finish::Coloured {
            block.compare();
            block.old = highlight(language, &block.side(Sign::Removed));
            block.new = highlight(language, &block.side(Sign::Added));
        }
        block
    }

    /// The lines with their spans.
    pub fn rows(&self) -> impl Iterator<Item = (&HunkLine<'a>, Vec<Span<'_>>)> {
        let (mut old, mut new) = (0, 0);
        self.lines.iter().enumerate().map(move |(at, line)| {
            let code = match line.sign {
                Sign::Removed => nth(&self.old, old),
                Sign::Added | Sign::Kept => nth(&self.new, new),
                Sign::Gap | Sign::Remark => None,
            };
            old += usize::from(is_of(line.sign, Sign::Removed));
            new += usize::from(is_of(line.sign, Sign::Added));
            (line, self.spans(at, code))
        })
    }

    /// The code on one side of the change.
    fn side(&self, sign: Sign) -> String {
        let lines = self.lines.iter().zip(&self.shown).filter(|(line, _)| is_of(line.sign, sign));
        lines.flat_map(|(_, shown)| [&*shown.text, "\n"]).collect()
    }

    /// Compares each run of removed lines with the added lines after it.
    fn compare(&mut self) {
        let mut at = 0;
        while at < self.lines.len() {
            let run = |from: usize, sign| {
                self.lines[from..]
                    .iter()
                    .take_while(|line| line.sign == sign || line.sign == Sign::Remark)
                    .count()
            };
            let (old, new) = match self.lines[at].sign {
                Sign::Removed => {
                    let middle = at + run(at, Sign::Removed);
                    (at..middle, middle..middle + run(middle, Sign::Added))
                }
                _ => (at..at, at..at + 1),
            };
            let next = new.end;
            let texts = |range: &Range<usize>| {
                self.shown[range.clone()].iter().map(|shown| &*shown.text).collect::<Vec<_>>()
            };
            let pairs =
                if old.is_empty() { Vec::new() } else { words::pairs(&texts(&old), &texts(&new)) };
            for pair in pairs {
                self.changed[old.start + pair.old] = pair.changed.old;
                self.changed[new.start + pair.new] = pair.changed.new;
            }
            at = next;
        }
    }

    fn spans(&self, at: usize, code: Option<&Inked>) -> Vec<Span<'_>> {
        let (shown, changed) = (&self.shown[at], &self.changed[at]);
        let (plain, ground) = match self.lines[at].sign {
            Sign::Added => (Role::Added, Emphasis::ADDED),
            Sign::Removed => (Role::Removed, Emphasis::REMOVED),
            Sign::Kept | Sign::Gap => (Role::Text, Emphasis::KEPT),
            Sign::Remark => (Role::Dim, Emphasis::NONE),
        };
        if code.is_none() && changed.is_empty() && shown.blanks.is_empty() {
            return vec![Span::new(&*shown.text, Ink::new(plain, ground))];
        }
        let mut stretches = Vec::new();
        let mut end = 0;
        for (len, ink) in code.unwrap_or_default() {
            end += usize::from(*len);
            stretches.push((end, ink.role));
        }
        let mut cuts: Vec<usize> = stretches.iter().map(|(end, _)| *end).collect();
        cuts.extend(changed.iter().flat_map(|range| [range.start, range.end]));
        cuts.extend(shown.blanks.iter().flat_map(|at| [*at, at + BLANK]));
        let mut spans = Vec::with_capacity(cuts.len() + 1);
        let mut from = 0;
        for cut in whole_letters(&shown.text, cuts) {
            let role =
                stretches.iter().find(|(end, _)| from < *end).map_or(plain, |(_, role)| *role);
            let role = match role {
                _ if shown.blanks.contains(&from) => Role::Dim,
                // Grey text is hard to see on a coloured background.
                Role::SyntaxComment if ground != Emphasis::KEPT => plain,
                role => role,
            };
            let words = if changed.iter().any(|range| range.contains(&from)) {
                Emphasis::CHANGED
            } else {
                Emphasis::NONE
            };
            spans.push(Span::new(&shown.text[from..cut], Ink::new(role, ground.with(words))));
            from = cut;
        }
        spans
    }
}

/// Moves cuts to grapheme boundaries, in order, up to the end of the text: colours must not change
/// its width.
fn whole_letters(text: &str, mut cuts: Vec<usize>) -> Vec<usize> {
    cuts.sort_unstable();
    cuts.dedup();
    if text.is_ascii() {
        cuts.retain(|cut| (1..text.len()).contains(cut));
    } else {
        let mut wanted = cuts.into_iter().peekable();
        let mut at = 0;
        cuts = Vec::new();
        for grapheme in graphemes(text) {
            while wanted.next_if(|cut| *cut < at).is_some() {}
            if at > 0 && wanted.next_if_eq(&at).is_some() {
                cuts.push(at);
            }
            at += grapheme.len();
        }
    }
    if !text.is_empty() {
        cuts.push(text.len());
    }
    cuts
}

/// Whether a line with this sign belongs to the side.
fn is_of(sign: Sign, side: Sign) -> bool {
    sign == side || sign == Sign::Kept
}

fn nth(highlight: &Option<Highlight>, at: usize) -> Option<&Inked> {
    Some(highlight.as_ref()?.lines().get(at)?)
}
