//! Drawing frames: writes the difference from the last one in few bytes.

use std::io::{self, Write};

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::Color;

use super::link::{Links, is_link, link_end};
use super::pen::{CellStyle, Pen};
use super::scroll::{self, same};
use crate::base::text::grapheme_width;

/// Frames of more bytes are shown by the terminal at once (mode 2026); for smaller ones the request
/// costs more than it gives.
const SYNCHRONIZED_FROM: usize = 192;

/// Two buffers and a writer.
#[derive(Debug)]
pub struct TerminalScreen<W: Write> {
    out: W,
    shown: Buffer,
    next: Buffer,
    /// Rows of the two buffers that may hold text: most are blank, and blank rows are cheap to
    /// compare and clear.
    shown_inked: Vec<bool>,
    next_inked: Vec<bool>,
    pen: Pen,
    caret: Caret,
    /// Whether the terminal's content is unknown.
    unknown: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caret {
    Hidden,
    Shown,
    Unknown,
}

impl<W: Write> TerminalScreen<W> {
    pub fn new(out: W, columns: u16, rows: u16) -> Self {
        let (buffer, inked) =
            (Buffer::empty(Rect::new(0, 0, columns, rows)), vec![false; usize::from(rows)]);
        Self {
            out,
            shown: buffer.clone(),
            next: buffer,
            shown_inked: inked.clone(),
            next_inked: inked,
            pen: Pen::new(columns),
            caret: Caret::Unknown,
            unknown: true,
        }
    }

    /// Sets the size; the next frame redraws everything.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let area = Rect::new(0, 0, columns, rows);
        self.next.resize(area);
        self.shown.resize(area);
        self.next_inked = vec![true; usize::from(rows)];
        self.shown_inked.clone_from(&self.next_inked);
        self.forget();
    }

    /// Forgets the terminal's content: the next frame redraws everything (ctrl+l, after a suspend).
    pub fn forget(&mut self) {
        self.unknown = true;
        self.caret = Caret::Unknown;
        self.pen.forget(self.next.area().width);
    }

    /// Lets `paint` fill an empty buffer and read its links, and writes the difference; nothing if
    /// nothing changed. `paint` returns the caret's position; `None` hides the caret. Returns the
    /// number of bytes.
    ///
    /// # Errors
    ///
    /// Any failure to write.
    pub fn draw(
        &mut self,
        paint: impl FnOnce(&mut Buffer, &mut Links) -> Option<Position>,
    ) -> io::Result<usize> {
        self.empty_next();
        let mut links = Links::default();
        let caret = paint(&mut self.next, &mut links);
        self.pen.clear_bytes();
        let unknown = std::mem::take(&mut self.unknown);
        if unknown {
            self.shown.reset();
            self.shown_inked.fill(false);
            self.pen.clear_screen();
        }
        let mut changed = self.changed_rows();
        if !unknown
            && changed.len() > 1
            && let Some(scroll) = scroll::find(&self.shown, &self.next)
        {
            self.pen.scroll(scroll.top, scroll.bottom, scroll.by, self.next.area().height);
            scroll::apply(&mut self.shown, scroll);
            self.shown_inked.fill(true);
            changed = self.changed_rows();
        }
        for row in changed {
            self.draw_row(row, &links);
        }
        self.place_caret(caret);
        std::mem::swap(&mut self.shown, &mut self.next);
        std::mem::swap(&mut self.shown_inked, &mut self.next_inked);
        let written = self.send();
        if written.is_err() {
            self.forget();
        }
        written
    }

    /// The writer, for output between frames.
    pub fn out(&mut self) -> &mut W {
        &mut self.out
    }

    fn send(&mut self) -> io::Result<usize> {
        let frame = self.pen.bytes();
        if frame.is_empty() {
            return Ok(0);
        }
        if frame.len() < SYNCHRONIZED_FROM {
            self.out.write_all(frame)?;
            return Ok(frame.len());
        }
        // One write, so that the terminal gets the whole frame even if it does not know the mode.
        let whole = [b"\x1b[?2026h", frame, b"\x1b[?2026l"].concat();
        self.out.write_all(&whole)?;
        Ok(whole.len())
    }

    fn place_caret(&mut self, caret: Option<Position>) {
        match caret {
            Some(at) => {
                let area = self.next.area();
                let at = Position::new(
                    at.x.min(area.width.saturating_sub(1)),
                    at.y.min(area.height.saturating_sub(1)),
                );
                self.pen.move_to(at);
                if self.caret != Caret::Shown {
                    self.pen.raw("\x1b[?25h");
                }
                self.caret = Caret::Shown;
            }
            None => {
                if self.caret != Caret::Hidden {
                    self.pen.raw("\x1b[?25l");
                }
                self.caret = Caret::Hidden;
            }
        }
    }

    fn empty_next(&mut self) {
        let width = usize::from(self.next.area().width).max(1);
        for (row, inked) in self.next.content.chunks_mut(width).zip(&self.next_inked) {
            if *inked {
                row.iter_mut().for_each(Cell::reset);
            }
        }
    }

    fn changed_rows(&mut self) -> Vec<u16> {
        let width = usize::from(self.next.area().width).max(1);
        let pairs = self.shown.content.chunks(width).zip(self.next.content.chunks(width));
        let inked = self.shown_inked.iter().zip(&mut self.next_inked);
        let mut changed = Vec::new();
        for (y, ((shown, next), (shown_inked, next_inked))) in (0..).zip(pairs.zip(inked)) {
            *next_inked = !next.iter().all(is_blank);
            if (*shown_inked || *next_inked)
                && !shown.iter().zip(next).all(|(old, new)| same(old, new))
            {
                changed.push(y);
            }
        }
        changed
    }

