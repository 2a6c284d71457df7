//! Encoding moves, styles and erasures in the fewest bytes. Tracks the terminal's cursor and style,
//! not the screen's content.

use std::io::Write;

use ratatui::buffer::Cell;
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};

/// The style of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CellStyle {
    pub fg: Color,
    pub bg: Color,
    pub modifier: Modifier,
}

/// Collects one frame's bytes.
#[derive(Debug)]
pub(super) struct Pen {
    bytes: Vec<u8>,
    /// `None` if it is unknown, as after the last column.
    at: Option<Position>,
    style: Option<CellStyle>,
    columns: u16,
}

/// The codes that set and reset a modifier; bold and dim share the reset.
const MODIFIERS: [(Modifier, &str, &str); 8] = [
    (Modifier::BOLD, "1", "22"),
    (Modifier::DIM, "2", "22"),
    (Modifier::ITALIC, "3", "23"),
    (Modifier::UNDERLINED, "4", "24"),
    (Modifier::SLOW_BLINK, "5", "25"),
    (Modifier::REVERSED, "7", "27"),
    (Modifier::HIDDEN, "8", "28"),
    (Modifier::CROSSED_OUT, "9", "29"),
];

impl CellStyle {
    pub const PLAIN: Self =
        Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    pub fn of(cell: &Cell) -> Self {
        let modifier = cell.modifier;
        // A blank has no visible colour unless a line is drawn through it.
        let lines = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);
        if cell.symbol() == " " && !modifier.intersects(lines) {
            return Self { fg: Color::Reset, bg: cell.bg, modifier: Modifier::empty() };
        }
        Self { fg: cell.fg, bg: cell.bg, modifier }
    }
}

impl Pen {
    pub fn new(columns: u16) -> Self {
        Self { bytes: Vec::with_capacity(4096), at: None, style: None, columns }
    }

