//! Starts threads and resumes them.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::protocol::{OpenOptions, SessionCommand, SessionId, SessionSelector, WhenHeld};

use super::choice::Choice;
use super::dynamic_tools::{self, DynamicTool};
use super::loaded_threads::Threads;
use crate::app_server::outside::Outside;
use crate::app_server::request::params::{Gated, session_id, thread_id};
use crate::app_server::request::permissions::Permissions;
use crate::app_server::thread::loaded::{Kept, ThreadMeta};
use crate::app_server::thread::turns::ItemsView;
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::Fault;
use crate::host::{Machine, new_session};

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

impl Gated for Start {
    fn gated(&self) -> Option<&'static str> {
        let tools = self.dynamic_tools.as_ref();
        tools.map(|_| "thread/start.dynamicTools").or_else(|| self.choice.gated())
    }
}

impl Gated for Resume {
    fn gated(&self) -> Option<&'static str> {
        self.choice.gated()
    }
}

pub fn start(outside: &mut Outside, asker: Asker, params: Start) {
    let Start { choice, ephemeral, dynamic_tools } = params;
    let offered = dynamic_tools::offered(&dynamic_tools.unwrap_or_default());
    let Some((asker, tools)) = outside.accept(asker, offered) else { return };
    let permissions = choice.permissions(&Permissions::of(outside.setup.mode));
    let folder = match &choice.cwd {
        Some(folder) => outside.setup.folder.join(folder),
        None => outside.setup.folder.clone(),
    };
    if !folder.is_dir() {
        let message = format!("invalid cwd: there is no folder `{}`", folder.display());
        return outside.refuse(asker, message);
    }
    let id = new_session();
    let brings_tools = !tools.is_empty();
    let options = choice.options(&permissions);
    let model =
        options.model.map(|model| outside.host.models.meant(model, &outside.setup.provider()));
    let kept = if ephemeral.unwrap_or_default() { Kept::Ephemeral } else { Kept::OnDisk };
    let options = OpenOptions { tools, model, keep_from: kept.from(), ..options };
    let open = SessionCommand::Open { id, folder, options };
    Threads::open(outside, open, move |threads, outside, opened| {
        let Some((asker, view)) = outside.accept(asker, opened) else { return };
        let meta = ThreadMeta::new(permissions, kept, outside.clock.now());
        let connection = asker.connection;
        let session = threads.load(outside, connection, view, &[], meta);
        if let Some(thread) = threads.all.get_mut(&session) {
            thread.tools_of = brings_tools.then_some(connection);
        }
        threads.answer_opened(outside, asker, &session, None);
        threads.thread_started(outside, &session);
    });
}

pub fn resume(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: Resume) {
    let Some((asker, session)) = outside.accept(asker, session_id(&params.thread_id)) else {
        return;
    };
    let view = (params.exclude_turns != Some(true)).then_some(ItemsView::Full);
    if threads.all.contains_key(&session) {
        return rejoin(threads, outside, asker, &session, &params, view);
    }
    if params.history.as_ref().is_some_and(|history| !history.is_null()) {
        return outside.refuse(asker, "thread/resume.history is not supported: resume by id");
    }
    let Resume { choice, .. } = params;
    let permissions = choice.permissions(&Permissions::of(outside.setup.mode));
    Threads::read_session(outside, session, move |threads, outside, session, read| {
        let read = read.map_err(|_problem| {
            let id = thread_id(session);
            Fault::invalid(format!("no rollout found for thread id {id}"))
        });
        let Some((asker, (summary, records))) = outside.accept(asker, read) else { return };
        // Another client may have opened it meanwhile.
        if threads.all.contains_key(session) {
            return threads.attach(outside, asker, session, view);
        }
        let options = choice.options(&permissions);
        let resume = SessionCommand::Resume {
            which: SessionSelector::Named(session.as_str().to_owned()),
            when_held: WhenHeld::Join,
            options,
        };
        Threads::open(outside, resume, move |threads, outside, opened| {
            let Some((asker, found)) = outside.accept(asker, opened) else { return };
            if !threads.all.contains_key(&found.id) {
                // One that another codling holds works as it does there.
                let permissions = match (&found.holder, found.session_mode) {
                    (Some(_), Some(mode)) => Permissions::of(mode.approval_mode),
                    _ => permissions,
                };
                let meta = ThreadMeta {
                    updated: summary.changed,
                    source: "cli",
                    ..ThreadMeta::new(permissions, Kept::OnDisk, summary.created)
                };
                threads.load(outside, asker.connection, found, &records, meta);
            }
            threads.attach(outside, asker, &found.id, view);
        });
    });
}

/// Joins an open thread. The choices in the request are ignored: the thread keeps its own.
fn rejoin(
    threads: &mut Threads,
    outside: &mut Outside,
    asker: Asker,
    session: &SessionId,
    params: &Resume,
    view: Option<ItemsView>,
) {
    if params.history.as_ref().is_some_and(|history| !history.is_null()) {
        let id = &params.thread_id;
        let message = format!("cannot resume thread {id} with history while it is already running");
        return outside.refuse(asker, message);
    }
    let active = outside.setup.sessions.join(format!("{session}.jsonl"));
    if let Some(path) = params.path.as_ref().filter(|path| **path != active) {
        let id = &params.thread_id;
        let message = format!(
            "cannot resume running thread {id} with stale path: requested `{}`, active `{}`",
            path.display(),
            active.display()
        );
        return outside.refuse(asker, message);
    }
    threads.attach(outside, asker, session, view);
}
