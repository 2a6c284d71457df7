//! The undo dialog: the effect of an undo or redo on each file, and the choice of files. The same
//! list stands before a conversation goes back with its files.

mod view;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Position;

use crate::protocol::{
    ChosenStep, Command, Direction, GoBackPart, ReviewedState, SessionId, TurnCommand, UndoPreview,
    UndoStep,
};
use crate::tui::messages::{Cmd, Toward};
use crate::tui::overlay::{DialogReply, GoBackWay};
use crate::tui::paint::panel::RowPlaces;

#[derive(Debug)]
pub struct UndoDialog {
    session: SessionId,
    purpose: Purpose,
    preview: UndoPreview,
    chosen: Vec<bool>,
    cursor: usize,
    state: State,
    rows: RowPlaces,
}

/// The command that the chosen files are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    GoBack(GoBackWay),
    Undo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Asks before files are overwritten that may hold the person's own changes, and before a
    /// conversation goes back without some of its files.
    Asking,
    Choosing,
    /// The list of turns with the selected one.
    Turns(usize),
}

impl UndoDialog {
    pub fn new(session: SessionId, mut preview: UndoPreview) -> Self {
        // Possible steps come first, files outside the folder last.
        let place = |step: &UndoStep| (rank(step), step.shown.starts_with('/'), step.shown.clone());
        preview.steps.sort_by_cached_key(place);
        let chosen = preview.steps.iter().map(|step| step.state == ReviewedState::AsLeft).collect();
        let purpose = Purpose::Undo;
        let (state, rows) = (State::Choosing, RowPlaces::default());
        Self { session, purpose, preview, chosen, cursor: 0, state, rows }
    }

    /// The list of files for a conversation that goes back with them.
    pub fn going_back(session: SessionId, preview: UndoPreview, way: GoBackWay) -> Self {
        Self { purpose: Purpose::GoBack(way), ..Self::new(session, preview) }
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        match self.state {
            State::Asking => self.answer(key),
            State::Choosing => self.choose(key),
            State::Turns(at) => self.turn_key(key, at),
        }
    }

    fn choose(&mut self, key: &KeyEvent) -> DialogReply {
        match key.code {
            KeyCode::Esc => return DialogReply::close(),
            KeyCode::Enter if self.risks() > 0 || self.leaves() > 0 => self.state = State::Asking,
            KeyCode::Enter if self.count() > 0 || self.takes_words() => return self.go(),
            KeyCode::Char('w') if self.offers_words() => {
                return self.leave(TurnCommand::PreviewGoBack(self.preview.turn));
            }
            KeyCode::Char(' ') => {
                if self.preview.steps.get(self.cursor).is_some_and(may_be_chosen) {
                    self.chosen[self.cursor] = !self.chosen[self.cursor];
                }
                self.wheel(Toward::End, 1);
            }
            KeyCode::Char('a') => {
                let all = self
                    .preview
                    .steps
                    .iter()
                    .zip(&self.chosen)
                    .all(|(step, chosen)| *chosen || !may_be_chosen(step));
                self.chosen =
                    self.preview.steps.iter().map(|step| !all && may_be_chosen(step)).collect();
            }
            KeyCode::Char('s')
                if self.preview.direction == Direction::Undo && self.has_earlier() =>
            {
                return self.leave(TurnCommand::SkipUndo(self.preview.turn));
            }
            KeyCode::Char('t') if self.preview.turns.len() > 1 => {
                let at = self.preview.turns.iter().position(|turn| turn.turn == self.preview.turn);
                self.state = State::Turns(at.unwrap_or_default());
            }
            KeyCode::Up => self.wheel(Toward::Start, 1),
            KeyCode::Down => self.wheel(Toward::End, 1),
            KeyCode::PageUp => self.wheel(Toward::Start, 8),
            KeyCode::PageDown => self.wheel(Toward::End, 8),
            _ => {}
        }
        DialogReply::stay()
    }

    fn answer(&mut self, key: &KeyEvent) -> DialogReply {
        self.state = State::Choosing;
        if key.code == KeyCode::Char('y') { self.go() } else { DialogReply::stay() }
    }

