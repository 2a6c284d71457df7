//! An event stream's bytes into its events: whole, repaired lines are fed to `eventsource-stream`,
//! one at a time.
//!
//! Left to itself that crate panics at a byte-order mark, stalls at an invalid byte, loses the last
//! event where lines end in CR alone, and takes quadratic time for long lines. Fed line by line it
//! does none of this, and how the bytes were cut into chunks makes no difference.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use eventsource_stream::{EventStream, EventStreamError};
use futures_util::Stream;
use thiserror::Error;

use super::bounds;

/// Beyond this, copying a line costs more than another room for the next one, and it goes around
/// the crate.
const LONG_LINE: usize = 16 * 1024;
/// The data that the crate gets in the place of a long line's.
const STAND_IN: &str = ".";

/// The `data` of each event, in order. Comments, names, ids and retry times are dropped; so is an
/// event that the stream ends in the middle of.
pub struct Events<S> {
    events: EventStream<Lines<S>>,
    aside: LongLine,
}

/// The first line of data of an event where it is long, kept aside: the crate would copy it four
/// times, and a whole answer comes in one line, four times over.
#[derive(Clone, Default)]
struct LongLine(Arc<Mutex<Option<Bytes>>>);

impl LongLine {
    fn lock(&self) -> MutexGuard<'_, Option<Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the line in the place of what stood for it.
    fn put_back(&self, data: String) -> String {
        match self.lock().take() {
            None => data,
            Some(line) => {
                // It was repaired.
                let mut whole = String::from_utf8(line.into()).unwrap_or_default();
                whole.push_str(data.strip_prefix(STAND_IN).unwrap_or_default());
                whole
            }
        }
    }
}

/// The end of a stream that could not be read to its end.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SseError<E> {
    /// An event is larger than may be held.
    #[error("an event of the stream is larger than {limit} bytes")]
    Oversized {
        /// The largest size, in bytes.
        limit: usize,
    },
    /// The chunks ended with an error.
    #[error("{source}")]
    Transport {
        /// The error that came in the place of a chunk.
        source: E,
    },
}

impl<S, E> Events<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    /// The events of `chunks`, of the largest size that the model's may have.
    pub fn new(chunks: S) -> Self {
        Self::with_limit(chunks, bounds::EVENT)
    }

    /// Like [`Events::new`], for another largest size of an event.
    pub fn with_limit(chunks: S, limit: usize) -> Self {
        Self::with_long_lines(chunks, limit, LONG_LINE)
    }

    /// Like [`Events::with_limit`], for another size from which on a line is long.
    fn with_long_lines(chunks: S, limit: usize, long: usize) -> Self {
        let aside = LongLine::default();
        let lines = Lines::new(chunks, limit, (aside.clone(), long));
        Self { events: EventStream::new(lines), aside }
    }
}

impl<S, E> Stream for Events<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    type Item = Result<String, SseError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(Pin::new(&mut self.events).poll_next(cx)) {
                None => None,
                Some(Ok(event)) => Some(Ok(self.aside.put_back(event.data))),
                Some(Err(EventStreamError::Transport(error))) => Some(Err(error)),
                // Neither can come of a repaired line; were one to, its event is lost and the
                // stream goes on.
                Some(Err(EventStreamError::Utf8(_) | EventStreamError::Parser(_))) => {
                    self.aside.lock().take();
                    continue;
                }
            });
        }
    }
}

/// A whole line of UTF-8 that ends in LF, at each poll.
struct Lines<S> {
    chunks: S,
    limit: usize,
    chunk: Bytes,
    /// The begin of a line whose end has not come yet.
    begun: Vec<u8>,
    /// Bytes of the event's lines before this one.
    event: usize,
    /// Whether there was a line of data among them.
    has_data: bool,
    aside: LongLine,
    /// Lines of at least so many bytes are kept aside.
    long: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was handed on so far.
    Fresh,
    /// Before the first line's end: a byte-order mark may stand here.
    First,
    Within,
    /// The last line ended in CR, so that an LF right after it belongs to that end.
    AfterCr,
    Over,
}

