//! Diffs as rows: a head for each file, then its lines with numbers, signs and colours.

mod block;
mod hunks;
pub mod page;
mod page_index;
mod shown;
mod words;

use self::block::HunkBlock;
use self::hunks::{HunkLine, Sign};
use self::shown::Returns;
use crate::base::text;
use crate::protocol::{Completeness, DiffKind, FileDiff};
use crate::tui::paint::wrap::{Prefix, spans_width};
use crate::tui::paint::{Ink, LaidOutLines, Role, Span};

/// The room for the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiffFrame<'a> {
    pub width: u16,
    /// Blank columns before each row.
    pub inset: u16,
    /// The limit for rows; the last one counts those left out.
    pub rows: usize,
    /// Text after that count, such as ` · ctrl+o shows them`.
    pub hint: &'a str,
    pub finish: Finish,
}

/// Whether code and changed words are highlighted; this changes inks only, never the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    Coloured,
    /// Only signs and backgrounds: quick, for diffs that may never be looked at.
    Plain,
}

/// Adds all diffs, one file below the other: `M src/main.rs +12 −3`, then its lines.
pub fn put(lines: &mut LaidOutLines, diffs: &[FileDiff], frame: DiffFrame<'_>) {
    let heads = if diffs.len() > frame.rows { frame.rows.saturating_sub(1) } else { diffs.len() };
    let shown = &diffs[..heads];
    let numbers = shown.iter().map(|diff| hunks::number_columns(&diff.hunks)).max().unwrap_or(1);
    for (diff, rows) in shown.iter().zip(shares(shown, frame.rows.saturating_sub(diffs.len()))) {
        head(lines, diff, frame);
        body(lines, diff, numbers, DiffFrame { rows, ..frame });
    }
    if heads < diffs.len() && frame.rows > 0 {
        push_left_out(lines, diffs.len() - heads, ["file", "files"], frame);
    }
}

/// Adds only the heads, as many in a row as fit.
pub fn put_names(lines: &mut LaidOutLines, diffs: &[FileDiff], width: usize) {
    const BETWEEN: usize = 2;
    let frame = DiffFrame {
        width: u16::try_from(width).unwrap_or(u16::MAX),
        inset: 0,
        rows: diffs.len(),
        hint: "",
        finish: Finish::Plain,
    };
    let mut heads = LaidOutLines::new();
    diffs.iter().for_each(|diff| head(&mut heads, diff, frame));
    let widest = (0..heads.len()).map(|row| heads.width(row)).max().unwrap_or(0);
    let columns = ((width + BETWEEN) / (widest + BETWEEN)).max(1);
    for first in (0..heads.len()).step_by(columns) {
        for at in first..(first + columns).min(heads.len()) {
            for (piece, ink) in heads.row(at) {
                lines.push(piece, ink);
            }
            if at + 1 < (first + columns).min(heads.len()) {
                push_blanks(lines, widest + BETWEEN - heads.width(at));
            }
        }
        lines.end_row();
    }
}

/// The rows for each file: small changes get all they need, large ones share the rest.
fn shares(diffs: &[FileDiff], rows: usize) -> Vec<usize> {
    let need = |diff: &FileDiff| {
        hunks::HunkLines::new(&diff.hunks).take(rows).count()
            + usize::from(diff.completeness == Completeness::Truncated)
    };
    let mut order: Vec<(usize, usize)> = diffs.iter().map(need).enumerate().collect();
    order.sort_by_key(|(_, need)| *need);
    let mut shares = vec![0; diffs.len()];
    let mut left = rows;
    for (taken, (at, need)) in order.iter().enumerate() {
        // The exact need is known only after wrapping: the last one gets all that is left.
        let files = order.len() - taken;
        let share = left / files;
        shares[*at] = if files == 1 { share } else { share.min(*need) };
        left -= shares[*at];
    }
    shares
}

/// Adds the lines of one file, without its head.
pub fn put_body(lines: &mut LaidOutLines, diff: &FileDiff, frame: DiffFrame<'_>) {
    body(lines, diff, hunks::number_columns(&diff.hunks), frame);
}

