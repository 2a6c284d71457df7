//! Calls of tools: what they would do, who allows them, what came of them, and what they changed.

mod approval;
mod approval_words;
mod denial;
mod editor;
mod folder_diff;
mod job;
mod line_edit;
mod picture;
mod planned_action;
mod rule;
mod tool_call;
mod tool_result;
mod turn_files;
mod undo;
mod user_reply;

pub use approval::{
    Agent, Approval, ApprovalMode, ApprovalResponse, ApprovalSubject, GitAccess, Grant, Hazard,
    Losses, PathScope, Presence, SecretAccess, SessionMode,
};
pub use denial::{Denial, DenialCause};
pub use editor::{Editor, EditorAccess, EditorAnswer, EditorError, SessionEditor};
pub use folder_diff::{ChangedFile, DiffBase, FolderDiff};
pub use job::{Job, JobEnd, JobPorts};
pub use line_edit::{LineEdit, LineEdits};
pub use picture::{Picture, SizedPicture, picture_labels, unnamed_pictures};
pub use planned_action::{
    ActionKind, Completeness, DiffKind, FileDiff, HostLocation, Location, Look, PlannedAction,
    Question, QuestionOption, RequestedConfinement, Selection, Target, Todo, TodoState,
};
pub use rule::{KnownRule, Rule, RuleSource, RuleSubject, Ruling};
pub use tool_call::{
    CallOutput, CallResult, ToolAudience, ToolCall, ToolDefinition, ToolEffects, ToolFace,
};
pub use tool_result::{CommandExit, CommandResult, Found, OutputRest, PageResult, ToolResult};
pub use turn_files::TurnFiles;
pub use undo::{
    Author, ChosenStep, Direction, FileChange, FileState, Image, KeptContent, KeptKind, NodeKind,
    ReviewedState, Stamp, UndoAction, UndoPreview, UndoStep, UndoTurn,
};
pub use user_reply::UserReply;
