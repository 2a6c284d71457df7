//! What the engine tells a front.

use std::path::PathBuf;
use std::time::Duration;

use super::{
    Account, CallId, CallOutput, Effort, Item, ItemId, ItemOpening, Limits, Model, ModelId, Problem, ProviderId, RequestId, SessionId,
    SignInStep, ToolCall, TurnId, Usage,
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
    CallEnded {
        call: CallId,
        output: CallOutput,
    },
    CallStarted(ToolCall),
    /// A command could not be carried out.
    Failed {
        request: RequestId,
        problem: Problem,
    },
    /// Prompts of earlier starts, oldest first.
    History(Vec<String>),
    /// An item is whole; it replaces what its deltas built.
    ItemDone(Item),
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
    /// A prompt waits for the running step to end.
    Queued {
        text: String,
    },
    ReasoningDelta {
        item: ItemId,
        text: String,
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
    Settings(SessionSettings),
    SignIn(SignInStep),
    SignedOut(ProviderId),
    TextDelta {
        item: ItemId,
        text: String,
    },
    TurnEnded {
        turn: TurnId,
        outcome: Outcome,
    },
    TurnStarted(TurnId),
    /// Prompts that were queued and not sent, because the turn ended first: theirs to edit again.
    Unqueued {
        text: String,
    },
    /// Of the last request; `input + output` is what the conversation fills of the context.
    Usage(Usage),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    pub model: ModelId,
    pub effort: Option<Effort>,
    /// Size of the model's context, in tokens, when known.
    pub context: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Failed(Problem),
    Interrupted,
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
