//! Detecting rows that only moved up or down since the last frame.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Color;

use super::pen::CellStyle;

/// The rows `top..bottom` move by `by`; positive is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowScroll {
    pub top: u16,
    pub bottom: u16,
    pub by: i32,
}

/// The approximate bytes of a scroll.
const COST: usize = 20;

/// The scroll that saves most, if any does.
pub(super) fn find(shown: &Buffer, next: &Buffer) -> Option<RowScroll> {
    let old: Vec<u64> = rows(shown);
    let new: Vec<u64> = rows(next);
    let candidate = candidate(&old, &new, hash_of_blank(shown))?;
    let (before, after) = costs(shown, next, candidate);
    (after + COST < before).then_some(candidate)
}

/// Moves the rows of a buffer as the terminal will.
pub(super) fn apply(buffer: &mut Buffer, scroll: RowScroll) {
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

/// The shift that explains most rows, from the first row it explains to the last.
fn candidate(old: &[u64], new: &[u64], blank: u64) -> Option<RowScroll> {
    let rows = i32::try_from(new.len()).ok()?;
    let at = |hashes: &[u64], row: i32| {
        usize::try_from(row).ok().and_then(|row| hashes.get(row).copied())
    };
    let mut best: Option<(usize, RowScroll)> = None;
    for by in (1 - rows..rows).filter(|by| *by != 0) {
        let explained = |row: &i32| {
            at(old, row + by).is_some_and(|hash| {
                at(new, *row) == Some(hash) && at(old, *row) != Some(hash) && hash != blank
            })
        };
        let Some(first) = (0..rows).find(explained) else { continue };
        let Some(last) = (first..rows).rev().find(explained) else { continue };
        let count = (first..=last).filter(explained).count();
        if best.is_none_or(|(most, _)| count > most) {
            let (top, bottom) = (first.min(first + by), (last + 1).max(last + 1 + by));
            let scroll = RowScroll {
                top: u16::try_from(top).ok()?,
                bottom: u16::try_from(bottom).ok()?,
                by,
            };
            best = Some((count, scroll));
        }
    }
    best.map(|(_, scroll)| scroll)
}

/// Cells to write in the scrolled rows, without and with the scroll.
fn costs(shown: &Buffer, next: &Buffer, scroll: RowScroll) -> (usize, usize) {
    let width = usize::from(next.area().width);
    let row =
        |buffer: &'_ Buffer, row: usize| row * width..(row + 1) * width.min(buffer.content.len());
    let blank = Cell::EMPTY;
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
    let source =
        |row: usize| row.checked_add_signed(scroll.by as isize).filter(|from| rows.contains(from));
    let after = rows.clone().map(|row| differing(source(row), row)).sum();
    (before, after)
}

/// Whether two cells look the same. Called for every cell of every frame.
pub(super) fn same(one: &Cell, other: &Cell) -> bool {
    same_symbol(one, other)
        && one.underline_color == other.underline_color
        && (same_style(one, other) || CellStyle::of(one) == CellStyle::of(other))
}

/// Compares symbols; a single byte, the usual case, without a call.
fn same_symbol(one: &Cell, other: &Cell) -> bool {
    match (one.symbol().as_bytes(), other.symbol().as_bytes()) {
        ([one], [other]) => one == other,
        (one, other) => one == other,
    }
}

fn same_style(one: &Cell, other: &Cell) -> bool {
    one.fg == other.fg && one.bg == other.bg && one.modifier == other.modifier
}

fn rows(buffer: &Buffer) -> Vec<u64> {
    let width = usize::from(buffer.area().width).max(1);
    buffer.content.chunks(width).map(hash_of).collect()
}

/// A quick hash: a collision costs only a few bytes, because every cell is compared before it is
/// skipped.
fn hash_of(cells: &[Cell]) -> u64 {
    let mut hash = 0_u64;
    let mut mix =
        |value: u64| hash = (hash.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    for cell in cells {
        let style = CellStyle::of(cell);
        for eight in cell.symbol().as_bytes().chunks(8) {
            mix(eight.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)));
        }
        mix(number(style.fg) << 32 | number(style.bg));
        mix(u64::from(style.modifier.bits()));
    }
    hash
}

fn number(color: Color) -> u64 {
    match color {
        Color::Reset => 0,
        Color::Black => 1,
        Color::Red => 2,
        Color::Green => 3,
        Color::Yellow => 4,
        Color::Blue => 5,
        Color::Magenta => 6,
        Color::Cyan => 7,
        Color::Gray => 8,
        Color::DarkGray => 9,
        Color::LightRed => 10,
        Color::LightGreen => 11,
        Color::LightYellow => 12,
        Color::LightBlue => 13,
        Color::LightMagenta => 14,
        Color::LightCyan => 15,
        Color::White => 16,
        Color::Indexed(index) => 0x100 | u64::from(index),
        Color::Rgb(red, green, blue) => {
            0x100_0000 | u64::from(red) << 16 | u64::from(green) << 8 | u64::from(blue)
        }
    }
}

fn hash_of_blank(buffer: &Buffer) -> u64 {
    hash_of(&vec![Cell::EMPTY; usize::from(buffer.area().width)])
}
