//! Thoughts at the very start of a text, between `<think>` and `</think>`: models behind servers
//! that do not take them out (MiniMax, local ones).

const OPENS: &str = "<think>";
const CLOSES: &str = "</think>";

/// Splits the text of one answer, piece by piece.
#[derive(Debug, Default)]
pub struct ThoughtTags {
    state: State,
    /// The end of what came, which may be the beginning of a tag.
    held: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    Thinking,
    /// Behind a closing tag, blank lines belong to nothing.
    Closed,
    Text,
}

/// A piece of an answer's text.
#[derive(Debug, PartialEq, Eq)]
pub enum TextPiece {
    Thought(String),
    Text(String),
}

impl ThoughtTags {
    /// Takes the next piece; returns what is certain so far.
    pub fn take(&mut self, piece: &str) -> Vec<TextPiece> {
        if self.state == State::Text {
            return vec![TextPiece::Text(piece.to_owned())];
        }
        self.held.push_str(piece);
        let mut pieces = Vec::new();
        loop {
            match self.state {
                State::Start => {
                    let text = self.held.trim_start();
                    if let Some(rest) = text.strip_prefix(OPENS) {
                        self.held = rest.to_owned();
                        self.state = State::Thinking;
                    } else if OPENS.starts_with(text) {
                        return pieces;
                    } else {
                        self.state = State::Text;
                    }
                }
                State::Thinking => {
                    if let Some((thought, rest)) = self.held.split_once(CLOSES) {
                        pieces.push(TextPiece::Thought(thought.to_owned()));
                        self.held = rest.to_owned();
                        self.state = State::Closed;
                        continue;
                    }
                    let kept = held_back(&self.held, CLOSES);
                    let thought = self.held.drain(..self.held.len() - kept).collect::<String>();
                    if !thought.is_empty() {
                        pieces.push(TextPiece::Thought(thought));
                    }
                    return pieces;
                }
                State::Closed => {
                    self.held = self.held.trim_start().to_owned();
                    if self.held.is_empty() {
                        return pieces;
                    }
                    self.state = State::Text;
                }
                State::Text => {
                    let text = std::mem::take(&mut self.held);
                    if !text.is_empty() {
                        pieces.push(TextPiece::Text(text));
                    }
                    return pieces;
                }
            }
        }
    }

    /// Returns what was held back when the answer ends.
    pub fn rest(&mut self) -> Option<TextPiece> {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return None;
        }
        Some(match self.state {
            State::Thinking => TextPiece::Thought(held),
            State::Start | State::Closed | State::Text => TextPiece::Text(held),
        })
    }
}

/// Bytes at the end of a text that may be the beginning of this tag.
fn held_back(text: &str, tag: &str) -> usize {
    (1..tag.len()).rev().find(|length| text.ends_with(&tag[..*length])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&str]) -> (String, String) {
        let mut tags = ThoughtTags::default();
        let mut taken: Vec<TextPiece> = pieces.iter().flat_map(|piece| tags.take(piece)).collect();
        taken.extend(tags.rest());
        let (mut thoughts, mut texts) = (String::new(), String::new());
        for piece in taken {
            match piece {
                TextPiece::Thought(text) => thoughts.push_str(&text),
                TextPiece::Text(text) => texts.push_str(&text),
            }
        }
        (thoughts, texts)
    }

    #[test]
    fn thoughts_are_split_off_at_the_very_start_alone_wherever_pieces_end() {
        for (text, thought, answer) in [
            ("<think>a</think>b", "a", "b"),
            ("\n<think>\na b</think>\n\nc", "\na b", "c"),
            ("say <think>a</think>", "", "say <think>a</think>"),
            ("<thin", "", "<thin"),
            ("<think>never closed", "never closed", ""),
            ("a<b", "", "a<b"),
            ("", "", ""),
            ("<think>é</thin k></think>ü", "é</thin k>", "ü"),
        ] {
            let letters: Vec<String> = text.chars().map(|c| c.to_string()).collect();
            let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
            for pieces in [&[text][..], &letters] {
                assert_eq!(split(pieces), (thought.into(), answer.into()), "{pieces:?}");
            }
        }
    }
}
