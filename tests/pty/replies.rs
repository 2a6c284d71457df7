//! A terminal's replies to queries; some terminals never reply.

use super::sequences::Sequence;

/// The replies by kind; `None` does not reply.
#[derive(Clone, Debug, Default)]
pub struct Replies {
    /// DA1: the text after `CSI ?`, such as `62;22`.
    attributes: Option<&'static str>,
    /// OSC 11, red, green and blue.
    background: Option<(u8, u8, u8)>,
    /// `CSI ? u`: the terminal supports the kitty keyboard protocol.
    kitty: Option<u32>,
}

impl Replies {
    /// A terminal, or a multiplexer, that swallows every query.
    pub fn silent() -> Self {
        Self::default()
    }

    /// Device attributes and a black background, no kitty keyboard.
    pub fn xterm() -> Self {
        Self {
            attributes: Some("64;1;2;6;9;15;16;17;18;21;22;28"),
            background: Some((0, 0, 0)),
            kitty: None,
        }
    }

    /// All replies.
    pub fn kitty() -> Self {
        Self { kitty: Some(0), attributes: Some("62;52"), ..Self::xterm() }
    }

    pub fn with_background(mut self, red: u8, green: u8, blue: u8) -> Self {
        self.background = Some((red, green, blue));
        self
    }

    /// The reply to a sequence, if it is a query with one. `cursor` is the row and the column,
    /// counted from 0.
    pub fn answer(&self, sequence: &Sequence, cursor: (u16, u16)) -> Option<String> {
        match sequence {
            Sequence::Csi { mark: None, parameters, last: b'c', .. }
                if parameters.iter().all(|number| *number == 0) =>
            {
                self.attributes.map(|attributes| format!("\x1b[?{attributes}c"))
            }
            Sequence::Csi { mark: None, parameters, last: b'n', .. } if *parameters == [6] => {
                self.attributes.map(|_| format!("\x1b[{};{}R", cursor.0 + 1, cursor.1 + 1))
            }
            Sequence::Csi { mark: Some(b'?'), parameters, last: b'u', .. }
                if parameters.is_empty() =>
            {
                self.kitty.map(|flags| format!("\x1b[?{flags}u"))
            }
            Sequence::Osc(text) if text == "11;?" => self
                .background
                .map(|(red, green, blue)| format!("\x1b]11;{}\x1b\\", rgb(red, green, blue))),
            Sequence::Osc(text) if text == "10;?" => self
                .background
                .map(|(red, green, blue)| format!("\x1b]10;{}\x1b\\", rgb(!red, !green, !blue))),
            _ => None,
        }
    }
}

/// Each part with 16 bits, as xterm gives it.
fn rgb(red: u8, green: u8, blue: u8) -> String {
    format!("rgb:{red:02x}{red:02x}/{green:02x}{green:02x}/{blue:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::super::sequences::Sequences;
    use super::*;

    #[test]
    fn each_kind_of_terminal_answers_what_it_knows() {
        let questions = "\x1b[c\x1b[0c\x1b[6n\x1b[?u\x1b]11;?\x07\x1b]10;?\x1b\\";
        let answers = |replies: Replies| -> Vec<String> {
            Sequences::default()
                .feed(questions.as_bytes())
                .iter()
                .filter_map(|question| replies.answer(question, (4, 9)))
                .collect()
        };
        assert_eq!(answers(Replies::silent()), Vec::<String>::new());
        let light = answers(Replies::kitty().with_background(0xff, 0xfe, 0xe0));
        assert_eq!(
            light,
            [
                "\x1b[?62;52c",
                "\x1b[?62;52c",
                "\x1b[5;10R",
                "\x1b[?0u",
                "\x1b]11;rgb:ffff/fefe/e0e0\x1b\\",
                "\x1b]10;rgb:0000/0101/1f1f\x1b\\"
            ]
        );
        assert_eq!(answers(Replies::xterm()).len(), 5);
    }
}
