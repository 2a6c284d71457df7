//! A session that is open: the machine, the folder it is about, and the work that runs for it.

mod effects;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::base::Advice;
use crate::config::AllowedRules;
use crate::policy::NamedFiles;
use crate::protocol::{
    Access, ApprovalMode, CallId, CallOutput, ChildNews, ClientId, Effort, EventKind, ItemOpening,
    Model, ModelName, ModelRef, Notice, Parent, PlannedAction, Problem, ProblemKind, Record,
    Requester, Rule, SessionId, SessionSettings, SessionView, ToolCall, Tuning, TurnCommand,
};
use crate::session::{Session, SessionEffect, SessionInput};
use crate::store::SessionLog;
use crate::tools::{self, SourceTools, Toolbox};
use crate::workspace::{self, EnvironmentContext};

use super::client::Replier;
use super::client_tools::ClientTools;
use super::engine_message::EngineSender;
use super::inbox::InboxSender;
use super::jobs::JobSocket;
use super::log_writer::Writer;
use super::model_request;
use super::model_settings::{refuse_effort, settings_for};
use super::open_session::default_model;
use super::prepared_session::{ModelChoice, PreparedSession};
use super::running_work::{CallWork, RunningWork, ended};
use super::services::Services;
use super::session_handle::SessionHandle;
use super::subscribers::Subscribers;
use super::tool_run::{RunningCall, ToolServices};
use super::undo::SessionUndo;
use super::work::{Work, WorkLimit};

pub(super) struct ActiveSession {
    id: SessionId,
    link: SessionHandle,
    session: Session,
    /// What its fronts show; the same as each of them folds together.
    view: SessionView,
    /// Counts its events.
    seq: u64,
    subscribers: Subscribers,
    /// Whoever waits for an answer of the machine's.
    asked: HashMap<Requester, Replier>,
    choice: ModelChoice,
    /// As it was asked for at the opening; goes with whatever model is the default.
    effort: Option<Effort>,
    /// As it was asked for, of whatever model: what the model in use has of it is in the session's settings.
    tuning: Tuning,
    models: Arc<[Model]>,
    services: Services,
    folder: PathBuf,
    guidance: PathBuf,
    home: Option<PathBuf>,
    toolbox: Toolbox,
    client_tools: Option<ClientTools>,
    undo: SessionUndo,
    allowed: AllowedRules,
    writer: Writer,
    running: RunningWork,
    /// A look at the folder that was begun while a person was writing, and when.
    looked: Option<(Instant, JoinHandle<EnvironmentContext>)>,
    /// Where jobs are seen from other programs, and how while there are any.
    jobs: PathBuf,
    job_socket: Option<JobSocket>,
    /// Hears of tools that come and go.
    _tool_news: Vec<Work>,
    /// Of previews: a response may hold hundreds of calls, and each preview has a thread and open files.
    previews: WorkLimit,
}

/// How long what was seen of the folder is taken for what is there.
const LOOK_AHEAD: Duration = Duration::from_secs(60);

/// Previews of calls at a time.
const PREVIEWS: usize = 8;

/// Tells the session of its tools whenever a source has others.
fn tool_news(toolbox: &Toolbox, link: &SessionHandle) -> Vec<Work> {
    let hear = |mut news: SourceTools| {
        let (toolbox, link) = (toolbox.clone(), link.clone());
        Work::start(async move {
            while news.changed().await.is_ok() {
                link.send(SessionInput::ToolsChanged(toolbox.definitions()));
            }
        })
    };
    toolbox.news().into_iter().map(hear).collect()
}

