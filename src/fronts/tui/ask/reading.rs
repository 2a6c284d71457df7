//! Reading an ask: scrolling, jumping to its ends, showing it on the whole screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::body::AskBody;
use super::keys::{AskStep, KeyOutcome};
use super::{AskKind, Asks, Room};
use crate::tui::messages::Toward;

impl Asks {
    /// Scrolls; returns whether there was anything more to see.
    pub fn scroll(&mut self, toward: Toward, step: AskStep) -> bool {
        let Some(body) = self.body() else { return false };
        let rows = match step {
            AskStep::Page => body.page(),
            AskStep::Rows(rows) => usize::from(rows),
        };
        body.scroll(toward, rows)
    }

    /// Gives the first ask the whole screen, or takes it back.
    pub(super) fn full_screen(&mut self, key: &KeyEvent) -> KeyOutcome {
        if key.code != KeyCode::Char('f') || key.modifiers != KeyModifiers::CONTROL {
            return KeyOutcome::Ignored;
        }
        self.room = if self.room == Room::Panel { Room::Screen } else { Room::Panel };
        KeyOutcome::Taken
    }

    /// Handles a key that jumps to an end; returns whether there was anything more to see.
    pub(super) fn jump(&mut self, key: &KeyEvent) -> bool {
        let toward = match (key.code, key.modifiers) {
            (KeyCode::Home, KeyModifiers::NONE) => Toward::Start,
            (KeyCode::End, KeyModifiers::NONE) => Toward::End,
            _ => return false,
        };
        self.body().is_some_and(|body| body.scroll(toward, usize::MAX))
    }

    /// The body of the first ask.
    fn body(&mut self) -> Option<&mut AskBody> {
        self.front_mut().map(|ask| match ask {
            AskKind::Approval(ask) => &mut ask.body,
            AskKind::Limit(ask) => &mut ask.body,
            AskKind::Question(ask) => &mut ask.body,
        })
    }
}
