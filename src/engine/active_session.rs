//! A session that is open: the machine, the folder it is about, and the work that runs for it.

use std::path::PathBuf;

use tokio::task::JoinHandle;

use crate::base::{Advice, text};
use crate::config::AllowedRules;
use crate::policy::Removal;
use crate::protocol::{
    Access, ApprovalMode, CallId, CallOutput, Effort, EventKind, ModelName, ModelRef, Notice,
    PlannedAction, Problem, ProviderId, Record, Rule, SaveState, SettingsCommand, ToolCall,
    TurnCommand,
};
use crate::sandbox;
use crate::session::{Session, SessionEffect, SessionInput};
use crate::store::{LogOrigin, RecordedSession};
use crate::tools::{self, SourceTools, Toolbox, ToolboxSetup};
use crate::workspace;

use super::engine_loop::EngineSender;
use super::log_writer::Writer;
use super::open_session::{
    OpenSession, closed_hosts, confined, default_model, remark, settings_for,
};
use super::running_work::{CallWork, RunningWork, ended};
use super::services::Services;
use super::session_handle::SessionHandle;
use super::tool_run::{RunningCall, ToolServices};
use super::undo::{self, SessionUndo};
use super::work::{Work, WorkLimit};
use super::{EventSink, model_request};

pub(super) struct ActiveSession {
    link: SessionHandle,
    session: Session,
    choice: ModelChoice,
    /// As it was asked for at the opening; goes with whatever model is the default.
    effort: Option<Effort>,
    services: Services,
    folder: PathBuf,
    guidance: PathBuf,
    home: Option<PathBuf>,
    toolbox: Toolbox,
    undo: SessionUndo,
    allowed: AllowedRules,
    writer: Writer,
    running: RunningWork,
    /// Hears of tools that come and go.
    _tool_news: Vec<Work>,
    /// Of previews: a response may hold hundreds of calls, and each preview has a thread and open files.
    previews: WorkLimit,
}

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

/// Whose choice the model is: a default follows the account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ModelChoice {
    Default,
    Person,
}

