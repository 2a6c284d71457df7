//! Continuations: a front's requests to the engine and its work beside the loop, each with the
//! function that goes on with the result.

use std::collections::HashMap;

use futures_util::FutureExt;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use uuid::Uuid;

use crate::engine::{Client, Incoming};
use crate::protocol::{
    Command, Event, EventKind, Problem, ProblemKind, Reply, ReplyResult, RequestId, SessionCommand,
    SessionId, SessionView,
};

use super::model_catalog::ModelCatalog;

/// Work beside the loop that ends when this is dropped.
#[derive(Debug)]
pub struct Watch(AbortHandle);

impl Watch {
    /// Ends the work of this handle in time.
    pub fn new(work: AbortHandle) -> Self {
        Self(work)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Something to be done on the front's loop.
pub type Job<F> = Box<dyn FnOnce(&mut F) + Send>;
type Then<F> = Box<dyn FnOnce(&mut F, ReplyResult)>;
type Opened<F> = Box<dyn FnOnce(&mut F, &SessionView)>;
type Outside<M> = <<M as Machine>::Front as Front>::Outside;

/// A front: its machines, and everything outside of them.
pub trait Front: Sized + 'static {
    /// The engine, the clients and whatever else all machines use.
    type Outside;

    /// Borrows everything outside of the machines.
    fn outside(&mut self) -> &mut Self::Outside;

    /// Borrows the link to the engine.
    fn host(outside: &mut Self::Outside) -> &mut Host<Self>;
}

/// A part of a front that alone changes its state. It goes on with answers by its own name:
/// `Threads::ask(outside, command, |threads, outside, reply| …)`.
pub trait Machine: Sized + 'static {
    /// The front it is a part of.
    type Front: Front;

    /// Borrows the machine and everything outside of the machines.
    fn of(front: &mut Self::Front) -> (&mut Self, &mut Outside<Self>);

    /// Asks the engine; calls `then` with its answer, in one order with its events.
    fn ask(
        outside: &mut Outside<Self>,
        command: Command,
        then: impl FnOnce(&mut Self, &mut Outside<Self>, ReplyResult) + 'static,
    ) {
        Self::Front::host(outside).ask(command, move |front, reply| {
            let (machine, outside) = Self::of(front);
            then(machine, outside, reply);
        });
    }

    /// Opens a session; calls `then` with its first snapshot, or with why there is none.
    fn open(
        outside: &mut Outside<Self>,
        command: SessionCommand,
        then: impl FnOnce(&mut Self, &mut Outside<Self>, Result<&SessionView, Problem>) + 'static,
    ) {
        Self::ask(outside, Command::Session(command), move |machine, outside, reply| {
            let session = match reply {
                Ok(Reply::Opened(session)) => session,
                Ok(_) => {
                    let problem = Problem::new(ProblemKind::Internal, "The session did not open");
                    return then(machine, outside, Err(problem));
                }
                Err(problem) => return then(machine, outside, Err(problem)),
            };
            Self::Front::host(outside).when_open(session, move |front, view| {
                let (machine, outside) = Self::of(front);
                then(machine, outside, Ok(view));
            });
        });
    }

    /// Works beside the loop; calls `then` with the result. Aborting the handle ends the work.
    fn beside<T: Send + 'static>(
        outside: &mut Outside<Self>,
        work: impl Future<Output = T> + Send + 'static,
        then: impl FnOnce(&mut Self, &mut Outside<Self>, T) + Send + 'static,
    ) -> AbortHandle {
        Self::Front::host(outside).beside(work, move |front, result| {
            let (machine, outside) = Self::of(front);
            then(machine, outside, result);
        })
    }

    /// Works on a thread that may wait; calls `then` with the result, `None` after a panic.
    fn on_thread<T: Send + 'static>(
        outside: &mut Outside<Self>,
        work: impl FnOnce() -> T + Send + 'static,
        then: impl FnOnce(&mut Self, &mut Outside<Self>, Option<T>) + Send + 'static,
    ) {
        // Boxed, so that all of it is one kind of task: each kind is some KiB of code.
        let work: Box<dyn FnOnce() -> T + Send> = Box::new(work);
        let work = async { tokio::task::spawn_blocking(work).await.ok() };
        Self::beside(outside, work, then);
    }
}

/// A front's link to the engine.
pub struct Host<F> {
    /// The front as the engine's client.
    pub engine: Client,
    /// The models that the engine has listed.
    pub models: ModelCatalog,
    waiting: HashMap<RequestId, Then<F>>,
    /// Continuations that wait for the first snapshots of sessions.
    opening: HashMap<SessionId, Vec<Opened<F>>>,
    jobs: UnboundedSender<Job<F>>,
}

impl<F: Front> Host<F> {
    /// Makes a link whose results beside the loop go to `jobs`.
    pub fn new(engine: Client, jobs: UnboundedSender<Job<F>>) -> Self {
        Self {
            engine,
            models: ModelCatalog::default(),
            waiting: HashMap::new(),
            opening: HashMap::new(),
            jobs,
        }
    }

    /// Whether nothing that was asked or opened is waited for.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.opening.is_empty()
    }

    /// Asks the engine; calls `then` with its answer, in one order with its events.
    pub fn ask(&mut self, command: Command, then: impl FnOnce(&mut F, ReplyResult) + 'static) {
        let request = self.engine.send(command);
        self.waiting.insert(request, Box::new(then));
    }

    fn when_open(&mut self, session: SessionId, then: impl FnOnce(&mut F, &SessionView) + 'static) {
        self.opening.entry(session).or_default().push(Box::new(then));
    }

    /// Works beside the loop; calls `then` with the result. Aborting the handle ends the work.
    pub fn beside<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
        then: impl FnOnce(&mut F, T) + Send + 'static,
    ) -> AbortHandle {
        let jobs = self.jobs.clone();
        let body = async move {
            let result = work.await;
            let _front_ended = jobs.send(Box::new(move |front| then(front, result)));
        };
        tokio::spawn(body.boxed()).abort_handle()
    }

    /// Goes on with an answer or a first snapshot. Returns an event that nothing waited for.
    pub fn receive(front: &mut F, incoming: Incoming) -> Option<Event> {
        match incoming {
            Incoming::Reply(request, result) => {
                let then = F::host(front.outside()).waiting.remove(&request)?;
                then(front, result);
                None
            }
            Incoming::Event(event) => {
                if let (Some(session), EventKind::Snapshot(view)) = (&event.session, &event.kind)
                    && let Some(opening) = F::host(front.outside()).opening.remove(session)
                {
                    opening.into_iter().for_each(|then| then(front, view));
                    return None;
                }
                Some(event)
            }
        }
    }
}

/// Returns an id that no other session has.
pub fn new_session() -> SessionId {
    SessionId::new(format!("ses_{}", Uuid::now_v7().simple()))
}

/// Resolves at the deadline; never if there is none.
pub async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
