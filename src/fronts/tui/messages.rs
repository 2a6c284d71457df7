//! What happens to the screen, and what it wants done.

use crossterm::event::KeyEvent;
use jiff::tz::TimeZone;

use crate::base::Timestamp;
use crate::fronts::tui::paint::Background;
use crate::fronts::tui::terminal::Copied;
use crate::protocol::{
    AccountCommand, Command, Direction, Event, FollowedPart, Problem, ReplyResult, SessionCommand,
    SessionId, TurnCommand,
};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The terminal told its background.
    Background(Background),
    /// What came of a `Cmd::Copy`.
    Copied(Copied),
    /// What came of a `Cmd::Edit`: the text, or why there is none.
    Edited(Result<String, String>),
    Engine(Box<Event>),
    /// The engine's answer.
    Reply(Asked, ReplyResult),
    /// There is no engine: what failed at the start.
    EngineFailed(Problem),
    Focus(Focus),
    Key(KeyEvent),
    Paste(String),
    Resize {
        width: u16,
        height: u16,
    },
    /// All that was typed by now has been heard.
    Rest,
    /// The terminal was lent or showed something else, and shows this screen again.
    Shown,
    /// The person's time zone.
    Zone(TimeZone),
    /// The time; precedes whatever else happens then.
    Tick(Timestamp),
    /// The mouse wheel, in rows.
    Wheel {
        toward: Toward,
        rows: u16,
    },
}

/// What an answer belongs to, where that matters to what is made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The end of a sign-in, which may have ended by itself.
    Cancel,
    /// A copy of a conversation.
    Copy,
    /// A new conversation.
    Open,
    Other,
    /// A turn of this conversation.
    Prompt(SessionId),
    /// An earlier conversation.
    Resume,
    /// To be told what another program writes to this conversation.
    Watch(SessionId),
    /// What taking changes of this conversation back, or making them again, would do.
    UndoPreview(SessionId, Direction),
}

impl Asked {
    pub fn by(command: &Command) -> Self {
        match command {
            Command::Account(AccountCommand::CancelSignIn(_)) => Self::Cancel,
            Command::Session(SessionCommand::Open { .. }) => Self::Open,
            Command::Session(SessionCommand::Fork { .. }) => Self::Copy,
            Command::Session(SessionCommand::Resume { .. }) => Self::Resume,
            Command::Session(SessionCommand::Follow { id, part: FollowedPart::Log }) => {
                Self::Watch(id.clone())
            }
            Command::Turn(session, TurnCommand::PreviewUndo { direction, .. }) => {
                Self::UndoPreview(session.clone(), *direction)
            }
            Command::Turn(session, TurnCommand::SkipUndo(_)) => {
                Self::UndoPreview(session.clone(), Direction::Undo)
            }
            Command::Turn(session, TurnCommand::Submit(_)) => Self::Prompt(session.clone()),
            _ => Self::Other,
        }
    }
}

/// Something to be done outside the screen's state.
#[derive(Clone, Debug)]
pub enum Cmd {
    /// To the clipboard, by whatever way there is; answered by `Msg::Copied`.
    Copy(String),
    /// A text in a person's editor, which has the terminal meanwhile; answered by `Msg::Edited`.
    Edit {
        editor: String,
        text: String,
    },
    /// A bell and a notification, for a person who looks elsewhere.
    Notify(String),
    /// The plain text on the normal screen, until a key.
    Print(String),
    Quit,
    /// Paints all cells anew.
    Redraw,
    Send(Command),
    Suspend,
}

/// Whether the terminal's window has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    Gained,
    Lost,
}

/// Whether a person can see what would take a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sight {
    /// Something is over it, or the window is too small for it.
    Hidden,
    #[default]
    Seen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toward {
    End,
    Start,
}

impl Toward {
    /// One row of a list.
    pub fn step(self) -> isize {
        match self {
            Self::End => 1,
            Self::Start => -1,
        }
    }
}
