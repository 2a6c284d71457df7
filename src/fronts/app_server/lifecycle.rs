//! Threads that begin, and that are taken up again.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::protocol::{Command, OpenOptions, SessionCommand, SessionId, SessionSelector, WhenHeld};

use super::choice::Choice;
use super::connection::Asker;
use super::dynamic_tools::{self, DynamicTool};
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
pub struct Start {
    #[serde(flatten)]
    choice: Choice,
    #[serde(default)]
    ephemeral: Option<bool>,
    #[serde(default)]
    dynamic_tools: Option<Vec<DynamicTool>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resume {
    thread_id: String,
    #[serde(flatten)]
    choice: Choice,
    path: Option<PathBuf>,
    history: Option<Value>,
    exclude_turns: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OneThread {
    pub thread_id: String,
}

impl Params for Start {
    fn gated(&self) -> Option<&'static str> {
        let tools = self.dynamic_tools.as_ref();
        tools.map(|_| "thread/start.dynamicTools").or_else(|| self.choice.gated())
    }
}

impl Params for Resume {
    fn gated(&self) -> Option<&'static str> {
        self.choice.gated()
    }
}

impl Params for OneThread {}

pub fn start(server: &mut Server, asker: Asker, params: Start) {
    let Start { choice, ephemeral, dynamic_tools } = params;
    let tools = match dynamic_tools::offered(&dynamic_tools.unwrap_or_default()) {
        Ok(tools) => tools,
        Err(fault) => return server.answer(asker, Err(fault)),
    };
    let permissions = choice.permissions(&Permissions::of(server.setup.mode));
    let folder = match &choice.cwd {
        Some(folder) => server.setup.folder.join(folder),
        None => server.setup.folder.clone(),
    };
    if !folder.is_dir() {
        let message = format!("invalid cwd: there is no folder `{}`", folder.display());
        return server.answer(asker, Err(Fault::invalid(message)));
    }
    let id = new_session();
    let brings_tools = !tools.is_empty();
    let options = choice.options(&permissions);
    let model = options.model.map(|model| server.models.meant(model, &server.setup.provider()));
    let kept = if ephemeral.unwrap_or_default() { Kept::Ephemeral } else { Kept::OnDisk };
    let options = OpenOptions { tools, model, keep_from: kept.from(), ..options };
    let open = SessionCommand::Open { id, folder, options: options.clone() };
    server.ask(Command::Session(open), move |server, reply| {
        let id = match opened(reply) {
            Ok(id) => id,
            Err(problem) => return server.answer(asker, Err(failure::fault(&problem))),
        };
        server.when_open(&id, move |server, view| {
            let now = server.clock.now();
            let meta = ThreadMeta {
                permissions,
                options,
                created: now,
                updated: now,
                forked_from: None,
                kept,
                source: "vscode",
            };
            let connection = asker.connection;
            let session = server.load(connection, view, &[], meta);
            if let Some(thread) = server.threads.get_mut(&session) {
                thread.tools_of = brings_tools.then_some(connection);
            }
            server.answer_opened(asker, &session, None);
            server.thread_started(&session);
        });
    });
}

pub fn resume(server: &mut Server, asker: Asker, params: Resume) {
    let session = match session_id(&params.thread_id) {
        Ok(session) => session,
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    let view = (params.exclude_turns != Some(true)).then_some(ItemsView::Full);
    if server.threads.contains_key(&session) {
        return rejoin(server, asker, &session, &params, view);
    }
    if params.history.as_ref().is_some_and(|history| !history.is_null()) {
        let message = "thread/resume.history is not supported: resume by id";
        return server.answer(asker, Err(Fault::invalid(message)));
    }
    let Resume { choice, .. } = params;
    let permissions = choice.permissions(&Permissions::of(server.setup.mode));
    server.read_session(&session, move |server, session, read| {
        let (summary, records) = match read {
            Ok(read) => read,
            Err(_problem) => {
                let id = super::turns::thread_id(session);
                let message = format!("no rollout found for thread id {id}");
                return server.answer(asker, Err(Fault::invalid(message)));
            }
        };
        // Somebody else may have opened it meanwhile.
        if server.threads.contains_key(session) {
            return server.attach(asker, session, view);
        }
        let options = choice.options(&permissions);
        let resume = SessionCommand::Resume {
            which: SessionSelector::Named(session.as_str().to_owned()),
            when_held: WhenHeld::Refuse,
            options: options.clone(),
        };
        server.ask(Command::Session(resume), move |server, reply| {
            let id = match opened(reply) {
                Ok(id) => id,
                Err(problem) => return server.answer(asker, Err(failure::fault(&problem))),
            };
            server.when_open(&id, move |server, found| {
                if server.threads.contains_key(&found.id) {
                    return server.attach(asker, &found.id.clone(), view);
                }
                let meta = ThreadMeta {
                    permissions,
                    options,
                    created: summary.created,
                    updated: summary.changed,
                    forked_from: None,
                    kept: Kept::OnDisk,
                    source: "cli",
                };
                let session = server.load(asker.connection, found, &records, meta);
                server.attach(asker, &session, view);
            });
        });
    });
}

/// Joins a thread that is open. What a client would have it work with is left as it is.
fn rejoin(
    server: &mut Server,
    asker: Asker,
    session: &SessionId,
    params: &Resume,
    view: Option<ItemsView>,
) {
    if params.history.as_ref().is_some_and(|history| !history.is_null()) {
        let id = &params.thread_id;
        let message = format!("cannot resume thread {id} with history while it is already running");
        return server.answer(asker, Err(Fault::invalid(message)));
    }
    let active = server.setup.sessions.join(format!("{session}.jsonl"));
    if let Some(path) = params.path.as_ref().filter(|path| **path != active) {
        let id = &params.thread_id;
        let message = format!(
            "cannot resume running thread {id} with stale path: requested `{}`, active `{}`",
            path.display(),
            active.display()
        );
        return server.answer(asker, Err(Fault::invalid(message)));
    }
    server.attach(asker, session, view);
}
