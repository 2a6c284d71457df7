//! A session from outside: commands in, replies and events out, what is kept of it and how it is
//! shown.

mod ask;
mod child;
mod command;
mod config;
mod event;
mod export;
mod extensions;
mod files;
mod live;
mod opening;
mod record;
mod reply;
mod session_holder;
mod session_view;
mod transcript;
mod turn_outcome;

pub use ask::Ask;
pub use child::{Child, ChildNews, Parent};
pub use command::{
    AccountCommand, CatalogueUse, Command, ConfigCommand, ExportTo, FollowedPart, GuidancePlace,
    KeyCheck, ListDepth, McpCommand, McpServersCommand, PromptTiming, QueueCommand, ReviewRequest,
    SessionCommand, SettingsCommand, SignInLifetime, TurnCommand, UserPrompt,
};
pub use config::{
    ConfigEdit, ConfigMerge, ConfigRefusal, ConfigRefusalKind, ConfigValue, ConfigView,
};
pub use event::{ClientAct, Event, EventKind, QueuedPrompt, SaveState, UnqueueReason};
pub use export::{markdown, page};
pub use extensions::{
    OfferedCommand, OfferedExtensions, OfferedSkill, PromptExpansion, PromptShell, UntrustedCommand,
};
pub use files::{ChangedPaths, FileFacts, FileWork, FilesCommand, FolderEntry};
pub use live::LiveState;
pub use opening::{
    CLIENT_TOOLS, ClientTool, KeepFrom, OnUsageLimit, OpenOptions, ToolAnswer, WhenHeld,
};
pub use record::{
    Branch, ContextNoteKind, ForkPoint, GoBackPart, LeftPrompt, LeftTurns, LogFailure, Record,
    SessionSelector, SessionSummary, TimelineTurn, TurnOrigin, go_back, with_left_turns,
};
pub use reply::{PromptPlace, Reply, ReplyResult};
pub use session_holder::{OpenElsewhere, SessionHolder, Unjoined};
pub use session_view::{LimitHold, LimitStage, Retry, SessionPlace, SessionView, WentBack};
pub use transcript::{CallState, OpenTurn, Transcript, TranscriptChange, TranscriptEntry};
pub use turn_outcome::{CompactionResult, Notice, TurnOutcome};
