//! Threads that begin, are taken up again, are copied, and are let go of.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::protocol::{
    Command, Effort, ModelId, ModelName, OpenOptions, Problem, ProviderId, Record, Reply,
    SessionCommand, SessionId, SessionSelector, SessionView,
};

use super::connection::{Asker, ConnectionId};
use super::failure;
use super::methods::Params;
use super::permissions::{AskForApproval, Permissions, SandboxMode};
use super::server::Server;
use super::thread::{Kept, Loading, Thread};
use super::turns::{ItemsView, session_id, thread_id};
use super::wire::Fault;

/// What a thread is opened with, as far as codling has it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Choice {
    approval_policy: Option<AskForApproval>,
    sandbox: Option<SandboxMode>,
    model: Option<String>,
    model_provider: Option<String>,
    base_instructions: Option<String>,
    developer_instructions: Option<String>,
    cwd: Option<PathBuf>,
    config: Option<serde_json::Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    #[serde(flatten)]
    choice: Choice,
    #[serde(default)]
    ephemeral: Option<bool>,
    #[serde(default)]
    dynamic_tools: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resume {
    thread_id: String,
    #[serde(flatten)]
    choice: Choice,
    path: Option<PathBuf>,
    history: Option<Value>,
    #[serde(default)]
    exclude_turns: bool,
}

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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OneThread {
    pub thread_id: String,
}

impl Choice {
    fn gated(&self) -> Option<&'static str> {
        match self.approval_policy {
            Some(AskForApproval::Granular(_)) => Some("askForApproval.granular"),
            _ => None,
        }
    }
}

impl Params for Start {
    fn gated(&self) -> Option<&'static str> {
        let tools = self.dynamic_tools.as_ref().filter(|tools| !tools.is_null());
        tools.map(|_| "thread/start.dynamicTools").or_else(|| self.choice.gated())
    }
}

impl Params for Resume {
    fn gated(&self) -> Option<&'static str> {
        self.choice.gated()
    }
}

impl Params for Fork {
    fn gated(&self) -> Option<&'static str> {
        self.choice.gated()
    }
}

impl Params for OneThread {}

impl Choice {
    /// What the engine opens a session with.
    fn options(&self, permissions: &Permissions) -> OpenOptions {
        let effort = self.config.as_ref().and_then(|config| config.get("model_reasoning_effort"));
        OpenOptions {
            model: self.model.as_deref().map(|model| named(model, self.model_provider.as_deref())),
            effort: effort.and_then(Value::as_str).map(|effort| Effort(effort.to_owned())),
            mode: Some(permissions.mode()),
            parent: None,
            instructions: self.base_instructions.as_deref().map(Into::into),
            guidance: self.developer_instructions.as_deref().map(Into::into),
        }
    }

    fn permissions(&self, before: &Permissions) -> Permissions {
        before.with(self.approval_policy.clone(), self.sandbox)
    }
}

/// A model as clients name it: with its provider in front, or apart from it.
pub fn named(model: &str, provider: Option<&str>) -> ModelName {
    match provider.and_then(ProviderId::named) {
        Some(provider) => {
            let own = format!("{provider}/");
            let id = model.strip_prefix(&own).unwrap_or(model);
            ModelName { provider: Some(provider), id: ModelId::new(id) }
        }
        None => ModelName::parse(model),
    }
}

pub fn start(server: &mut Server, asker: Asker, params: Start) {
    let Start { choice, ephemeral, dynamic_tools } = params;
    let brings_tools =
        dynamic_tools.is_some_and(|tools| tools.as_array().is_some_and(|tools| !tools.is_empty()));
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
    let options = choice.options(&permissions);
    let kept = if ephemeral.unwrap_or_default() { Kept::Ephemeral } else { Kept::OnDisk };
    let open = SessionCommand::Open { id, folder, options };
    server.ask(Command::Session(open), move |server, reply| {
        let id = match opened(reply) {
            Ok(id) => id,
            Err(problem) => return server.answer(asker, Err(failure::fault(&problem))),
        };
        server.when_open(&id, move |server, view| {
            let now = server.clock.now();
            let loading = Loading {
                permissions,
                created: now,
                updated: now,
                forked_from: None,
                kept,
                source: "vscode",
            };
            let connection = asker.connection;
            let session = server.load(connection, view, &[], loading);
            server.answer_opened(asker, &session, None);
            server.thread_started(&session);
            if brings_tools {
                let message = "Tools that a client brings are not offered to the model";
                let warning = json!({ "threadId": thread_id(&session), "message": message });
                server.tell_one(connection, "warning", warning);
            }
        });
    });
}

fn opened(reply: crate::protocol::ReplyResult) -> Result<SessionId, Problem> {
    match reply? {
        Reply::Opened(id) => Ok(id),
        _ => Err(Problem::new(crate::protocol::ProblemKind::Internal, "The thread did not open")),
    }
}

