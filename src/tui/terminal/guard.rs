//! Modes of the terminal, set once and restored on every way out. Does not know frames.

use std::io;

/// The terminal in our modes; restored when dropped.
#[derive(Debug)]
pub struct Guard {}

impl Guard {
    /// Raw mode, alternate screen, bracketed paste, focus events; and a panic hook that restores before it prints.
    pub fn enter() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Puts the terminal back as it was found. Any number of times, from any thread (signal, panic).
    pub fn restore() {}

    /// Writes the questions; call it after the first frame.
    pub fn ask(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Pushes the kitty keyboard flags, once [`super::Reply::KittyKeys`] came.
    pub fn push_kitty_keys(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Leaves our modes, stops the process as ctrl+z would, and enters them again when it goes on. The caller redraws all.
    pub fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Leaves the alternate screen only, for text on the normal one: `show_ours` returns.
    pub fn show_normal(&mut self) -> io::Result<()> {
        Ok(())
    }

    pub fn show_ours(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// BEL and OSC 9 with a cleaned sentence.
    pub fn notify(&mut self, _message: &str) -> io::Result<()> {
        Ok(())
    }
}
