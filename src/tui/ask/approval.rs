//! One call that waits for a yes or a no. Does not know who else waits.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::body::Body;
use super::facts::{Around, counts, title, what};
use super::frame::Frame;
use super::{Heard, Readiness};
use crate::protocol::{Approval, CallId, Decision, TurnCommand};
use crate::tui::composer::{Composer, Form};
use crate::tui::paint::{Lines, Role, Span, Theme, wrap};
use crate::tui::panel;

const WHY_NOT: &str = "Why not › ";

#[derive(Debug)]
pub struct ApprovalAsk {
    approval: Approval,
    readiness: Readiness,
    stage: Stage,
    /// What would be done; and what is around it too, where that has no room of its own.
    pub(super) body: Body,
    /// Below the body, always in sight.
    pinned: Lines,
    /// Columns it was laid out for.
    width: u16,
    /// Rows that it was last laid out for.
    room: usize,
    what: Lines,
    around: Around,
}

#[derive(Debug)]
enum Stage {
    Choosing(usize),
    /// No; and the model is told why.
    Explaining(Box<Composer>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Always,
    Explain,
    No,
    Once,
}

impl ApprovalAsk {
    pub fn new(approval: Approval) -> Self {
        Self {
            approval,
            readiness: Readiness::default(),
            stage: Stage::Choosing(0),
            body: Body::default(),
            pinned: Lines::new(),
            width: 0,
            room: 0,
            what: Lines::new(),
            around: Around::default(),
        }
    }

    pub fn call(&self) -> &CallId {
        &self.approval.call
    }

    pub fn is_writing(&self) -> bool {
        matches!(self.stage, Stage::Explaining(_))
    }

    pub fn key(&mut self, key: &KeyEvent) -> Heard {
        let choices = self.choices();
        let at = match &mut self.stage {
            Stage::Explaining(field) => {
                match key.code {
                    KeyCode::Esc => self.stage = Stage::Choosing(choices.len() - 1),
                    KeyCode::Enter => {
                        let words = field.text().trim().to_owned();
                        return self.decide(if words.is_empty() { Decision::No } else { Decision::NoBecause(words) });
                    }
                    _ => drop(field.key(*key)),
                }
                return Heard::Taken;
            }
            Stage::Choosing(at) => at,
        };
        let count = choices.len();
        match key.code {
            KeyCode::Left | KeyCode::Up => *at = (*at + count - 1) % count,
            KeyCode::Right | KeyCode::Down => *at = (*at + 1) % count,
            KeyCode::Enter => {
                let choice = choices[*at];
                return self.choose(choice);
            }
            KeyCode::Char(letter) => {
                let letter = letter.to_ascii_lowercase();
                return match choices.into_iter().find(|choice| choice.key() == letter) {
                    Some(choice) => self.choose(choice),
                    None => Heard::Astray,
                };
            }
            _ => return Heard::Ignored,
        }
        Heard::Taken
    }

    /// Whether there was a field for it.
    pub fn paste(&mut self, text: &str) -> bool {
        let Stage::Explaining(field) = &mut self.stage else { return false };
        field.paste(text);
        true
    }

    /// Rows it takes of at most so many, in so many columns.
    pub fn settle(&mut self, (width, most): (u16, u16), readiness: Readiness) -> u16 {
        self.readiness = readiness;
        let same = self.width == width;
        if !same {
            self.width = width;
            self.what = what(&self.approval.wish, usize::from(width));
            self.around = Around::new(&self.approval, usize::from(width));
        }
        let keys = self.keys_height();
        let room = usize::from(most.saturating_sub(keys));
        if !same || self.room != room {
            self.room = room;
            self.lay_out();
        }
        let body = self.body.lines.len().min(room.saturating_sub(self.pinned.len()));
        self.body.fit(body);
        u16::try_from(body + self.pinned.len()).unwrap_or(u16::MAX).saturating_add(keys)
    }

