//! Literal text for somebody who has to approve it: blanks cannot hide text, and lookalike letters
//! are marked.

use super::lookalike::lookalikes;
use super::reveal;

/// More blanks in a row are counted instead, because they push text out of sight.
const BLANKS: usize = 40;

/// The line with nothing hidden in it, for clients that show text alone.
pub fn literal(line: &str) -> String {
    let shown = closed(&reveal(line));
    let (mut marked, mut from) = (String::with_capacity(shown.len()), 0);
    for (at, letter) in lookalikes(&shown) {
        let end = at + letter.len_utf8();
        marked.push_str(&shown[from..end]);
        marked.push_str(&format!("<{}>", code_point(letter)));
        from = end;
    }
    marked + &shown[from..]
}

/// Whether the line shows nothing.
pub fn is_blank(line: &str) -> bool {
    line.chars().all(is_space)
}

/// The line with long runs of blanks replaced by their count.
pub fn closed(line: &str) -> String {
    let mut closed = String::with_capacity(line.len().min(4096));
    let mut rest = line;
    while let Some(at) = rest.find(is_space) {
        let (text, from) = rest.split_at(at);
        let run = from.find(|c| !is_space(c)).unwrap_or(from.len());
        let count = from[..run].chars().count();
        closed.push_str(text);
        if count > BLANKS {
            closed.push_str(&format!(" <{count} blanks> "));
        } else {
            closed.push_str(&from[..run]);
        }
        rest = &from[run..];
    }
    closed + rest
}

/// Whether a character is or looks like a blank.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// `U+0456`
pub fn code_point(letter: char) -> String {
    format!("U+{:04X}", u32::from(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_hidden_in_a_literal_line() {
        let hidden = format!("ls{}rm -rf x", " ".repeat(300));
        assert_eq!(literal(&hidden), "ls <300 blanks> rm -rf x");
        assert_eq!(literal("c\u{430}t \u{1b}[2K"), "c\u{430}<U+0430>t ␛[2K");
    }
}
