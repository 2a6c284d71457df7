//! The words that a search looks for: plain text, never a pattern. Without a capital letter in
//! them, capitals make no difference (smart case).

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem::Finder;
use unicode_width::UnicodeWidthChar;

/// Words to look for.
#[derive(Debug)]
pub struct Needle {
    words: String,
    case: Case,
    finder: Finder<'static>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Ignored,
    /// The words have a capital letter.
    Sensitive,
}

impl Needle {
    /// Returns `None` for no words at all.
    pub fn new(words: &str) -> Option<Self> {
        let has_capital = words.chars().any(char::is_uppercase);
        let case = if has_capital { Case::Sensitive } else { Case::Ignored };
        let finder = Finder::new(words.as_bytes()).into_owned();
        (!words.is_empty()).then(|| Self { words: words.to_owned(), case, finder })
    }

    pub fn case(&self) -> Case {
        self.case
    }

    /// Whether each text that contains these words contains the others too.
    pub fn narrows(&self, other: &Self) -> bool {
        self.case == other.case && self.words.starts_with(&other.words)
    }

    /// The bytes of each hit in a text that is as [`Needle::view`] returns it. No two overlap.
    pub fn hits<'a>(&'a self, view: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let ranges = self.finder.find_iter(view.as_bytes()).map(|at| at..at + self.words.len());
        ranges.filter(|range| !goes_on(&view[range.end..]))
    }

    /// The text as it is compared; bytes stay where they are.
    pub fn view<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.case {
            Case::Ignored => fold(text),
            Case::Sensitive => Cow::Borrowed(text),
        }
    }
}

/// The text in small letters. A letter whose small form takes other bytes stays as it is, so that
/// positions in both texts are the same.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
    }
    let small = |letter: char| {
        let mut all = letter.to_lowercase();
        match (all.next(), all.next()) {
            (Some(small), None) if small.len_utf8() == letter.len_utf8() => small,
            _ => letter,
        }
    };
    Cow::Owned(text.chars().map(small).collect())
}

/// Whether a text begins with a mark that belongs to the character before it, such as an accent or
/// a joiner: that character is another one then. A variation selector changes only its look.
fn goes_on(text: &str) -> bool {
    let first = text.chars().next().filter(|first| !first.is_ascii());
    first.is_some_and(|first| {
        !('\u{fe00}'..='\u{fe0f}').contains(&first) && first.width() == Some(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &str, text: &str) -> Vec<String> {
        let needle = Needle::new(words).unwrap();
        let view = needle.view(text).into_owned();
        assert_eq!(view.len(), text.len());
        needle.hits(&view).map(|range| text[range].to_owned()).collect()
    }

    #[test]
    fn words_are_plain_text_and_a_capital_letter_in_them_counts() {
        for (words, text, hits) in [
            ("error", "Error, ERROR and error", &["Error", "ERROR", "error"][..]),
            ("Error", "Error, ERROR and error", &["Error"]),
            (".*[(", "a .*[( b .* [(", &[".*[("]),
            ("\\d+$", "1 \\d+$ 2", &["\\d+$"]),
            ("aa", "aaaaa", &["aa", "aa"]),
            ("", "", &[]),
            ("x y", "x  y, x y", &["x y"]),
            ("straße", "STRASSE, Straße", &["Straße"]),
            ("éa", "ÉA éa", &["ÉA", "éa"]),
            ("日本", "日本語", &["日本"]),
            ("i", "İstanbul", &[]),
        ] {
            let found = if words.is_empty() { Vec::new() } else { found(words, text) };
            assert_eq!(found, hits, "{words} in {text}");
        }
        assert!(Needle::new("").is_none());
    }

    #[test]
    fn a_part_of_a_character_is_no_hit() {
        for (words, text, count) in [
            ("e", "e\u{301}", 0),
            ("e\u{301}", "e\u{301}e", 1),
            ("👩", "👩\u{200d}💻 👩", 1),
            ("👍", "👍🏽 👍", 2),
            ("❤", "❤\u{fe0f}", 1),
        ] {
            assert_eq!(found(words, text).len(), count, "{words:?} in {text:?}");
        }
    }

    #[test]
    fn longer_words_narrow_shorter_ones_of_the_same_case() {
        let needle = |words| Needle::new(words).unwrap();
        assert!(needle("err").narrows(&needle("er")) && !needle("er").narrows(&needle("err")));
        assert!(!needle("erR").narrows(&needle("er")));
    }
}
