//! Commands: requests of a front to the engine.

use serde::{Deserialize, Serialize};

use crate::protocol::JobId;
use std::path::PathBuf;
use std::sync::Arc;

use crate::protocol::{
    Agent, ApprovalMode, ApprovalResponse, AskId, CallId, ChosenStep, ClientTokens, ConfigEdit,
    DiffBase, Direction, Effort, FilesCommand, ForkPoint, GoBackPart, KnownRule, McpRequest,
    ModelName, ModelRef, OpenOptions, PastPrompt, Picture, Presence, PromptExpansion, PromptId,
    ProviderId, SandboxOpening, ServiceTier, SessionId, SessionSelector, SignInId, SignInWay,
    ToolAnswer, TurnId, Verbosity, WhenHeld,
};

/// Whatever a front asks of the engine. Each command gets exactly one [`crate::protocol::Reply`].
#[derive(Clone, Debug)]
pub enum Command {
    /// About credentials, sign-ins and the models they give access to.
    Account(AccountCommand),
    /// About the person's own settings.
    Config(ConfigCommand),
    /// About files, for clients that sit elsewhere than the engine.
    Files(FilesCommand),
    /// About the MCP servers of an open session.
    Mcp(SessionId, McpCommand),
    /// About the MCP servers of a folder, whether or not a session is open there.
    McpServers(McpServersCommand),
    /// About which sessions there are, and what is kept of them.
    Session(SessionCommand),
    /// Changes how an open session works.
    Settings(SessionId, SettingsCommand),
    /// About the conversation of an open session.
    Turn(SessionId, TurnCommand),
}

/// Asks something of a session's MCP servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum McpCommand {
    /// Asks something of the server of this name; told by `EventKind::McpServers`. Refused where
    /// there is no such server.
    Ask(Arc<str>, McpRequest),
    /// Answered when each server is ready or has failed, which takes no longer than the limits for
    /// their start. Refused where one that is required is not ready then.
    Await,
}

/// Asks something of the MCP servers that sessions about a folder have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum McpServersCommand {
    /// Asks which there are in this folder; answered by `Reply::McpServers`.
    List(PathBuf),
    /// Begins a sign-in to a server with the browser, which takes the place of one that runs; it
    /// goes on as `EventKind::SignIn` under this name.
    SignIn {
        /// The name that the client makes up for this sign-in.
        attempt: SignInId,
        /// The folder whose servers are meant, besides the person's own.
        folder: PathBuf,
        /// The server's name in the settings.
        server: String,
        /// The scopes to ask for; empty for those of the settings or of the server.
        scopes: Vec<String>,
    },
    /// Forgets the tokens of servers of this name; refused where there are none.
    SignOut(String),
}

/// Reads and changes the person's own settings.
#[derive(Clone, Debug)]
pub enum ConfigCommand {
    /// Asks for the settings as they are now; answered by `Reply::Config`.
    Read,
    /// Changes the person's own settings file, all of it or nothing; answered by `Reply::Config`,
    /// or by `Reply::ConfigRefused`. New conversations begin with what it says then, and its
    /// providers are there at once; sign-ins and places stay as they were at the start.
    Write {
        /// The changes, in their order.
        edits: Vec<ConfigEdit>,
        /// The version that they were made for; `None` for any.
        expected: Option<String>,
    },
}

