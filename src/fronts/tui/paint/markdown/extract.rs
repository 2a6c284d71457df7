//! A Markdown text as its words alone, without marks, and its code blocks.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::segments::options;
use crate::base::text::clean;
use crate::tui::paint::wrap::expand_tabs;

/// A code block as it was written, without its fences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenCode {
    /// The word behind the opening fence; empty if there is none.
    pub language: String,
    pub code: String,
}

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

/// The code blocks in their order.
pub fn code_blocks(source: &str) -> Vec<WrittenCode> {
    let mut blocks = Vec::new();
    let mut open: Option<WrittenCode> = None;
    for event in Parser::new_ext(source, options()) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info,
                    CodeBlockKind::Indented => "",
                };
                let language = info.split([' ', ',', '{', '\t']).next().unwrap_or_default();
                open = Some(WrittenCode { language: language.to_owned(), code: String::new() });
            }
            Event::Text(text) => {
                if let Some(block) = &mut open {
                    block.code.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                blocks.extend(open.take().filter(|block| !block.code.trim().is_empty()));
            }
            _ => {}
        }
    }
    blocks
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

    #[test]
    fn code_blocks_are_what_stands_between_the_fences() {
        let source = "a\n\n```rust,ignore\nfn main() {}\n```\n\n- b\n\n  ~~~\n  x\n\n  y\n  ~~~\n\n```\n\n```\n\n    z\n";
        let code = |language: &str, code: &str| WrittenCode {
            language: language.to_owned(),
            code: code.to_owned(),
        };
        assert_eq!(
            code_blocks(source),
            [code("rust", "fn main() {}\n"), code("", "x\n\ny\n"), code("", "z\n")]
        );
        assert_eq!(code_blocks("no code, but `some`"), []);
    }
}
