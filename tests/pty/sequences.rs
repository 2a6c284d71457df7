//! Parsing control sequences out of a stream of bytes, however it is cut (ECMA-48).

/// The limit for the text of a sequence.
const LONGEST: usize = 4096;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sequence {
    /// `CSI`: the mark before the parameters (`?`, `>`, `<`, `=`), the parameters, the bytes after
    /// them, the last byte.
    Csi { mark: Option<u8>, parameters: Vec<u32>, between: Vec<u8>, last: u8 },
    /// `ESC` and one byte.
    Escape(u8),
    /// `OSC`: the text up to its end.
    Osc(String),
}

#[derive(Debug, Default)]
pub struct Sequences {
    state: State,
    text: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    Csi,
    Escape,
    Osc,
    /// An `ESC` within a text: the next byte tells whether the text ends.
    OscEscape,
    #[default]
    Plain,
    /// DCS, APC, PM and SOS: skipped up to their end.
    Skipped,
    SkippedEscape,
}

impl Sequences {
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Sequence> {
        bytes.iter().filter_map(|byte| self.step(*byte)).collect()
    }

    fn step(&mut self, byte: u8) -> Option<Sequence> {
        let (next, found) = match (self.state, byte) {
            (State::Plain, 0x1b) => (State::Escape, None),
            (State::Plain, _) => (State::Plain, None),
            (State::Escape, b'[') => (State::Csi, None),
            (State::Escape, b']') => (State::Osc, None),
            (State::Escape, b'P' | b'X' | b'^' | b'_') => (State::Skipped, None),
            (State::Escape, _) => (State::Plain, Some(Sequence::Escape(byte))),
            (State::Csi, 0x40..=0x7e) => (State::Plain, Some(csi(&self.text, byte))),
            (State::Osc, 0x07) | (State::OscEscape, b'\\') => (
                State::Plain,
                Some(Sequence::Osc(String::from_utf8_lossy(&self.text).into_owned())),
            ),
            (State::Osc, 0x1b) => (State::OscEscape, None),
            (State::OscEscape, _) => (State::Osc, None),
            (State::Skipped, 0x07) | (State::SkippedEscape, b'\\') => (State::Plain, None),
            (State::Skipped, 0x1b) => (State::SkippedEscape, None),
            (State::SkippedEscape, _) => (State::Skipped, None),
            (State::Csi | State::Osc | State::Skipped, _) => {
                if self.text.len() < LONGEST {
                    self.text.push(byte);
                }
                (self.state, None)
            }
        };
        if next != self.state && matches!(next, State::Plain | State::Escape) {
            self.text.clear();
        }
        self.state = next;
        found
    }
}

fn csi(text: &[u8], last: u8) -> Sequence {
    let mark = text.first().copied().filter(|byte| (b'<'..=b'?').contains(byte));
    let parameters = text
        .iter()
        .skip(usize::from(mark.is_some()))
        .take_while(|byte| (b'0'..=b';').contains(byte))
        .copied();
    let parameters = String::from_utf8_lossy(&parameters.collect::<Vec<_>>()).into_owned();
    let numbers = parameters.split(';').filter(|_| !parameters.is_empty());
    Sequence::Csi {
        mark,
        parameters: numbers
            .map(|number| number.split(':').next().unwrap_or_default().parse().unwrap_or(0))
            .collect(),
        between: text.iter().copied().filter(|byte| (0x20..=0x2f).contains(byte)).collect(),
        last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_the_same_wherever_the_stream_is_cut() {
        let stream = b"a\x1b[?1049;25h\x1b[>1u\x1b]11;?\x1b\\\x1b=\x1b[ q\x1b]0;t\x07\x1bPskip\x1b[1m\x1b\\\x1b[4:3;1mz";
        let csi = |mark: Option<u8>, parameters: &[u32], between: &[u8], last: u8| Sequence::Csi {
            mark,
            parameters: parameters.to_vec(),
            between: between.to_vec(),
            last,
        };
        let wanted = [
            csi(Some(b'?'), &[1049, 25], b"", b'h'),
            csi(Some(b'>'), &[1], b"", b'u'),
            Sequence::Osc("11;?".to_owned()),
            Sequence::Escape(b'='),
            csi(None, &[], b" ", b'q'),
            Sequence::Osc("0;t".to_owned()),
            csi(None, &[4, 1], b"", b'm'),
        ];
        for at in 0..stream.len() {
            let mut sequences = Sequences::default();
            let mut found = sequences.feed(&stream[..at]);
            found.extend(sequences.feed(&stream[at..]));
            assert_eq!(found, wanted, "cut at {at}");
        }
    }
}
