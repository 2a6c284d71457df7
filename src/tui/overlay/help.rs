//! All keys and commands, made from the table of actions. Does not know what they do.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::base::text;
use crate::tui::action::{ACTIONS, OTHER_KEYS};
use crate::tui::msg::Toward;
use crate::tui::overlay::Reply;
use crate::tui::overlay::scroll::Scroll;
use crate::tui::paint::{Lines, Role, Theme};

const KEYS_WIDTH: usize = 31;

#[derive(Debug, Default)]
pub struct Help {
    scroll: Scroll,
}

impl Help {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn key(&mut self, key: &KeyEvent) -> Reply {
        self.scroll.key(key)
    }

    pub fn wheel(&mut self, toward: Toward, rows: u16) {
        self.scroll.by(toward, rows);
    }

    pub fn draw(&mut self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        self.scroll.draw("Help", &lines(), 76, area, buffer, theme);
    }
}

fn lines() -> Lines {
    let mut lines = Lines::new();
    lines.push_row("Commands", Role::Heading);
    for entry in ACTIONS.iter().filter(|entry| !entry.slash.is_empty()) {
        row(&mut lines, &format!("/{}", entry.slash), entry.title);
    }
    lines.end_row();
    lines.push_row("Keys", Role::Heading);
    for entry in ACTIONS.iter().filter(|entry| entry.key.is_some()) {
        row(&mut lines, &entry.label(), entry.title);
    }
    for (keys, what) in OTHER_KEYS {
        row(&mut lines, keys, what);
    }
    lines
}

fn row(lines: &mut Lines, keys: &str, what: &str) {
    lines.push(&text::pad(keys, KEYS_WIDTH), Role::Accent);
    lines.push(" ", Role::Text);
    lines.push_row(what, Role::Text);
}
