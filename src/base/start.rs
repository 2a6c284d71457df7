//! The one way to start a program, which ctrl+z waits for.
//!
//! Where a start is a `vfork`, its thread sleeps until the new process runs its program. A stop of
//! the whole process group in between stops the new process, so that thread never wakes, the group
//! is never wholly stopped, and the shell waits for ever. So a stop waits for starts, which take
//! microseconds, and a start for a stop.

use std::io;
use std::path::Path;
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

/// Runs an editor, a command line as in `VISUAL`, on a file until it ends. The shell splits its
/// arguments; the path is passed as one.
///
/// # Errors
///
/// Those of [`Command::status`].
pub fn edit(editor: &str, path: &Path) -> io::Result<ExitStatus> {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(path);
    run(&mut shell)
}

/// Whether the program was started with SIGHUP ignored, as by `nohup`: it is to outlive its
/// terminal then. Ask before the first handler is set; where the system does not tell, the answer
/// is no.
#[cfg(unix)]
pub fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    is_hang_up_ignored(&status)
}

/// Reads the mask of ignored signals (proc_pid_status(5)); SIGHUP is its lowest bit.
#[cfg(unix)]
fn is_hang_up_ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
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

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_of_ignored_signals_tells_of_nohup() {
        assert!(is_hang_up_ignored("Name:\tcodling\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"));
        for other in ["", "SigIgn:\t0000000000001000\n", "SigIgn:\tx\n", "SigCgt:\t1\n"] {
            assert!(!is_hang_up_ignored(other), "{other}");
        }
    }
}
