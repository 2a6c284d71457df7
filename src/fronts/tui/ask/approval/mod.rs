//! One call that waits for approval.

mod answering;
mod around;
mod choices;
mod command_rows;
mod confirming;
mod subject_rows;

use std::ops::Range;

use crossterm::event::KeyEvent;
use ratatui::layout::{Position, Rect};

use self::answering::{ApprovalAnswer, ApprovalInput, Lasting};
use self::around::Around;
use self::command_rows::CommandRows;
use self::subject_rows::{counts, what};
use super::body::AskBody;
use super::fold::{Fold, LEAST_ROWS};
use super::keys::{KeyOutcome, Readiness};
use crate::base::Timestamp;
use crate::protocol::{Approval, ApprovalSubject, TurnCommand};
use crate::tui::paint::{Canvas, LaidOutLines};

#[derive(Debug)]
pub struct ApprovalAsk {
    approval: Approval,
    readiness: Readiness,
    answering: ApprovalInput,
    /// The planned action, and the facts around it if they have no room of their own.
    pub(super) body: AskBody,
    /// Rows below the body that are always visible.
    pinned: LaidOutLines,
    /// The width in columns of the last layout.
    width: u16,
    /// The rows and the question of the last layout.
    laid_out: Option<(usize, Shown)>,
    what: LaidOutLines,
    /// Rows that must be seen, most severe first.
    grave: Vec<Range<usize>>,
    /// All file names, for a change that is too long for the screen.
    names: LaidOutLines,
    /// Rules that a lasting yes would add.
    rules: LaidOutLines,
    /// Places and hosts that would be opened to sandboxed commands.
    opens: LaidOutLines,
    around: Around,
}

/// The content of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// The effect of the lasting choice, with the planned action below it.
    Lasting(Lasting),
    What,
}

impl ApprovalAsk {
    pub fn new(approval: Approval) -> Self {
        Self {
            answering: ApprovalInput::to(&approval),
            approval,
            readiness: Readiness::default(),
            body: AskBody::default(),
            pinned: LaidOutLines::new(),
            width: 0,
            laid_out: None,
            what: LaidOutLines::new(),
            grave: Vec::new(),
            names: LaidOutLines::new(),
            rules: LaidOutLines::new(),
            opens: LaidOutLines::new(),
            around: Around::default(),
        }
    }

    pub fn is_writing(&self) -> bool {
        self.answering.is_writing()
    }

    pub fn key(&mut self, key: &KeyEvent, now: Timestamp) -> KeyOutcome {
        let answer = self.answering.key(key, now);
        self.heard(answer)
    }

    /// Adds pasted text to the reason for a no; it is never an answer.
    pub fn paste(&mut self, text: &str) {
        self.answering.paste(text);
    }

    /// Handles that no other key followed in time: a single letter is an answer then.
    pub fn rest(&mut self, now: Timestamp) -> KeyOutcome {
        let answer = self.answering.rest(now);
        self.heard(answer)
    }

    /// The time at which a pressed letter becomes an answer.
    pub fn ripens(&self) -> Option<Timestamp> {
        self.answering.ripens()
    }

    /// Unselects the choice, because enter may be meant for a prompt that was being written.
    pub fn unmark(&mut self) {
        self.answering.unmark();
    }

    /// Whether esc returns to the choices.
    pub fn goes_back(&self) -> bool {
        self.answering.is_writing() || self.answering.confirming().is_some()
    }

    /// Takes back a pressed letter or a written reason; returns whether there was one.
    pub fn take_back(&mut self) -> bool {
        self.answering.take_back()
    }

    /// The rows it wants at this width.
    pub fn wants(&mut self, width: u16) -> usize {
        self.lay_out_for(width);
        let (keys, what) = (usize::from(self.answering.height(width)), self.what.len());
        keys + what
            + match self.answering.confirming() {
                Some(lasting) => self.lasting(lasting).len() + 1,
                None => 1 + self.around.height(),
            }
    }

