//! Reading what is asked: scrolling it, going to its ends, giving it the whole screen. Does not know what a person answers.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::body::Body;
use super::{Ask, Asks, Heard, Room, Step};
use crate::tui::msg::Toward;

impl Asks {
    /// Whether there was anything more to see.
    pub fn scroll(&mut self, toward: Toward, step: Step) -> bool {
        let Some(body) = self.body() else { return false };
        let rows = match step {
            Step::Page => body.page(),
            Step::Rows(rows) => usize::from(rows),
        };
        body.scroll(toward, rows)
    }

    /// All of the screen for the first one, and back.
    pub(super) fn full_screen(&mut self, key: &KeyEvent) -> Heard {
        if key.code != KeyCode::Char('f') || key.modifiers != KeyModifiers::CONTROL {
            return Heard::Ignored;
        }
        self.room = if self.room == Room::Panel { Room::Screen } else { Room::Panel };
        Heard::Taken
    }

    /// Whether the key goes to one of the ends of what is shown, and there was anything more to see.
    pub(super) fn jump(&mut self, key: &KeyEvent) -> bool {
        let toward = match (key.code, key.modifiers) {
            (KeyCode::Home, KeyModifiers::NONE) => Toward::Start,
            (KeyCode::End, KeyModifiers::NONE) => Toward::End,
            _ => return false,
        };
        self.body().is_some_and(|body| body.scroll(toward, usize::MAX))
    }

    /// Of the first one.
    fn body(&mut self) -> Option<&mut Body> {
        self.waiting.front_mut().map(|ask| match ask {
            Ask::Approval(ask) => &mut ask.body,
            Ask::Question(ask) => &mut ask.body,
        })
    }
}
