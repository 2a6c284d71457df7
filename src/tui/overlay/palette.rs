//! The command palette: every action with its key. Does not know what an action does.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::action::{ACTIONS, Action};
use crate::tui::msg::Toward;
use crate::tui::overlay::Reply;
use crate::tui::paint::Theme;
use crate::tui::panel;
use crate::tui::picker::{Picked, Picker, Row};

#[derive(Debug)]
pub struct Palette(Picker<Action>);

impl Palette {
    pub fn new() -> Self {
        let rows = ACTIONS.iter().filter(|entry| entry.action != Action::Palette).map(|entry| Row {
            note: if entry.slash.is_empty() { String::new() } else { format!("/{}", entry.slash) },
            tail: entry.label(),
            also: entry.aliases.join(" "),
            ..Row::new(entry.action, entry.title)
        });
        Self(Picker::new("Type to find a command", rows.collect()))
    }

    pub fn key(&mut self, key: &KeyEvent) -> Reply {
        if key.code == KeyCode::Esc {
            return Reply::close();
        }
        match (self.0.key(key), self.0.current()) {
            (Picked::Chosen, Some(row)) => Reply::act(row.value),
            _ => Reply::stay(),
        }
    }

    pub fn paste(&mut self, text: &str) {
        self.0.paste(text);
    }

    pub fn wheel(&mut self, toward: Toward) {
        self.0.jump(toward.step());
    }

    pub fn draw(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) -> Position {
        let room = panel::dialog("Commands", "esc close", (76, self.0.height()), area, buffer, theme);
        self.0.draw(room, buffer, theme)
    }
}