/// Opens, closes, lists and keeps sessions.
#[derive(Clone, Debug)]
pub enum SessionCommand {
    /// Adds a line to the instructions for the model; answered by `Reply::GuidanceAdded`.
    AddGuidance {
        /// The folder whose project it is about.
        folder: PathBuf,
        /// Whose file it goes to.
        place: GuidancePlace,
        /// The line, as it was typed.
        line: String,
    },
    /// Puts a session aside: it is neither listed nor resumed until `Unarchive`; refused while it
    /// is open anywhere.
    Archive(SessionId),
    /// Asks for the ends of a session that were left by going back; answered by `Reply::Branches`.
    Branches(SessionId),
    /// Ends the client's subscription to a session, or its following. Where no other client has
    /// one, what runs in it is ended and the session is closed; its log stays on disk.
    Close(SessionId),
    /// Removes it from the disk; refused while it is open anywhere. Answered by `Reply::Sessions`.
    Delete(SessionId),
    /// Asks for a session as Markdown, without secrets; answered by `Reply::Exported`.
    Export {
        /// The session to export; it need not be open.
        which: SessionSelector,
        /// The file, folder or answer that the Markdown goes into.
        to: ExportTo,
    },
    /// Asks for the slash commands and skills that files define for conversations about this
    /// folder; answered by `Reply::Extensions`.
    Extensions(PathBuf),
    /// Asks for the files of a folder; answered by `Reply::Files`.
    Files(PathBuf),
    /// Follows a session that another program has open: `EventKind::Released` tells that it is open
    /// nowhere any more. Goes on until then, or until `Close`.
    Follow {
        /// The session that is followed; it is not opened here.
        id: SessionId,
        /// The events that are wanted besides its end.
        part: FollowedPart,
    },
    /// Opens a copy of a session under a name of its own; answered as `Resume` is.
    Fork {
        /// The session that is copied; it stays as it is.
        from: SessionId,
        /// The id of the copy, which the client makes up.
        id: SessionId,
        /// The point up to which it is copied.
        at: ForkPoint,
        /// Options that replace the settings and the session's last state.
        options: OpenOptions,
    },
    /// Asks which sessions there are; answered by `Reply::Sessions`.
    List(ListDepth),
    /// Begins a conversation about a folder; answered by `Reply::Opened`.
    Open {
        /// The id of the new session, which the client makes up.
        id: SessionId,
        /// The folder it works in.
        folder: PathBuf,
        /// Options that replace those of the settings.
        options: OpenOptions,
    },
    /// Asks for the last prompt and answer of a session; answered by `Reply::Preview`.
    Preview(SessionId),
    /// Asks for all that a session holds; answered by `Reply::Read`.
    Read(SessionSelector),
    /// Keeps a line in the prompt history for later starts.
    Remember(PastPrompt),
    /// Asks for the prompt history; answered by `Reply::History`.
    Recall,
    /// Gives a session another title; answered by `Reply::Sessions`.
    Rename {
        /// The session that is renamed; it need not be open.
        id: SessionId,
        /// The new title.
        title: String,
    },
    /// Has the other clients of an open session leave it, told by `EventKind::TakenOver`.
    Take(SessionId),
    /// Takes a session back that was put aside; refused where there is none.
    Unarchive(SessionId),
    /// Opens a session as it was left, or joins one that is open in this engine (which goes on as
    /// it is); answered by `Reply::Opened`.
    ///
    /// Refused for one whose folder is not known any more, and for one of a newer codling.
    Resume {
        /// The session to open.
        which: SessionSelector,
        /// The choice for a session that another program has open.
        when_held: WhenHeld,
        /// Options that replace the settings and the session's last state.
        options: OpenOptions,
    },
}

/// Whose instructions for the model a line is added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuidancePlace {
    /// The person's own, which hold in every folder.
    Person,
    /// The project's.
    Project,
}

/// How many sessions are looked at before the list is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListDepth {
    /// Every session but those that were put aside.
    All,
    /// Those that were put aside.
    Archived,
    /// Those that are new or were written to lately; `EventKind::Sessions` follows where another
    /// one has changed.
    Latest,
}

/// The events that are wanted of a session that another program has open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowedPart {
    /// That it is open there no more.
    End,
    /// The same, and before it snapshots of what its log holds, as it grows.
    Log,
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

