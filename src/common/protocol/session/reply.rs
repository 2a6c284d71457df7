//! Replies: what the engine answers to a command, exactly once and to whoever asked. News comes as
//! an [`crate::protocol::Event`].

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::{
    AccountList, Branch, Completeness, ConfigRefusal, ConfigView, ContextReport, FileFacts,
    FolderDiff, FolderEntry, GuidancePlace, JobPorts, LeftPrompt, Limits, McpListing, ModelList,
    OfferedExtensions, PastPrompt, Problem, PromptId, ProviderId, QueuedPrompt, Record, SessionId,
    SessionSummary, TimelineTurn, TurnId, UndoPreview,
};

/// The reply to a command, or why it failed.
pub type ReplyResult = Result<Reply, Problem>;

/// The answer to a command that was carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The answer to [`crate::protocol::AccountCommand::List`].
    Accounts(AccountList),
    /// The ends of a session that were left by going back, the oldest first.
    Branches {
        /// The session it is about, since the answer may come late.
        id: SessionId,
        /// The branches; their places count for [`crate::protocol::ForkPoint::Branch`].
        branches: Vec<Branch>,
    },
    /// The settings as they are now.
    Config(Box<ConfigView>),
    /// Why they were not written.
    ConfigRefused(ConfigRefusal),
    /// The answer to [`crate::protocol::TurnCommand::Context`].
    Context(ContextReport),
    /// The answer to [`crate::protocol::TurnCommand::Diff`].
    Diff(FolderDiff),
    /// It was carried out; what follows from it, if anything, is told as events.
    Done,
    /// A session as Markdown.
    Exported {
        /// The file that was written; `None` where only the text was asked for.
        path: Option<PathBuf>,
        /// The Markdown itself, also where it is in a file.
        markdown: Arc<str>,
    },
    /// The answer to [`crate::protocol::SessionCommand::Extensions`].
    Extensions(Arc<OfferedExtensions>),
    /// The content of a file.
    FileContent(Vec<u8>),
    /// The answer to [`crate::protocol::FileWork::Inspect`].
    FileFacts(FileFacts),
    /// Files of a folder, relative to it, with `/` between names; what `.gitignore` names is left
    /// out.
    Files {
        /// The paths, sorted.
        paths: Arc<[String]>,
        /// Whether these are all of them.
        whole: Completeness,
    },
    /// The entries of a folder, sorted by their names.
    FolderEntries(Vec<FolderEntry>),
    /// The line was added to this file.
    GuidanceAdded {
        /// Whose file it is.
        place: GuidancePlace,
        /// Its path.
        path: PathBuf,
    },
    /// Prompts of earlier runs of the program, oldest first.
    History(Vec<PastPrompt>),
    /// The ports of the jobs that listen on any, as they are now.
    JobPorts(Vec<JobPorts>),
    /// The limits of the plan.
    Limits(Limits),
    /// The answer to [`crate::protocol::McpServersCommand::List`].
    McpServers(McpListing),
    /// The models that are known at once; a list that the server gives later is an event.
    Models(ModelList),
    /// The session is open under this id, and whoever asked is subscribed to it from now on.
    Opened(SessionId),
    /// The last prompt and the last answer of a session, cut where they are long.
    Preview {
        /// The session it is about, since the answer may come late.
        id: SessionId,
        /// The last prompt; empty if there is none.
        prompt: String,
        /// The last answer of the model; empty if there is none.
        answer: String,
    },
    /// The whole log of a session.
    Read {
        /// The session as a list shows it.
        summary: SessionSummary,
        /// Its log, oldest record first.
        records: Vec<Record>,
    },
    /// The sessions on the disk, newest first.
    Sessions(Arc<[SessionSummary]>),
    /// The credential of this provider is gone from auth.json.
    SignedOut(ProviderId),
    /// The prompt was taken on, and this is where it went.
    Submitted(PromptPlace),
    /// The turns that began with a prompt, oldest first.
    Timeline(Vec<TimelineTurn>),
    /// The steps that an undo or redo would take; `None` if there is nothing to undo or redo.
    UndoPreview(Option<UndoPreview>),
    /// The prompt that was taken back, to be edited again.
    Unqueued(QueuedPrompt),
    /// The conversation went back: the prompt that it was left with, to be edited again.
    WentBack(LeftPrompt),
}

/// Where a prompt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PromptPlace {
    /// It waits for the running step to end.
    Queued(PromptId),
    /// It began this turn.
    Turn(TurnId),
}
