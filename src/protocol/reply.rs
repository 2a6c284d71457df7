//! Replies: what the engine answers to a command, exactly once and to whoever asked. News comes as
//! an [`super::Event`].

use std::path::PathBuf;
use std::sync::Arc;

use super::{
    AccountList, Completeness, ConfigRefusal, ConfigView, Limits, ModelList, PastPrompt, Problem,
    PromptId, ProviderId, QueuedPrompt, Record, SessionId, SessionSummary, TurnId, UndoPreview,
};

/// What came of a command, or why nothing did.
pub type ReplyResult = Result<Reply, Problem>;

/// What a command is answered with where it was carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The answer to [`super::AccountCommand::List`].
    Accounts(AccountList),
    /// The settings as they are now.
    Config(Box<ConfigView>),
    /// Why they were not written.
    ConfigRefused(ConfigRefusal),
    /// It was carried out; what follows from it, if anything, is told as events.
    Done,
    /// A session as Markdown.
    Exported {
        /// The file that was written; `None` where only the text was asked for.
        path: Option<PathBuf>,
        /// The Markdown itself, also where it is in a file.
        markdown: Arc<str>,
    },
    /// Files of a folder, relative to it, with `/` between names; what `.gitignore` names is left out.
    Files {
        /// The paths, sorted.
        paths: Arc<[String]>,
        /// Whether these are all of them.
        whole: Completeness,
    },
    /// Prompts of earlier runs of the program, oldest first.
    History(Vec<PastPrompt>),
    /// What is left of the plan.
    Limits(Limits),
    /// The models that are known at once; a list that the server gives later is an event.
    Models(ModelList),
    /// The session is open under this id, and whoever asked is subscribed to it from now on.
    Opened(SessionId),
    /// The last prompt and the last answer of a session, cut where they are long.
    Preview {
        /// The session it is about, since the answer may come late.
        id: SessionId,
        /// What the person typed last; empty where there is nothing.
        prompt: String,
        /// What the model answered last; empty where there is nothing.
        answer: String,
    },
    /// All that a session holds.
    Read {
        /// What a list would say of the session.
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
    /// What taking a turn's changes back, or making them again, would do; `None`: there is nothing.
    UndoPreview(Option<UndoPreview>),
    /// The prompt that was taken back, to be edited again.
    Unqueued(QueuedPrompt),
}

/// Where a prompt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptPlace {
    /// It waits for the running step to end.
    Queued(PromptId),
    /// It began this turn.
    Turn(TurnId),
}
