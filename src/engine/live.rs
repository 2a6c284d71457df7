//! A session that is open: the machine, the folder it is about, and the work that runs for it.

use std::path::PathBuf;

use tokio::task::JoinHandle;

use crate::base::{Advice, text};
use crate::config::AllowedRules;
use crate::policy::Removal;
use crate::protocol::{
    Access, CallId, CallOutput, Deed, Effort, EventKind, Mode, ModelId, Notice, Record, Rule, Saved, SettingsCommand, ToolCall, TurnCommand,
};
use crate::sandbox;
use crate::session::{Effect, Input, Session};
use crate::store::{Origin, Past};
use crate::tools::{self, Ground, Toolbox};

use super::core::Post;
use super::errand::{Bench, RunningCall};
use super::hands::Hands;
use super::link::Link;
use super::opening::{Opening, closed_hosts, confined, default_model, remark, settings_for};
use super::running::{Call, Running, ended};
use super::undo::{self, Undo};
use super::work::Work;
use super::writer::Writer;
use super::{Tell, sampling};

pub(super) struct Live {
    link: Link,
    session: Session,
    choice: Choice,
    /// As it was asked for at the opening; goes with whatever model is the default.
    effort: Option<Effort>,
    hands: Hands,
    folder: PathBuf,
    guidance: PathBuf,
    home: Option<PathBuf>,
    toolbox: Toolbox,
    undo: Undo,
    allowed: AllowedRules,
    writer: Writer,
    running: Running,
}

/// Whose choice the model is: a default follows the account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Default,
    Person,
}

impl Live {
    pub(super) fn open(opening: Opening, hands: Hands, tell: Tell, post: Post) -> Self {
        let toolbox = Toolbox::new(Ground {
            folder: opening.folder.clone(),
            private: hands.auth.files().into(),
            own: opening.rules.hidden(),
            outputs: hands.sessions.outputs(&opening.id),
            lent: opening.past.as_ref().map(|(past, _)| hands.sessions.outputs_before(past)).unwrap_or_default(),
            closed: opening.rules.closed(),
            home: opening.rules.home.clone(),
            net: hands.net.clone(),
            program: sandbox::program(),
        });
        let store = opening.snapshots(&hands.snapshots, hands.sessions.images(&opening.id), hands.auth.files());
        let allowed = opening.allowed();
        let kept_rules = allowed.read();
        let charter = opening.charter(kept_rules.as_ref().map(Vec::clone).unwrap_or_default());
        let (models, _) = hands.known_models();
        let choice = if opening.model.is_some() { Choice::Person } else { Choice::Default };
        let model = opening.model.or_else(|| default_model(&models)).unwrap_or_else(|| ModelId::new("gpt-5.5"));
        let settings = settings_for(&models, model, opening.effort.clone());
        let session = match &opening.past {
            Some((past, _)) => Session::resume(charter, settings.clone(), &past.records),
            None => Session::new(charter, settings.clone()),
        };
        let link = Link::new(opening.id, tell, post);
        let teller = link.clone();
        let writer = Writer::start(opening.log, move |kind| teller.tell(kind));
        let undo = Undo::new(store, opening.folder.clone(), link.clone());
        let mut live = Self {
            link,
            session,
            choice,
            effort: opening.effort,
            hands,
            folder: opening.folder.clone(),
            guidance: opening.rules.guidance,
            home: opening.rules.home,
            toolbox,
            undo,
            allowed,
            writer,
            running: Running::default(),
        };
        live.link.tell(EventKind::SessionOpened { branch: tools::branch(&opening.folder), folder: opening.folder.clone() });
        live.link.tell(EventKind::Settings(settings));
        live.link.tell(EventKind::Stance(live.session.stance()));
        live.link.tell(confined(live.session.grants(), sandbox::present()));
        // An earlier conversation has been told already.
        let sandbox = live.session.stance().sandbox;
        let remarks = [remark(sandbox), closed_hosts(live.session.grants(), sandbox)];
        for notice in remarks.into_iter().flatten().filter(|_| opening.past.is_none()) {
            live.link.tell(EventKind::Notice(notice));
        }
        let begun = opening.past.as_ref().and_then(|(past, _)| undo::cut_off(&past.records));
        if let Err(error) = kept_rules {
            live.link.tell(EventKind::Notice(Notice { message: text::sentence(&error.to_string()).into_owned(), next: error.next_step() }));
        }
        if let Some((past, origin)) = opening.past {
            live.replay(past, origin);
        }
        live.running.finish(live.undo.recover(live.hands.snapshots.clone(), live.session.recorded_changes(), begun));
        live
    }

