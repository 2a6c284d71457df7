//! Finds rows that only moved up or down since the last frame. Does not know bytes.

use std::hash::{DefaultHasher, Hash, Hasher};

use ratatui::buffer::Buffer;

use super::pen::Style;

/// Rows `top..bottom` move by `by`: up when positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scroll {
    pub top: u16,
    pub bottom: u16,
    pub by: i32,
}

/// Bytes that a scroll costs, about.
const COST: usize = 20;

/// The one scroll that saves most, if any saves.
pub(super) fn find(shown: &Buffer, next: &Buffer) -> Option<Scroll> {
    let old: Vec<u64> = rows(shown);
    let new: Vec<u64> = rows(next);
    let changed = (0..new.len()).filter(|row| old[*row] != new[*row]).count();
    if changed < 2 {
        return None;
    }
    let candidate = candidate(&old, &new, hash_of_blank(shown))?;
    let (before, after) = costs(shown, next, candidate);
    (after + COST < before).then_some(candidate)
}

/// Moves the rows of a buffer as the terminal will.
pub(super) fn apply(buffer: &mut Buffer, scroll: Scroll) {
    let width = usize::from(buffer.area().width);
    let range = usize::from(scroll.top) * width..usize::from(scroll.bottom) * width;
    let cells = &mut buffer.content[range];
    let moved = scroll.by.unsigned_abs() as usize * width;
    let freed = if scroll.by > 0 {
        cells.rotate_left(moved);
        cells.len() - moved..cells.len()
    } else {
        cells.rotate_right(moved);
        0..moved
    };
    for cell in &mut cells[freed] {
        cell.reset();
    }
}

/// The shift that explains most rows, over the stretch from the first row it explains to the last.
fn candidate(old: &[u64], new: &[u64], blank: u64) -> Option<Scroll> {
    let rows = i32::try_from(new.len()).ok()?;
    let at = |hashes: &[u64], row: i32| usize::try_from(row).ok().and_then(|row| hashes.get(row).copied());
    let mut best: Option<(usize, Scroll)> = None;
    for by in (1 - rows..rows).filter(|by| *by != 0) {
        let explained =
            |row: &i32| at(old, row + by).is_some_and(|hash| at(new, *row) == Some(hash) && at(old, *row) != Some(hash) && hash != blank);
        let Some(first) = (0..rows).find(explained) else { continue };
        let Some(last) = (first..rows).rev().find(explained) else { continue };
        let count = (first..=last).filter(explained).count();
        if best.is_none_or(|(most, _)| count > most) {
            let (top, bottom) = (first.min(first + by), (last + 1).max(last + 1 + by));
            let scroll = Scroll { top: u16::try_from(top).ok()?, bottom: u16::try_from(bottom).ok()?, by };
            best = Some((count, scroll));
        }
    }
    best.map(|(_, scroll)| scroll)
}

/// Cells to write within the scroll's rows, without and with it.
fn costs(shown: &Buffer, next: &Buffer, scroll: Scroll) -> (usize, usize) {
    let width = usize::from(next.area().width);
    let row = |buffer: &'_ Buffer, row: usize| row * width..(row + 1) * width.min(buffer.content.len());
    let blank = ratatui::buffer::Cell::EMPTY;
    let differing = |from: Option<usize>, to: usize| {
        row(next, to)
            .enumerate()
            .filter(|(column, at)| {
                let old = from.map_or(&blank, |from| &shown.content[from * width + column]);
                !same(old, &next.content[*at])
            })
            .count()
    };
    let rows = usize::from(scroll.top)..usize::from(scroll.bottom);
    let before = rows.clone().map(|row| differing(Some(row), row)).sum();
    let source = |row: usize| row.checked_add_signed(scroll.by as isize).filter(|from| rows.contains(from));
    let after = rows.clone().map(|row| differing(source(row), row)).sum();
    (before, after)
}

/// Whether two cells look the same.
pub(super) fn same(one: &ratatui::buffer::Cell, other: &ratatui::buffer::Cell) -> bool {
    one.symbol() == other.symbol() && Style::of(one) == Style::of(other) && one.underline_color == other.underline_color
}

fn rows(buffer: &Buffer) -> Vec<u64> {
    let width = usize::from(buffer.area().width).max(1);
    buffer.content.chunks(width).map(hash_of).collect()
}

fn hash_of(cells: &[ratatui::buffer::Cell]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for cell in cells {
        cell.symbol().hash(&mut hasher);
        let style = Style::of(cell);
        (style.fg, style.bg, style.modifier.bits()).hash(&mut hasher);
    }
    hasher.finish()
}

fn hash_of_blank(buffer: &Buffer) -> u64 {
    hash_of(&vec![ratatui::buffer::Cell::EMPTY; usize::from(buffer.area().width)])
}
