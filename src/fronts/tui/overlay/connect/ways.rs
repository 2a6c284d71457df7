//! The three sign-in methods for OpenAI, always in the same order.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use super::go::{Go, WayRow};
use crate::tui::overlay::DialogReply;
use crate::tui::paint::panel;
use crate::tui::paint::panel::RowPlaces;
use crate::tui::paint::{Canvas, Role, Span};
use crate::tui::program_facts::Facts;

const ROWS: [(WayRow, &str, &str); 3] = [
    (WayRow::Browser, "ChatGPT Plus/Pro (browser)", "opens your browser on this machine"),
    (
        WayRow::Headless,
        "ChatGPT Plus/Pro (headless)",
        "a code for any other device; works over SSH",
    ),
    (WayRow::ApiKey, "Manually enter API key", "billed by use at api.openai.com"),
];

#[derive(Debug)]
pub struct Ways {
    cursor: usize,
    rows: RowPlaces,
}

impl Ways {
    /// Creates the list with the most promising method selected.
    pub fn new(facts: &Facts) -> Self {
        Self::at(if facts.start.surroundings.browser_is_near() {
            WayRow::Browser
        } else {
            WayRow::Headless
        })
    }

    pub fn at(way: WayRow) -> Self {
        let cursor = ROWS.iter().position(|row| row.0 == way).unwrap_or(0);
        Self { cursor, rows: RowPlaces::default() }
    }

    pub fn key(&mut self, key: &KeyEvent) -> Go {
        match key.code {
            KeyCode::Esc => return Go::Back,
            KeyCode::Enter => return Go::Way(ROWS[self.cursor].0),
            KeyCode::Up => self.cursor = (self.cursor + ROWS.len() - 1) % ROWS.len(),
            KeyCode::Down | KeyCode::Tab => self.cursor = (self.cursor + 1) % ROWS.len(),
            KeyCode::Char(digit @ '1'..='3') => self.cursor = digit as usize - '1' as usize,
            _ => {}
        }
        Go::Stay(DialogReply::stay())
    }

    /// Puts the cursor on the row in a cell of the screen.
    pub fn click(&mut self, at: Position) {
        self.cursor = self.rows.at(at).unwrap_or(self.cursor);
    }

    pub fn draw(&mut self, facts: &Facts, area: Rect, canvas: &mut Canvas) {
        let found = facts
            .start
            .surroundings
            .reason()
            .map(|reason| format!("{reason}: a code works from any other device"));
        let width = 76.min(area.width.saturating_sub(6));
        let wide = width >= 74;
        let keys = panel::keys(&[("up/down", "choose"), ("enter", "go on"), ("esc", "back")]);
        let found: Vec<_> = found.into_iter().map(|found| Span::new(found, Role::Warn)).collect();
        let found_rows = panel::rows_of(&found, width);
        let list = if wide { 3 } else { 6 };
        let gaps = 2 + u16::from(found_rows > 0);
        let rows = list + found_rows + gaps + panel::rows_of(&keys, width);
        let room =
            panel::dialog("OpenAI: choose how to sign in", "esc back", (width, rows), area, canvas);
        let room = panel::footer(&keys, room, canvas);
        // With little room the blank rows go first.
        let spare = room.height.saturating_sub(list + found_rows);
        let mut y = room.y + spare.min(1);
        self.rows = RowPlaces::new(Rect { y, height: list, ..room }, 0, list / 3);
        for (at, (_, label, note)) in ROWS.iter().enumerate() {
            let place = Rect { y, height: 1, ..room };
            let role = if at == self.cursor { Role::Selection } else { Role::Text };
            if at == self.cursor {
                canvas.fill(place, Role::Selection);
            }
            let mark = if at == self.cursor { "›" } else { " " };
            canvas.text(room.x, y, &format!("{mark} {label}"), usize::from(room.width), role);
            let dim = if at == self.cursor { Role::Selection } else { Role::Dim };
            let (x, row) = if wide { (room.x + 31, y) } else { (room.x + 4, y + 1) };
            canvas.text(
                x,
                row,
                note,
                usize::from(room.right().saturating_sub(x)),
                if wide { dim } else { Role::Dim },
            );
            y += if wide { 1 } else { 2 };
        }
        panel::write(&found, room, y + u16::from(spare > 1), canvas);
    }
}
