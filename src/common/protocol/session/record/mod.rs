//! Records: the lines of a session's log, and its summary in a list.

mod going_back;
mod left_turns;

pub use going_back::{ForkPoint, GoBackPart, LeftPrompt, TimelineTurn};
pub use left_turns::{Branch, LeftTurns, go_back, with_left_turns};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::Timestamp;

use crate::protocol::{
    Activity, Agent, CallId, CompactionResult, Direction, FileChange, Item, ItemId, ItemKind,
    JobId, PlannedAction, SessionId, SessionSettings, TurnId, TurnOutcome, Usage,
};

/// One thing that happened in a session. Records are only ever added.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Files that a call of this turn changed.
    Changed {
        /// The turn that made the call.
        turn: TurnId,
        /// The id of the snapshot from before the call; empty in older logs.
        id: String,
        /// Each path that changed, before and after the call.
        files: Vec<FileChange>,
    },
    /// The action of a call that is about to run.
    CallPlanned {
        /// The call, whose item stands before this record.
        call: CallId,
        /// The action, without diffs.
        action: Arc<PlannedAction>,
    },
    /// The model's own summary of all before it: from here on, this item stands for that.
    Compacted {
        /// The summary, as an item in the user's role.
        summary: Arc<Item>,
        /// How much it saved, as far as that can be estimated.
        compaction: CompactionResult,
    },
    /// The next item of the conversation.
    Item(Arc<Item>),
    /// The server refused this item: from here on it is not sent, or only a note in its place.
    ItemLeftOut {
        /// The item, which the log still holds.
        item: ItemId,
        /// The server's words, without a full stop.
        why: String,
    },
    /// The server refused the pictures of this item: from here on it is sent without them, with a
    /// note that says why.
    PicturesDropped {
        /// The item that loses its pictures.
        item: ItemId,
        /// The server's words, without a full stop; the model reads them in place of the pictures.
        why: String,
    },
    /// Words for the model that nobody typed: sent, and not shown.
    ContextNote {
        /// The subject of the note, so that a reworded prompt changes nothing for an old log.
        kind: ContextNoteKind,
        /// The note as it is sent, in the user's role.
        item: Arc<Item>,
    },
    /// A job that a call was answered with has ended.
    JobEnded(JobId),
    /// The model and its settings from here on.
    Settings(SessionSettings),
    /// A title that a person gave; the last one counts.
    Title(String),
    /// The turn is over, and how.
    TurnEnded {
        /// The turn that ended.
        turn: TurnId,
        /// How it ended.
        outcome: TurnOutcome,
    },
    /// The origin of the turn that has just begun, if it is more than a prompt.
    TurnOrigin(TurnOrigin),
    /// A turn began. Where it has no end it was cut off: the program ended in it.
    TurnStarted(TurnId),
    /// Changes of a turn are about to be taken back, or made again. Where no `Undone` follows, that
    /// was cut off.
    UndoBegun {
        /// The turn whose changes they are.
        turn: TurnId,
        /// Whether they are taken back or made again.
        direction: Direction,
        /// The planned state of each path: before and after the undo.
        files: Vec<FileChange>,
    },
    /// Changes of a turn were taken back, or made again: all of them, where an older log names no
    /// files.
    Undone {
        /// The turn whose changes they are.
        turn: TurnId,
        /// Whether they were taken back or made again.
        direction: Direction,
        /// The state of each path: before and after the undo.
        files: Vec<FileChange>,
    },
    /// The tokens that the request just ended took.
    Usage(Usage),
    /// The conversation went back: what comes next follows on what stood before the turns that it
    /// left.
    WentBack(Arc<LeftTurns>),
}

/// The origin of a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TurnOrigin {
    /// Prompts that were sent while the turn before ran, and that waited for its end: for a front
    /// in which prompts steer turns it goes on with that one.
    Queued,
    /// A prompt that has changes looked at: which ones, in a few words for people.
    Review(String),
}

