//! Reading what is asked: scrolling it, going to its ends, giving it the whole screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::body::AskBody;
use super::{AskKind, AskStep, Asks, KeyOutcome, Room};
use crate::fronts::tui::messages::Toward;

impl Asks {
    /// Whether there was anything more to see.
    pub fn scroll(&mut self, toward: Toward, step: AskStep) -> bool {
        let Some(body) = self.body() else { return false };
        let rows = match step {
            AskStep::Page => body.page(),
            AskStep::Rows(rows) => usize::from(rows),
        };
        body.scroll(toward, rows)
    }

    /// All of the screen for the first one, and back.
    pub(super) fn full_screen(&mut self, key: &KeyEvent) -> KeyOutcome {
        if key.code != KeyCode::Char('f') || key.modifiers != KeyModifiers::CONTROL {
            return KeyOutcome::Ignored;
        }
        self.room = if self.room == Room::Panel { Room::Screen } else { Room::Panel };
        KeyOutcome::Taken
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
    fn body(&mut self) -> Option<&mut AskBody> {
        self.front_mut().map(|ask| match ask {
            AskKind::Approval(ask) => &mut ask.body,
            AskKind::Question(ask) => &mut ask.body,
        })
    }
}