/// About the conversation of one open session: its turns, its questions, its changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum TurnCommand {
    /// Answers the question that a call asks; refused with `ProblemKind::Resolved` where it waits
    /// no more.
    Answer {
        /// The question that is answered.
        ask: AskId,
        /// The answer in words; a front joins the labels of the chosen options with commas.
        text: String,
    },
    /// Answers what `EventKind::ToolWanted` told; refused with `ProblemKind::Resolved` where the
    /// call waits no more.
    AnswerTool {
        /// The call that is answered.
        call: CallId,
        /// The result.
        answer: ToolAnswer,
    },
    /// Has the model summarize the conversation, and goes on from its summary.
    Compact {
        /// The words on what the summary must keep; empty for nothing in particular.
        focus: String,
    },
    /// Asks what fills the model's context; answered by `Reply::Context`.
    Context,
    /// Asks how the folder's files differ from this state; answered by `Reply::Diff`.
    Diff(DiffBase),
    /// Answers an approval, or a `LimitStage::Offered`; to a question, `No` declines it. Refused as
    /// `Answer` is.
    Decide {
        /// The approval, offer or question that is decided.
        ask: AskId,
        /// The person's answer.
        decision: ApprovalResponse,
    },
    /// Goes back to before a turn: that one and all later ones leave the conversation, and stay in
    /// its log as a branch. Answered by `Reply::WentBack`, or by `Reply::Done` where only files go
    /// back. Refused while a turn runs, or a command that one of the turns started; and, where both
    /// go back and a file has to stay as it is, with the words as they are.
    GoBack {
        /// The first turn that is left.
        before: TurnId,
        /// The part of it that goes back.
        part: GoBackPart,
    },
    /// Says that a person has begun to write a prompt, so that what the request needs to know of
    /// the folder is looked at meanwhile.
    GetReady,
    /// Ends the running turn: the stream stops, running tools are ended, what was completed is
    /// kept.
    Interrupt,
    /// Asks on which ports the jobs listen; answered by `Reply::JobPorts`.
    JobPorts,
    /// Ends a job, with all that it started.
    StopJob(JobId),
    /// Asks what taking back the changes of a turn and all later ones would do; answered by
    /// `Reply::UndoPreview`.
    PreviewGoBack(TurnId),
    /// Asks what taking back (or making again) the changes of a turn would do; answered by
    /// `Reply::UndoPreview`.
    PreviewUndo {
        /// Whether changes would be taken back or made again.
        direction: Direction,
        /// The turn it is about; `None` for the last one with changes.
        turn: Option<TurnId>,
    },
    /// Runs a command of the person's own; it and its output join the conversation. Not while a
    /// turn runs.
    Shell {
        /// The command line, as it was typed.
        line: String,
    },
    /// Changes what waits in the queue. A client is refused a prompt of another one that still
    /// listens, and one that waits no more.
    Queue(QueueCommand),
    /// A prompt. While a turn runs it is queued for the time that it names, but a review that would
    /// join the running turn is refused with `ProblemKind::NotNow`: it only ever begins a turn.
    /// Answered by `Reply::Submitted`.
    Submit(UserPrompt),
    /// Leaves a turn's changes as they are, and asks about those of the turn before; answered by
    /// `Reply::UndoPreview`.
    SkipUndo(TurnId),
    /// Asks for the turns that began with a prompt; answered by `Reply::Timeline`.
    Timeline,
    /// Carries out these steps of a `Reply::UndoPreview`; `EventKind::Undone` tells what came of
    /// them.
    Undo {
        /// Whether the changes are taken back or made again.
        direction: Direction,
        /// The turn that was previewed.
        turn: TurnId,
        /// The steps the person chose, as they were reviewed.
        steps: Vec<ChosenStep>,
    },
}

/// Changes one prompt's place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueueCommand {
    /// Lets go of it.
    Drop(PromptId),
    /// Puts it before the one ahead of it that waits for the same time.
    Earlier(PromptId),
    /// Puts it behind the one after it that waits for the same time.
    Later(PromptId),
    /// Has it join the running turn at its next step.
    Steer(PromptId),
    /// Hands it back to be edited, or let go; answered by `Reply::Unqueued`.
    TakeBack(PromptId),
}

/// A prompt as it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPrompt {
    /// The text as the person typed it.
    pub text: String,
    /// The pictures that go along with the text.
    pub images: Vec<Picture>,
    /// A JSON Schema that the final answer has to fit, as text.
    pub schema: Option<Arc<str>>,
    /// The review that the prompt asks for, where it asks for one.
    pub review: Option<ReviewRequest>,
    /// The words that stand for it, where it names a slash command or a skill. The engine fills
    /// this in.
    pub expansion: Option<Box<PromptExpansion>>,
    /// When it joins the conversation, if a turn is running.
    pub timing: PromptTiming,
    /// The sender's own name for the prompt, which `EventKind::PromptShown` carries back; it is not
    /// kept.
    pub tag: Option<Arc<str>>,
}

/// When a prompt joins that is sent while a turn runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PromptTiming {
    /// It begins a turn of its own once the running one has ended well.
    NextTurn,
    /// It steers the running turn, from its next step on.
    #[default]
    Steer,
}

/// Changes that are to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRequest {
    /// Which ones, in a few words for people; the log keeps it.
    pub what: String,
    /// An instruction for the model before the prompt, which is not shown.
    pub instruction: String,
}