impl ActiveSession {
    pub(super) fn open(
        opening: OpenSession,
        services: Services,
        tell: EventSink,
        sender: EngineSender,
    ) -> Self {
        let toolbox = Toolbox::new(ToolboxSetup {
            folder: opening.folder.clone(),
            private: services.private(&opening.rules.config_file()),
            own: opening.rules.hidden(),
            outputs: services.sessions.outputs(&opening.id),
            lent: opening
                .past
                .as_ref()
                .map(|(past, _)| services.sessions.outputs_before(past))
                .unwrap_or_default(),
            closed: opening.rules.closed(),
            home: opening.rules.home.clone(),
            net: services.net.clone(),
            withheld: services.key_variables(),
            program: sandbox::program(),
        })
        .with_sources(&services.tool_sources);
        let store = opening.snapshots(
            &services.snapshots,
            services.sessions.images(&opening.id),
            services.auth.files(),
        );
        let allowed = opening.allowed();
        let kept_rules = allowed.read();
        let charter = opening.charter(
            toolbox.definitions(),
            kept_rules.as_ref().map(Vec::clone).unwrap_or_default(),
        );
        let provider =
            opening.model.as_ref().map_or_else(ProviderId::openai, |model| model.provider.clone());
        let (models, _) = services.known_models(&provider);
        let choice =
            if opening.model.is_some() { ModelChoice::Person } else { ModelChoice::Default };
        let model = opening
            .model
            .or_else(|| default_model(&models))
            .unwrap_or_else(|| ModelRef::openai("gpt-5.5"));
        let settings = settings_for(&models, model, opening.effort.clone());
        let session = match &opening.past {
            Some((past, _)) => Session::resume(charter, settings.clone(), &past.records),
            None => Session::new(charter, settings.clone()),
        };
        let link = SessionHandle::new(opening.id, tell, sender);
        let teller = link.clone();
        let writer = Writer::start(opening.log, move |kind| teller.tell(kind));
        let tool_news = tool_news(&toolbox, &link);
        let undo = SessionUndo::new(store, opening.folder.clone(), link.clone());
        let mut active = Self {
            link,
            session,
            choice,
            effort: opening.effort,
            services,
            folder: opening.folder.clone(),
            guidance: opening.rules.guidance,
            home: opening.rules.home,
            toolbox,
            undo,
            allowed,
            writer,
            running: RunningWork::default(),
            _tool_news: tool_news,
            previews: WorkLimit::new(PREVIEWS),
        };
        active.link.tell(EventKind::SessionOpened {
            branch: workspace::branch(&opening.folder),
            folder: opening.folder.clone(),
        });
        active.link.tell(EventKind::Settings(settings));
        active.link.tell(EventKind::SessionMode(active.session.session_mode()));
        active.link.tell(confined(active.session.grants(), sandbox::present()));
        // An earlier conversation has been told already.
        let sandbox = active.session.session_mode().sandbox;
        let remarks = [remark(sandbox), closed_hosts(active.session.grants(), sandbox)];
        for notice in remarks.into_iter().flatten().filter(|_| opening.past.is_none()) {
            active.link.tell(EventKind::Notice(notice));
        }
        let begun = opening.past.as_ref().and_then(|(past, _)| undo::cut_off(&past.records));
        if let Err(error) = kept_rules {
            active.link.tell(EventKind::Notice(Notice {
                message: text::sentence(&error.to_string()).into_owned(),
                next: error.next_step(),
            }));
        }
        if let Some((past, origin)) = opening.past {
            active.replay(past, origin);
        }
        active.running.finish(active.undo.recover(
            active.services.snapshots.clone(),
            active.session.recorded_changes(),
            begun,
        ));
        active
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
            && let removals = self.session.removals_unasked(action)
            && !removals.is_empty()
        {
            // Whether it is asked about depends on whether undo could bring it back.
            let work = self.look_for_copies(call.clone(), action.clone(), removals);
            return self.running.begin(call.clone(), CallWork::Understanding(work));
        }
        match &input {
            // It was stopped just as it answered.
            SessionInput::CallEnded { call, .. } | SessionInput::Previewed { call, .. }
                if !self.running.has_ended(call) =>
            {
                return;
            }
            SessionInput::Progress { call, .. } if !self.running.is_running(call) => return,
            SessionInput::TimerFired(id) => drop(self.running.timers.remove(id)),
            SessionInput::Renewed(_) | SessionInput::NotRenewed(..) => self.running.renewal = None,
            _ => {}
        }
        for effect in self.session.handle(input) {
            self.perform(effect);
        }
    }