impl ActiveSession {
    /// Runs a session that is ready, for its first subscriber.
    pub(super) fn begin(
        prepared: PreparedSession,
        services: Services,
        sender: EngineSender,
        first: Option<(ClientId, Arc<InboxSender>)>,
    ) -> Self {
        let link = SessionHandle::new(prepared.id.clone(), sender);
        let teller = link.clone();
        let mut writer = Writer::start(prepared.log, move |kind| teller.tell(kind));
        if prepared.is_kept {
            // With nothing in it yet.
            writer.append(Vec::new());
        }
        let tool_news = tool_news(&prepared.toolbox, &link);
        let undo = SessionUndo::new(prepared.snapshots, prepared.folder.clone(), link.clone());
        let mut active = Self {
            id: prepared.id,
            link,
            session: prepared.session,
            view: prepared.view,
            seq: 0,
            subscribers: Subscribers::default(),
            asked: HashMap::new(),
            choice: prepared.choice,
            effort: prepared.effort,
            tuning: prepared.tuning,
            models: prepared.models,
            services,
            folder: prepared.folder,
            guidance: prepared.guidance,
            home: prepared.home,
            toolbox: prepared.toolbox,
            client_tools: prepared.client_tools,
            undo,
            allowed: prepared.allowed,
            writer,
            running: RunningWork::default(),
            looked: None,
            jobs: prepared.jobs,
            job_socket: None,
            _tool_news: tool_news,
            previews: WorkLimit::new(PREVIEWS),
        };
        if let Some((client, inbox)) = first {
            active.subscribe(client, inbox);
        }
        if let Some(parent) = &active.view.parent {
            let news = active.as_child(parent, ChildNews::Opened);
            active.link.tell_other(&parent.session, news);
        }
        for notice in prepared.notices {
            active.emit(EventKind::Notice(notice));
        }
        active.running.finish(active.undo.recover(
            active.services.snapshots.clone(),
            active.session.recorded_changes(),
            prepared.begun,
        ));
        active.get_ready();
        active
    }

    /// The one door for events: the view takes it in, then all subscribers hear it.
    pub(super) fn emit(&mut self, kind: EventKind) {
        self.view.apply(&kind);
        match &kind {
            EventKind::TextDelta { item, text } => self.writer.words(item, text),
            EventKind::ItemDropped(item) => self.writer.void_words(item),
            EventKind::ItemStarted { opening: ItemOpening::Call { .. }, .. } => self.try_keeping(),
            _ => {}
        }
        self.tell_parent(&kind);
        if matches!(kind, EventKind::JobStarted(_) | EventKind::JobEnded { .. }) {
            self.show_jobs();
        }
        self.seq += 1;
        let view = &self.view;
        self.subscribers.tell(&self.id, self.seq, kind, || Arc::new(view.clone()));
    }

    /// There is a socket as long as there are jobs.
    fn show_jobs(&mut self) {
        let jobs = &self.view.jobs;
        if jobs.is_empty() {
            let socket = self.job_socket.take();
            return drop(tokio::task::spawn_blocking(|| drop(socket)));
        }
        let open = || JobSocket::open(&self.jobs, &self.id, self.link.clone());
        let began = |id| Some(self.toolbox.jobs().find(id).ok()?.began);
        self.job_socket.get_or_insert_with(open).show(jobs, began);
    }

    /// What the session that this one works for is to know of it; news of its own children go on as they are.
    fn tell_parent(&self, kind: &EventKind) {
        let Some(parent) = &self.view.parent else { return };
        let kind = match (kind, ChildNews::of(kind)) {
            (EventKind::Child { .. }, _) => kind.clone(),
            (_, Some(news)) => self.as_child(parent, news),
            (_, None) => return,
        };
        self.link.tell_other(&parent.session, kind);
    }

    fn as_child(&self, parent: &Parent, news: ChildNews) -> EventKind {
        EventKind::Child { session: self.id.clone(), name: parent.name.clone(), news }
    }

    pub(super) fn parent(&self) -> Option<&SessionId> {
        self.view.parent.as_ref().map(|parent| &parent.session)
    }

    /// From now on the client hears all that happens here, beginning with all that has happened.
    pub(super) fn subscribe(&mut self, client: ClientId, inbox: Arc<InboxSender>) {
        inbox.resync(&self.id, self.seq, Arc::new(self.view.clone()));
        self.subscribers.add(client, inbox);
    }

    /// Whether anybody still listens.
    pub(super) fn unsubscribe(&mut self, client: ClientId) -> bool {
        self.subscribers.remove(client);
        !self.subscribers.is_empty()
    }

