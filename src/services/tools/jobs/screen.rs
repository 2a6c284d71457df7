//! The text on a job's terminal: programs that draw on the whole screen can only be read as a
//! picture.

#[cfg(unix)]
use std::num::NonZeroU16;

use crate::tools::shell::plain_text::plain;

/// The size of a job's terminal.
pub const ROWS: u16 = 24;
pub const COLUMNS: u16 = 80;

/// A terminal as far as what it shows goes.
pub struct Screen(vt100::Parser);

impl Screen {
    #[cfg(unix)]
    pub fn new() -> Self {
        let size = |length| NonZeroU16::new(length).unwrap_or(NonZeroU16::MIN);
        Self(vt100::Parser::new(size(ROWS), size(COLUMNS), 0))
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.0.process(bytes);
    }

    /// The picture, where a program draws on the whole screen instead of writing line by line.
    pub fn picture(&self) -> Option<String> {
        let screen = self.0.screen();
        if !screen.alternate_screen() {
            return None;
        }
        let rows: Vec<String> =
            screen.rows(0, COLUMNS).map(|row| plain(row.trim_end().as_bytes())).collect();
        let (row, column) = screen.cursor_position();
        let picture = rows.join("\n");
        Some(format!(
            "(the screen, {COLUMNS} columns by {ROWS} rows; the cursor is in row {}, column {})\n{}",
            row + 1,
            column + 1,
            picture.trim_end()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_draws_is_read_as_a_picture_and_one_that_writes_is_not() {
        let mut screen = Screen::new();
        screen.push(b"a line\r\nanother");
        assert_eq!(screen.picture(), None);
        screen.push(b"\x1b[?1049h\x1b[2J\x1b[3;5Hin \x1b[31mred\x1b[0m\x1b[1;1Htop\x1b[5;2H");
        assert_eq!(
            screen.picture().unwrap(),
            "(the screen, 80 columns by 24 rows; the cursor is in row 5, column 2)\ntop\n\n    in red"
        );
        screen.push(b"\x1b[?1049l");
        assert_eq!(screen.picture(), None);
    }
}