    /// Ends what runs; resolves when it has ended, and has told what it had changed by then.
    pub(super) fn stop(&mut self) -> impl Future<Output = ()> + Send + 'static {
        self.handle(SessionInput::Command(TurnCommand::Interrupt));
        ended(self.running.take_ending())
    }

    /// The handle ends when all is on the disk and the log has been let go of.
    pub(super) fn close(self) -> JoinHandle<()> {
        let (writing, store) = (self.writer.close(), self.undo.store().clone());
        tokio::spawn(async move {
            let _written = writing.await;
            let _settled = tokio::task::spawn_blocking(move || store.settle()).await;
        })
    }

    /// Runs a command that a person typed.
    pub(super) fn run_own(&mut self, line: String) {
        let call = tools::shell_call(CallId::from("own"), &line);
        self.handle(SessionInput::OwnCommand { line, call });
    }

    /// What was stopped just now is still to tell what it had changed: that is what is to be taken back.
    pub(super) fn preview_undo(&mut self, command: TurnCommand) {
        let (ending, link) = (self.running.take_ending(), self.link.clone());
        self.running.finish(tokio::spawn(async move {
            ended(ending).await;
            link.send(SessionInput::Command(command));
        }));
    }

    /// Gives the conversation a name.
    pub(super) fn rename(&mut self, title: String) {
        self.writer.append(vec![Record::Title(title)]);
    }

    /// Resolves when all that happened so far is on the disk.
    pub(super) fn settled(&self) -> impl Future<Output = ()> + Send + 'static {
        self.writer.settled()
    }

    /// Tells an earlier conversation to the front, and what is to be known about how it came.
    fn replay(&self, past: RecordedSession, origin: LogOrigin) {
        let damage = past.damage;
        let saved = if origin == LogOrigin::Itself { SaveState::OnDisk } else { SaveState::NotYet };
        self.link.tell(EventKind::Replayed { records: past.records, saved });
        let notice =
            |message: String| self.link.tell(EventKind::Notice(Notice { message, next: None }));
        match damage.lines.as_slice() {
            [] => {}
            [line] => {
                notice(format!("Line {line} of this conversation's file is damaged, and left out"))
            }
            lines => notice(format!(
                "{} lines of this conversation's file are damaged, and left out",
                lines.len()
            )),
        }
        if damage.torn > 0 {
            notice("The last line of this conversation's file was not written to its end, and is left out".into());
        }
        match origin {
            LogOrigin::Held => notice(
                "The conversation is open in another codling: this is a separate copy".into(),
            ),
            LogOrigin::Copy => {
                notice("This is a copy; the conversation it was made from stays as it is".into())
            }
            LogOrigin::Itself => {}
        }
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
        self.choice = ModelChoice::Person;
        self.set_model(model, effort);
        Ok(())
    }

    pub(super) fn remember_refused(&mut self, access: Access) {
        self.running.refused = Some(access);
    }

    /// Another account may offer other models, and a fresh list may know more of the one in use.
    pub(super) fn accounts_changed(&mut self) {
        let settings = self.session.settings();
        let (models, _) = self.services.known_models(&settings.model.provider);
        match models.iter().find(|model| model.reference() == settings.model) {
            Some(known)
                if (known.context.or(settings.context), known.patches)
                    != (settings.context, settings.patches) =>
            {
                let (context, patches) = (known.context.or(settings.context), known.patches);
                self.handle(SessionInput::ModelKnown { context, patches });
            }
            None if self.choice == ModelChoice::Default => {
                if let Some(model) = default_model(&models) {
                    self.set_model(model, self.effort.clone());
                }
            }
            _ => {}
        }
    }

    fn set_model(&mut self, model: ModelRef, effort: Option<Effort>) {
        let settings = settings_for(&self.services.known_models(&model.provider).0, model, effort);
        self.handle(SessionInput::Settings(SettingsCommand::Model {
            model: settings.model.into(),
            effort: settings.effort,
        }));
        self.handle(SessionInput::ModelKnown {
            context: settings.context,
            patches: settings.patches,
        });
    }

    fn perform(&mut self, effect: SessionEffect) {
        match effect {
            SessionEffect::Append(records) => self.writer.append(records),
            SessionEffect::Emit(kind) => self.link.tell(kind),
            SessionEffect::RequestModel(request, prompt) => {
                self.get_ready();
                let work = model_request::request(
                    self.services.clone(),
                    self.link.clone(),
                    request,
                    prompt,
                    self.settled(),
                );
                self.running.request = Some((request, work));
            }
            SessionEffect::StopModelRequest(request) => {
                if self.running.request.as_ref().is_some_and(|(running, _)| *running == request) {
                    self.running.request = None;
                }
            }
            SessionEffect::Preview(call) => {
                let id = call.id.clone();
                let work = self.understand(call);
                self.running.begin(id, CallWork::Understanding(work));
            }
            SessionEffect::Run(run) => {
                let id = run.call.id.clone();
                let running = RunningCall::start(self.bench(), run, self.settled());
                self.running.begin(id, CallWork::Running(running));
            }
            SessionEffect::StopCall(call) => self.running.stop(&call),
            SessionEffect::DescribeEnvironment => self.running.inquiry = Some(self.environment()),
            SessionEffect::KeepRules(rules) => self.keep_rules(rules),
            SessionEffect::PreviewUndo { preview, changes, chosen } => {
                self.running.inquiry = Some(self.undo.preview(preview, changes, chosen));
            }
            SessionEffect::PrepareUndo { direction, turn, changes, steps } => {
                let work = self.undo.prepare(direction, turn, changes, steps);
                self.running.finish(work);
            }
            SessionEffect::PerformUndo => {
                let work = self.undo.perform(self.settled());
                self.running.finish(work);
            }
            SessionEffect::SetTimer { id, after } => {
                let link = self.link.clone();
                let work = Work::start(async move {
                    tokio::time::sleep(after).await;
                    link.send(SessionInput::TimerFired(id));
                });
                self.running.timers.insert(id, work);
            }
            SessionEffect::StopTimer(id) => drop(self.running.timers.remove(&id)),
            SessionEffect::RenewCredential(request) => {
                let refused = self.running.refused.take();
                self.running.renewal = Some(model_request::renew(
                    self.services.clone(),
                    self.link.clone(),
                    request,
                    self.session.settings().model.provider.clone(),
                    refused,
                ));
            }
        }
    }

    fn keep_rules(&self, rules: Vec<Rule>) {
        let (allowed, link) = (self.allowed.clone(), self.link.clone());
        drop(tokio::task::spawn_blocking(move || {
            let notice = match allowed.keep(&rules) {
                Ok(()) => Notice {
                    message: "Allowed in this folder from now on".into(),
                    next: Some(format!(
                        "`{}` holds it: delete it there to be asked again",
                        allowed.path().display()
                    )),
                },
                Err(error) => Notice {
                    message: format!("Allowed in this conversation only: {error}"),
                    next: error.next_step(),
                },
            };
            link.tell(EventKind::Notice(notice));
        }));
    }

    fn understand(&self, call: ToolCall) -> Work {
        let (toolbox, link) = (self.toolbox.clone(), self.link.clone());
        let (waiting, id, name) = (link.clone(), call.id.clone(), call.name.clone());
        let body = self.previews.keep(async move {
            let action = toolbox.preview(&call).await;
            link.send(SessionInput::Previewed { call: call.id, action, uncovered: None });
        });
        Work::awaited(body, move |problem| {
            let action = Err(CallOutput::refusal(name, problem.message));
            waiting.send(SessionInput::Previewed { call: id, action, uncovered: None })
        })
    }

    /// While the model thinks of a command. Not of all that a person has: that waits until a command really comes.
    fn get_ready(&self) {
        let is_home = self.home.as_ref().is_some_and(|home| home.starts_with(&self.folder));
        if !is_home && self.session.session_mode().approval_mode != ApprovalMode::ReadOnly {
            self.undo.store().get_ready();
        }
    }

    /// Of all that is in the folder, or of what is removed.
    fn look_for_copies(&self, call: CallId, action: PlannedAction, removals: Vec<Removal>) -> Work {
        let (store, link) = (self.undo.store().clone(), self.link.clone());
        Work::start(self.previews.keep(async move {
            let uncovered = tokio::task::spawn_blocking(move || match removals.as_slice() {
                [] => store.uncovered(),
                removals => {
                    store.uncovered_of(&|path| removals.iter().any(|removal| removal.takes(path)))
                }
            })
            .await;
            let uncovered = uncovered.unwrap_or_default().unwrap_or_default();
            link.send(SessionInput::Previewed {
                call,
                action: Ok(action),
                uncovered: Some(uncovered),
            });
        }))
    }

    fn environment(&self) -> Work {
        let (folder, guidance, link) =
            (self.folder.clone(), self.guidance.clone(), self.link.clone());
        let waiting = link.clone();
        let body = async move {
            let environment = tokio::task::spawn_blocking(move || {
                workspace::environment_context(&folder, Some(&guidance))
            })
            .await;
            let text = environment.map_or_else(
                |error| {
                    tracing::error!(%error, "the place could not be looked at");
                    String::new()
                },
                |environment| {
                    environment
                        .notices
                        .into_iter()
                        .for_each(|notice| link.tell(EventKind::Notice(notice)));
                    environment.text
                },
            );
            link.send(SessionInput::EnvironmentDescribed(text));
        };
        Work::awaited(body, move |_defect| {
            waiting.send(SessionInput::EnvironmentDescribed(String::new()))
        })
    }

    fn bench(&self) -> ToolServices {
        ToolServices {
            toolbox: self.toolbox.opening(self.session.grants().clone()),
            store: self.undo.store().clone(),
            link: self.link.clone(),
        }
    }
}