    /// Feeds the machine and does what it asks. Never waits.
    pub(super) fn handle(&mut self, input: Input) {
        if let Input::Understood { call, deed: Ok(deed), uncovered: None } = &input
            && self.running.is_running(call)
            && self.session.asks_about(deed)
        {
            // Whoever is asked is told first what undo could not bring back.
            let work = self.look_for_copies(call.clone(), deed.clone(), Vec::new());
            return self.running.begin(call.clone(), Call::Understanding(work));
        }
        if let Input::Understood { call, deed: Ok(deed), uncovered: None } = &input
            && self.running.is_running(call)
            && let removals = self.session.removals_unasked(deed)
            && !removals.is_empty()
        {
            // Whether it is asked about depends on whether undo could bring it back.
            let work = self.look_for_copies(call.clone(), deed.clone(), removals);
            return self.running.begin(call.clone(), Call::Understanding(work));
        }
        match &input {
            // It was stopped just as it answered.
            Input::Ran { call, .. } | Input::Understood { call, .. } if !self.running.has_ended(call) => return,
            Input::Progress { call, .. } if !self.running.is_running(call) => return,
            Input::Alarm(id) => drop(self.running.alarms.remove(id)),
            Input::Renewed(_) | Input::NotRenewed(..) => self.running.renewal = None,
            _ => {}
        }
        for effect in self.session.handle(input) {
            self.perform(effect);
        }
    }

