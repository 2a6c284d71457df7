//! A client of the engine: a front's way in, and the engine's way back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::{mpsc, oneshot};

use crate::protocol::{
    ClientId, Command, Presence, Problem, ProblemKind, Reply, ReplyResult, RequestId, Requester,
    SignInPatience, Surroundings,
};

use super::engine_message::{EngineMessage, EngineSender};
use super::inbox::{Inbox, InboxSender, Incoming, Waker};

/// The person that a client speaks for, who may sit elsewhere than the engine runs.
#[derive(Clone, Debug)]
pub struct ClientFacts {
    /// Whether the client puts questions to a person.
    pub presence: Presence,
    /// Where that person sits: near a browser, over SSH, in a container.
    pub surroundings: Surroundings,
    /// Who waits for a sign-in that the client begins.
    pub patience: SignInPatience,
    /// Its name for others who have the same conversation open: `pts/3`.
    pub name: Arc<str>,
}

/// A front's handle to the engine. All clones of it are the same client.
#[derive(Clone, Debug)]
pub struct Client {
    id: ClientId,
    door: Door,
    inbox: Arc<InboxSender>,
    last: Arc<AtomicU64>,
    /// Requests that are not answered yet.
    open: Arc<AtomicUsize>,
}

/// How many requests of a client may wait for an answer. One more is refused at once, which bounds
/// the engine's own queue too.
const OPEN_REQUESTS: usize = 1_024;

/// The way of a client's messages to the engine.
#[derive(Clone, Debug)]
pub(crate) enum Door {
    /// For clients of this program.
    Front(mpsc::UnboundedSender<FromClient>),
    /// For clients behind a socket, which the engine itself serves.
    Loop(EngineSender),
}

impl Door {
    /// Whether the engine still runs.
    fn send(&self, message: FromClient) -> bool {
        match self {
            Self::Front(door) => door.send(message).is_ok(),
            Self::Loop(sender) => sender.send(EngineMessage::Client(message)).is_ok(),
        }
    }
}

/// Messages of clients and of the engine's owner.
pub(crate) enum FromClient {
    Joined(ClientId, ClientFacts, Arc<InboxSender>),
    Left(ClientId),
    Asked(Requester, Box<Command>, Replier),
    /// The owner of the engine lets go of it.
    End,
    /// Its owner wants to know when nothing runs, or how it is now.
    Rest(WhenToTell, TellRest),
}

/// When an engine's owner is told what runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenToTell {
    AtRest,
    Now,
}

/// How an engine's owner is told what runs.
pub(crate) type TellRest = Box<dyn FnOnce(Rest) + Send>;

/// The work that runs in an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Whether a turn, a queue or a job runs in one of its sessions, or one is not on the disk yet.
    pub is_busy: bool,
    /// Whether somebody listens to one of its sessions.
    pub is_joined: bool,
    /// The events of its sessions so far: whether anything has happened since.
    pub events: u64,
}

/// Where the answer to a command goes, exactly once: where it is dropped unused, the answer is a
/// problem that says so.
#[derive(Debug)]
pub(crate) struct Replier {
    request: RequestId,
    to: Option<ReplyTo>,
    open: Arc<AtomicUsize>,
}

#[derive(Debug)]
enum ReplyTo {
    Inbox(Arc<InboxSender>, RequestId),
    Waiting(oneshot::Sender<ReplyResult>),
}

impl Client {
    pub(crate) fn new(id: ClientId, door: Door, inbox: Arc<InboxSender>) -> Self {
        Self { id, door, inbox, last: Arc::default(), open: Arc::default() }
    }

    /// The number under which the engine knows it, as in `EventKind::AskResolved`.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// Hands a command over; never waits. The answer comes into the inbox, behind all that was told
    /// before it.
    pub fn send(&self, command: Command) -> RequestId {
        let request = self.next();
        self.ask(request, command, ReplyTo::Inbox(Arc::clone(&self.inbox), request));
        request
    }

    /// Hands a command over, and waits for the answer alone.
    ///
    /// # Errors
    ///
    /// Fails if the engine refuses or fails at the command, or has ended.
    pub async fn request(&self, command: Command) -> ReplyResult {
        let (sender, answer) = oneshot::channel();
        self.ask(self.next(), command, ReplyTo::Waiting(sender));
        // A dropped answer is a problem that says so.
        answer.await.unwrap_or_else(|_gone| Err(ended()))
    }

    fn next(&self) -> RequestId {
        RequestId(self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn ask(&self, request: RequestId, command: Command, to: ReplyTo) {
        let before = self.open.fetch_add(1, Ordering::Relaxed);
        let replier = Replier { request, to: Some(to), open: Arc::clone(&self.open) };
        if before >= OPEN_REQUESTS {
            return replier.answer(Err(too_many()));
        }
        let asker = Requester { client: self.id, request };
        // Where the loop has ended, letting go of the message answers it.
        let _ended = self.door.send(FromClient::Asked(asker, Box::new(command), replier));
    }
}

impl Replier {
    /// For a command that the engine itself gives; it may wait for the answer.
    pub(crate) fn of_engine() -> (Self, oneshot::Receiver<ReplyResult>) {
        let (sender, answer) = oneshot::channel();
        let (to, open) = (Some(ReplyTo::Waiting(sender)), Arc::new(AtomicUsize::new(1)));
        (Self { request: RequestId(0), to, open }, answer)
    }

    pub(crate) fn request(&self) -> RequestId {
        self.request
    }

    pub(crate) fn answer(mut self, result: ReplyResult) {
        self.give(result);
    }

    pub(crate) fn done(self) {
        self.answer(Ok(Reply::Done));
    }

    pub(crate) fn refuse(self, problem: Problem) {
        self.answer(Err(problem));
    }

    fn give(&mut self, result: ReplyResult) {
        let Some(to) = self.to.take() else { return };
        self.open.fetch_sub(1, Ordering::Relaxed);
        match to {
            ReplyTo::Inbox(inbox, request) => _ = inbox.push(Incoming::Reply(request, result)),
            // The client has stopped waiting.
            ReplyTo::Waiting(sender) => drop(sender.send(result)),
        }
    }
}

impl Drop for Replier {
    fn drop(&mut self) {
        self.give(Err(ended()));
    }
}

fn ended() -> Problem {
    Problem::new(ProblemKind::Internal, "The engine ended before it answered")
}

fn too_many() -> Problem {
    Problem::new(
        ProblemKind::TooManyRequests,
        format!("More than {OPEN_REQUESTS} requests wait for an answer"),
    )
    .with_next("Wait for answers, then ask again")
}

/// Makes a client of the engine behind this door.
pub(crate) fn join(
    id: ClientId,
    door: &Door,
    facts: ClientFacts,
    waker: Option<Waker>,
) -> (Client, Inbox) {
    let sender = Arc::new(InboxSender::waking(waker));
    let left = door.clone();
    if !door.send(FromClient::Joined(id, facts, Arc::clone(&sender))) {
        sender.end();
    }
    let client = Client::new(id, door.clone(), Arc::clone(&sender));
    (client, Inbox::new(sender, move || _ = left.send(FromClient::Left(id))))
}
