//! Phrases for counts, sizes and lists.

pub use crate::base::text::grouped;

/// A number of bytes as a person reads it: `512 bytes`, `12.3 KB`, `4.0 GB` (1 KB = 1024 bytes).
pub fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    if bytes < 1024 {
        return count(bytes, "byte");
    }
    for unit in ["KB", "MB", "GB"] {
        value /= 1024.0;
        if value < 1024.0 {
            return format!("{value:.1} {unit}");
        }
    }
    format!("{:.1} TB", value / 1024.0)
}

/// `1 file`, `12,345 files`, `2 matches`, `3 entries`, `4 days`.
pub fn count(number: u64, noun: &str) -> String {
    let stem = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    match (number, stem) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{} {stem}ies", grouped(number)),
        _ if noun.ends_with("ch") => format!("{} {noun}es", grouped(number)),
        _ => format!("{} {noun}s", grouped(number)),
    }
}

/// Joins words: `a, b and c`; empty for none.
pub fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// At most `limit` characters of a text, with `…` at the cut; line breaks become spaces.
pub fn shorten(text: &str, limit: usize) -> String {
    let mut chars = text.chars();
    let mut short: String =
        chars.by_ref().take(limit).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// The last character boundary at or before `limit` bytes.
pub fn boundary(text: &str, limit: usize) -> usize {
    (0..=limit.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_person_writes_them() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1,023 bytes"),
            (1024, "1.0 KB"),
            (12_595, "12.3 KB"),
            (5 << 20, "5.0 MB"),
            (10 << 30, "10.0 GB"),
            (2 << 40, "2.0 TB"),
        ] {
            assert_eq!(size(bytes), words);
        }
        for (number, noun, words) in [
            (1, "file", "1 file"),
            (0, "match", "0 matches"),
            (2_000, "entry", "2,000 entries"),
            (1_234_567, "line", "1,234,567 lines"),
        ] {
            assert_eq!(count(number, noun), words);
        }
    }

    #[test]
    fn a_cut_text_says_so_and_stays_on_one_line() {
        assert_eq!(shorten("a\nb", 9), "a b");
        assert_eq!(shorten("äöü", 3), "äöü");
        assert_eq!(shorten("äöüx", 3), "äöü…");
    }
}
