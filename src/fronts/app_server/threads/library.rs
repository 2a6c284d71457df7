//! All threads, loaded or on disk: listing, reading, naming, archiving, deleting.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::protocol::{
    Command, ListDepth, OpenTurn, Problem, Record, Reply, SessionCommand, SessionId, SessionSummary,
};

use super::loaded_threads::Threads;
use crate::app_server::outside::Outside;
use crate::app_server::request::failure;
use crate::app_server::request::paging::Page;
use crate::app_server::request::params::{Nothing, OneThread, session_id, thread_id};
use crate::app_server::thread::loaded::{Kept, Thread, ThreadFacts, ThreadJson};
use crate::app_server::thread::turns::{self, ItemsView, Turn, TurnJson};
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::{self, Fault};
use crate::host::Machine;

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

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Folders {
    One(PathBuf),
    Several(Vec<PathBuf>),
}

/// The order of rows.
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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rename {
    thread_id: String,
    name: String,
}

pub fn list(outside: &mut Outside, asker: Asker, params: ListThreads) {
    list_rows(outside, asker, params, |thread| thread);
}

/// Finds threads whose title has these words; the snippet of each row is the title.
pub fn search(outside: &mut Outside, asker: Asker, params: SearchThreads) {
    let listed = ListThreads {
        archived: params.archived,
        cursor: params.cursor,
        limit: params.limit,
        search_term: Some(params.search_term),
        sort_direction: params.sort_direction,
        sort_key: params.sort_key,
        source_kinds: params.source_kinds,
        ..ListThreads::default()
    };
    list_rows(outside, asker, listed, |thread| {
        let name = thread["name"].as_str().or(thread["preview"].as_str());
        let snippet = name.unwrap_or_default().to_owned();
        json!({ "snippet": snippet, "thread": thread })
    });
}

/// Answers with a page of threads, each converted to a row by `row`.
fn list_rows(outside: &mut Outside, asker: Asker, params: ListThreads, row: fn(Value) -> Value) {
    let archived = params.archived.unwrap_or_default();
    let depth = if archived { ListDepth::Archived } else { ListDepth::All };
    let list = Command::Session(SessionCommand::List(depth));
    Threads::ask(outside, list, move |threads, outside, reply| {
        let result = match reply {
            Ok(Reply::Sessions(sessions)) => page(threads, outside, &sessions, &params, row),
            Ok(_) => Err(Fault::internal("the threads could not be listed")),
            Err(problem) => Err(problem.into()),
        };
        outside.answer(asker, result);
    });
}

fn page(
    threads: &Threads,
    outside: &Outside,
    sessions: &Arc<[SessionSummary]>,
    params: &ListThreads,
    row: fn(Value) -> Value,
) -> Result<Value, Fault> {
    let mut found: Vec<&SessionSummary> =
        sessions.iter().filter(|session| is_wanted(threads, session, params)).collect();
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
    let page = Page::of(found, params.cursor.as_deref(), params.limit)?;
    let shown = |session| row(json!(summary_json(threads, outside, session, Vec::new())));
    Ok(page.show(shown).both_ways(count))
}

fn is_wanted(threads: &Threads, session: &SessionSummary, params: &ListThreads) -> bool {
    let loaded = threads.all.get(&session.id);
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
    // Codling has no sections.
    kept && served && here && !excluded && searched && kind && params.section_id.is_none()
}