impl<S, E> Lines<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    fn new(chunks: S, limit: usize, (aside, long): (LongLine, usize)) -> Self {
        Self {
            chunks,
            limit,
            chunk: Bytes::new(),
            begun: Vec::new(),
            event: 0,
            has_data: false,
            aside,
            long,
            state: State::Fresh,
        }
    }

    /// Cuts the next line off what is there; `None` when its end has not come.
    fn next_line(&mut self) -> Option<Result<Bytes, SseError<E>>> {
        if self.state == State::AfterCr && !self.chunk.is_empty() {
            if self.chunk[0] == b'\n' {
                drop(self.chunk.split_to(1));
            }
            self.state = State::Within;
        }
        let Some(end) = memchr::memchr2(b'\n', b'\r', &self.chunk) else {
            self.begun.extend_from_slice(&self.chunk);
            self.chunk = Bytes::new();
            return self.too_large(self.begun.len()).then(|| self.refuse());
        };
        if self.too_large(self.begun.len() + end) {
            return Some(self.refuse());
        }
        let first = self.state == State::First;
        let ended_by_cr = self.chunk[end] == b'\r';
        self.state = if ended_by_cr { State::AfterCr } else { State::Within };
        let line = self.chunk.split_to(end + 1);
        let line = if self.begun.is_empty() && !ended_by_cr {
            line
        } else {
            self.begun.extend_from_slice(&line[..end]);
            self.begun.push(b'\n');
            self.take_begun()
        };
        self.event = match line[0] {
            b'\n' => 0,
            b':' => self.event,
            _ => self.event + line.len(),
        };
        let line = repaired(if first { without_mark(line) } else { line });
        Some(Ok(self.keep_aside(line)))
    }

    /// The line, or what stands for it.
    fn keep_aside(&mut self, line: Bytes) -> Bytes {
        let Some(data) = line.strip_prefix(b"data") else {
            self.has_data = self.has_data && line[..] != *b"\n";
            return line;
        };
        let is_next = std::mem::replace(&mut self.has_data, true);
        let Some(data) = data.strip_prefix(b":").filter(|_| !is_next && line.len() >= self.long)
        else {
            return line;
        };
        let data = data.strip_prefix(b" ").unwrap_or(data);
        let data = data.strip_suffix(b"\n").unwrap_or(data);
        // One that says nothing makes no event.
        if data.is_empty() {
            return line;
        }
        *self.aside.lock() = Some(line.slice_ref(data));
        Bytes::from(format!("data:{STAND_IN}\n"))
    }

    /// A short line leaves its room to the next one.
    fn take_begun(&mut self) -> Bytes {
        if self.begun.len() > LONG_LINE {
            return Bytes::from(std::mem::take(&mut self.begun));
        }
        let line = Bytes::copy_from_slice(&self.begun);
        self.begun.clear();
        line
    }

    fn too_large(&self, line: usize) -> bool {
        self.event + line > self.limit
    }

    fn refuse(&mut self) -> Result<Bytes, SseError<E>> {
        self.state = State::Over;
        self.begun = Vec::new();
        self.chunk = Bytes::new();
        Err(SseError::Oversized { limit: self.limit })
    }
}

impl<S, E> Stream for Lines<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    type Item = Result<Bytes, SseError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.state == State::Fresh {
            // A comment, so that the crate's own search for a byte-order mark is over before the
            // server's first byte.
            self.state = State::First;
            return Poll::Ready(Some(Ok(Bytes::from_static(b":\n"))));
        }
        loop {
            if self.state == State::Over {
                return Poll::Ready(None);
            }
            if let Some(line) = self.next_line() {
                return Poll::Ready(Some(line));
            }
            match ready!(Pin::new(&mut self.chunks).poll_next(cx)) {
                Some(Ok(chunk)) => self.chunk = chunk,
                Some(Err(source)) => {
                    self.state = State::Over;
                    return Poll::Ready(Some(Err(SseError::Transport { source })));
                }
                None => self.state = State::Over,
            }
        }
    }
}

fn without_mark(line: Bytes) -> Bytes {
    match line.strip_prefix("\u{feff}".as_bytes()) {
        Some(rest) => line.slice_ref(rest),
        None => line,
    }
}

/// Puts U+FFFD where bytes are not UTF-8. No line break can hide inside a character, so a line at a
/// time is as good as all at once.
fn repaired(line: Bytes) -> Bytes {
    match std::str::from_utf8(&line) {
        Ok(_) => line,
        Err(_) => Bytes::from(String::from_utf8_lossy(&line).into_owned()),
    }
}

#[cfg(test)]
mod tests;
