//! A session that another program holds, as this engine has it: its view, kept up by the events
//! that the holder tells, and the way for commands to the holder.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use crate::engine::link::client::Replier;
use crate::engine::link::engine_message::{EngineMessage, EngineSender};
use crate::engine::link::inbox::InboxSender;
use crate::engine::session::audience::Audience;
use crate::engine::work::owned_work::Work;
use crate::protocol::{
    ClientId, EventKind, Notice, OpenOptions, Problem, ProblemKind, Reply, ReplyResult,
    SessionHolder, SessionId, SessionMode, SessionView, UnqueueReason,
};

use super::frames::{self, LONGEST_ASK, LONGEST_NEWS};
use super::rendezvous::HolderStream;
use super::words::{ConnectionId, RemoteCommand, RemoteNews, ToHolder, ToJoined};

/// How long an answer may take until the holder is asked for a sign of life, and how long that may
/// take.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) struct RemoteSession {
    id: SessionId,
    connection: ConnectionId,
    audience: Audience,
    /// Clients that wait for the holder's first snapshot; `None` once it is here.
    early: Option<Vec<(ClientId, Arc<InboxSender>)>>,
    /// The options of whoever asked for the session, until it is known whether it differs.
    wished: Option<OpenOptions>,
    /// Questions that the holder has not answered yet.
    asked: HashMap<u64, Replier>,
    last: u64,
    to_holder: mpsc::UnboundedSender<ToHolder>,
    /// The holder, as far as it said so.
    holder: Option<SessionHolder>,
    _connected: Work,
}

impl RemoteSession {
    /// Goes on with a connection that has said hello.
    ///
    /// # Errors
    ///
    /// Fails where the runtime cannot wait for the socket.
    #[cfg(unix)]
    pub(crate) fn join(
        id: SessionId,
        stream: HolderStream,
        holder: Option<SessionHolder>,
        sender: EngineSender,
    ) -> io::Result<Self> {
        let (reader, writer) = tokio::net::UnixStream::from_std(stream)?.into_split();
        Ok(Self::over(id, (reader, writer), holder, sender))
    }

    #[cfg(not(unix))]
    pub(crate) fn join(
        _: SessionId,
        stream: HolderStream,
        _: Option<SessionHolder>,
        _: EngineSender,
    ) -> io::Result<Self> {
        match stream {}
    }

    pub(super) fn over(
        id: SessionId,
        (reader, writer): (
            impl AsyncRead + Send + Unpin + 'static,
            impl AsyncWrite + Send + Unpin + 'static,
        ),
        holder: Option<SessionHolder>,
        sender: EngineSender,
    ) -> Self {
        let connection = ConnectionId::new();
        let (to_holder, messages) = mpsc::unbounded_channel();
        let loop_end = LoopEnd { id: id.clone(), connection, sender };
        let _connected = Work::start(async move {
            let (heard, hearing) = watch::channel(());
            let ended = tokio::select! {
                ended = hear(reader, &loop_end, &heard) => ended,
                ended = tell(writer, messages, hearing, &loop_end) => ended,
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "the connection to a holder broke");
            }
            loop_end.send(RemoteNews::Ended);
        });
        let audience = Audience::new(SessionView::new(id.clone()));
        let (early, wished, asked) = (Some(Vec::new()), None, HashMap::new());
        Self {
            id,
            connection,
            audience,
            early,
            wished,
            asked,
            last: 0,
            to_holder,
            holder,
            _connected,
        }
    }

    /// The same, where these options were asked for: they do not count, and what differs is told.
    pub(crate) fn wishing(self, wished: OpenOptions) -> Self {
        Self { wished: Some(wished), ..self }
    }

    pub(crate) fn is(&self, connection: ConnectionId) -> bool {
        self.connection == connection
    }

    /// Whether commands for this session go to the holder: those that work for it are there too.
    pub(crate) fn has(&self, id: &SessionId) -> bool {
        self.id == *id || self.audience.view.children.iter().any(|child| child.session == *id)
    }

    /// Hands a command to the holder.
    pub(crate) fn ask(&mut self, command: RemoteCommand, replier: Replier) {
        self.last += 1;
        self.asked.insert(self.last, replier);
        // Where the connection has ended, the loop is told, and letting go answers.
        let _ended = self.to_holder.send(ToHolder::Ask(command));
    }

    pub(crate) fn answer(&mut self, number: u64, result: ReplyResult) {
        if let Some(replier) = self.asked.remove(&number) {
            replier.answer(result);
        }
    }

    /// Takes an event in, and tells it to all who listen here.
    pub(crate) fn emit(&mut self, mut kind: EventKind) {
        if let EventKind::Snapshot(view) = &mut kind {
            Arc::make_mut(view).holder.clone_from(&self.holder);
        }
        self.audience.view.apply(&kind);
        self.audience.notify(&self.id, kind);
        for (client, inbox) in self.early.take().into_iter().flatten() {
            self.audience.join(&self.id, client, inbox);
        }
        if let Some(notice) = self.wished.take().and_then(|wished| self.differs(&wished)) {
            self.emit(EventKind::Notice(notice));
        }
    }

    /// The notice that the session works in another way than was asked for.
    fn differs(&self, wished: &OpenOptions) -> Option<Notice> {
        let view = &self.audience.view;
        let settings = view.settings.as_ref()?;
        let is_model = wished
            .model
            .as_ref()
            .is_none_or(|model| model.clone().of(&settings.model.provider) == settings.model);
        let is_effort = wished.effort.is_none() || wished.effort == settings.effort;
        let mode = view.session_mode?.approval_mode;
        let is_mode = wished.mode.is_none_or(|wished| wished == mode);
        (!(is_model && is_effort && is_mode)).then(|| Notice {
            message: format!(
                "The conversation is open in another codling and is joined as it is there \
                 (approval mode {}): what you asked for is not used",
                mode.as_str()
            ),
            next: Some("Change it here, for all who have it open".into()),
        })
    }

    /// Tells that the holder gives no sign of life.
    pub(crate) fn tell_silence(&mut self) {
        let process = self.holder.as_ref().map(|holder| holder.process);
        let named = process.map(|process| format!(" (process {process})")).unwrap_or_default();
        let told = format!("The codling that has this conversation open does not answer{named}");
        let next = match process {
            Some(process) => format!("If it was suspended, `kill -CONT {process}` wakes it"),
            None => "It may have been suspended, or it hangs".to_owned(),
        };
        self.emit(EventKind::Notice(Notice { message: told, next: Some(next) }));
    }

    /// Subscribes a client, which begins with a snapshot, as soon as the holder has sent one.
    pub(crate) fn subscribe(&mut self, client: ClientId, inbox: Arc<InboxSender>) {
        match &mut self.early {
            Some(early) => early.push((client, inbox)),
            None => self.audience.join(&self.id, client, inbox),
        }
    }

    /// Whether anybody still listens.
    pub(crate) fn unsubscribe(&mut self, client: ClientId) -> bool {
        let early = self.early.iter_mut().flatten().filter(|(early, _)| *early != client).count();
        self.audience.leave(client) || early > 0
    }

    /// The clients that listen, and how the session worked: for taking it up again where its holder
    /// is gone. Prompts that waited there go back to who wrote them.
    pub(crate) fn end(mut self) -> (Vec<ClientId>, Option<SessionMode>) {
        let prompts = std::mem::take(&mut self.audience.view.queued);
        if !prompts.is_empty() {
            self.emit(EventKind::Unqueued { prompts, why: UnqueueReason::TurnEnded });
        }
        let early = self.early.into_iter().flatten().map(|(client, _)| client);
        (early.chain(self.audience.clients()).collect(), self.audience.view.session_mode)
    }
}