/// The subject of a note for the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextNoteKind {
    /// Who works from here on.
    Agent(Agent),
    /// The turn before was cut off when the program ended.
    CutOff,
    /// Where the conversation takes place.
    Environment,
    /// The turn before was stopped.
    Interrupted,
    /// The slash command or skill that the next prompt names.
    Expansion,
    /// Commands that went on running have ended.
    Jobs,
    /// The steps of the turn are used up: told with that request, and no part of the conversation.
    LastStep,
    /// A command follows that the person typed.
    OwnCommand,
    /// The approval mode and the sandbox.
    Permissions,
    /// Commands follow that the next prompt ran: for people, with their outputs, which the model
    /// reads in the text of the prompt.
    PromptCommands,
    /// Where the work stood when the conversation was summed up: the plan, and what was changed.
    Progress,
    /// The subject of a review, and how to do it.
    Review,
    /// Changes of files were taken back, or made again.
    Undo,
    /// Logs of the first version do not say.
    Unknown,
}

impl ContextNoteKind {
    /// Whether codling alone speaks in it, so that a model may heed it more than what is said in
    /// the conversation. Not where it quotes files or names them, nor where it repeats what the
    /// model wrote: its plan, its commands.
    pub fn is_of_codling(self) -> bool {
        match self {
            Self::Agent(_)
            | Self::CutOff
            | Self::Interrupted
            | Self::LastStep
            | Self::OwnCommand
            | Self::Permissions => true,
            Self::Environment
            | Self::Expansion
            | Self::Jobs
            | Self::Progress
            | Self::PromptCommands
            | Self::Review
            | Self::Undo
            | Self::Unknown => false,
        }
    }
}

/// A session in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSummary {
    /// The id under which it is resumed.
    pub id: SessionId,
    /// The folder it works in, as it was given when it was opened.
    pub folder: PathBuf,
    /// As a person named it, else the first line of the first prompt.
    pub title: String,
    /// Whether a person named it.
    pub is_named: bool,
    /// When it was opened for the first time.
    pub created: Timestamp,
    /// When it was last written to.
    pub changed: Timestamp,
    /// How many prompts it holds, without those of other branches.
    pub prompts: u32,
    /// How many branches it has besides this one: ends that were left by going back.
    pub branches: u32,
    /// Why it cannot be opened here; `None` where it can.
    pub failure: Option<LogFailure>,
    /// Whether another program has it open.
    pub is_open_elsewhere: bool,
    /// How far it is there, where that program has said so.
    pub activity: Option<Activity>,
}

impl SessionSummary {
    /// Whether a person finds anything in it: clients may begin conversations and say nothing.
    pub fn says_something(&self) -> bool {
        self.prompts > 0 || self.branches > 0 || self.is_named || self.failure.is_some()
    }

    /// Why it cannot be gone on with here, or how far it is in another program, in a few words for
    /// a list; `None` where nobody has it open.
    pub fn remark(&self) -> Option<&'static str> {
        let elsewhere = match self.activity {
            Some(Activity::AwaitsApproval | Activity::AwaitsAnswer) => {
                "waiting for you in another codling"
            }
            Some(Activity::AwaitsLimit) => "waiting for a limit in another codling",
            Some(Activity::Running) => "running in another codling",
            Some(Activity::Idle) | None => "open in another codling",
        };
        self.failure.map(LogFailure::words).or(self.is_open_elsewhere.then_some(elsewhere))
    }

    /// Whether it belongs in the list of a folder: where it is not known which one it is about, in
    /// each.
    pub fn is_of(&self, folder: &Path) -> bool {
        self.folder == folder || self.failure == Some(LogFailure::FirstLine)
    }
}

/// Why a listed session cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFailure {
    /// The first line of its file is damaged, which says what folder it is about.
    FirstLine,
    /// It was written by a newer codling.
    Newer,
}

impl LogFailure {
    /// In a few words, for a list.
    pub fn words(self) -> &'static str {
        match self {
            Self::FirstLine => "damaged: its first line cannot be read",
            Self::Newer => "written by a newer codling",
        }
    }
}

/// Which session is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionSelector {
    /// The one of this folder that was written to last.
    Latest(PathBuf),
    /// An id, or a part of one that no other has.
    Named(String),
}

impl Record {
    /// Whether a person typed it.
    pub fn is_prompt(&self) -> bool {
        matches!(self, Self::Item(item) if matches!(item.kind, ItemKind::User { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_files_or_repeats_the_model_is_not_said_by_codling_alone() {
        use ContextNoteKind::{Jobs, Permissions, Progress, Undo};
        assert!([Jobs, Progress, Undo].into_iter().all(|kind| !kind.is_of_codling()));
        assert!(Permissions.is_of_codling());
    }
}
