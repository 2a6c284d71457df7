//! Addresses in running text that are not marked as links.

use std::ops::Range;
use std::sync::Arc;

use crate::tui::paint::Span;
use crate::tui::terminal::is_address;

/// Splits a span so that each address in it is a link.
pub(super) fn linked(span: Span<'static>) -> Vec<Span<'static>> {
    if span.link.is_some() || !span.text.contains("://") {
        return vec![span];
    }
    let mut parts = Vec::new();
    let mut done = 0;
    while let Some(found) = next(&span.text, done) {
        let part = |range: Range<usize>| Span::new(span.text[range].to_owned(), span.ink);
        if found.start > done {
            parts.push(part(done..found.start));
        }
        let link = Some(Arc::from(&span.text[found.clone()]));
        done = found.end;
        parts.push(Span { link, ..part(found) });
    }
    if done < span.text.len() {
        parts.push(Span::new(span.text[done..].to_owned(), span.ink));
    }
    parts
}

/// The range of the next address, without the punctuation around it.
fn next(text: &str, from: usize) -> Option<Range<usize>> {
    let mut from = from;
    loop {
        let schemes = ["https://", "http://"];
        let start = schemes.iter().filter_map(|scheme| text[from..].find(scheme)).min()? + from;
        let rest = &text[start..];
        let long = rest.find(|c: char| !c.is_ascii_graphic() || "<>\"`".contains(c));
        let mut address = &rest[..long.unwrap_or(rest.len())];
        loop {
            let shorter = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
            // A closing bracket belongs to the address if it was opened in it.
            let closes = |open: char, close: char| {
                shorter.ends_with(close)
                    && shorter.matches(close).count() > shorter.matches(open).count()
            };
            let shorter = match closes('(', ')') || closes('[', ']') || closes('{', '}') {
                true => &shorter[..shorter.len() - 1],
                false => shorter,
            };
            if shorter.len() == address.len() {
                break;
            }
            address = shorter;
        }
        if is_address(address) && address.len() > "https://".len() {
            return Some(start..start + address.len());
        }
        from = start + "http".len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::paint::Role;

    #[test]
    fn addresses_in_a_sentence_are_found_without_its_punctuation() {
        for (text, found) in [
            (
                "see https://a.example/x, or http://b.example.",
                vec!["https://a.example/x", "http://b.example"],
            ),
            (
                "(https://a.example/x_(y)) and [https://b.example]",
                vec!["https://a.example/x_(y)", "https://b.example"],
            ),
            ("https://a.example/?q=1&r=2#top!", vec!["https://a.example/?q=1&r=2#top"]),
            ("**https://a.example/**", vec!["https://a.example/"]),
            ("日本https://a.example/語", vec!["https://a.example/"]),
            ("https:// http:// ftp://a file:///etc javascript://x", vec![]),
            ("https://a\u{202e}b", vec!["https://a"]),
            ("", vec![]),
        ] {
            let parts = linked(Span::new(text.to_owned(), Role::Text));
            let links: Vec<&str> = parts.iter().filter_map(|part| part.link.as_deref()).collect();
            assert_eq!(links, found, "{text}");
            assert_eq!(parts.iter().map(|part| &*part.text).collect::<String>(), text);
        }
    }
}
