//! Words, marks and blocks as lines of Markdown or plain text. Does not know that they come from HTML.

/// Bytes of a text; there is no room after that.
const LARGEST: usize = 8 << 20;
/// Quotes, lists, tables and marks within each other that are told apart.
const DEEPEST: usize = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Markdown,
    Plain,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Code,
    Emphasis,
    Strong,
}

/// Takes what a page is made of, in its order. Nothing has to be balanced.
#[derive(Debug)]
pub struct Writer {
    form: Form,
    out: String,
    /// Line feeds to come before the next word.
    feeds: usize,
    /// A blank comes before the next word, where no line feed does.
    blank: bool,
    /// What the next word's line begins with besides what surrounds it: `- `.
    lead: String,
    /// How many boxes were open when the lead began.
    lead_from: usize,
    /// Level of the heading that the next word begins; 0 for none.
    heading: usize,
    boxes: Vec<Surrounding>,
    spans: Vec<(Inline, Put)>,
    preformatted: Option<Preformatted>,
    tables: Vec<Table>,
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
enum Inline {
    Link(String),
    Mark(Mark),
}

/// Whether the first half of a span has been written: it waits for a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    No,
    Yes,
}

#[derive(Debug, Default)]
struct Preformatted {
    language: String,
    text: String,
}

#[derive(Clone, Copy, Debug)]
struct Table {
    kind: Kind,
    rows: usize,
    /// Of the row that is open.
    cells: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Its first cell is a head.
    Data,
    /// It only says where things stand.
    Layout,
    Unknown,
}

impl Writer {
    pub fn new(form: Form) -> Self {
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

    /// All that was written.
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

    /// What follows begins a new line.
    pub fn line(&mut self) {
        self.feed(1);
    }

    /// What follows is set apart by an empty line.
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
        if self.form == Form::Markdown && !self.is_in_row() && !self.is_preformatted() {
            self.word("---");
        }
        self.block();
    }

    pub fn picture(&mut self, alt: &str, source: Option<&str>) {
        let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
        match source {
            Some(source) if self.form == Form::Markdown => self.word(&format!("![{alt}]({source})")),
            _ => self.word(&format!("[{alt}]")),
        }
    }

    pub fn mark(&mut self, mark: Mark) {
        self.begin_span(Inline::Mark(mark));
    }

    pub fn end_mark(&mut self, mark: Mark) {
        self.end_span(|span| *span == Inline::Mark(mark));
    }

    /// A link within a link ends that one.
    pub fn link(&mut self, to: Option<String>) {
        self.end_link();
        if let Some(to) = to {
            self.begin_span(Inline::Link(to));
        }
    }

    pub fn end_link(&mut self) {
        self.end_span(|span| matches!(span, Inline::Link(_)));
    }

    pub fn quote(&mut self) {
        self.block();
        if !self.lead.is_empty() {
            self.lead.push_str(self.quote_sign());
        }
        self.enter(Surrounding::Quote);
    }

    pub fn end_quote(&mut self) {
        self.leave(|at| at == Surrounding::Quote);
        self.block();
    }

    /// A list, with its first number where it has numbers.
    pub fn list(&mut self, first: Option<u32>) {
        self.feed(if self.is_in_list() { 1 } else { 2 });
        self.enter(first.map_or(Surrounding::Unordered, Surrounding::Ordered));
    }

    pub fn end_list(&mut self) {
        self.leave(is_list);
        self.feed(if self.is_in_list() { 1 } else { 2 });
    }

    pub fn item(&mut self) {
        if let Some(list) = self.boxes.iter().rposition(|at| is_list(*at)) {
            self.shrink(list + 1);
        }
        self.line();
        if self.is_in_row() {
            return;
        }
        let marker = match self.boxes.last_mut() {
            Some(Surrounding::Ordered(number)) => {
                *number = number.saturating_add(1);
                format!("{}. ", number.saturating_sub(1))
            }
            _ => "- ".to_owned(),
        };
        if self.boxes.len() < DEEPEST {
            if self.lead.is_empty() {
                self.lead_from = self.boxes.len();
            }
            self.lead.push_str(&marker);
        }
        self.enter(Surrounding::Item(marker.len()));
    }

    pub fn end_item(&mut self) {
        self.leave(|at| matches!(at, Surrounding::Item(_)));
        self.line();
    }

    pub fn is_preformatted(&self) -> bool {
        self.preformatted.is_some()
    }

    pub fn preformatted(&mut self) {
        if !self.is_in_row() && !self.is_preformatted() {
            self.preformatted = Some(Preformatted::default());
        }
    }

    /// What the preformatted text is written in; empty where that is not known.
    pub fn language(&mut self, language: &str) {
        if let Some(pre) = &mut self.preformatted
            && pre.language.is_empty()
        {
            language.clone_into(&mut pre.language);
        }
    }

