//! Input for systems that can poll a terminal: the loop's own thread waits for keys and for
//! wake-ups, because passing a key between threads costs as much as drawing it.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use super::Incoming;
use super::keys::KeyDecoder;

/// The terminal's input.
#[derive(Debug)]
pub struct TerminalInput {
    terminal: File,
    keys: KeyDecoder,
    bell: Arc<Bell>,
}

/// Ends a wait, from any thread.
#[derive(Clone, Debug)]
pub struct Waker(Arc<Bell>);

#[derive(Debug)]
struct Bell {
    counter: File,
    /// Whether it rang since the last wait, and need not ring again.
    rung: AtomicBool,
}

impl TerminalInput {
    /// Opens the terminal's input.
    ///
    /// # Errors
    ///
    /// Any failure to open the terminal.
    pub fn open() -> io::Result<Self> {
        Self::over(super::terminal()?.into())
    }

    pub(super) fn over(terminal: OwnedFd) -> io::Result<Self> {
        let counter = File::from(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let bell = Arc::new(Bell { counter, rung: AtomicBool::new(false) });
        Ok(Self { terminal: terminal.into(), keys: KeyDecoder::default(), bell })
    }

    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.bell))
    }

    /// Waits for input, for the waker, for `stalled` output to go on or until `until`. Returns the
    /// input, if any.
    ///
    /// # Errors
    ///
    /// Any failure to poll or read.
    pub fn wait(
        &mut self,
        until: Option<Instant>,
        stalled: Option<&File>,
    ) -> io::Result<Vec<Incoming>> {
        let until = until.into_iter().chain(self.keys.until()).min();
        let (terminal, bell) = loop {
            // No rounding is needed: the kernel never wakes early.
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let left = left.map(|left| Timespec {
                tv_sec: left.as_secs().cast_signed(),
                tv_nsec: left.subsec_nanos().into(),
            });
            let mut sources = [
                PollFd::new(&self.terminal, PollFlags::IN),
                PollFd::new(&self.bell.counter, PollFlags::IN),
                PollFd::new(stalled.unwrap_or(&self.terminal), PollFlags::OUT),
            ];
            let count = if stalled.is_some() { 3 } else { 2 };
            match poll(&mut sources[..count], left.as_ref()) {
                Ok(_) => {
                    break (!sources[0].revents().is_empty(), !sources[1].revents().is_empty());
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        };
        if bell {
            self.bell.silence();
        }
        Ok(if terminal { self.read() } else { self.keys.settle(Instant::now()) })
    }

    fn read(&mut self) -> Vec<Incoming> {
        let mut buffer = [0; 4096];
        match self.terminal.read(&mut buffer) {
            Ok(0) => vec![Incoming::Closed],
            Ok(count) => self.keys.feed(&buffer[..count], Instant::now()),
            // Another process read it first, because standard input is shared.
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) =>
            {
                Vec::new()
            }
            Err(_) => vec![Incoming::Closed],
        }
    }
}

impl Waker {
    pub fn wake(&self) {
        self.0.ring();
    }
}

impl Bell {
    fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            // A full counter has rung.
            let _full = (&self.counter).write(&1_u64.to_ne_bytes());
        }
    }

    /// Resets the counter before the mark, so that a ring in between is noticed after it.
    fn silence(&self) {
        let _rung = (&self.counter).read(&mut [0; 8]);
        self.rung.store(false, Ordering::Release);
    }
}