    /// Ends what runs; resolves when it has ended, and has told what it had changed by then.
    pub(super) fn stop(&mut self) -> impl Future<Output = ()> + Send + 'static {
        self.handle(Input::Command(TurnCommand::Interrupt));
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
        self.handle(Input::Own { line, call });
    }

    /// What was stopped just now is still to tell what it had changed: that is what is to be taken back.
    pub(super) fn preview_undo(&mut self, command: TurnCommand) {
        let (ending, link) = (self.running.take_ending(), self.link.clone());
        self.running.finish(tokio::spawn(async move {
            ended(ending).await;
            link.send(Input::Command(command));
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
    fn replay(&self, past: Past, origin: Origin) {
        let damage = past.damage;
        let saved = if origin == Origin::Itself { Saved::OnDisk } else { Saved::NotYet };
        self.link.tell(EventKind::Replayed { records: past.records, saved });
        let notice = |message: String| self.link.tell(EventKind::Notice(Notice { message, next: None }));
        match damage.lines.as_slice() {
            [] => {}
            [line] => notice(format!("Line {line} of this conversation's file is damaged, and left out")),
            lines => notice(format!("{} lines of this conversation's file are damaged, and left out", lines.len())),
        }
        if damage.torn > 0 {
            notice("The last line of this conversation's file was not written to its end, and is left out".into());
        }
        match origin {
            Origin::Held => notice("The conversation is open in another codling: this is a separate copy".into()),
            Origin::Copy => notice("This is a copy; the conversation it was made from stays as it is".into()),
            Origin::Itself => {}
        }
    }

    pub(super) fn choose_model(&mut self, model: ModelId, effort: Option<Effort>) {
        self.choice = Choice::Person;
        self.set_model(model, effort);
    }

    pub(super) fn remember_refused(&mut self, access: Access) {
        self.running.refused = Some(access);
    }

    /// Another account may offer other models, and a fresh list may know more of the one in use.
    pub(super) fn accounts_changed(&mut self) {
        let (models, _) = self.hands.known_models();
        let settings = self.session.settings();
        match models.iter().find(|model| model.id == settings.model) {
            Some(known) if (known.context.or(settings.context), known.patches) != (settings.context, settings.patches) => {
                let (context, patches) = (known.context.or(settings.context), known.patches);
                self.handle(Input::ModelKnown { context, patches });
            }
            None if self.choice == Choice::Default => {
                if let Some(model) = default_model(&models) {
                    self.set_model(model, self.effort.clone());
                }
            }
            _ => {}
        }
    }

    fn set_model(&mut self, model: ModelId, effort: Option<Effort>) {
        let settings = settings_for(&self.hands.known_models().0, model, effort);
        self.handle(Input::Settings(SettingsCommand::Model { model: settings.model, effort: settings.effort }));
        self.handle(Input::ModelKnown { context: settings.context, patches: settings.patches });
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Append(records) => self.writer.append(records),
            Effect::Tell(kind) => self.link.tell(kind),
            Effect::Sample(sample, prompt) => {
                self.get_ready();
                let work = sampling::sample(self.hands.clone(), self.link.clone(), sample, prompt, self.settled());
                self.running.sample = Some((sample, work));
            }
            Effect::StopSampling(sample) => {
                if self.running.sample.as_ref().is_some_and(|(running, _)| *running == sample) {
                    self.running.sample = None;
                }
            }
            Effect::Understand(call) => {
                let id = call.id.clone();
                let work = self.understand(call);
                self.running.begin(id, Call::Understanding(work));
            }
            Effect::Run(errand) => {
                let id = errand.call.id.clone();
                let running = RunningCall::start(self.bench(), errand, self.settled());
                self.running.begin(id, Call::Running(running));
            }
            Effect::StopCall(call) => self.running.stop(&call),
            Effect::Survey => self.running.inquiry = Some(self.survey()),
            Effect::KeepRules(rules) => self.keep_rules(rules),
            Effect::PreviewUndo { preview, changes, chosen } => {
                self.running.inquiry = Some(self.undo.preview(preview, changes, chosen));
            }
            Effect::PrepareUndo { direction, turn, changes, steps } => {
                let work = self.undo.prepare(direction, turn, changes, steps);
                self.running.finish(work);
            }
            Effect::PerformUndo => {
                let work = self.undo.perform(self.settled());
                self.running.finish(work);
            }
            Effect::SetAlarm { id, after } => {
                let link = self.link.clone();
                let work = Work::start(async move {
                    tokio::time::sleep(after).await;
                    link.send(Input::Alarm(id));
                });
                self.running.alarms.insert(id, work);
            }
            Effect::StopAlarm(id) => drop(self.running.alarms.remove(&id)),
            Effect::RenewCredential(sample) => {
                let refused = self.running.refused.take();
                self.running.renewal = Some(sampling::renew(self.hands.clone(), self.link.clone(), sample, refused));
            }
        }
    }

    fn keep_rules(&self, rules: Vec<Rule>) {
        let (allowed, link) = (self.allowed.clone(), self.link.clone());
        drop(tokio::task::spawn_blocking(move || {
            let notice = match allowed.keep(&rules) {
                Ok(()) => Notice {
                    message: "Allowed in this folder from now on".into(),
                    next: Some(format!("`{}` holds it: delete it there to be asked again", allowed.path().display())),
                },
                Err(error) => Notice { message: format!("Allowed in this conversation only: {error}"), next: error.next_step() },
            };
            link.tell(EventKind::Notice(notice));
        }));
    }

    fn understand(&self, call: ToolCall) -> Work {
        let (toolbox, link) = (self.toolbox.clone(), self.link.clone());
        let (waiting, id, name) = (link.clone(), call.id.clone(), call.name.clone());
        let body = async move {
            let deed = toolbox.understand(&call).await;
            link.send(Input::Understood { call: call.id, deed, uncovered: None });
        };
        Work::awaited(body, move |problem| {
            let deed = Err(CallOutput::refusal(name, problem.message));
            waiting.send(Input::Understood { call: id, deed, uncovered: None })
        })
    }

    /// While the model thinks of a command. Not of all that a person has: that waits until a command really comes.
    fn get_ready(&self) {
        let is_home = self.home.as_ref().is_some_and(|home| home.starts_with(&self.folder));
        if !is_home && self.session.stance().mode != Mode::ReadOnly {
            self.undo.store().get_ready();
        }
    }

    /// Of all that is in the folder, or of what is removed.
    fn look_for_copies(&self, call: CallId, deed: Deed, removals: Vec<Removal>) -> Work {
        let (store, link) = (self.undo.store().clone(), self.link.clone());
        Work::start(async move {
            let uncovered = tokio::task::spawn_blocking(move || match removals.as_slice() {
                [] => store.uncovered(),
                removals => store.uncovered_of(&|path| removals.iter().any(|removal| removal.takes(path))),
            })
            .await;
            let uncovered = uncovered.unwrap_or_default().unwrap_or_default();
            link.send(Input::Understood { call, deed: Ok(deed), uncovered: Some(uncovered) });
        })
    }

    fn survey(&self) -> Work {
        let (folder, guidance, link) = (self.folder.clone(), self.guidance.clone(), self.link.clone());
        let waiting = link.clone();
        let body = async move {
            let survey = tokio::task::spawn_blocking(move || tools::survey(&folder, Some(&guidance))).await;
            let text = survey.map_or_else(
                |error| {
                    tracing::error!(%error, "the place could not be looked at");
                    String::new()
                },
                |survey| {
                    survey.notices.into_iter().for_each(|notice| link.tell(EventKind::Notice(notice)));
                    survey.text
                },
            );
            link.send(Input::Surveyed(text));
        };
        Work::awaited(body, move |_defect| waiting.send(Input::Surveyed(String::new())))
    }

    fn bench(&self) -> Bench {
        Bench { toolbox: self.toolbox.opening(self.session.grants().clone()), store: self.undo.store().clone(), link: self.link.clone() }
    }
}
