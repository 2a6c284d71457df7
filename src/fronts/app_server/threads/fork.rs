//! Copies threads, whole or up to a turn, and reverts threads to a turn.

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{
    ModelName, OpenOptions, OpenTurn, Problem, ProblemKind, Record, SessionCommand, SessionId,
    TurnId,
};

use super::choice::Choice;
use super::loaded_threads::Threads;
use crate::fronts::app_server::outside::Outside;
use crate::fronts::app_server::request::failure;
use crate::fronts::app_server::request::params::{Params, session_id};
use crate::fronts::app_server::request::permissions::Permissions;
use crate::fronts::app_server::thread::loaded::{Kept, ThreadMeta};
use crate::fronts::app_server::thread::turns::{self, ItemsView, Turn};
use crate::fronts::app_server::transport::connection::Asker;
use crate::fronts::app_server::transport::wire::Fault;
use crate::fronts::host::{Machine, new_session};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fork {
    thread_id: String,
    #[serde(flatten)]
    choice: Choice,
    #[serde(default)]
    before_turn_id: Option<String>,
    #[serde(default)]
    last_turn_id: Option<String>,
    ephemeral: Option<bool>,
    exclude_turns: Option<bool>,
}

impl Params for Fork {
    fn gated(&self) -> Option<&'static str> {
        self.choice.gated()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Revert {
    thread_id: String,
    before_turn_id: String,
}

impl Params for Revert {}

/// The point at which a copy ends.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ForkEnd {
    Before(String),
    Behind(String),
    Whole,
}

impl ForkEnd {
    /// The first turn that is left out; `None` if all are kept. `turns` are all turns, oldest
    /// first.
    fn find(&self, turns: &[&Turn]) -> Result<Option<TurnId>, Fault> {
        let at = |id: &str| {
            let at = turns.iter().position(|turn| turn.id == id);
            at.ok_or_else(|| Fault::invalid(format!("turn not found: {id}")))
        };
        match self {
            Self::Whole => Ok(None),
            Self::Before(id) => Ok(Some(turns[at(id)?].number)),
            Self::Behind(id) => {
                let at = at(id)?;
                if turns[at].outcome.is_none() {
                    return Err(Fault::invalid(format!("turn is in progress: {id}")));
                }
                Ok(turns.get(at + 1).map(|turn| turn.number))
            }
        }
    }
}

/// The records of a log before a turn; all records if `before` is `None`.
fn records_before(records: &[Record], before: Option<TurnId>) -> &[Record] {
    let begins = |record: &Record| before.is_some_and(|turn| *record == Record::TurnStarted(turn));
    &records[..records.iter().position(begins).unwrap_or(records.len())]
}

