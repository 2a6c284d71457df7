//! Copies of threads, whole or up to a turn, and threads that go back to a turn.

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{
    Command, ModelName, OpenOptions, Record, SessionCommand, SessionId, SessionSelector,
    SettingsCommand, TurnId,
};

use super::choice::Choice;
use super::connection::Asker;
use super::failure;
use super::methods::Params;
use super::opening::{new_session, opened};
use super::permissions::Permissions;
use super::server::Server;
use super::thread::{Kept, Thread, ThreadMeta};
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
        let options = choice.options(&permissions);
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
                    kept: match ephemeral {
                        Some(true) => Kept::Ephemeral,
                        Some(false) | None => Kept::OnDisk,
                    },
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
    // Its log is let go of, made shorter, and opened again.
    server.engine.send(Command::Session(SessionCommand::Close(session.clone())));
    let revert = SessionCommand::Revert { id: session.clone(), before };
    server.ask(Command::Session(revert), move |server, reply| {
        let refused = reply.err().map(|problem| failure::fault(&problem));
        server.reopen(session, options, move |server, session| {
            if let Some(fault) = refused {
                return server.answer(asker, Err(fault));
            }
            let Some(thread) = server.threads.get(session) else {
                let message = "the thread could not be opened again";
                return server.answer(asker, Err(Fault::internal(message)));
            };
            let answer = json!({
                "thread": thread.json(&server.setup.sessions, None),
                "turnsBackwardsCursor": null, "itemsBackwardsCursor": null,
            });
            let told = json!({ "threadId": thread.id });
            server.answer(asker, Ok(answer));
            server.tell_thread(session, "thread/reverted", told);
        });
    });
}

impl Server {
    /// Opens the session of a loaded thread again, whose log is another one now. The thread is closed where that fails.
    fn reopen(
        &mut self,
        session: SessionId,
        options: OpenOptions,
        then: impl FnOnce(&mut Self, &SessionId) + 'static,
    ) {
        let before_mode = options.mode;
        let resume = SessionCommand::Resume {
            which: SessionSelector::Named(session.as_str().to_owned()),
            fork: new_session(),
            options,
        };
        self.read_session(&session, move |server, session, read| {
            let session = session.clone();
            server.ask(Command::Session(resume), move |server, reply| {
                let found = opened(reply).ok();
                // Where another program was quicker, only a copy can be opened, which nobody wants.
                if let Some(copy) = found.clone().filter(|found| *found != session) {
                    server.engine.send(Command::Session(SessionCommand::Close(copy.clone())));
                    server.engine.send(Command::Session(SessionCommand::Delete(copy)));
                }
                let found = found.filter(|found| *found == session);
                let (Some(_), Ok((_, records))) = (found, read) else {
                    server.close(&session);
                    return then(server, &session);
                };
                let opening = session.clone();
                server.when_open(&opening, move |server, view| {
                    match server.threads.remove(&session) {
                        // Somebody put it away meanwhile.
                        None => {
                            let close = SessionCommand::Close(session.clone());
                            server.engine.send(Command::Session(close));
                        }
                        Some(before) => {
                            let Thread { meta, subscribers, .. } = before;
                            // What a client changed meanwhile found no session.
                            let mode = meta.permissions.mode();
                            if before_mode != Some(mode) {
                                let command = SettingsCommand::Mode(mode);
                                server.engine.send(Command::Settings(session.clone(), command));
                            }
                            let mut thread = Thread::new(view, &records, meta);
                            thread.subscribers = subscribers;
                            server.threads.insert(session.clone(), thread);
                        }
                    }
                    then(server, &session);
                    // The last one that listened may be gone by now.
                    server.abandoned(&session);
                });
            });
        });
    }
}
