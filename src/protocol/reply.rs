//! Replies: what the engine answers to a command, exactly once and to whoever asked. News is an [`super::Event`].

use std::path::PathBuf;
use std::sync::Arc;

use super::{
    AccountList, Completeness, ModelList, PastPrompt, Problem, PromptId, ProviderId, QueuedPrompt,
    Record, SessionId, SessionSummary, TurnId, UndoPreview,
};

/// What came of a command, or why nothing did.
pub type ReplyResult = Result<Reply, Problem>;

#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Accounts(AccountList),
    /// It was carried out; what follows from it, if anything, is told as events.
    Done,
    /// A session as Markdown: in a file, or as it is.
    Exported {
        path: Option<PathBuf>,
        markdown: Arc<str>,
    },
    /// Files of a folder, relative to it, with `/` between names: without what is ignored, and not all where there are very many.
    Files {
        paths: Arc<[String]>,
        whole: Completeness,
    },
    /// Prompts of earlier starts, oldest first.
    History(Vec<PastPrompt>),
    /// As they are known at once; a list that the server gives later is an event.
    Models(ModelList),
    /// The session is open under this name, and whoever asked hears of it from now on.
    Opened(SessionId),
    /// The last prompt and the last answer of a session, cut where they are long.
    Preview {
        id: SessionId,
        prompt: String,
        answer: String,
    },
    /// All that a session holds.
    Read {
        summary: SessionSummary,
        records: Vec<Record>,
    },
    /// Newest first.
    Sessions(Arc<[SessionSummary]>),
    SignedOut(ProviderId),
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