pub fn fork(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: Fork) {
    let Fork { thread_id, choice, before_turn_id, last_turn_id, ephemeral, exclude_turns } = params;
    let end = match (before_turn_id, last_turn_id) {
        (None, None) => ForkEnd::Whole,
        (Some(turn), None) => ForkEnd::Before(turn),
        (None, Some(turn)) => ForkEnd::Behind(turn),
        (Some(_), Some(_)) => {
            let message = "`beforeTurnId` cannot be combined with `lastTurnId`";
            return outside.answer(asker, Err(Fault::invalid(message)));
        }
    };
    let Some((asker, from)) = outside.accept(asker, session_id(&thread_id)) else { return };
    let before = threads.all.get(&from).map(|thread| thread.meta.permissions.clone());
    let before = before.unwrap_or_else(|| Permissions::of(outside.setup.mode));
    let permissions = choice.permissions(&before);
    Threads::read_session(outside, from, move |threads, outside, from, read| {
        let found = read.map_err(|_problem| {
            Fault::invalid(format!("no rollout found for thread id {thread_id}"))
        });
        let found = found.and_then(|(summary, records)| {
            // A client that has the thread open refers to its turns by the ids it was told.
            let before = match threads.all.get(from) {
                Some(thread) => end.find(&thread.all_turns())?,
                None => {
                    let last = OpenTurn::of(&summary);
                    let turns = turns::of_records(from, &summary.folder, &records, last);
                    end.find(&turns.iter().collect::<Vec<_>>())?
                }
            };
            Ok((records, before))
        });
        let Some((asker, (records, before))) = outside.accept(asker, found) else { return };
        let kept = if ephemeral.unwrap_or_default() { Kept::Ephemeral } else { Kept::OnDisk };
        let options = OpenOptions { keep_from: kept.from(), ..choice.options(&permissions) };
        let fork = SessionCommand::Fork {
            from: from.clone(),
            id: new_session(),
            before,
            options: options.clone(),
        };
        let from = from.clone();
        Threads::open(outside, fork, move |threads, outside, opened| {
            let opened = opened.map_err(|problem| failure::fault(&problem));
            let Some((asker, found)) = outside.accept(asker, opened) else { return };
            let meta = ThreadMeta {
                forked_from: Some(from),
                ..ThreadMeta::new(permissions, options, kept, outside.clock.now())
            };
            let records = records_before(&records, before);
            let session = threads.load(outside, asker.connection, found, records, meta);
            let view = (exclude_turns != Some(true)).then_some(ItemsView::Full);
            threads.answer_opened(outside, asker, &session, view);
            threads.thread_started(outside, &session);
        });
    });
}

/// Removes a turn and all later ones from an idle thread. Their changes to files stay.
pub fn revert(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: Revert) {
    let found = threads.loaded(&params.thread_id);
    let Some((asker, session)) = outside.accept(asker, found) else { return };
    let Some(thread) = threads.all.get_mut(&session) else { return };
    if thread.is_running() {
        let message = "a thread cannot be reverted while a turn is in progress";
        return outside.answer(asker, Err(Fault::invalid(message)));
    }
    if thread.is_reverting {
        let message = "the thread is being reverted";
        return outside.answer(asker, Err(Fault::invalid(message)));
    }
    let found = ForkEnd::Before(params.before_turn_id).find(&thread.all_turns());
    let Some((asker, Some(before))) = outside.accept(asker, found) else { return };
    let settings = thread.view.settings.as_ref();
    let options = OpenOptions {
        model: settings.map(|settings| ModelName::from(settings.model.clone())),
        effort: settings.and_then(|settings| settings.effort.clone()),
        mode: Some(thread.meta.permissions.mode()),
        presence: Some(thread.meta.permissions.presence()),
        ..thread.meta.options.clone()
    };
    thread.is_reverting = true;
    let revert = SessionCommand::Revert { id: session.clone(), before, options };
    Threads::open(outside, revert, move |threads, outside, opened| {
        let view = match opened {
            Ok(view) => view,
            Err(problem) => {
                not_reverted(threads, outside, &session, &problem);
                return outside.answer(asker, Err(failure::fault(&problem)));
            }
        };
        let Some(thread) = threads.all.get_mut(&session) else {
            let message = "the thread was closed while it was reverted";
            return outside.answer(asker, Err(Fault::invalid(message)));
        };
        thread.reverted(view.clone(), before);
        let answer = json!({
            "thread": thread.json(&outside.setup.sessions, None),
            "turnsBackwardsCursor": null, "itemsBackwardsCursor": null,
        });
        let params = json!({ "threadId": thread.id });
        outside.answer(asker, Ok(answer));
        threads.notify(outside, &session, "thread/reverted", params);
        // The last subscriber may be gone by now.
        threads.abandoned(outside, &session);
    });
}

/// Leaves a thread unchanged after a failed revert. If its log could not be read, the thread is
/// closed, and can be opened again.
fn not_reverted(
    threads: &mut Threads,
    outside: &mut Outside,
    session: &SessionId,
    problem: &Problem,
) {
    if problem.kind == ProblemKind::Internal {
        return threads.close(outside, session);
    }
    if let Some(thread) = threads.all.get_mut(session) {
        thread.is_reverting = false;
    }
    threads.abandoned(outside, session);
}
