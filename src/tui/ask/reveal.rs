//! Text that is to be judged before it is run: nothing in it may hide. Does not know what it is.

use std::borrow::Cow;

use crate::base::text::clean;

/// One line with every letter that acts or hides written out: `␛`, `␍`, `<U+202E>`. Tabs stay.
pub fn reveal(line: &str) -> Cow<'_, str> {
    let plain = |c: char| matches!(c, ' '..='~' | '\t');
    if line.chars().all(plain) {
        return Cow::Borrowed(line);
    }
    let mut shown = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        let mut bytes = [0; 4];
        match &*clean(c.encode_utf8(&mut bytes)) {
            _ if plain(c) => shown.push(c),
            "\n" => shown.push('␍'),
            "" => shown.push_str(&format!("<U+{:04X}>", u32::from(c))),
            cleaned => shown.push_str(cleaned),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_in_a_command() {
        for (line, shown) in [
            ("cargo test", "cargo test"),
            ("a\tb", "a\tb"),
            ("echo \u{1b}[2Kls", "echo ␛[2Kls"),
            ("rm -rf /\rls", "rm -rf /␍ls"),
            ("cat \u{202e}txt.exe", "cat <U+202E>txt.exe"),
            ("a\u{200b}b\u{200d}c", "a<U+200B>b<U+200D>c"),
            ("grüße 日本", "grüße 日本"),
            ("\u{85}", "�"),
        ] {
            assert_eq!(reveal(line), shown, "{line:?}");
        }
    }
}
