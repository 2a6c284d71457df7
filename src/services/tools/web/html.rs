//! HTML as Markdown or as plain text, in one pass over its tags: however deep they nest, nothing
//! here does.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use url::{Position, Url};

use super::writer::{TextForm, TextMark, TextWriter};

/// Elements whose contents are not what a page says.
const DROPPED: [&str; 18] = [
    "audio", "button", "canvas", "datalist", "dialog", "embed", "iframe", "math", "nav",
    "noscript", "object", "script", "select", "style", "svg", "template", "textarea", "video",
];
/// Where the page itself begins, though something dropped was never closed.
const RESUMING: [&str; 4] = ["article", "body", "h1", "main"];
/// Elements without contents, which have no end tag.
const EMPTY: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Elements set apart by an empty line.
const PARAGRAPHS: [&str; 11] = [
    "article", "aside", "details", "dl", "figure", "footer", "form", "header", "main", "p",
    "section",
];
/// Elements that begin a line.
const LINES: [&str; 14] = [
    "address",
    "body",
    "caption",
    "center",
    "dd",
    "div",
    "dt",
    "fieldset",
    "figcaption",
    "hgroup",
    "label",
    "legend",
    "option",
    "summary",
];
const LONGEST: usize = 2048;

/// The title and the text of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SpokenText {
    pub title: String,
    pub text: String,
}

/// The words of a page. Links become absolute; scripts, styles, navigation and what is hidden are
/// left out.
pub fn convert(html: &str, base: &Url, form: TextForm) -> SpokenText {
    let mut page = HtmlPage {
        base,
        writer: TextWriter::new(form),
        tag: Tag::default(),
        dropped: None,
        title: None,
    };
    let mut emitter =
        CallbackEmitter::new(|event: CallbackEvent<'_>, _span: Span<()>| page.take(event));
    emitter.naively_switch_states(true);
    // The first answer is that there is no room for more.
    let _full = Tokenizer::new_with_emitter(html, emitter).next();
    let title = page.title.unwrap_or_default();
    SpokenText {
        title: title.split_whitespace().collect::<Vec<_>>().join(" "),
        text: page.writer.end(),
    }
}

struct HtmlPage<'a> {
    base: &'a Url,
    writer: TextWriter,
    tag: Tag,
    /// The element that is being left out, and how many of its name are open.
    dropped: Option<(String, u32)>,
    title: Option<String>,
}

/// A start tag, with the attributes that mean something here.
#[derive(Debug, Default)]
struct Tag {
    name: String,
    attribute: String,
    alt: String,
    class: String,
    href: Option<String>,
    source: Option<String>,
    start: String,
    hidden: Hidden,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Hidden {
    #[default]
    No,
    Yes,
}

struct Full;

impl HtmlPage<'_> {
    fn take(&mut self, event: CallbackEvent<'_>) -> Option<Full> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Tag { name: text(name), ..Tag::default() }
            }
            CallbackEvent::AttributeName { name } => {
                self.tag.attribute = text(name);
                if self.tag.attribute == "hidden" {
                    self.tag.hidden = Hidden::Yes;
                }
            }
            CallbackEvent::AttributeValue { value } => self.tag.set(value),
            CallbackEvent::CloseStartTag { self_closing } => {
                let tag = std::mem::take(&mut self.tag);
                self.open(tag, self_closing);
            }
            CallbackEvent::EndTag { name } => self.close(&text(name)),
            CallbackEvent::String { value } => self.words(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
        self.writer.is_full().then_some(Full)
    }

    fn open(&mut self, tag: Tag, self_closing: bool) {
        let name = tag.name.as_str();
        match &mut self.dropped {
            Some((dropped, open)) if dropped == name => *open += u32::from(!self_closing),
            Some(_) if !RESUMING.contains(&name) => {}
            _ => {
                let is_empty = self_closing || EMPTY.contains(&name);
                self.dropped = (!is_empty
                    && (DROPPED.contains(&name) || tag.hidden == Hidden::Yes))
                    .then(|| (name.to_owned(), 1));
                if self.dropped.is_none() {
                    self.begin(&tag);
                }
            }
        }
    }

