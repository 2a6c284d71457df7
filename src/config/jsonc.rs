//! JSON with comments and trailing commas as plain JSON of the same length: what is left out becomes blanks. Checks nothing else.

/// Every place stays where it was, so that errors name the right one.
pub fn plain(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    // Where a comma stands that nothing has followed yet.
    let mut comma = None;
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('"', _) => {
                comma = None;
                plain.push('"');
                while let Some(letter) = letters.next() {
                    plain.push(letter);
                    match letter {
                        '\\' => plain.extend(letters.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            ('/', Some('/')) => {
                plain.push(' ');
                while let Some(letter) = letters.next_if(|letter| *letter != '\n') {
                    blank(letter, &mut plain);
                }
            }
            ('/', Some('*')) => {
                plain.push(' ');
                plain.extend(letters.next().map(|_star| ' '));
                let mut before = ' ';
                for letter in letters.by_ref() {
                    blank(letter, &mut plain);
                    if (before, letter) == ('*', '/') {
                        break;
                    }
                    before = letter;
                }
            }
            (',', _) => {
                comma = Some(plain.len());
                plain.push(',');
            }
            ('}' | ']', _) => {
                if let Some(at) = comma.take() {
                    plain.replace_range(at..=at, " ");
                }
                plain.push(letter);
            }
            _ => {
                if !letter.is_whitespace() {
                    comma = None;
                }
                plain.push(letter);
            }
        }
    }
    plain
}

/// As many bytes, so that offsets hold; lines stay lines.
fn blank(letter: char, plain: &mut String) {
    match letter {
        '\n' => plain.push('\n'),
        _ => plain.extend(std::iter::repeat_n(' ', letter.len_utf8())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn comments_and_last_commas_become_blanks_and_text_stays() {
        for (text, expected) in [
            ("{\"a\": 1, // b\n}", "{\"a\": 1      \n}"),
            ("{/* é\n*/\"a\": [1, 2, ], }", "{     \n  \"a\": [1, 2  ]  }"),
            ("{\"//\": \"/* , } \\\" , ]\"}", "{\"//\": \"/* , } \\\" , ]\"}"),
            ("[1,,]", "[1, ]"),
            ("{} /* no end", "{}          "),
            ("\"no end", "\"no end"),
            ("\"\\", "\"\\"),
            ("/", "/"),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_keeps_its_length_and_its_lines(text in any::<String>()) {
            let text = text.trim_start_matches('\u{feff}');
            let plain = plain(text);
            prop_assert_eq!(plain.len(), text.len());
            prop_assert_eq!(plain.matches('\n').count(), text.matches('\n').count());
        }

        #[test]
        fn plain_json_stays_as_it_is(key in any::<String>(), number in any::<i32>()) {
            let json = serde_json::json!({ key: [number, null, { "a": "," }] }).to_string();
            prop_assert_eq!(plain(&json), json);
        }
    }
}
