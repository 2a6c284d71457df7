//! Tables: aligned columns if they fit, wrapped cells if they nearly do, stacked rows if they do
//! not.

use pulldown_cmark::Alignment;

use crate::tui::paint::wrap::{Span, spans_width, wrap};
use crate::tui::paint::{LaidOutLines, Role};

pub(super) type Cell = Vec<Span<'static>>;

/// A parsed table; the first row is the header.
#[derive(Debug, Default)]
pub(super) struct TableLayout {
    pub alignments: Vec<Alignment>,
    pub rows: Vec<Vec<Cell>>,
}

/// The separator of columns.
const RULE: &str = " │ ";
const RULE_COLUMNS: usize = 3;

/// The least width of a column; below it the rows are stacked.
const LEAST: usize = 6;

impl TableLayout {
    /// Lays the table out at a width.
    pub fn lay_out(&self, width: usize) -> LaidOutLines {
        match self.columns(width) {
            Some(columns) => self.side_by_side(&columns),
            None => self.stacked(width),
        }
    }

    /// The width of each column: its widest cell if possible, else an equal share of what narrow
    /// columns leave.
    fn columns(&self, width: usize) -> Option<Vec<usize>> {
        let count = self.alignments.len();
        let widest = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| spans_width(cell))
                .max()
                .unwrap_or(0)
                .max(1)
        };
        let natural: Vec<usize> = (0..count).map(widest).collect();
        let room = width.checked_sub(RULE_COLUMNS * count.saturating_sub(1))?;
        if natural.iter().sum::<usize>() <= room {
            return Some(natural);
        }
        let mut columns = vec![0; count];
        let (mut left, mut open) = (room, count);
        let mut narrow_first: Vec<usize> = (0..count).collect();
        narrow_first.sort_by_key(|column| natural[*column]);
        for column in narrow_first {
            columns[column] = natural[column].min(left / open);
            left -= columns[column];
            open -= 1;
        }
        let wide_enough =
            columns.iter().zip(&natural).all(|(column, natural)| *column >= LEAST.min(*natural));
        wide_enough.then_some(columns)
    }

    fn side_by_side(&self, columns: &[usize]) -> LaidOutLines {
        let mut lines = LaidOutLines::new();
        let rules: Vec<String> = columns.iter().map(|width| "─".repeat(*width)).collect();
        let rule = rules.join("─┼─");
        let wrapped = |row: &Vec<Cell>| {
            let cell =
                |(at, width): (usize, &usize)| wrap(row.get(at).map_or(&[], Vec::as_slice), *width);
            columns.iter().enumerate().map(cell).collect::<Vec<_>>()
        };
        let rows: Vec<Vec<LaidOutLines>> = self.rows.iter().map(wrapped).collect();
        let height = |row: &Vec<LaidOutLines>| row.iter().map(LaidOutLines::len).max().unwrap_or(0);
        // Where rows take several lines, a rule tells them apart.
        let is_ruled = rows.iter().skip(1).any(|row| height(row) > 1);
        for (number, cells) in rows.iter().enumerate() {
            if number == 1 || (number > 1 && is_ruled) {
                lines.push_row(&rule, Role::Border);
            }
            for line in 0..height(cells) {
                for (at, cell) in cells.iter().enumerate() {
                    if at > 0 {
                        lines.push(RULE, Role::Border);
                    }
                    let last = at + 1 == cells.len();
                    put_aligned(&mut lines, cell, line, columns[at], self.alignments[at], last);
                }
                lines.end_row();
            }
        }
        if rows.len() == 1 {
            lines.push_row(&rule, Role::Border);
        }
        lines
    }

    /// Lays each row out as its cells below each other, with their headers.
    fn stacked(&self, width: usize) -> LaidOutLines {
        let mut lines = LaidOutLines::new();
        let Some((header, rows)) = self.rows.split_first() else { return lines };
        if rows.is_empty() {
            for cell in header {
                lines.append(&wrap(cell, width));
            }
        }
        for (number, row) in rows.iter().enumerate() {
            if number > 0 {
                lines.push_row(&"─".repeat(width.min(20)), Role::Border);
            }
            for (at, cell) in row.iter().enumerate() {
                let mut spans = header.get(at).cloned().unwrap_or_default();
                if !spans.is_empty() {
                    spans.push(Span::new(": ", Role::Dim));
                }
                spans.extend(cell.iter().cloned());
                lines.append(&wrap(&spans, width));
            }
        }
        lines
    }
}

fn put_aligned(
    lines: &mut LaidOutLines,
    cell: &LaidOutLines,
    line: usize,
    width: usize,
    alignment: Alignment,
    last: bool,
) {
    let missing = width.saturating_sub(cell.width(line));
    let before = match alignment {
        Alignment::Right => missing,
        Alignment::Center => missing / 2,
        Alignment::Left | Alignment::None => 0,
    };
    lines.push(&" ".repeat(before), Role::Text);
    lines.push_from(cell, line);
    if !last {
        lines.push(&" ".repeat(missing - before), Role::Text);
    }
}