    /// A command of a client's; the machine answers it, now or when it can.
    pub(super) fn command(&mut self, asker: Requester, replier: Replier, command: TurnCommand) {
        if let TurnCommand::AnswerTool { call, answer } = command {
            let tools = self.client_tools.as_ref();
            return match tools.is_some_and(|tools| tools.answer(&call, answer)) {
                true => replier.done(),
                false => replier.refuse(Problem::new(
                    ProblemKind::Resolved,
                    "The call of the tool waits no more",
                )),
            };
        }
        self.asked.insert(asker, replier);
        match command {
            TurnCommand::Shell { line } => {
                let call = tools::shell_call(CallId::from("own"), &line);
                let action = self.toolbox.own_command(&line);
                let asker = Some(asker);
                self.handle(SessionInput::OwnCommand { asker, line, call, action });
            }
            TurnCommand::PreviewUndo { .. } | TurnCommand::SkipUndo(_) => {
                self.preview_undo(asker, command)
            }
            TurnCommand::GetReady => {
                self.look_ahead();
                self.get_ready();
                self.try_keeping();
                self.handle(SessionInput::Command(Some(asker), command));
            }
            command => {
                if matches!(command, TurnCommand::Submit(_)) {
                    self.get_ready();
                }
                self.handle(SessionInput::Command(Some(asker), command));
            }
        }
    }

    /// Feeds the machine and does what it asks. Never waits.
    pub(super) fn handle(&mut self, input: SessionInput) {
        if let SessionInput::Previewed { call, action: Ok(action), uncovered: None } = &input
            && self.running.is_running(call)
            && self.session.asks_about(action)
        {
            // Whoever is asked is told first what undo could not bring back.
            let work = self.look_for_copies(call.clone(), action.clone(), Vec::new());
            return self.running.begin(call.clone(), CallWork::Understanding(work));
        }
        if let SessionInput::Previewed { call, action: Ok(action), uncovered: None } = &input
            && self.running.is_running(call)
            && let losses = self.session.losses_unasked(action)
            && !losses.is_empty()
        {
            // Whether it is asked about depends on whether undo could bring it back.
            let work = self.look_for_copies(call.clone(), action.clone(), losses);
            return self.running.begin(call.clone(), CallWork::Understanding(work));
        }
        match &input {
            SessionInput::CallEnded { call, ran } if ran.output.result.job().is_some() => {
                // Of a look at a job nothing goes on but the job itself.
                let is_known = self.running.goes_on(call);
                if !is_known {
                    return;
                }
            }
            // It was stopped just as it answered.
            SessionInput::CallEnded { call, .. } | SessionInput::Previewed { call, .. }
                if !self.running.has_ended(call) =>
            {
                return;
            }
            SessionInput::TimerFired(id) => drop(self.running.timers.remove(id)),
            SessionInput::NotRenewed(..) => self.running.renewal = None,
            SessionInput::Renewed(_) => {
                (self.running.renewal, self.running.refused) = (None, None);
            }
            _ => {}
        }
        for effect in self.session.handle(input) {
            self.perform(effect);
        }
    }

