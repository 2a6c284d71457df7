//! The field for an API key, typed or pasted behind a mask, and checked before it is saved.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use super::go::Go;
use super::sign_in_error;
use crate::base::{Secret, Timestamp, text};
use crate::protocol::{KeyCheck, Problem, Provider, ProviderId, SignInStep, SignInWay};
use crate::tui::composer::{Composer, FieldForm, FieldReply as Typed, Masking};
use crate::tui::overlay::DialogReply;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role, Span};

const WIDTH: u16 = 70;

const WHENCE: &str = "From platform.openai.com/api-keys; billed by use at api.openai.com";

/// An enter that comes sooner than a person can read was meant for the previous dialog.
const READING: Duration = Duration::from_millis(400);

#[derive(Debug)]
pub struct ApiKey {
    provider: ProviderId,
    /// The provider for people.
    name: String,
    /// Where the key comes from, or goes.
    about: String,
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
    /// The field for OpenAI's key.
    pub fn new() -> Self {
        let mut field = Composer::new(FieldForm::SingleLine);
        field.set_masking(Masking::Masked);
        field.set_placeholder("sk-…");
        Self {
            provider: ProviderId::openai(),
            name: "OpenAI".into(),
            about: WHENCE.into(),
            field,
            state: State::Typing,
        }
    }

    /// The field for another provider's key.
    pub fn of(own: &Provider) -> Self {
        let mut stage = Self::new();
        stage.field.set_placeholder("paste the key here");
        stage.about = match &own.usual_variable {
            Some(variable) => format!(
                "Sent to {} alone, and kept in auth.json; or set {}",
                own.base.origin(),
                variable.name
            ),
            None => format!(
                "Sent to {} alone, and kept in auth.json; esc if it wants none",
                own.base.origin()
            ),
        };
        Self {
            provider: own.id.clone(),
            name: text::clean_line(&own.name).into_owned(),
            about: text::clean_line(&stage.about).into_owned(),
            ..stage
        }
    }

    /// The provider whose key it is.
    pub fn provider(&self) -> &ProviderId {
        &self.provider
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

    pub fn draw(&mut self, area: Rect, canvas: &mut Canvas) -> Position {
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
        let intro = [Span::new(self.about.clone(), Role::Dim)];
        let intro_rows = panel::rows_of(&intro, width);
        let title = match self.provider.is_openai() {
            true => "Manually enter API key".to_owned(),
            false => format!("API key for {}", self.name),
        };
        // The text above, the field and the keys, with blank rows between.
        let rows = (intro_rows + 4 + told.max(1) + panel::rows_of(&keys, width)).max(9);
        let room = panel::dialog(&title, "esc back", (width, rows), area, canvas);
        let above = panel::footer(&keys, room, canvas);
        // With little room the problem is more important than where to get keys.
        let mut y = above.y;
        if above.height >= intro_rows + 3 + told {
            y = panel::write(&intro, above, y, canvas) + 1;
        }
        let caret = self.field.draw_behind("› ", Rect { y, ..above }, canvas);
        let y = y + 2;
        match &self.state {
            State::Typing => {}
            State::Checking => {
                let line = format!("Checking the key with {} …", self.name);
                let line = [Span::new(line, Role::Text)];
                panel::write(&line, above, y, canvas);
            }
            State::Refused(problem) => {
                sign_in_error::draw(problem, Role::Bad, above, y, canvas);
            }
            State::Unchecked(problem, _) => {
                sign_in_error::draw(problem, Role::Warn, above, y, canvas);
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
