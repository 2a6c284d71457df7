//! The branches of a conversation: ends that it left by going back, each to be opened as a copy.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::protocol::{Branch, SessionId};
use crate::tui::messages::Toward;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role};
use crate::tui::picker::{Picked, Picker, PickerRow};
use crate::tui::program_facts::Facts;
use crate::tui::wording;

/// Rows while the branches are being read.
const READING: u16 = 3;

#[derive(Debug)]
pub struct BranchList {
    pub session: SessionId,
    /// `None` until the log was read.
    picker: Option<Picker<usize>>,
}

/// The effect of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BranchKey {
    Back,
    /// The branch of this place is to be opened.
    Open(usize),
    Stay,
}

impl BranchList {
    pub fn new(session: SessionId) -> Self {
        Self { session, picker: None }
    }

    /// Takes the branches, which are given oldest first.
    pub fn know(&mut self, branches: &[Branch], facts: &Facts) {
        let row = |(place, branch): (usize, &Branch)| PickerRow {
            note: match branch.prompts {
                1 => "1 prompt".into(),
                many => format!("{many} prompts"),
            },
            tail: branch
                .left
                .map(|left| wording::local(left, facts.now, &facts.zone))
                .unwrap_or_default(),
            ..PickerRow::new(place, text::clean_line(&branch.prompt))
        };
        let rows = branches.iter().enumerate().rev().map(row).collect();
        self.picker = Some(Picker::new("Search by the last prompt", rows));
    }

    pub fn key(&mut self, key: &KeyEvent) -> BranchKey {
        if key.code == KeyCode::Esc {
            return BranchKey::Back;
        }
        let Some(picker) = &mut self.picker else { return BranchKey::Stay };
        match (picker.key(key), picker.current()) {
            (Picked::Chosen, Some(row)) => BranchKey::Open(row.value),
            _ => BranchKey::Stay,
        }
    }

    pub fn paste(&mut self, pasted: &str) {
        if let Some(picker) = &mut self.picker {
            picker.paste(pasted);
        }
    }

    pub fn wheel(&mut self, toward: Toward) {
        if let Some(picker) = &mut self.picker {
            picker.jump(toward.step());
        }
    }

    /// Draws the list in at most so many columns.
    pub fn draw(&self, width: u16, area: Rect, canvas: &mut Canvas) -> Position {
        let height = self.picker.as_ref().map_or(READING, |picker| picker.height() + 2);
        let title = "Ends that were left by going back";
        let room = panel::dialog(title, "esc back", (width, height), area, canvas);
        let keys = panel::keys(&[("enter", "open a copy that ends there"), ("esc", "back")]);
        let list = panel::footer(&keys, room, canvas);
        match &self.picker {
            Some(picker) => {
                let list = Rect { height: list.height.saturating_sub(1), ..list };
                picker.draw(list, canvas)
            }
            None => {
                let columns = usize::from(list.width);
                canvas.text(list.x, list.y, "Reading the conversation", columns, Role::Dim);
                list.as_position()
            }
        }
    }
}
