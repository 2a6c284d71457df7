//! Performs a session's effects by starting work.

use std::sync::PoisonError;
use std::thread;

use super::*;
use crate::base::Clock;
use crate::engine::problem;
use crate::engine::work::alarm::alarm;
use crate::engine::work::blocking;
use crate::engine::work::owned_work::defect;
use crate::extensions::SkillReading;
use crate::protocol::{ToolFace, TurnId};
use crate::store::{RecordedSession, StoreError};

/// Skills are told in at most so much of the context.
const CATALOGUE_PERCENT: u64 = 2;
const BYTES_PER_TOKEN: u64 = 4;
/// Where the model's context is not known.
const SMALL_CONTEXT: u64 = 32_000;
const NOT_LOOKED: &str = "Undo could not look at the files of the folder";

/// A log that was read.
type LogRead = Result<RecordedSession, StoreError>;

impl ActiveSession {
    pub(super) fn perform(&mut self, effect: SessionEffect) {
        match effect {
            SessionEffect::AnswerLoss(call, answer) => self.running.losses.answer(&call, answer),
            SessionEffect::AnswerElicitation(call, answers) => {
                self.running.elicitations.answer(&call, answers)
            }
            SessionEffect::Append(records) => self.writer.append(records),
            SessionEffect::Emit(kind) => {
                if matches!(kind, EventKind::SandboxOpened(_)) {
                    self.close_ports();
                }
                self.emit(kind);
            }
            SessionEffect::Reply(asker, result) => self.audience.answer(&asker, result),
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
            SessionEffect::LookForCopies { call, removes } => {
                let work = self.look_for_copies(call.clone(), removes);
                self.running.begin(call, CallWork::Understanding(work));
            }
            SessionEffect::Run(run) => {
                let id = run.call.id.clone();
                let running = RunningCall::start(self.tool_services(), run, self.settled());
                self.running.begin(id, CallWork::Running(running));
            }
            SessionEffect::StopCall(call) => {
                // One that goes on was perhaps answered just now, which nobody hears of any more.
                self.toolbox.jobs().stop_call(&call);
                self.running.stop(&call);
            }
            SessionEffect::StopJob(job) => {
                // One that has just ended says so itself.
                let _ran = self.toolbox.jobs().stop(job);
            }
            SessionEffect::DescribeEnvironment => {
                self.running.environment = Some(self.environment())
            }
            SessionEffect::ForgetRules(rules) => self.forget_rules(rules),
            SessionEffect::KeepRules(rules) => self.keep_rules(rules),
            SessionEffect::PreviewUndo { preview, changes, chosen } => {
                self.running.preview = Some(self.undo.preview(preview, changes, chosen));
            }
            SessionEffect::PrepareUndo { direction, turn, changes, steps } => {
                let work = self.undo.prepare(direction, turn, changes, steps);
                self.running.finish(work);
            }
            SessionEffect::LookBack(before) => {
                let (log, link) = (self.writer.read(), self.link.clone());
                self.running.finish(spawn(async move {
                    let records = look_back(log.await, before).await;
                    link.send(SessionInput::LookedBack { before, records });
                }));
            }
            SessionEffect::PerformUndo => {
                let work = self.undo.perform(self.settled());
                self.running.finish(work);
            }
            SessionEffect::SetAlarm { id, at, slack } => {
                let (link, clock) = (self.link.clone(), Clock::system());
                let work = Work::start(async move {
                    alarm(clock, at, slack).await;
                    link.send(SessionInput::TimerFired(id));
                });
                self.running.timers.insert(id, work);
            }
            SessionEffect::SetTimer { id, after } => {
                let link = self.link.clone();
                let work = Work::start(async move {
                    tokio::time::sleep(after).await;
                    link.send(SessionInput::TimerFired(id));
                });
                self.running.timers.insert(id, work);
            }
            SessionEffect::Trust(command) => {
                let (extensions, link) = (self.facts.extensions.clone(), self.link.clone());
                drop(blocking(move || {
                    if let Some(notice) = extensions.trust(command) {
                        link.emit(EventKind::Notice(notice));
                    }
                }));
            }
            SessionEffect::StopTimer(id) => drop(self.running.timers.remove(&id)),
            SessionEffect::RenewCredential(request) => {
                // Kept until it is renewed: it may take more than one try.
                let refused = self.running.refused.clone();
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
        let (allowed, link) = (self.facts.allowed.clone(), self.link.clone());
        drop(blocking(move || {
            let notice = match allowed.keep(&rules) {
                Ok(()) => Notice {
                    message: "Allowed in this folder from now on".into(),
                    next: Some(format!(
                        "`{}` holds it: delete it there to be asked again",
                        allowed.path().display()
                    )),
                },
                Err(error) => {
                    link.send(SessionInput::RulesNotKept(rules));
                    Notice {
                        message: format!("Allowed in this conversation only: {error}"),
                        next: error.next_step(),
                    }
                }
            };
            link.emit(EventKind::Notice(notice));
        }));
    }

    fn forget_rules(&self, rules: Vec<Rule>) {
        let (allowed, link) = (self.facts.allowed.clone(), self.link.clone());
        drop(blocking(move || {
            if let Err(error) = allowed.forget(&rules) {
                link.emit(EventKind::Notice(Notice {
                    message: format!("It asks again in this conversation only: {error}"),
                    next: Some(format!("Delete it in `{}`", allowed.path().display())),
                }));
            }
        }));
    }

    fn understand(&self, call: ToolCall) -> Work {
        let toolbox = self.toolbox.offering(self.session.offered_tools());
        let link = self.link.clone();
        let (waiting, id, name) = (link.clone(), call.id.clone(), call.name.clone());
        let allowed = self.session.has_folder_rules().then(|| self.facts.allowed.clone());
        let body = self.previews.keep(async move {
            let action = toolbox.preview(&call).await;
            // Another conversation may have taken one back. What cannot be read allows nothing.
            if let Some(allowed) = allowed {
                let read = blocking(move || allowed.read().unwrap_or_default());
                link.send(SessionInput::FolderRules(read.await.unwrap_or_default()));
            }
            link.send(SessionInput::Previewed { call: call.id, action });
        });
        Work::awaited(body, move |problem| {
            let action = Err(CallOutput::refusal(name, problem.message));
            waiting.send(SessionInput::Previewed { call: id, action })
        })
    }

    /// Once the conversation is open, while a prompt is written, and while the model thinks of a
    /// command. Not of all that a person has: that waits until a command really comes.
    pub(super) fn get_ready(&self) {
        let is_home =
            self.facts.home.as_ref().is_some_and(|home| home.starts_with(&self.facts.folder));
        if !is_home && self.session.session_mode().approval_mode != ApprovalMode::ReadOnly {
            self.undo.store().get_ready();
        }
    }

    /// Tries whether contents are kept, before a command that is kept in waits for that: while a
    /// prompt is typed, or while a call is being written. An answer without one needs no trial.
    pub(super) fn try_keeping(&self) {
        let mode = self.session.session_mode().approval_mode;
        if matches!(mode, ApprovalMode::Ask | ApprovalMode::Auto) {
            let toolbox = self.toolbox.clone();
            drop(blocking(move || toolbox.keeps_contents()));
        }
    }

    /// Looks for the files that undo could not bring back, in all of the folder; or among those
    /// that a command removes, unless they are kept just before that.
    fn look_for_copies(&self, call: CallId, removes: Vec<NamedFiles>) -> Work {
        let (store, link) = (self.undo.store().clone(), self.link.clone());
        let toolbox = self.toolbox.clone();
        Work::start(self.previews.keep(async move {
            let look = blocking(move || match removes.as_slice() {
                [] => store.uncovered(),
                _ if toolbox.keeps_contents() => None,
                removes => store.uncovered_of(&|path| removes.iter().any(|it| it.covers(path))),
            });
            // Without a look it is not known that undo could bring anything back.
            let uncovered = look.await.unwrap_or_else(|_panic| Some(NOT_LOOKED.to_owned()));
            let uncovered = uncovered.unwrap_or_default();
            link.send(SessionInput::CopiesLookedAt { call, uncovered });
        }))
    }

    /// Begins to look at the folder before a prompt waits for that.
    pub(super) fn look_ahead(&mut self) {
        let is_fresh =
            self.ahead.looked.as_ref().is_some_and(|(began, _)| began.elapsed() < LOOK_AHEAD);
        if self.session.needs_environment() && !is_fresh {
            self.ahead.looked = Some((Instant::now(), self.look()));
        }
    }

    /// Reads where the conversation takes place and which skills there are, at the same time.
    fn look(&self) -> JoinHandle<EnvironmentContext> {
        let (folder, guidance) = (self.facts.folder.clone(), self.facts.guidance.clone());
        let extensions = self.facts.extensions.clone();
        let context = self.session.settings().context.unwrap_or(SMALL_CONTEXT);
        let room = usize::try_from(context * BYTES_PER_TOKEN * CATALOGUE_PERCENT / 100);
        let room = room.unwrap_or(usize::MAX);
        let reading = match self.session.tool_face() {
            ToolFace::Codex => SkillReading::Path,
            ToolFace::Own => SkillReading::Tool,
        };
        blocking(move || {
            thread::scope(|scope| {
                let skills = scope.spawn(|| extensions.catalogue(room, reading));
                let mut environment = workspace::environment_context(&folder, Some(&guidance));
                environment.text.push_str(&skills.join().ok().flatten().unwrap_or_default());
                environment
            })
        })
    }

    fn environment(&mut self) -> Work {
        let fresh = self.ahead.looked.take().filter(|(began, _)| began.elapsed() < LOOK_AHEAD);
        let look = fresh.map_or_else(|| self.look(), |(_, look)| look);
        let link = self.link.clone();
        let waiting = link.clone();
        let told = Arc::clone(&self.ahead.guidance);
        let services = self.services.clone();
        let provider = self.session.settings().model.provider.clone();
        let body = async move {
            let models = services.await_list(&provider, link.sender());
            let (look, models) = tokio::join!(look, models);
            if let Some(models) = models {
                link.models(models);
            }
            let text = look.map_or_else(
                |error| {
                    tracing::error!(%error, "the place could not be looked at");
                    String::new()
                },
                |EnvironmentContext { text, guidance }| {
                    // Read again after a compaction, they are most often what they were.
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    if told.as_ref() != Some(&guidance) {
                        let notices = guidance.notices.iter().cloned();
                        notices.for_each(|notice| link.emit(EventKind::Notice(notice)));
                        *told = Some(guidance);
                    }
                    text
                },
            );
            link.send(SessionInput::EnvironmentDescribed(text));
        };
        Work::awaited(body, move |_defect| {
            waiting.send(SessionInput::EnvironmentDescribed(String::new()))
        })
    }

    fn tool_services(&self) -> ToolServices {
        ToolServices {
            toolbox: self.toolbox.opening(self.session.grants().clone()),
            store: self.undo.store().clone(),
            link: self.link.clone(),
            losses: self.running.losses.clone(),
            elicitations: self.running.elicitations.clone(),
            face: self.session.tool_face(),
        }
    }
}

/// The records of a log that went back to before a turn.
async fn look_back(log: Option<LogRead>, before: TurnId) -> Result<Vec<Record>, Problem> {
    let past = log.ok_or_else(defect)?.map_err(|error| problem::of_store(&error))?;
    let records = blocking(move || past.back_to(before)).await.map_err(|_panic| defect())?;
    records.ok_or_else(|| problem::of_store(&StoreError::NoTurn))
}
