//! Answering an approval: one key, a second one for lasting choices, text for a no. A typed
//! sentence is no answer.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use super::choices::{ApprovalChoice, row};
use super::confirming::Confirming;
pub use super::confirming::Lasting;
use crate::base::Timestamp;
use crate::protocol::{Approval, ApprovalResponse, ApprovalSubject};
use crate::tui::ask::keys::Readiness;
use crate::tui::composer::{Composer, FieldForm};
use crate::tui::paint::panel;
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Canvas, LaidOutLines, Span};

/// Columns before a choice for its mark.
const MARK: usize = 2;
const WHY_NOT: &str = "No, because › ";

/// A letter is an answer only if no other letter follows within this time.
pub(super) const ALONE: Duration = Duration::from_millis(200);
/// A key that is held down repeats within this time.
const HELD: Duration = Duration::from_millis(700);

#[derive(Debug)]
pub struct ApprovalInput {
    /// The choices as shown; the cursor starts at the first.
    choices: Vec<ApprovalChoice>,
    pub(super) stage: Stage,
}

#[derive(Debug)]
pub(super) enum Stage {
    /// `at` is the selected choice; `None` while enter may be meant for a prompt that was being
    /// written.
    Choosing { at: Option<usize>, pressed: Option<Pressed> },
    /// The effect of a lasting choice is shown and waits for a second key.
    Confirming(Confirming),
    /// A no, with a reason for the model.
    Explaining(Box<Composer>),
}

/// A letter that is an answer unless another letter follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pressed {
    letter: char,
    choice: ApprovalChoice,
    until: Timestamp,
}

/// The effect of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalAnswer {
    Given(ApprovalResponse),
    Ignored,
    Taken,
}

impl ApprovalInput {
    /// The choices of an approval. Rules and openings are offered only if it has any.
    pub fn to(approval: &Approval) -> Self {
        let is_loss = matches!(approval.subject, ApprovalSubject::Loss(_));
        let is_there = |choice: &ApprovalChoice| match choice {
            ApprovalChoice::GoOn => is_loss,
            ApprovalChoice::Once => !is_loss,
            ApprovalChoice::Always => !approval.learn.is_empty(),
            ApprovalChoice::Open => !approval.opens.is_empty(),
            ApprovalChoice::Explain | ApprovalChoice::No => true,
        };
        let all = [
            ApprovalChoice::Once,
            ApprovalChoice::GoOn,
            ApprovalChoice::Always,
            ApprovalChoice::Open,
            ApprovalChoice::No,
            ApprovalChoice::Explain,
        ];
        Self {
            choices: all.into_iter().filter(is_there).collect(),
            stage: Stage::Choosing { at: Some(0), pressed: None },
        }
    }

    /// Unselects the choice, because somebody was writing a prompt when the approval came up.
    pub fn unmark(&mut self) {
        if let Stage::Choosing { at, .. } = &mut self.stage {
            *at = None;
        }
    }

    pub fn is_writing(&self) -> bool {
        matches!(self.stage, Stage::Explaining(_))
    }

    /// The lasting choice that waits for a second key.
    pub fn confirming(&self) -> Option<Lasting> {
        if let Stage::Confirming(confirming) = &self.stage { Some(confirming.what) } else { None }
    }

    pub fn ripens(&self) -> Option<Timestamp> {
        match &self.stage {
            Stage::Choosing { pressed, .. } => pressed.map(|pressed| pressed.until),
            Stage::Confirming(confirming) => confirming.pressed.map(|(_, until)| until),
            Stage::Explaining(_) => None,
        }
    }

    pub fn rest(&mut self, now: Timestamp) -> ApprovalAnswer {
        match &mut self.stage {
            Stage::Choosing { pressed, .. }
                if pressed.is_some_and(|pressed| pressed.until <= now) =>
            {
                pressed.take().map_or(ApprovalAnswer::Ignored, |pressed| {
                    self.choose(pressed.choice, now, now)
                })
            }
            Stage::Confirming(Confirming { what, pressed: Some((keep, until)), .. })
                if *until <= now =>
            {
                let (what, keep) = (*what, *keep);
                self.confirm(what, keep)
            }
            _ => ApprovalAnswer::Ignored,
        }
    }

    pub fn take_back(&mut self) -> bool {
        let started = !matches!(self.stage, Stage::Choosing { pressed: None, .. });
        if started {
            self.stage = Stage::Choosing { at: Some(0), pressed: None };
        }
        started
    }

    pub fn paste(&mut self, text: &str) {
        let begun = match &mut self.stage {
            Stage::Explaining(field) => {
                field.paste(text);
                return;
            }
            Stage::Choosing { pressed, .. } => pressed.take().map(|pressed| pressed.letter),
            Stage::Confirming(_) => None,
        };
        self.write(begun.into_iter().collect());
        if let Stage::Explaining(field) = &mut self.stage {
            field.paste(text);
        }
    }

