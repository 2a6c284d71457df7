//! From the terminal's bytes to keys, pastes and replies, however the bytes are split. Does not know threads or clocks.
//!
//! crossterm's own reader would type a background-colour reply (OSC 11) into the composer and hides the others, hence this one.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::input::{Incoming, Reply};
use super::sequence;

/// Keeps what is not whole yet.
#[derive(Debug, Default)]
pub(super) struct Parser {
    pending: Vec<u8>,
    /// The paste that is coming in, as far as it came.
    paste: Option<Vec<u8>>,
}

/// What is being waited for, once all bytes so far are parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// A lone escape, or one with a letter that could begin a sequence: after a while it is a key.
    Escape,
    /// Nothing that time could settle.
    Nothing,
}

enum Step {
    /// So many bytes were something, perhaps of no interest.
    Taken(usize, Option<Incoming>),
    Paste(usize),
    Unfinished,
}

const PASTE_END: &[u8] = b"\x1b[201~";

/// Sequences longer than this are thrown away.
const MOST: usize = 4096;

impl Parser {
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
                // What follows a paste's beginning belongs to it.
                std::mem::take(&mut self.pending)
            };
        }
    }

    pub fn waiting(&self) -> Waiting {
        match self.pending.as_slice() {
            [0x1b] | [0x1b, 0x1b] => Waiting::Escape,
            [0x1b, letter] if letter.is_ascii_graphic() => Waiting::Escape,
            _ => Waiting::Nothing,
        }
    }

    /// No more came in time: a lone escape is the key, an escape and a letter are alt and the letter.
    pub fn settle(&mut self, send: &mut impl FnMut(Incoming)) {
        let pending = std::mem::take(&mut self.pending);
        match pending.as_slice() {
            [0x1b] => send(key(KeyCode::Esc, KeyModifiers::NONE)),
            [0x1b, 0x1b] => {
                send(key(KeyCode::Esc, KeyModifiers::NONE));
                send(key(KeyCode::Esc, KeyModifiers::NONE));
            }
            [0x1b, letter] if letter.is_ascii_graphic() => send(character(char::from(*letter), KeyModifiers::ALT)),
            _ => self.pending = pending,
        }
    }

    /// Parses all that is whole, up to the beginning of a paste; leaves the rest pending.
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
        if self.pending.len() > MOST && self.paste.is_none() {
            self.pending.clear();
        }
    }

    /// Collects a paste up to its end, and answers what follows the end.
    fn feed_paste(&mut self, bytes: &[u8], send: &mut impl FnMut(Incoming)) -> Option<Vec<u8>> {
        let mut paste = self.paste.take()?;
        // The end may be split: look a little way back, and no further, so that a big paste costs what it weighs.
        let from = paste.len().saturating_sub(PASTE_END.len());
        paste.extend_from_slice(bytes);
        let Some(end) = paste[from..].windows(PASTE_END.len()).position(|window| window == PASTE_END) else {
            self.paste = Some(paste);
            return None;
        };
        let rest = paste.split_off(from + end + PASTE_END.len());
        paste.truncate(from + end);
        send(Incoming::Paste(String::from_utf8_lossy(&paste).into_owned()));
        Some(rest)
    }
}

/// Takes one thing from the front of some bytes.
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
        [0x1b, b']', b'0'..=b'9', ..] | [0x1b, b'P', b'0'..=b'9' | b'>' | b'!', ..] => string(bytes),
        [0x1b, 0x1b, b'[', rest @ ..] => csi(rest, KeyModifiers::ALT, 3),
        [0x1b, 0x1b] => Step::Unfinished,
        [0x1b, 0x1b, ..] => Step::Taken(1, Some(key(KeyCode::Esc, KeyModifiers::NONE))),
        [0x1b, rest @ ..] => match plain(rest) {
            Some((count, code, modifiers)) => Step::Taken(count + 1, code.map(|code| key(code, modifiers | KeyModifiers::ALT))),
            None => Step::Unfinished,
        },
        _ => match plain(bytes) {
            Some((count, code, modifiers)) => Step::Taken(count, code.map(|code| key(code, modifiers))),
            None => Step::Unfinished,
        },
    }
}

