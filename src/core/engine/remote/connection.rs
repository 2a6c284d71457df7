//! The holder's side of a connection: a client of the engine like any other, whose inbox is written
//! to the socket and whose commands are read from it.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::engine::link::client::{self, Client, ClientFacts, Door};
use crate::engine::link::engine_message::EngineSender;
use crate::engine::link::inbox::{Inbox, Incoming};
use crate::engine::work::blocking;
use crate::protocol::{
    ClientId, Command, Event, EventKind, OpenOptions, Presence, Problem, RequestId, SessionCommand,
    SessionId, SessionSelector, SignInPatience, Surroundings, WhenHeld,
};

use super::frames::{self, LONGEST_ASK, LONGEST_NEWS};
use super::words::{RemoteCommand, RemoteReply, ToHolder, ToJoined};

/// How long the other side may take nothing in before it is let go of.
const STALL: Duration = Duration::from_secs(10);

/// A snapshot of more entries is encoded away from the loop.
const LARGE: usize = 1_000;

/// Clients behind sockets are numbered from here on, those of this program from 1.
static LAST: AtomicU64 = AtomicU64::new(1 << 32);

/// The request that subscribes the connection: what the other side asks is numbered after it.
const SUBSCRIPTION: u64 = 1;

/// Serves a program that has joined, until either side ends.
///
/// # Errors
///
/// Why the connection broke.
pub(super) async fn serve(
    mut reader: impl AsyncRead + Unpin,
    mut writer: impl AsyncWrite + Unpin,
    id: SessionId,
    screen: &str,
    sender: EngineSender,
) -> io::Result<()> {
    let (client, inbox) = client_behind(screen, sender);
    let which = SessionSelector::Named(id.as_str().to_owned());
    let (when_held, options) = (WhenHeld::Refuse, OpenOptions::default());
    client.send(Command::Session(SessionCommand::Resume { which, when_held, options }));
    let (pongs, wanted) = mpsc::unbounded_channel();
    tokio::select! {
        ended = hear(&mut reader, &client, &id, &pongs) => ended,
        ended = tell(&mut writer, inbox, &id, wanted) => ended,
    }
}

/// A client of the engine for a program behind a socket.
fn client_behind(screen: &str, sender: EngineSender) -> (Client, Inbox) {
    let facts = ClientFacts {
        presence: Presence::Attended,
        surroundings: Surroundings::default(),
        patience: SignInPatience::Person,
        name: screen.into(),
    };
    let number = ClientId(LAST.fetch_add(1, Ordering::Relaxed));
    client::join(number, &Door::Loop(sender), facts, None)
}

/// Gives one command for a program that does not join, and returns the engine's answer.
pub(super) async fn request(
    command: Command,
    screen: &str,
    sender: EngineSender,
) -> Result<RemoteReply, Problem> {
    let (client, _inbox) = client_behind(screen, sender);
    RemoteReply::of(client.request(command).await)
}

async fn hear(
    reader: &mut (impl AsyncRead + Unpin),
    client: &Client,
    id: &SessionId,
    pongs: &mpsc::UnboundedSender<()>,
) -> io::Result<()> {
    while let Some(message) = frames::read(reader, LONGEST_ASK).await? {
        match message {
            ToHolder::Ask(command) => _ = client.send(of_engine(id, command)),
            ToHolder::Ping => drop(pongs.send(())),
        }
    }
    Ok(())
}

fn of_engine(id: &SessionId, command: RemoteCommand) -> Command {
    match command {
        RemoteCommand::Mcp(of, command) => Command::Mcp(of, command),
        RemoteCommand::Rename(title) => {
            Command::Session(SessionCommand::Rename { id: id.clone(), title })
        }
        RemoteCommand::Settings(of, command) => Command::Settings(of, command),
        RemoteCommand::Take => Command::Session(SessionCommand::Take(id.clone())),
        RemoteCommand::Turn(of, command) => Command::Turn(of, command),
    }
}

async fn tell(
    writer: &mut (impl AsyncWrite + Unpin),
    mut inbox: Inbox,
    id: &SessionId,
    mut pongs: mpsc::UnboundedReceiver<()>,
) -> io::Result<()> {
    loop {
        let message = tokio::select! {
            incoming = inbox.next() => match incoming {
                None => return Ok(()),
                Some(Incoming::Reply(RequestId(SUBSCRIPTION), Ok(_))) => continue,
                Some(Incoming::Reply(RequestId(SUBSCRIPTION), Err(_))) => return Ok(()),
                Some(Incoming::Reply(RequestId(number), result)) => {
                    ToJoined::Answer(number - SUBSCRIPTION, RemoteReply::of(result))
                }
                Some(Incoming::Event(event)) if crosses(&event, id) => ToJoined::Event(event.kind),
                Some(Incoming::Event(_)) => continue,
            },
            Some(()) = pongs.recv() => ToJoined::Pong,
        };
        let frame = match &message {
            ToJoined::Event(EventKind::Snapshot(view))
                if view.transcript.entries().len() > LARGE =>
            {
                let encoded = blocking(move || frames::encode(&message, LONGEST_NEWS)).await;
                encoded.map_err(io::Error::other)?
            }
            message => frames::encode(message, LONGEST_NEWS),
        };
        timeout(STALL, frames::write(writer, &frame?)).await??;
    }
}

/// Whether the other side is told: all of the session but what this program's own client is to do,
/// and what is left of the plan.
fn crosses(event: &Event, id: &SessionId) -> bool {
    match &event.session {
        Some(session) => session == id && !matches!(event.kind, EventKind::ToolWanted { .. }),
        None => matches!(event.kind, EventKind::Limits(_)),
    }
}