/// Adds ` +12 −3` to a row, as far as there is anything to count.
pub fn push_counts(lines: &mut LaidOutLines, diffs: &[FileDiff]) {
    let sum =
        |count: fn(&FileDiff) -> u32| diffs.iter().map(|diff| u64::from(count(diff))).sum::<u64>();
    for (sign, count, role) in
        [('+', sum(|diff| diff.added), Role::Good), ('−', sum(|diff| diff.removed), Role::Bad)]
    {
        if count > 0 {
            lines.push(&format!(" {sign}{count}"), role);
        }
    }
}

fn head(lines: &mut LaidOutLines, diff: &FileDiff, frame: DiffFrame<'_>) {
    let (letter, role) = match diff.kind {
        DiffKind::Added => ("A ", Role::Good),
        DiffKind::Deleted => ("D ", Role::Bad),
        DiffKind::Moved { .. } => ("R ", Role::Accent),
        DiffKind::Updated => ("M ", Role::Warn),
    };
    let mut counts = LaidOutLines::new();
    push_counts(&mut counts, std::slice::from_ref(diff));
    counts.end_row();
    let room = usize::from(frame.width)
        .saturating_sub(usize::from(frame.inset) + letter.len() + counts.width(0));
    push_blanks(lines, usize::from(frame.inset));
    lines.end_gutter(0);
    lines.push(letter, Ink::from(role).bold());
    let path = text::reveal(&diff.path);
    match &diff.kind {
        DiffKind::Moved { from } => {
            let half = room.saturating_sub(3) / 2;
            let to = end_of(&path, half);
            let from = text::reveal(from);
            lines.push(&end_of(&from, room.saturating_sub(3 + text::width(&to))), Role::Dim);
            lines.push(" → ", Role::Dim);
            lines.push(&to, Ink::from(Role::Text).bold());
        }
        _ => lines.push(&end_of(&path, room), Ink::from(Role::Text).bold()),
    }
    for (piece, ink) in counts.row(0) {
        lines.push(piece, ink);
    }
    lines.end_row();
}

/// Shortens a path from its beginning, because its end says more.
fn end_of(path: &str, columns: usize) -> String {
    let width = text::width(path);
    if width <= columns {
        return path.to_owned();
    }
    let mut dropped = 0;
    let kept = text::graphemes(path).skip_while(|grapheme| {
        let more = width - dropped + 1 > columns;
        dropped += if more { text::grapheme_width(grapheme) } else { 0 };
        more
    });
    if columns == 0 { String::new() } else { format!("…{}", kept.collect::<String>()) }
}

fn body(lines: &mut LaidOutLines, diff: &FileDiff, numbers: usize, frame: DiffFrame<'_>) {
    if frame.rows == 0 {
        return;
    }
    let first = lines.len();
    let last_words =
        if diff.completeness == Completeness::Truncated { Some(cut_off(diff)) } else { None };
    let rows = frame.rows.saturating_sub(usize::from(last_words.is_some())).max(1);
    let hidden = put_hunks(lines, diff, numbers, DiffFrame { rows, ..frame });
    if hidden > 0 {
        lines.truncate(first + rows - 1);
        push_left_out(lines, hidden, ["line", "lines"], frame);
    }
    if let Some(words) = last_words.filter(|_| rows < frame.rows) {
        push_note(lines, &words, frame);
    }
}

