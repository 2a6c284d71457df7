//! Messages of running work to the engine's loop.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::config::Settings;
use crate::protocol::{
    Access, ClientId, EventKind, Model, ModelRequestId, Problem, ReplyResult, SessionId, SignInId,
    SignInStep,
};
use crate::session::SessionInput;
use crate::store::SessionLog;

use crate::engine::remote::{ConnectionId, LiveQuestion, RemoteNews};

use super::client::{FromClient, Replier};
use super::delta_queue::DeltaQueue;

/// Each piece of work sends a few of these over its life, and what streams keeps one of them under
/// way at a time: so the queue is about as long as what runs.
pub(crate) enum EngineMessage {
    /// Who is signed in has changed: defaults may be different ones now.
    AccountsChanged,
    /// News of the program.
    Announce(EventKind),
    /// The answer to a command; it leaves in one order with the news.
    Answer(Replier, ReplyResult),
    /// A message of a client behind a socket.
    Client(FromClient),
    /// The settings are others from now on.
    Configured(Box<Settings>),
    /// Words of this request wait to be taken.
    Deltas(SessionId, ModelRequestId, Arc<DeltaQueue>),
    Input(SessionId, SessionInput),
    /// A server has told its models.
    ModelsRead,
    /// The list of models that could be known now.
    ModelsKnown(Arc<[Model]>),
    /// A session that could not be taken up after its holder was gone, and why.
    NotTakenUp(SessionId, Problem),
    /// A question of a program that does not join the session.
    Question(SessionId, LiveQuestion),
    /// News of a session that another program holds, from this connection.
    Remote(SessionId, ConnectionId, RemoteNews),
    /// The access that a model request was refused with, before its failure is told.
    Refused(SessionId, Access),
    SignIn(SignInId, SignInStep),
    /// The work of a session that is being closed has ended; the sender wants its log once all is
    /// in it.
    Stopped(SessionId, oneshot::Sender<JoinHandle<Option<SessionLog>>>),
    /// News of a session.
    Tell(SessionId, EventKind),
    /// A model gave the session a title.
    Titled(SessionId, String),
}

pub(crate) type EngineSender = mpsc::UnboundedSender<EngineMessage>;

/// Who asked for a session, and is to hear of it.
pub(crate) struct Asker {
    pub(crate) client: ClientId,
    pub(crate) replier: Replier,
}
