//! A Markdown text as its words alone, without marks.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::segments::options;
use crate::base::text::clean;
use crate::fronts::tui::paint::wrap::expand_tabs;

/// The words as they are shown, cleaned; blocks and table cells are parted by line feeds.
pub fn plain(source: &str) -> String {
    let mut words = String::with_capacity(source.len());
    let mut links = Vec::new();
    for event in Parser::new_ext(source, options()) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) => words.push_str(&text),
            Event::InlineHtml(text) if text.to_ascii_lowercase().starts_with("<br") => {
                words.push('\n');
            }
            Event::InlineHtml(text) => words.push_str(&text),
            Event::SoftBreak => words.push(' '),
            Event::HardBreak | Event::Rule => words.push('\n'),
            Event::TaskListMarker(done) => words.push_str(if done { "[x] " } else { "[ ] " }),
            Event::Start(Tag::Image { dest_url, .. }) => {
                words.push_str("image: ");
                links.push((dest_url, words.len()));
            }
            Event::Start(Tag::Link { dest_url, .. }) => links.push((dest_url, words.len())),
            Event::End(TagEnd::Link | TagEnd::Image) => {
                // The address follows in brackets unless the text is the address.
                if let Some((address, from)) = links.pop()
                    && words.get(from..) != Some(&*address)
                {
                    words.push_str(&format!(" ({address})"));
                }
            }
            Event::Start(Tag::Item | Tag::CodeBlock(_) | Tag::List(_)) => words.push('\n'),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::TableCell
                | TagEnd::CodeBlock,
            ) => words.push('\n'),
            _ => {}
        }
    }
    let cleaned = clean(&words);
    if cleaned.contains('\t') {
        return cleaned.split_inclusive('\n').map(expand_tabs).collect();
    }
    cleaned.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_as_they_are_read() {
        for (source, words) in [
            ("some **bold** and `code` words", "some bold and code words\n"),
            ("one\ntwo", "one two\n"),
            ("# Head\n\n- a\n- b", "Head\n\n\na\n\nb\n"),
            ("[here](https://example.com)", "here (https://example.com)\n"),
            ("<https://example.com>", "https://example.com\n"),
            ("```rust\n\tlet x;\n```", "\n    let x;\n\n"),
            ("|a|b|\n|-|-|\n|c|d|", "a\nb\nc\nd\n"),
        ] {
            assert_eq!(plain(source), words, "{source}");
        }
    }
}
