//! The table.

use crate::cell::{cleaned, padded};

/// The narrowest that a column becomes.
const MINIMUM: usize = 3;
/// The blanks between two columns.
const GAP: usize = 2;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Left,
    Right,
}

#[derive(Clone, Debug)]
pub struct Grid {
    headings: Vec<String>,
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    pub fn new<T: AsRef<str>>(headings: impl IntoIterator<Item = T>) -> Self {
        let headings: Vec<String> = headings.into_iter().map(|text| cleaned(text.as_ref())).collect();
        Self { aligns: vec![Align::Left; headings.len()], headings, rows: Vec::new() }
    }

    /// Aligns a column, counted from 0. Others are ignored.
    pub fn align(&mut self, column: usize, align: Align) -> &mut Self {
        if let Some(own) = self.aligns.get_mut(column) {
            *own = align;
        }
        self
    }

    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> &mut Self {
        let cells = cells.into_iter().map(|text| cleaned(text.as_ref())).collect();
        self.rows.push(cells);
        self
    }

    /// The table for a terminal with so many columns.
    pub fn render(&self, columns: usize) -> String {
        let widths = self.widths(columns);
        let mut out = String::new();
        for row in std::iter::once(&self.headings).chain(&self.rows) {
            let mut line = String::new();
            for (at, &width) in widths.iter().enumerate() {
                if at > 0 {
                    line.push_str(&" ".repeat(GAP));
                }
                line.push_str(&padded(row.get(at).map_or("", String::as_str), width, self.aligns[at]));
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    fn widths(&self, columns: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..self.headings.len())
            .map(|at| {
                let cells = self.rows.iter().map(|row| row.get(at).map_or(0, |cell| cell.chars().count()));
                cells.chain([self.headings[at].chars().count()]).max().unwrap_or(0)
            })
            .collect();
        let gaps = GAP * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > columns {
            let widest = widths.iter().copied().max().unwrap_or(0);
            if widest <= MINIMUM {
                break;
            }
            if let Some(width) = widths.iter_mut().find(|width| **width == widest) {
                *width -= 1;
            }
        }
        widths
    }
}
