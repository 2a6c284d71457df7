//! What the engine tells a front.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Account, Approval, CallId, CallOutput, Completeness, Direction, Effort, Item, ItemId,
    ItemOpening, Limits, Model, ModelRef, PastPrompt, Patches, Problem, ProviderId, Question,
    Record, RequestId, SandboxOpenings, SessionId, SessionMode, SessionSummary, SignInStep, Todo,
    ToolCall, TurnId, UndoPreview, Usage,
};

#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub session: Option<SessionId>,
    pub kind: EventKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// The credentials there are, and the file they are kept in.
    Accounts {
        accounts: Vec<Account>,
        file: PathBuf,
        opencode_offer: bool,
    },
    /// A call waits for a person; it goes on with `CallRunning`, or ends.
    Approval(Approval),
    /// A question waits for a person's answer; the call ends with it.
    Asked {
        call: CallId,
        question: Question,
    },
    CallEnded {
        call: CallId,
        output: CallOutput,
    },
    /// The last lines of what a running call has put out so far; they replace those told before.
    CallProgress {
        call: CallId,
        tail: String,
    },
    /// It runs now; `title` is what its arguments mean.
    CallRunning {
        call: CallId,
        title: String,
    },
    /// What commands that are kept in find here, when a conversation begins: what keeps them in no better, one sentence each without a full stop, and
    /// what the settings open to them.
    Confined {
        refused: Vec<String>,
        opened: SandboxOpenings,
    },
    /// A call is the turn's to answer; it may have to wait for others, or for a person.
    CallStarted(ToolCall),
    /// The conversation was summed up, or the attempt was given up: `None`.
    Compacted(Option<CompactionResult>),
    /// The model is asked for a summary of the conversation.
    Compacting,
    /// An estimate of what the conversation fills of the context, in tokens, between two `Usage`.
    ContextUsed(u64),
    /// A session as Markdown: in a file, or as it is.
    Exported {
        path: Option<PathBuf>,
        markdown: Arc<str>,
    },
    /// A command could not be carried out.
    Failed {
        request: RequestId,
        problem: Problem,
    },
    /// Files of a folder, relative to it, with `/` between names: without what is ignored, and not all where there are very many.
    Files {
        paths: Arc<[String]>,
        whole: Completeness,
    },
    /// Prompts of earlier starts, oldest first.
    History(Vec<PastPrompt>),
    /// An item is whole; it replaces what its deltas built.
    ItemDone(Item),
    /// The conversation can not be written to the disk any more, or can again, with nothing missing.
    SaveState(SaveState),
    /// A broken stream is tried again: what this item had so far is void.
    ItemDropped(ItemId),
    ItemStarted {
        item: ItemId,
        opening: ItemOpening,
    },
    Limits(Limits),
    Models {
        provider: ProviderId,
        models: Vec<Model>,
        source: ModelSource,
    },
    Notice(Notice),
    /// A session could not be resumed; nothing was opened.
    NotResumed(Problem),
    /// The last prompt and the last answer of a session, cut where they are long.
    Preview {
        id: SessionId,
        prompt: String,
        answer: String,
    },
    /// A prompt waits for the running step to end.
    Queued {
        text: String,
    },
    /// All that a session holds.
    Read {
        summary: SessionSummary,
        records: Vec<Record>,
    },
    ReasoningDelta {
        item: ItemId,
        text: String,
    },
    /// What a resumed session holds, in order, right after it was opened.
    Replayed {
        records: Vec<Record>,
        saved: SaveState,
    },
    /// `attempt` of `of` begins after `wait`.
    Retrying {
        attempt: u32,
        of: u32,
        wait: Duration,
        problem: Problem,
    },
    /// The stream of a retried request is up again.
    Resumed,
    SessionOpened {
        folder: PathBuf,
        branch: Option<String>,
    },
    /// A session is open as it was left, under this name.
    SessionResumed(SessionId),
    /// Newest first.
    Sessions(Arc<[SessionSummary]>),
    Settings(SessionSettings),
    SignIn(SignInStep),
    SignedOut(ProviderId),
    /// How the session works from here on.
    SessionMode(SessionMode),
    TextDelta {
        item: ItemId,
        text: String,
    },
    /// The model's plan, whole.
    Todos(Vec<Todo>),
    TurnEnded {
        turn: TurnId,
        outcome: TurnOutcome,
    },
    TurnStarted(TurnId),
    /// What taking a turn's changes back, or making them again, would do; `None`: there is nothing.
    UndoPreview(Option<UndoPreview>),
    /// Changes were taken back, or made again. `kept` stayed as they are, with why.
    Undone {
        direction: Direction,
        turn: TurnId,
        files: Vec<String>,
        kept: Vec<(String, String)>,
    },
    /// Prompts that were queued and not sent, because the turn ended first or they were asked back: theirs to edit again.
    Unqueued {
        text: String,
    },
    /// Of the last request; `input + output` is what the conversation fills of the context.
    Usage(Usage),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    pub model: ModelRef,
    pub effort: Option<Effort>,
    /// Size of the model's context, in tokens, when known.
    pub context: Option<u64>,
    pub patches: Patches,
}

/// How much a summary saved, in tokens, as far as it can be estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompactionResult {
    pub before: u64,
    pub after: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TurnOutcome {
    Done,
    Failed(Problem),
    Interrupted,
    /// The turn made all the requests it may (`max_steps`); the last answer sums up and may leave work open.
    MaxSteps,
}

impl TurnOutcome {
    /// What a person must know of the end of a turn beside its last words.
    pub fn notice(&self) -> Option<Notice> {
        (*self == Self::MaxSteps).then(|| Notice {
            message:
                "The steps of this turn are used up (`max_steps`), and its work may be unfinished"
                    .into(),
            next: Some("Send a prompt to go on".into()),
        })
    }
}

/// Whether a session can be come back to as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveState {
    /// A copy, which will be on the disk with its next prompt, or one that the disk takes no more of.
    NotYet,
    OnDisk,
}

/// Where a list of models came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelSource {
    BuiltIn,
    Cache,
    Server,
}

/// Something worth saying that ends nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub message: String,
    pub next: Option<String>,
}