    fn lay_out(&mut self) {
        let room = self.room;
        self.body.lines = self.what.clone();
        // What is around stays in sight, unless it would take the sight of what it is about.
        let beside = room.saturating_sub(self.what.len() + 1);
        let (below, pinned) = self.around.part(beside, room / 2);
        if !pinned.is_empty() && pinned.len() <= beside {
            self.body.lines.end_row();
        }
        self.body.lines.append(&below);
        self.pinned = pinned;
    }

    pub fn draw(&self, count: &str, area: Rect, buffer: &mut Buffer, theme: &Theme) -> Option<Position> {
        let counts = counts(&self.approval.wish);
        let frame = Frame { title: &title(&self.approval.wish), counts: Some(&counts), count, hidden: &self.body.hidden() };
        let room = frame.draw(area, buffer, theme);
        let sight = self.body.in_sight();
        let mut y = room.y;
        for (lines, rows) in [(&self.body.lines, sight), (&self.pinned, 0..self.pinned.len())] {
            let height = u16::try_from(rows.len()).unwrap_or(0);
            lines.draw(rows, Rect { y, height: height.min(room.bottom().saturating_sub(y)), ..room }, buffer, theme);
            y += height;
        }
        match &self.stage {
            Stage::Choosing(at) => {
                panel::write(&self.keys(*at), room, y, buffer, theme);
                None
            }
            Stage::Explaining(field) => {
                let x = panel::text(buffer, room.x, y, WHY_NOT, WHY_NOT.len(), theme.style(Role::Accent));
                Some(field.draw(Rect { x, y, width: room.right().saturating_sub(x), height: 1 }, buffer, theme))
            }
        }
    }

    /// In the order they are shown; the first is where the cursor starts.
    fn choices(&self) -> Vec<Choice> {
        let all = [Choice::Once, Choice::Always, Choice::No, Choice::Explain];
        all.into_iter().filter(|choice| *choice != Choice::Always || !self.approval.learn.is_empty()).collect()
    }

    fn choose(&mut self, choice: Choice) -> Heard {
        match choice {
            Choice::Always => self.decide(Decision::Always),
            Choice::No => self.decide(Decision::No),
            Choice::Once => self.decide(Decision::Once),
            Choice::Explain => {
                let mut field = Composer::new(Form::SingleLine);
                field.set_placeholder("what it should do instead · enter sends · esc back");
                self.stage = Stage::Explaining(Box::new(field));
                Heard::Taken
            }
        }
    }

    fn decide(&self, decision: Decision) -> Heard {
        Heard::Tell(TurnCommand::Decide { call: self.approval.call.clone(), decision })
    }

    fn keys(&self, at: usize) -> Vec<Span<'static>> {
        let mut spans = Vec::new();
        for (place, choice) in self.choices().into_iter().enumerate() {
            let chosen = place == at && self.readiness == Readiness::Ready;
            let (mark, key) = (if chosen { "› " } else { "  " }, choice.key());
            let role = match self.readiness {
                Readiness::NotYet => Role::Faint,
                Readiness::Ready if chosen => Role::Selection,
                Readiness::Ready => Role::Accent,
            };
            let words = format!("{key}\u{a0}{}", choice.words().replace(' ', "\u{a0}"));
            spans.push(Span::new(if place == 0 { mark.to_owned() } else { format!("  {mark}") }, Role::Text));
            spans.push(Span::new(words, role));
        }
        spans
    }

    fn keys_height(&self) -> u16 {
        match self.stage {
            Stage::Choosing(at) => u16::try_from(wrap(&self.keys(at), usize::from(self.width)).len()).unwrap_or(1),
            Stage::Explaining(_) => 1,
        }
    }
}

impl Choice {
    fn key(self) -> char {
        match self {
            Self::Always => 'a',
            Self::Explain => 'r',
            Self::No => 'n',
            Self::Once => 'y',
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Explain => "no, and tell it why",
            Self::No => "no",
            Self::Once => "once",
        }
    }
}
