//! The words that rooms agree on: commands in, events out, and the plain data they carry.
//!
//! Nothing here depends on JSON, a runtime, a clock or a screen: each wire converts at its own
//! edge.

#![warn(missing_docs)]

mod access;
mod account;
mod approval;
mod child;
mod command;
mod config;
mod denial;
mod editor;
mod event;
mod exit;
mod export;
mod ids;
mod item;
mod job;
mod known_rule;
mod line_edit;
mod model;
mod model_request;
mod opening;
mod origin;
mod past_prompt;
mod planned_action;
mod problem;
mod provider;
mod record;
mod reply;
mod sandbox;
mod sandbox_openings;
mod session_holder;
mod session_view;
mod surroundings;
mod tool_call;
mod tool_result;
mod transcript;
mod tuning;
mod turn_files;
mod undo;
mod usage;
mod user_reply;
mod web;

pub use access::{Access, AccessKind, SentCredential};
pub use account::{
    Account, AccountKind, AccountList, BrowserLaunch, ClientTokens, CredentialSource,
    CredentialStanding, PortHolder, SignInMethod, SignInPatience, SignInRule, SignInStep,
    SignInWay,
};
pub use approval::{
    Agent, Approval, ApprovalMode, ApprovalResponse, ApprovalSubject, GitAccess, Grant, Hazard,
    Losses, PathScope, Presence, Rule, RuleSubject, Ruling, SecretAccess, SessionMode,
};
pub use child::{Child, ChildNews, Parent};
pub use command::{
    AccountCommand, Command, ConfigCommand, ExportTo, FollowedPart, KeyCheck, ListDepth,
    ReviewRequest, SessionCommand, SettingsCommand, SignInLifetime, TurnCommand, UserPrompt,
};
pub use config::{
    ConfigEdit, ConfigMerge, ConfigRefusal, ConfigRefusalKind, ConfigValue, ConfigView,
};
pub use denial::{Denial, DenialCause};
pub use editor::{Editor, EditorAccess, EditorAnswer, EditorError, SessionEditor};
pub use event::{
    CompactionResult, Event, EventKind, Notice, QueuedPrompt, SaveState, SessionSettings,
    TurnOutcome, UnqueueReason,
};
pub use exit::Exit;
pub use export::{markdown, page};
pub use ids::{
    AskId, CallId, ClientId, DialectId, ItemId, JobId, ModelId, ModelRequestId, PromptId,
    ProviderId, RequestId, Requester, SessionId, SignInId, TimerId, TurnId,
};
pub use item::{Item, ItemKind, ItemOpening, Wire, WireSource};
pub use job::{Job, JobEnd};
pub use known_rule::{KnownRule, RuleSource};
pub use line_edit::{LineEdit, LineEdits};
pub use model::{Effort, Model, ModelList, ModelName, ModelRef, ModelSource, Patches};
pub use model_request::{
    Compactor, ModelDelta, ModelRequest, ModelRequestEnd, RequestPurpose, ToolChoice,
};
pub use opening::{CLIENT_TOOLS, ClientTool, KeepFrom, OpenOptions, ToolAnswer, WhenHeld};
pub use origin::{BaseUrl, Origin, OriginError, Origins};
pub use past_prompt::PastPrompt;
pub use planned_action::{
    ActionKind, Completeness, DiffKind, FileDiff, HostLocation, Location, Look, PlannedAction,
    Question, QuestionOption, RequestedConfinement, Selection, Target, Todo, TodoState,
};
pub use problem::{Failure, Problem, ProblemKind, RetryAdvice, in_shell};
pub use provider::{KeyVariable, Provider, ProviderAuth, needs_openai};
pub use record::{
    ContextNoteKind, LogTrouble, Record, SessionSelector, SessionSummary, TurnOrigin,
};
pub use reply::{PromptPlace, Reply, ReplyResult};
pub use sandbox::{Confinement, Sandbox, SharedNamespaces};
pub use sandbox_openings::{AllowedHost, SandboxOpening, SandboxOpenings};
pub use session_holder::{OpenElsewhere, SessionHolder};
pub use session_view::{Ask, Retry, SessionPlace, SessionView};
pub use surroundings::Surroundings;
pub use tool_call::{
    CallOutput, CallResult, Picture, ToolAudience, ToolCall, ToolDefinition, ToolEffects, ToolFace,
};
pub use tool_result::{CommandExit, CommandResult, Found, OutputRest, PageResult, ToolResult};
pub use transcript::{CallState, OpenTurn, Transcript, TranscriptChange, TranscriptEntry};
pub use tuning::{ServiceTier, Tuning, Verbosity};
pub use turn_files::TurnFiles;
pub use undo::{
    Author, ChosenStep, Direction, FileChange, FileState, Image, KeptContent, KeptKind, NodeKind,
    ReviewedState, Stamp, UndoAction, UndoPreview, UndoStep, UndoTurn,
};
pub use usage::{Limit, Limits, Usage};
pub use user_reply::UserReply;
pub use web::{Citation, WebAccess, WebAction, WebSearch, WebSearchState};
