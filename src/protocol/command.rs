//! What a front may ask of the engine.

use std::path::PathBuf;

use super::{Effort, ModelId, ProviderId, SessionId, SignInWay};

#[derive(Clone, Debug)]
pub enum Command {
    Account(AccountCommand),
    Session(SessionCommand),
    Settings(SessionId, SettingsCommand),
    Turn(SessionId, TurnCommand),
}

#[derive(Clone, Debug)]
pub enum SessionCommand {
    /// Ends what runs in it and forgets it.
    Close(SessionId),
    /// Begins a conversation about a folder; `None` means the settings' model and effort.
    Open { id: SessionId, folder: PathBuf, model: Option<ModelId>, effort: Option<Effort> },
    /// Keeps a line in the prompt history for later starts.
    Remember(String),
    /// Asks for the prompt history; answered by `EventKind::History`.
    Recall,
}

#[derive(Clone, Debug)]
pub enum TurnCommand {
    /// Ends the running turn: the stream stops, running tools are ended, what was completed is kept.
    Interrupt,
    /// A prompt. While a turn runs it is queued and joins at the next step.
    Submit { text: String },
}

#[derive(Clone, Debug)]
pub enum SettingsCommand {
    Model { model: ModelId, effort: Option<Effort> },
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
        check: Check,
    },
    SignOut(ProviderId),
}

/// Whether an API key is checked before it is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    First,
    Skip,
}