    pub fn end_preformatted(&mut self) {
        let Some(Preformatted { language, text }) = self.preformatted.take() else { return };
        let text = text.strip_prefix('\n').unwrap_or(&text).trim_end();
        if !text.is_empty() {
            let fence = if self.form == Form::Markdown { "`".repeat(longest_run(text).max(2) + 1) } else { String::new() };
            let opening = (!fence.is_empty()).then(|| format!("{fence}{language}"));
            let closing = (!fence.is_empty()).then_some(fence.as_str());
            self.block();
            for line in opening.as_deref().into_iter().chain(text.lines()).chain(closing) {
                if self.is_full() {
                    break;
                }
                self.flush();
                self.out.push_str(line);
                self.feeds = 1;
            }
        }
        self.block();
    }

    pub fn table(&mut self) {
        self.block();
        if self.tables.len() < DEEPEST {
            let kind = if self.is_in_row() { Kind::Layout } else { Kind::Unknown };
            self.tables.push(Table { kind, rows: 0, cells: 0 });
        }
    }

    pub fn end_table(&mut self) {
        self.end_row();
        self.tables.pop();
        self.block();
    }

    pub fn row(&mut self) {
        self.end_row();
        self.line();
    }

    pub fn head_cell(&mut self) {
        self.begin_cell(Kind::Data);
    }

    pub fn cell(&mut self) {
        self.begin_cell(Kind::Layout);
    }

    pub fn end_row(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        let (row, kind) = (*table, table.kind);
        table.cells = 0;
        if row.cells == 0 || kind != Kind::Data {
            return self.line();
        }
        table.rows += 1;
        self.out.push_str(" |");
        self.line();
        if row.rows == 0 && self.form == Form::Markdown {
            self.flush();
            self.out.push('|');
            self.out.push_str(&" --- |".repeat(row.cells.min(LARGEST / 64)));
            self.line();
        }
    }

    /// The first cell tells the kind of a table.
    fn begin_cell(&mut self, kind: Kind) {
        let Some(table) = self.tables.last_mut() else { return self.blank = true };
        if table.kind == Kind::Unknown {
            table.kind = kind;
        }
        table.cells += 1;
        let row = *table;
        match (row.kind, row.cells) {
            (Kind::Data, 1) => {
                self.flush();
                self.out.push('|');
            }
            (Kind::Data, _) => self.out.push_str(" |"),
            _ => {}
        }
        self.blank = true;
    }

    fn word(&mut self, word: &str) {
        if let Some(pre) = &mut self.preformatted {
            return pre.text.push_str(word);
        }
        self.flush();
        if self.form == Form::Markdown {
            for (span, put) in self.spans.iter_mut().filter(|(_, put)| *put == Put::No) {
                self.out.push_str(match span {
                    Inline::Link(_) => "[",
                    Inline::Mark(mark) => mark.sign(),
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
            if self.heading > 0 && self.form == Form::Markdown {
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
        if self.form == Form::Markdown { "> " } else { "" }
    }

    fn begin_span(&mut self, span: Inline) {
        if !self.is_preformatted() && self.spans.len() < DEEPEST {
            self.spans.push((span, Put::No));
        }
    }

    fn end_span(&mut self, is_it: impl Fn(&Inline) -> bool) {
        let Some(at) = self.spans.iter().rposition(|(span, _)| is_it(span)).filter(|_| !self.is_preformatted()) else { return };
        match self.spans.remove(at) {
            (_, Put::No) => {}
            (Inline::Link(to), Put::Yes) => self.out.push_str(&format!("]({to})")),
            (Inline::Mark(mark), Put::Yes) => self.out.push_str(mark.sign()),
        }
    }

    fn enter(&mut self, at: Surrounding) {
        if self.boxes.len() < DEEPEST && !self.is_in_row() {
            self.boxes.push(at);
        }
    }

    fn leave(&mut self, is_it: impl Fn(Surrounding) -> bool) {
        if let Some(at) = self.boxes.iter().rposition(|at| is_it(*at)) {
            self.shrink(at);
        }
    }

    /// An item that has no word has no marker either.
    fn shrink(&mut self, boxes: usize) {
        self.boxes.truncate(boxes);
        if boxes <= self.lead_from {
            self.lead.clear();
        }
    }

    fn is_in_list(&self) -> bool {
        self.boxes.iter().any(|at| is_list(*at))
    }

    fn is_in_row(&self) -> bool {
        self.tables.iter().any(|table| table.kind == Kind::Data && table.cells > 0)
    }
}

impl Mark {
    fn sign(self) -> &'static str {
        match self {
            Self::Code => "`",
            Self::Emphasis => "*",
            Self::Strong => "**",
        }
    }
}

fn is_list(at: Surrounding) -> bool {
    matches!(at, Surrounding::Ordered(_) | Surrounding::Unordered)
}

/// The longest row of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}
