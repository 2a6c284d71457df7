//! The command palette: every action with its key.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::tui::commands::{ACTIONS, KeyAction};
use crate::tui::overlay::DialogReply;
use crate::tui::paint::Canvas;
use crate::tui::paint::panel;
use crate::tui::picker::{Picked, Picker, PickerRow};

#[derive(Debug)]
pub struct Palette {
    pub(super) picker: Picker<KeyAction>,
}

impl Palette {
    pub fn new() -> Self {
        let rows = ACTIONS.iter().filter(|entry| entry.action != KeyAction::Palette).map(|entry| {
            PickerRow {
                note: if entry.slash.is_empty() {
                    String::new()
                } else {
                    format!("/{}", entry.slash)
                },
                tail: entry.label(),
                also: entry.aliases.join(" "),
                ..PickerRow::new(entry.action, entry.title)
            }
        });
        Self { picker: Picker::new("Type to find a command", rows.collect()) }
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        if key.code == KeyCode::Esc {
            return DialogReply::close();
        }
        match (self.picker.key(key), self.picker.current()) {
            (Picked::Chosen, Some(row)) => DialogReply::act(row.value),
            _ => DialogReply::stay(),
        }
    }

    pub fn draw(&self, area: Rect, canvas: &mut Canvas) -> Position {
        let room = panel::dialog("Commands", "esc close", (76, self.picker.height()), area, canvas);
        self.picker.draw(room, canvas)
    }
}
