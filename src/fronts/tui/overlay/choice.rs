//! The dialog that asks once which of a few things is meant: a code block to copy, or the AGENTS.md
//! that remembers a line.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::base::{phrases, text};
use crate::protocol::{Command, GuidancePlace, SessionCommand};
use crate::tui::messages::Cmd;
use crate::tui::overlay::DialogReply;
use crate::tui::paint::Canvas;
use crate::tui::paint::markdown::WrittenCode;
use crate::tui::paint::panel;
use crate::tui::paint::wrap::expand_tabs;
use crate::tui::picker::{Picked, Picker, PickerRow};

#[derive(Debug)]
pub struct ChoiceDialog {
    title: &'static str,
    keys: &'static str,
    width: u16,
    pub(super) picker: Picker<usize>,
    /// The effect of each row.
    cmds: Vec<Cmd>,
}

impl ChoiceDialog {
    /// Asks which of these code blocks is copied, the first of which is the newest.
    pub fn of_code(blocks: &[WrittenCode]) -> Self {
        let rows = blocks.iter().enumerate().map(|(at, block)| {
            let lines = block.code.lines().count();
            let first = block.code.lines().find(|line| !line.trim().is_empty());
            let first = text::clean_line(first.unwrap_or_default().trim()).into_owned();
            let size = phrases::count(lines as u64, "line");
            let language = text::clean_line(&block.language);
            let parts = [&*language, &size].into_iter().filter(|part| !part.is_empty());
            PickerRow {
                tail: parts.collect::<Vec<_>>().join(" · "),
                also: text::clean_line(&expand_tabs(&block.code)).into_owned(),
                ..PickerRow::new(at, first)
            }
        });
        Self {
            title: "Copy a code block",
            keys: "enter copy · esc cancel",
            width: 76,
            picker: Picker::new("Type to find a code block", rows.collect()),
            cmds: blocks.iter().map(copy_code).collect(),
        }
    }

    /// Asks in which file a line is remembered.
    pub fn of_guidance(folder: PathBuf, line: String) -> Self {
        let row = |at, title: &str, note: &str| PickerRow {
            note: note.to_owned(),
            ..PickerRow::new(at, title)
        };
        let rows = vec![
            row(0, "In this project", "its AGENTS.md"),
            row(1, "In every folder", "your own AGENTS.md"),
        ];
        let cmds = [GuidancePlace::Project, GuidancePlace::Person]
            .map(|place| add_guidance(folder.clone(), place, line.clone()));
        Self {
            title: "Remember",
            keys: "esc cancel",
            width: 60,
            picker: Picker::new("Where it is remembered", rows),
            cmds: cmds.into(),
        }
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        if key.code == KeyCode::Esc {
            return DialogReply::close();
        }
        let chosen = match (self.picker.key(key), self.picker.current()) {
            (Picked::Chosen, Some(row)) => self.cmds.get(row.value),
            _ => None,
        };
        match chosen {
            Some(cmd) => DialogReply::finish([cmd.clone()]),
            None => DialogReply::stay(),
        }
    }

    pub fn draw(&self, area: Rect, canvas: &mut Canvas) -> Position {
        let size = (self.width, self.picker.height());
        let room = panel::dialog(self.title, self.keys, size, area, canvas);
        self.picker.draw(room, canvas)
    }
}

/// Copies a block's code, without the feed after its last line.
pub fn copy_code(block: &WrittenCode) -> Cmd {
    Cmd::Copy(block.code.trim_end_matches('\n').to_owned())
}

/// Adds the line to this place's file.
pub fn add_guidance(folder: PathBuf, place: GuidancePlace, line: String) -> Cmd {
    Cmd::Send(Command::Session(SessionCommand::AddGuidance { folder, place, line }))
}
