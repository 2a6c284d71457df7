//! The field for an API key, typed or pasted behind a mask, and checked before it is saved.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Go, sign_in_error};
use crate::base::{Secret, Timestamp};
use crate::fronts::tui::composer::{Composer, FieldForm, FieldReply as Typed, Masking};
use crate::fronts::tui::overlay::DialogReply;
use crate::fronts::tui::paint::panel;
use crate::fronts::tui::paint::{Role, Span, Theme};
use crate::protocol::{KeyCheck, Problem, SignInStep, SignInWay};

const WIDTH: u16 = 70;

const WHENCE: &str = "From platform.openai.com/api-keys; billed by use at api.openai.com";

/// An enter that comes sooner than a person can read was meant for the previous dialog.
const READING: Duration = Duration::from_millis(400);

#[derive(Debug)]
pub struct ApiKey {
    field: Composer,
    state: State,
}

#[derive(Debug)]
enum State {
    Checking,
    Refused(Problem),
    Typing,
    /// The key could not be checked; shown since this time.
    Unchecked(Problem, Timestamp),
}

impl ApiKey {
    pub fn new() -> Self {
        let mut field = Composer::new(FieldForm::SingleLine);
        field.set_masking(Masking::Masked);
        field.set_placeholder("sk-…");
        Self { field, state: State::Typing }
    }

    pub fn key(&mut self, key: &KeyEvent, now: Timestamp) -> Go {
        match (&self.state, key.code) {
            (_, KeyCode::Esc) => return Go::Back,
            (_, KeyCode::Tab) => {
                let other = if self.field.masking() == Masking::Masked {
                    Masking::Shown
                } else {
                    Masking::Masked
                };
                self.field.set_masking(other);
            }
            (State::Checking, _) => {}
            (State::Unchecked(_, since), KeyCode::Enter) if now.since(*since) < READING => {
                return Go::Stay(DialogReply::too_soon());
            }
            (State::Unchecked(..), KeyCode::Enter) => return self.check(KeyCheck::Skip),
            (_, KeyCode::Enter) => return self.check(KeyCheck::First),
            _ => {
                if self.field.key(*key) == Typed::Changed {
                    self.state = State::Typing;
                }
            }
        }
        Go::Stay(DialogReply::stay())
    }

    pub fn paste(&mut self, pasted: &str) {
        if !matches!(self.state, State::Checking) {
            self.field.paste(pasted.trim());
            self.state = State::Typing;
        }
    }

    pub fn step(&mut self, step: &SignInStep, now: Timestamp) {
        match step {
            SignInStep::Checking => self.state = State::Checking,
            SignInStep::Unchecked(problem) => self.state = State::Unchecked(problem.clone(), now),
            SignInStep::Failed(problem) => self.state = State::Refused(problem.clone()),
            _ => {}
        }
    }

    pub fn draw(&mut self, area: Rect, buffer: &mut Buffer, theme: &Theme) -> Position {
        let width = WIDTH.min(area.width.saturating_sub(6));
        let (told, enter) = match &self.state {
            State::Typing => (0, "check and save"),
            State::Checking => (1, ""),
            State::Refused(problem) => (sign_in_error::height(problem, width), "try again"),
            State::Unchecked(problem, _) => {
                (sign_in_error::height(problem, width), "save it unchecked")
            }
        };
        let shown = if self.field.masking() == Masking::Masked { "show" } else { "hide" };
        let mut pairs = vec![("enter", enter), ("tab", shown), ("esc", "back")];
        pairs.retain(|pair| !pair.1.is_empty());
        let keys = panel::keys(&pairs);
        let intro = [Span::new(WHENCE, Role::Dim)];
        let intro_rows = panel::rows_of(&intro, width);
        // The text above, the field and the keys, with blank rows between.
        let rows = (intro_rows + 4 + told.max(1) + panel::rows_of(&keys, width)).max(9);
        let room =
            panel::dialog("Manually enter API key", "esc back", (width, rows), area, buffer, theme);
        let above = panel::footer(&keys, room, buffer, theme);
        // With little room the problem is more important than where to get keys.
        let mut y = above.y;
        if above.height >= intro_rows + 3 + told {
            y = panel::write(&intro, above, y, buffer, theme) + 1;
        }
        let x = panel::text(buffer, above.x, y, "› ", 2, theme.style(Role::Accent));
        let caret = self.field.draw(
            Rect { x, y, width: above.right().saturating_sub(x), height: 1 },
            buffer,
            theme,
        );
        let y = y + 2;
        match &self.state {
            State::Typing => {}
            State::Checking => {
                let line = [Span::new("Checking the key with OpenAI …", Role::Text)];
                panel::write(&line, above, y, buffer, theme);
            }
            State::Refused(problem) => {
                sign_in_error::draw(problem, Role::Bad, above, y, buffer, theme);
            }
            State::Unchecked(problem, _) => {
                sign_in_error::draw(problem, Role::Warn, above, y, buffer, theme);
            }
        }
        caret
    }

    /// Checks the key; an empty field is not sent.
    fn check(&mut self, check: KeyCheck) -> Go {
        let key = self.field.text();
        if key.trim().is_empty() {
            return Go::Stay(DialogReply::stay());
        }
        self.state = State::Checking;
        let way = SignInWay::ApiKey(Secret::new(key.trim()));
        Go::SignIn(way, check)
    }
}
