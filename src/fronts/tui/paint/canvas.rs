//! The cells of the screen, with the colours to draw in.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::paint::{Ink, Theme, blank_half, put};

#[derive(Debug)]
pub struct Canvas<'a> {
    pub buffer: &'a mut Buffer,
    pub theme: Theme,
}

impl Canvas<'_> {
    /// Writes cleaned text from a cell in at most `width` columns; returns the column after it.
    pub fn text(&mut self, x: u16, y: u16, piece: &str, width: usize, ink: impl Into<Ink>) -> u16 {
        let right = x.saturating_add(u16::try_from(width).unwrap_or(u16::MAX));
        put(self.buffer, (x, y), right, piece, self.theme.style(ink))
    }

    /// Colours the cells, and keeps their text.
    pub fn fill(&mut self, area: Rect, ink: impl Into<Ink>) {
        self.buffer.set_style(area, self.theme.style(ink));
    }

    /// Clears the cells.
    pub fn empty(&mut self, area: Rect) {
        let area = area.intersection(*self.buffer.area());
        for y in area.y..area.bottom() {
            if area.width > 0 {
                blank_half(self.buffer, (area.x, y));
            }
            for x in area.x..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }
}
