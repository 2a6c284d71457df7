//! A session that is open: the machine, the folder it is about, and the work that runs for it.

mod effects;
mod look_ahead;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::base::{Advice, Clock};
use crate::config::AllowedRules;
use crate::engine::problem;
use crate::engine::work::{blocking, spawn};
use crate::policy::NamedFiles;
use crate::protocol::{
    Access, ApprovalMode, CallId, CallOutput, ChildNews, ClientId, DiffBase, Effort, EventKind,
    ItemOpening, JobPorts, LiveState, McpCommand, Model, ModelName, ModelRef, Notice, Parent,
    Problem, ProblemKind, Record, Reply, Requester, Rule, SessionId, SessionSettings, ToolCall,
    Tuning, TurnCommand, TurnOutcome, UnqueueReason,
};
use crate::session::{Session, SessionEffect, SessionInput};
use crate::store::SessionLog;
use crate::tools::{self, SourceTools, Toolbox};
use crate::workspace::{self, EnvironmentContext};

use super::super::link::client::Replier;
use super::super::link::engine_message::{EngineMessage, EngineSender};
use super::super::link::inbox::InboxSender;
use super::super::link::session_handle::SessionHandle;
use super::super::remote::{HeldAsks, LiveQuestion, LiveSocket};
use super::super::services::Services;
use super::super::work::client_tools::ClientTools;
use super::super::work::folder_diff;
use super::super::work::model_request;
use super::super::work::owned_work::{Work, WorkLimit, defect};
use super::super::work::running_work::{CallWork, RunningWork, ended};
use super::super::work::title;
use super::super::work::tool_run::{RunningCall, ToolServices};
use super::super::work::undo::SessionUndo;
use super::audience::Audience;
use super::log_writer::Writer;
use super::mcp_servers::McpServers;
use super::model_settings::{ModelSelection, change_notice};
use super::prepared_session::PreparedSession;
use super::session_extensions::SessionExtensions;
use look_ahead::LookAhead;

pub(crate) struct ActiveSession {
    facts: SessionFacts,
    link: SessionHandle,
    session: Session,
    audience: Audience,
    models: ModelSelection,
    services: Services,
    toolbox: Toolbox,
    sources: SessionSources,
    undo: SessionUndo,
    writer: Writer,
    running: RunningWork,
    ahead: LookAhead,
    /// Lets other programs join, from the time that there is something to come back to.
    live: Option<LiveSocket>,
    /// Limits previews: a response may hold hundreds of calls, and each preview has a thread and
    /// open files.
    previews: WorkLimit,
}

/// The facts of a session that do not change while it is open.
struct SessionFacts {
    id: SessionId,
    folder: PathBuf,
    guidance: PathBuf,
    home: Option<PathBuf>,
    allowed: AllowedRules,
    /// The folder where other programs join conversations.
    live: PathBuf,
    extensions: SessionExtensions,
}

/// The sources of tools that belong to the session.
struct SessionSources {
    /// The client's own tools.
    client: Option<ClientTools>,
    mcp: McpServers,
    /// Receives the tools that come and go, and news of their servers.
    _news: Vec<Work>,
}

/// How long what was seen of the folder is taken for what is there.
const LOOK_AHEAD: Duration = Duration::from_secs(60);

/// Previews of calls at a time.
const PREVIEWS: usize = 8;

/// Tells the session of its tools whenever a source has others.
fn tool_news(toolbox: &Toolbox, link: &SessionHandle) -> Vec<Work> {
    let watch_source = |mut news: SourceTools| {
        let (toolbox, link) = (toolbox.clone(), link.clone());
        Work::start(async move {
            while news.changed().await.is_ok() {
                link.send(SessionInput::ToolsChanged(toolbox.definitions()));
            }
        })
    };
    toolbox.news().into_iter().map(watch_source).collect()
}

