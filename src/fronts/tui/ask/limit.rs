//! The offer to wait out a usage limit: go on at its reset, or let the turn end.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use jiff::tz::TimeZone;

use super::body::AskBody;
use super::keys::{KeyOutcome, Readiness};
use crate::base::{Timestamp, text};
use crate::protocol::{ApprovalResponse, AskId, LimitHold, TurnCommand};
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Role, Span, panel, wrap};
use crate::tui::wording;

/// A letter is an answer only if no other letter follows within this time.
const ALONE: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub struct LimitAsk {
    id: AskId,
    hold: LimitHold,
    readiness: Readiness,
    /// A letter that is an answer unless another one follows until then.
    pressed: Option<(LimitAnswer, Timestamp)>,
    pub(super) body: AskBody,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LimitAnswer {
    End,
    Wait,
}

impl LimitAsk {
    pub fn new(id: AskId, hold: LimitHold) -> Self {
        let readiness = Readiness::default();
        Self { id, hold, readiness, pressed: None, body: AskBody::default() }
    }

    pub fn key(&mut self, key: &KeyEvent, now: Timestamp) -> KeyOutcome {
        let before = self.pressed.take();
        match key.code {
            KeyCode::Enter => {
                let answer = before.map_or(LimitAnswer::Wait, |(answer, _)| answer);
                return self.answer(answer);
            }
            // A word is no answer.
            KeyCode::Char(_) if before.is_some() => {}
            KeyCode::Char('y' | 'Y') => self.pressed = Some((LimitAnswer::Wait, now + ALONE)),
            KeyCode::Char('n' | 'N') => self.pressed = Some((LimitAnswer::End, now + ALONE)),
            KeyCode::Char(_) | KeyCode::Backspace => {}
            _ => return KeyOutcome::Ignored,
        }
        KeyOutcome::Taken
    }

    /// When the remaining time is another.
    pub fn counts_down(&self, now: Timestamp) -> Option<Timestamp> {
        wording::next_remaining(self.hold.until, now)
    }

    /// When the pressed letter is an answer.
    pub fn ripens(&self) -> Option<Timestamp> {
        self.pressed.map(|(_, until)| until)
    }

    pub fn rest(&mut self, now: Timestamp) -> KeyOutcome {
        match self.pressed.take_if(|(_, until)| *until <= now) {
            Some((answer, _)) => self.answer(answer),
            None => KeyOutcome::Ignored,
        }
    }

    /// Takes back a pressed letter; returns whether there was one.
    pub fn take_back(&mut self) -> bool {
        self.pressed.take().is_some()
    }

    fn answer(&self, answer: LimitAnswer) -> KeyOutcome {
        let decision = match answer {
            LimitAnswer::End => ApprovalResponse::No,
            LimitAnswer::Wait => ApprovalResponse::Once,
        };
        KeyOutcome::Tell(None, TurnCommand::Decide { ask: self.id, decision })
    }

    /// Writes its lines; returns the rows it wants at this width.
    pub fn write(&mut self, width: u16, now: Timestamp, zone: &TimeZone) -> usize {
        let columns = usize::from(width);
        let problem = &self.hold.problem;
        let mut lines = wrap(&[Span::new(text::clean(&problem.message), Role::Text)], columns);
        if let Some(next) = &problem.next {
            let next = [Span::new(text::clean(next), Role::Dim)];
            lines.wrap(&next, columns, &Prefix::default());
        }
        lines.end_row();
        let at = wording::local(self.hold.until, now, zone);
        let question = match wording::remaining(self.hold.until, now) {
            Some(left) => vec![
                Span::new(format!("Go on at {at}?"), Role::Heading),
                Span::new(format!("  in {left}"), Role::Dim),
            ],
            None => vec![Span::new("Go on now?", Role::Heading)],
        };
        lines.wrap(&question, columns, &Prefix::default());
        self.body.lines = lines;
        self.body.lines.len() + usize::from(panel::rows_of(&self.keys(), width))
    }

    /// Lays it out; returns the rows it takes, at most `most`.
    pub fn settle(&mut self, (width, most): (u16, u16), readiness: Readiness) -> u16 {
        self.readiness = readiness;
        let keys = panel::rows_of(&self.keys(), width);
        let body = self.body.lines.len().min(usize::from(most.saturating_sub(keys)));
        self.body.fit(body);
        u16::try_from(body).unwrap_or(u16::MAX).saturating_add(keys)
    }

    pub fn keys(&self) -> Vec<Span<'static>> {
        let mut keys = panel::keys(&[("y/enter", "waits and goes on"), ("n", "ends the turn")]);
        let mark = match self.readiness {
            Readiness::Ready => "› ",
            Readiness::NotYet => {
                keys.iter_mut().for_each(|span| span.ink = Role::Faint.into());
                "  "
            }
        };
        keys.insert(0, Span::new(mark, Role::Text));
        keys
    }
}
