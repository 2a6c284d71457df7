//! Copies threads, whole or up to a turn, and takes threads back to before a turn.

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{
    Command, ForkPoint, GoBackPart, OpenOptions, OpenTurn, Record, SessionCommand, TurnCommand,
    TurnId,
};

use super::choice::Choice;
use super::loaded_threads::Threads;
use crate::app_server::outside::Outside;
use crate::app_server::request::params::{Gated, session_id};
use crate::app_server::request::permissions::Permissions;
use crate::app_server::thread::loaded::{Kept, ThreadMeta};
use crate::app_server::thread::turns::{self, ItemsView, Turn};
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::Fault;
use crate::host::{Machine, new_session};

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

impl Gated for Fork {
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
            return outside.refuse(asker, "`beforeTurnId` cannot be combined with `lastTurnId`");
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
            at: before.map_or(ForkPoint::End, ForkPoint::Before),
            options,
        };
        let from = from.clone();
        Threads::open(outside, fork, move |threads, outside, opened| {
            let Some((asker, found)) = outside.accept(asker, opened) else { return };
            let meta = ThreadMeta {
                forked_from: Some(from),
                ..ThreadMeta::new(permissions, kept, outside.clock.now())
            };
            let records = records_before(&records, before);
            let session = threads.load(outside, asker.connection, found, records, meta);
            let view = (exclude_turns != Some(true)).then_some(ItemsView::Full);
            threads.answer_opened(outside, asker, &session, view);
            threads.thread_started(outside, &session);
        });
    });
}

/// Takes an idle thread back to before a turn. Changes to files stay, and the turns that leave it
/// stay in its log.
pub fn revert(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: Revert) {
    let found = threads.loaded(&params.thread_id);
    let Some((asker, session)) = outside.accept(asker, found) else { return };
    let Some(thread) = threads.all.get(&session) else { return };
    if thread.is_running() {
        return outside.refuse(asker, "a thread cannot be reverted while a turn is in progress");
    }
    let found = ForkEnd::Before(params.before_turn_id).find(&thread.all_turns());
    let Some((asker, Some(before))) = outside.accept(asker, found) else { return };
    let go_back = TurnCommand::GoBack { before, part: GoBackPart::Words };
    let revert = Command::Turn(session.clone(), go_back);
    Threads::ask(outside, revert, move |threads, outside, reply| {
        let thread = threads
            .all
            .get(&session)
            .ok_or_else(|| Fault::invalid("the thread was closed while it was reverted"));
        let answer = reply.map_err(Fault::from).and_then(|_reply| {
            Ok(json!({
                "thread": thread?.json(&outside.setup.sessions, None),
                "turnsBackwardsCursor": null, "itemsBackwardsCursor": null,
            }))
        });
        outside.answer(asker, answer);
    });
}
