//! Keys, pastes and the terminal's replies, read on threads that sleep until there are some. Does not know what keys mean.

use std::io;

use crossterm::event::KeyEvent;

use crate::tui::paint::Ground;

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// The terminal is gone.
    Closed,
    FocusGained,
    FocusLost,
    /// Presses and repeats only.
    Key(KeyEvent),
    /// As pasted, not cleaned.
    Paste(String),
    Reply(Reply),
    /// Columns, rows.
    Resize(u16, u16),
}

/// An answer to [`super::Guard::ask`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The background colour (OSC 11).
    Background(Ground),
    /// Device attributes (DA1): all answers that would come have come.
    Done,
    /// The kitty keyboard protocol is spoken.
    KittyKeys,
}

/// Starts reading; every event goes to `send`, from threads of our own, until the process ends.
pub fn start(send: impl Fn(Incoming) + Send + Sync + 'static) -> io::Result<()> {
    system::start(std::sync::Arc::new(send))
}

/// Columns and rows of the terminal.
pub fn size() -> io::Result<(u16, u16)> {
    crossterm::terminal::size()
}

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io::{self, ErrorKind, IsTerminal, Read};
    use std::os::fd::AsFd;
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
    use std::thread::Builder;
    use std::time::Duration;

    use signal_hook::consts::SIGWINCH;
    use signal_hook::iterator::Signals;

    use super::super::guard::replies_are_due;
    use super::super::parser::{Parser, Waiting};
    use super::{Incoming, Reply};

    type Send = Arc<dyn Fn(Incoming) + std::marker::Send + Sync>;

    /// How long an escape may be the beginning of something.
    const PATIENCE: Duration = Duration::from_millis(25);

    /// The same while the terminal owes us replies: one that is cut after its first byte must not be taken for keys.
    const PATIENCE_FOR_REPLIES: Duration = Duration::from_millis(400);

    /// One thread reads and blocks, one parses (and alone knows of time), one waits for new sizes. None wakes without cause.
    pub(super) fn start(send: Send) -> io::Result<()> {
        let terminal = open()?;
        let mut sizes = Signals::new([SIGWINCH])?;
        let (chunks, parse) = sync_channel(16);
        Builder::new().name("tty".into()).spawn(move || read(terminal, &chunks))?;
        let keys = Arc::clone(&send);
        Builder::new().name("keys".into()).spawn(move || parse_all(&parse, &keys))?;
        Builder::new().name("sizes".into()).spawn(move || {
            for _ in sizes.forever() {
                if let Ok((columns, rows)) = super::size() {
                    send(Incoming::Resize(columns, rows));
                }
            }
        })?;
        Ok(())
    }

    /// Standard input if it is the terminal, so that it also works where there is no controlling one.
    fn open() -> io::Result<File> {
        let stdin = io::stdin();
        if stdin.is_terminal() { Ok(File::from(stdin.as_fd().try_clone_to_owned()?)) } else { File::open("/dev/tty") }
    }

    fn read(terminal: File, chunks: &SyncSender<Vec<u8>>) {
        let mut terminal = terminal;
        let mut buffer = [0; 4096];
        loop {
            match terminal.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => {
                    if chunks.send(buffer[..count].to_vec()).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Another program left standard input in non-blocking mode: our own opening of the terminal blocks.
                Err(error) if error.kind() == ErrorKind::WouldBlock => match File::open("/dev/tty") {
                    Ok(own) => terminal = own,
                    Err(_) => return,
                },
                Err(_) => return,
            }
        }
    }

    fn parse_all(chunks: &Receiver<Vec<u8>>, send: &Send) {
        let mut parser = Parser::default();
        let mut due = true;
        loop {
            let patience = match parser.waiting() {
                Waiting::Nothing => None,
                Waiting::Escape if due && replies_are_due() => Some(PATIENCE_FOR_REPLIES),
                Waiting::Escape => Some(PATIENCE),
            };
            let mut sink = |incoming| {
                due &= incoming != Incoming::Reply(Reply::Done);
                send(incoming);
            };
            let chunk = match patience {
                None => chunks.recv().map_err(RecvTimeoutError::from),
                Some(patience) => chunks.recv_timeout(patience),
            };
            match chunk {
                Ok(bytes) => parser.feed(&bytes, &mut sink),
                Err(RecvTimeoutError::Timeout) => parser.settle(&mut sink),
                Err(RecvTimeoutError::Disconnected) => return send(Incoming::Closed),
            }
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;
    use std::sync::Arc;
    use std::thread::Builder;

    use crossterm::event::{Event, KeyEventKind, read};

    use super::Incoming;

    /// Consoles give events, not bytes, and no replies among them.
    pub(super) fn start(send: Arc<dyn Fn(Incoming) + Send + Sync>) -> io::Result<()> {
        Builder::new().name("keys".into()).spawn(move || {
            while let Ok(event) = read() {
                match event {
                    Event::FocusGained => send(Incoming::FocusGained),
                    Event::FocusLost => send(Incoming::FocusLost),
                    Event::Key(key) if key.kind != KeyEventKind::Release => send(Incoming::Key(key)),
                    Event::Paste(text) => send(Incoming::Paste(text)),
                    Event::Resize(columns, rows) => send(Incoming::Resize(columns, rows)),
                    Event::Key(_) | Event::Mouse(_) => {}
                }
            }
            send(Incoming::Closed);
        })?;
        Ok(())
    }
}