    pub fn at(&self) -> Option<Position> {
        self.at
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn clear_bytes(&mut self) {
        self.bytes.clear();
    }

    /// Forgets the terminal's state.
    pub fn forget(&mut self, columns: u16) {
        self.at = None;
        self.style = None;
        self.columns = columns;
    }

    pub fn raw(&mut self, sequence: &str) {
        self.bytes.extend_from_slice(sequence.as_bytes());
    }

    /// Clears the screen in the plain style; the cursor goes to the origin.
    pub fn clear_screen(&mut self) {
        self.set_style(CellStyle::PLAIN);
        self.raw("\x1b[H\x1b[2J");
        self.at = Some(Position::ORIGIN);
    }

    /// Clears the row from the cursor on.
    pub fn clear_row_end(&mut self) {
        self.set_style(CellStyle::PLAIN);
        self.raw("\x1b[K");
    }

    /// Scrolls the rows `top..bottom` by `by`; positive is up.
    pub fn scroll(&mut self, top: u16, bottom: u16, by: i32, rows: u16) {
        self.set_style(CellStyle::PLAIN);
        let whole = top == 0 && bottom == rows;
        if !whole {
            self.put(format_args!("\x1b[{};{bottom}r", top + 1));
        }
        let (count, letter) = (by.unsigned_abs(), if by > 0 { 'S' } else { 'T' });
        match count {
            1 => self.put(format_args!("\x1b[{letter}")),
            _ => self.put(format_args!("\x1b[{count}{letter}")),
        }
        if !whole {
            self.raw("\x1b[r");
            self.at = Some(Position::ORIGIN);
        }
    }

    /// Writes one cell's text, `columns` wide.
    pub fn write(&mut self, symbol: &str, columns: u16) {
        self.bytes.extend_from_slice(symbol.as_bytes());
        self.at = match self.at {
            Some(at) if at.x + columns < self.columns && is_certain(symbol) => {
                Some(Position::new(at.x + columns, at.y))
            }
            _ => None,
        };
    }

    pub fn move_to(&mut self, to: Position) {
        if self.at == Some(to) {
            return;
        }
        let start = self.bytes.len();
        self.put_absolute(to);
        if let Some(at) = self.at {
            self.shorten(start, |pen| pen.put_relative(at, to));
        }
        self.at = Some(to);
    }

    pub fn set_style(&mut self, to: CellStyle) {
        if self.style == Some(to) {
            return;
        }
        let start = self.bytes.len();
        self.put_whole_style(to);
        if let Some(from) = self.style {
            self.shorten(start, |pen| pen.put_style_change(from, to));
        }
        self.style = Some(to);
    }

    pub fn style(&self) -> Option<CellStyle> {
        self.style
    }

    /// Replaces the bytes from `start` on by the output of `other` if that is shorter.
    fn shorten(&mut self, start: usize, other: impl FnOnce(&mut Self)) {
        let middle = self.bytes.len();
        other(self);
        let end = self.bytes.len();
        if end - middle < middle - start {
            self.bytes.copy_within(middle..end, start);
            self.bytes.truncate(start + (end - middle));
        } else {
            self.bytes.truncate(middle);
        }
    }

    fn put_absolute(&mut self, to: Position) {
        match (to.x, to.y) {
            (0, 0) => self.raw("\x1b[H"),
            (0, y) => self.put(format_args!("\x1b[{}H", y + 1)),
            (x, y) => self.put(format_args!("\x1b[{};{}H", y + 1, x + 1)),
        }
    }

    fn put_relative(&mut self, at: Position, to: Position) {
        let mut x = at.x;
        if to.x == 0 && x != 0 {
            self.raw("\r");
            x = 0;
        }
        match i32::from(to.y) - i32::from(at.y) {
            0 => {}
            // In raw mode a line feed moves straight down, and it cannot scroll because the row
            // below exists.
            down @ 1..=3 => self.repeat(b'\n', down.unsigned_abs()),
            down if down > 0 => self.put(format_args!("\x1b[{down}B")),
            -1 => self.raw("\x1b[A"),
            up => self.put(format_args!("\x1b[{}A", -up)),
        }
        match i32::from(to.x) - i32::from(x) {
            0 => {}
            1 => self.raw("\x1b[C"),
            right if right > 0 => self.put(format_args!("\x1b[{right}C")),
            left @ -4..0 => self.repeat(0x08, left.unsigned_abs()),
            left => self.put(format_args!("\x1b[{}D", -left)),
        }
    }

    fn put_whole_style(&mut self, to: CellStyle) {
        self.raw("\x1b[");
        let start = self.bytes.len();
        if to != CellStyle::PLAIN {
            self.raw("0");
        }
        for (modifier, on, _) in MODIFIERS {
            if to.modifier.contains(modifier) {
                self.put_code(start, on);
            }
        }
        self.put_colors(start, CellStyle::PLAIN, to);
        self.raw("m");
    }

    fn put_style_change(&mut self, from: CellStyle, to: CellStyle) {
        self.raw("\x1b[");
        let start = self.bytes.len();
        let mut kept = from.modifier;
        for (modifier, _, off) in MODIFIERS {
            if kept.contains(modifier) && !to.modifier.contains(modifier) {
                self.put_code(start, off);
                kept -= modifier;
                if off == "22" {
                    kept -= Modifier::BOLD | Modifier::DIM;
                }
            }
        }
        for (modifier, on, _) in MODIFIERS {
            if to.modifier.contains(modifier) && !kept.contains(modifier) {
                self.put_code(start, on);
            }
        }
        self.put_colors(start, from, to);
        self.raw("m");
    }

    fn put_colors(&mut self, start: usize, from: CellStyle, to: CellStyle) {
        if from.fg != to.fg {
            self.put_color(start, to.fg, 30);
        }
        if from.bg != to.bg {
            self.put_color(start, to.bg, 40);
        }
    }

    /// `base` is 30 for the foreground, 40 for the background.
    fn put_color(&mut self, start: usize, color: Color, base: u8) {
        if self.bytes.len() > start {
            self.raw(";");
        }
        let named = match color {
            Color::Reset => 9,
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 60,
            Color::LightRed => 61,
            Color::LightGreen => 62,
            Color::LightYellow => 63,
            Color::LightBlue => 64,
            Color::LightMagenta => 65,
            Color::LightCyan => 66,
            Color::White => 67,
            Color::Indexed(index) => return self.put(format_args!("{};5;{index}", base + 8)),
            Color::Rgb(red, green, blue) => {
                return self.put(format_args!("{};2;{red};{green};{blue}", base + 8));
            }
        };
        self.put(format_args!("{}", base + named));
    }

    fn put_code(&mut self, start: usize, code: &str) {
        if self.bytes.len() > start {
            self.raw(";");
        }
        self.raw(code);
    }

    fn repeat(&mut self, byte: u8, times: u32) {
        for _ in 0..times {
            self.bytes.push(byte);
        }
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to memory never fails.
        let _ = self.bytes.write_fmt(text);
    }
}

/// Whether every terminal advances by the columns that we count. Terminals disagree about clusters
/// and newer emoji.
fn is_certain(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let (first, more) = (chars.next(), chars.next());
    more.is_none()
        && first.is_some_and(|c| c < '\u{2190}' || matches!(c, '\u{2500}'..='\u{259f}' | '\u{3000}'..='\u{d7ff}' | '\u{ff00}'..='\u{ffee}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_ink_says_only_what_changes() {
        let bold = CellStyle { modifier: Modifier::BOLD, ..CellStyle::PLAIN };
        let dim = CellStyle { modifier: Modifier::DIM, ..CellStyle::PLAIN };
        let both = CellStyle { modifier: Modifier::DIM | Modifier::BOLD, ..CellStyle::PLAIN };
        let red = CellStyle { fg: Color::Red, bg: Color::Indexed(24), modifier: Modifier::BOLD };
        let cases = [
            (CellStyle::PLAIN, bold, "\x1b[1m"),
            (bold, CellStyle::PLAIN, "\x1b[m"),
            (bold, dim, "\x1b[0;2m"),
            (both, bold, "\x1b[0;1m"),
            (red, CellStyle { fg: Color::Blue, ..red }, "\x1b[34m"),
            (red, CellStyle { modifier: Modifier::empty(), ..red }, "\x1b[22m"),
            (red, CellStyle { modifier: Modifier::DIM, ..red }, "\x1b[22;2m"),
        ];
        for (from, to, expected) in cases {
            let mut pen = Pen::new(80);
            pen.set_style(from);
            pen.clear_bytes();
            pen.set_style(to);
            assert_eq!(String::from_utf8_lossy(pen.bytes()), expected, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn moves_take_the_shortest_way() {
        let cases = [
            ((5, 5), (0, 5), "\r"),
            ((5, 5), (0, 6), "\r\n"),
            ((5, 5), (4, 5), "\x08"),
            ((5, 5), (60, 5), "\x1b[55C"),
            ((5, 5), (5, 4), "\x1b[A"),
            ((70, 30), (0, 0), "\x1b[H"),
            ((70, 30), (9, 4), "\x1b[5;10H"),
        ];
        for ((x, y), (to_x, to_y), expected) in cases {
            let mut pen = Pen::new(80);
            pen.move_to(Position::new(x, y));
            pen.clear_bytes();
            pen.move_to(Position::new(to_x, to_y));
            assert_eq!(String::from_utf8_lossy(pen.bytes()), expected, "{x},{y} to {to_x},{to_y}");
        }
    }
}
