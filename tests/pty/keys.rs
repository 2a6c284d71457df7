//! Keys as a terminal sends them, by the names in help texts.

/// How ambiguous keys are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// The kitty protocol's first flag: escape, and keys with modifiers, as `CSI … u`.
    Disambiguated,
    Legacy,
}

/// The bytes of a key: `a`, `enter`, `esc`, `up`, `f1`, `ctrl+p`, `shift+enter`, `alt+b`,
/// `ctrl+shift+left`.
pub fn encode(name: &str, encoding: Encoding) -> Vec<u8> {
    let mut parts: Vec<&str> = name.split('+').collect();
    let key = parts.pop().filter(|key| !key.is_empty()).unwrap_or("+");
    let has = |modifier: &str| parts.contains(&modifier);
    let modifiers =
        1 + u32::from(has("shift")) + 2 * u32::from(has("alt")) + 4 * u32::from(has("ctrl"));
    if let Some((letter, last)) = cursor_key(key) {
        return match (modifiers, letter) {
            (1, 0) if key.starts_with('f') => format!("\x1bO{}", last as char),
            (1, 0) => format!("\x1b[{}", last as char),
            (_, 0) => format!("\x1b[1;{modifiers}{}", last as char),
            (1, number) => format!("\x1b[{number}~"),
            (_, number) => format!("\x1b[{number};{modifiers}~"),
        }
        .into_bytes();
    }
    let code = match key {
        "enter" => '\r',
        "tab" => '\t',
        "esc" => '\x1b',
        "backspace" => '\x7f',
        "space" => ' ',
        one if one.chars().count() == 1 => one.chars().next().expect("one character"),
        other => panic!("there is no key `{other}`"),
    };
    let ambiguous = key == "esc"
        || modifiers > 1
            && (modifiers != 2 || matches!(key, "enter" | "tab" | "backspace" | "space"));
    if encoding == Encoding::Disambiguated && ambiguous {
        return if modifiers == 1 {
            format!("\x1b[{}u", code as u32)
        } else {
            format!("\x1b[{};{modifiers}u", code as u32)
        }
        .into_bytes();
    }
    let plain = match code {
        _ if key == "tab" && has("shift") => "\x1b[Z".to_owned(),
        letter if has("ctrl") => {
            char::from(u8::try_from(letter.to_ascii_uppercase()).expect("an ASCII letter") & 0x1f)
                .to_string()
        }
        letter if has("shift") => letter.to_uppercase().to_string(),
        letter => letter.to_string(),
    };
    if has("alt") { format!("\x1b{plain}") } else { plain }.into_bytes()
}

/// Keys of the form `CSI 1 ; m L` (0 and the letter) or `CSI n ; m ~` (the number).
fn cursor_key(key: &str) -> Option<(u32, u8)> {
    Some(match key {
        "up" => (0, b'A'),
        "down" => (0, b'B'),
        "right" => (0, b'C'),
        "left" => (0, b'D'),
        "end" => (0, b'F'),
        "home" => (0, b'H'),
        "insert" => (2, b'~'),
        "delete" => (3, b'~'),
        "pgup" => (5, b'~'),
        "pgdn" => (6, b'~'),
        "f1" => (0, b'P'),
        "f2" => (0, b'Q'),
        "f3" => (0, b'R'),
        "f4" => (0, b'S'),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sent_as_terminals_send_them() {
        use Encoding::{Disambiguated, Legacy};
        for (name, legacy, kitty) in [
            ("a", "a", "a"),
            ("+", "+", "+"),
            ("enter", "\r", "\r"),
            ("shift+enter", "\r", "\x1b[13;2u"),
            ("alt+enter", "\x1b\r", "\x1b[13;3u"),
            ("esc", "\x1b", "\x1b[27u"),
            ("ctrl+c", "\x03", "\x1b[99;5u"),
            ("ctrl+j", "\n", "\x1b[106;5u"),
            ("alt+b", "\x1bb", "\x1b[98;3u"),
            ("shift+a", "A", "A"),
            ("shift+tab", "\x1b[Z", "\x1b[9;2u"),
            ("backspace", "\x7f", "\x7f"),
            ("up", "\x1b[A", "\x1b[A"),
            ("ctrl+shift+left", "\x1b[1;6D", "\x1b[1;6D"),
            ("pgdn", "\x1b[6~", "\x1b[6~"),
            ("ctrl+delete", "\x1b[3;5~", "\x1b[3;5~"),
            ("f1", "\x1bOP", "\x1bOP"),
        ] {
            assert_eq!(String::from_utf8(encode(name, Legacy)).unwrap(), legacy, "{name}");
            assert_eq!(String::from_utf8(encode(name, Disambiguated)).unwrap(), kitty, "{name}");
        }
    }
}