    fn begin(&mut self, tag: &Tag) {
        let writer = &mut self.writer;
        match tag.name.as_str() {
            "a" => writer.link(tag.href.as_deref().and_then(|href| address(self.base, href))),
            "b" | "strong" => writer.mark(TextMark::Strong),
            "blockquote" => writer.quote(),
            "br" => writer.line(),
            "code" | "kbd" | "samp" | "tt" if writer.is_preformatted() => {
                writer.language(language(&tag.class))
            }
            "code" | "kbd" | "samp" | "tt" => writer.mark(TextMark::Code),
            "em" | "i" => writer.mark(TextMark::Emphasis),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                writer.heading(usize::from(tag.name.as_bytes()[1] - b'0'))
            }
            "hr" => writer.rule(),
            "img" if !tag.alt.trim().is_empty() => {
                writer.picture(
                    &tag.alt,
                    tag.source.as_deref().and_then(|source| address(self.base, source)).as_deref(),
                );
            }
            "li" => writer.item(),
            "ol" => writer.list(Some(tag.start.trim().parse().unwrap_or(1))),
            "pre" => {
                writer.preformatted();
                writer.language(language(&tag.class));
            }
            "table" => writer.table(),
            "td" => writer.cell(),
            "th" => writer.head_cell(),
            "title" if self.title.is_none() => self.title = Some(String::new()),
            "tr" => writer.row(),
            "ul" | "menu" => writer.list(None),
            name if PARAGRAPHS.contains(&name) => writer.block(),
            name if LINES.contains(&name) => writer.line(),
            _ => {}
        }
        if tag.name == "title" {
            // Its words are kept apart; there is one of a page, others belong to drawings.
            self.dropped = Some((tag.name.clone(), 1));
        }
    }

    fn close(&mut self, name: &str) {
        if let Some((dropped, open)) = &mut self.dropped {
            if dropped == name {
                *open -= 1;
                if *open == 0 {
                    self.dropped = None;
                }
            }
            return;
        }
        let writer = &mut self.writer;
        match name {
            "a" => writer.end_link(),
            "b" | "strong" => writer.end_mark(TextMark::Strong),
            "blockquote" => writer.end_quote(),
            "code" | "kbd" | "samp" | "tt" => writer.end_mark(TextMark::Code),
            "em" | "i" => writer.end_mark(TextMark::Emphasis),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => writer.end_heading(),
            "li" => writer.end_item(),
            "ol" | "ul" | "menu" => writer.end_list(),
            "pre" => writer.end_preformatted(),
            "table" => writer.end_table(),
            "tr" => writer.end_row(),
            _ if PARAGRAPHS.contains(&name) => writer.block(),
            _ if LINES.contains(&name) => writer.line(),
            _ => {}
        }
    }

    fn words(&mut self, text: &str) {
        match (&self.dropped, &mut self.title) {
            (None, _) => self.writer.text(text),
            (Some((dropped, _)), Some(title)) if dropped == "title" && title.is_empty() => {
                text.chars().take(LONGEST).collect::<String>().clone_into(title)
            }
            _ => {}
        }
    }
}

impl Tag {
    fn set(&mut self, value: &[u8]) {
        let value = || text(&value[..value.len().min(LONGEST)]);
        match self.attribute.as_str() {
            "alt" => self.alt = value(),
            "aria-hidden" if value() == "true" => self.hidden = Hidden::Yes,
            "class" => self.class = value(),
            "href" => self.href = Some(value()),
            "role" if matches!(value().as_str(), "navigation" | "search" | "menu" | "menubar") => {
                self.hidden = Hidden::Yes
            }
            "src" => self.source = Some(value()),
            "start" => self.start = value(),
            _ => {}
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Where a link leads, if that is somewhere else than on the page.
fn address(base: &Url, href: &str) -> Option<String> {
    let url =
        base.join(href).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "mailto"))?;
    if url.fragment().is_some() && url[..Position::AfterQuery] == base[..Position::AfterQuery] {
        return None;
    }
    Some(String::from(url)).filter(|url| url.len() <= LONGEST)
}

/// `rust` of `highlight language-rust`.
fn language(class: &str) -> &str {
    let word = class
        .split_whitespace()
        .find_map(|word| word.strip_prefix("language-").or_else(|| word.strip_prefix("lang-")));
    word.filter(|word| {
        word.len() <= 20 && word.chars().all(|c| c.is_ascii_alphanumeric() || "+-#_".contains(c))
    })
    .unwrap_or_default()
}
