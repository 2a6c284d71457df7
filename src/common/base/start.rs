//! The one way to start a program, which ctrl+z waits for.
//!
//! Where a start is a `vfork`, its thread sleeps until the new process runs its program. A stop of
//! the whole process group in between stops the new process, so that thread never wakes, the group
//! is never wholly stopped, and the shell waits for ever. So a stop waits for starts, which take
//! microseconds, and a start for a stop.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::channel;
use std::sync::{PoisonError, RwLock};
use std::thread::Builder;
use std::time::{Duration, Instant};

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

/// Runs a program for this long at the most, tells it `told` on its input, and returns what `read`
/// takes of its output. Then it is ended, with all that it started.
///
/// # Errors
///
/// Those of [`Command::spawn`] and of `read`; [`io::ErrorKind::TimedOut`] if it is late.
pub fn answer<T: Send + 'static>(
    command: &mut Command,
    told: &[u8],
    limit: Duration,
    read: impl FnOnce(ChildStdout) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let until = Instant::now() + limit;
    let input = if told.is_empty() { Stdio::null() } else { Stdio::piped() };
    command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let mut child = start(command)?;
    let (stdin, Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let told = told.to_owned();
    let (send, printed) = channel();
    let reader = Builder::new().name("answer".into()).spawn(move || {
        if let Some(mut stdin) = stdin {
            // It need not read what it is told.
            let _unread = stdin.write_all(&told);
        }
        // If it is late, the receiver has gone.
        let _late = send.send(read(stdout));
    });
    let left = until.saturating_duration_since(Instant::now());
    let answer = match reader {
        Ok(_) => {
            printed.recv_timeout(left).unwrap_or_else(|_late| Err(io::ErrorKind::TimedOut.into()))
        }
        Err(error) => Err(error),
    };
    end(&mut child);
    answer
}

/// Ends the program with all that it started, which would keep its output open.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // It has ended as a rule.
        let _ended = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ended = child.kill();
    let _status = child.wait();
}

/// Reads to the end, but no more bytes than `most`.
///
/// # Errors
///
/// Those of reading.
pub fn read_most(output: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    output.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
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
    fn a_program_is_waited_for_until_its_limit_and_no_longer() {
        let sh = |script: &str, told: &'static [u8], limit| {
            let limit = Duration::from_millis(limit);
            answer(Command::new("sh").args(["-c", script]), told, limit, |it| read_most(it, 9))
        };
        let began = Instant::now();
        let late = sh("sleep 100 & sleep 100", b"", 100).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() < Duration::from_secs(20));
        assert_eq!(sh("printf 'a\\0b'", b"", 30_000).unwrap(), b"a\0b");
        assert_eq!(sh("cat", b"told", 30_000).unwrap(), b"told");
        // More than a pipe holds, and nobody reads it.
        let unread = sh("sleep 100", &[b'x'; 200_000], 100).unwrap_err();
        assert_eq!(unread.kind(), io::ErrorKind::TimedOut);
        assert_eq!(sh("yes", b"unread", 30_000).unwrap().len(), 9);
        let mut missing = Command::new("no-such-program-here");
        let missing = answer(&mut missing, b"", Duration::from_secs(30), |_| Ok(())).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_mask_of_ignored_signals_tells_of_nohup() {
        assert!(is_hang_up_ignored("Name:\tcodling\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"));
        for other in ["", "SigIgn:\t0000000000001000\n", "SigIgn:\tx\n", "SigCgt:\t1\n"] {
            assert!(!is_hang_up_ignored(other), "{other}");
        }
    }
}
