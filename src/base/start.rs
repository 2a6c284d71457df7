//! The one way to start a program, which ctrl+z waits for.
//!
//! Where a start is a `vfork`, its thread sleeps until the new process runs its program. A stop of
//! the whole process group in between stops the new process, so that thread never wakes, the group
//! is never wholly stopped, and the shell waits for ever. So a stop waits for starts, which take
//! microseconds, and a start for a stop.

use std::io;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{PoisonError, RwLock};

static STARTING: RwLock<()> = RwLock::new(());

/// Holds a stop back while a program is started.
pub fn starting<T>(start: impl FnOnce() -> T) -> T {
    let _held = STARTING.read().unwrap_or_else(PoisonError::into_inner);
    start()
}

/// Starts a program, as [`Command::spawn`] does.
///
/// # Errors
///
/// Those of [`Command::spawn`].
#[expect(clippy::disallowed_methods, reason = "this is where it is done")]
pub fn start(command: &mut Command) -> io::Result<Child> {
    starting(|| command.spawn())
}

/// Runs a program to its end, as [`Command::status`] does.
///
/// # Errors
///
/// Those of [`Command::status`].
pub fn run(command: &mut Command) -> io::Result<ExitStatus> {
    start(command)?.wait()
}

/// Runs a program to its end and returns what it printed. Its error stream is the caller's choice.
///
/// # Errors
///
/// Those of [`Command::output`].
pub fn output(command: &mut Command) -> io::Result<Output> {
    start(command.stdout(Stdio::piped()))?.wait_with_output()
}

/// Stops the process group as ctrl+z does, so that a shell sees the job stop even if another
/// program started us.
///
/// # Errors
///
/// Any failure to send the signal.
#[cfg(unix)]
pub fn stop_group() -> io::Result<()> {
    let _none_starts = STARTING.write().unwrap_or_else(PoisonError::into_inner);
    Ok(rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?)
}
