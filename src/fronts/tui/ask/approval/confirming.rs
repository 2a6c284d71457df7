//! The second key that confirms a lasting choice.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};

use super::answering::{ALONE, ApprovalAnswer, ApprovalInput, Stage};
use super::choices::{ApprovalChoice, KEEPS, OPENS, RuleLifetime};
use crate::base::Timestamp;
use crate::protocol::ApprovalResponse;

/// Letters typed this soon after `a` continue a word.
const WORD: Duration = Duration::from_secs(1);

/// A lasting choice that waits for its second key.
#[derive(Debug)]
pub(super) struct Confirming {
    pub(super) what: Lasting,
    pub(super) at: usize,
    since: Timestamp,
    /// The time from which enter may be the second key.
    enter_from: Timestamp,
    /// Text typed since that is no answer yet.
    typed: String,
    /// The choice of a pressed letter or digit unless another one follows, and the time it takes
    /// effect.
    pub(super) pressed: Option<(RuleLifetime, Timestamp)>,
}

/// Choices that last longer than one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    Opening,
    Rule,
}

impl Lasting {
    fn key(self) -> char {
        match self {
            Self::Opening => ApprovalChoice::Open.key(),
            Self::Rule => ApprovalChoice::Always.key(),
        }
    }

    pub(super) fn keeps(self) -> &'static [RuleLifetime] {
        match self {
            Self::Opening => &OPENS,
            Self::Rule => &KEEPS,
        }
    }
}

impl Confirming {
    pub(super) fn new(what: Lasting, since: Timestamp, enter_from: Timestamp) -> Self {
        Self { what, at: 0, since, enter_from, typed: String::new(), pressed: None }
    }

    /// The lifetime that a letter or digit confirms: the first letter again for the selected one, a
    /// digit by position.
    fn keeps_by(&self, letter: char) -> Option<RuleLifetime> {
        let keeps = self.what.keeps();
        let at = match letter.to_digit(10) {
            Some(digit) => usize::try_from(digit).ok()?.checked_sub(1)?,
            None if letter.eq_ignore_ascii_case(&self.what.key()) => self.at,
            None => return None,
        };
        keeps.get(at).copied().filter(|keep| *keep != RuleLifetime::Not)
    }
}

impl ApprovalInput {
    pub(super) fn confirming_key(&mut self, key: &KeyEvent, now: Timestamp) -> ApprovalAnswer {
        let Stage::Confirming(confirming) = &mut self.stage else {
            return ApprovalAnswer::Ignored;
        };
        let before = confirming.pressed.take();
        let (keeps, at) = (confirming.what.keeps(), confirming.at);
        let count = keeps.len();
        match key.code {
            KeyCode::Left | KeyCode::Up => confirming.at = (at + count - 1) % count,
            KeyCode::Right | KeyCode::Down => confirming.at = (at + 1) % count,
            // An enter key that is held down is not the second key.
            KeyCode::Enter if now < confirming.enter_from => {
                confirming.enter_from = confirming.enter_from.max(now + ALONE);
            }
            KeyCode::Enter => {
                let keep = before.map_or(keeps[at], |(keep, _)| keep);
                let what = confirming.what;
                return self.confirm(what, keep);
            }
            KeyCode::Esc => drop(self.take_back()),
            KeyCode::Char(' ') if before.is_none() => confirming.typed.push(' '),
            KeyCode::Char(letter) => match confirming.keeps_by(letter) {
                Some(keep) if before.is_none() => {
                    confirming.typed.push(letter);
                    confirming.pressed = Some((keep, now + ALONE));
                }
                _ => {
                    let begun = (now < confirming.since + WORD).then_some(confirming.what.key());
                    let typed = std::mem::take(&mut confirming.typed);
                    let words = begun.into_iter().chain(typed.chars()).chain([letter]);
                    self.write(words.collect::<String>().trim_start().to_owned());
                }
            },
            KeyCode::Backspace if before.is_some() => drop(confirming.typed.pop()),
            _ => return ApprovalAnswer::Ignored,
        }
        ApprovalAnswer::Taken
    }

    pub(super) fn confirm(&mut self, what: Lasting, keep: RuleLifetime) -> ApprovalAnswer {
        ApprovalAnswer::Given(match keep {
            RuleLifetime::Conversation if what == Lasting::Opening => ApprovalResponse::Open,
            RuleLifetime::Conversation => ApprovalResponse::Always,
            RuleLifetime::Folder => ApprovalResponse::AlwaysHere,
            RuleLifetime::Not => {
                self.take_back();
                return ApprovalAnswer::Taken;
            }
        })
    }
}
