//! What the engine tells a front.

use std::path::PathBuf;
use std::sync::Arc;

use super::{
    AccountList, Approval, AskId, CallId, CallOutput, ChildNews, ClientId, Direction, Effort, Item,
    ItemId, ItemOpening, Limits, ModelList, ModelRef, Patches, PlannedAction, Problem, PromptId,
    ProviderId, Question, Retry, SessionId, SessionMode, SessionSummary, SessionView, SignInId,
    SignInStep, Todo, ToolCall, TurnId, Usage,
};

/// News about a session, or about the program where none is named. Never an answer: that is a [`super::Reply`].
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub session: Option<SessionId>,
    /// Counts the events of the session, or of the program; what was joined on the way to a slow subscriber carries the last number.
    pub seq: u64,
    pub kind: EventKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// Who is signed in has changed.
    Accounts(AccountList),
    /// A call waits for a person; it goes on with `CallRunning`, or ends.
    Approval(Approval),
    /// An approval or a question waits no more: `by` answered it, or nobody did and it is out of date.
    AskResolved {
        id: AskId,
        by: Option<ClientId>,
    },
    /// A question waits for a person's answer; the call ends with it.
    Asked {
        id: AskId,
        call: CallId,
        question: Question,
    },
    CallEnded {
        call: CallId,
        output: CallOutput,
    },
    /// What a call would do, before it runs or anybody is asked about it. A call that could not be understood ends without.
    CallPlanned {
        call: CallId,
        action: Arc<PlannedAction>,
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
    /// A call is the turn's to answer; it may have to wait for others, or for a person.
    CallStarted(ToolCall),
    /// News of a session that works for this one, or for one that does.
    Child {
        session: SessionId,
        name: String,
        news: ChildNews,
    },
    /// Files that a call of this turn changed.
    Changed {
        turn: TurnId,
        files: Arc<[PathBuf]>,
    },
    /// The conversation was summed up, or the attempt was given up: `None`.
    Compacted(Option<CompactionResult>),
    /// The model is asked for a summary of the conversation.
    Compacting,
    /// An estimate of what the conversation fills of the context, in tokens, between two `Usage`.
    ContextUsed(u64),
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
    /// A newer list of models came.
    Models(ModelList),
    Notice(Notice),
    /// A prompt waits for the running step to end.
    Queued(QueuedPrompt),
    ReasoningDelta {
        item: ItemId,
        text: String,
    },
    Retrying(Retry),
    /// The stream of a retried request is up again.
    Resumed,
    /// The sessions on the disk are others than were told before; newest first.
    Sessions(Arc<[SessionSummary]>),
    Settings(SessionSettings),
    /// A sign-in goes on.
    SignIn {
        attempt: SignInId,
        step: SignInStep,
    },
    SignedOut(ProviderId),
    /// How the session works from here on.
    SessionMode(SessionMode),
    /// All that the events before it led to: it takes their place. The first thing that a subscriber hears of a session, and what one hears that was too
    /// slow for the events one by one.
    Snapshot(Arc<SessionView>),
    TextDelta {
        item: ItemId,
        text: String,
    },
    /// The session's title: a person gave it another one.
    Title(String),
    /// The model's plan, whole.
    Todos(Vec<Todo>),
    TurnEnded {
        turn: TurnId,
        outcome: TurnOutcome,
    },
    TurnStarted(TurnId),
    /// Changes were taken back, or made again. `kept` stayed as they are, with why.
    Undone {
        direction: Direction,
        turn: TurnId,
        files: Vec<String>,
        kept: Vec<(String, String)>,
    },
    /// Prompts do not wait any more.
    Unqueued {
        prompts: Vec<QueuedPrompt>,
        why: UnqueueReason,
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

/// A prompt that waits for the running step to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedPrompt {
    pub id: PromptId,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnqueueReason {
    /// They joined the conversation.
    Sent,
    /// Asked back, by whoever edits them again.
    TakenBack,
    /// The turn ended before they could join it; they are to be edited again.
    TurnEnded,
}

/// Whether a session can be come back to as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveState {
    /// A copy, which will be on the disk with its next prompt, or one that the disk takes no more of.
    NotYet,
    OnDisk,
}

/// Something worth saying that ends nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub message: String,
    pub next: Option<String>,
}
