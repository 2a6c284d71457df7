//! Input from the terminal: keys, pastes and replies.

mod keys;
#[cfg(target_os = "linux")]
mod polled;
#[cfg(any(test, not(target_os = "linux")))]
mod threaded;

#[cfg(unix)]
#[cfg(test)]
mod tests;

use std::io;

use crossterm::event::KeyEvent;

use super::rich_clipboard::ClipboardPart;
use crate::tui::messages::{MouseEvent, Toward};
use crate::tui::paint::Background;

#[cfg(target_os = "linux")]
pub use polled::{TerminalInput, Waker};
#[cfg(not(target_os = "linux"))]
pub use threaded::{TerminalInput, Waker};

/// A piece of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A part of what was asked of the terminal's clipboard.
    Clipboard(ClipboardPart),
    /// The terminal is gone.
    Closed,
    FocusGained,
    FocusLost,
    /// A key press or repeat.
    Key(KeyEvent),
    /// The left mouse button.
    Mouse(MouseEvent),
    /// Pasted text, not cleaned.
    Paste(String),
    Reply(TerminalReply),
    /// One notch of the mouse wheel.
    Wheel(Toward),
    /// Columns and rows, on systems without a signal for it.
    #[cfg(not(unix))]
    Resize(u16, u16),
}

/// A reply to [`super::TerminalGuard::ask`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalReply {
    /// The background colour (OSC 11).
    Background(Background),
    /// The terminal's clipboard can be asked for pictures (DECRQM of mode 5522).
    Clipboard,
    /// Device attributes (DA1): no other reply will follow.
    Done,
    /// The terminal is GNU screen (DA2, whose first number is 83 there).
    GnuScreen,
    /// The terminal supports the kitty keyboard protocol.
    KittyKeys,
}

/// The columns and rows of the terminal.
///
/// # Errors
///
/// Any failure to query it.
pub fn size() -> io::Result<(u16, u16)> {
    crossterm::terminal::size()
}

/// Standard input if it is the terminal, else the controlling terminal.
#[cfg(unix)]
fn terminal() -> io::Result<std::fs::File> {
    use std::fs::File;
    use std::io::IsTerminal;
    use std::os::fd::AsFd;

    let stdin = io::stdin();
    if stdin.is_terminal() {
        Ok(File::from(stdin.as_fd().try_clone_to_owned()?))
    } else {
        File::open("/dev/tty")
    }
}
