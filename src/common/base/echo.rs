//! Hides what is typed on the terminal, for secrets.

/// Turns echo off on the terminal of stdin; dropping it restores the terminal.
#[derive(Debug)]
pub struct Hidden {
    #[cfg(unix)]
    before: rustix::termios::Termios,
}

impl Hidden {
    /// Turns echo off; `None` if stdin is no terminal or the system cannot do it.
    #[cfg(unix)]
    pub fn on_stdin() -> Option<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(rustix::stdio::stdin()).ok()?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        // The line feed is still shown, so that the next output begins on its own line.
        quiet.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Flush, &quiet).ok()?;
        Some(Self { before })
    }

    /// `None`: echo cannot be turned off on this system yet.
    #[cfg(not(unix))]
    pub fn on_stdin() -> Option<Self> {
        None
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        // The terminal may be gone by now; then there is nothing to restore.
        let _gone = rustix::termios::tcsetattr(
            rustix::stdio::stdin(),
            rustix::termios::OptionalActions::Now,
            &self.before,
        );
    }
}
