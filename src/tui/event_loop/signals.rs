//! Signals that end or wake the program, told to the loop. Does not know how the terminal is restored, but for the last resort.

use std::io;
use std::sync::mpsc::Sender;

use super::input::Note;

/// Watches on a thread of its own. The first ending signal is for the loop; a second one no longer waits for it.
#[cfg(unix)]
pub fn watch(notes: Sender<Note>) -> io::Result<()> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    use crate::tui::terminal::Guard;

    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGCONT])?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        let mut ending = false;
        for signal in signals.forever() {
            let told = notes.send(if signal == SIGCONT { Note::Continued } else { Note::Signal(signal) });
            if signal != SIGCONT && (std::mem::replace(&mut ending, true) || told.is_err()) {
                Guard::restore();
                std::process::exit(128 + signal);
            }
        }
    })?;
    Ok(())
}

#[cfg(not(unix))]
pub fn watch(_notes: Sender<Note>) -> io::Result<()> {
    Ok(())
}