/// Adds lines until the rows are used up; returns how many lines do not fit if one row is kept for
/// the note.
fn put_hunks(
    lines: &mut LaidOutLines,
    diff: &FileDiff,
    numbers: usize,
    frame: DiffFrame<'_>,
) -> usize {
    let before = usize::from(frame.inset) + numbers + 3;
    let room = usize::from(frame.width).saturating_sub(before).max(1);
    // One line must not fill the whole view.
    let longest = room * (frame.rows / 4).clamp(1, 400);
    let most = lines.len() + frame.rows;
    let language = language(&diff.path);
    let mut reader = hunks::HunkLines::new(&diff.hunks);
    let mut ends = Vec::new();
    let mut more = true;
    while more && lines.len() <= most {
        let mut hunk = Vec::new();
        more = false;
        for line in reader.by_ref().take(frame.rows + 1) {
            // A hunk longer than the view continues in another block.
            more |= line.sign == Sign::Gap || hunk.len() == frame.rows;
            hunk.push(line);
            if line.sign == Sign::Gap {
                break;
            }
        }
        let returns = Returns::of(&hunk);
        let block = HunkBlock::new(hunk, returns, longest, &language, frame.finish);
        for (line, spans) in block.rows() {
            put_line(lines, line, &spans, numbers, frame);
            if line.sign != Sign::Gap {
                ends.push(lines.len());
            }
            if lines.len() > most {
                break;
            }
        }
    }
    let total = hunks::HunkLines::new(&diff.hunks).left();
    if lines.len() <= most && ends.len() == total {
        return 0;
    }
    total - ends.iter().filter(|end| **end < most).count()
}

fn put_line(
    lines: &mut LaidOutLines,
    line: &HunkLine<'_>,
    spans: &[Span<'_>],
    numbers: usize,
    frame: DiffFrame<'_>,
) {
    let inset = usize::from(frame.inset);
    let (sign, role) = match line.sign {
        Sign::Added => ("+ ", Role::Added),
        Sign::Removed => ("- ", Role::Removed),
        Sign::Kept | Sign::Remark => ("  ", Role::Text),
        Sign::Gap => {
            push_blanks(lines, inset + numbers.saturating_sub(1));
            lines.end_gutter(0);
            return lines.push_row("…", Role::Faint);
        }
    };
    let number = line.number.map(|number| number.to_string()).unwrap_or_default();
    let number = format!("{:inset$}{number:>numbers$} ", "");
    let room = usize::from(frame.width).saturating_sub(inset + numbers + 3);
    if spans_width(spans) <= room {
        lines.push(&number, Role::Faint);
        lines.end_gutter(0);
        lines.push(sign, role);
        for span in spans {
            lines.push(&span.text, span.ink);
        }
        return lines.end_row();
    }
    let blank = Span::new(" ".repeat(number.len()), Role::Faint);
    let prefix = Prefix::new(
        vec![Span::new(number, Role::Faint), Span::new(sign, role)],
        vec![blank, Span::new(sign, role)],
    )
    .keeping(sign.len());
    lines.wrap_anywhere(spans, usize::from(frame.width), &prefix);
}

fn push_left_out(
    lines: &mut LaidOutLines,
    count: usize,
    [one, many]: [&str; 2],
    frame: DiffFrame<'_>,
) {
    let what = if count == 1 { one } else { many };
    push_note(lines, &format!("… {count} more {what}{}", frame.hint), frame);
}

fn push_note(lines: &mut LaidOutLines, words: &str, frame: DiffFrame<'_>) {
    push_blanks(lines, usize::from(frame.inset));
    lines.end_gutter(0);
    lines.push_row(
        &text::cut(words, usize::from(frame.width.saturating_sub(frame.inset))),
        Role::Dim,
    );
}

/// The note for a change that was too long to be kept.
fn cut_off(diff: &FileDiff) -> String {
    let kept = hunks::HunkLines::new(&diff.hunks)
        .filter(|line| matches!(line.sign, Sign::Added | Sign::Removed))
        .count();
    let all = u64::from(diff.added) + u64::from(diff.removed);
    match all.saturating_sub(kept as u64) {
        0 => "… cut off here: the change is too long to show in full".into(),
        more => format!("… cut off here: {more} more changed lines are not shown"),
    }
}

fn push_blanks(lines: &mut LaidOutLines, columns: usize) {
    if columns > 0 {
        lines.push(&" ".repeat(columns), Role::Text);
    }
}

/// The name of a file's language: its extension, or its whole name.
fn language(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit('.').next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests;
