//! Events: news of the engine for fronts.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::{
    AccountList, Approval, Ask, AskId, CallId, CallOutput, ChangedPaths, ChildNews, ClientId,
    CompactionResult, Direction, Item, ItemId, ItemOpening, Job, JobEnd, JobId, KnownRule,
    LimitHold, Limits, McpStatus, ModelList, ModelMarks, Notice, PlannedAction, PromptId,
    PromptTiming, Provider, ProviderId, ProviderOffer, Question, Retry, SandboxOpenings, SessionId,
    SessionMode, SessionSettings, SessionSummary, SessionView, SignInId, SignInStep, Todo,
    ToolCall, TurnId, TurnOutcome, Usage, WatchId, WentBack, path_bytes,
};

/// News about a session, or about the program where none is named. Never an answer: that is a
/// [`crate::protocol::Reply`].
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The session the news is about; `None` for news of the program.
    pub session: Option<SessionId>,
    /// Counts the events of the session, or of the program; what was joined on the way to a slow
    /// subscriber carries the last number.
    pub seq: u64,
    /// The news itself.
    pub kind: EventKind,
}

/// News of a session or of the program as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EventKind {
    /// A call waits for a person; it goes on with `CallRunning`, or ends.
    Approval(Approval),
    /// An approval or a question waits no more: `by` answered it, or nobody did and it is out of
    /// date.
    AskResolved {
        /// The approval or question that no longer waits.
        id: AskId,
        /// The client that answered it; `None` where it is out of date.
        by: Option<ClientId>,
    },
    /// A question waits for a person's answer; the call ends with it.
    Asked {
        /// Names the question in `TurnCommand::Answer`.
        id: AskId,
        /// The call that asks it.
        call: CallId,
        /// The question for the person.
        question: Question,
    },
    /// A call has its one output, whether or not it ran.
    CallEnded {
        /// The call it answers.
        call: CallId,
        /// The output for the model and for a person.
        output: CallOutput,
    },
    /// The action of a call, before it runs or is asked about. A call that could not be
    /// understood ends without.
    CallPlanned {
        /// The call that was understood.
        call: CallId,
        /// The action, with the changes it would make to files.
        action: Arc<PlannedAction>,
    },
    /// The last lines of what a running call has put out so far; they replace those told before.
    CallProgress {
        /// The running call.
        call: CallId,
        /// The lines as plain text, without escape sequences.
        tail: String,
    },
    /// A job has ended.
    JobEnded {
        /// The job.
        job: JobId,
        /// How it ended.
        end: JobEnd,
    },
    /// A job has shown more, told twice a second at the most.
    JobProgress {
        /// The job.
        job: JobId,
        /// Its last lines, at most 2 KiB.
        tail: String,
    },
    /// A command goes on running although its call is answered.
    JobStarted(Job),
    /// A call runs now.
    CallRunning {
        /// The call that runs.
        call: CallId,
        /// For the head of a cell: `src/main.rs`, or the command's first line.
        title: String,
    },
    /// The turn has a call to answer, which may have to wait for other calls, or for a person.
    CallStarted(ToolCall),
    /// News of a session that works for this one, or for one that does.
    Child {
        /// The child the news is about.
        session: SessionId,
        /// Its parent's name for it, for people.
        name: String,
        /// The news of the child.
        news: ChildNews,
    },
    /// Files that a call of this turn changed.
    Changed {
        /// The turn that changed them.
        turn: TurnId,
        /// Absolute paths, with every link on the way followed.
        #[serde(with = "path_bytes::many")]
        files: Arc<[PathBuf]>,
    },
    /// The conversation was summarized; `None` where the attempt was given up.
    Compacted(Option<CompactionResult>),
    /// The model is asked for a summary of the conversation.
    Compacting,
    /// An estimate of what the conversation fills of the context, in tokens, between two `Usage`.
    ContextUsed(u64),
    /// An item of the model is whole; it replaces what its deltas built.
    ItemDone(Item),
    /// The conversation can no longer be written to the disk, or it can again, with nothing
    /// missing.
    SaveState(SaveState),
    /// A broken stream is tried again: what this item had so far is void.
    ItemDropped(ItemId),
    /// The model begins to write an item; its text follows as deltas.
    ItemStarted {
        /// The id that its deltas carry, and `ItemDone` or `ItemDropped` at the end.
        item: ItemId,
        /// The kind of item.
        opening: ItemOpening,
    },
    /// A usage limit holds the turn up; `None` when its request is sent again. The end of the turn
    /// ends it as well.
    LimitHold(Option<LimitHold>),
    /// The latest limits of the plan; a window that is `None` keeps its old
    /// value.
    Limits(Limits),
    /// How the MCP servers of the session are now, all of them.
    McpServers(Arc<[McpStatus]>),
    /// Something the person should know, and that ends nothing.
    Notice(Notice),
    /// A prompt joins the conversation.
    PromptShown {
        /// The prompt as an item of the conversation.
        item: Item,
        /// The name that its sender gave it in `UserPrompt::tag`.
        tag: Option<Arc<str>>,
    },
    /// A prompt waits for the running step to end, or for the turn. One that steers stands before
    /// those that wait for the turn.
    Queued(QueuedPrompt),
    /// More of a reasoning summary.
    ReasoningDelta {
        /// The reasoning item that grows.
        item: ItemId,
        /// The text to append.
        text: String,
    },
    /// A request failed in a way that may pass, and is sent again after a wait.
    Retrying(Retry),
    /// The model calls a tool that the client brought, who answers with `TurnCommand::AnswerTool`.
    /// A call that is ended waits no more.
    ToolWanted {
        /// The call, which has begun.
        call: CallId,
        /// The client's name for the tool.
        tool: String,
        /// A JSON object, as text.
        arguments: String,
    },
    /// A session that was followed is open in no other program any more.
    Released,
    /// The stream of a retried request is up again.
    Resumed,
    /// The session's model, its effort or what is known of the model is another from here on.
    Settings(SessionSettings),
    /// All permission rules that are in force now: a person kept one, or took one back.
    Rules(Arc<[KnownRule]>),
    /// A person opened more of the sandbox for this conversation; this is all that is open to
    /// commands that are kept in now.
    SandboxOpened(SandboxOpenings),
    /// How the session works from here on.
    SessionMode(SessionMode),
    /// The state that all events before it led to. It is the first event that a subscriber gets of
    /// a session, and takes the place of those that it was too slow for.
    Snapshot(Arc<SessionView>),
    /// Another client has done something in the session: told to all but that one.
    Acted {
        /// The name of that client.
        by: Arc<str>,
        /// The thing that it has done.
        act: ClientAct,
    },
    /// A client has taken the session over: all others leave it.
    TakenOver {
        /// The name of the client that has it now.
        by: Arc<str>,
    },
    /// More of an answer.
    TextDelta {
        /// The assistant item that grows.
        item: ItemId,
        /// The text to append.
        text: String,
    },
    /// A person gave the session this title.
    Title(String),
    /// The model's plan, whole.
    Todos(Vec<Todo>),
    /// The turn is over: nothing of it runs or waits any more.
    TurnEnded {
        /// The turn that ended.
        turn: TurnId,
        /// How it ended.
        outcome: TurnOutcome,
    },
    /// A turn began, with a prompt, a command of the person's own, or a compaction.
    TurnStarted(TurnId),
    /// Changes of a turn were taken back, or made again.
    Undone {
        /// Whether they were taken back or made again.
        direction: Direction,
        /// The turn whose changes they are.
        turn: TurnId,
        /// The files that were written or removed: those in the folder relative to it.
        files: Vec<String>,
        /// Pairs of a file, named as in `files`, and why it stayed as it is.
        kept: Vec<(String, String)>,
    },
    /// Queued prompts changed their places or their times: all that wait now.
    Requeued(Vec<QueuedPrompt>),
    /// Prompts left the queue.
    Unqueued {
        /// The prompts that left the queue, in its order.
        prompts: Vec<QueuedPrompt>,
        /// Why they left.
        why: UnqueueReason,
    },
    /// The tokens of the last request; `input + output` is what the conversation fills of the
    /// context.
    Usage(Usage),
    /// The conversation went back to before a turn.
    WentBack(Arc<WentBack>),

    // News of the program, which no other program is told. They stand last: a variant that is left
    // out moves the numbers of those behind it.
    /// Who is signed in has changed.
    #[serde(skip)]
    Accounts(AccountList),
    /// Other providers can be used from now on: all but OpenAI.
    #[serde(skip)]
    Providers(Arc<[Provider]>),
    /// The models that the person comes back to.
    #[serde(skip)]
    ModelMarks(Arc<ModelMarks>),
    /// Providers of the public catalogue that can be connected.
    #[serde(skip)]
    ProviderOffers(Arc<[ProviderOffer]>),
    /// Paths changed under a watch; only the client that watches them is told.
    #[serde(skip)]
    FilesChanged {
        /// The watch, as that client numbers it.
        watch: WatchId,
        /// The paths that changed since the last event.
        paths: ChangedPaths,
    },
    /// Changes under a watch may be missed from here on; only the client that watches is told.
    #[serde(skip)]
    WatchLimited {
        /// The watch, as that client numbers it.
        watch: WatchId,
        /// Why, in a sentence.
        why: String,
    },
    /// A newer list of models came.
    #[serde(skip)]
    Models(ModelList),
    /// The sessions on the disk have changed since they were last told; newest first.
    #[serde(skip)]
    Sessions(Arc<[SessionSummary]>),
    /// A sign-in has come further.
    #[serde(skip)]
    SignIn {
        /// The name that the client gave the sign-in.
        attempt: SignInId,
        /// How far it has come.
        step: SignInStep,
    },
    /// The credential of this provider is gone from auth.json.
    #[serde(skip)]
    SignedOut(ProviderId),
    /// The tokens that a client owns were refused: others are wanted, within 10 s, by
    /// `AccountCommand::GiveTokens`.
    #[serde(skip)]
    TokensWanted {
        /// Names it in the answer.
        request: u64,
        /// The ChatGPT account of those that were refused.
        account: Option<String>,
    },
}

