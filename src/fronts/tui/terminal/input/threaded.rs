//! Input for systems that cannot poll a terminal: a separate thread reads it.

use std::fs::File;
use std::io;
#[cfg(unix)]
use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::Incoming;
use super::keys::KeyDecoder;

/// The terminal's input.
#[derive(Debug)]
pub struct TerminalInput {
    said: Receiver<Said>,
    keys: KeyDecoder,
    waker: Waker,
}

/// Ends a wait, from any thread.
#[derive(Clone, Debug)]
pub struct Waker {
    say: SyncSender<Said>,
    /// Whether it was used since the last wait, and need not be used again.
    used: Arc<AtomicBool>,
}

#[derive(Debug)]
enum Said {
    #[cfg(unix)]
    Bytes(Vec<u8>),
    Incoming(Incoming),
    Wake,
}

/// How often stalled output is tried again.
const STALLED: Duration = Duration::from_millis(250);

/// How many messages may queue before the reading thread waits.
const ROOM: usize = 16;

impl TerminalInput {
    /// Opens the terminal's input.
    ///
    /// # Errors
    ///
    /// Any failure to open the terminal or to start the thread.
    #[cfg(all(unix, not(target_os = "linux")))]
    pub fn open() -> io::Result<Self> {
        let own = || std::fs::File::open("/dev/tty");
        Self::over(super::terminal()?, own)
    }

    /// Opens the terminal's input.
    ///
    /// # Errors
    ///
    /// Any failure to open the terminal or to start the thread.
    #[cfg(not(unix))]
    pub fn open() -> io::Result<Self> {
        Self::begin(consoles::read)
    }

    /// Starts the reading thread; `again` replaces the source if another program left that in
    /// non-blocking mode.
    #[cfg(unix)]
    pub(super) fn over<R: Read + Send + 'static>(
        terminal: R,
        again: impl FnOnce() -> io::Result<R> + Send + 'static,
    ) -> io::Result<Self> {
        Self::begin(move |say| read(terminal, again, say))
    }

    fn begin(read: impl FnOnce(&SyncSender<Said>) + Send + 'static) -> io::Result<Self> {
        let (say, said) = sync_channel(ROOM);
        let waker = Waker { say: say.clone(), used: Arc::default() };
        Builder::new().name("tty".into()).spawn(move || {
            read(&say);
            let _ended = say.send(Said::Incoming(Incoming::Closed));
        })?;
        Ok(Self { said, keys: KeyDecoder::default(), waker })
    }

    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Waits for input, for the waker or until `until`; where output is stalled, for a moment at
    /// the most. Returns the input, if any.
    ///
    /// # Errors
    ///
    /// Any failure of the reading thread.
    pub fn wait(
        &mut self,
        until: Option<Instant>,
        stalled: Option<&File>,
    ) -> io::Result<Vec<Incoming>> {
        let look = stalled.map(|_output| Instant::now() + STALLED);
        let said = match until.into_iter().chain(look).chain(self.keys.until()).min() {
            None => self.said.recv().map_err(RecvTimeoutError::from),
            Some(until) => self.said.recv_timeout(until.saturating_duration_since(Instant::now())),
        };
        self.waker.used.store(false, Ordering::Release);
        Ok(match said {
            #[cfg(unix)]
            Ok(Said::Bytes(bytes)) => self.keys.feed(&bytes, Instant::now()),
            Ok(Said::Incoming(incoming)) => vec![incoming],
            Ok(Said::Wake) => Vec::new(),
            Err(RecvTimeoutError::Timeout) => self.keys.settle(Instant::now()),
            Err(RecvTimeoutError::Disconnected) => vec![Incoming::Closed],
        })
    }
}

impl Waker {
    pub fn wake(&self) {
        if !self.used.swap(true, Ordering::AcqRel) {
            // A full queue wakes the loop anyway.
            let _full_or_ended = self.say.try_send(Said::Wake);
        }
    }
}

#[cfg(unix)]
fn read<R: Read>(terminal: R, again: impl FnOnce() -> io::Result<R>, say: &SyncSender<Said>) {
    let mut terminal = terminal;
    let mut again = Some(again);
    let mut buffer = [0; 4096];
    loop {
        match terminal.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                if say.send(Said::Bytes(buffer[..count].to_vec())).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                match again.take().map(|again| again()) {
                    Some(Ok(own)) => terminal = own,
                    Some(Err(_)) | None => return,
                }
            }
            Err(_) => return,
        }
    }
}

/// Windows consoles give events instead of bytes, and no replies.
#[cfg(not(unix))]
mod consoles {
    use std::sync::mpsc::SyncSender;

    use crossterm::event::{Event, KeyEventKind, read as next};

    use super::{Incoming, Said};

    pub(super) fn read(say: &SyncSender<Said>) {
        while let Ok(event) = next() {
            let incoming = match event {
                Event::FocusGained => Incoming::FocusGained,
                Event::FocusLost => Incoming::FocusLost,
                Event::Key(key) if key.kind != KeyEventKind::Release => Incoming::Key(key),
                Event::Paste(text) => Incoming::Paste(text),
                Event::Resize(columns, rows) => Incoming::Resize(columns, rows),
                Event::Key(_) | Event::Mouse(_) => continue,
            };
            if say.send(Said::Incoming(incoming)).is_err() {
                return;
            }
        }
    }
}
