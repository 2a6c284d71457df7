//! Effects: orders of a session to the engine, which carries them out.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::Timestamp;
use crate::policy::NamedFiles;
use crate::protocol::{
    CallId, ChosenStep, Direction, EventKind, FileChange, Grant, JobId, LineEdits, Losses,
    ModelRequest, ModelRequestId, Problem, ProblemKind, Record, ReplyResult, Requester, Rule,
    TimerId, ToolCall, TurnId, UndoPreview, UntrustedCommand,
};

#[derive(Clone, Debug)]
pub enum SessionEffect {
    /// Tell a running command that waits whether it may destroy what undo could not bring back.
    AnswerLoss(CallId, Losses),
    /// Answers what the program of a running call asked, by the ids of the questions; `None`
    /// declines.
    AnswerElicitation(CallId, Option<Vec<(String, String)>>),
    /// Keep these; whatever is asked after it waits until they are on the disk.
    Append(Vec<Record>),
    /// Forget what a person allowed in this folder once and for all.
    ForgetRules(Vec<Rule>),
    /// Find out which files undo could not bring back if a command destroyed them: of those it
    /// removes, or of the whole folder where the list is empty. The call waits for the answer.
    LookForCopies {
        call: CallId,
        removes: Vec<NamedFiles>,
    },
    /// Read the log as it is once the conversation went back to before this turn.
    LookBack(TurnId),
    /// Remember what a person allowed in this folder, for later sessions.
    KeepRules(Vec<Rule>),
    /// Do what was prepared, once what came before is on the disk.
    PerformUndo,
    /// Keep what these steps of going back over the changes would write over.
    PrepareUndo {
        direction: Direction,
        turn: TurnId,
        changes: Vec<FileChange>,
        steps: Vec<ChosenStep>,
    },
    /// Find out what going back over these changes would do; whether a person chose the turn.
    PreviewUndo {
        preview: UndoPreview,
        changes: Vec<FileChange>,
        chosen: bool,
    },
    /// Answer a command.
    Reply(Requester, ReplyResult),
    /// Renew the credential that this request was refused with.
    RenewCredential(ModelRequestId),
    Run(ToolRun),
    RequestModel(ModelRequestId, Box<ModelRequest>),
    /// Fire a timer when the clock on the wall shows this time, and `slack` after that.
    SetAlarm {
        id: TimerId,
        at: Timestamp,
        slack: Duration,
    },
    SetTimer {
        id: TimerId,
        after: Duration,
    },
    /// End a job, with all that it started.
    StopJob(JobId),
    StopTimer(TimerId),
    /// Also ends the attempt to understand it.
    StopCall(CallId),
    StopModelRequest(ModelRequestId),
    /// Remember that a person said yes to a command that the project brings.
    Trust(UntrustedCommand),
    /// Find out where the conversation takes place.
    DescribeEnvironment,
    Emit(EventKind),
    /// Find out what a call would do.
    Preview(ToolCall),
}

/// A call that may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolRun {
    pub turn: TurnId,
    pub call: ToolCall,
    pub grant: Grant,
    pub scope: SnapshotScope,
    /// How its command line is edited before it runs.
    pub edits: LineEdits,
}

/// Which files are looked at before and after, so that what changed can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotScope {
    /// Those of the folder: nobody knows what a command will touch.
    Folder,
    Files(Vec<PathBuf>),
    None,
}

/// Collects the effects of one input, in order.
#[derive(Debug, Default)]
pub(super) struct EffectQueue(Vec<SessionEffect>);

impl EffectQueue {
    pub(super) fn push(&mut self, effect: SessionEffect) {
        self.0.push(effect);
    }

    /// Merges with the previous record if only events lie between them.
    pub(super) fn append(&mut self, record: Record) {
        let before =
            self.0.iter_mut().rev().find(|effect| !matches!(effect, SessionEffect::Emit(_)));
        match before {
            Some(SessionEffect::Append(records)) => records.push(record),
            _ => self.0.push(SessionEffect::Append(vec![record])),
        }
    }

    pub(super) fn emit(&mut self, event: EventKind) {
        self.0.push(SessionEffect::Emit(event));
    }

    /// The place of the next effect.
    pub(super) fn mark(&self) -> usize {
        self.0.len()
    }

    /// Puts an answer in front of what the command led to.
    pub(super) fn reply(&mut self, mark: usize, asker: Option<Requester>, result: ReplyResult) {
        if let Some(asker) = asker {
            self.0.insert(mark, SessionEffect::Reply(asker, result));
        }
    }

    pub(super) fn into_vec(self) -> Vec<SessionEffect> {
        self.0
    }
}

/// Refuses a command that does not fit what goes on.
pub(super) fn not_now(message: &str) -> Problem {
    Problem::new(ProblemKind::NotNow, message)
}
