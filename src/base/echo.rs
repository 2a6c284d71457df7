//! Typing that is not shown. Does not read what is typed.

/// While this lives, the terminal on stdin does not echo; dropping it puts the terminal back as it was.
#[derive(Debug)]
pub struct Hidden {
    #[cfg(unix)]
    before: rustix::termios::Termios,
}

impl Hidden {
    /// `None` where stdin is no terminal, or the system offers no way.
    #[cfg(unix)]
    pub fn on_stdin() -> Option<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(rustix::stdio::stdin()).ok()?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        // The line's end is still shown, so that what is printed next begins on its own line.
        quiet.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Flush, &quiet).ok()?;
        Some(Self { before })
    }

    #[cfg(not(unix))]
    pub fn on_stdin() -> Option<Self> {
        None
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        // The terminal may be gone by now; nothing is left to restore then.
        let _gone = rustix::termios::tcsetattr(
            rustix::stdio::stdin(),
            rustix::termios::OptionalActions::Now,
            &self.before,
        );
    }
}
