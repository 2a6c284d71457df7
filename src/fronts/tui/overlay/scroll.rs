//! Scrolling plain lines in a dialog.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;

use crate::tui::messages::Toward;
use crate::tui::overlay::DialogReply;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, LaidOutLines};

/// The scroll position.
#[derive(Debug, Default)]
pub struct ScrollText {
    top: u16,
}

impl ScrollText {
    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        match key.code {
            KeyCode::Up => self.by(Toward::Start, 1),
            KeyCode::Down => self.by(Toward::End, 1),
            KeyCode::PageUp => self.by(Toward::Start, 8),
            KeyCode::PageDown => self.by(Toward::End, 8),
            KeyCode::Home => self.top = 0,
            KeyCode::End => self.top = u16::MAX,
            KeyCode::Esc | KeyCode::Enter | KeyCode::F(1) | KeyCode::Char('q' | '?') => {
                return DialogReply::close();
            }
            _ => {}
        }
        DialogReply::stay()
    }

    /// Scrolls to this row.
    pub fn to(&mut self, row: u16) {
        self.top = row;
    }

    pub fn by(&mut self, toward: Toward, rows: u16) {
        self.top = match toward {
            Toward::End => self.top.saturating_add(rows),
            Toward::Start => self.top.saturating_sub(rows),
        };
    }

    /// Draws the dialog and limits the position to the last page.
    pub fn draw(
        &mut self,
        title: &str,
        lines: &LaidOutLines,
        width: u16,
        area: Rect,
        canvas: &mut Canvas,
    ) {
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        let hint = if height.saturating_add(4) > area.height {
            "up/down scroll · esc close"
        } else {
            "esc close"
        };
        let room = panel::dialog(title, hint, (width, height), area, canvas);
        self.top = self.top.min(height.saturating_sub(room.height));
        let first = usize::from(self.top);
        lines.draw(first..first + usize::from(room.height), room, canvas);
    }
}
