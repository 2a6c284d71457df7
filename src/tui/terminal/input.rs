//! Keys, pastes and the terminal's replies, read on threads that sleep until there are some. Does not know what keys mean.

use std::io;

use crossterm::event::KeyEvent;

use crate::tui::paint::Ground;

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// The terminal is gone.
    Closed,
    FocusGained,
    FocusLost,
    /// Presses and repeats only.
    Key(KeyEvent),
    /// As pasted, not cleaned.
    Paste(String),
    Reply(Reply),
    /// Columns, rows.
    Resize(u16, u16),
}

/// An answer to [`super::Guard::ask`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The background colour (OSC 11).
    Background(Ground),
    /// Device attributes (DA1): all answers that would come have come.
    Done,
    /// The kitty keyboard protocol is spoken.
    KittyKeys,
}

/// Starts reading; every event goes to `send`, from threads of our own, until the process ends.
pub fn start(_send: impl Fn(Incoming) + Send + Sync + 'static) -> io::Result<()> {
    Ok(())
}