    /// Ends what runs; resolves when it has ended, and has told what it had changed by then.
    pub(super) fn stop(&mut self) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.handle(SessionInput::Command(None, TurnCommand::Interrupt));
        self.toolbox.jobs().stop_all();
        self.running.end_jobs();
        ended(self.running.take_ending())
    }

    /// Whether its log can be shortened for this client now.
    pub(super) fn can_revert(&self, client: ClientId) -> Result<(), Problem> {
        let not_now = |message| Err(Problem::new(ProblemKind::NotNow, message));
        if self.view.turn.is_some() {
            return not_now("A conversation cannot go back while a turn is in progress");
        }
        match self.subscribers.has_other_than(client) {
            true => not_now("A conversation cannot go back while another client has it open"),
            false => Ok(()),
        }
    }

    /// The handle ends with the log, when all is on the disk: whoever drops it lets go of it.
    pub(super) fn close(self) -> JoinHandle<Option<SessionLog>> {
        if let Some(parent) = &self.view.parent {
            self.link.tell_other(&parent.session, self.as_child(parent, ChildNews::Closed));
        }
        let (writing, store) = (self.writer.close(), self.undo.store().clone());
        let job_socket = self.job_socket;
        tokio::spawn(async move {
            // Before the log is let go of: whoever takes the session up has a socket of that name.
            let _closed = tokio::task::spawn_blocking(move || drop(job_socket)).await;
            let log = writing.await.ok().flatten();
            let _settled = tokio::task::spawn_blocking(move || store.settle()).await;
            log
        })
    }

    /// What was stopped just now is still to tell what it had changed: that is what is to be taken back.
    fn preview_undo(&mut self, asker: Requester, command: TurnCommand) {
        let (ending, link) = (self.running.take_ending(), self.link.clone());
        self.running.finish(tokio::spawn(async move {
            ended(ending).await;
            link.send(SessionInput::Command(Some(asker), command));
        }));
    }

    /// Gives the conversation a name.
    pub(super) fn rename(&mut self, title: String) {
        self.writer.append(vec![Record::Title(title.clone())]);
        self.emit(EventKind::Title(title));
    }

    /// Resolves when all that happened so far is on the disk.
    pub(super) fn settled(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.writer.settled()
    }

    /// Fails where nobody is known to serve it.
    pub(super) fn choose_model(
        &mut self,
        model: ModelName,
        effort: Option<Effort>,
    ) -> Result<(), Problem> {
        let model = model.of(&self.session.settings().model.provider);
        if let Some(problem) = self.services.missing(&model.provider) {
            return Err(problem);
        }
        if let Some(effort) = &effort
            && let Some(problem) = refuse_effort(&self.models, &model, effort)
        {
            return Err(problem);
        }
        self.choice = ModelChoice::Person;
        self.effort.clone_from(&effort);
        self.set_model(model, effort);
        Ok(())
    }

    /// Fails where the model in use does not have it.
    pub(super) fn choose_tuning(&mut self, wished: Tuning) -> Result<(), Problem> {
        let SessionSettings { model, effort, .. } = self.session.settings().clone();
        let (settings, unfulfilled) = settings_for(&self.models, model, effort, wished);
        if let Some(Notice { message, next }) = unfulfilled.into_iter().next() {
            return Err(Problem { kind: ProblemKind::Config, message, next });
        }
        self.tuning = wished;
        self.handle(SessionInput::ModelKnown(settings));
        Ok(())
    }

    /// How the session is asked for.
    pub(super) fn tuning(&self) -> Tuning {
        self.tuning
    }

    pub(super) fn remember_refused(&mut self, access: Access) {
        self.running.refused = Some(access);
    }

    /// Another account may offer other models, and a fresh list may know more of the one in use.
    pub(super) fn models_known(&mut self, models: Arc<[Model]>) {
        self.models = models;
        let current = self.session.settings().clone();
        // Before the first request it is as if the session were opened with this list.
        let is_asked = !self.session.needs_environment();
        if let Some(model) = default_model(&self.models)
            && self.choice == ModelChoice::Default
            && !is_asked
            && model != current.model
        {
            return self.set_model(model, self.effort.clone());
        }
        match self.models.iter().find(|model| model.reference() == current.model) {
            Some(_) => {
                let effort = if is_asked { &current.effort } else { &self.effort };
                let (model, effort) = (current.model.clone(), effort.clone());
                let (found, unfulfilled) = settings_for(&self.models, model, effort, self.tuning);
                // A conversation that leaves the effort to the server goes on to do so.
                let effort = found.effort.filter(|_| !is_asked || current.effort.is_some());
                let context = found.context.or(current.context);
                let found = SessionSettings { effort, context, ..found };
                if found != current {
                    self.tell(unfulfilled);
                    self.handle(SessionInput::ModelKnown(found));
                }
            }
            None if self.choice == ModelChoice::Default => {
                if let Some(model) = default_model(&self.models) {
                    self.set_model(model, self.effort.clone());
                }
            }
            None => {}
        }
    }

    fn set_model(&mut self, model: ModelRef, effort: Option<Effort>) {
        let (settings, unfulfilled) = settings_for(&self.models, model, effort, self.tuning);
        self.tell(unfulfilled);
        self.handle(SessionInput::ModelKnown(settings));
    }

    fn tell(&mut self, notices: Vec<Notice>) {
        for notice in notices {
            self.emit(EventKind::Notice(notice));
        }
    }
}
