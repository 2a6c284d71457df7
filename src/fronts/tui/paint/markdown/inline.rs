//! Inline text: emphasis, code, links, breaks.

use std::borrow::Cow;
use std::sync::Arc;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::addresses;
use crate::base::text::clean_line;
use crate::tui::paint::wrap::Span;
use crate::tui::paint::{Emphasis, Ink, Role};
use crate::tui::terminal::is_address;

/// Collects the spans of one paragraph, heading or cell.
#[derive(Debug, Default)]
pub(super) struct InlineLayout {
    spans: Vec<Span<'static>>,
    inks: Vec<Ink>,
    links: Vec<Link>,
}

#[derive(Debug)]
struct Link {
    address: String,
    first_span: usize,
    /// The address; empty if a browser must not open it.
    target: Arc<str>,
}

impl InlineLayout {
    pub fn push_ink(&mut self, ink: Ink) {
        self.inks.push(ink);
    }

    pub fn pop_ink(&mut self) {
        self.inks.pop();
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Returns all spans; addresses in the text become links.
    pub fn take(&mut self) -> Vec<Span<'static>> {
        let spans = std::mem::take(&mut self.spans);
        spans.into_iter().flat_map(addresses::linked).collect()
    }

    pub fn text(&mut self, text: &str, ink: Ink) {
        let link = self.links.last().map(|link| link.target.clone());
        self.linked_text(text, ink, link);
    }

    fn linked_text(&mut self, text: &str, ink: Ink, link: Option<Arc<str>>) {
        let text = clean_line(text);
        match self.spans.last_mut() {
            Some(last) if last.ink == ink && last.link == link => {
                last.text.to_mut().push_str(&text)
            }
            _ => self.spans.push(Span { text: Cow::Owned(text.into_owned()), ink, link }),
        }
    }

    /// Handles an inline event; returns whether it was one.
    pub fn take_event(&mut self, event: &Event<'_>) {
        match event {
            Event::Text(text) => self.text(text, self.ink()),
            Event::Code(code) => self.text(code, Ink::new(Role::Code, self.ink().emphasis)),
            Event::InlineHtml(html) if is_break(html) => self.feed(),
            Event::Html(html) | Event::InlineHtml(html) => self.text(html, Role::Dim.into()),
            Event::SoftBreak => self.text(" ", self.ink()),
            Event::HardBreak => self.feed(),
            Event::TaskListMarker(done) => {
                self.text(if *done { "[x] " } else { "[ ] " }, Role::Accent.into())
            }
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(*end),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(text, self.ink())
            }
            Event::Rule => {}
        }
    }

    pub fn ink(&self) -> Ink {
        self.inks.last().copied().unwrap_or_default()
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Emphasis => self.inks.push(self.ink().with(Emphasis::ITALIC)),
            Tag::Strong => self.inks.push(self.ink().bold()),
            Tag::Strikethrough => self.inks.push(self.ink().with(Emphasis::STRIKE)),
            Tag::Link { dest_url, .. } => self.open(dest_url),
            Tag::Image { dest_url, .. } => {
                self.text("image: ", Role::Dim.into());
                self.open(dest_url);
            }
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => self.pop_ink(),
            TagEnd::Link | TagEnd::Image => self.close(),
            _ => {}
        }
    }

    fn open(&mut self, address: &CowStr<'_>) {
        let target = Arc::from(if is_address(address) { &**address } else { "" });
        let (address, first_span) = (clean_line(address).into_owned(), self.spans.len());
        self.links.push(Link { address, first_span, target });
        self.inks.push(Ink::new(Role::Link, self.ink().emphasis));
    }

    /// Ends a link; its address follows in brackets unless the text contains it.
    fn close(&mut self) {
        self.pop_ink();
        let Some(link) = self.links.pop() else { return };
        let shown: String =
            self.spans.iter().skip(link.first_span).map(|span| &*span.text).collect();
        let bare = |text: &str| text.trim_start_matches("mailto:").trim_end_matches('/').to_owned();
        if link.address.is_empty() || bare(&shown) == bare(&link.address) {
            return;
        }
        if shown.is_empty() {
            return self.linked_text(&link.address, Role::Link.into(), Some(link.target));
        }
        self.text(" (", Role::Dim.into());
        self.linked_text(&link.address, Role::Dim.into(), Some(link.target));
        self.text(")", Role::Dim.into());
    }

    fn feed(&mut self) {
        let ink = self.ink();
        self.spans.push(Span::new("\n", ink));
    }
}

fn is_break(html: &str) -> bool {
    matches!(html.trim().to_ascii_lowercase().as_str(), "<br>" | "<br/>" | "<br />")
}