    fn lay_out_for(&mut self, width: u16) {
        if self.width == width {
            return;
        }
        self.width = width;
        self.laid_out = None;
        let width = usize::from(width);
        (self.what, self.grave) = match &self.approval.subject {
            ApprovalSubject::Command(command) | ApprovalSubject::Loss(command) => {
                let rows = CommandRows::of(command, width);
                let grave = self.approval.hazards.iter().map(|hazard| rows.of_part(&hazard.at));
                let grave = grave.collect();
                (rows.lines, grave)
            }
            subject => (what(subject, width), Vec::new()),
        };
        self.names = subject_rows::names(&self.approval.subject, width);
        self.rules = subject_rows::rules(&self.approval.learn, width);
        self.opens = subject_rows::opens(&self.approval.opens, width);
        self.around = Around::new(&self.approval, width);
    }

    /// The effect of a lasting choice.
    fn lasting(&self, lasting: Lasting) -> &LaidOutLines {
        if lasting == Lasting::Rule { &self.rules } else { &self.opens }
    }

    /// Lays it out; returns the rows it takes, at most `most`.
    pub fn settle(&mut self, (width, most): (u16, u16), readiness: Readiness) -> u16 {
        self.readiness = readiness;
        self.lay_out_for(width);
        let keys = self.answering.height(width);
        let room = usize::from(most.saturating_sub(keys));
        let shown = self.answering.confirming().map_or(Shown::What, Shown::Lasting);
        if self.laid_out != Some((room, shown)) {
            if self.laid_out.is_some_and(|(_, before)| before != shown) {
                self.body.rewind();
            }
            self.laid_out = Some((room, shown));
            self.lay_out(room, shown);
        }
        let body = self.body.len().min(room.saturating_sub(self.pinned.len()));
        self.body.fit(body);
        u16::try_from(body + self.pinned.len()).unwrap_or(u16::MAX).saturating_add(keys)
    }

    fn lay_out(&mut self, room: usize, shown: Shown) {
        self.body.lines = LaidOutLines::new();
        self.body.fold = None;
        if let Shown::Lasting(lasting) = shown {
            let mut lines = self.lasting(lasting).clone();
            self.body.fold = Fold::of(&lines, lines.len(), &[], room);
            lines.end_row();
            lines.append(&self.what);
            (self.body.lines, self.pinned) = (lines, LaidOutLines::new());
            return;
        }
        // Place, reason and manner stay visible and leave room for the action.
        let beside = room.saturating_sub(self.what.len() + 1);
        let (below, pinned) = self.around.part(beside, room, LEAST_ROWS);
        if self.what.len() + below.len() + pinned.len() > room {
            self.body.lines.append(&self.names);
        }
        self.body.lines.append(&self.what);
        if !pinned.is_empty() && pinned.len() <= beside {
            self.body.lines.end_row();
        }
        self.body.lines.append(&below);
        if !matches!(self.approval.subject, ApprovalSubject::Change(_)) {
            let left = room.saturating_sub(pinned.len());
            self.body.fold = Fold::of(&self.body.lines, self.what.len(), &self.grave, left);
        }
        self.pinned = pinned;
    }

    pub fn title(&self) -> String {
        self.approval.subject.question()
    }

    /// The added and removed lines of a change.
    pub fn counts(&self) -> LaidOutLines {
        counts(&self.approval.subject)
    }

    /// Draws what stays visible and the choices; returns the position of the caret while text is
    /// being written.
    pub fn draw_below(&self, area: Rect, canvas: &mut Canvas) -> Option<Position> {
        self.pinned.draw(0..self.pinned.len(), area, canvas);
        let y = area.y + u16::try_from(self.pinned.len()).unwrap_or(0);
        let keys = Rect { y, height: area.bottom().saturating_sub(y), ..area };
        self.answering.draw(self.readiness, keys, canvas)
    }

    fn heard(&self, answer: ApprovalAnswer) -> KeyOutcome {
        let decision = match answer {
            ApprovalAnswer::Ignored => return KeyOutcome::Ignored,
            ApprovalAnswer::Taken => return KeyOutcome::Taken,
            ApprovalAnswer::Given(decision) => decision,
        };
        KeyOutcome::Tell(None, TurnCommand::Decide { ask: self.approval.id, decision })
    }
}
