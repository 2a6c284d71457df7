//! The help: the keys to begin with, then all commands and keys, from the table of actions; words
//! find their rows.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;

use crate::base::text;
use crate::tui::commands::{ACTIONS, ActionEntry, OTHER_KEYS};
use crate::tui::overlay::DialogReply;
use crate::tui::overlay::scroll::ScrollText;
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Canvas, LaidOutLines, Role, Span};

const KEYS_WIDTH: usize = 24;

/// The keys to begin with, as the tables have them.
const FIRST: [&str; 10] = [
    "enter",
    "shift+enter, ctrl+j",
    "esc",
    "ctrl+c",
    "tab",
    "shift+tab",
    "@",
    "! first",
    "y, a, o, n, r",
    "ctrl+p",
];

const TIERS: [(&str, &str); 4] = [
    (
        "tiers 1 and 2",
        "Writes only to the folder and `sandbox_write`; secrets are covered; of the network only the hosts and ports of `sandbox_network`",
    ),
    (
        "tier 1, in part",
        "The same, but where the network is shared, it is all or nothing; other processes may be seen",
    ),
    (
        "tier 3",
        "The same writes; modes and times outside can be changed; the network is all or nothing",
    ),
    ("tier 4", "Nothing: every command asks"),
];

#[derive(Debug, Default)]
pub struct Help {
    pub(super) scroll: ScrollText,
    opened: Opened,
    /// The words that rows must have; `None` before a search.
    search: Option<String>,
}

/// How it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Opened {
    #[default]
    ByKey,
    /// By `?` in an empty composer: a letter after it shows that a text began.
    ByQuestionMark,
}

impl Help {
    pub fn of_question_mark() -> Self {
        Self { opened: Opened::ByQuestionMark, ..Self::default() }
    }

    /// Whether this key continues a text that began with `?`.
    pub fn may_be_text(&self, key: &KeyEvent) -> bool {
        let searches = self.search.is_some() || key.code == KeyCode::Char('/');
        self.opened == Opened::ByQuestionMark && !searches
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        match (key.code, &mut self.search) {
            (KeyCode::Char('/'), None) => self.search = Some(String::new()),
            (KeyCode::Esc, Some(_)) => self.search = None,
            (KeyCode::Backspace, Some(words)) => drop(words.pop()),
            (KeyCode::Char(letter), Some(words))
                if key.modifiers.difference(KeyModifiers::SHIFT).is_empty() =>
            {
                words.push(letter);
            }
            _ => return self.scroll.key(key),
        }
        self.scroll.to(0);
        DialogReply::stay()
    }

    pub fn draw(&mut self, area: Rect, canvas: &mut Canvas) {
        let width = 76.min(area.width.saturating_sub(6));
        let title = match &self.search {
            None => "Help · / searches".to_owned(),
            Some(words) => format!("Help · search: {words}▏"),
        };
        let lines = lines(width, self.search.as_deref().unwrap_or_default());
        self.scroll.draw(&title, &lines, width, area, canvas);
    }
}

/// The keys of all actions, or those that are commands, with what each does.
fn actions(commands: bool) -> Vec<(String, &'static str)> {
    let row = |entry: &'static ActionEntry| {
        let keys = match (entry.slash, &entry.key) {
            ("", _) => entry.label(),
            (slash, Some(_)) => {
                format!("{}  {}", text::pad(&format!("/{slash}"), 9), entry.label())
            }
            (slash, None) => format!("/{slash}"),
        };
        (keys, entry.title)
    };
    ACTIONS.iter().filter(|entry| entry.slash.is_empty() != commands).map(row).collect()
}

/// The rows that have all the words, under their headings.
fn lines(width: u16, words: &str) -> LaidOutLines {
    let others = OTHER_KEYS.iter().map(|(keys, what)| ((*keys).to_owned(), *what));
    let keys: Vec<(String, &str)> = actions(false).into_iter().chain(others).collect();
    let place = |keys: &str| FIRST.iter().position(|first| *first == keys);
    let (mut first, rest): (Vec<_>, Vec<_>) =
        keys.into_iter().partition(|(keys, _)| place(keys).is_some());
    first.sort_by_key(|(keys, _)| place(keys));
    let tiers = TIERS.map(|(tier, what)| (tier.to_owned(), what)).to_vec();
    let words: Vec<String> = words.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut lines = LaidOutLines::new();
    for (heading, rows) in [
        ("To begin with", first),
        ("Commands", actions(true)),
        ("Other keys", rest),
        ("What the sandbox holds (`/status` shows the tier)", tiers),
    ] {
        let has_words = |(keys, what): &&(String, &str)| {
            let hay = format!("{keys} {what}").to_lowercase();
            words.iter().all(|word| hay.contains(word))
        };
        let found: Vec<_> = rows.iter().filter(has_words).collect();
        if found.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.end_row();
        }
        lines.push_row(heading, Role::Heading);
        for (keys, what) in found {
            row(&mut lines, keys, what, width);
        }
    }
    if lines.is_empty() {
        lines.push_row("Nothing has these words: `/help WORDS` looks in the guide", Role::Dim);
    }
    lines
}

fn row(lines: &mut LaidOutLines, keys: &str, what: &str, width: u16) {
    let keys = Prefix::behind(text::pad(keys, KEYS_WIDTH), Role::Accent);
    lines.wrap(&[Span::new(what, Role::Text)], usize::from(width), &keys);
}
