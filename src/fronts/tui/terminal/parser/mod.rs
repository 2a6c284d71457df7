//! Parsing the terminal's bytes into keys, pastes and replies, split at any point.
//!
//! crossterm's reader would type a background-colour reply (OSC 11) into the composer and hides the
//! others.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::input::{Incoming, TerminalReply};
use super::rich_clipboard::{ANSWER, ClipboardPart};
use super::sequence;

/// The parser; keeps incomplete input.
#[derive(Debug, Default)]
pub(super) struct InputParser {
    pending: Vec<u8>,
    /// The unfinished paste.
    paste: Option<Vec<u8>>,
}

/// Incomplete input after all bytes so far were parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PendingInput {
    /// A lone escape, or one with a letter that may begin a sequence: after a short time it is a
    /// key.
    Escape,
    /// An unfinished paste: after a longer time it is complete.
    Paste,
    /// No input that a timeout would complete.
    Nothing,
}

enum Step {
    /// This many bytes were recognized, perhaps as something to ignore.
    Taken(usize, Option<Incoming>),
    Paste(usize),
    Unfinished,
}

const PASTE_END: &[u8] = b"\x1b[201~";

/// Longer sequences (in bytes) are dropped.
const MOST: usize = 4096;

/// The same for pieces of the clipboard, which have some 6,000.
const MOST_CLIPBOARD: usize = 256 << 10;

/// A longer paste is passed on in pieces of about this many bytes, so that one without an end does
/// not grow without limit.
const PIECE: usize = 4 << 20;

impl InputParser {
    pub fn feed(&mut self, bytes: &[u8], send: &mut impl FnMut(Incoming)) {
        let mut bytes = bytes.to_vec();
        loop {
            bytes = if self.paste.is_some() {
                let Some(rest) = self.feed_paste(&bytes, send) else { return };
                rest
            } else {
                self.pending.append(&mut bytes);
                self.parse_pending(send);
                if self.paste.is_none() {
                    return;
                }
                // The bytes after a paste's beginning belong to it.
                std::mem::take(&mut self.pending)
            };
        }
    }

    pub fn waiting(&self) -> PendingInput {
        if self.paste.is_some() {
            return PendingInput::Paste;
        }
        match self.pending.as_slice() {
            [0x1b] | [0x1b, 0x1b] => PendingInput::Escape,
            [0x1b, letter] if letter.is_ascii_graphic() => PendingInput::Escape,
            _ => PendingInput::Nothing,
        }
    }

    /// Completes pending input after a timeout: a lone escape is the key, an escape and a letter
    /// are alt with the letter, an open paste is complete.
    pub fn settle(&mut self, send: &mut impl FnMut(Incoming)) {
        if let Some(mut paste) = self.paste.take() {
            paste.truncate(paste.len() - begun_end(&paste));
            if !paste.is_empty() {
                send(pasted(&paste));
            }
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        match pending.as_slice() {
            [0x1b] => send(key(KeyCode::Esc, KeyModifiers::NONE)),
            [0x1b, 0x1b] => {
                send(key(KeyCode::Esc, KeyModifiers::NONE));
                send(key(KeyCode::Esc, KeyModifiers::NONE));
            }
            [0x1b, letter] if letter.is_ascii_graphic() => {
                send(character(char::from(*letter), KeyModifiers::ALT))
            }
            _ => self.pending = pending,
        }
    }

    /// Parses all complete input up to the beginning of a paste; keeps the rest.
    fn parse_pending(&mut self, send: &mut impl FnMut(Incoming)) {
        let mut at = 0;
        while at < self.pending.len() && self.paste.is_none() {
            match step(&self.pending[at..]) {
                Step::Taken(count, incoming) => {
                    at += count;
                    if let Some(incoming) = incoming {
                        send(incoming);
                    }
                }
                Step::Paste(count) => {
                    at += count;
                    self.paste = Some(Vec::new());
                }
                Step::Unfinished => break,
            }
        }
        self.pending.drain(..at);
        let is_clipboard = self.pending.get(1..).is_some_and(|body| body.starts_with(ANSWER));
        let most = if is_clipboard { MOST_CLIPBOARD } else { MOST };
        if self.pending.len() > most && self.paste.is_none() {
            self.pending.clear();
        }
    }

    /// Collects a paste up to its end; returns the bytes after it.
    fn feed_paste(&mut self, bytes: &[u8], send: &mut impl FnMut(Incoming)) -> Option<Vec<u8>> {
        let mut paste = self.paste.take()?;
        // The end may be split, so the search begins shortly before the new bytes, and no earlier,
        // to stay linear.
        let from = paste.len().saturating_sub(PASTE_END.len());
        paste.extend_from_slice(bytes);
        let Some(end) =
            paste[from..].windows(PASTE_END.len()).position(|window| window == PASTE_END)
        else {
            if paste.len() > PIECE {
                let rest = paste.split_off(seam(&paste));
                send(pasted(&paste));
                paste = rest;
            }
            self.paste = Some(paste);
            return None;
        };
        let rest = paste.split_off(from + end + PASTE_END.len());
        paste.truncate(from + end);
        send(pasted(&paste));
        Some(rest)
    }
}

fn pasted(bytes: &[u8]) -> Incoming {
    Incoming::Paste(String::from_utf8_lossy(bytes).into_owned())
}

/// How many of the last bytes may begin the paste's end.
fn begun_end(paste: &[u8]) -> usize {
    (1..PASTE_END.len()).rev().find(|length| paste.ends_with(&PASTE_END[..*length])).unwrap_or(0)
}

/// Where a long paste can be divided: before a possible end, and not within a character or line
/// break.
fn seam(paste: &[u8]) -> usize {
    let mut at = paste.len() - PASTE_END.len();
    while at > 0 && ((0x80..0xc0).contains(&paste[at]) || paste[at - 1..=at] == *b"\r\n") {
        at -= 1;
    }
    at
}

/// Parses one item from the front.
fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] => Step::Unfinished,
        [0x1b] => Step::Unfinished,
        [0x1b, b'[', rest @ ..] => csi(rest, KeyModifiers::NONE, 2),
        [0x1b, b'O', rest @ ..] => match rest {
            [] => Step::Unfinished,
            [letter, ..] => Step::Taken(3, sequence::ss3(*letter)),
        },
        [0x1b, b']' | b'P'] => Step::Unfinished,
        [0x1b, b']', b'0'..=b'9', ..] | [0x1b, b'P', b'0'..=b'9' | b'>' | b'!', ..] => {
            string(bytes)
        }
        [0x1b, 0x1b, b'[', rest @ ..] => csi(rest, KeyModifiers::ALT, 3),
        [0x1b, 0x1b] => Step::Unfinished,
        [0x1b, 0x1b, ..] => Step::Taken(1, Some(key(KeyCode::Esc, KeyModifiers::NONE))),
        [0x1b, rest @ ..] => match plain(rest) {
            Some((count, code, modifiers)) => {
                Step::Taken(count + 1, code.map(|code| key(code, modifiers | KeyModifiers::ALT)))
            }
            None => Step::Unfinished,
        },
        _ => match plain(bytes) {
            Some((count, code, modifiers)) => {
                Step::Taken(count, code.map(|code| key(code, modifiers)))
            }
            None => Step::Unfinished,
        },
    }
}

