//! Texts in a call's arguments, which are JSON as a model wrote it: perhaps broken, unfinished, or
//! no JSON at all.

use std::iter::Peekable;
use std::str::Chars;

/// Bytes of the arguments that are read.
const MOST: usize = 64 << 10;

/// The text members of the outermost object, in order.
pub fn texts(arguments: &str) -> impl Iterator<Item = (String, String)> {
    let end = arguments
        .char_indices()
        .map(|(at, _)| at)
        .find(|at| *at >= MOST)
        .unwrap_or(arguments.len());
    let mut letters = arguments[..end].chars().peekable();
    let mut open = skip_blanks(&mut letters) == Some('{');
    letters.next();
    std::iter::from_fn(move || {
        while open {
            let key = (skip_blanks(&mut letters) == Some('"')).then(|| text(&mut letters));
            let value = if skip_blanks(&mut letters) == Some(':') { key } else { None };
            let Some(key) = value else { break };
            letters.next();
            let found = (skip_blanks(&mut letters) == Some('"')).then(|| text(&mut letters));
            open = skip_value(&mut letters);
            if let Some(value) = found {
                return Some((key, value));
            }
        }
        None
    })
}

fn skip_blanks(letters: &mut Peekable<Chars<'_>>) -> Option<char> {
    while letters.next_if(|letter| letter.is_ascii_whitespace()).is_some() {}
    letters.peek().copied()
}

/// Skips to the next member of the outermost object; returns whether there is one.
fn skip_value(letters: &mut Peekable<Chars<'_>>) -> bool {
    let mut depth = 0_usize;
    while let Some(letter) = letters.peek() {
        match letter {
            '"' => {
                text(letters);
                continue;
            }
            '{' | '[' => depth += 1,
            '}' | ']' if depth == 0 => return false,
            '}' | ']' => depth -= 1,
            ',' if depth == 0 => {
                letters.next();
                return true;
            }
            _ => {}
        }
        letters.next();
    }
    false
}

/// Reads a string to its end, or to the end of input.
fn text(letters: &mut Peekable<Chars<'_>>) -> String {
    letters.next();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => text.extend(escaped(letters)),
            plain => text.push(plain),
        }
    }
    text
}

fn escaped(letters: &mut Peekable<Chars<'_>>) -> Option<char> {
    let letter = match letters.next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => return Some(unicode(letters)),
        other => other,
    };
    Some(letter)
}

/// Reads `\u2028`, or a pair of surrogates.
fn unicode(letters: &mut Peekable<Chars<'_>>) -> char {
    let first = four_digits(letters);
    let mut ahead = letters.clone();
    if (0xd800..0xdc00).contains(&first) && ahead.next() == Some('\\') && ahead.next() == Some('u')
    {
        let second = four_digits(&mut ahead);
        if (0xdc00..0xe000).contains(&second) {
            *letters = ahead;
            return char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
                .unwrap_or('�');
        }
    }
    char::from_u32(first).unwrap_or('�')
}

fn four_digits(letters: &mut Peekable<Chars<'_>>) -> u32 {
    (0..4)
        .map_while(|_| letters.next_if(char::is_ascii_hexdigit)?.to_digit(16))
        .fold(0, |sum, digit| sum * 16 + digit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_found_whatever_stands_around_them() {
        for (arguments, found) in [
            (r#"{"filePath":"src/main.rs","limit":5}"#, "filePath=src/main.rs"),
            (r#" { "limit" : 5 , "path" : "a" }"#, "path=a"),
            (r#"{"deep":{"a":"x","b":["}","]",1]},"list":[{"c":"d"}],"e":"f"}"#, "e=f"),
            (r#"{"a":"one\n\"two\" \\ \/ \t","b":"c"}"#, "a=one\n\"two\" \\ / \t|b=c"),
            (r#"{"a":"\u00e9\ud83d\ude00\ud83dx\u12"}"#, "a=é😀�x\u{12}"),
            (r#"{"a":"unfinis"#, "a=unfinis"),
            (r#"{"a":"\"#, "a="),
            (r#"{"a"#, ""),
            (r#"{"a":"b" "c":"d"}"#, "a=b"),
            ("{}", ""),
            ("", ""),
            (r#"["a","b"]"#, ""),
            ("*** Begin Patch", ""),
        ] {
            let texts: Vec<_> =
                texts(arguments).map(|(key, value)| format!("{key}={value}")).collect();
            assert_eq!(texts.join("|"), found, "{arguments}");
        }
    }

    proptest! {
        #[test]
        fn any_text_survives(value in any::<String>()) {
            let escape = |letter: char| match letter {
                '"' | '\\' => format!("\\{letter}"),
                ' '..='~' => letter.to_string(),
                wide => wide.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
            };
            let quoted = format!("\"{}\"", value.chars().map(escape).collect::<String>());
            let written = format!("{{\"n\":[{quoted}], \"command\":{quoted}}}");
            let read: Vec<_> = texts(&written).collect();
            prop_assert_eq!(read, [("command".to_owned(), value)]);
        }

        #[test]
        fn nothing_breaks_it(arguments in r#"[{}\[\]":,\\ua1 é]{0,60}"#) {
            prop_assert!(texts(&arguments).count() <= arguments.len());
        }
    }
}
