//! Output to the terminal that never blocks for long. A connection that was lost without a hang-up
//! leaves a terminal that nobody reads: writing to it stalls, and nothing else may stall with it.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a frame may take; after that the terminal counts as stalled.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long the last words may take, which leave our modes.
const LAST_PATIENCE: Duration = Duration::from_millis(200);
/// How often a stalled write looks whether the program is to end.
const LOOK: Duration = Duration::from_millis(20);
/// Bytes that wait for a stalled terminal at the most: a frame, and what is written between frames.
const MOST_WAITING: usize = 4 << 20;

/// The program is to end: stalled writes are given up.
static ENDING: AtomicBool = AtomicBool::new(false);

/// The terminal's output without a buffer: a frame is one write. All clones are the same output.
///
/// What a stalled terminal did not take waits, and what is written meanwhile waits behind it, so
/// that no sequence is cut in half.
#[derive(Clone, Debug)]
pub struct TerminalOutput {
    file: Arc<File>,
    waiting: Arc<Mutex<Vec<u8>>>,
    /// The last words were said, by whatever thread: what others write is dropped.
    is_over: Arc<AtomicBool>,
    patience: Duration,
}

impl TerminalOutput {
    /// Opens the terminal that is standard output.
    ///
    /// # Errors
    ///
    /// Any failure to duplicate the descriptor.
    pub fn open() -> io::Result<Self> {
        Ok(Self::over(own_description()?, PATIENCE))
    }

    fn over(file: File, patience: Duration) -> Self {
        let file = Arc::new(file);
        Self { file, waiting: Arc::default(), is_over: Arc::default(), patience }
    }

    /// The terminal itself, for its modes and to wait for it.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Whether something waits because nobody reads the terminal.
    pub fn is_stalled(&self) -> bool {
        !self.lock().is_empty()
    }

    /// Writes as much of what waits as the terminal takes at once.
    ///
    /// # Errors
    ///
    /// Any failure to write.
    pub fn resume(&self) -> io::Result<()> {
        let mut waiting = self.lock();
        if self.is_over.load(Ordering::SeqCst) {
            return Ok(());
        }
        let taken = self.write_until(&waiting, Instant::now())?;
        waiting.drain(..taken);
        Ok(())
    }

    /// Writes from now on, also after its last words.
    pub fn begin(&self) {
        self.is_over.store(false, Ordering::SeqCst);
    }