impl<T: Into<String>> From<T> for UserPrompt {
    fn from(text: T) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// Changes how an open session works from here on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum SettingsCommand {
    /// Lets this agent work; told by `EventKind::SessionMode`.
    Agent(Agent),
    /// Closes a host or a folder to commands in the sandbox; told by `EventKind::SandboxOpened`. A
    /// command that runs keeps it, unless it is a port of the machine.
    Close(SandboxOpening),
    /// Sets what may happen without asking; told by `EventKind::SessionMode`.
    Mode(ApprovalMode),
    /// Asks another model from the next request on; refused where the settings have no such
    /// provider.
    Model {
        /// The model; a bare id stays with the provider in use.
        model: ModelName,
        /// How long it may think; `None` for the model's default. Refused where the model's list
        /// has no such effort.
        effort: Option<Effort>,
    },
    /// Sets whether somebody answers what is asked: where nobody is there, each ask is told and
    /// resolved at once. The tools that are offered stay.
    Presence(Presence),
    /// Takes a permission rule of the session or of its folder back, told by `EventKind::Rules`;
    /// refused for one that stands in a file of settings.
    Revoke(KnownRule),
    /// Sets how soon requests are served; refused where the model in use has no such tier.
    Tier(ServiceTier),
    /// Sets how much the model writes; refused where that of the model in use cannot be set.
    Verbosity(Verbosity),
}

/// About credentials: who is signed in, signing in and out, and the models that come with it.
#[derive(Clone, Debug)]
pub enum AccountCommand {
    /// Ends a sign-in: the listener is closed, the poll stopped.
    CancelSignIn(SignInId),
    /// Tokens for `EventKind::TokensWanted`, or why the client has none. Only the first answer
    /// counts.
    GiveTokens {
        /// The number of what was asked.
        request: u64,
        /// The reason is told where the request that needed them failed.
        tokens: Result<ClientTokens, String>,
    },
    /// Uses tokens that the client owns until they are replaced or signed out; ends a sign-in that
    /// runs.
    HoldTokens(ClientTokens),
    /// Asks the server what is left of the plan in use; answered by `Reply::Limits`.
    Limits,
    /// Asks who is signed in; answered by `Reply::Accounts`.
    List,
    /// Makes a model a favorite, or no favorite any more; told as `EventKind::ModelMarks`.
    MarkModel(ModelRef),
    /// The providers of the public catalogue that can be connected, told as
    /// `EventKind::ProviderOffers`.
    ProviderOffers(CatalogueUse),
    /// Asks for the models of the account in use; answered by `Reply::Models` with what is known,
    /// and `EventKind::Models` tells what the server says.
    Models,
    /// The models of servers that may be running on this machine, each told as an event.
    LocalModels,
    /// The same, but where only built-in models are known the answer waits for what the servers
    /// say, within a bound.
    ServerModels,
    /// Opens an address of the running sign-in in this machine's browser.
    OpenPage(String),
    /// The address (or its query) that the browser of this sign-in ended on.
    PasteCallback {
        /// The sign-in that waits for the browser.
        attempt: SignInId,
        /// The text that the person pasted.
        text: String,
    },
    /// Renews the tokens of the account in use where they end soon, and asks who is signed in;
    /// answered by `Reply::Accounts`. A sign-in that cannot be renewed is not in it.
    Renew,
    /// Uses opencode's auth.json from now on (shared, never copied).
    ShareOpencode,
    /// Takes over what Codex is signed in to OpenAI with. Its tokens leave Codex's file, as they
    /// can be renewed once only, by one program; a key is copied.
    TakeOverCodex,
    /// Begins a sign-in, which takes the place of one that runs; it goes on as `EventKind::SignIn`
    /// under this name.
    SignIn {
        /// The name that the client makes up for this sign-in.
        attempt: SignInId,
        /// The provider to sign in to; any but `openai` is refused.
        provider: ProviderId,
        /// How the person wants to sign in.
        way: SignInWay,
        /// Whether a key is tried out before it is saved.
        check: KeyCheck,
        /// Whether the sign-in outlives the client that began it.
        lifetime: SignInLifetime,
    },
    /// Forgets the credential of a provider, and revokes it where it is a token; answered by
    /// `Reply::SignedOut`.
    SignOut(ProviderId),
}

/// Whether the server of the public catalogue may be asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogueUse {
    /// The copy on this machine, if there is one.
    Kept,
    /// The server is asked where the copy is old, or missing.
    Fetched,
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
    /// It is saved only once the provider has accepted it.
    First,
    /// It is saved as it is, which a person may want after
    /// [`crate::protocol::SignInStep::Unchecked`].
    Skip,
}
