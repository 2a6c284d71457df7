//! The text of a page's bytes, by what the server, the page or its first bytes say of the encoding.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Where a page may name its encoding.
const HEAD: usize = 2048;

/// The encoding is named by a byte order mark, else by the server, else by the page; else it is
/// UTF-8 where that fits, and Latin where it does not. What cannot be decoded becomes `�`.
pub fn decode(kind: &str, body: &[u8]) -> String {
    let named = after(kind.as_bytes(), b"charset=")
        .or_else(|| after(&body[..body.len().min(HEAD)], b"charset="));
    let fallback = if std::str::from_utf8(body).is_ok() { UTF_8 } else { WINDOWS_1252 };
    // Looks at the mark first, which is right more often than anything that is said.
    let (text, _used, _had_faults) =
        named.and_then(Encoding::for_label).unwrap_or(fallback).decode(body);
    text.into_owned()
}

/// The word that follows a key, whatever quotes stand around it.
fn after<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let at = text.windows(key.len()).position(|part| part.eq_ignore_ascii_case(key))?;
    let rest = &text[at + key.len()..];
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:.".contains(byte))
        .unwrap_or(rest.len());
    Some(&rest[..end]).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_found_wherever_it_is_named() {
        for (kind, body, text) in [
            ("text/html; charset=utf-8", "ä€".as_bytes(), "ä€"),
            ("text/html", "ä€".as_bytes(), "ä€"),
            ("text/html", b"caf\xe9", "café"),
            ("text/html; charset=ISO-8859-15", b"\xa4", "€"),
            ("text/html; Charset=\"koi8-r\"", b"\xc4\xc1", "да"),
            ("text/html", b"<meta charset=shift_jis>\x93\xfa", "<meta charset=shift_jis>日"),
            (
                "text/html",
                b"<META http-equiv=x content='text/html; charset=gbk'>\xc4\xe3",
                "<META http-equiv=x content='text/html; charset=gbk'>你",
            ),
            ("text/plain; charset=latin1", b"\xef\xbb\xbf\xc3\xa4", "ä"),
            ("text/plain", b"\xff\xfea\0b\0", "ab"),
            ("text/plain; charset=utf-16be", b"\0a\0b", "ab"),
            ("text/plain; charset=nonsense", b"a\xe4", "aä"),
            ("text/plain; charset=", b"a", "a"),
            ("text/plain; charset=utf-8", b"a\xe4", "a\u{fffd}"),
        ] {
            assert_eq!(decode(kind, body), text, "{kind} {body:?}");
        }
    }
}
