//! Threads on their way from the engine to their first client: read, loaded, and told of.

use serde_json::json;
use uuid::Uuid;

use crate::protocol::{
    Command, Problem, ProblemKind, Record, Reply, ReplyResult, SessionCommand, SessionId,
    SessionSelector, SessionSummary, SessionView,
};

use super::connection::{Asker, ConnectionId};
use super::server::Server;
use super::thread::{Thread, ThreadMeta};
use super::turns::ItemsView;

/// The session that a command opened.
pub fn opened(reply: ReplyResult) -> Result<SessionId, Problem> {
    match reply? {
        Reply::Opened(id) => Ok(id),
        _ => Err(Problem::new(ProblemKind::Internal, "The thread did not open")),
    }
}

/// A name that no other session has.
pub fn new_session() -> SessionId {
    SessionId::new(format!("ses_{}", Uuid::now_v7().simple()))
}

/// What is kept of a session.
type ReadSession = Result<(SessionSummary, Vec<Record>), Problem>;

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
                    ProblemKind::Config,
                    format!("There is no conversation `{session}`"),
                )),
            });
            then(server, &session, read);
        });
    }

    /// Keeps a thread that has been opened, for its first subscriber.
    pub(super) fn load(
        &mut self,
        connection: ConnectionId,
        view: &SessionView,
        records: &[Record],
        meta: ThreadMeta,
    ) -> SessionId {
        let mut thread = Thread::new(view, records, meta);
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
            "model": settings.map_or("", |settings| settings.model.id.as_str()),
            "modelProvider": provider, "serviceTier": null, "cwd": thread.folder(),
            // Without it Codex's screen has no name for the permissions.
            "runtimeWorkspaceRoots": [thread.folder()],
            "instructionSources": [], "approvalPolicy": thread.meta.permissions.ask_json(),
            "approvalsReviewer": thread.meta.permissions.reviewer_name(), "sandbox": thread.meta.permissions.sandbox_json(),
            "activePermissionProfile": thread.meta.permissions.profile_json(),
            "reasoningEffort": effort,
        });
        self.answer(asker, Ok(answer));
    }

    pub(super) fn thread_started(&mut self, session: &SessionId) {
        let Some(thread) = self.threads.get(session) else { return };
        let params = json!({ "thread": thread.json(&self.setup.sessions, None) });
        self.broadcast("thread/started", params);
        // Whoever wanted it may be gone.
        self.abandoned(session);
    }
}