fn new_session() -> SessionId {
    SessionId::new(format!("ses_{}", Uuid::now_v7().simple()))
}

pub fn resume(server: &mut Server, asker: Asker, params: Resume) {
    let session = match session_id(&params.thread_id) {
        Ok(session) => session,
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    let view = (!params.exclude_turns).then_some(ItemsView::Full);
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
        let resume = SessionCommand::Resume {
            which: SessionSelector::Named(session.as_str().to_owned()),
            fork: new_session(),
            options: choice.options(&permissions),
        };
        let asked = session.clone();
        server.ask(Command::Session(resume), move |server, reply| {
            let id = match opened(reply) {
                Ok(id) => id,
                Err(problem) => return server.answer(asker, Err(failure::fault(&problem))),
            };
            server.when_open(&id, move |server, found| {
                if server.threads.contains_key(&found.id) {
                    return server.attach(asker, &found.id.clone(), view);
                }
                let loading = Loading {
                    permissions,
                    created: summary.created,
                    updated: summary.changed,
                    // Another program has it open: this is a copy.
                    forked_from: (asked != found.id).then_some(asked),
                    kept: Kept::OnDisk,
                    source: "cli",
                };
                let session = server.load(asker.connection, found, &records, loading);
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

pub fn fork(server: &mut Server, asker: Asker, params: Fork) {
    let Fork { thread_id, choice, ephemeral, exclude_turns } = params;
    let from = match session_id(&thread_id) {
        Ok(session) => session,
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    let before = server.threads.get(&from).map(|thread| thread.permissions.clone());
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
                let loading = Loading {
                    permissions,
                    created: now,
                    updated: now,
                    forked_from: Some(from),
                    kept: if ephemeral { Kept::Ephemeral } else { Kept::OnDisk },
                    source: "vscode",
                };
                let session = server.load(asker.connection, found, &records, loading);
                let view = (!exclude_turns).then_some(ItemsView::Full);
                server.answer_opened(asker, &session, view);
                server.thread_started(&session);
            });
        });
    });
}

type ReadSession = Result<(crate::protocol::SessionSummary, Vec<Record>), Problem>;

impl Server {
    /// Calls with the first snapshot of a session that is being opened.
    pub(super) fn when_open(
        &mut self,
        session: &SessionId,
        then: impl FnOnce(&mut Self, &SessionView) + 'static,
    ) {
        self.opening.entry(session.clone()).or_default().push(Box::new(then));
    }

    /// All that is kept of a session.
    pub(super) fn read_session(
        &mut self,
        session: &SessionId,
        then: impl FnOnce(&mut Self, &SessionId, ReadSession) + 'static,
    ) {
        let which = SessionSelector::Named(session.as_str().to_owned());
        let session = session.clone();
        self.ask(Command::Session(SessionCommand::Read(which)), move |server, reply| {
            let read = reply.and_then(|reply| match reply {
                Reply::Read { summary, records } if summary.id == session => Ok((summary, records)),
                _ => Err(Problem::new(
                    crate::protocol::ProblemKind::Config,
                    format!("There is no conversation `{session}`"),
                )),
            });
            then(server, &session, read);
        });
    }

    /// Keeps a thread that has been opened, for its first subscriber.
    fn load(
        &mut self,
        connection: ConnectionId,
        view: &SessionView,
        records: &[Record],
        loading: Loading,
    ) -> SessionId {
        let mut thread = Thread::new(view, records, loading);
        if self.connections.contains_key(&connection) {
            thread.subscribers.insert(connection);
        }
        let session = view.id.clone();
        self.threads.insert(session.clone(), thread);
        session
    }

    pub(super) fn answer_opened(
        &mut self,
        asker: Asker,
        session: &SessionId,
        view: Option<ItemsView>,
    ) {
        let Some(thread) = self.threads.get(session) else { return };
        let settings = thread.view.settings.as_ref();
        let provider = settings.map_or("openai", |settings| settings.model.provider.as_str());
        let effort = settings.and_then(|settings| settings.effort.as_ref()).map(|it| it.0.as_str());
        let answer = json!({
            "thread": thread.json(&self.setup.sessions, view),
            "model": settings.map(|settings| settings.model.to_string()).unwrap_or_default(),
            "modelProvider": provider, "serviceTier": null, "cwd": thread.folder(),
            "instructionSources": [], "approvalPolicy": thread.permissions.ask_json(),
            "approvalsReviewer": "user", "sandbox": thread.permissions.sandbox_json(),
            "reasoningEffort": effort,
        });
        self.answer(asker, Ok(answer));
    }

    fn thread_started(&mut self, session: &SessionId) {
        let Some(thread) = self.threads.get(session) else { return };
        let params = json!({ "thread": thread.json(&self.setup.sessions, None) });
        self.broadcast("thread/started", params);
    }
}
