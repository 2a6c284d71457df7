//! The turns and the items of one thread, page by page.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::library::{Direction, turns_of};
use super::loaded_threads::Threads;
use crate::app_server::outside::Outside;
use crate::app_server::request::paging::Page;
use crate::app_server::request::params::session_id;
use crate::app_server::thread::turns::{Entry, ItemsView, Turn};
use crate::app_server::transport::connection::Asker;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListTurns {
    thread_id: String,
    cursor: Option<String>,
    limit: Option<usize>,
    sort_direction: Option<Direction>,
    items_view: Option<View>,
}

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

/// Calls the continuation with the turns of a thread, loaded or not; answers with an error if there
/// is no such thread.
fn with_turns(
    threads: &mut Threads,
    outside: &mut Outside,
    asker: Asker,
    thread: &str,
    method: &'static str,
    then: impl FnOnce(&mut Outside, Asker, Vec<Arc<Turn>>) + 'static,
) {
    let Some((asker, session)) = outside.accept(asker, session_id(thread)) else { return };
    let id = thread.to_owned();
    if let Some(thread) = threads.all.get(&session) {
        if !thread.view.prompted && thread.all_turns().is_empty() {
            let message = format!(
                "thread {id} is not materialized yet; {method} is unavailable before first user message"
            );
            return outside.refuse(asker, message);
        }
        let live = thread.live.iter().map(|live| Arc::new(live.turn.clone()));
        let turns = thread.turns.iter().cloned().chain(live).collect();
        return then(outside, asker, turns);
    }
    Threads::read_session(outside, session, move |_threads, outside, _session, read| match read {
        Ok((summary, records)) => {
            let turns = turns_of(&summary, &records).into_iter().map(Arc::new).collect();
            then(outside, asker, turns);
        }
        Err(_none) => {
            let message = format!("thread not loaded: {id}");
            outside.refuse(asker, message);
        }
    });
}

pub fn turns(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: ListTurns) {
    let id = params.thread_id.clone();
    with_turns(threads, outside, asker, &id, "thread/turns/list", move |outside, asker, turns| {
        let view = match params.items_view {
            Some(View::Full) => ItemsView::Full,
            Some(View::NotLoaded) => ItemsView::NotLoaded,
            Some(View::Summary) | None => ItemsView::Summary,
        };
        let mut rows: Vec<&Turn> = turns.iter().map(Arc::as_ref).collect();
        if params.sort_direction != Some(Direction::Asc) {
            rows.reverse();
        }
        let count = rows.len();
        let page = Page::of(rows, params.cursor.as_deref(), params.limit);
        let shown = page.map(|page| page.show(|turn| json!(turn.json(view))).both_ways(count));
        outside.answer(asker, shown);
    });
}

pub fn items(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: ListItems) {
    let id = params.thread_id.clone();
    with_turns(threads, outside, asker, &id, "thread/items/list", move |outside, asker, turns| {
        let wanted = |turn: &&Arc<Turn>| params.turn_id.as_ref().is_none_or(|id| turn.id == *id);
        let items = turns
            .iter()
            .filter(wanted)
            .flat_map(|turn| turn.items.iter().map(move |entry| (&turn.id, entry)));
        let mut rows: Vec<(&String, &Entry)> = items.collect();
        if params.sort_direction == Some(Direction::Desc) {
            rows.reverse();
        }
        let count = rows.len();
        let page = Page::of(rows, params.cursor.as_deref(), params.limit);
        let shown = |(turn, entry): (&String, &Entry)| {
            json!({
                "turnId": turn, "item": entry.item,
                "startedAtMs": entry.started.map(|at| at.0),
                "completedAtMs": entry.completed.map(|at| at.0),
            })
        };
        outside.answer(asker, page.map(|page| page.show(shown).both_ways(count)));
    });
}