    /// Writes the last words of the program, which are put together when nobody else writes any
    /// more. They are lost where the terminal takes nothing soon. Needs no memory.
    pub fn write_last<const N: usize>(&self, pieces: impl FnOnce() -> [&'static str; N]) {
        let until = Instant::now() + LAST_PATIENCE;
        self.is_over.store(true, Ordering::SeqCst);
        let _turn = self.lock_until(until);
        for piece in pieces() {
            // A description that is shared with others may block in the write itself.
            let taken = match wait_writable(&self.file, LAST_PATIENCE) {
                true => self.write_before(piece.as_bytes(), until, || false),
                false => return,
            };
            if taken.is_err() {
                return;
            }
        }
    }

    fn write_until(&self, bytes: &[u8], until: Instant) -> io::Result<usize> {
        self.write_before(bytes, until, || ENDING.load(Ordering::SeqCst))
    }

    /// Returns how many bytes were taken.
    fn write_before(
        &self,
        bytes: &[u8],
        until: Instant,
        give_up: impl Fn() -> bool,
    ) -> io::Result<usize> {
        let mut taken = 0;
        while taken < bytes.len() {
            match (&*self.file).write(&bytes[taken..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => taken += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() || give_up() {
                        break;
                    }
                    wait_writable(&self.file, left.min(LOOK));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }

    /// `None` where another thread keeps the lock: it may have been stopped in the middle.
    fn lock_until(&self, until: Instant) -> Option<MutexGuard<'_, Vec<u8>>> {
        loop {
            match self.waiting.try_lock() {
                Ok(turn) => return Some(turn),
                Err(TryLockError::Poisoned(turn)) => return Some(turn.into_inner()),
                Err(TryLockError::WouldBlock) if Instant::now() > until => return None,
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(1)),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for TerminalOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut waiting = self.lock();
        if self.is_over.load(Ordering::SeqCst) {
            return Ok(bytes.len());
        }
        let taken = match waiting.is_empty() {
            true => self.write_until(bytes, Instant::now() + self.patience)?,
            false => 0,
        };
        if waiting.len() + bytes.len() - taken <= MOST_WAITING {
            waiting.extend_from_slice(&bytes[taken..]);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Has writes to a stalled terminal given up from now on, from any thread.
#[cfg(unix)]
pub fn give_up_stalled() {
    ENDING.store(true, Ordering::SeqCst);
}

/// Opens the terminal anew, without blocking: standard output shares its description with the shell
/// and all its programs, which expect it to block.
#[cfg(unix)]
fn own_description() -> io::Result<File> {
    use std::os::fd::AsFd;

    use rustix::fs::{Mode, OFlags, fstat, open};
    use rustix::termios::ttyname;

    let stdout = io::stdout();
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let anew = ttyname(&stdout, Vec::new()).and_then(|name| open(name, flags, Mode::empty()));
    let is_same = |own: &std::os::fd::OwnedFd| {
        let device = |of: rustix::io::Result<rustix::fs::Stat>| of.ok().map(|of| of.st_rdev);
        device(fstat(own)) == device(fstat(&stdout))
    };
    match anew {
        Ok(own) if is_same(&own) => Ok(File::from(own)),
        // A container may not have the terminal's name.
        _ => Ok(File::from(stdout.as_fd().try_clone_to_owned()?)),
    }
}

#[cfg(windows)]
fn own_description() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}

/// Waits until the terminal takes more. Returns whether it does, as far as the system can tell.
#[cfg(target_os = "linux")]
fn wait_writable(file: &File, limit: Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let limit =
        Timespec { tv_sec: limit.as_secs().cast_signed(), tv_nsec: limit.subsec_nanos().into() };
    // The write shows a failure.
    !matches!(poll(&mut [PollFd::new(file, PollFlags::OUT)], Some(&limit)), Ok(0))
}

/// Other systems cannot poll every terminal.
#[cfg(not(target_os = "linux"))]
fn wait_writable(_file: &File, limit: Duration) -> bool {
    std::thread::sleep(limit.min(Duration::from_millis(1)));
    true
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::io::Read;

    use portable_pty::{MasterPty, PtySize, native_pty_system};
    use rustix::fs::{Mode, OFlags, open};

    use super::*;

    /// An output to a terminal of its own, which nobody reads until somebody reads the other end.
    fn unread() -> (TerminalOutput, Box<dyn MasterPty + Send>) {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let name = pair.master.tty_name().unwrap();
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY;
        let tty = open(name, flags, Mode::empty()).unwrap();
        let mut raw = rustix::termios::tcgetattr(&tty).unwrap();
        raw.make_raw();
        rustix::termios::tcsetattr(&tty, rustix::termios::OptionalActions::Now, &raw).unwrap();
        (TerminalOutput::over(tty.into(), Duration::ZERO), pair.master)
    }

    fn frame() -> Vec<u8> {
        b"a frame that is longer than any terminal takes ".repeat(2_000)
    }

    #[test]
    fn a_terminal_that_nobody_reads_stalls_its_output_alone_and_gets_all_of_it_in_the_end() {
        let (mut out, master) = unread();
        let frame = frame();
        out.write_all(&frame).unwrap();
        out.write_all(b"and a bell").unwrap();
        assert!(out.is_stalled());
        let mut reader = master.try_clone_reader().unwrap();
        let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
        while read.len() < frame.len() + 10 {
            let count = reader.read(&mut buffer).unwrap();
            read.extend_from_slice(&buffer[..count]);
            out.resume().unwrap();
        }
        assert!(!out.is_stalled());
        assert!(read.starts_with(&frame) && read.ends_with(b"and a bell"));
    }

    #[test]
    fn the_last_words_wait_for_nobody() {
        let (mut out, _master) = unread();
        out.write_all(&frame()).unwrap();
        // Whether it finds room by then is the terminal's affair.
        out.write_last(|| ["farewell"]);
        assert!(out.is_stalled());
    }

    #[test]
    fn behind_the_last_words_nothing_is_written_until_it_begins_anew() {
        let (mut out, master) = unread();
        let mut other = out.clone();
        out.write_last(|| {
            // Another thread that comes now is too late, and does not hold up the last words.
            assert!(out.waiting.try_lock().is_err());
            ["farewell"]
        });
        other.write_all(b", a frame").unwrap();
        other.begin();
        out.write_all(b" and hello").unwrap();
        let mut read = [0; 32];
        let count = master.try_clone_reader().unwrap().read(&mut read).unwrap();
        assert_eq!(&read[..count], b"farewell and hello");
    }
}
