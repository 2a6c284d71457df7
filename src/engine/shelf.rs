//! The shelf of conversations on disk: listing, opening, naming, copying out, removing. All of it happens beside the loop.

use std::path::{Path, PathBuf};

use tokio::task::{JoinHandle, spawn_blocking};

use crate::base::files::{FileError, create_private};
use crate::protocol::{Effort, EventKind, ExportTo, Look, ModelId, RequestId, SessionCommand, SessionId, SessionSummary, Which, markdown};
use crate::store::{Checked, Listing, Opened, Sessions, StoreError};
use crate::tools;

use super::core::{Message, Post};
use super::problem;
use super::running::ended;
use super::work::defect;

/// A session that was asked for, as it came from the disk.
pub(super) struct Fetched {
    pub(super) opened: Result<Opened, StoreError>,
    pub(super) model: Option<ModelId>,
    pub(super) effort: Option<Effort>,
}

/// Opens a session, once those that are being closed have let go of their logs.
pub(super) fn fetch(
    sessions: Sessions,
    post: Post,
    closing: Vec<JoinHandle<()>>,
    wish: Wish,
    model: Option<ModelId>,
    effort: Option<Effort>,
) -> JoinHandle<()> {
    let waiting = post.clone();
    tokio::spawn(async move {
        ended(closing).await;
        let opened = spawn_blocking(move || {
            let send = |opened| drop(post.send(Message::Fetched(Box::new(Fetched { opened, model, effort }))));
            match wish {
                Wish::Fork { from, id } => send(sessions.fork(&from, &id)),
                Wish::Resume { which, fork } => match sessions.find(&which) {
                    Ok((id, listing)) => {
                        send(sessions.resume(&id, &fork));
                        keep(listing);
                    }
                    Err(error) => send(Err(error)),
                },
            }
        });
        if opened.await.is_err() {
            let _loop_ended = waiting.send(Message::Event(EventKind::NotResumed(defect())));
        }
    })
}

pub(super) enum Wish {
    Fork { from: SessionId, id: SessionId },
    Resume { which: Which, fork: SessionId },
}

/// Does what needs no open session, after `settled`: what was given to an open one is on the disk by then.
pub(super) fn tend(
    sessions: Sessions,
    post: Post,
    request: RequestId,
    command: SessionCommand,
    settled: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    let waiting = post.clone();
    tokio::spawn(async move {
        settled.await;
        let done = spawn_blocking(move || {
            let send = |kind| drop(post.send(Message::Event(kind)));
            let answered = match command {
                SessionCommand::List(look) => list(&sessions, look, &send),
                SessionCommand::Delete(id) => sessions.delete(&id).and_then(|()| list(&sessions, Look::All, &send)),
                SessionCommand::Rename { id, title } => sessions.rename(&id, &title).and_then(|()| list(&sessions, Look::All, &send)),
                other => answer(&sessions, other).map(|event| event.into_iter().for_each(send)),
            };
            if let Err(error) = answered {
                send(EventKind::Failed { request, problem: problem::of_store(&error) });
            }
        });
        if done.await.is_err() {
            let _loop_ended = waiting.send(Message::Event(EventKind::Failed { request, problem: defect() }));
        }
    })
}

/// Tells the files of a folder.
pub(super) fn files(post: Post, folder: PathBuf) {
    spawn_blocking(move || {
        let (paths, whole) = tools::files(&folder);
        let _loop_ended = post.send(Message::Event(EventKind::Files { paths: paths.into(), whole }));
    });
}

/// The event that answers a look into one session.
fn answer(sessions: &Sessions, command: SessionCommand) -> Result<Option<EventKind>, StoreError> {
    Ok(match command {
        SessionCommand::Export { which, to } => {
            let (summary, past) = sessions.read(&sessions.find(&which)?.0)?;
            let markdown: std::sync::Arc<str> = markdown(&summary, &past.records).into();
            let path = match to {
                ExportTo::File(path) => {
                    create_private(&path, markdown.as_bytes()).map_err(|source| StoreError::Session { source })?;
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
fn list(sessions: &Sessions, look: Look, send: &impl Fn(EventKind)) -> Result<(), StoreError> {
    let tell = |listing: &Listing| send(EventKind::Sessions(listing.summaries().into()));
    let listing = match look {
        Look::All => {
            let listing = sessions.list()?;
            tell(&listing);
            listing
        }
        Look::Latest => {
            let mut listing = sessions.glance()?;
            tell(&listing);
            if listing.check() == Checked::Different {
                tell(&listing);
            }
            listing
        }
    };
    keep(listing);
    Ok(())
}

/// Without what was learned about the list the next reader learns it again.
fn keep(listing: Listing) {
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
        let name = if number == 1 { format!("codling-{short}.md") } else { format!("codling-{short}-{number}.md") };
        let path = folder.join(name);
        match create_private(&path, markdown.as_bytes()) {
            Ok(()) => return Ok(path),
            Err(FileError::Write { source, .. }) if source.kind() == std::io::ErrorKind::AlreadyExists && number < 1_000 => number += 1,
            Err(source) => return Err(StoreError::Session { source }),
        }
    }
}