    fn turn_key(&mut self, key: &KeyEvent, at: usize) -> DialogReply {
        let last = self.preview.turns.len().saturating_sub(1);
        match key.code {
            KeyCode::Esc => self.state = State::Choosing,
            KeyCode::Up => self.state = State::Turns(at.saturating_sub(1)),
            KeyCode::Down => self.state = State::Turns((at + 1).min(last)),
            KeyCode::Enter => {
                if let Some(turn) = self.preview.turns.get(at) {
                    // A turn that was undone completely can only be redone.
                    let direction = match (turn.standing, turn.undone) {
                        (0, _) => Direction::Redo,
                        (_, 0) => Direction::Undo,
                        _ => self.preview.direction,
                    };
                    return self
                        .leave(TurnCommand::PreviewUndo { direction, turn: Some(turn.turn) });
                }
            }
            _ => {}
        }
        DialogReply::stay()
    }

    /// Whether the next key may overwrite.
    pub fn is_asking(&self) -> bool {
        self.state == State::Asking
    }

    /// Puts the cursor on the row in a cell of the screen.
    pub fn click(&mut self, at: Position) {
        let Some(row) = self.rows.at(at) else { return };
        match &mut self.state {
            State::Asking => {}
            State::Choosing => self.cursor = row,
            State::Turns(turn) => *turn = row,
        }
    }

    pub fn wheel(&mut self, toward: Toward, rows: u16) {
        let (at, last) = match &mut self.state {
            State::Asking => return,
            State::Choosing => (&mut self.cursor, self.preview.steps.len()),
            State::Turns(at) => (at, self.preview.turns.len()),
        };
        *at = match toward {
            Toward::End => (*at + usize::from(rows)).min(last.saturating_sub(1)),
            Toward::Start => at.saturating_sub(usize::from(rows)),
        };
    }

    fn picked(&self) -> impl Iterator<Item = &UndoStep> {
        self.preview
            .steps
            .iter()
            .zip(&self.chosen)
            .filter(|(_, chosen)| **chosen)
            .map(|(step, _)| step)
    }

    fn count(&self) -> usize {
        self.picked().count()
    }

    /// The number of chosen steps that may overwrite the person's changes.
    fn risks(&self) -> usize {
        self.picked().filter(|step| step.state != ReviewedState::AsLeft).count()
    }

    /// Whether the conversation goes back as well.
    fn takes_words(&self) -> bool {
        self.purpose == Purpose::GoBack(GoBackWay::Both)
    }

    /// Whether the conversation can go back as well, to before the turn.
    fn offers_words(&self) -> bool {
        self.purpose == Purpose::Undo && self.preview.direction == Direction::Undo
    }

    /// The number of files that stay although the conversation goes back.
    fn leaves(&self) -> usize {
        let stays =
            |(step, chosen): &(&UndoStep, &bool)| !**chosen && step.state != ReviewedState::Already;
        let both = self.preview.steps.iter().zip(&self.chosen);
        if self.takes_words() { both.filter(stays).count() } else { 0 }
    }

    fn has_earlier(&self) -> bool {
        self.preview.turns.iter().any(|turn| turn.turn.0 < self.preview.turn.0 && turn.standing > 0)
    }

    fn go(&self) -> DialogReply {
        let steps = self
            .picked()
            .map(|step| ChosenStep { path: step.path.clone(), seen: step.seen })
            .collect();
        let (direction, turn) = (self.preview.direction, self.preview.turn);
        self.leave(match self.purpose {
            Purpose::Undo => TurnCommand::Undo { direction, turn, steps },
            Purpose::GoBack(GoBackWay::Files) => {
                TurnCommand::GoBack { before: turn, part: GoBackPart::Files(steps) }
            }
            Purpose::GoBack(_) => {
                TurnCommand::GoBack { before: turn, part: GoBackPart::Both(steps) }
            }
        })
    }

    fn leave(&self, command: TurnCommand) -> DialogReply {
        DialogReply::finish([Cmd::Send(Command::Turn(self.session.clone(), command))])
    }
}

fn may_be_chosen(step: &UndoStep) -> bool {
    rank(step) == 0
}

fn rank(step: &UndoStep) -> u8 {
    match step.state {
        ReviewedState::AsLeft | ReviewedState::ChangedSince | ReviewedState::PerhapsYours => 0,
        ReviewedState::Cannot(_) => 1,
        ReviewedState::Already => 2,
    }
}
