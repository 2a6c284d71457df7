//! The words that rooms agree on: commands in, events out, and the plain data they carry.
//!
//! Knows nothing of JSON, of any runtime, of clocks, or of a screen: four different wires convert at their own edge.

mod access;
mod account;
mod approval;
mod call;
mod command;
mod deed;
mod event;
mod exit;
mod export;
mod grants;
mod ids;
mod item;
mod model;
mod origin;
mod past_prompt;
mod problem;
mod prompt;
mod record;
mod said;
mod surroundings;
mod transcript;
mod undo;
mod usage;

pub use access::{Access, AccessKind};
pub use account::{Account, AccountKind, Opened, PortHolder, SignInStep, SignInWay, Source, Standing};
pub use approval::{
    Agent, Approval, Confinement, Decision, GitAccess, Leave, Mode, Presence, Reach, Rule, Ruling, Sandbox, SharedNamespaces, Sight,
    Stance, Subject, Wish,
};
pub use call::{Audience, CallOutput, Picture, Ran, Shown, ToolCall, ToolSort, ToolSpec};
pub use command::{AccountCommand, Check, Command, Draft, ExportTo, Look, SessionCommand, SettingsCommand, TurnCommand};
pub use deed::{Choice, Deed, DeedKind, DiffKind, FileDiff, Host, Pick, Question, Side, Target, Todo, TodoState, Wanted, Whole};
pub use event::{Compaction, Event, EventKind, ModelSource, Notice, Outcome, Saved, SessionSettings};
pub use exit::Exit;
pub use export::{markdown, page};
pub use grants::{AllowedHost, Grant, Grants};
pub use ids::{AlarmId, CallId, ItemId, ModelId, ProviderId, RequestId, SampleId, SessionId, TurnId};
pub use item::{Item, ItemKind, ItemOpening, Wire};
pub use model::{Effort, Model, Patches};
pub use origin::{Origin, OriginError, Origins};
pub use past_prompt::PastPrompt;
pub use problem::{Failure, Problem, ProblemKind, Retry, in_shell};
pub use prompt::{Delta, Prompt, SampleEnd};
pub use record::{Record, SessionSummary, Which};
pub use said::Said;
pub use surroundings::Surroundings;
pub use transcript::{CallState, Change, Entry, Transcript};
pub use undo::{
    Author, ChosenStep, Direction, FileChange, FileState, Image, NodeKind, ReviewedState, Stamp, UndoAction, UndoPreview, UndoStep,
    UndoTurn,
};
pub use usage::{Limit, Limits, Usage};