/// ECMA-48 5.4: parameters, intermediates and a final byte. `before` bytes stand before `rest`.
fn csi(rest: &[u8], alt: KeyModifiers, before: usize) -> Step {
    // The Linux console's F1 to F5.
    if rest.first() == Some(&b'[') {
        return match rest.get(1) {
            None => Step::Unfinished,
            Some(letter @ b'A'..=b'E') => Step::Taken(before + 2, Some(key(KeyCode::F(letter - b'A' + 1), alt))),
            Some(_) => Step::Taken(before + 2, None),
        };
    }
    let Some(end) = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte)) else { return Step::Unfinished };
    let count = before + end + 1;
    match rest[end] {
        b'~' if &rest[..end] == b"200" => Step::Paste(count),
        // A sequence broken off by another begins anew there.
        0x1b => Step::Taken(count - 1, None),
        last => Step::Taken(count, sequence::csi(&rest[..end], last, alt)),
    }
}

/// The replies OSC and DCS: up to BEL or ST. None of them is ever text; another control code says that it was not one after all.
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
    let colour = body.strip_prefix(b"]11;")?;
    sequence::ground(std::str::from_utf8(colour).ok()?).map(|ground| Incoming::Reply(Reply::Background(ground)))
}

/// A control code or a character: how many bytes, and which key. `None` while the character is not whole.
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tui::paint::Ground;

    fn parse(chunks: &[&[u8]]) -> Vec<Incoming> {
        let mut parser = Parser::default();
        let mut seen = Vec::new();
        for chunk in chunks {
            parser.feed(chunk, &mut |incoming| seen.push(incoming));
        }
        parser.settle(&mut |incoming| seen.push(incoming));
        seen
    }

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Incoming {
        key(code, modifiers)
    }

    #[test]
    fn keys_are_what_terminals_send_for_them() {
        use KeyCode::*;
        const NONE: KeyModifiers = KeyModifiers::NONE;
        const CTRL: KeyModifiers = KeyModifiers::CONTROL;
        const ALT: KeyModifiers = KeyModifiers::ALT;
        const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
        let cases: [(&[u8], KeyCode, KeyModifiers); 38] = [
            (b"a", Char('a'), NONE),
            (b"A", Char('A'), SHIFT),
            ("é".as_bytes(), Char('é'), NONE),
            ("👍".as_bytes(), Char('👍'), NONE),
            (b"\r", Enter, NONE),
            (b"\n", Char('j'), CTRL),
            (b"\t", Tab, NONE),
            (b"\x7f", Backspace, NONE),
            (b"\x1b\x7f", Backspace, ALT),
            (b"\x03", Char('c'), CTRL),
            (b"\x1f", Char('_'), CTRL),
            (b"\0", Char(' '), CTRL),
            (b"\x1b", Esc, NONE),
            (b"\x1bb", Char('b'), ALT),
            (b"\x1b[", Char('['), ALT),
            (b"\x1b]", Char(']'), ALT),
            (b"\x1bO", Char('O'), ALT | SHIFT),
            (b"\x1b\r", Enter, ALT),
            (b"\x1b[A", Up, NONE),
            (b"\x1bOB", Down, NONE),
            (b"\x1b[1;5C", Right, CTRL),
            (b"\x1b[1;3D", Left, ALT),
            (b"\x1b\x1b[D", Left, ALT),
            (b"\x1b[H", Home, NONE),
            (b"\x1b[4~", End, NONE),
            (b"\x1b[3~", Delete, NONE),
            (b"\x1b[3;5~", Delete, CTRL),
            (b"\x1b[5~", PageUp, NONE),
            (b"\x1b[Z", BackTab, SHIFT),
            (b"\x1bOP", F(1), NONE),
            (b"\x1b[[A", F(1), NONE),
            (b"\x1b[24~", F(12), NONE),
            (b"\x1b[13;2u", Enter, SHIFT),
            (b"\x1b[27u", Esc, NONE),
            (b"\x1b[99;5u", Char('c'), CTRL),
            (b"\x1b[9;2u", BackTab, SHIFT),
            (b"\x1b[27;2;13~", Enter, SHIFT),
            (b"\x1b[57414u", Enter, NONE),
        ];
        for (bytes, code, modifiers) in cases {
            assert_eq!(parse(&[bytes]), [press(code, modifiers)], "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn replies_are_never_typed() {
        let dark = Incoming::Reply(Reply::Background(Ground::Dark));
        let light = Incoming::Reply(Reply::Background(Ground::Light));
        let cases: [(&[u8], Vec<Incoming>); 9] = [
            (b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", vec![dark.clone()]),
            (b"\x1b]11;rgb:ff/ff/ff\x07", vec![light]),
            (b"\x1b]11;nonsense\x07", vec![]),
            (b"\x1b]10;rgb:ff/ff/ff\x07", vec![]),
            (b"\x1b[?0u", vec![Incoming::Reply(Reply::KittyKeys)]),
            (b"\x1b[?62;22c", vec![Incoming::Reply(Reply::Done)]),
            (b"\x1bP>|term 1.2\x1b\\", vec![]),
            (b"\x1b[?2026;2$y", vec![]),
            (b"\x1b[97;1:3u", vec![]),
        ];
        for (bytes, expected) in cases {
            assert_eq!(parse(&[bytes]), expected, "{:?}", String::from_utf8_lossy(bytes));
            let mut around = b"a".to_vec();
            around.extend_from_slice(bytes);
            around.push(b'b');
            let mut all = vec![press(KeyCode::Char('a'), KeyModifiers::NONE)];
            all.extend(expected);
            all.push(press(KeyCode::Char('b'), KeyModifiers::NONE));
            assert_eq!(parse(&[&around]), all);
        }
        assert_eq!(parse(&[b"\x1b]11;rgb:0/0/0"]), []);
        assert_eq!(parse(&[b"\x1b]11;rgb:0000/0000/0000", b"\x1b", b"\\"]), [dark]);
    }

    #[test]
    fn keys_that_look_like_the_beginning_of_a_reply_do_not_swallow_others() {
        let enter = press(KeyCode::Enter, KeyModifiers::NONE);
        assert_eq!(parse(&[b"\x1b]a\r"]), [character(']', KeyModifiers::ALT), character('a', KeyModifiers::NONE), enter.clone()]);
        assert_eq!(parse(&[b"\x1b]1\r"]), [enter]);
        assert_eq!(parse(&[b"\x1bX"]), [character('X', KeyModifiers::ALT)]);
    }

    #[test]
    fn a_paste_is_one_event_and_nothing_in_it_is_a_key() {
        let pasted = |text: &str| Incoming::Paste(text.to_owned());
        assert_eq!(parse(&[b"\x1b[200~one\rtwo\x03\x1b[A\x1b[201~"]), [pasted("one\rtwo\x03\x1b[A")]);
        assert_eq!(parse(&[b"\x1b[200~\x1b[201~\x1b[200~x\x1b[201~"]), [pasted(""), pasted("x")]);
        assert_eq!(parse(&[b"\x1b[200~one\x1b[20", b"1~z"]), [pasted("one"), press(KeyCode::Char('z'), KeyModifiers::NONE)]);
    }

    #[test]
    fn focus_comes_and_goes() {
        assert_eq!(parse(&[b"\x1b[I\x1b[O"]), [Incoming::FocusGained, Incoming::FocusLost]);
    }

    #[test]
    fn only_a_lone_escape_waits_for_time() {
        let mut parser = Parser::default();
        for (bytes, waiting) in
            [(&b"\x1b"[..], Waiting::Escape), (b"[", Waiting::Escape), (b"1", Waiting::Nothing), (b";5C", Waiting::Nothing)]
        {
            parser.feed(bytes, &mut |_| {});
            assert_eq!(parser.waiting(), waiting);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn splitting_the_bytes_changes_nothing(cuts in prop::collection::vec(0_usize..140, 0..12)) {
            let bytes = "aé\x1b[1;5C\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\👍\x1b[200~pa\x1b[ste\x1b[201~\x1b[?1u\x1b[?62c\x1bOP\x1b\x1b[D\x1bx\x1b[13;2u\r".as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(parse(&chunks), parse(&[bytes]));
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            parse(&[&bytes]);
        }
    }
}