    pub fn key(&mut self, key: &KeyEvent, now: Timestamp) -> ApprovalAnswer {
        match &mut self.stage {
            Stage::Choosing { .. } => self.choosing_key(key, now),
            Stage::Confirming(_) => self.confirming_key(key, now),
            Stage::Explaining(field) => {
                match key.code {
                    KeyCode::Esc => drop(self.take_back()),
                    KeyCode::Enter => {
                        let words = field.text().trim().to_owned();
                        return ApprovalAnswer::Given(if words.is_empty() {
                            ApprovalResponse::No
                        } else {
                            ApprovalResponse::NoBecause(words)
                        });
                    }
                    _ => drop(field.key(*key)),
                }
                ApprovalAnswer::Taken
            }
        }
    }

    fn choosing_key(&mut self, key: &KeyEvent, now: Timestamp) -> ApprovalAnswer {
        let choices = &self.choices;
        let Stage::Choosing { at, pressed } = &mut self.stage else {
            return ApprovalAnswer::Ignored;
        };
        let before = pressed.take();
        let count = choices.len();
        match key.code {
            KeyCode::Left | KeyCode::Up => {
                *at = Some(at.map_or(count - 1, |at| (at + count - 1) % count))
            }
            KeyCode::Right | KeyCode::Down => *at = Some(at.map_or(0, |at| (at + 1) % count)),
            KeyCode::Enter => {
                if let Some(choice) =
                    before.map(|pressed| pressed.choice).or(at.map(|at| choices[at]))
                {
                    return self.choose(choice, now, now + HELD);
                }
            }
            KeyCode::Char(letter) => match (
                before,
                choices.iter().position(|choice| choice.key() == letter.to_ascii_lowercase()),
            ) {
                // The same letter twice is the choice and its confirmation.
                (Some(Pressed { letter: first, choice, .. }), _)
                    if choice.lasts() && letter.eq_ignore_ascii_case(&first) =>
                {
                    self.choose(choice, now, now);
                    return self.confirming_key(key, now);
                }
                (Some(before), _) => self.write([before.letter, letter].iter().collect()),
                (None, Some(place)) => {
                    *at = Some(place);
                    *pressed = Some(Pressed { letter, choice: choices[place], until: now + ALONE });
                }
                (None, None) if letter == ' ' => {}
                (None, None) => self.write(letter.into()),
            },
            KeyCode::Esc | KeyCode::Backspace if before.is_some() => *at = Some(0),
            _ => return ApprovalAnswer::Ignored,
        }
        ApprovalAnswer::Taken
    }

    /// `enter_from`: from when enter may be the second key.
    fn choose(
        &mut self,
        choice: ApprovalChoice,
        now: Timestamp,
        enter_from: Timestamp,
    ) -> ApprovalAnswer {
        match choice {
            ApprovalChoice::Always => {
                self.stage = Stage::Confirming(Confirming::new(Lasting::Rule, now, enter_from));
            }
            ApprovalChoice::Open => {
                self.stage = Stage::Confirming(Confirming::new(Lasting::Opening, now, enter_from));
            }
            ApprovalChoice::No => return ApprovalAnswer::Given(ApprovalResponse::No),
            ApprovalChoice::GoOn | ApprovalChoice::Once => {
                return ApprovalAnswer::Given(ApprovalResponse::Once);
            }
            ApprovalChoice::Explain => self.write(String::new()),
        }
        ApprovalAnswer::Taken
    }

    /// Opens the field for the reason of a no, with text that was typed already.
    pub(super) fn write(&mut self, begun: String) {
        let mut field = Composer::new(FieldForm::SingleLine);
        field.set_placeholder("what it should do instead");
        field.set(&begun);
        self.stage = Stage::Explaining(Box::new(field));
    }

    /// The rows at this width.
    pub fn height(&self, width: u16) -> u16 {
        let mut rows = LaidOutLines::new();
        let (keys, hanging) = (self.keys(Readiness::Ready), Prefix::hanging(MARK));
        rows.wrap(&keys, usize::from(width), &hanging);
        let keys = u16::try_from(rows.len()).unwrap_or(1);
        if self.is_writing() { keys + 1 } else { keys }
    }

    /// Draws the choices; returns the position of the caret while text is being written.
    pub fn draw(&self, readiness: Readiness, area: Rect, canvas: &mut Canvas) -> Option<Position> {
        let keys = self.keys(readiness);
        let Stage::Explaining(field) = &self.stage else {
            panel::write_hanging(&keys, MARK, area, area.y, canvas);
            return None;
        };
        let caret = field.draw_behind(WHY_NOT, area, canvas);
        panel::write_hanging(&keys, MARK, area, area.y + 1, canvas);
        Some(caret)
    }

    fn keys(&self, readiness: Readiness) -> Vec<Span<'static>> {
        match &self.stage {
            Stage::Choosing { at, .. } => row(
                self.choices.iter().map(|choice| format!("{} {}", choice.key(), choice.words())),
                *at,
                readiness,
            ),
            Stage::Confirming(Confirming { what, at, .. }) => {
                row(what.keeps().iter().map(|keep| keep.words().to_owned()), Some(*at), readiness)
            }
            Stage::Explaining(_) => {
                panel::keys(&[("enter", "send it as a no with this reason"), ("esc", "back")])
            }
        }
    }
}
