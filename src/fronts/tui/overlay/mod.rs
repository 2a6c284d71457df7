//! Dialogs: each has its own state on a stack, and the topmost has the keyboard.

mod choice;
mod connect;
mod diff;
mod elsewhere;
mod guide;
mod help;
mod mcp;
mod models;
pub mod modes;
mod palette;
mod reply;
mod rewind;
mod rules;
mod scroll;
mod session;
mod sessions;
mod stack;
mod status;
mod undo;

use crossterm::event::KeyEvent;
use ratatui::layout::{Position, Rect};

pub use choice::{ChoiceDialog, add_guidance, copy_code};
pub use connect::Connect;
pub use diff::DiffDialog;
pub use elsewhere::ElsewhereDialog;
pub use guide::GuideDialog;
pub use help::Help;
pub use mcp::McpDialog;
pub use models::ModelDialog;
pub use modes::ModesDialog;
pub use palette::Palette;
pub use reply::{AfterReply, DialogReply};
pub use rewind::{GoBackWay, RewindDialog};
pub use session::{ContextDialog, JobsDialog, QueueDialog};
pub use sessions::SessionsDialog;
pub use stack::Stack;
pub use status::StatusDialog;
pub use undo::UndoDialog;

use crate::base::Timestamp;
use crate::protocol::{SessionId, SignInId, SignInStep};
use crate::tui::conversation::Conversation;
use crate::tui::messages::Toward;
use crate::tui::paint::Canvas;
use crate::tui::program_facts::Facts;

#[derive(Debug)]
pub enum Overlay {
    Choice(ChoiceDialog),
    Connect(Box<Connect>),
    Context(ContextDialog),
    Diff(Box<DiffDialog>),
    Elsewhere(Box<ElsewhereDialog>),
    Guide(Box<GuideDialog>),
    Help(Help),
    Jobs(JobsDialog),
    Mcp(McpDialog),
    Models(ModelDialog),
    Modes(ModesDialog),
    Palette(Palette),
    Queue(QueueDialog),
    Rewind(Box<RewindDialog>),
    Sessions(SessionsDialog),
    Status(StatusDialog),
    Undo(UndoDialog),
}

/// Where a short note is drawn beside a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotePlace {
    /// In rows of its own above it.
    Above,
    /// Nowhere: a code to be scanned needs all rows.
    Nowhere,
    /// In the blank row below the title of a page that needs all other rows.
    UnderTitle,
}

impl Overlay {
    pub fn key(&mut self, key: &KeyEvent, facts: &Facts) -> DialogReply {
        match self {
            Self::Choice(dialog) => dialog.key(key),
            Self::Connect(dialog) => dialog.key(key, facts),
            Self::Context(dialog) => dialog.scroll.key(key),
            Self::Diff(dialog) => dialog.key(key),
            Self::Elsewhere(dialog) => dialog.key(key, facts.now),
            Self::Guide(dialog) => dialog.scroll.key(key),
            Self::Help(dialog) => dialog.key(key),
            Self::Jobs(dialog) => dialog.key(key),
            Self::Mcp(dialog) => dialog.key(key),
            Self::Models(dialog) => dialog.key(key),
            Self::Modes(dialog) => dialog.key(key),
            Self::Palette(dialog) => dialog.key(key),
            Self::Queue(dialog) => dialog.key(key),
            Self::Rewind(dialog) => dialog.key(key),
            Self::Sessions(dialog) => dialog.key(key, facts),
            Self::Status(dialog) => dialog.scroll.key(key),
            Self::Undo(dialog) => dialog.key(key),
        }
    }

    pub fn paste(&mut self, text: &str) -> DialogReply {
        match self {
            Self::Choice(dialog) => dialog.picker.paste(text),
            Self::Connect(dialog) => dialog.paste(text),
            Self::Mcp(dialog) => dialog.paste(text),
            Self::Models(dialog) => dialog.paste(text),
            Self::Palette(dialog) => dialog.picker.paste(text),
            Self::Rewind(dialog) => dialog.paste(text),
            Self::Sessions(dialog) => return dialog.paste(text),
            _ => {}
        }
        DialogReply::stay()
    }

    pub fn wheel(&mut self, toward: Toward, rows: u16) {
        match self {
            Self::Choice(dialog) => dialog.picker.jump(toward.step()),
            Self::Connect(dialog) => dialog.wheel(toward),
            Self::Context(dialog) => dialog.scroll.by(toward, rows),
            Self::Diff(dialog) => dialog.wheel(toward, rows),
            Self::Elsewhere(dialog) => dialog.wheel(toward),
            Self::Guide(dialog) => dialog.scroll.by(toward, rows),
            Self::Help(dialog) => dialog.scroll.by(toward, rows),
            Self::Jobs(dialog) => dialog.go(toward.step()),
            Self::Mcp(dialog) => dialog.go(toward.step()),
            Self::Models(dialog) => dialog.wheel(toward),
            Self::Modes(dialog) => dialog.wheel(toward),
            Self::Palette(dialog) => dialog.picker.jump(toward.step()),
            Self::Queue(dialog) => dialog.wheel(toward),
            Self::Rewind(dialog) => dialog.wheel(toward),
            Self::Sessions(dialog) => dialog.wheel(toward),
            Self::Status(dialog) => dialog.scroll.by(toward, rows),
            Self::Undo(dialog) => dialog.wheel(toward, rows),
        }
    }

