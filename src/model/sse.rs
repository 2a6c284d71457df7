//! An event stream's bytes into its events, each line as it comes: how the bytes were cut into chunks
//! makes no difference, and no byte stops the stream. The form is the HTML standard's, section 9.2.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::Stream;
use thiserror::Error;

use super::bounds;

/// Beyond this, copying a line costs more than another room for the next one.
const LONG_LINE: usize = 16 * 1024;
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The `data` of each event, in order. Comments, names, ids and retry times are dropped; so is an event that the stream ends in the middle of.
pub struct Events<S> {
    chunks: S,
    limit: usize,
    /// From so many bytes on, a line that came in pieces is not copied.
    long: usize,
    chunk: Bytes,
    /// The begin of a line whose end has not come yet.
    begun: Vec<u8>,
    /// Bytes of the event's lines before this one.
    size: usize,
    /// The event's lines of data before this one; `None` where there was none.
    data: Option<String>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first line's end: a byte-order mark may stand here.
    First,
    Within,
    /// The last line ended in CR, so that an LF right after it belongs to that end.
    AfterCr,
    Over,
}

#[derive(Debug, Error, PartialEq, Eq)]
pub enum SseError<E> {
    #[error("an event of the stream is larger than {limit} bytes")]
    Oversized { limit: usize },
    #[error("{source}")]
    Transport { source: E },
}

impl<S, E> Events<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    pub fn new(chunks: S) -> Self {
        Self::with_limit(chunks, bounds::EVENT)
    }

    /// Like [`Events::new`], for another largest size of an event.
    pub fn with_limit(chunks: S, limit: usize) -> Self {
        Self::with_long_lines(chunks, limit, LONG_LINE)
    }

    /// Like [`Events::with_limit`], for another size from which on a line is long.
    fn with_long_lines(chunks: S, limit: usize, long: usize) -> Self {
        Self {
            chunks,
            limit,
            long,
            chunk: Bytes::new(),
            begun: Vec::new(),
            size: 0,
            data: None,
            state: State::First,
        }
    }

    /// Reads what is there up to the end of an event; `None` when its end has not come.
    fn next_event(&mut self) -> Option<Result<String, SseError<E>>> {
        loop {
            if self.state == State::AfterCr && !self.chunk.is_empty() {
                if self.chunk[0] == b'\n' {
                    drop(self.chunk.split_to(1));
                }
                self.state = State::Within;
            }
            let Some(end) = line_end(&self.chunk) else {
                self.begun.extend_from_slice(&self.chunk);
                self.chunk = Bytes::new();
                return self.too_large(self.begun.len()).then(|| self.refuse());
            };
            if self.too_large(self.begun.len() + end) {
                return Some(self.refuse());
            }
            let is_first = self.state == State::First;
            let ended_by_cr = self.chunk[end] == b'\r';
            self.state = if ended_by_cr { State::AfterCr } else { State::Within };
            let rest = self.chunk.split_to(end + 1);
            if self.begun.is_empty() {
                self.count(&rest[..end]);
                let line = &rest[..end];
                self.take(if is_first { without_mark(line) } else { line });
            } else {
                self.begun.extend_from_slice(&rest[..end]);
                self.take_begun(is_first);
            }
            if self.size == 0
                && let Some(data) = self.data.take()
            {
                return Some(Ok(data));
            }
        }
    }

    /// Takes a line into the event. One without anything in it ends the event.
    fn take(&mut self, line: &[u8]) {
        let Some(value) = data_in(line) else { return };
        // Puts U+FFFD where bytes are not UTF-8. No line break can hide inside a character.
        let value = String::from_utf8_lossy(&line[value..]);
        match &mut self.data {
            None => self.data = Some(value.into_owned()),
            Some(data) => {
                data.push('\n');
                data.push_str(&value);
            }
        }
    }

    /// The same of a line that came in pieces. A short one leaves its room to the next one; a long one is the data itself, which is not copied.
    fn take_begun(&mut self, is_first: bool) {
        let mut line = std::mem::take(&mut self.begun);
        self.count(&line);
        if is_first && line.starts_with(MARK) {
            line.drain(..MARK.len());
        }
        let value = data_in(&line).filter(|_| self.data.is_none() && line.len() >= self.long);
        match value {
            Some(value) => {
                line.drain(..value);
                let whole = String::from_utf8(line);
                self.data = Some(whole.unwrap_or_else(|broken| {
                    String::from_utf8_lossy(broken.as_bytes()).into_owned()
                }));
            }
            None => {
                self.take(&line);
                if line.capacity() <= LONG_LINE {
                    line.clear();
                    self.begun = line;
                }
            }
        }
    }

    /// How large the event is with this line.
    fn count(&mut self, line: &[u8]) {
        self.size = match line.first() {
            None => 0,
            Some(b':') => self.size,
            Some(_) => self.size + line.len() + 1,
        };
    }

    fn too_large(&self, line: usize) -> bool {
        self.size + line > self.limit
    }

    fn refuse(&mut self) -> Result<String, SseError<E>> {
        self.state = State::Over;
        (self.begun, self.chunk, self.data) = (Vec::new(), Bytes::new(), None);
        Err(SseError::Oversized { limit: self.limit })
    }
}

impl<S, E> Stream for Events<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    type Item = Result<String, SseError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if self.state == State::Over {
                return Poll::Ready(None);
            }
            if let Some(event) = self.next_event() {
                return Poll::Ready(Some(event));
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

/// Where the value of a line of data begins; `None` for any other line.
fn data_in(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"data";
    match line.strip_prefix(NAME)? {
        [] => Some(NAME.len()),
        [b':', b' ', ..] => Some(NAME.len() + 2),
        [b':', ..] => Some(NAME.len() + 1),
        _ => None,
    }
}

fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(MARK).unwrap_or(line)
}

/// Where the first CR or LF stands. Looks at a block at a time, which compiles to wide instructions.
fn line_end(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 16;
    let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let clear = bytes
        .chunks_exact(BLOCK)
        .take_while(|block| !block.iter().fold(false, |found, byte| found | ends(byte)))
        .count()
        * BLOCK;
    bytes[clear..].iter().position(ends).map(|at| clear + at)
}

#[cfg(test)]
mod tests;
