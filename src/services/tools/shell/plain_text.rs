//! Terminal output as plain text: no escapes, only the last state of a line that was drawn again
//! and again.

use std::iter::Peekable;
use std::str::Chars;

use crate::base::text::clean;

/// The text without escapes, with the last state of each line.
pub fn plain(bytes: &[u8]) -> String {
    let text = without_escapes(&String::from_utf8_lossy(bytes));
    let mut plain = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let drawn = line.trim_end_matches(['\n', '\r']);
        let last = drawn.rsplit('\r').find(|part| !part.is_empty()).unwrap_or_default();
        plain.push_str(last);
        plain.push_str(end);
    }
    clean(&erased(plain)).into_owned()
}

/// Backspaces take away what is before them, as in bold letters and spinners.
fn erased(text: String) -> String {
    if !text.contains('\u{8}') {
        return text;
    }
    let mut left = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{8}' if !left.ends_with('\n') => drop(left.pop()),
            '\u{8}' => {}
            _ => left.push(c),
        }
    }
    left
}

/// ECMA-48: control sequences, strings (titles, links, images) and the short escapes.
fn without_escapes(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_sequence(&mut chars),
            _ => left.push(c),
        }
    }
    left
}

fn skip_escape(chars: &mut Peekable<Chars<'_>>) {
    match chars.next_if(|c| !c.is_control()) {
        Some('[') => skip_sequence(chars),
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(chars),
        // A character set and the like: bytes between, then a last one.
        Some(' '..='/') => {
            while chars.next_if(|c| matches!(c, ' '..='/')).is_some() {}
            let _last = chars.next_if(|c| matches!(c, '0'..='~'));
        }
        Some(_) | None => {}
    }
}

fn skip_sequence(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| matches!(c, ' '..='?')).is_some() {}
    let _last = chars.next_if(|c| matches!(c, '@'..='~'));
}

/// Up to its end (a bell, or an escape and a backslash); one that has none ends with its line, so
/// that it swallows no more than that.
fn skip_string(chars: &mut Peekable<Chars<'_>>) {
    while let Some(c) = chars.next_if(|c| *c != '\n') {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                let _backslash = chars.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_gone() {
        for (written, wanted) in [
            ("plain\ttext\n", "plain\ttext\n"),
            ("\x1b[1;31mred\x1b[0m", "red"),
            ("\x1b]0;title\x07text", "text"),
            ("\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1b]0;never ends\nnext", "\nnext"),
            ("\x1b(Ba\x1b7b\x1b=c", "abc"),
            ("\x1bPq#0;2\x1b\\x", "x"),
            ("cut\x1b[", "cut"),
            ("cut\x1b", "cut"),
            ("\u{9b}31mx", "x"),
            ("10%\r20%\r100%\ndone", "100%\ndone"),
            ("10%\r20%\r", "20%"),
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\u{8}ab\u{8}bc", "abc"),
            ("\n\u{8}x", "\nx"),
            ("\x1b[2K\rline\x1b[1A", "line"),
            ("bell\x07", "bell␇"),
            ("nul\0", "nul␀"),
            ("e\u{202e}vil", "evil"),
        ] {
            assert_eq!(plain(written.as_bytes()), wanted, "{written:?}");
        }
        assert_eq!(plain(b"a\xffb"), "a\u{fffd}b");
    }

    proptest::proptest! {
        #[test]
        fn nothing_of_it_can_act(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let text = plain(&bytes);
            proptest::prop_assert!(!text.chars().any(|c| c.is_control() && !"\n\t".contains(c)), "{text:?}");
        }
    }
}
