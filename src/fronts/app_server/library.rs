//! The threads there are, loaded or on disk: listing, reading, naming, putting aside, deleting.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{
    Command, ListDepth, Problem, Record, Reply, SessionCommand, SessionId, SessionSummary,
};

use super::connection::Asker;
use super::failure;
use super::lifecycle::OneThread;
use super::methods::{Nothing, Params};
use super::paging::Page;
use super::server::Server;
use super::thread::{Kept, Thread, ThreadFacts};
use super::turns::{self, ItemsView, Turn, session_id, thread_id};
use super::wire::Fault;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListThreads {
    archived: Option<bool>,
    cursor: Option<String>,
    cwd: Option<Folders>,
    excluded_thread_ids: Option<Vec<String>>,
    limit: Option<usize>,
    model_providers: Option<Vec<String>>,
    search_term: Option<String>,
    section_id: Option<String>,
    sort_direction: Option<Direction>,
    sort_key: Option<String>,
    source_kinds: Option<Vec<String>>,
}

impl Params for ListThreads {}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchThreads {
    search_term: String,
    archived: Option<bool>,
    cursor: Option<String>,
    limit: Option<usize>,
    sort_direction: Option<Direction>,
    sort_key: Option<String>,
    source_kinds: Option<Vec<String>>,
}

impl Params for SearchThreads {}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Folders {
    One(PathBuf),
    Several(Vec<PathBuf>),
}

/// Which row comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    Asc,
    Desc,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadThread {
    thread_id: String,
    #[serde(default)]
    include_turns: bool,
}

impl Params for ReadThread {}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rename {
    thread_id: String,
    name: String,
}

impl Params for Rename {}

pub fn list(server: &mut Server, asker: Asker, params: ListThreads) {
    let archived = params.archived.unwrap_or_default();
    let depth = if archived { ListDepth::Archived } else { ListDepth::All };
    server.ask(Command::Session(SessionCommand::List(depth)), move |server, reply| {
        let result = match reply {
            Ok(Reply::Sessions(sessions)) => server.page(&sessions, &params),
            Ok(_) => Ok(json!({ "data": [] })),
            Err(problem) => Err(failure::fault(&problem)),
        };
        server.answer(asker, result);
    });
}

/// Threads whose title has these words; the title is what is shown of the place that was found.
pub fn search(server: &mut Server, asker: Asker, params: SearchThreads) {
    let SearchThreads {
        search_term,
        archived,
        cursor,
        limit,
        sort_direction,
        sort_key,
        source_kinds,
    } = params;
    let listed = ListThreads {
        archived,
        cursor,
        limit,
        search_term: Some(search_term),
        sort_direction,
        sort_key,
        source_kinds,
        ..ListThreads::default()
    };
    let depth = if archived.unwrap_or_default() { ListDepth::Archived } else { ListDepth::All };
    server.ask(Command::Session(SessionCommand::List(depth)), move |server, reply| {
        let result = match reply {
            Ok(Reply::Sessions(sessions)) => server.page(&sessions, &listed).map(|mut page| {
                if let Some(rows) = page["data"].as_array_mut() {
                    for row in rows {
                        let thread = row.take();
                        let name = thread["name"].as_str().or(thread["preview"].as_str());
                        let snippet = name.unwrap_or_default().to_owned();
                        *row = json!({ "snippet": snippet, "thread": thread });
                    }
                }
                page
            }),
            Ok(_) => Ok(json!({ "data": [], "nextCursor": null, "backwardsCursor": null })),
            Err(problem) => Err(failure::fault(&problem)),
        };
        server.answer(asker, result);
    });
}

impl Server {
    fn page(&self, sessions: &Arc<[SessionSummary]>, params: &ListThreads) -> Result<Value, Fault> {
        let mut found: Vec<&SessionSummary> =
            sessions.iter().filter(|session| self.is_wanted(session, params)).collect();
        let by_creation = params.sort_key.as_deref().unwrap_or("created_at") == "created_at";
        let time = |session: &SessionSummary| match by_creation {
            true => session.created,
            false => session.changed,
        };
        found.sort_by_key(|session| std::cmp::Reverse((time(session), session.id.clone())));
        if params.sort_direction == Some(Direction::Asc) {
            found.reverse();
        }
        let count = found.len();
        let rows: Vec<Value> =
            found.into_iter().map(|session| self.summary_json(session)).collect();
        Page::of(rows, params.cursor.as_deref(), params.limit).map(|page| page.both_ways(count))
    }

    fn is_wanted(&self, session: &SessionSummary, params: &ListThreads) -> bool {
        let loaded = self.threads.get(&session.id);
        let kept = loaded.is_none_or(|thread| thread.meta.kept == Kept::OnDisk);
        let provider = loaded.map_or_else(|| "openai".to_owned(), Thread::provider);
        let served = match &params.model_providers {
            Some(providers) if !providers.is_empty() && loaded.is_some() => {
                providers.contains(&provider)
            }
            _ => true,
        };
        let here = match &params.cwd {
            None => true,
            Some(Folders::One(folder)) => session.is_of(folder),
            Some(Folders::Several(folders)) => folders.iter().any(|folder| session.is_of(folder)),
        };
        let excluded = params
            .excluded_thread_ids
            .as_ref()
            .is_some_and(|excluded| excluded.contains(&thread_id(&session.id)));
        let searched = params
            .search_term
            .as_ref()
            .is_none_or(|term| session.title.to_lowercase().contains(&term.to_lowercase()));
        let kinds = params.source_kinds.as_deref().unwrap_or_default();
        let kind = kinds.is_empty()
            || kinds.iter().any(|kind| ["cli", "vscode", "appServer"].contains(&kind.as_str()));
        // There are no sections here.
        kept && served && here && !excluded && searched && kind && params.section_id.is_none()
    }

