//! What a front may ask of the engine.

use std::path::PathBuf;
use std::sync::Arc;

use super::{
    Agent, ApprovalMode, ApprovalResponse, AskId, ChosenStep, Direction, Effort, ModelName, Parent,
    PastPrompt, Picture, ProviderId, SessionId, SessionSelector, SignInId, SignInWay, TurnId,
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
    /// Hears no more of a session. Where nobody else does either, what runs in it is ended, and it is let go of; what it holds stays on disk.
    Close(SessionId),
    /// Removes it from the disk; refused while it is open anywhere. Answered by `Reply::Sessions`.
    Delete(SessionId),
    /// Asks for a session as Markdown, without secrets; answered by `Reply::Exported`.
    Export { which: SessionSelector, to: ExportTo },
    /// Asks for the files of a folder; answered by `Reply::Files`.
    Files(PathBuf),
    /// Opens a copy of a session under a name of its own; answered as `Resume` is.
    Fork { from: SessionId, id: SessionId, mode: Option<ApprovalMode> },
    /// Asks which sessions there are; answered by `Reply::Sessions`.
    List(ListDepth),
    /// Begins a conversation about a folder; answered by `Reply::Opened`.
    Open { id: SessionId, folder: PathBuf, options: OpenOptions },
    /// Asks for the last words of a session; answered by `Reply::Preview`.
    Preview(SessionId),
    /// Asks for all that a session holds; answered by `Reply::Read`.
    Read(SessionSelector),
    /// Keeps a line in the prompt history for later starts.
    Remember(PastPrompt),
    /// Asks for the prompt history; answered by `Reply::History`.
    Recall,
    /// Gives a session another title; answered by `Reply::Sessions`.
    Rename { id: SessionId, title: String },
    /// Opens a session as it was left, or joins one that is open in this engine (which goes on as it is); answered by `Reply::Opened`.
    ///
    /// Where another program has it open, it is a copy under the name `fork`.
    Resume { which: SessionSelector, fork: SessionId, options: OpenOptions },
}

/// What a session is opened with. `None` means what the settings say, or for a resumed one what it was left with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// A bare id means the provider of the settings' model, or for a resumed session the one it was left with.
    pub model: Option<ModelName>,
    pub effort: Option<Effort>,
    /// What may happen without asking; the settings' choice where it is `None`, also for a resumed session.
    pub mode: Option<ApprovalMode>,
    /// The open session that this one works for: what it asks is told there too, and it ends with it.
    pub parent: Option<Parent>,
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
    /// Answers the question that a call asks; refused with `ProblemKind::Resolved` where it waits no more.
    Answer { ask: AskId, text: String },
    /// Has the model sum the conversation up, and goes on from that.
    Compact,
    /// Answers an approval; to a question, `No` declines it. Refused as `Answer` is.
    Decide { ask: AskId, decision: ApprovalResponse },
    /// A person begins to write a prompt: what the request will need to know of the folder is looked at meanwhile.
    GetReady,
    /// Ends the running turn: the stream stops, running tools are ended, what was completed is kept.
    Interrupt,
    /// Asks what taking back (or making again) the changes of a turn would do, of the last one that has any where none is named; answered by
    /// `Reply::UndoPreview`.
    PreviewUndo { direction: Direction, turn: Option<TurnId> },
    /// Runs a command of the person's own; it and its output join the conversation. Not while a turn runs.
    Shell { line: String },
    /// A prompt. While a turn runs it is queued and joins at the next step. Answered by `Reply::Submitted`.
    Submit(UserPrompt),
    /// Leaves a turn's changes as they are, and asks about those of the turn before; answered by `Reply::UndoPreview`.
    SkipUndo(TurnId),
    /// Does these steps of what `Reply::UndoPreview` told; `EventKind::Undone` tells what came of it.
    Undo { direction: Direction, turn: TurnId, steps: Vec<ChosenStep> },
    /// Takes the prompt that was queued last back; answered by `Reply::Unqueued`.
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
    /// Ends a sign-in: the listener is closed, the poll stopped.
    CancelSignIn(SignInId),
    /// Asks who is signed in; answered by `Reply::Accounts`.
    List,
    /// Asks for the models of the account in use; answered by `Reply::Models` with what is known, and `EventKind::Models` tells what the server says.
    Models,
    /// Opens an address of the running sign-in in this machine's browser.
    OpenPage(String),
    /// The address (or its query) that the browser of this sign-in ended on.
    PasteCallback {
        attempt: SignInId,
        text: String,
    },
    /// Uses opencode's auth.json from now on (shared, never copied).
    ShareOpencode,
    /// Begins a sign-in, which takes the place of one that runs; it goes on as `EventKind::SignIn` under this name.
    SignIn {
        attempt: SignInId,
        provider: ProviderId,
        way: SignInWay,
        check: KeyCheck,
        lifetime: SignInLifetime,
    },
    SignOut(ProviderId),
}

/// How long a sign-in may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInLifetime {
    /// As long as the client that began it is there.
    Client,
    /// As long as the engine runs.
    Engine,
}

/// Whether an API key is checked before it is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyCheck {
    First,
    Skip,
}
