//! Soft wrapping of a field's text: the range of each visual row, and the columns of its
//! characters.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::field::Masking;
use super::folds::Folds;
use crate::base::text;

/// How graphemes are drawn: fold labels and the mask.
#[derive(Clone, Copy)]
pub(super) struct Looks<'a> {
    pub folds: &'a Folds,
    pub masking: Masking,
}

/// One visual row as a byte range of the text, without its line feed.
pub(super) type Row = Range<usize>;

impl<'a> Looks<'a> {
    /// The cleaned text that is drawn for a grapheme.
    pub fn shown<'t>(&self, grapheme: &'t str) -> &'t str
    where
        'a: 't,
    {
        match self.masking {
            Masking::Masked => "•",
            Masking::Shown if grapheme == "\t" => "    ",
            Masking::Shown => self.folds.label(grapheme).unwrap_or(grapheme),
        }
    }

    fn columns(&self, grapheme: &str) -> usize {
        if grapheme.len() == 1 && self.masking == Masking::Shown && grapheme != "\t" {
            return 1;
        }
        text::width(self.shown(grapheme))
    }

    /// The columns of a part of a row.
    pub fn width(&self, piece: &str) -> usize {
        piece.graphemes(true).map(|grapheme| self.columns(grapheme)).sum()
    }

    /// The byte in a row nearest to a column, never past it.
    pub fn at_column(&self, text: &str, row: &Row, column: usize) -> usize {
        let mut used = 0;
        for (at, grapheme) in text[row.clone()].grapheme_indices(true) {
            used += self.columns(grapheme);
            if used > column {
                return row.start + at;
            }
        }
        row.end
    }

    /// The byte in one of the rows nearest to a column. It stays in the row: a broken row's end
    /// is also the start of the next one.
    pub fn in_row(&self, text: &str, rows: &[Row], at: usize, column: usize) -> usize {
        let row = &rows[at];
        let to = self.at_column(text, row, column);
        if to == row.end && to > row.start && rows.iter().any(|row| row.start == to) {
            return self.at_column(text, row, self.width(&text[row.clone()]).saturating_sub(1));
        }
        to
    }

    /// All rows at a width; at least one. Rows break after spaces if possible.
    pub fn rows(&self, text: &str, width: usize) -> Vec<Row> {
        let width = width.max(1);
        let mut rows = Vec::new();
        let mut start = 0;
        for line in text.split('\n') {
            self.break_line(line, start, width, &mut rows);
            start += line.len() + 1;
        }
        rows
    }

    fn break_line(&self, line: &str, start: usize, width: usize, rows: &mut Vec<Row>) {
        let (mut row, mut used) = (0, 0);
        // The byte after the row's last space, and the columns up to it.
        let mut space = None;
        for (at, grapheme) in line.grapheme_indices(true) {
            let columns = self.columns(grapheme);
            if used + columns > width && at > row {
                let (end, kept) = space.take().unwrap_or((at, used));
                rows.push(start + row..start + end);
                row = end;
                used -= kept;
            }
            used += columns;
            if grapheme == " " || grapheme == "\t" {
                space = Some((at + grapheme.len(), used));
            }
        }
        rows.push(start + row..start + line.len());
    }
}

/// The row of a byte; the later one at a break.
pub(super) fn row_of(rows: &[Row], at: usize) -> usize {
    rows.partition_point(|row| row.start <= at).saturating_sub(1)
}
