//! Text for a terminal: cleaned of control codes, measured and cut by grapheme.

pub(super) mod lines;
pub(super) mod literal;
pub(super) mod lookalike;
pub mod phrases;
#[cfg(any(test, debug_assertions))]
pub mod roff;
pub(super) mod spelling;

use std::borrow::Cow;

use jsonc_parser::ParseOptions;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// JSON with comments and trailing commas, and nothing else.
pub const JSONC: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Makes text from a model, a file or a server safe to print. Line feeds and tabs stay (`\r\n` and
/// `\r` become `\n`). Other control codes and escapes become their Unicode pictures (`␛`), C1 codes
/// and stray joiners `�`. Characters that only reorder or hide text (bidi controls, zero-width
/// spaces, tag characters) are dropped. Joiners and variation selectors of an emoji stay.
///
/// Borrows if there is nothing to change, which is the usual case.
pub fn clean(text: &str) -> Cow<'_, str> {
    match text.char_indices().find(|(_, c)| is_suspect(*c)) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(scrub(text, at)),
    }
}

/// Like [`clean`], for a single line: line feeds and tabs become spaces.
pub fn clean_line(text: &str) -> Cow<'_, str> {
    let cleaned = clean(text);
    if cleaned.contains(['\n', '\t']) {
        Cow::Owned(cleaned.replace(['\n', '\t'], " "))
    } else {
        cleaned
    }
}

/// Shows a line that somebody has to approve, with every control or invisible character written out
/// (`␛`, `␍`, `<U+202E>`). Tabs stay.
pub fn reveal(line: &str) -> Cow<'_, str> {
    let plain = |c: char| matches!(c, ' '..='~' | '\t');
    if line.chars().all(plain) {
        return Cow::Borrowed(line);
    }
    let mut shown = String::with_capacity(line.len() + 16);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\u{200d}'
            && shown.chars().next_back().is_some_and(joins_after)
            && rest.peek().copied().is_some_and(joins_before)
        {
            shown.push(c);
            continue;
        }
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

/// Capitalizes a sentence, unless its first word is a path, a variable or no word.
pub fn sentence(text: &str) -> Cow<'_, str> {
    let is_word = text
        .split_whitespace()
        .next()
        .is_some_and(|first| first.chars().all(|c| c.is_alphabetic() || "'’-,".contains(c)));
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if is_word && first.is_lowercase() => {
            Cow::Owned(first.to_uppercase().chain(chars).collect())
        }
        _ => Cow::Borrowed(text),
    }
}

/// The columns that cleaned text without line feeds takes on a terminal.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { graphemes(text).map(grapheme_width).sum() }
}

/// The columns of one grapheme of [`graphemes`]: 0, 1 or 2.
pub fn grapheme_width(grapheme: &str) -> usize {
    if grapheme.len() == 1 { 1 } else { grapheme.width() }
}

/// The characters as a person sees them. A cluster wider than two columns is split, because no
/// terminal draws it as one.
pub fn graphemes(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = first_grapheme(rest)?;
        let (first, more) = rest.split_at(end);
        rest = more;
        Some(first)
    })
}

/// The end of the first of [`graphemes`], in bytes.
fn first_grapheme(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [] => return None,
        // Nothing can join an ASCII letter that another follows.
        [b' '..=b'~'] | [b' '..=b'~', b' '..=b'~', ..] => return Some(1),
        // Nor box-drawing lines (U+2500 to U+257F).
        [0xe2, 0x94 | 0x95, _]
        | [0xe2, 0x94 | 0x95, _, b' '..=b'~', ..]
        | [0xe2, 0x94 | 0x95, _, 0xe2, 0x94 | 0x95, ..] => return Some(3),
        _ => {}
    }
    let cluster = text.graphemes(true).next()?;
    if cluster.len() < 4 || cluster.width() <= 2 {
        return Some(cluster.len());
    }
    Some(
        cluster
            .char_indices()
            .skip(1)
            .find(|(_, c)| c.width() != Some(0))
            .map_or(cluster.len(), |(at, _)| at),
    )
}

/// The text if it fits in `columns`; else its beginning with an ellipsis, at most that wide.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    let (kept, rest) = split_at_width(text, columns);
    if rest.is_empty() {
        return Cow::Borrowed(kept);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let (kept, _) = split_at_width(text, columns - 1);
    Cow::Owned(format!("{kept}…"))
}

/// Cuts a text to `columns` and fills it with spaces.
pub fn pad(text: &str, columns: usize) -> String {
    let mut padded = cut(text, columns).into_owned();
    let missing = columns.saturating_sub(width(&padded));
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}

/// `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// The beginning of a text: at most `bytes` bytes, cut at a character.
pub fn head(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

/// The end of a text: at most `bytes` bytes, cut at a character.
pub fn tail(text: &str, bytes: usize) -> &str {
    let first = text.len().saturating_sub(bytes);
    let begin = (first..=text.len()).find(|&at| text.is_char_boundary(at));
    &text[begin.unwrap_or(text.len())..]
}

/// Splits a text after the longest beginning that fits in `columns`.
pub fn split_at_width(text: &str, columns: usize) -> (&str, &str) {
    if text.len() <= columns && text.is_ascii() {
        return (text, "");
    }
    let mut used = 0;
    let mut at = 0;
    for grapheme in graphemes(text) {
        used += grapheme_width(grapheme);
        if used > columns {
            return text.split_at(at);
        }
        at += grapheme.len();
    }
    (text, "")
}

/// Whether a character may need a change; a quick check that errs on the safe side.
fn is_suspect(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        ' '..='~' => false,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        _ => is_invisible(c) || c == '\u{200d}',
    }
}

