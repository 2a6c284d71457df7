//! Messages to the screen's state, and the commands it returns.

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use jiff::tz::TimeZone;

use crate::base::Timestamp;
use crate::protocol::{
    AccountCommand, Command, DiffBase, Direction, Event, FollowedPart, Problem, ReplyResult,
    SessionCommand, SessionId, SizedPicture, TurnCommand,
};
use crate::tui::composer::ChipId;
use crate::tui::paint::Background;
use crate::tui::start::ScreenEnd;
use crate::tui::terminal::{Copied, NoPicture};

/// An event for the screen.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The terminal reported its background.
    Background(Background),
    /// The outcome of a `Cmd::Copy`.
    Copied(Copied),
    /// The outcome of a `Cmd::Edit`: the text, or why there is none.
    Edited(Result<String, String>),
    Engine(Box<Event>),
    /// The engine's reply.
    Reply(Asked, ReplyResult),
    /// The engine failed to start.
    EngineFailed(Problem),
    Focus(Focus),
    /// The terminal is GNU screen.
    GnuScreen,
    Key(KeyEvent),
    Paste(String),
    /// The outcome of a `Cmd::ReadPicture`.
    PictureRead(ChipId, Result<SizedPicture, PictureFailure>),
    Resize {
        width: u16,
        height: u16,
    },
    /// All keys that were typed so far have been handled.
    Rest,
    /// The person's own command for the status line printed a line, or why it did not.
    StatusPrinted(Result<String, String>),
    /// The screen is shown again after the terminal was lent or showed something else.
    Shown,
    /// The person's time zone.
    Zone(TimeZone),
    /// The current time; sent before any other message.
    Tick(Timestamp),
    /// The left mouse button.
    Mouse(MouseEvent),
    /// The mouse wheel, in rows.
    Wheel {
        toward: Toward,
        rows: u16,
    },
}

/// Why a picture cannot be attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PictureFailure {
    Clipboard(NoPicture),
    Problem(Problem),
}

/// The request that a reply belongs to, where its handling differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The cancellation of a sign-in, which may have ended already.
    Cancel,
    /// A copy of a conversation.
    Copy,
    /// A new conversation.
    Open,
    Other,
    /// The commands and skills of files.
    Extensions,
    /// A prompt for this conversation.
    Prompt(SessionId),
    /// An earlier conversation.
    Resume,
    /// The changed files of this conversation's folder.
    Diff(SessionId, DiffBase),
    /// The ports on which the jobs of this conversation listen.
    JobPorts(SessionId),
    /// Watching a conversation that another program has open.
    Watch(SessionId),
    /// Going back in this conversation.
    GoBack(SessionId),
    /// The files that would go back in this conversation.
    GoBackPreview(SessionId),
    /// Another name for a conversation.
    Rename,
    /// The timeline of this conversation.
    Timeline(SessionId),
    /// The preview of an undo or redo in this conversation.
    UndoPreview(SessionId, Direction),
    /// A change of the settings.
    Write,
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
            Command::Turn(session, TurnCommand::Diff(base)) => Self::Diff(session.clone(), *base),
            Command::Turn(session, TurnCommand::JobPorts) => Self::JobPorts(session.clone()),
            Command::Turn(session, TurnCommand::PreviewUndo { direction, .. }) => {
                Self::UndoPreview(session.clone(), *direction)
            }
            Command::Turn(session, TurnCommand::SkipUndo(_)) => {
                Self::UndoPreview(session.clone(), Direction::Undo)
            }
            Command::Turn(session, TurnCommand::GoBack { .. }) => Self::GoBack(session.clone()),
            Command::Turn(session, TurnCommand::PreviewGoBack(_)) => {
                Self::GoBackPreview(session.clone())
            }
            Command::Turn(session, TurnCommand::Timeline) => Self::Timeline(session.clone()),
            Command::Session(SessionCommand::Rename { .. }) => Self::Rename,
            Command::Config(_) => Self::Write,
            Command::Session(SessionCommand::Extensions(_)) => Self::Extensions,
            Command::Turn(session, TurnCommand::Submit(_)) => Self::Prompt(session.clone()),
            _ => Self::Other,
        }
    }
}

/// An action outside the screen's state.
#[derive(Clone, Debug)]
pub enum Cmd {
    /// Copies to the clipboard by any available method; answered by `Msg::Copied`.
    Copy(String),
    /// Opens a text in the person's editor, which has the terminal meanwhile; answered by
    /// `Msg::Edited`.
    Edit {
        editor: String,
        text: String,
    },
    /// Rings the bell and notifies a person who looks elsewhere.
    Notify(String),
    /// Shows plain text on the normal screen until a key is pressed.
    Print(String),
    /// Reads a picture of a prompt, away from the screen's thread; answered by `Msg::PictureRead`.
    ReadPicture(ChipId, PictureSource),
    /// Leaves the screen, and says this below it.
    Leave(ScreenEnd, Option<String>),
    /// Redraws all cells.
    Redraw,
    /// Runs the person's own command for the status line, away from the screen's thread; answered
    /// by `Msg::StatusPrinted`.
    RunStatus {
        command: Arc<[String]>,
        facts: String,
    },
    Send(Command),
    Suspend,
}

/// Where a picture is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PictureSource {
    Clipboard,
    /// A file; a relative path begins at the folder.
    File {
        folder: PathBuf,
        path: PathBuf,
    },
}

/// Whether the terminal's window has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    Gained,
    Lost,
}

/// Whether the person can see what takes the key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sight {
    /// It is covered, or the window is too small.
    Hidden,
    #[default]
    Seen,
}

/// A report of the left mouse button in a cell of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MouseEvent {
    pub kind: MouseKind,
    pub x: u16,
    pub y: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// It was moved while the button was held.
    Drag,
    Press,
    Release,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toward {
    End,
    Start,
}

impl Toward {
    /// The offset in rows of a list.
    pub fn step(self) -> isize {
        match self {
            Self::End => 1,
            Self::Start => -1,
        }
    }
}
