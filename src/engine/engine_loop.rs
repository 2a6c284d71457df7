//! The engine's loop. It routes, and handles nothing: every message goes to the session or to the
//! sign-ins it is for.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::config::Settings;
use crate::protocol::{
    Access, Command, Event, EventKind, ListDepth, ModelName, Presence, Problem, ProblemKind,
    ProviderId, RequestId, SessionCommand, SessionId, SettingsCommand, SignInStep, TurnCommand,
};
use crate::session::SessionInput;
use crate::store::OpenedSession;
use crate::tools::ToolSource;

use super::active_session::ActiveSession;
use super::open_session::{EngineDefaults, OpenSession};
use super::running_work::ended;
use super::services::Services;
use super::session_library::{self, FetchRequest, FetchedSession};
use super::sign_ins::SignIns;
use super::{EventSink, problem};

/// What running work sends back to the loop.
pub(super) enum EngineMessage {
    Event(EventKind),
    Fetched(Box<FetchedSession>),
    /// Who is signed in has changed: defaults may be different ones now.
    AccountsChanged,
    Input(SessionId, SessionInput),
    /// The access that a model request was refused with, before its failure is told.
    Refused(SessionId, Access),
    SignIn(u64, SignInStep),
    /// All that ran for a session that is being closed has ended; wants to know when its log has been let go of.
    Stopped(SessionId, oneshot::Sender<JoinHandle<()>>),
}

pub(super) type EngineSender = mpsc::UnboundedSender<EngineMessage>;

pub(super) struct EngineLoop {
    settings: Settings,
    presence: Presence,
    services: Services,
    tell: EventSink,
    sender: EngineSender,
    messages: mpsc::UnboundedReceiver<EngineMessage>,
    sessions: HashMap<SessionId, ActiveSession>,
    /// Closed for the front; what ran in them is still to tell what it had changed.
    closing: HashMap<SessionId, ActiveSession>,
    sign_ins: SignIns,
    /// Work on conversations that is to come to its end before the program does.
    unfinished: Vec<JoinHandle<()>>,
    /// Work on files that ends by itself and is not to be cut off.
    writing: JoinSet<()>,
}

impl EngineLoop {
    pub(super) fn new(
        settings: Settings,
        presence: Presence,
        tool_sources: Arc<[Arc<dyn ToolSource>]>,
        tell: EventSink,
    ) -> Self {
        let (sender, messages) = mpsc::unbounded_channel();
        let services = Services::new(&settings, tool_sources);
        let sign_ins = SignIns::new(services.clone(), settings.clone(), sender.clone());
        Self {
            settings,
            presence,
            services,
            tell,
            sender,
            messages,
            sessions: HashMap::new(),
            closing: HashMap::new(),
            sign_ins,
            unfinished: Vec::new(),
            writing: JoinSet::new(),
        }
    }

