//! The help: all keys and commands, from the table of actions.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::base::text;
use crate::fronts::tui::commands::{ACTIONS, OTHER_KEYS};
use crate::fronts::tui::messages::Toward;
use crate::fronts::tui::overlay::DialogReply;
use crate::fronts::tui::overlay::scroll::ScrollText;
use crate::fronts::tui::paint::wrap::{Breaks, Prefix, wrap_into};
use crate::fronts::tui::paint::{LaidOutLines, Role, Span, Theme};

const KEYS_WIDTH: usize = 24;

const TIERS: [(&str, &str); 4] = [
    (
        "tiers 1 and 2",
        "Writes only to the folder and `sandbox_write`; secrets are covered; of the network only the hosts of `sandbox_network`",
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
    scroll: ScrollText,
    opened: Opened,
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
    pub fn new() -> Self {
        Self::default()
    }

    pub fn of_question_mark() -> Self {
        Self { opened: Opened::ByQuestionMark, ..Self::default() }
    }

    /// Whether a letter continues a text that began with `?`.
    pub fn may_be_text(&self) -> bool {
        self.opened == Opened::ByQuestionMark
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        self.scroll.key(key)
    }

    pub fn wheel(&mut self, toward: Toward, rows: u16) {
        self.scroll.by(toward, rows);
    }

    pub fn draw(&mut self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let width = 76.min(area.width.saturating_sub(6));
        self.scroll.draw("Help", &lines(width), width, area, buffer, theme);
    }
}

fn lines(width: u16) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    lines.push_row("Commands", Role::Heading);
    for entry in ACTIONS.iter().filter(|entry| !entry.slash.is_empty()) {
        let key = if entry.key.is_some() {
            format!("{}  {}", text::pad(&format!("/{}", entry.slash), 9), entry.label())
        } else {
            format!("/{}", entry.slash)
        };
        row(&mut lines, &key, entry.title, width);
    }
    lines.end_row();
    lines.push_row("Keys", Role::Heading);
    for entry in ACTIONS.iter().filter(|entry| entry.slash.is_empty()) {
        row(&mut lines, &entry.label(), entry.title, width);
    }
    for (keys, what) in OTHER_KEYS {
        row(&mut lines, keys, what, width);
    }
    lines.end_row();
    lines.push_row("What the sandbox holds (`/status` shows the tier)", Role::Heading);
    for (tier, what) in TIERS {
        row(&mut lines, tier, what, width);
    }
    lines
}

fn row(lines: &mut LaidOutLines, keys: &str, what: &str, width: u16) {
    let keys = vec![Span::new(text::pad(keys, KEYS_WIDTH), Role::Accent)];
    let below = vec![Span::new(" ".repeat(KEYS_WIDTH), Role::Text)];
    wrap_into(
        lines,
        &[Span::new(what, Role::Text)],
        usize::from(width),
        &Prefix::new(keys, below),
        Breaks::Words,
    );
}