/// Parses ECMA-48 5.4: parameters, intermediates and a final byte. `before` bytes precede `rest`.
fn csi(rest: &[u8], alt: KeyModifiers, before: usize) -> Step {
    // The Linux console's F1 to F5.
    if rest.first() == Some(&b'[') {
        return match rest.get(1) {
            None => Step::Unfinished,
            Some(letter @ b'A'..=b'E') => {
                Step::Taken(before + 2, Some(key(KeyCode::F(letter - b'A' + 1), alt)))
            }
            Some(_) => Step::Taken(before + 2, None),
        };
    }
    // A mouse report of a terminal without mode 1006: three bytes follow, each plus 32.
    if rest.first() == Some(&b'M') {
        let Some(report) = rest.get(1..4) else { return Step::Unfinished };
        let [button, column, row] =
            [report[0], report[1], report[2]].map(|byte| u32::from(byte.saturating_sub(32)));
        return Step::Taken(before + 4, sequence::mouse(button, (column, row)));
    }
    let Some(end) = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte)) else {
        return Step::Unfinished;
    };
    let count = before + end + 1;
    match rest[end] {
        b'~' if &rest[..end] == b"200" => Step::Paste(count),
        // A sequence interrupted by another starts again there.
        0x1b => Step::Taken(count - 1, None),
        last => Step::Taken(count, sequence::csi(&rest[..end], last, alt)),
    }
}

/// Parses the replies OSC and DCS, up to BEL or ST. They are never text; any other control code
/// shows that it was no reply.
fn string(bytes: &[u8]) -> Step {
    for at in 2..bytes.len() {
        match bytes[at] {
            0x07 => return Step::Taken(at + 1, reply(&bytes[1..at])),
            0x1b => match bytes.get(at + 1) {
                Some(b'\\') => return Step::Taken(at + 2, reply(&bytes[1..at])),
                Some(_) => return Step::Taken(at, None),
                None => return Step::Unfinished,
            },
            byte if byte.is_ascii_control() => return Step::Taken(at, None),
            _ => {}
        }
    }
    Step::Unfinished
}

fn reply(body: &[u8]) -> Option<Incoming> {
    if body.starts_with(ANSWER) {
        return ClipboardPart::parse(body).map(Incoming::Clipboard);
    }
    let colour = body.strip_prefix(b"]11;")?;
    sequence::ground(std::str::from_utf8(colour).ok()?)
        .map(|ground| Incoming::Reply(TerminalReply::Background(ground)))
}

/// Parses a control code or character: its bytes and its key. `None` while a character is
/// incomplete.
fn plain(bytes: &[u8]) -> Option<(usize, Option<KeyCode>, KeyModifiers)> {
    let control = |letter: u8| (1, Some(KeyCode::Char(char::from(letter))), KeyModifiers::CONTROL);
    let bare = |code| (1, Some(code), KeyModifiers::NONE);
    Some(match bytes.first()? {
        b'\r' => bare(KeyCode::Enter),
        b'\t' => bare(KeyCode::Tab),
        0x7f => bare(KeyCode::Backspace),
        0 => control(b' '),
        byte @ 1..=0x1a => control(byte - 1 + b'a'),
        byte @ 0x1c..=0x1f => control(byte - 0x1c + b'\\'),
        byte => {
            let length = match byte {
                0xc0..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf7 => 4,
                _ => 1,
            };
            let whole = bytes.get(..length)?;
            match std::str::from_utf8(whole).ok().and_then(|text| text.chars().next()) {
                Some(c) => (length, Some(KeyCode::Char(c)), shift_of(c)),
                None => (1, None, KeyModifiers::NONE),
            }
        }
    })
}

pub(super) fn character(c: char, modifiers: KeyModifiers) -> Incoming {
    key(KeyCode::Char(c), modifiers | shift_of(c))
}

fn shift_of(c: char) -> KeyModifiers {
    if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE }
}

pub(super) fn key(code: KeyCode, modifiers: KeyModifiers) -> Incoming {
    Incoming::Key(KeyEvent::new(code, modifiers))
}

#[cfg(test)]
mod tests;
