//! Copies of threads.

use serde::Deserialize;

use crate::protocol::{Command, SessionCommand};

use super::choice::Choice;
use super::connection::Asker;
use super::failure;
use super::methods::Params;
use super::opening::{new_session, opened};
use super::permissions::Permissions;
use super::server::Server;
use super::thread::{Kept, ThreadMeta};
use super::turns::{ItemsView, session_id};
use super::wire::Fault;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fork {
    thread_id: String,
    #[serde(flatten)]
    choice: Choice,
    #[serde(default)]
    ephemeral: bool,
    #[serde(default)]
    exclude_turns: bool,
}

impl Params for Fork {
    fn gated(&self) -> Option<&'static str> {
        self.choice.gated()
    }
}

pub fn fork(server: &mut Server, asker: Asker, params: Fork) {
    let Fork { thread_id, choice, ephemeral, exclude_turns } = params;
    let from = match session_id(&thread_id) {
        Ok(session) => session,
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    let before = server.threads.get(&from).map(|thread| thread.meta.permissions.clone());
    let before = before.unwrap_or_else(|| Permissions::of(server.setup.mode));
    let permissions = choice.permissions(&before);
    server.read_session(&from, move |server, from, read| {
        let Ok((_, records)) = read else {
            let message = format!("no rollout found for thread id {thread_id}");
            return server.answer(asker, Err(Fault::invalid(message)));
        };
        let mode = Some(permissions.mode());
        let fork = SessionCommand::Fork { from: from.clone(), id: new_session(), mode };
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
                    created: now,
                    updated: now,
                    forked_from: Some(from),
                    kept: if ephemeral { Kept::Ephemeral } else { Kept::OnDisk },
                    source: "vscode",
                };
                let session = server.load(asker.connection, found, &records, meta);
                let view = (!exclude_turns).then_some(ItemsView::Full);
                server.answer_opened(asker, &session, view);
                server.thread_started(&session);
            });
        });
    });
}