    /// Until the last front has gone. Commands come first: an interrupt is not to wait behind a flood of deltas.
    pub(super) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<(RequestId, Command)>) {
        loop {
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some((request, command)) => self.command(request, command),
                    None => break,
                },
                Some(message) = self.messages.recv() => self.message(message),
            }
        }
        self.close_all().await;
        drop(self.sign_ins);
        ended(self.unfinished).await;
        while self.writing.join_next().await.is_some() {}
        self.services.auth.settle().await;
    }

    /// Until no session is open, nor one that came meanwhile.
    async fn close_all(&mut self) {
        loop {
            for (id, active) in std::mem::take(&mut self.sessions) {
                self.close(id, active);
            }
            if self.closing.is_empty() {
                return;
            }
            if let Some(message) = self.messages.recv().await {
                self.message(message);
            }
        }
    }

    /// Ends what runs in it; it goes once it has taken in what that had changed.
    fn close(&mut self, id: SessionId, mut active: ActiveSession) {
        let (stopped, sender) = (active.stop(), self.sender.clone());
        self.closing.insert(id.clone(), active);
        self.unfinished.push(tokio::spawn(async move {
            stopped.await;
            let (written, writing) = oneshot::channel();
            let _loop_ended = sender.send(EngineMessage::Stopped(id, written));
            if let Ok(writing) = writing.await {
                ended(vec![writing]).await;
            }
        }));
    }

    fn command(&mut self, request: RequestId, command: Command) {
        match command {
            Command::Account(command) => self.sign_ins.command(request, command),
            Command::Session(command) => self.session(request, command),
            Command::Settings(id, SettingsCommand::Model { model, effort }) => {
                match self.sessions.get_mut(&id) {
                    Some(active) => {
                        if let Err(problem) = active.choose_model(model, effort) {
                            self.failed(request, problem);
                        }
                    }
                    None => self.unknown_session(request),
                }
            }
            Command::Settings(id, command) => match self.sessions.get_mut(&id) {
                Some(active) => active.handle(SessionInput::Settings(command)),
                None => self.unknown_session(request),
            },
            Command::Turn(id, command) => match (self.sessions.get_mut(&id), command) {
                (Some(active), TurnCommand::Shell { line }) => active.run_own(line),
                (
                    Some(active),
                    command @ (TurnCommand::PreviewUndo { .. } | TurnCommand::SkipUndo(_)),
                ) => active.preview_undo(command),
                (Some(active), command) => active.handle(SessionInput::Command(command)),
                (None, _) => self.unknown_session(request),
            },
        }
    }

    fn message(&mut self, message: EngineMessage) {
        match message {
            EngineMessage::Fetched(fetched) => self.resume(*fetched),
            EngineMessage::Event(kind) => (self.tell)(Event { session: None, kind }),
            EngineMessage::Input(id, input) => {
                if let Some(active) =
                    self.sessions.get_mut(&id).or_else(|| self.closing.get_mut(&id))
                {
                    active.handle(input);
                }
            }
            EngineMessage::Stopped(id, written) => {
                if let Some(active) = self.closing.remove(&id) {
                    let _nobody_waits = written.send(active.close());
                }
            }
            EngineMessage::Refused(id, access) => {
                if let Some(active) = self.sessions.get_mut(&id) {
                    active.remember_refused(access);
                }
            }
            EngineMessage::SignIn(attempt, step) => {
                if let Some(step) = self.sign_ins.step(attempt, step) {
                    (self.tell)(Event { session: None, kind: EventKind::SignIn(step) });
                }
            }
            EngineMessage::AccountsChanged => {
                for active in self.sessions.values_mut() {
                    active.accounts_changed();
                }
            }
        }
    }

    fn session(&mut self, request: RequestId, command: SessionCommand) {
        match command {
            SessionCommand::Open { id, folder, model, effort } => {
                let log = match self.services.sessions.begin(&id, &folder) {
                    Ok(log) => log,
                    Err(error) => return self.failed(request, problem::of_store(&error)),
                };
                let (model, effort) = (
                    model.or_else(|| self.settings.model.clone()),
                    effort.or_else(|| self.settings.effort.clone()),
                );
                self.open(OpenSession {
                    id,
                    folder,
                    model,
                    effort,
                    rules: EngineDefaults::of(&self.settings, self.presence),
                    log,
                    past: None,
                });
            }
            SessionCommand::Close(id) => match self.sessions.remove(&id) {
                Some(active) => self.close(id, active),
                None => self.unknown_session(request),
            },
            SessionCommand::Files(folder) => session_library::files(self.sender.clone(), folder),
            SessionCommand::Resume { which, fork, model, effort } => {
                self.fetch(FetchRequest::Resume { which, fork }, model, effort)
            }
            SessionCommand::Fork { from, id } => {
                self.fetch(FetchRequest::Fork { from, id }, None, None)
            }
            SessionCommand::Rename { id, title } if self.sessions.contains_key(&id) => {
                if let Some(active) = self.sessions.get_mut(&id) {
                    active.rename(title);
                }
                self.tend(request, SessionCommand::List(ListDepth::All));
            }
            command @ (SessionCommand::Delete(_)
            | SessionCommand::Export { .. }
            | SessionCommand::List(_)
            | SessionCommand::Preview(_)
            | SessionCommand::Read(_)
            | SessionCommand::Rename { .. }) => self.tend(request, command),
            SessionCommand::Remember(line) => {
                self.blocking(request, move |history| history.remember(line).map(|()| None))
            }
            SessionCommand::Recall => self.blocking(request, |history| {
                history.recall().map(|lines| Some(EventKind::History(lines)))
            }),
        }
    }

    fn open(&mut self, opening: OpenSession) {
        let id = opening.id.clone();
        let active = ActiveSession::open(
            opening,
            self.services.clone(),
            Arc::clone(&self.tell),
            self.sender.clone(),
        );
        self.sessions.insert(id, active);
    }

    fn fetch(
        &mut self,
        wish: FetchRequest,
        model: Option<ModelName>,
        effort: Option<crate::protocol::Effort>,
    ) {
        let closing = std::mem::take(&mut self.unfinished);
        self.unfinished.push(session_library::fetch(
            self.services.sessions.clone(),
            self.sender.clone(),
            closing,
            wish,
            model,
            effort,
        ));
    }

    /// A session came from the disk, or did not.
    fn resume(&mut self, FetchedSession { opened, model, effort }: FetchedSession) {
        let OpenedSession { id, log, past, origin } = match opened {
            Ok(opened) => opened,
            Err(error) => {
                return (self.tell)(Event {
                    session: None,
                    kind: EventKind::NotResumed(problem::of_store(&error)),
                });
            }
        };
        let left = past.settings();
        let in_use = left.map_or_else(ProviderId::openai, |left| left.model.provider.clone());
        let model = model.map(|model| model.of(&in_use));
        let opening = OpenSession {
            id: id.clone(),
            folder: past.header.as_ref().map(|header| header.folder.clone()).unwrap_or_default(),
            // The effort belongs to the model it was chosen for.
            effort: effort.or_else(|| {
                left.filter(|left| model.as_ref().is_none_or(|model| *model == left.model))?
                    .effort
                    .clone()
            }),
            model: model.or_else(|| left.map(|left| left.model.clone())),
            rules: EngineDefaults::of(&self.settings, self.presence),
            log,
            past: Some((past, origin)),
        };
        (self.tell)(Event { session: None, kind: EventKind::SessionResumed(id) });
        self.open(opening);
    }

    /// Work on sessions that are on the disk, once what happened in the open ones is there too.
    fn tend(&mut self, request: RequestId, command: SessionCommand) {
        self.unfinished.retain(|work| !work.is_finished());
        let settled: Vec<_> = self
            .sessions
            .values()
            .chain(self.closing.values())
            .map(ActiveSession::settled)
            .collect();
        let settled = async move {
            for one in settled {
                one.await;
            }
        };
        self.unfinished.push(session_library::tend(
            self.services.sessions.clone(),
            self.sender.clone(),
            request,
            command,
            settled,
        ));
    }

    /// File work on the prompt history, away from the loop.
    fn blocking(
        &mut self,
        request: RequestId,
        work: impl FnOnce(
            &crate::store::PromptHistory,
        ) -> Result<Option<EventKind>, crate::store::StoreError>
        + Send
        + 'static,
    ) {
        let (history, sender) = (Arc::clone(&self.services.history), self.sender.clone());
        while self.writing.try_join_next().is_some() {}
        self.writing.spawn_blocking(move || {
            let event = match work(&history) {
                Ok(event) => event,
                Err(error) => {
                    Some(EventKind::Failed { request, problem: problem::of_store(&error) })
                }
            };
            if let Some(event) = event {
                let _loop_ended = sender.send(EngineMessage::Event(event));
            }
        });
    }

    fn unknown_session(&self, request: RequestId) {
        let problem = Problem::new(ProblemKind::Internal, "There is no such conversation")
            .with_next("Start a new one with `/new`");
        self.failed(request, problem);
    }

    fn failed(&self, request: RequestId, problem: Problem) {
        (self.tell)(Event { session: None, kind: EventKind::Failed { request, problem } });
    }
}
