//! Words, marks and blocks as lines of Markdown or plain text.

mod lists;
mod preformatted;
mod tables;

use preformatted::Preformatted;
use tables::HtmlTable;

/// Bytes of a text; there is no room after that.
const LARGEST: usize = 8 << 20;
/// Quotes, lists, tables and marks within each other that are told apart.
const DEEPEST: usize = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextForm {
    Markdown,
    Plain,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextMark {
    Code,
    Emphasis,
    Strong,
}

/// Takes what a page is made of, in its order. Nothing has to be balanced.
#[derive(Debug)]
pub struct TextWriter {
    form: TextForm,
    out: String,
    /// Line feeds to come before the next word.
    feeds: usize,
    /// A blank comes before the next word, where no line feed does.
    blank: bool,
    /// The beginning of the next word's line, inside its surroundings: `- `.
    lead: String,
    /// How many boxes were open when the lead began.
    lead_from: usize,
    /// Level of the heading that the next word begins; 0 for none.
    heading: usize,
    boxes: Vec<Surrounding>,
    spans: Vec<(InlineText, Put)>,
    preformatted: Option<Preformatted>,
    tables: Vec<HtmlTable>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Surrounding {
    /// Columns that its marker takes.
    Item(usize),
    /// With the next number.
    Ordered(u32),
    Quote,
    Unordered,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum InlineText {
    Link(String),
    Mark(TextMark),
}

/// Whether the first half of a span has been written: it waits for a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    No,
    Yes,
}

impl TextWriter {
    pub fn new(form: TextForm) -> Self {
        Self {
            form,
            out: String::new(),
            feeds: 2,
            blank: false,
            lead: String::new(),
            lead_from: 0,
            heading: 0,
            boxes: Vec::new(),
            spans: Vec::new(),
            preformatted: None,
            tables: Vec::new(),
        }
    }

    pub fn is_full(&self) -> bool {
        self.out.len() + self.preformatted.as_ref().map_or(0, |pre| pre.text.len()) > LARGEST
    }

    /// Returns the whole text.
    pub fn end(mut self) -> String {
        let cut = self.is_full();
        self.end_preformatted();
        let mut text = self.out;
        text.truncate(text.trim_end().len());
        if cut {
            text.push_str("\n\n(the page is cut here)");
        }
        text
    }

    pub fn text(&mut self, text: &str) {
        if let Some(pre) = &mut self.preformatted {
            return pre.text.push_str(text);
        }
        self.blank |= text.starts_with(char::is_whitespace);
        for (at, word) in text.split_whitespace().enumerate() {
            self.blank |= at > 0;
            self.word(word);
        }
        self.blank |= text.ends_with(char::is_whitespace);
    }

    /// Begins a new line.
    pub fn line(&mut self) {
        self.feed(1);
    }

    /// Sets the next text apart by an empty line.
    pub fn block(&mut self) {
        self.feed(2);
    }

    pub fn heading(&mut self, level: usize) {
        self.block();
        self.heading = level;
    }

    pub fn end_heading(&mut self) {
        self.heading = 0;
        self.block();
    }

    pub fn rule(&mut self) {
        self.block();
        if self.form == TextForm::Markdown && !self.is_in_row() && !self.is_preformatted() {
            self.word("---");
        }
        self.block();
    }

    pub fn picture(&mut self, alt: &str, source: Option<&str>) {
        let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
        match source {
            Some(source) if self.form == TextForm::Markdown => {
                self.word(&format!("![{alt}]({source})"))
            }
            _ => self.word(&format!("[{alt}]")),
        }
    }

    pub fn mark(&mut self, mark: TextMark) {
        self.begin_span(InlineText::Mark(mark));
    }

    pub fn end_mark(&mut self, mark: TextMark) {
        self.end_span(|span| *span == InlineText::Mark(mark));
    }

    /// A link within a link ends that one.
    pub fn link(&mut self, to: Option<String>) {
        self.end_link();
        if let Some(to) = to {
            self.begin_span(InlineText::Link(to));
        }
    }

    pub fn end_link(&mut self) {
        self.end_span(|span| matches!(span, InlineText::Link(_)));
    }

    fn word(&mut self, word: &str) {
        if let Some(pre) = &mut self.preformatted {
            return pre.text.push_str(word);
        }
        self.flush();
        if self.form == TextForm::Markdown {
            for (span, put) in self.spans.iter_mut().filter(|(_, put)| *put == Put::No) {
                self.out.push_str(match span {
                    InlineText::Link(_) => "[",
                    InlineText::Mark(mark) => mark.sign(),
                });
                *put = Put::Yes;
            }
        }
        self.out.push_str(word);
    }

    fn feed(&mut self, feeds: usize) {
        if let Some(pre) = &mut self.preformatted {
            if !pre.text.ends_with('\n') {
                pre.text.push('\n');
            }
        } else if self.is_in_row() {
            self.blank = true;
        } else if self.lead.is_empty() && self.heading == 0 {
            self.feeds = self.feeds.max(feeds);
        }
    }

    /// Writes what stands between the last word and the next.
    fn flush(&mut self) {
        if self.feeds > 0 {
            let open = if self.lead.is_empty() { self.boxes.len() } else { self.lead_from };
            let prefix: String = self.boxes[..open].iter().map(|at| self.prefix(*at)).collect();
            if !self.out.is_empty() {
                self.out.push('\n');
                if self.feeds > 1 {
                    self.out.push_str(prefix.trim_end());
                    self.out.push('\n');
                }
            }
            self.out.push_str(&prefix);
            self.out.push_str(&std::mem::take(&mut self.lead));
            if self.heading > 0 && self.form == TextForm::Markdown {
                self.out.push_str(&"#".repeat(self.heading));
                self.out.push(' ');
            }
            self.heading = 0;
        } else if self.blank {
            self.out.push(' ');
        }
        (self.feeds, self.blank) = (0, false);
    }

    fn prefix(&self, at: Surrounding) -> String {
        match at {
            Surrounding::Item(columns) => " ".repeat(columns),
            Surrounding::Quote => self.quote_sign().to_owned(),
            Surrounding::Ordered(_) | Surrounding::Unordered => String::new(),
        }
    }

    fn quote_sign(&self) -> &'static str {
        if self.form == TextForm::Markdown { "> " } else { "" }
    }

    fn begin_span(&mut self, span: InlineText) {
        if !self.is_preformatted() && self.spans.len() < DEEPEST {
            self.spans.push((span, Put::No));
        }
    }

    fn end_span(&mut self, is_it: impl Fn(&InlineText) -> bool) {
        let Some(at) = self
            .spans
            .iter()
            .rposition(|(span, _)| is_it(span))
            .filter(|_| !self.is_preformatted())
        else {
            return;
        };
        match self.spans.remove(at) {
            (_, Put::No) => {}
            (InlineText::Link(to), Put::Yes) => self.out.push_str(&format!("]({to})")),
            (InlineText::Mark(mark), Put::Yes) => self.out.push_str(mark.sign()),
        }
    }
}

impl TextMark {
    fn sign(self) -> &'static str {
        match self {
            Self::Code => "`",
            Self::Emphasis => "*",
            Self::Strong => "**",
        }
    }
}
