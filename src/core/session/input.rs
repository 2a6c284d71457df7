//! Inputs of a session. Each result of running work names the work, so that one of stopped work can
//! be dropped.

use std::sync::Arc;

use crate::protocol::{
    CallId, CallOutput, CallResult, ClientId, Direction, Failure, FileChange, JobEnd, JobId,
    ModelDelta, ModelRequestEnd, ModelRequestId, PlannedAction, Problem, Question, Record,
    Requester, Rule, SessionSettings, SettingsCommand, TimerId, ToolCall, ToolDefinition,
    TurnCommand, TurnId, UndoPreview,
};

#[derive(Clone, Debug)]
pub enum SessionInput {
    TimerFired(TimerId),
    /// A call of this turn changed files, whether or not it came to its end. `id` names the
    /// snapshot from before it.
    Changed {
        turn: TurnId,
        id: String,
        files: Vec<FileChange>,
    },
    /// A client listens no more.
    ClientLeft(ClientId),
    /// A command, and who asked for it: the session answers.
    Command(Option<Requester>, TurnCommand),
    Delta(ModelRequestId, ModelDelta),
    /// The settings from here on: the model is another, or more is known of it.
    ModelKnown(SessionSettings),
    /// The credential could not be renewed after this request was refused. The failure says whether
    /// that is tried again: it is where no server was reached.
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
    /// A running command waits before it destroys files that undo could not bring back. `why` is
    /// one sentence without a full stop.
    LossAsked {
        call: CallId,
        why: String,
    },
    /// It waits no more.
    LossSettled(CallId),
    /// The program of a running call asks a person something.
    Elicited {
        call: CallId,
        question: Question,
    },
    /// The log as it reads once the conversation went back to before this turn.
    LookedBack {
        before: TurnId,
        records: Result<Vec<Record>, Problem>,
    },
    /// All tools there are from here on: a source brought others, or took some away.
    ToolsChanged(Arc<[ToolDefinition]>),
    /// A tool answered.
    CallEnded {
        call: CallId,
        call_result: CallResult,
    },
    /// The answer to [`super::SessionEffect::LookForCopies`]: the files that undo could not bring
    /// back, in a sentence without a full stop; empty if there are none.
    CopiesLookedAt {
        call: CallId,
        uncovered: String,
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
    /// The changes that an undo is about to make; the files that it writes over are kept.
    UndoPrepared {
        direction: Direction,
        turn: TurnId,
        changes: Vec<FileChange>,
    },
    /// A preview of an undo, and whether a person chose the turn.
    UndoPreviewed {
        preview: UndoPreview,
        chosen: bool,
    },
    Undone(UndoneFiles),
    /// The action of a call; one that cannot be understood is answered.
    Previewed {
        call: CallId,
        action: Result<PlannedAction, CallOutput>,
    },
}

/// The result of an undo.
#[derive(Clone, Debug)]
pub struct UndoneFiles {
    pub direction: Direction,
    pub turn: TurnId,
    /// As they were, and as they are now.
    pub changes: Vec<FileChange>,
    /// For people.
    pub files: Vec<String>,
    /// The files that stayed as they are, and why.
    pub kept: Vec<(String, String)>,
}