    fn draw_row(&mut self, row: u16, links: &Links) {
        let width = usize::from(self.next.area().width);
        let start = usize::from(row) * width;
        let (shown, next) =
            (&self.shown.content[start..start + width], &self.next.content[start..start + width]);
        let mut row = Row {
            pen: &mut self.pen,
            y: row,
            shown,
            next,
            links,
            blank_from: blank_from(next),
            forced: 0,
        };
        row.draw();
    }
}

/// One row with its shown and its next content.
struct Row<'a> {
    pen: &'a mut Pen,
    y: u16,
    shown: &'a [Cell],
    next: &'a [Cell],
    links: &'a Links,
    /// The first column after which all cells are blank and plain.
    blank_from: usize,
    /// Columns before this one must be written: their wide neighbour was overwritten, or their link
    /// changed.
    forced: usize,
}

impl Row<'_> {
    fn draw(&mut self) {
        let mut x = 0;
        while x < self.next.len() {
            if x >= self.blank_from && self.clear_end(x) {
                return;
            }
            if is_link(&self.next[x]) {
                x = self.draw_link(x);
                continue;
            }
            let columns = columns(self.next, x);
            if x < self.forced || self.differs(x, columns) {
                self.write(x, columns);
            }
            x += columns;
        }
    }

    fn differs(&self, x: usize, columns: usize) -> bool {
        let wide_now = columns == 2;
        let wide_before = self::columns(self.shown, x) == 2;
        !same(&self.shown[x], &self.next[x]) || wide_now != wide_before
    }

    fn write(&mut self, x: usize, columns: usize) {
        self.approach(x);
        let cell = &self.next[x];
        self.pen.set_style(CellStyle::of(cell));
        self.pen.write(shown_symbol(self.next, x), u16::try_from(columns).unwrap_or(1));
        // Overwriting the first half of a wide character leaves a hole in place of its second half.
        let end = x + columns;
        if end < self.shown.len() && self::columns(self.shown, end - 1) == 2 {
            self.forced = self.forced.max(end + 1);
        }
    }

    /// Moves to a column; rewrites a few unchanged cells if that is shorter.
    fn approach(&mut self, x: usize) {
        let to = Position::new(u16::try_from(x).unwrap_or(u16::MAX), self.y);
        if let Some(at) = self.pen.at()
            && at.y == to.y
            && at.x < to.x
            && to.x - at.x <= 3
        {
            let between = usize::from(at.x)..x;
            let style = self.pen.style();
            let plain = |cell: &Cell| {
                cell.symbol().len() == 1 && Some(CellStyle::of(cell)) == style && !is_link(cell)
            };
            let parted = between.start > 0 && columns(self.next, between.start - 1) == 2;
            if !parted && self.next[between.clone()].iter().all(plain) {
                for at in between {
                    self.pen.write(self.next[at].symbol(), 1);
                }
                return;
            }
        }
        self.pen.move_to(to);
    }

    /// Clears to the end of the row if that is shorter than writing blanks; returns whether the row
    /// is done.
    fn clear_end(&mut self, x: usize) -> bool {
        let rest = x..self.next.len();
        let mut stale = rest.filter(|at| *at < self.forced || self.differs(*at, 1));
        let Some(first) = stale.next() else { return true };
        if stale.nth(2).is_none() {
            return false;
        }
        self.pen.move_to(Position::new(u16::try_from(first).unwrap_or(u16::MAX), self.y));
        self.pen.clear_row_end();
        true
    }

    /// Draws a run of link cells, all or none; returns the column after it.
    fn draw_link(&mut self, start: usize) -> usize {
        let end = link_end(self.next, start);
        let changed =
            start < self.forced || (start..end).any(|x| !same(&self.shown[x], &self.next[x]));
        if !changed {
            return end;
        }
        let address = self.links.address(&self.next[start]);
        self.pen.move_to(Position::new(u16::try_from(start).unwrap_or(u16::MAX), self.y));
        if let Some(address) = address {
            // The same id makes all parts one link.
            let id = if self.next[start..end].len() < address.len() { "id=codling" } else { "" };
            self.pen.raw(&format!("\x1b]8;{id};{address}\x1b\\"));
        }
        let mut x = start;
        while x < end {
            let columns = columns(self.next, x);
            self.write(x, columns);
            x += columns;
        }
        if address.is_some() {
            self.pen.raw("\x1b]8;;\x1b\\");
        }
        x
    }
}

/// The columns of the cell at `x`: 2 for a wide character with room, else 1.
fn columns(row: &[Cell], x: usize) -> usize {
    let symbol = row[x].symbol();
    if symbol.len() > 1 && x + 1 < row.len() && grapheme_width(symbol) >= 2 { 2 } else { 1 }
}

/// The cell's text; a blank for control codes, empty cells, and a wide character in the last
/// column.
fn shown_symbol(row: &[Cell], x: usize) -> &str {
    let symbol = row[x].symbol();
    let fits = symbol.len() == 1 || grapheme_width(symbol) == columns(row, x);
    if fits && !symbol.is_empty() && !symbol.contains(char::is_control) { symbol } else { " " }
}

/// Whether a cell is unpainted.
fn is_blank(cell: &Cell) -> bool {
    cell.symbol().as_bytes() == b" "
        && cell.fg == Color::Reset
        && cell.bg == Color::Reset
        && cell.underline_color == Color::Reset
        && cell.modifier.is_empty()
}

fn blank_from(row: &[Cell]) -> usize {
    let inked = row.iter().rposition(|cell| {
        cell.symbol() != " " || CellStyle::of(cell) != CellStyle::PLAIN || is_link(cell)
    });
    // The second half of a wide character is a blank that must not be cleared.
    inked.map_or(0, |last| last + columns(row, last))
}

#[cfg(test)]
mod tests;