/// The way from a connection to the loop.
struct LoopEnd {
    id: SessionId,
    connection: ConnectionId,
    sender: EngineSender,
}

impl LoopEnd {
    fn send(&self, news: RemoteNews) {
        let message = EngineMessage::Remote(self.id.clone(), self.connection, news);
        let _loop_ended = self.sender.send(message);
    }
}

async fn hear(
    mut reader: impl AsyncRead + Unpin,
    to: &LoopEnd,
    heard: &watch::Sender<()>,
) -> io::Result<()> {
    while let Some(message) = frames::read(&mut reader, LONGEST_NEWS).await? {
        heard.send_replace(());
        to.send(match message {
            ToJoined::Answer(number, answer) => {
                RemoteNews::Answered(number, answer.map(Reply::from))
            }
            ToJoined::Event(kind) => RemoteNews::Event(Box::new(kind)),
            ToJoined::Pong => continue,
        });
    }
    Ok(())
}

/// How far the wait for a sign of life has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    ForAnswer(Instant),
    ForPong(Instant),
    Not,
}

async fn tell(
    mut writer: impl AsyncWrite + Unpin,
    mut messages: mpsc::UnboundedReceiver<ToHolder>,
    mut heard: watch::Receiver<()>,
    to: &LoopEnd,
) -> io::Result<()> {
    let mut wait = Wait::Not;
    loop {
        let until = match wait {
            Wait::ForAnswer(until) | Wait::ForPong(until) => Some(until),
            Wait::Not => None,
        };
        let due = async {
            match until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = messages.recv() => {
                let Some(message) = message else { return Ok(()) };
                frames::write(&mut writer, &frames::encode(&message, LONGEST_ASK)?).await?;
                if wait == Wait::Not {
                    wait = Wait::ForAnswer(Instant::now() + PATIENCE);
                }
            }
            changed = heard.changed() => match changed {
                Ok(()) => wait = Wait::Not,
                Err(_ended) => return Ok(()),
            },
            () = due => wait = match wait {
                Wait::ForAnswer(_) => {
                    let ping = frames::encode(&ToHolder::Ping, LONGEST_ASK)?;
                    frames::write(&mut writer, &ping).await?;
                    Wait::ForPong(Instant::now() + PATIENCE)
                }
                _ => {
                    to.send(RemoteNews::Silent);
                    Wait::Not
                }
            },
        }
    }
}

/// The problem of a command that a session has no use for while another program holds it.
pub(crate) fn of_holder_alone() -> Problem {
    Problem::new(
        ProblemKind::NotNow,
        "This is done where the conversation is held, in another codling",
    )
    .with_next("`/take` ends the other screen, and brings it here")
}
