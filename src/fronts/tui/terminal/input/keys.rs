//! Decoding bytes into keys, and the times after which an escape is a key and a paste is complete.

use std::time::{Duration, Instant};

use super::super::guard::replies_are_due;
use super::super::parser::{InputParser, PendingInput};
use super::{Incoming, TerminalReply};

/// How long an escape may be the beginning of a sequence.
const PATIENCE: Duration = Duration::from_millis(25);

/// The same while replies are expected: a reply cut after its first byte must not be taken for
/// keys.
const PATIENCE_FOR_REPLIES: Duration = Duration::from_millis(400);

/// How long the rest of a paste may take on a slow line; later input counts as typed.
const PATIENCE_FOR_PASTE: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(super) struct KeyDecoder {
    parser: InputParser,
    replies: Replies,
    until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Replies {
    Complete,
    Owed,
    /// An answer of the clipboard is on its way, in many pieces.
    Streaming,
}

impl Default for KeyDecoder {
    fn default() -> Self {
        Self { parser: InputParser::default(), replies: Replies::Owed, until: None }
    }
}

impl KeyDecoder {
    /// Decodes bytes that were read at `now`.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) -> Vec<Incoming> {
        let mut found = Vec::new();
        self.parser.feed(bytes, &mut |incoming| found.push(incoming));
        for incoming in &found {
            match incoming {
                Incoming::Reply(TerminalReply::Done) => self.replies = Replies::Complete,
                Incoming::Clipboard(part) if part.is_last() => self.replies = Replies::Complete,
                Incoming::Clipboard(_) => self.replies = Replies::Streaming,
                _ => {}
            }
        }
        self.until = match self.parser.waiting() {
            PendingInput::Nothing => None,
            PendingInput::Escape
                if self.replies == Replies::Streaming
                    || self.replies == Replies::Owed && replies_are_due() =>
            {
                Some(now + PATIENCE_FOR_REPLIES)
            }
            PendingInput::Escape => Some(now + PATIENCE),
            PendingInput::Paste => Some(now + PATIENCE_FOR_PASTE),
        };
        found
    }

    /// The time at which to call [`KeyDecoder::settle`] if no input comes.
    pub fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Handles that no input came until `now`: an escape that waited long enough is a key, and a
    /// paste is complete.
    pub fn settle(&mut self, now: Instant) -> Vec<Incoming> {
        let mut found = Vec::new();
        if self.until.is_some_and(|until| until <= now) {
            self.until = None;
            self.parser.settle(&mut |incoming| found.push(incoming));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_between_pieces_of_the_clipboard_is_no_key() {
        let mut keys = KeyDecoder::default();
        let begun = Instant::now();
        keys.feed(b"\x1b[?62c", begun);
        assert_eq!(keys.feed(b"\x1b]5522;type=read:status=OK\x1b\\\x1b", begun).len(), 1);
        assert_eq!(keys.settle(begun + PATIENCE), [], "the next piece is on its way");
        assert_eq!(keys.feed(b"]5522;type=read:status=DONE\x1b\\\x1b", begun).len(), 1);
        assert_eq!(keys.settle(begun + PATIENCE).len(), 1, "after the last one it is a key");
    }

    #[test]
    fn a_paste_that_stalls_is_over_after_a_while_and_one_that_goes_on_is_not() {
        let mut keys = KeyDecoder::default();
        let begun = Instant::now();
        assert_eq!(keys.feed(b"\x1b[200~pears", begun), []);
        let later = begun + PATIENCE_FOR_PASTE - Duration::from_millis(1);
        assert_eq!((keys.settle(later), keys.feed(b" and", later)), (vec![], vec![]));
        assert_eq!(keys.until(), Some(later + PATIENCE_FOR_PASTE));
        assert_eq!(keys.settle(later + PATIENCE_FOR_PASTE), [Incoming::Paste("pears and".into())]);
        assert_eq!(keys.until(), None);
    }
}
