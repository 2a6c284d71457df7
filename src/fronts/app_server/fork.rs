//! Copies of threads, whole or up to a turn, and threads that go back to a turn.

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{
    Command, ModelName, OpenOptions, Problem, ProblemKind, Record, SessionCommand, SessionId,
    TurnId,
};

use super::choice::Choice;
use super::connection::Asker;
use super::failure;
use super::methods::Params;
use super::opening::{new_session, opened};
use super::permissions::Permissions;
use super::server::Server;
use super::thread::{Kept, ThreadMeta};
use super::turns::{self, ItemsView, Turn, session_id};
use super::wire::Fault;

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

/// Where a copy ends.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ForkEnd {
    Before(String),
    Behind(String),
    Whole,
}

impl ForkEnd {
    /// The first turn that is left out; `None` where none is. `turns` are all there are, oldest first.
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

/// What of a log stands before a turn.
fn records_before(records: &[Record], before: Option<TurnId>) -> &[Record] {
    let begins = |record: &Record| before.is_some_and(|turn| *record == Record::TurnStarted(turn));
    &records[..records.iter().position(begins).unwrap_or(records.len())]
}

pub fn fork(server: &mut Server, asker: Asker, params: Fork) {
    let Fork { thread_id, choice, before_turn_id, last_turn_id, ephemeral, exclude_turns } = params;
    let end = match (before_turn_id, last_turn_id) {
        (None, None) => ForkEnd::Whole,
        (Some(turn), None) => ForkEnd::Before(turn),
        (None, Some(turn)) => ForkEnd::Behind(turn),
        (Some(_), Some(_)) => {
            let message = "`beforeTurnId` cannot be combined with `lastTurnId`";
            return server.answer(asker, Err(Fault::invalid(message)));
        }
    };
    let from = match session_id(&thread_id) {
        Ok(session) => session,
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    let before = server.threads.get(&from).map(|thread| thread.meta.permissions.clone());
    let before = before.unwrap_or_else(|| Permissions::of(server.setup.mode));
    let permissions = choice.permissions(&before);
    server.read_session(&from, move |server, from, read| {
        let Ok((summary, records)) = read else {
            let message = format!("no rollout found for thread id {thread_id}");
            return server.answer(asker, Err(Fault::invalid(message)));
        };
        // The turns as whoever has the thread open was told of them.
        let before = match server.threads.get(from) {
            Some(thread) => end.find(&thread.all_turns()),
            None => {
                let turns = turns::of_records(from, &summary.folder, &records);
                end.find(&turns.iter().collect::<Vec<_>>())
            }
        };
        let before = match before {
            Ok(before) => before,
            Err(fault) => return server.answer(asker, Err(fault)),
        };
        let kept = match ephemeral {
            Some(true) => Kept::Ephemeral,
            Some(false) | None => Kept::OnDisk,
        };
        let options = OpenOptions { keep_from: kept.from(), ..choice.options(&permissions) };
        let fork = SessionCommand::Fork {
            from: from.clone(),
            id: new_session(),
            before,
            options: options.clone(),
        };
        let from = from.clone();
        server.ask(Command::Session(fork), move |server, reply| {
            let id = match opened(reply) {
                Ok(id) => id,
                Err(problem) => return server.answer(asker, Err(failure::fault(&problem))),
            };
            server.when_open(&id, move |server, found| {
                let now = server.clock.now();
                let meta = ThreadMeta {
                    permissions,
                    options,
                    created: now,
                    updated: now,
                    forked_from: Some(from),
                    kept,
                    source: "vscode",
                };
                let records = records_before(&records, before);
                let session = server.load(asker.connection, found, records, meta);
                let view = (exclude_turns != Some(true)).then_some(ItemsView::Full);
                server.answer_opened(asker, &session, view);
                server.thread_started(&session);
            });
        });
    });
}

/// Takes a turn and all later ones out of a thread that rests. What they did to files stays.
pub fn revert(server: &mut Server, asker: Asker, params: Revert) {
    let session = match server.loaded(&params.thread_id) {
        Ok(session) => session,
        Err(fault) => return server.answer(asker, Err(fault)),
    };
    let Some(thread) = server.threads.get_mut(&session) else { return };
    if thread.is_running() {
        let message = "a thread cannot be reverted while a turn is in progress";
        return server.answer(asker, Err(Fault::invalid(message)));
    }
    if thread.is_reverting {
        let message = "the thread is being reverted";
        return server.answer(asker, Err(Fault::invalid(message)));
    }
    let found = ForkEnd::Before(params.before_turn_id).find(&thread.all_turns());
    let before = match found {
        Ok(Some(before)) => before,
        Ok(None) => return,
        Err(fault) => return server.answer(asker, Err(fault)),
    };
    let settings = thread.view.settings.as_ref();
    let options = OpenOptions {
        model: settings.map(|settings| ModelName::from(settings.model.clone())),
        effort: settings.and_then(|settings| settings.effort.clone()),
        mode: Some(thread.meta.permissions.mode()),
        ..thread.meta.options.clone()
    };
    thread.is_reverting = true;
    let revert = SessionCommand::Revert { id: session.clone(), before, options };
    server.ask(Command::Session(revert), move |server, reply| {
        if let Err(problem) = opened(reply) {
            server.not_reverted(&session, &problem);
            return server.answer(asker, Err(failure::fault(&problem)));
        }
        server.when_open(&session.clone(), move |server, view| {
            let Some(thread) = server.threads.get_mut(&session) else {
                let message = "the thread was closed while it was reverted";
                return server.answer(asker, Err(Fault::invalid(message)));
            };
            thread.reverted(view.clone(), before);
            let answer = json!({
                "thread": thread.json(&server.setup.sessions, None),
                "turnsBackwardsCursor": null, "itemsBackwardsCursor": null,
            });
            let told = json!({ "threadId": thread.id });
            server.answer(asker, Ok(answer));
            server.tell_thread(&session, "thread/reverted", told);
            // The last one that listened may be gone by now.
            server.abandoned(&session);
        });
    });
}

impl Server {
    /// A thread that did not go back stays as it is, unless its log could not be had: then it is closed, and can be opened again.
    fn not_reverted(&mut self, session: &SessionId, problem: &Problem) {
        if problem.kind == ProblemKind::Internal {
            return self.close(session);
        }
        if let Some(thread) = self.threads.get_mut(session) {
            thread.is_reverting = false;
        }
        self.abandoned(session);
    }
}
