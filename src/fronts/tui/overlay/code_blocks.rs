//! The dialog that asks which code block of the last answer is copied, the newest first.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::base::{phrases, text};
use crate::fronts::tui::messages::{Cmd, Toward};
use crate::fronts::tui::overlay::{AfterReply, DialogReply};
use crate::fronts::tui::paint::Theme;
use crate::fronts::tui::paint::markdown::WrittenCode;
use crate::fronts::tui::paint::panel;
use crate::fronts::tui::paint::wrap::expand_tabs;
use crate::fronts::tui::picker::{Picked, Picker, PickerRow};

#[derive(Debug)]
pub struct CodeBlocksDialog {
    /// In the order of the rows.
    blocks: Vec<WrittenCode>,
    picker: Picker<usize>,
}

impl CodeBlocksDialog {
    /// A list of these blocks, the first of which is the newest.
    pub fn new(blocks: Vec<WrittenCode>) -> Self {
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
        let picker = Picker::new("Type to find a code block", rows.collect());
        Self { blocks, picker }
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        if key.code == KeyCode::Esc {
            return DialogReply::close();
        }
        let chosen = match (self.picker.key(key), self.picker.current()) {
            (Picked::Chosen, Some(row)) => self.blocks.get(row.value),
            _ => None,
        };
        match chosen {
            Some(block) => DialogReply { cmds: vec![copy(block)], then: AfterReply::Close },
            None => DialogReply::stay(),
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
        let size = (76, self.picker.height());
        let keys = "enter copy · esc cancel";
        let room = panel::dialog("Copy a code block", keys, size, area, buffer, theme);
        self.picker.draw(room, buffer, theme)
    }
}

/// Copies a block's code, without the feed after its last line.
pub fn copy(block: &WrittenCode) -> Cmd {
    Cmd::Copy(block.code.trim_end_matches('\n').to_owned())
}
