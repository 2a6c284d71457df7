//! The library of sessions on disk: listing, opening, naming, exporting, deleting. All of it
//! happens beside the loop.

use std::path::{Path, PathBuf};

use tokio::task::{JoinHandle, spawn_blocking};

use crate::base::files::{FileError, create_private};
use crate::protocol::{
    Effort, EventKind, ExportTo, ListDepth, ModelName, RequestId, SessionCommand, SessionId,
    SessionSelector, SessionSummary, markdown,
};
use crate::store::{CheckedSession, OpenedSession, SessionIndex, SessionStore, StoreError};
use crate::tools;

use super::engine_loop::{EngineMessage, EngineSender};
use super::problem;
use super::running_work::ended;
use super::work::defect;

/// A session that was asked for, as it came from the disk.
pub(super) struct FetchedSession {
    pub(super) opened: Result<OpenedSession, StoreError>,
    pub(super) model: Option<ModelName>,
    pub(super) effort: Option<Effort>,
}

/// Opens a session, once those that are being closed have let go of their logs.
pub(super) fn fetch(
    sessions: SessionStore,
    sender: EngineSender,
    closing: Vec<JoinHandle<()>>,
    wish: FetchRequest,
    model: Option<ModelName>,
    effort: Option<Effort>,
) -> JoinHandle<()> {
    let waiting = sender.clone();
    tokio::spawn(async move {
        ended(closing).await;
        let opened = spawn_blocking(move || {
            let send = |opened| {
                drop(sender.send(EngineMessage::Fetched(Box::new(FetchedSession {
                    opened,
                    model,
                    effort,
                }))))
            };
            match wish {
                FetchRequest::Fork { from, id } => send(sessions.fork(&from, &id)),
                FetchRequest::Resume { which, fork } => match sessions.find(&which) {
                    Ok((id, listing)) => {
                        send(sessions.resume(&id, &fork));
                        keep(listing);
                    }
                    Err(error) => send(Err(error)),
                },
            }
        });
        if opened.await.is_err() {
            let _loop_ended = waiting.send(EngineMessage::Event(EventKind::NotResumed(defect())));
        }
    })
}

pub(super) enum FetchRequest {
    Fork { from: SessionId, id: SessionId },
    Resume { which: SessionSelector, fork: SessionId },
}

/// Does what needs no open session, after `settled`: what was given to an open one is on the disk by then.
pub(super) fn tend(
    sessions: SessionStore,
    sender: EngineSender,
    request: RequestId,
    command: SessionCommand,
    settled: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    let waiting = sender.clone();
    tokio::spawn(async move {
        settled.await;
        let done = spawn_blocking(move || {
            let send = |kind| drop(sender.send(EngineMessage::Event(kind)));
            let answered = match command {
                SessionCommand::List(look) => list(&sessions, look, &send),
                SessionCommand::Delete(id) => {
                    sessions.delete(&id).and_then(|()| list(&sessions, ListDepth::All, &send))
                }
                SessionCommand::Rename { id, title } => sessions
                    .rename(&id, &title)
                    .and_then(|()| list(&sessions, ListDepth::All, &send)),
                other => answer(&sessions, other).map(|event| event.into_iter().for_each(send)),
            };
            if let Err(error) = answered {
                send(EventKind::Failed { request, problem: problem::of_store(&error) });
            }
        });
        if done.await.is_err() {
            let _loop_ended = waiting
                .send(EngineMessage::Event(EventKind::Failed { request, problem: defect() }));
        }
    })
}

/// Tells the files of a folder.
pub(super) fn files(sender: EngineSender, folder: PathBuf) {
    spawn_blocking(move || {
        let (paths, whole) = tools::files(&folder);
        let _loop_ended =
            sender.send(EngineMessage::Event(EventKind::Files { paths: paths.into(), whole }));
    });
}

/// The event that answers a look into one session.
fn answer(
    sessions: &SessionStore,
    command: SessionCommand,
) -> Result<Option<EventKind>, StoreError> {
    Ok(match command {
        SessionCommand::Export { which, to } => {
            let (summary, past) = sessions.read(&sessions.find(&which)?.0)?;
            let markdown: std::sync::Arc<str> = markdown(&summary, &past.records).into();
            let path = match to {
                ExportTo::File(path) => {
                    create_private(&path, markdown.as_bytes())
                        .map_err(|source| StoreError::Session { source })?;
                    Some(path)
                }
                ExportTo::Folder(folder) => Some(save(&folder, &summary, &markdown)?),
                ExportTo::Text => None,
            };
            Some(EventKind::Exported { path, markdown })
        }
        SessionCommand::Preview(id) => {
            let preview = sessions.preview(&id)?;
            Some(EventKind::Preview { id, prompt: preview.prompt, answer: preview.answer })
        }
        SessionCommand::Read(which) => {
            let (summary, past) = sessions.read(&sessions.find(&which)?.0)?;
            Some(EventKind::Read { summary, records: past.records })
        }
        _ => None,
    })
}

/// Tells the list, and once more where a closer look finds another one; keeps what was learned afterwards.
fn list(
    sessions: &SessionStore,
    look: ListDepth,
    send: &impl Fn(EventKind),
) -> Result<(), StoreError> {
    let tell = |listing: &SessionIndex| send(EventKind::Sessions(listing.summaries().into()));
    let listing = match look {
        ListDepth::All => {
            let listing = sessions.list()?;
            tell(&listing);
            listing
        }
        ListDepth::Latest => {
            let mut listing = sessions.glance()?;
            tell(&listing);
            if listing.check() == CheckedSession::Different {
                tell(&listing);
            }
            listing
        }
    };
    keep(listing);
    Ok(())
}

/// Without what was learned about the list the next reader learns it again.
fn keep(listing: SessionIndex) {
    if let Err(error) = listing.keep() {
        tracing::warn!("the list of sessions is not kept: {error}");
    }
}

/// A new file beside those that are there already.
fn save(folder: &Path, summary: &SessionSummary, markdown: &str) -> Result<PathBuf, StoreError> {
    let id = summary.id.as_str();
    let short = &id[id.len().saturating_sub(8)..];
    let mut number = 1;
    loop {
        let name = if number == 1 {
            format!("codling-{short}.md")
        } else {
            format!("codling-{short}-{number}.md")
        };
        let path = folder.join(name);
        match create_private(&path, markdown.as_bytes()) {
            Ok(()) => return Ok(path),
            Err(FileError::Write { source, .. })
                if source.kind() == std::io::ErrorKind::AlreadyExists && number < 1_000 =>
            {
                number += 1
            }
            Err(source) => return Err(StoreError::Session { source }),
        }
    }
}
