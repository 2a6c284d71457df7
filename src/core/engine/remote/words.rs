//! The words between a holder and a program that joined. They are private to programs of one wire
//! number: another one is told so in the first line.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::protocol::{
    ApprovalResponse, Ask, AskId, Command, ContextReport, EventKind, FolderDiff, JobPorts,
    LeftPrompt, LimitHold, LiveState, McpCommand, Problem, PromptPlace, PromptTiming, Question,
    QuestionOption, QueuedPrompt, Reply, ReplyResult, SessionId, SessionView, SettingsCommand,
    TimelineTurn, TurnCommand, UndoPreview, UserPrompt,
};

use super::live::AskAnswer;

/// The number of this wire. A test says when it must rise.
pub(super) const WIRE: u32 = 10;

/// A message to the holder.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToHolder {
    /// Asks for something. Questions are numbered from 1 in the order they come in.
    Ask(RemoteCommand),
    /// Asks for a sign of life.
    Ping,
}

/// The commands that a program that joined may give: no credentials, no settings files, no folders.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum RemoteCommand {
    Mcp(SessionId, McpCommand),
    Rename(String),
    Settings(SessionId, SettingsCommand),
    /// Ends the other screens of the conversation.
    Take,
    Turn(SessionId, TurnCommand),
}

/// A message to a program that joined.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToJoined {
    /// The answer to the question of this number.
    Answer(u64, Result<RemoteReply, Problem>),
    /// News of the session, a snapshot first.
    Event(EventKind),
    /// The answer to a ping.
    Pong,
}

/// The part of `Reply` that answers such commands.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum RemoteReply {
    Context(ContextReport),
    Diff(FolderDiff),
    Done,
    JobPorts(Vec<JobPorts>),
    Submitted(PromptPlace),
    Timeline(Vec<TimelineTurn>),
    UndoPreview(Option<UndoPreview>),
    Unqueued(QueuedPrompt),
    WentBack(LeftPrompt),
}

impl RemoteReply {
    pub(super) fn of(result: ReplyResult) -> Result<Self, Problem> {
        Ok(match result? {
            Reply::Context(report) => Self::Context(report),
            Reply::Diff(diff) => Self::Diff(diff),
            Reply::JobPorts(ports) => Self::JobPorts(ports),
            Reply::Submitted(place) => Self::Submitted(place),
            Reply::Timeline(turns) => Self::Timeline(turns),
            Reply::UndoPreview(preview) => Self::UndoPreview(preview),
            Reply::Unqueued(prompt) => Self::Unqueued(prompt),
            Reply::WentBack(prompt) => Self::WentBack(prompt),
            _ => Self::Done,
        })
    }
}

impl From<RemoteReply> for Reply {
    fn from(reply: RemoteReply) -> Self {
        match reply {
            RemoteReply::Context(report) => Self::Context(report),
            RemoteReply::Diff(diff) => Self::Diff(diff),
            RemoteReply::Done => Self::Done,
            RemoteReply::JobPorts(ports) => Self::JobPorts(ports),
            RemoteReply::Submitted(place) => Self::Submitted(place),
            RemoteReply::Timeline(turns) => Self::Timeline(turns),
            RemoteReply::UndoPreview(preview) => Self::UndoPreview(preview),
            RemoteReply::Unqueued(prompt) => Self::Unqueued(prompt),
            RemoteReply::WentBack(prompt) => Self::WentBack(prompt),
        }
    }
}

/// A question of a program that does not join, for the loop. Where the session is gone, letting go
/// of it answers.
#[derive(Debug)]
pub(crate) enum LiveQuestion {
    /// Which asks wait for a person?
    Asks(oneshot::Sender<HeldAsks>),
    /// On which ports do its jobs listen?
    Ports(oneshot::Sender<Vec<JobPorts>>),
    /// How far is it?
    State(oneshot::Sender<LiveState>),
}

/// The asks that wait in a session, for a program that does not join it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HeldAsks {
    /// The title of the session, and its folder for people.
    pub(super) title: String,
    pub(super) folder: String,
    /// Each with the session in which it is answered, the session itself or one that works for it.
    pub(super) asks: Vec<(SessionId, Ask)>,
}

impl HeldAsks {
    /// Those of this session and of its children. A child has none of its own here: its parent
    /// tells them.
    pub(crate) fn of(view: &SessionView) -> Self {
        let LiveState { title, folder, .. } = LiveState::of(view);
        let own = view.waiting_asks().filter(|_| view.parent.is_none());
        let offer = view.limit.as_ref().and_then(|hold| offer(view, hold));
        let asks = own.map(|(session, ask)| (session.clone(), ask.clone())).chain(offer).collect();
        Self { title, folder, asks }
    }
}

/// The offer to wait until a usage limit is reset, as a question.
fn offer(view: &SessionView, hold: &LimitHold) -> Option<(SessionId, Ask)> {
    let option =
        |label: &str, does: &str| QuestionOption { label: label.into(), description: does.into() };
    let question = Question {
        text: format!("{}. Go on when it is reset?", hold.problem.message),
        options: vec![option("yes", "waits and goes on"), option("no", "ends the turn")],
        ..Question::default()
    };
    let id = hold.offer()?;
    Some((view.id.clone(), Ask::Question { id, call: "limit".into(), question }))
}

/// The one thing that a program does which does not join.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum LiveOrder {
    /// A person's answer to an ask of this session. There is no lasting yes among them.
    Answer(SessionId, AskId, AskAnswer),
    /// A prompt that waits for the running turn, or begins one.
    Queue(SessionId, String),
}

impl LiveOrder {
    pub(super) fn command(self) -> Command {
        let (session, ask, answer) = match self {
            Self::Answer(session, ask, answer) => (session, ask, answer),
            Self::Queue(session, text) => {
                let prompt = UserPrompt { timing: PromptTiming::NextTurn, ..text.into() };
                return Command::Turn(session, TurnCommand::Submit(prompt));
            }
        };
        let command = match answer {
            AskAnswer::Once => TurnCommand::Decide { ask, decision: ApprovalResponse::Once },
            AskAnswer::No => TurnCommand::Decide { ask, decision: ApprovalResponse::No },
            AskAnswer::NoBecause(why) => {
                TurnCommand::Decide { ask, decision: ApprovalResponse::NoBecause(why) }
            }
            AskAnswer::Words(text) => TurnCommand::Answer { ask, text },
        };
        Command::Turn(session, command)
    }
}

/// Names one connection: what an ended one has left in the engine's queue is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConnectionId(u64);

impl ConnectionId {
    /// One that no other connection of this program has.
    pub(super) fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// News of a remote session, for the loop.
#[derive(Debug)]
pub(crate) enum RemoteNews {
    Answered(u64, ReplyResult),
    /// The holder is gone.
    Ended,
    Event(Box<EventKind>),
    /// The holder gives no sign of life.
    Silent,
}
