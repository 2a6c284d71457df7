//! Tables for people: columns that are as wide as their widest cell.

use std::fmt::Write as _;

use crate::base::text;

/// A table with a heading. The first columns hold text and are aligned left, the others numbers.
#[derive(Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
    texts: usize,
}

impl Table {
    /// A table with these headings, of which so many are above text.
    pub fn new(headings: &[&str], texts: usize) -> Self {
        Self { rows: vec![headings.iter().map(|heading| (*heading).to_owned()).collect()], texts }
    }

    /// Adds a row with a cell for every heading.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = cells.into_iter().map(|cell| text::clean_line(&cell).into_owned());
        self.rows.push(cells.collect());
    }

    /// The table as lines, without the columns whose cells are all empty.
    pub fn print(&self) -> String {
        let columns = 0..self.rows[0].len();
        let widths: Vec<usize> = columns
            .map(|column| {
                let cells = self.rows.iter().map(|row| text::width(&row[column]));
                let is_empty = self.rows[1..].iter().all(|row| row[column].is_empty());
                if is_empty { 0 } else { cells.max().unwrap_or_default() }
            })
            .collect();
        let mut table = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let Some(room) = width.checked_sub(text::width(cell)) else { continue };
                let room = " ".repeat(room);
                let is_text = column < self.texts;
                let (before, behind) = if is_text { ("", &*room) } else { (&*room, "") };
                if *width > 0 {
                    let _fits = write!(line, "{before}{cell}{behind}  ");
                }
            }
            table.push_str(line.trim_end());
            table.push('\n');
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let mut table = Table::new(&["name", "why", "count"], 2);
        table.row(["a".into(), String::new(), "1,000".into()]);
        table.row(["longer\n".into(), String::new(), "7".into()]);
        assert_eq!(table.print(), "name     count\na        1,000\nlonger       7\n");
    }
}
