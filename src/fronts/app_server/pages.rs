//! The turns and the items of one thread, page by page.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::connection::Asker;
use super::library::{Direction, turns_of};
use super::methods::Params;
use super::paging::Page;
use super::server::Server;
use super::turns::{ItemsView, Turn, session_id};
use super::wire::Fault;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListTurns {
    thread_id: String,
    cursor: Option<String>,
    limit: Option<usize>,
    sort_direction: Option<Direction>,
    items_view: Option<View>,
}

impl Params for ListTurns {}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum View {
    Full,
    Summary,
    NotLoaded,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListItems {
    thread_id: String,
    cursor: Option<String>,
    limit: Option<usize>,
    sort_direction: Option<Direction>,
    turn_id: Option<String>,
}

impl Params for ListItems {}

/// Calls with the turns of a thread, loaded or not; answers where there is no such thread.
fn with_turns(
    server: &mut Server,
    asker: Asker,
    thread: &str,
    method: &'static str,
    then: impl FnOnce(&mut Server, Asker, Vec<Arc<Turn>>) + 'static,
) {
    let session = match session_id(thread) {
        Ok(session) => session,
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    let id = thread.to_owned();
    if let Some(thread) = server.threads.get(&session) {
        if !thread.view.prompted && thread.all_turns().is_empty() {
            let message = format!(
                "thread {id} is not materialized yet; {method} is unavailable before first user message"
            );
            return server.answer(asker, Err(Fault::invalid(message)));
        }
        let live = thread.live.iter().map(|live| Arc::new(live.turn.clone()));
        let turns = thread.turns.iter().cloned().chain(live).collect();
        return then(server, asker, turns);
    }
    server.read_session(&session, move |server, _, read| match read {
        Ok((summary, records)) => {
            let turns = turns_of(&summary, &records).into_iter().map(Arc::new).collect();
            then(server, asker, turns);
        }
        Err(_none) => {
            let message = format!("thread not loaded: {id}");
            server.answer(asker, Err(Fault::invalid(message)));
        }
    });
}

pub fn turns(server: &mut Server, asker: Asker, params: ListTurns) {
    let id = params.thread_id.clone();
    with_turns(server, asker, &id, "thread/turns/list", move |server, asker, turns| {
        let view = match params.items_view {
            Some(View::Full) => ItemsView::Full,
            Some(View::NotLoaded) => ItemsView::NotLoaded,
            Some(View::Summary) | None => ItemsView::Summary,
        };
        let mut rows: Vec<Value> = turns.iter().map(|turn| turn.json(view)).collect();
        if params.sort_direction != Some(Direction::Asc) {
            rows.reverse();
        }
        let count = rows.len();
        let page = Page::of(rows, params.cursor.as_deref(), params.limit);
        server.answer(asker, page.map(|page| page.both_ways(count)));
    });
}

pub fn items(server: &mut Server, asker: Asker, params: ListItems) {
    let id = params.thread_id.clone();
    with_turns(server, asker, &id, "thread/items/list", move |server, asker, turns| {
        let wanted = |turn: &&Arc<Turn>| params.turn_id.as_ref().is_none_or(|id| turn.id == *id);
        let rows = turns.iter().filter(wanted).flat_map(|turn| {
            turn.items.iter().map(|entry| {
                json!({
                    "turnId": turn.id, "item": entry.item,
                    "startedAtMs": entry.started.map(|at| at.0),
                    "completedAtMs": entry.completed.map(|at| at.0),
                })
            })
        });
        let mut rows: Vec<Value> = rows.collect();
        if params.sort_direction == Some(Direction::Desc) {
            rows.reverse();
        }
        let count = rows.len();
        let page = Page::of(rows, params.cursor.as_deref(), params.limit);
        server.answer(asker, page.map(|page| page.both_ways(count)));
    });
}
