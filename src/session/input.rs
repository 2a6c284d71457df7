//! What can happen to a session. Every message of running work names the work, so that words of stopped work can be dropped.

use std::sync::Arc;

use crate::protocol::{
    CallId, CallOutput, CallResult, Direction, Failure, FileChange, JobEnd, JobId, ModelDelta,
    ModelRequestEnd, ModelRequestId, PlannedAction, Requester, Rule, SessionSettings,
    SettingsCommand, TimerId, ToolCall, ToolDefinition, TurnCommand, TurnId, UndoPreview,
};

#[derive(Clone, Debug)]
pub enum SessionInput {
    TimerFired(TimerId),
    /// Files are others than before a call of this turn, whether or not the call came to its end. `id` names the snapshot from before it.
    Changed {
        turn: TurnId,
        id: String,
        files: Vec<FileChange>,
    },
    /// A command, and who asked for it: the session answers.
    Command(Option<Requester>, TurnCommand),
    Delta(ModelRequestId, ModelDelta),
    /// More is known of the model now, or of another, or it is asked otherwise: the settings from here on.
    ModelKnown(SessionSettings),
    /// The credential could not be renewed after this request was refused. Whether that is tried again is for the failure to say: where nobody was
    /// reached.
    NotRenewed(ModelRequestId, Failure),
    /// A command that a person typed, as a call. `line` is how it was typed.
    OwnCommand {
        asker: Option<Requester>,
        line: String,
        call: ToolCall,
        action: PlannedAction,
    },
    /// A job has ended.
    JobEnded(JobId, JobEnd),
    /// A running call, or the job that it became, has put out more.
    Progress {
        call: CallId,
        tail: String,
    },
    /// The rules that a person allowed in this folder once and for all, as they are kept now.
    FolderRules(Vec<Rule>),
    /// A running command waits before it destroys what undo could not bring back. `why` is one sentence without a full stop.
    LossAsked {
        call: CallId,
        why: String,
    },
    /// It waits no more.
    LossSettled(CallId),
    /// All tools there are from here on: a source brought others, or took some away.
    ToolsChanged(Arc<[ToolDefinition]>),
    /// A tool answered.
    CallEnded {
        call: CallId,
        ran: CallResult,
    },
    /// The credential was renewed after this request was refused.
    Renewed(ModelRequestId),
    ModelRequestEnded(ModelRequestId, ModelRequestEnd),
    ModelRequestFailed(ModelRequestId, Failure),
    /// Rules for the folder could not be written down: they hold in this session alone.
    RulesNotKept(Vec<Rule>),
    Settings(SettingsCommand),
    /// Where the conversation takes place, in words for the model.
    EnvironmentDescribed(String),
    /// What an undo is about to change; what it will write over is kept.
    UndoPrepared {
        direction: Direction,
        turn: TurnId,
        changes: Vec<FileChange>,
    },
    /// What an undo would do; whether a person chose the turn.
    UndoPreviewed {
        preview: UndoPreview,
        chosen: bool,
    },
    Undone(UndoneFiles),
    /// What a call would do; one that cannot be understood is answered.
    Previewed {
        call: CallId,
        action: Result<PlannedAction, CallOutput>,
        /// What undo could not bring back if it ran, in a sentence without a full stop; `None` until that was looked at, which only
        /// [`super::Session::asks_about`] needs.
        uncovered: Option<String>,
    },
}

/// What came of an undo.
#[derive(Clone, Debug)]
pub struct UndoneFiles {
    pub direction: Direction,
    pub turn: TurnId,
    /// As they were, and as they are now.
    pub changes: Vec<FileChange>,
    /// For people.
    pub files: Vec<String>,
    /// What stayed as it is, and why.
    pub kept: Vec<(String, String)>,
}
