//! The dialog that asks once which AGENTS.md remembers a line.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::fronts::tui::messages::{Cmd, Toward};
use crate::fronts::tui::overlay::{AfterReply, DialogReply};
use crate::fronts::tui::paint::Theme;
use crate::fronts::tui::paint::panel;
use crate::fronts::tui::picker::{Picked, Picker, PickerRow};
use crate::protocol::{Command, GuidancePlace, SessionCommand};

#[derive(Debug)]
pub struct RememberDialog {
    folder: PathBuf,
    line: String,
    picker: Picker<GuidancePlace>,
}

impl RememberDialog {
    pub fn new(folder: PathBuf, line: String) -> Self {
        let row = |place, title: &str, note: &str| PickerRow {
            note: note.to_owned(),
            ..PickerRow::new(place, title)
        };
        let rows = vec![
            row(GuidancePlace::Project, "In this project", "its AGENTS.md"),
            row(GuidancePlace::Person, "In every folder", "your own AGENTS.md"),
        ];
        Self { folder, line, picker: Picker::new("Where it is remembered", rows) }
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        if key.code == KeyCode::Esc {
            return DialogReply::close();
        }
        match (self.picker.key(key), self.picker.current()) {
            (Picked::Chosen, Some(row)) => {
                let add = add(self.folder.clone(), row.value, self.line.clone());
                DialogReply { cmds: vec![add], then: AfterReply::Close }
            }
            _ => DialogReply::stay(),
        }
    }

    pub fn paste(&mut self, text: &str) {
        self.picker.paste(text);
    }

    /// Selects the row in a cell of the screen; `false` if there is none.
    pub fn click(&mut self, at: Position) -> bool {
        self.picker.click(at)
    }

    pub fn wheel(&mut self, toward: Toward) {
        self.picker.jump(toward.step());
    }

    pub fn draw(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) -> Position {
        let size = (60, self.picker.height());
        let room = panel::dialog("Remember", "esc cancel", size, area, buffer, theme);
        self.picker.draw(room, buffer, theme)
    }
}

/// Adds the line to this place's file.
pub fn add(folder: PathBuf, place: GuidancePlace, line: String) -> Cmd {
    Cmd::Send(Command::Session(SessionCommand::AddGuidance { folder, place, line }))
}