impl EventKind {
    /// The news for the session's parent; `None` if the parent does not get this event.
    pub fn for_parent(&self) -> Option<ChildNews> {
        Some(match self {
            Self::Approval(approval) => ChildNews::Ask(Ask::Approval(approval.clone()).into()),
            Self::Asked { id, call, question } => {
                let (call, question) = (call.clone(), question.clone());
                ChildNews::Ask(Ask::Question { id: *id, call, question }.into())
            }
            Self::AskResolved { id, by } => ChildNews::AskResolved { id: *id, by: *by },
            Self::Usage(usage) => ChildNews::Usage(*usage),
            _ => return None,
        })
    }
}

/// A prompt that waits for the running step to end, or for the turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedPrompt {
    /// Names it in the session's queue.
    pub id: PromptId,
    /// The text as the person typed it.
    pub text: String,
    /// When it joins the conversation.
    pub timing: PromptTiming,
    /// The client that sent it, as long as that listens: it alone takes it back.
    pub by: Option<ClientId>,
}

/// A thing that one of several clients has done in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientAct {
    /// It answered an approval or a question.
    Answered,
    /// It interrupted the turn.
    Interrupted,
    /// It sent a prompt.
    Prompted,
}

/// Why prompts wait no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnqueueReason {
    /// They joined the conversation.
    Sent,
    /// Somebody took them back to edit them.
    TakenBack,
    /// The turn ended before they could join it; they are to be edited again where they were
    /// written.
    TurnEnded,
}

/// Whether a session can be resumed as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SaveState {
    /// It is a copy that is written with its next prompt, or it can no longer be written.
    NotYet,
    /// All of it is on the disk, and it can be resumed under its own id.
    OnDisk,
}