fn scrub(text: &str, first: usize) -> String {
    let mut scrubbed = String::with_capacity(text.len() + 16);
    scrubbed.push_str(&text[..first]);
    let mut rest = text[first..].chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' => {
                if rest.peek() == Some(&'\n') {
                    rest.next();
                }
                scrubbed.push('\n');
            }
            '\n' | '\t' => scrubbed.push(c),
            '\0'..='\u{1f}' => scrubbed.push(char::from_u32(0x2400 + c as u32).unwrap_or('�')),
            '\u{7f}' => scrubbed.push('␡'),
            '\u{80}'..='\u{9f}' => scrubbed.push('�'),
            '\u{200d}' => {
                let joins = scrubbed.chars().next_back().is_some_and(joins_after)
                    && rest.peek().copied().is_some_and(joins_before);
                if joins {
                    scrubbed.push(c);
                }
            }
            _ if is_invisible(c) => {}
            _ => scrubbed.push(c),
        }
    }
    scrubbed
}

/// Whether a character takes no column and can hide or reorder its neighbours.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a joiner may follow this character: pictures, and scripts that spell with it.
fn joins_after(c: char) -> bool {
    joins_before(c) || matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

fn joins_before(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{900}'..='\u{dff}' | '\u{600}'..='\u{6ff}')
}

/// Whether the parts of `words`, between ` … `, stand in a text in this order: what a test looks
/// for in a sentence that may be put in other words.
#[cfg(any(test, debug_assertions))]
pub fn says(text: &str, words: &str) -> bool {
    let mut rest = Some(text);
    for part in words.split(" … ") {
        rest = rest.and_then(|rest| rest.split_once(part)).map(|(_, rest)| rest);
    }
    rest.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed_as_it_is() {
        for text in ["", "plain, with\ttabs\nand lines", "åäö 中文 👩‍👩‍👧 é"] {
            assert_eq!(clean(text), text);
        }
        assert!(matches!(clean("plain 中文"), Cow::Borrowed(_)));
    }

    #[test]
    fn nothing_that_could_steer_a_terminal_survives() {
        let cases = [
            ("\x1b]0;title\x07", "␛]0;title␇"),
            ("a\u{9b}31mb", "a�31mb"),
            ("one\r\ntwo\rthree", "one\ntwo\nthree"),
            ("\u{202e}txt.exe\u{2066}", "txt.exe"),
            ("pass\u{200b}word\u{feff}", "password"),
            ("a\u{200d}b", "ab"),
            ("\u{7f}\0", "␡␀"),
            ("tag\u{e0041}\u{e007f}", "tag"),
            ("\u{2028}", ""),
        ];
        for (dirty, expected) in cases {
            assert_eq!(clean(dirty), expected, "{dirty:?}");
            assert!(!clean(dirty).chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        }
    }

    #[test]
    fn nothing_hides_in_what_is_judged() {
        for (line, shown) in [
            ("cargo test", "cargo test"),
            ("a\tb", "a\tb"),
            ("echo \u{1b}[2Kls", "echo ␛[2Kls"),
            ("rm -rf /\rls", "rm -rf /␍ls"),
            ("cat \u{202e}txt.exe", "cat <U+202E>txt.exe"),
            ("a\u{200b}b\u{200d}c", "a<U+200B>b<U+200D>c"),
            ("grüße 日本 👩‍👩‍👧", "grüße 日本 👩‍👩‍👧"),
            ("\u{85}", "�"),
        ] {
            assert_eq!(reveal(line), shown, "{line:?}");
        }
    }

    #[test]
    fn emoji_families_and_flags_keep_their_shape() {
        for emoji in ["👩‍👩‍👧", "🏳️‍🌈", "❤️", "👩🏽‍💻", "🇩🇪"]
        {
            assert_eq!(clean(emoji), emoji);
            assert_eq!(clean(&format!("{emoji}\r")), format!("{emoji}\n"));
            assert_eq!(width(emoji), 2, "{emoji}");
        }
    }

    #[test]
    fn a_line_holds_no_line_feeds_and_no_tabs() {
        assert_eq!(clean_line("a\tb\r\nc"), "a b c");
    }

    #[test]
    fn cutting_never_splits_a_grapheme_nor_exceeds_the_columns() {
        let cases = [
            ("hello", 5, "hello"),
            ("hello", 4, "hel…"),
            ("中文字", 5, "中文…"),
            ("中文字", 4, "中…"),
            ("中", 1, "…"),
            ("abc", 0, ""),
            ("", 3, ""),
        ];
        for (text, columns, expected) in cases {
            assert_eq!(cut(text, columns), expected);
            assert_eq!(width(&pad(text, columns)), columns);
        }
    }

    #[test]
    fn a_cluster_too_wide_for_one_cell_comes_apart() {
        assert_eq!(graphemes("a🏽🏽é").collect::<Vec<_>>(), ["a", "🏽", "🏽", "é"]);
        assert!(graphemes("क्षत्रिय กำ 👩‍👩‍👧 ｶﾞ").all(|grapheme| grapheme_width(grapheme) <= 2));
    }

    #[test]
    fn plain_letters_and_lines_are_parted_as_all_else_is() {
        for text in [
            "plain text",
            "e\u{301}x",
            "─\u{301}─",
            "┌──┐ a│b",
            "a─中",
            "─",
            "x\u{200d}",
            "\r\nab\t",
        ] {
            assert_eq!(
                graphemes(text).collect::<Vec<_>>(),
                text.graphemes(true).collect::<Vec<_>>(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn widths_are_those_of_terminal_cells() {
        for (text, expected) in
            [("abc", 3), ("中文", 4), ("e\u{301}", 1), ("ｶﾞ", 2), ("👍🏽", 2), ("🏽🏽", 4)]
        {
            assert_eq!(width(text), expected, "{text}");
        }
    }
}
