//! Texts that mean the same in other characters: typographic signs, odd blanks, letters whose
//! accent is a character of its own, escapes.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The characters that count as the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    LineEnds,
    /// And typographic quotes, dashes and blanks, taken for the plain ones; a letter and its
    /// accents are one character where there is one.
    LookAlikes,
}

/// A folded text that knows where each of its bytes came from.
#[derive(Debug)]
pub struct Flat {
    pub text: String,
    /// The origin of each byte of `text`, and of its end.
    origins: Vec<u32>,
}

impl Flat {
    /// Texts of less than 4 GiB.
    pub fn new(text: &str, folding: Folding) -> Self {
        let mut flat = Self {
            text: String::with_capacity(text.len()),
            origins: Vec::with_capacity(text.len() + 1),
        };
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c == '\r' && text[at + 1..].starts_with('\n') {
                continue;
            }
            // The end of a line begins where its `\r` stands.
            let origin = if c == '\n' && text[..at].ends_with('\r') { at - 1 } else { at };
            match folding {
                Folding::LineEnds => flat.text.push(c),
                Folding::LookAlikes => match plain(c) {
                    Some(same) => flat.text.push_str(same),
                    None => {
                        let mut end = at + c.len_utf8();
                        while let Some((_, mark)) = chars.next_if(|(_, c)| is_mark(*c)) {
                            end += mark.len_utf8();
                        }
                        flat.text.extend(text[at..end].nfc());
                    }
                },
            }
            flat.origins.resize(flat.text.len(), origin as u32);
        }
        flat.origins.push(text.len() as u32);
        flat
    }

    /// Where a part of the folded text stands in the original; `None` when it begins or ends within
    /// one character of it.
    pub fn origin(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let whole = |at: usize| at == 0 || self.origins.get(at) != self.origins.get(at - 1);
        let (start, end) = (*self.origins.get(part.start)?, *self.origins.get(part.end)?);
        (whole(part.start) && whole(part.end)).then_some(start as usize..end as usize)
    }
}

/// A text with plain characters in the place of those that look like them, and composed letters
/// (NFC).
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match plain(c) {
            Some(same) => folded.push_str(same),
            None => folded.push(c),
        }
    }
    Cow::Owned(folded.nfc().collect())
}

fn is_mark(c: char) -> bool {
    !c.is_ascii() && is_combining_mark(c)
}

/// A text with its escapes resolved, as if it had been escaped once too often; `None` when it has
/// none.
pub fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut found = false;
    while let Some(c) = chars.next() {
        let meant = match (c, chars.peek()) {
            ('\\', Some('n')) => Some('\n'),
            ('\\', Some('t')) => Some('\t'),
            ('\\', Some('r')) => Some('\r'),
            ('\\', Some(same @ ('"' | '\'' | '`' | '\\'))) => Some(*same),
            _ => None,
        };
        if meant.is_some() {
            chars.next();
            found = true;
        }
        plain.push(meant.unwrap_or(c));
    }
    found.then_some(plain)
}

fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2035}' => "'",
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{2036}' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => "-",
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{2026}' => "...",
        _ => return None,
    })
}