fn summary_json<'a>(
    threads: &'a Threads,
    outside: &Outside,
    session: &SessionSummary,
    turns: Vec<TurnJson<'a>>,
) -> ThreadJson<'a> {
    if let Some(thread) = threads.all.get(&session.id) {
        return thread.json(&outside.setup.sessions, None);
    }
    let (preview, status) = match session.failure {
        None => (session.title.clone(), "notLoaded"),
        Some(failure) => {
            (format!("{} ({})", session.title, failure.words()).trim().into(), "systemError")
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
    facts.json(&outside.setup.sessions, turns)
}

pub fn loaded(threads: &mut Threads, outside: &mut Outside, asker: Asker, _none: Nothing) {
    let mut ids: Vec<&String> = threads.all.values().map(|thread| &thread.id).collect();
    ids.sort();
    let answer = json!({ "data": ids, "nextCursor": null });
    outside.answer(asker, Ok(answer));
}

pub fn read(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: ReadThread) {
    let Some((asker, session)) = outside.accept(asker, session_id(&params.thread_id)) else {
        return;
    };
    let view = params.include_turns.then_some(ItemsView::Full);
    if let Some(thread) = threads.all.get(&session) {
        let thread = thread.json(&outside.setup.sessions, view);
        let answer = wire::answer(&asker.id, &ThreadAnswer { thread });
        return outside.answer_in_text(asker, answer);
    }
    Threads::read_session(outside, session, move |threads, outside, _, read| {
        let read = read
            .map_err(|_none| Fault::invalid(format!("thread not loaded: {}", params.thread_id)));
        let Some((asker, (summary, records))) = outside.accept(asker, read) else { return };
        let turns = if view.is_some() { turns_of(&summary, &records) } else { Vec::new() };
        let turns = turns.iter().map(|turn| turn.json(ItemsView::Full)).collect();
        let thread = summary_json(threads, outside, &summary, turns);
        let answer = wire::answer(&asker.id, &ThreadAnswer { thread });
        outside.answer_in_text(asker, answer);
    });
}

/// An answer that holds a thread.
#[derive(Serialize)]
struct ThreadAnswer<'a> {
    thread: ThreadJson<'a>,
}

pub fn turns_of(summary: &SessionSummary, records: &[Record]) -> Vec<Turn> {
    turns::of_records(&summary.id, &summary.folder, records, OpenTurn::of(summary))
}

pub fn rename(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: Rename) {
    let Rename { thread_id: id, name } = params;
    let Some((asker, session)) = outside.accept(asker, session_id(&id)) else { return };
    if name.trim().is_empty() {
        return outside.refuse(asker, "thread name must not be empty");
    }
    let is_loaded = threads.all.contains_key(&session);
    let command = SessionCommand::Rename { id: session, title: name.clone() };
    outside.ask(Command::Session(command), move |outside, reply| match reply {
        Ok(_) => {
            outside.answer(asker, Ok(json!({})));
            // An open session reports its title itself.
            if !is_loaded {
                let params = json!({ "threadId": id, "threadName": name });
                outside.broadcast("thread/name/updated", params);
            }
        }
        Err(problem) => outside.answer(asker, Err(unknown(&id, &problem))),
    });
}

pub fn archive(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: OneThread) {
    put_away(threads, outside, asker, params, SessionCommand::Archive, "thread/archived");
}

pub fn delete(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: OneThread) {
    put_away(threads, outside, asker, params, SessionCommand::Delete, "thread/deleted");
}

/// Stops the work in a thread and removes it from the list.
fn put_away(
    threads: &mut Threads,
    outside: &mut Outside,
    asker: Asker,
    params: OneThread,
    command: fn(SessionId) -> SessionCommand,
    news: &'static str,
) {
    let id = params.thread_id;
    let Some((asker, session)) = outside.accept(asker, session_id(&id)) else { return };
    let is_written = |thread: &Thread| thread.meta.kept == Kept::OnDisk || thread.view.prompted;
    let written = threads.all.get(&session).is_none_or(is_written);
    threads.close(outside, &session);
    let done = move |outside: &mut Outside, asker: Asker| {
        outside.answer(asker, Ok(json!({})));
        outside.broadcast(news, json!({ "threadId": id }));
    };
    if !written {
        // There is no log to remove yet.
        return done(outside, asker);
    }
    let id = thread_id(&session);
    outside.ask(Command::Session(command(session)), move |outside, reply| match reply {
        Ok(_) => done(outside, asker),
        Err(problem) => outside.answer(asker, Err(unknown(&id, &problem))),
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

pub fn unarchive(outside: &mut Outside, asker: Asker, params: OneThread) {
    let id = params.thread_id;
    let Some((asker, session)) = outside.accept(asker, session_id(&id)) else { return };
    let command = SessionCommand::Unarchive(session.clone());
    outside.ask(Command::Session(command), move |outside, reply| {
        if let Err(problem) = reply {
            return outside.answer(asker, Err(unknown(&id, &problem)));
        }
        Threads::read_session(outside, session, move |threads, outside, _, read| match read {
            Ok((summary, _)) => {
                let thread = summary_json(threads, outside, &summary, Vec::new());
                outside.answer(asker, Ok(json!({ "thread": thread })));
                outside.broadcast("thread/unarchived", json!({ "threadId": id }));
            }
            Err(problem) => outside.answer(asker, Err(problem.into())),
        });
    });
}
