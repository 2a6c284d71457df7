//! The agent: one loop that routes what the client and the engine say. Nothing that the client is
//! asked is waited for here.

use std::collections::HashMap;
use std::time::Duration;

use agent_client_protocol::v1::schema::{ClientCapabilities, SessionNotification, SessionUpdate};
use agent_client_protocol::v1::{ConnectionTo, Responder};
use agent_client_protocol::{
    Client as AcpClient, Error, JsonRpcNotification, JsonRpcRequest, JsonRpcResponse,
    RequestCancellation, RequestCancellationHandle,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::engine::{Client, Inbox, Incoming};
use crate::protocol::{Command, Notice, ReplyResult, RequestId, SessionId, SessionView};

use super::ids;
use super::models::Models;
use super::pipe::Room;
use super::session::AcpSession;
use super::setup::AcpSetup;
use super::sign_in::SignIn;

/// How long requests that are being answered hold up the end, once the client has hung up.
const LAST_ANSWERS: Duration = Duration::from_millis(200);

/// Something to be done on the loop: a request of the client's, or what work beside it came to.
pub type Job = Box<dyn FnOnce(&mut AcpAgent) + Send>;
/// The way to the loop.
pub type Jobs = UnboundedSender<Job>;
/// What is done with an answer of the engine's.
type Then = Box<dyn FnOnce(&mut AcpAgent, ReplyResult)>;
/// What is done with a session that has been opened.
type Opened = Box<dyn FnOnce(&mut AcpAgent, &SessionView)>;

/// All that the agent knows.
pub struct AcpAgent {
    pub setup: AcpSetup,
    pub engine: Client,
    pub connection: ConnectionTo<AcpClient>,
    /// What the client said of itself; nothing until it has.
    pub client: ClientCapabilities,
    pub sessions: HashMap<SessionId, AcpSession>,
    pub models: Models,
    /// The sign-in that is under way.
    pub sign_in: Option<SignIn>,
    /// What waits for the first snapshots of sessions.
    opening: HashMap<SessionId, Vec<Opened>>,
    asked: HashMap<RequestId, Then>,
    /// Work beside the loop that a request waits for.
    beside: usize,
    jobs: Jobs,
}

/// Looks out for something beside the loop for as long as it is kept.
#[derive(Debug)]
pub struct Watch(AbortHandle);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl AcpAgent {
    pub fn new(
        setup: AcpSetup,
        engine: Client,
        connection: ConnectionTo<AcpClient>,
        jobs: Jobs,
    ) -> Self {
        Self {
            setup,
            engine,
            connection,
            client: ClientCapabilities::default(),
            sessions: HashMap::new(),
            models: Models::default(),
            sign_in: None,
            opening: HashMap::new(),
            asked: HashMap::new(),
            beside: 0,
            jobs,
        }
    }

    /// Until the client hangs up, or a signal comes.
    pub async fn run(
        mut self,
        mut inbox: Inbox,
        mut jobs: UnboundedReceiver<Job>,
        stops: &mut UnboundedReceiver<()>,
        room: &Room,
    ) {
        let connection = self.connection.clone();
        let mut hung_up = std::pin::pin!(connection.incoming_closed());
        let mut gone = std::pin::pin!(room.gone());
        let mut deadline = None;
        while deadline.is_none() || !self.is_answered() {
            tokio::select! {
                biased;
                Some(()) = stops.recv() => return,
                Some(job) = jobs.recv() => job(&mut self),
                () = &mut hung_up, if deadline.is_none() => {
                    self.stop_all();
                    deadline = Some(Instant::now() + LAST_ANSWERS);
                }
                () = &mut gone => return,
                () = at(deadline) => return,
                incoming = next(&mut inbox, room) => match incoming {
                    Some(incoming) => self.hear(incoming),
                    None => return,
                },
            }
        }
    }

    /// Nobody is there any more: what runs is stopped, and what can be answered is.
    fn stop_all(&mut self) {
        self.give_up_sign_in();
        let all: Vec<SessionId> = self.sessions.keys().cloned().collect();
        all.iter().for_each(|session| self.interrupt(session));
    }

    fn is_answered(&self) -> bool {
        self.asked.is_empty()
            && self.opening.is_empty()
            && self.beside == 0
            && self.sign_in.is_none()
            && self.sessions.values().all(|session| session.prompts.is_empty())
    }

    fn hear(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Event(event) => self.event(event),
            Incoming::Reply(request, result) => {
                if let Some(then) = self.asked.remove(&request) {
                    then(self, result);
                }
            }
        }
    }

    /// Asks the engine; `then` is called with its answer, in one order with its news.
    pub fn ask(&mut self, command: Command, then: impl FnOnce(&mut Self, ReplyResult) + 'static) {
        let request = self.engine.send(command);
        self.asked.insert(request, Box::new(then));
    }

    /// Calls with the first snapshot of a session that is being opened.
    pub fn when_open(
        &mut self,
        session: &SessionId,
        then: impl FnOnce(&mut Self, &SessionView) + 'static,
    ) {
        self.opening.entry(session.clone()).or_default().push(Box::new(then));
    }

    /// What waits for the first snapshot of this session.
    pub fn opened(&mut self, session: &SessionId) -> Option<Vec<Opened>> {
        self.opening.remove(session)
    }

    /// Does work that takes its time beside the loop, on a thread that may wait.
    pub fn beside<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> T + Send + 'static,
        then: impl FnOnce(&mut Self, Option<T>) + Send + 'static,
    ) {
        self.beside += 1;
        let jobs = self.jobs.clone();
        tokio::spawn(async move {
            let result = tokio::task::spawn_blocking(work).await.ok();
            let job: Job = Box::new(move |agent| {
                agent.beside -= 1;
                then(agent, result);
            });
            let _agent_ended = jobs.send(job);
        });
    }

    /// Asks the client. Its answer comes to the loop as a message, and may never come.
    pub fn ask_client<R: JsonRpcRequest>(
        &self,
        request: R,
        then: impl FnOnce(&mut Self, Result<R::Response, Error>) + Send + 'static,
    ) -> RequestCancellationHandle
    where
        R::Response: Send,
    {
        let sent = self.connection.send_request(request);
        let handle = sent.cancellation_handle();
        let jobs = self.jobs.clone();
        tokio::spawn(async move {
            let result = sent.block_task().await;
            let _agent_ended = jobs.send(Box::new(move |agent| then(agent, result)));
        });
        handle
    }

    /// Calls when the client asks for a request of its own to be given up.
    pub fn when_cancelled(
        &self,
        cancellation: RequestCancellation,
        then: impl FnOnce(&mut Self) + Send + 'static,
    ) -> Watch {
        let jobs = self.jobs.clone();
        let watching = tokio::spawn(async move {
            cancellation.cancelled().await;
            let _agent_ended = jobs.send(Box::new(then));
        });
        Watch(watching.abort_handle())
    }

    /// Answers a request of the client's. One who has gone hears nothing.
    pub fn answer<T: JsonRpcResponse>(&self, responder: Responder<T>, result: Result<T, Error>) {
        let _client_gone = responder.respond_with_result(result);
    }

    /// Tells the client something.
    pub fn tell(&self, notification: impl JsonRpcNotification) {
        let _client_gone = self.connection.send_notification(notification);
    }

    /// Tells the person at a session something, where there is something to tell.
    pub fn tell_person(&mut self, session: &SessionId, notice: Option<Notice>) {
        let notices = self.notices();
        let updates =
            notice.and_then(|notice| Some(self.sessions.get_mut(session)?.say(notice, notices)));
        self.update(session, updates.into_iter().flatten());
    }

    /// Tells the client what is new in a session.
    pub fn update(&self, session: &SessionId, updates: impl IntoIterator<Item = SessionUpdate>) {
        for update in updates {
            self.tell(SessionNotification::new(ids::told(session), update));
        }
    }
}

/// The engine's next word, once the client has taken enough of those before.
async fn next(inbox: &mut Inbox, room: &Room) -> Option<Incoming> {
    room.wait().await;
    inbox.next().await
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
