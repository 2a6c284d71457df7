//! The library of sessions on disk: listing, naming, exporting, deleting. All of it
//! happens beside the loop.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::base::cause;
use crate::base::files::{FileError, create_private};
use crate::engine::work::{blocking, spawn};
use crate::protocol::{
    Completeness, EventKind, ExportTo, GuidancePlace, ListDepth, Notice, Problem, ProblemKind,
    Reply, SessionCommand, SessionSummary, markdown,
};
use crate::store::{CheckedSession, SessionIndex, SessionStore, StoreError};
use crate::tools;
use crate::workspace;

use super::super::link::client::Replier;
use super::super::link::engine_message::{EngineMessage, EngineSender};
use super::super::problem;
use super::super::remote::live;
use super::open_session::EngineDefaults;
use super::prepared_session::damage;

/// Does what needs no open session, after `settled`: what was given to an open one is on the disk
/// by then.
pub(crate) fn tend(
    (sessions, state): (SessionStore, PathBuf),
    sender: EngineSender,
    replier: Replier,
    command: SessionCommand,
    settled: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    spawn(async move {
        settled.await;
        // Where it breaks, letting go of the replier answers.
        let _done = blocking(move || match answer(&sessions, command) {
            Ok((reply, listing, notices)) => {
                for notice in notices {
                    let news = EventKind::Notice(notice);
                    let _loop_ended = sender.send(EngineMessage::Announce(news));
                }
                let _loop_ended = sender.send(EngineMessage::Answer(replier, Ok(reply)));
                if let Some((mut listing, depth)) = listing {
                    if depth == ListDepth::Latest {
                        let checked = listing.check();
                        let mut summaries = listing.summaries();
                        let holders = ask_holders(&state, &mut summaries);
                        if checked == CheckedSession::Different || holders == Holders::Answered {
                            let news = EventKind::Sessions(summaries.into());
                            let _loop_ended = sender.send(EngineMessage::Announce(news));
                        }
                    }
                    if depth != ListDepth::Archived {
                        sessions.sweep(&listing);
                    }
                    keep(listing);
                }
            }
            Err(error) => {
                let result = Err(problem::of_store(&error));
                let _loop_ended = sender.send(EngineMessage::Answer(replier, result));
            }
        })
        .await;
    })
}

/// Whether programs that have listed sessions open have said how far these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holders {
    Answered,
    None,
}

/// Asks the programs that have sessions open how far these are. Blocks, two seconds at the most for
/// each that hangs.
fn ask_holders(state: &Path, sessions: &mut [SessionSummary]) -> Holders {
    let mut holders = Holders::None;
    for session in sessions.iter_mut().filter(|session| session.is_open_elsewhere) {
        let Ok(told) = live::sessions(state, Some(session.id.as_str())) else { continue };
        if let Some(told) = told.answered.iter().find(|told| told.session == session.id) {
            session.activity = Some(told.activity);
            holders = Holders::Answered;
        }
    }
    holders
}

/// Tells the files of a folder, and those of added folders by their whole paths.
pub(crate) fn files(
    sender: EngineSender,
    replier: Replier,
    (folder, added): (PathBuf, Vec<PathBuf>),
) {
    drop(blocking(move || {
        let (mut paths, mut whole) = tools::files(&folder);
        for folder in &added {
            let (more, is_whole) = tools::files(folder);
            paths.extend(more.iter().map(|path| folder.join(path).display().to_string()));
            if is_whole == Completeness::Truncated {
                whole = is_whole;
            }
        }
        let reply = Reply::Files { paths: paths.into(), whole };
        let _loop_ended = sender.send(EngineMessage::Answer(replier, Ok(reply)));
    }));
}

/// Adds a line to the instructions for the model.
pub(crate) fn add_guidance(
    sender: EngineSender,
    replier: Replier,
    own: PathBuf,
    (folder, place, line): (PathBuf, GuidancePlace, String),
) {
    drop(blocking(move || {
        let added = workspace::add_line(&folder, &own, place, &line);
        let reply = added.map(|path| Reply::GuidanceAdded { place, path }).map_err(|error| {
            Problem::new(ProblemKind::Internal, format!("It is not remembered: {}", cause(&error)))
        });
        let _loop_ended = sender.send(EngineMessage::Answer(replier, reply));
    }));
}

/// Answers with the slash commands and skills that files define for a folder.
pub(crate) fn extensions(
    sender: EngineSender,
    replier: Replier,
    defaults: EngineDefaults,
    folder: PathBuf,
) {
    drop(blocking(move || {
        let folder = folder.canonicalize().unwrap_or(folder);
        let offered = defaults.extensions(&folder).offered();
        let reply = Ok(Reply::Extensions(Arc::new(offered)));
        let _loop_ended = sender.send(EngineMessage::Answer(replier, reply));
    }));
}

type Listed = (SessionIndex, ListDepth);

/// The answer; where it is a list, what is to be looked at more closely and kept afterwards; and
/// what is to be said of it first.
fn answer(
    sessions: &SessionStore,
    command: SessionCommand,
) -> Result<(Reply, Option<Listed>, Vec<Notice>), StoreError> {
    let mut notices = Vec::new();
    let listed = |listing: SessionIndex, depth| {
        (Reply::Sessions(listing.summaries().into()), Some((listing, depth)))
    };
    let (reply, listing) = match command {
        SessionCommand::List(ListDepth::All) => listed(sessions.list()?, ListDepth::All),
        SessionCommand::List(ListDepth::Latest) => listed(sessions.glance()?, ListDepth::Latest),
        SessionCommand::List(ListDepth::Archived) => {
            listed(sessions.archived()?, ListDepth::Archived)
        }
        SessionCommand::Branches(id) => {
            let branches = sessions.branches(&id)?;
            (Reply::Branches { id, branches }, None)
        }
        SessionCommand::Archive(id) => {
            sessions.archive(&id)?;
            (Reply::Done, None)
        }
        SessionCommand::Unarchive(id) => {
            sessions.unarchive(&id)?;
            (Reply::Done, None)
        }
        SessionCommand::Delete(id) => {
            sessions.delete(&id)?;
            listed(sessions.list()?, ListDepth::All)
        }
        SessionCommand::Rename { id, title } => {
            sessions.rename(&id, &title)?;
            listed(sessions.list()?, ListDepth::All)
        }
        SessionCommand::Export { which, to } => {
            let (summary, past) = sessions.read(&sessions.find(&which)?.0)?;
            notices.extend(damage(&past));
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
            (Reply::Exported { path, markdown }, None)
        }
        SessionCommand::Preview(id) => {
            let preview = sessions.preview(&id)?;
            (Reply::Preview { id, prompt: preview.prompt, answer: preview.answer }, None)
        }
        SessionCommand::Read(which) => {
            let (summary, past) = sessions.read(&sessions.find(&which)?.0)?;
            notices.extend(damage(&past));
            (Reply::Read { summary, records: past.records }, None)
        }
        // Those that need an open session, or the prompt history, do not come here.
        SessionCommand::AddGuidance { .. }
        | SessionCommand::Close(_)
        | SessionCommand::Extensions(_)
        | SessionCommand::Files(_)
        | SessionCommand::Follow { .. }
        | SessionCommand::Fork { .. }
        | SessionCommand::Open { .. }
        | SessionCommand::Recall
        | SessionCommand::Remember(_)
        | SessionCommand::Resume { .. }
        | SessionCommand::Take(_) => (Reply::Done, None),
    };
    Ok((reply, listing, notices))
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
