//! Opening threads: reads logs, keeps loaded threads, and answers their first client.

use serde::Serialize;
use serde_json::{Value, json};

use crate::protocol::{
    Command, Problem, ProblemKind, Record, Reply, SessionCommand, SessionId, SessionSelector,
    SessionSummary, SessionView,
};

use crate::app_server::outside::Outside;
use crate::app_server::thread::loaded::{Thread, ThreadJson, ThreadMeta};
use crate::app_server::thread::turns::ItemsView;
use crate::app_server::transport::connection::{Asker, ConnectionId};
use crate::app_server::transport::wire;
use crate::host::Machine;

use super::loaded_threads::Threads;

/// The answer to a request that opens a thread.
#[derive(Serialize)]
struct OpenedThread<'a> {
    thread: ThreadJson<'a>,
    #[serde(flatten)]
    settings: Value,
}

/// The log of a session, with a summary of it.
type ReadSession = Result<(SessionSummary, Vec<Record>), Problem>;

impl Threads {
    /// Reads the log of a session; calls `then` with the result.
    pub fn read_session(
        outside: &mut Outside,
        session: SessionId,
        then: impl FnOnce(&mut Self, &mut Outside, &SessionId, ReadSession) + 'static,
    ) {
        let which = SessionSelector::Named(session.as_str().to_owned());
        let read = Command::Session(SessionCommand::Read(which));
        Self::ask(outside, read, move |threads, outside, reply| {
            let read = reply.and_then(|reply| match reply {
                Reply::Read { summary, records } if summary.id == session => Ok((summary, records)),
                _ => Err(Problem::new(
                    ProblemKind::Config,
                    format!("There is no conversation `{session}`"),
                )),
            });
            then(threads, outside, &session, read);
        });
    }

    /// Adds an opened thread, with its first subscriber.
    pub fn load(
        &mut self,
        outside: &Outside,
        connection: ConnectionId,
        view: &SessionView,
        records: &[Record],
        meta: ThreadMeta,
    ) -> SessionId {
        let mut thread = Thread::new(view, records, meta);
        if view.turn.is_some() {
            // Another codling holds it, and a turn runs there. No client has been told of it yet.
            let _news = thread.resync(view.clone(), records, outside.clock.now());
        }
        if outside.connections.contains_key(&connection) {
            thread.subscribers.insert(connection);
        }
        let session = view.id.clone();
        self.all.insert(session.clone(), thread);
        session
    }

    /// Answers a request with an open thread.
    pub fn answer_opened(
        &self,
        outside: &mut Outside,
        asker: Asker,
        session: &SessionId,
        view: Option<ItemsView>,
    ) {
        let Some(thread) = self.all.get(session) else { return };
        let settings = thread.view.settings.as_ref();
        let provider = settings.map_or("openai", |settings| settings.model.provider.as_str());
        let effort = settings.and_then(|settings| settings.effort.as_ref()).map(|it| it.0.as_str());
        let settings = json!({
            "model": settings.map_or("", |settings| settings.model.id.as_str()),
            "modelProvider": provider, "serviceTier": null, "cwd": thread.folder(),
            // Without this member Codex's screen has no name for the permissions.
            "runtimeWorkspaceRoots": [thread.folder()],
            "instructionSources": [], "approvalPolicy": thread.meta.permissions.ask_json(),
            "approvalsReviewer": thread.meta.permissions.reviewer_name(), "sandbox": thread.meta.permissions.sandbox_json(),
            "activePermissionProfile": thread.meta.permissions.profile_json(),
            "reasoningEffort": effort,
        });
        let thread = thread.json(&outside.setup.sessions, view);
        let answer = wire::answer(&asker.id, &OpenedThread { thread, settings });
        outside.answer_in_text(asker, answer);
    }

    /// Tells every client of a new thread.
    pub fn thread_started(&mut self, outside: &mut Outside, session: &SessionId) {
        let Some(thread) = self.all.get(session) else { return };
        let params = json!({ "thread": thread.json(&outside.setup.sessions, None) });
        outside.broadcast("thread/started", params);
        // The client that asked for it may be gone.
        self.abandoned(outside, session);
    }
}
