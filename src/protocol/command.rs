//! What a front may ask of the engine.

use std::path::PathBuf;
use std::sync::Arc;

use super::{
    Agent, ApprovalMode, ApprovalResponse, CallId, ChosenStep, Direction, Effort, ModelName,
    ModelRef, PastPrompt, Picture, ProviderId, SessionId, SessionSelector, SignInWay, TurnId,
};

#[derive(Clone, Debug)]
pub enum Command {
    Account(AccountCommand),
    Session(SessionCommand),
    Settings(SessionId, SettingsCommand),
    Turn(SessionId, TurnCommand),
}

#[derive(Clone, Debug)]
pub enum SessionCommand {
    /// Ends what runs in it and lets go of it; what it holds stays on disk.
    Close(SessionId),
    /// Removes it from the disk; refused while it is open anywhere. Answered by `EventKind::Sessions`.
    Delete(SessionId),
    /// Asks for a session as Markdown, without secrets; answered by `EventKind::Exported`.
    Export { which: SessionSelector, to: ExportTo },
    /// Asks for the files of a folder; answered by `EventKind::Files`.
    Files(PathBuf),
    /// Opens a copy of a session under a name of its own; answered as `Resume` is.
    Fork { from: SessionId, id: SessionId },
    /// Asks which sessions there are; answered by `EventKind::Sessions`.
    List(ListDepth),
    /// Begins a conversation about a folder; `None` means the settings' model and effort.
    Open { id: SessionId, folder: PathBuf, model: Option<ModelRef>, effort: Option<Effort> },
    /// Asks for the last words of a session; answered by `EventKind::Preview`.
    Preview(SessionId),
    /// Asks for all that a session holds; answered by `EventKind::Read`.
    Read(SessionSelector),
    /// Keeps a line in the prompt history for later starts.
    Remember(PastPrompt),
    /// Asks for the prompt history; answered by `EventKind::History`.
    Recall,
    /// Gives a session another title; answered by `EventKind::Sessions`.
    Rename { id: SessionId, title: String },
    /// Opens a session as it was left; answered by `EventKind::SessionResumed` or `EventKind::NotResumed`.
    ///
    /// Where another program has it open, it is a copy under the name `fork`. `None` means the model and effort it was left with, a bare id the
    /// provider it was left with.
    Resume {
        which: SessionSelector,
        fork: SessionId,
        model: Option<ModelName>,
        effort: Option<Effort>,
    },
}

/// How much is looked at before a list is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListDepth {
    /// Every session.
    All,
    /// Those that are new or were written to lately; the list is told again where one of the others has changed.
    Latest,
}

/// Where a session's Markdown goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportTo {
    /// Into this file, which must not be there yet.
    File(PathBuf),
    /// Into a new file in this folder.
    Folder(PathBuf),
    /// Into the answer.
    Text,
}

#[derive(Clone, Debug)]
pub enum TurnCommand {
    /// Answers the question that a call asks.
    Answer { call: CallId, text: String },
    /// Has the model sum the conversation up, and goes on from that.
    Compact,
    /// Answers an approval; to a question, `No` declines it.
    Decide { call: CallId, decision: ApprovalResponse },
    /// Ends the running turn: the stream stops, running tools are ended, what was completed is kept.
    Interrupt,
    /// Asks what taking back (or making again) the changes of a turn would do, of the last one that has any where none is named; answered by
    /// `EventKind::UndoPreview`.
    PreviewUndo { direction: Direction, turn: Option<TurnId> },
    /// Runs a command of the person's own; it and its output join the conversation. Not while a turn runs.
    Shell { line: String },
    /// A prompt. While a turn runs it is queued and joins at the next step.
    Submit(UserPrompt),
    /// Leaves a turn's changes as they are, and asks about those of the turn before; answered by `EventKind::UndoPreview`.
    SkipUndo(TurnId),
    /// Does these steps of what `EventKind::UndoPreview` told; answered by `EventKind::Undone`.
    Undo { direction: Direction, turn: TurnId, steps: Vec<ChosenStep> },
    /// Hands the prompt that was queued last back, by `EventKind::Unqueued`.
    Unqueue,
}

/// A prompt as it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPrompt {
    pub text: String,
    pub images: Vec<Picture>,
    /// A JSON Schema that the final answer has to fit, as text.
    pub schema: Option<Arc<str>>,
}

impl<T: Into<String>> From<T> for UserPrompt {
    fn from(text: T) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

#[derive(Clone, Debug)]
pub enum SettingsCommand {
    Agent(Agent),
    Mode(ApprovalMode),
    Model { model: ModelName, effort: Option<Effort> },
}

#[derive(Clone, Debug)]
pub enum AccountCommand {
    /// Ends the sign-in that runs: the listener is closed, the poll stopped.
    CancelSignIn,
    /// Asks who is signed in; answered by `EventKind::Accounts`, after `EventKind::Failed` and without accounts where the file cannot be read.
    List,
    /// Asks for the models of the account in use; answered by `EventKind::Models`, from the cache first.
    Models,
    /// Opens an address of the running sign-in in this machine's browser.
    OpenPage(String),
    /// The address (or its query) that the browser ended on.
    PasteCallback(String),
    /// Uses opencode's auth.json from now on (shared, never copied).
    ShareOpencode,
    SignIn {
        provider: ProviderId,
        way: SignInWay,
        check: KeyCheck,
    },
    SignOut(ProviderId),
}

/// Whether an API key is checked before it is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyCheck {
    First,
    Skip,
}
