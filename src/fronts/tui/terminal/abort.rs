//! Restores the terminal on `SIGABRT`, which out-of-memory and stack overflow raise.
//!
//! `abort` ends the process as soon as the signal's handler returns, so the handler must not
//! return. The only safe action there is to write to a pipe: first to one that wakes a thread, then
//! to a full one that is never read, where it blocks. The thread allocates no memory.

use std::io::{self, ErrorKind, PipeWriter, Read, Write};
use std::thread;

use rustix::fs::{OFlags, fcntl_setfl};
use signal_hook::consts::SIGABRT;
use signal_hook::low_level::{emulate_default_handler, pipe};

use super::TerminalGuard;

/// Restores the terminal on every `SIGABRT` from now on, and then ends the process with the
/// signal's default action.
///
/// # Errors
///
/// Any failure to make the pipes, register the signal or start the thread.
pub fn watch() -> io::Result<()> {
    let (mut woken, wake) = io::pipe()?;
    let (unread, full) = io::pipe()?;
    fill(&full)?;
    let mode = full.try_clone()?;
    // Handlers run in the order in which they are registered.
    pipe::register(SIGABRT, wake)?;
    pipe::register(SIGABRT, full)?;
    // Registering made it non-blocking.
    fcntl_setfl(&mode, OFlags::empty())?;
    let body = move || {
        // Writing to a full pipe blocks as long as its reading end is open.
        let _unread = unread;
        if woken.read_exact(&mut [0]).is_ok() {
            TerminalGuard::restore();
            // It fails only for unknown signals, and does not return for one that ends a process.
            let _ended = emulate_default_handler(SIGABRT);
        }
    };
    thread::Builder::new().name("abort".into()).spawn(body)?;
    Ok(())
}

/// Fills a pipe to its last byte.
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