impl ActiveSession {
    /// Runs a session that is ready, for its first subscriber.
    pub(crate) fn begin(
        prepared: PreparedSession,
        services: Services,
        sender: EngineSender,
        first: Option<(ClientId, Arc<InboxSender>)>,
    ) -> Self {
        let link = SessionHandle::new(prepared.id.clone(), sender);
        let emitter = link.clone();
        let mut writer = Writer::start(prepared.log, move |kind| emitter.emit(kind));
        if prepared.is_kept {
            // With nothing in it yet.
            writer.append(Vec::new());
        }
        let mut tool_news = tool_news(&prepared.toolbox, &link);
        tool_news.extend(prepared.mcp.watch(&link));
        let undo = SessionUndo::new(prepared.snapshots, prepared.folder.clone(), link.clone());
        let mut active = Self {
            facts: SessionFacts {
                id: prepared.id,
                folder: prepared.folder,
                guidance: prepared.guidance,
                home: prepared.home,
                allowed: prepared.allowed,
                live: prepared.live,
                extensions: prepared.extensions,
            },
            link,
            session: prepared.session,
            audience: Audience::new(prepared.view),
            models: prepared.models,
            services,
            toolbox: prepared.toolbox,
            sources: SessionSources {
                client: prepared.client_tools,
                mcp: prepared.mcp,
                _news: tool_news,
            },
            undo,
            writer,
            running: RunningWork::default(),
            ahead: LookAhead::default(),
            live: None,
            previews: WorkLimit::new(PREVIEWS),
        };
        if prepared.is_kept || active.audience.view.prompted {
            active.go_live();
        }
        if let Some((client, inbox)) = first {
            active.subscribe(client, inbox);
        }
        if let Some(parent) = &active.audience.view.parent {
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
    pub(crate) fn emit(&mut self, kind: EventKind) {
        self.audience.view.apply(&kind);
        match &kind {
            EventKind::TextDelta { item, text } => self.writer.words(item, text),
            EventKind::ItemDropped(item) => self.writer.void_words(item),
            EventKind::TurnStarted(_) => {
                self.running.turn_began = Some(Instant::now());
                self.audience.view.turn_began = Some(Clock::system().now());
                self.go_live();
            }
            EventKind::TurnEnded { outcome: TurnOutcome::Done, .. } => self.ask_for_title(),
            EventKind::ItemStarted { opening: ItemOpening::Call { .. }, .. } => self.try_keeping(),
            _ => {}
        }
        self.tell_parent(&kind);
        self.services.notifier.tell(&kind, &self.audience.view, &self.link);
        if matches!(kind, EventKind::JobStarted(_) | EventKind::JobEnded { .. }) {
            self.show_jobs();
        }
        match kind {
            EventKind::Unqueued { prompts, why: UnqueueReason::TurnEnded } => {
                self.audience.give_back(&self.facts.id, prompts)
            }
            kind => self.audience.notify(&self.facts.id, kind),
        }
    }

    /// Tells all but this client what changes nothing in the view.
    pub(crate) fn tell_others(&mut self, client: ClientId, kind: EventKind) {
        self.audience.notify_others(&self.facts.id, client, &kind);
    }

    /// Tells another program how the session is now.
    pub(crate) fn tell(&self, question: LiveQuestion) {
        let view = &self.audience.view;
        // Who asks may have stopped waiting.
        match question {
            LiveQuestion::Asks(to) => drop(to.send(HeldAsks::of(view))),
            LiveQuestion::Ports(to) => self.look_for_ports(move |ports| drop(to.send(ports))),
            LiveQuestion::State(to) => {
                let began = self.running.turn_began.filter(|_| view.turn.is_some());
                let seconds = began.map(|began| began.elapsed().as_secs());
                drop(to.send(LiveState { seconds, ..LiveState::of(view) }));
            }
        }
    }

    /// Closes the ports of the machine that are no longer open to commands, also to those that run.
    pub fn close_ports(&self) {
        self.toolbox.jobs().loopback().close_others(self.session.grants());
    }

    /// Lets others join, and see the jobs.
    fn show_jobs(&mut self) {
        self.go_live();
        let began = |id| Some(self.toolbox.jobs().find(id).ok()?.began);
        if let Some(live) = &self.live {
            live.show(&self.audience.view.jobs, began);
        }
    }

    /// Lets others join from now on. A new session's log is locked with its first line, and nobody
    /// else knows the name before.
    fn go_live(&mut self) {
        let open = || LiveSocket::open(&self.facts.live, &self.facts.id, self.link.clone());
        self.live.get_or_insert_with(open);
    }

    /// Tells the session that this one works for; news of its own children go on as they are.
    fn tell_parent(&self, kind: &EventKind) {
        let Some(parent) = &self.audience.view.parent else { return };
        let kind = match (kind, kind.for_parent()) {
            (EventKind::Child { .. }, _) => kind.clone(),
            (_, Some(news)) => self.as_child(parent, news),
            (_, None) => return,
        };
        self.link.tell_other(&parent.session, kind);
    }

    fn as_child(&self, parent: &Parent, news: ChildNews) -> EventKind {
        EventKind::Child { session: self.facts.id.clone(), name: parent.name.clone(), news }
    }

    pub(crate) fn parent(&self) -> Option<&SessionId> {
        self.audience.view.parent.as_ref().map(|parent| &parent.session)
    }

    /// Does what is asked of the MCP servers, or refuses.
    pub(crate) fn mcp(&self, command: McpCommand, replier: Replier) {
        match command {
            McpCommand::Ask(name, request) => self.sources.mcp.perform(&name, request, replier),
            McpCommand::Await if self.sources.mcp.is_empty() => replier.done(),
            McpCommand::Await => {
                let (mcp, toolbox, link) =
                    (self.sources.mcp.clone(), self.toolbox.clone(), self.link.clone());
                drop(spawn(async move {
                    let ready = mcp.ready().await;
                    // Before the answer: a prompt that follows it has their tools.
                    link.send(SessionInput::ToolsChanged(toolbox.definitions()));
                    let answer = ready.map(|()| Reply::Done);
                    let _loop_ended = link.sender().send(EngineMessage::Answer(replier, answer));
                }));
            }
        }
    }

    /// Subscribes a client, which begins with a snapshot.
    pub(crate) fn subscribe(&mut self, client: ClientId, inbox: Arc<InboxSender>) {
        let now = self.services.context.clock.now();
        self.audience.come_back(&self.facts.id, client, inbox, now);
    }

    /// Whether anybody still listens.
    pub(crate) fn unsubscribe(&mut self, client: ClientId) -> bool {
        self.handle(SessionInput::ClientLeft(client));
        let is_listened_to = self.audience.leave(client);
        self.audience.note_away(self.services.context.clock.now());
        is_listened_to
    }

    /// A command of a client's; the machine answers it, now or when it can.
    pub(crate) fn command(&mut self, asker: Requester, replier: Replier, command: TurnCommand) {
        if let TurnCommand::AnswerTool { call, answer } = command {
            let tools = self.sources.client.as_ref();
            return match tools.is_some_and(|tools| tools.answer(&call, answer)) {
                true => replier.done(),
                false => replier.refuse(Problem::new(
                    ProblemKind::Resolved,
                    "The call of the tool waits no more",
                )),
            };
        }
        self.audience.wait(asker, replier);
        match command {
            TurnCommand::Shell { line } => {
                let call = tools::shell_call(CallId::from("own"), &line);
                let action = self.toolbox.own_command(&line);
                let asker = Some(asker);
                self.handle(SessionInput::OwnCommand { asker, line, call, action });
            }
            TurnCommand::PreviewUndo { .. }
            | TurnCommand::PreviewGoBack(_)
            | TurnCommand::GoBack { .. }
            | TurnCommand::SkipUndo(_) => self.preview_undo(asker, command),
            TurnCommand::Timeline => self.timeline(asker),
            TurnCommand::Diff(base) => self.diff(asker, base),
            TurnCommand::JobPorts => self.job_ports(asker),
            TurnCommand::GetReady => {
                self.look_ahead();
                self.get_ready();
                self.try_keeping();
                self.handle(SessionInput::Command(Some(asker), command));
            }
            TurnCommand::Submit(prompt) => {
                self.get_ready();
                let named = (&self.facts.extensions, &self.sources.mcp);
                let prompt = self.ahead.take_prompt((asker, prompt), named, &self.link);
                if let Some(prompt) = prompt {
                    let command = TurnCommand::Submit(prompt);
                    self.handle(SessionInput::Command(Some(asker), command));
                }
            }
            command => {
                self.handle(SessionInput::Command(Some(asker), command));
            }
        }
    }

    /// Feeds the machine and does what it asks. Never waits.
    pub(crate) fn handle(&mut self, input: SessionInput) {
        match &input {
            SessionInput::CallEnded { call, call_result }
                if call_result.output.result.job().is_some() =>
            {
                // A look at a job ends with its call: only the job itself goes on.
                let is_known = self.running.goes_on(call);
                if !is_known {
                    return;
                }
            }
            // It was stopped just as it answered.
            SessionInput::CallEnded { call, .. }
            | SessionInput::CopiesLookedAt { call, .. }
            | SessionInput::Previewed { call, .. }
                if !self.running.has_ended(call) =>
            {
                return;
            }
            SessionInput::Command(_, TurnCommand::Submit(_)) => self.ahead.prompt_arrived(),
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
    pub(crate) fn stop(&mut self) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.ahead.end();
        self.handle(SessionInput::Command(None, TurnCommand::Interrupt));
        self.toolbox.jobs().stop_all();
        self.running.end_jobs();
        ended(self.running.take_ending())
    }

    /// The handle ends with the log, when all is on the disk: whoever drops it lets go of it.
    pub(crate) fn close(self) -> JoinHandle<Option<SessionLog>> {
        if let Some(parent) = &self.audience.view.parent {
            self.link.tell_other(&parent.session, self.as_child(parent, ChildNews::Closed));
        }
        let (writing, store) = (self.writer.close(), self.undo.store().clone());
        let live = self.live;
        spawn(async move {
            // Before the log is let go of: whoever takes the session up has a socket of that name.
            let _closed = blocking(move || drop(live)).await;
            let log = writing.await.ok().flatten();
            let _settled = blocking(move || store.settle()).await;
            log
        })
    }

    /// Waits for calls that were stopped just now: they still tell the changes that are to be taken
    /// back.
    fn preview_undo(&mut self, asker: Requester, command: TurnCommand) {
        let (ending, link) = (self.running.take_ending(), self.link.clone());
        self.running.finish(spawn(async move {
            ended(ending).await;
            link.send(SessionInput::Command(Some(asker), command));
        }));
    }

    /// Answers with the turns that began with a prompt, beside the loop.
    fn timeline(&mut self, asker: Requester) {
        let Some(replier) = self.audience.take(&asker) else { return };
        let (log, sender) = (self.writer.read(), self.link.sender().clone());
        drop(spawn(async move {
            let answer = match log.await {
                Some(Ok(past)) => Ok(Reply::Timeline(past.timeline())),
                Some(Err(error)) => Err(problem::of_store(&error)),
                None => Err(defect()),
            };
            let _loop_ended = sender.send(EngineMessage::Answer(replier, answer));
        }));
    }

    /// Answers with the changes to the folder's files, beside the loop.
    fn diff(&mut self, asker: Requester, base: DiffBase) {
        let Some(replier) = self.audience.take(&asker) else { return };
        let (folder, store) = (self.facts.folder.clone(), self.undo.store().clone());
        let (changes, sender) = (self.session.standing_changes(), self.link.sender().clone());
        drop(blocking(move || {
            let answer = folder_diff::diff(base, &folder, &store, &changes).map(Reply::Diff);
            let _loop_ended = sender.send(EngineMessage::Answer(replier, answer));
        }));
    }

    /// Answers with the ports on which the jobs listen.
    fn job_ports(&mut self, asker: Requester) {
        let Some(replier) = self.audience.take(&asker) else { return };
        let sender = self.link.sender().clone();
        self.look_for_ports(move |ports| {
            let answer = EngineMessage::Answer(replier, Ok(Reply::JobPorts(ports)));
            let _loop_ended = sender.send(answer);
        });
    }

    /// Finds out, beside the loop, on which ports the jobs listen.
    fn look_for_ports(&self, tell: impl FnOnce(Vec<JobPorts>) + Send + 'static) {
        let jobs = self.toolbox.jobs().clone();
        drop(blocking(move || tell(jobs.ports())));
    }

    /// Whether a turn, a queue or a job runs, or something of it is in memory alone because the
    /// disk did not take it: whoever ends then loses that.
    pub(crate) fn is_busy(&self) -> bool {
        let view = &self.audience.view;
        let runs = view.turn.is_some() || !view.queued.is_empty() || !view.jobs.is_empty();
        runs || self.writer.is_behind()
    }

    pub(crate) fn is_listened_to(&self) -> bool {
        !self.audience.clients().is_empty()
    }

    /// How many events it has told.
    pub(crate) fn events(&self) -> u64 {
        self.audience.events()
    }

    /// Has a small model give the conversation a title, once.
    fn ask_for_title(&mut self) {
        let (small, prompt) = (self.session.small_model(), self.audience.view.untitled());
        if let (None, Some(small), Some(prompt)) = (&self.running.title, small, prompt) {
            let prompt = prompt.to_owned();
            let (services, link) = (self.services.clone(), self.link.clone());
            let (id, small) = (self.facts.id.clone(), small.clone());
            self.running.title = Some(Work::start(async move {
                if let Some(title) = title::title(services, &id, small, &prompt).await {
                    link.titled(title);
                }
            }));
        }
    }

    /// Takes a model's title, unless a person gave it one meanwhile.
    pub(crate) fn take_title(&mut self, title: String) {
        if self.audience.view.untitled().is_some() {
            self.rename(title);
        }
    }

    /// Gives the conversation a name.
    pub(crate) fn rename(&mut self, title: String) {
        self.writer.append(vec![Record::Title(title.clone())]);
        self.emit(EventKind::Title(title));
    }

    /// Resolves when all that happened so far is on the disk.
    pub(crate) fn settled(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.writer.settled()
    }

    /// Fails where nobody is known to serve it.
    pub(crate) fn choose_model(
        &mut self,
        model: ModelName,
        effort: Option<Effort>,
    ) -> Result<(), Problem> {
        let model = model.of(&self.session.settings().model.provider);
        if let Some(problem) = self.services.missing(&model.provider) {
            return Err(problem);
        }
        let (settings, unfulfilled) = self.models.choose(model, effort)?;
        let losses = self.session.losses(&self.models.facts(&settings.model));
        let notice = change_notice(losses, unfulfilled);
        self.take_settings((settings, notice.into_iter().collect()));
        Ok(())
    }

    /// Fails where the model in use does not have it.
    pub(crate) fn choose_tuning(&mut self, wished: Tuning) -> Result<(), Problem> {
        let settings = self.models.choose_tuning(self.session.settings(), wished)?;
        self.handle(SessionInput::ModelKnown(settings));
        Ok(())
    }

    /// The model in use.
    pub(crate) fn model(&self) -> ModelRef {
        self.session.settings().model.clone()
    }

    /// How the session is asked for.
    pub(crate) fn tuning(&self) -> Tuning {
        self.models.tuning
    }

    pub(crate) fn remember_refused(&mut self, access: Access) {
        self.running.refused = Some(access);
    }

    /// Takes a fresh list of models.
    pub(crate) fn models_known(&mut self, models: Arc<[Model]>) {
        let is_asked = !self.session.needs_environment();
        if let Some(settings) = self.models.know(models, self.session.settings(), is_asked) {
            self.take_settings(settings);
        }
    }

    fn take_settings(&mut self, (settings, unfulfilled): (SessionSettings, Vec<Notice>)) {
        for notice in unfulfilled {
            self.emit(EventKind::Notice(notice));
        }
        self.handle(SessionInput::ModelKnown(settings));
    }
}