    fn summary_json(&self, session: &SessionSummary) -> Value {
        if let Some(thread) = self.threads.get(&session.id) {
            return thread.json(&self.setup.sessions, None);
        }
        let (preview, status) = match session.trouble {
            None => (session.title.clone(), "notLoaded"),
            Some(trouble) => {
                (format!("{} ({})", session.title, trouble.words()).trim().into(), "systemError")
            }
        };
        let facts = ThreadFacts {
            session: &session.id,
            folder: &session.folder,
            preview: &preview,
            name: session.is_named.then_some(session.title.as_str()),
            provider: "openai",
            created: session.created,
            updated: session.changed,
            forked_from: None,
            kept: Kept::OnDisk,
            source: "cli",
            status: json!({ "type": status }),
            branch: None,
        };
        facts.json(&self.setup.sessions, Vec::new())
    }
}

pub fn loaded(server: &mut Server, asker: Asker, _none: Nothing) {
    let mut ids: Vec<&String> = server.threads.values().map(|thread| &thread.id).collect();
    ids.sort();
    let answer = json!({ "data": ids, "nextCursor": null });
    server.answer(asker, Ok(answer));
}

pub fn read(server: &mut Server, asker: Asker, params: ReadThread) {
    let session = match session_id(&params.thread_id) {
        Ok(session) => session,
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    let view = params.include_turns.then_some(ItemsView::Full);
    if let Some(thread) = server.threads.get(&session) {
        let answer = json!({ "thread": thread.json(&server.setup.sessions, view) });
        return server.answer(asker, Ok(answer));
    }
    server.read_session(&session, move |server, _, read| {
        let answer = match read {
            Ok((summary, records)) => {
                let turns = if view.is_some() { turns_of(&summary, &records) } else { Vec::new() };
                let mut thread = server.summary_json(&summary);
                let turns: Vec<Value> =
                    turns.iter().map(|turn| turn.json(ItemsView::Full)).collect();
                thread["turns"] = json!(turns);
                Ok(json!({ "thread": thread }))
            }
            Err(_none) => Err(Fault::invalid(format!("thread not loaded: {}", params.thread_id))),
        };
        server.answer(asker, answer);
    });
}

pub fn turns_of(summary: &SessionSummary, records: &[Record]) -> Vec<Turn> {
    turns::of_records(&summary.id, &summary.folder, records)
}

pub fn rename(server: &mut Server, asker: Asker, params: Rename) {
    let Rename { thread_id: id, name } = params;
    let session = match session_id(&id) {
        Ok(session) => session,
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    if name.trim().is_empty() {
        let message = "thread name must not be empty";
        return server.answer(asker, Err(Fault::invalid(message)));
    }
    let is_loaded = server.threads.contains_key(&session);
    let command = SessionCommand::Rename { id: session, title: name.clone() };
    server.ask(Command::Session(command), move |server, reply| match reply {
        Ok(_) => {
            server.answer(asker, Ok(json!({})));
            // An open session tells of its title itself.
            if !is_loaded {
                let params = json!({ "threadId": id, "threadName": name });
                server.broadcast("thread/name/updated", params);
            }
        }
        Err(problem) => server.answer(asker, Err(unknown(&id, &problem))),
    });
}

pub fn archive(server: &mut Server, asker: Asker, params: OneThread) {
    put_away(server, asker, params, SessionCommand::Archive, "thread/archived");
}

pub fn delete(server: &mut Server, asker: Asker, params: OneThread) {
    put_away(server, asker, params, SessionCommand::Delete, "thread/deleted");
}

/// Ends what runs in a thread, and takes it out of the list.
fn put_away(
    server: &mut Server,
    asker: Asker,
    params: OneThread,
    command: fn(SessionId) -> SessionCommand,
    news: &'static str,
) {
    let id = params.thread_id;
    let session = match session_id(&id) {
        Ok(session) => session,
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    let is_written = |thread: &Thread| thread.meta.kept == Kept::OnDisk || thread.view.prompted;
    let written = server.threads.get(&session).is_none_or(is_written);
    server.close(&session);
    let done = move |server: &mut Server, asker: Asker| {
        server.answer(asker, Ok(json!({})));
        server.broadcast(news, json!({ "threadId": id }));
    };
    if !written {
        // There is no log yet to put away.
        return done(server, asker);
    }
    let id = thread_id(&session);
    server.ask(Command::Session(command(session)), move |server, reply| match reply {
        Ok(_) => done(server, asker),
        Err(problem) => server.answer(asker, Err(unknown(&id, &problem))),
    });
}

fn unknown(id: &str, problem: &Problem) -> Fault {
    match problem.kind {
        crate::protocol::ProblemKind::Config => {
            Fault::invalid(format!("no rollout found for thread id {id}"))
        }
        _ => failure::fault(problem),
    }
}

pub fn unarchive(server: &mut Server, asker: Asker, params: OneThread) {
    let id = params.thread_id;
    let session = match session_id(&id) {
        Ok(session) => session,
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    let command = SessionCommand::Unarchive(session.clone());
    server.ask(Command::Session(command), move |server, reply| {
        if let Err(problem) = reply {
            return server.answer(asker, Err(unknown(&id, &problem)));
        }
        server.read_session(&session, move |server, _, read| match read {
            Ok((summary, _)) => {
                let thread = server.summary_json(&summary);
                server.answer(asker, Ok(json!({ "thread": thread })));
                server.broadcast("thread/unarchived", json!({ "threadId": id }));
            }
            Err(problem) => server.answer(asker, Err(failure::fault(&problem))),
        });
    });
}