    /// Selects the row of a list in a cell of the screen; `true` if it is to be chosen, too. Where
    /// a row stands for something that is done at once, a key does it.
    pub fn click(&mut self, at: Position) -> bool {
        match self {
            Self::Choice(dialog) => return dialog.picker.click(at),
            Self::Connect(dialog) => return dialog.click(at),
            Self::Models(dialog) => return dialog.picker.click(at),
            Self::Palette(dialog) => return dialog.picker.click(at),
            Self::Rewind(dialog) => return dialog.click(at),
            Self::Sessions(dialog) => return dialog.click(at),
            Self::Jobs(dialog) => dialog.click(at),
            Self::Mcp(dialog) => dialog.click(at),
            Self::Modes(dialog) => dialog.click(at),
            Self::Queue(dialog) => dialog.click(at),
            Self::Undo(dialog) => dialog.click(at),
            _ => {}
        }
        false
    }

    /// Passes a step of a sign-in to the dialog that started it.
    pub fn sign_in(&mut self, attempt: &SignInId, step: &SignInStep, facts: &Facts) {
        match self {
            Self::Connect(dialog) => dialog.step(attempt, step, facts),
            Self::Mcp(dialog) => dialog.step(attempt, step),
            _ => {}
        }
    }

    /// Applies choices to another conversation from now on. Each dialog is named: one that was
    /// forgotten would choose for the conversation before.
    pub fn turn_to(&mut self, session: &SessionId) {
        match self {
            Self::Jobs(dialog) => dialog.turn_to(session),
            Self::Mcp(dialog) => dialog.turn_to(session),
            Self::Models(dialog) => dialog.turn_to(session),
            Self::Queue(dialog) => dialog.turn_to(session),
            Self::Choice(_)
            | Self::Connect(_)
            | Self::Context(_)
            | Self::Diff(_)
            | Self::Elsewhere(_)
            | Self::Guide(_)
            | Self::Help(_)
            | Self::Modes(_)
            | Self::Palette(_)
            | Self::Rewind(_)
            | Self::Sessions(_)
            | Self::Status(_)
            | Self::Undo(_) => {}
        }
    }

    /// Takes new facts.
    pub fn refresh(&mut self, facts: &Facts) {
        match self {
            Self::Connect(dialog) => dialog.refresh(facts),
            Self::Models(dialog) => dialog.refresh(facts),
            Self::Sessions(dialog) => dialog.refresh(facts),
            _ => {}
        }
    }

    /// Whether the next key does something irreversible: the question about it must not be covered.
    pub fn is_asking(&self) -> bool {
        match self {
            Self::Connect(dialog) => dialog.is_asking(),
            Self::Mcp(dialog) => dialog.is_asking(),
            Self::Modes(dialog) => dialog.is_asking(),
            Self::Sessions(dialog) => dialog.is_asking(),
            Self::Undo(dialog) => dialog.is_asking(),
            Self::Choice(_)
            | Self::Context(_)
            | Self::Diff(_)
            | Self::Elsewhere(_)
            | Self::Guide(_)
            | Self::Help(_)
            | Self::Jobs(_)
            | Self::Models(_)
            | Self::Palette(_)
            | Self::Queue(_)
            | Self::Rewind(_)
            | Self::Status(_) => false,
        }
    }

    /// Where a short note may be drawn.
    pub fn note_place(&self) -> NotePlace {
        if let Self::Connect(dialog) = self { dialog.note_place() } else { NotePlace::Above }
    }

    /// The next time at which the dialog changes by itself.
    pub fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Connect(dialog) => dialog.wakes(now),
            Self::Elsewhere(dialog) => dialog.wakes(now),
            Self::Jobs(dialog) => dialog.wakes(),
            Self::Mcp(dialog) => dialog.wakes(now),
            _ => None,
        }
    }

    /// Draws the dialog over the screen; returns the position of its caret.
    pub fn draw(
        &mut self,
        facts: &Facts,
        talk: &Conversation,
        area: Rect,
        canvas: &mut Canvas,
    ) -> Option<Position> {
        match self {
            Self::Choice(dialog) => return Some(dialog.draw(area, canvas)),
            Self::Connect(dialog) => return dialog.draw(facts, area, canvas),
            Self::Context(dialog) => dialog.draw(facts, talk, area, canvas),
            Self::Diff(dialog) => dialog.draw(area, canvas),
            Self::Elsewhere(dialog) => dialog.draw(facts, area, canvas),
            Self::Guide(dialog) => dialog.draw(area, canvas),
            Self::Help(dialog) => dialog.draw(area, canvas),
            Self::Jobs(dialog) => dialog.draw(talk, area, canvas),
            Self::Mcp(dialog) => return dialog.draw(&talk.session.mcp, facts, area, canvas),
            Self::Models(dialog) => return Some(dialog.draw(facts, area, canvas)),
            Self::Modes(dialog) => {
                let home = facts.start.home.as_deref();
                let listed = (&*talk.session.rules, &talk.session.opened);
                dialog.draw(listed, home, area, canvas);
            }
            Self::Palette(dialog) => return Some(dialog.draw(area, canvas)),
            Self::Queue(dialog) => dialog.draw(talk, area, canvas),
            Self::Rewind(dialog) => return Some(dialog.draw(area, canvas)),
            Self::Sessions(dialog) => return Some(dialog.draw(facts, area, canvas)),
            Self::Status(dialog) => dialog.draw(facts, talk, area, canvas),
            Self::Undo(dialog) => dialog.draw(area, canvas),
        }
        None
    }
}
