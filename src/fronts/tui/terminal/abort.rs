//! `SIGABRT`, as memory that ran out or a stack that overflowed raises it: the terminal is given
//! back first.
//!
//! `abort` ends the process as soon as the signal's handler returns, so the handler must not return. All that it may do at such a moment is write to a
//! pipe: to one that wakes a thread, then to one that is full and never read, where it waits. The thread needs no memory for what it does.

use std::io::{self, ErrorKind, PipeWriter, Read, Write};
use std::thread;

use rustix::fs::{OFlags, fcntl_setfl};
use signal_hook::consts::SIGABRT;
use signal_hook::low_level::{emulate_default_handler, pipe};

use super::TerminalGuard;

/// Gives the terminal back on every `SIGABRT` from now on, then ends the process by it as if nobody had listened.
pub fn watch() -> io::Result<()> {
    let (mut woken, wake) = io::pipe()?;
    let (unread, full) = io::pipe()?;
    fill(&full)?;
    let mode = full.try_clone()?;
    // Handlers are called in the order in which they are registered.
    pipe::register(SIGABRT, wake)?;
    pipe::register(SIGABRT, full)?;
    // To be registered made it one that does not wait.
    fcntl_setfl(&mode, OFlags::empty())?;
    let body = move || {
        // While the reading end is open, writing to a full pipe waits.
        let _unread = unread;
        if woken.read_exact(&mut [0]).is_ok() {
            TerminalGuard::restore();
            // It fails for unknown signals only, and returns for none that is known to end a process.
            let _ended = emulate_default_handler(SIGABRT);
        }
    };
    thread::Builder::new().name("abort".into()).spawn(body)?;
    Ok(())
}

/// To the last byte.
fn fill(mut pipe: &PipeWriter) -> io::Result<()> {
    fcntl_setfl(pipe, OFlags::NONBLOCK)?;
    for size in [4096, 1] {
        loop {
            match pipe.write(&[0; 4096][..size]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}
