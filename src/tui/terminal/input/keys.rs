//! Bytes in, keys out; and until when an escape may be the beginning of something. Does not know where the bytes come from.

use std::time::{Duration, Instant};

use super::super::guard::replies_are_due;
use super::super::parser::{Parser, Waiting};
use super::{Incoming, Reply};

/// How long an escape may be the beginning of something.
const PATIENCE: Duration = Duration::from_millis(25);

/// The same while the terminal owes us replies: one that is cut after its first byte must not be taken for keys.
const PATIENCE_FOR_REPLIES: Duration = Duration::from_millis(400);

#[derive(Debug)]
pub(super) struct Keys {
    parser: Parser,
    replies: Replies,
    until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Replies {
    Complete,
    Owed,
}

impl Default for Keys {
    fn default() -> Self {
        Self { parser: Parser::default(), replies: Replies::Owed, until: None }
    }
}

impl Keys {
    /// Takes what was read at `now`.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) -> Vec<Incoming> {
        let mut found = Vec::new();
        self.parser.feed(bytes, &mut |incoming| found.push(incoming));
        if found.contains(&Incoming::Reply(Reply::Done)) {
            self.replies = Replies::Complete;
        }
        self.until = match self.parser.waiting() {
            Waiting::Nothing => None,
            Waiting::Escape if self.replies == Replies::Owed && replies_are_due() => Some(now + PATIENCE_FOR_REPLIES),
            Waiting::Escape => Some(now + PATIENCE),
        };
        found
    }

    /// When [`Keys::settle`] is due, if nothing comes before.
    pub fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Nothing more has come until now: an escape that has waited long enough was a key.
    pub fn settle(&mut self, now: Instant) -> Vec<Incoming> {
        let mut found = Vec::new();
        if self.until.is_some_and(|until| until <= now) {
            self.until = None;
            self.parser.settle(&mut |incoming| found.push(incoming));
        }
        found
    }
}
