//! A session made ready beside the loop: all that opening one reads, follows and tries out on the
//! disk. A folder that does not answer holds up this session alone.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::base::{Advice, text};
use crate::config::AllowedRules;
use crate::protocol::{
    Agent, Direction, Effort, FileChange, ItemKind, JobId, Model, ModelRef, Notice, OpenOptions,
    Presence, Problem, ProblemKind, ProviderId, Record, SaveState, SessionEditor, SessionId,
    SessionMode, SessionPlace, SessionSelector, SessionSettings, SessionView, Tuning, TurnId,
};
use crate::sandbox::{self, ProbeResult};
use crate::session::Session;
use crate::store::{LogOrigin, OpenedSession, RecordedSession, SessionLog};
use crate::tools::{ToolSource, Toolbox, ToolboxSetup};
use crate::undo::SnapshotStore;
use crate::workspace;

use super::client_tools::ClientTools;
use super::engine_loop::{EngineMessage, EngineSender};
use super::model_settings::settings_for;
use super::open_session::{
    EngineDefaults, OpenSession, closed_hosts, default_model, instructions, remark,
};
use super::services::Services;
use super::session_handle::SessionHandle;
use super::{problem, undo};

/// Which session is to be opened.
#[derive(Clone, Debug)]
pub(super) enum OpenRequest {
    Fork { from: SessionId, id: SessionId, before: Option<TurnId> },
    New { id: SessionId, folder: PathBuf },
    Resume { which: SessionSelector, fork: SessionId },
}

/// What came of it.
pub(super) enum FetchedSession {
    /// This engine has it open, or is opening or closing it.
    AlreadyOpen {
        id: SessionId,
        hold: Hold,
        fork: SessionId,
        options: OpenOptions,
    },
    /// What was held for it, to be let go of.
    Failed(Vec<SessionId>, Problem),
    Prepared(Box<PreparedSession>),
}

/// The sessions whose logs this engine holds.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldSessions(Arc<HeldIds>);

#[derive(Debug, Default)]
struct HeldIds {
    ids: Mutex<HashMap<SessionId, Hold>>,
    /// Counts holds.
    last: AtomicU64,
    released: Notify,
}

/// The sessions that one preparation holds, to be let go of where nothing comes of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Holds(Arc<Mutex<Vec<SessionId>>>);

impl Holds {
    pub(super) fn add(&self, id: &SessionId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(id.clone());
    }

    pub(super) fn take(&self) -> Vec<SessionId> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One time that a session was held: the next time is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hold(u64);

impl HeldSessions {
    /// Holds a session that is not held; `first` comes before anybody hears of it. Else how it is held already.
    pub(super) fn hold(&self, id: &SessionId, first: impl FnOnce()) -> Result<(), Hold> {
        let mut ids = self.lock();
        match ids.get(id) {
            Some(held) => Err(*held),
            None => {
                ids.insert(id.clone(), Hold(self.0.last.fetch_add(1, Ordering::Relaxed)));
                first();
                Ok(())
            }
        }
    }

    pub(super) fn let_go(&self, id: &SessionId) {
        self.lock().remove(id);
        self.0.released.notify_waiters();
    }

    /// Resolves when this hold is over, whoever holds the session by then.
    pub(super) async fn released(&self, id: &SessionId, hold: Hold) {
        loop {
            let released = self.0.released.notified();
            if self.lock().get(id) != Some(&hold) {
                return;
            }
            released.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Hold>> {
        self.0.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ready to be run.
pub(super) struct PreparedSession {
    pub(super) id: SessionId,
    /// The one that was asked for, where this is a copy because another program has that.
    pub(super) copy_of: Option<SessionId>,
    pub(super) folder: PathBuf,
    pub(super) guidance: PathBuf,
    pub(super) home: Option<PathBuf>,
    pub(super) session: Session,
    pub(super) choice: ModelChoice,
    /// As it was asked for.
    pub(super) effort: Option<Effort>,
    /// The same.
    pub(super) tuning: Tuning,
    pub(super) models: Arc<[Model]>,
    pub(super) toolbox: Toolbox,
    pub(super) client_tools: Option<ClientTools>,
    pub(super) snapshots: SnapshotStore,
    pub(super) allowed: AllowedRules,
    pub(super) jobs: PathBuf,
    pub(super) log: SessionLog,
    pub(super) view: SessionView,
    pub(super) notices: Vec<Notice>,
    /// The undo that the log ends in the middle of.
    pub(super) begun: Option<(TurnId, Direction, Vec<FileChange>)>,
}

/// Whose choice the model is: a default follows the account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ModelChoice {
    Default,
    Person,
}

/// What the work stands on.
pub(super) struct Preparation {
    pub(super) services: Services,
    pub(super) held: HeldSessions,
    pub(super) defaults: EngineDefaults,
    pub(super) options: OpenOptions,
    pub(super) presence: Presence,
    pub(super) holds: Holds,
    pub(super) sender: EngineSender,
}

impl Preparation {
    /// Opens it and makes it ready. Blocks on the disk for as long as that takes.
    pub(super) fn open(self, request: OpenRequest) -> FetchedSession {
        match request {
            OpenRequest::New { id, folder } => self.begin(id, folder),
            OpenRequest::Fork { from, id, before } => {
                if self.hold(&id).is_err() {
                    return self.failed(taken(&id));
                }
                match self.services.sessions.fork(&from, &id, before) {
                    Ok(opened) => self.go_on(opened, None),
                    Err(error) => self.failed(problem::of_store(&error)),
                }
            }
            OpenRequest::Resume { which, fork } => self.resume(&which, &fork),
        }
    }

    /// Tells the loop that this session is on its way, so that others wait for it. Else how it is held already.
    fn hold(&self, id: &SessionId) -> Result<(), Hold> {
        self.held.hold(id, || {
            self.holds.add(id);
            let _loop_ended = self.sender.send(EngineMessage::Opening(id.clone()));
        })
    }

    fn begin(self, id: SessionId, folder: PathBuf) -> FetchedSession {
        match self.services.sessions.begin(&id, &folder) {
            Ok(log) => {
                let OpenOptions { model, effort, .. } = self.options.clone();
                let real_folder = (self.services.follow_links)(&folder);
                let in_use = self
                    .defaults
                    .model
                    .as_ref()
                    .map_or_else(ProviderId::openai, |model| model.provider.clone());
                let opening = OpenSession {
                    id,
                    folder,
                    real_folder,
                    model: model
                        .map(|model| model.of(&in_use))
                        .or_else(|| self.defaults.model.clone()),
                    effort: effort.or_else(|| self.defaults.effort.clone()),
                    tuning: self.defaults.tuning(Tuning::default()),
                    log,
                    past: None,
                };
                FetchedSession::Prepared(Box::new(self.prepare(opening)))
            }
            Err(error) => self.failed(problem::of_store(&error)),
        }
    }

    fn resume(self, which: &SessionSelector, fork: &SessionId) -> FetchedSession {
        let sessions = self.services.sessions.clone();
        let (id, listing) = match sessions.find(which) {
            Ok(found) => found,
            Err(error) => return self.failed(problem::of_store(&error)),
        };
        if let Err(hold) = self.hold(&id) {
            let (fork, options) = (fork.clone(), self.options);
            return FetchedSession::AlreadyOpen { id, hold, fork, options };
        }
        let opened = sessions.resume(&id, fork);
        // Without what was learned about the list the next reader learns it again.
        if let Err(error) = listing.keep() {
            tracing::warn!("the list of sessions is not kept: {error}");
        }
        match opened {
            Ok(opened) if opened.id == id => self.go_on(opened, None),
            Ok(opened) => {
                if self.hold(&opened.id).is_err() {
                    return self.failed(taken(&opened.id));
                }
                self.go_on(opened, Some(id))
            }
            Err(error) => self.failed(problem::of_store(&error)),
        }
    }

    /// The loop lets go of what it held.
    fn failed(&self, problem: Problem) -> FetchedSession {
        FetchedSession::Failed(self.holds.take(), problem)
    }

    /// An earlier conversation, as it was left.
    fn go_on(self, opened: OpenedSession, copy_of: Option<SessionId>) -> FetchedSession {
        let OpenedSession { id, log, past, origin } = opened;
        let OpenOptions { model, effort, .. } = self.options.clone();
        let left = past.settings();
        let folder = past.header.as_ref().map(|header| header.folder.clone()).unwrap_or_default();
        let in_use = left.map_or_else(ProviderId::openai, |left| left.model.provider.clone());
        let model = model.map(|model| model.of(&in_use));
        let opening = OpenSession {
            id,
            real_folder: (self.services.follow_links)(&folder),
            folder,
            // The effort belongs to the model it was chosen for.
            effort: effort.or_else(|| {
                left.filter(|left| model.as_ref().is_none_or(|model| *model == left.model))?
                    .effort
                    .clone()
            }),
            model: model.or_else(|| left.map(|left| left.model.clone())),
            tuning: self.defaults.tuning(left.map(|left| left.tuning).unwrap_or_default()),
            log,
            past: Some((past, origin)),
        };
        let prepared = self.prepare(opening);
        FetchedSession::Prepared(Box::new(PreparedSession { copy_of, ..prepared }))
    }

    fn prepare(self, opening: OpenSession) -> PreparedSession {
        let Self { services, defaults, options, presence, sender, .. } = self;
        let client_tools = (!options.tools.is_empty()).then(|| {
            let link = SessionHandle::new(opening.id.clone(), sender.clone());
            ClientTools::new(&options.tools, link)
        });
        let editor = options.editor.as_ref().map(|SessionEditor(editor)| Arc::clone(editor));
        let toolbox =
            toolbox(&opening, &services, &defaults, client_tools.as_ref()).with_editor(editor);
        let snapshots = opening.snapshots(&services, &defaults);
        let allowed = opening.allowed(&defaults);
        let kept_rules = allowed.read();
        let found = sandbox::found(&services.program);
        let mode = SessionMode {
            agent: Agent::Build,
            approval_mode: options.mode.unwrap_or(defaults.mode),
            sandbox: found.sandbox,
        };
        let rules = kept_rules.as_ref().map(Vec::clone).unwrap_or_default();
        let words = instructions(&options);
        let config =
            opening.session_config(&defaults, toolbox.definitions(), rules, mode, presence, words);
        let models = services.all_models();
        let choice =
            if opening.model.is_some() { ModelChoice::Person } else { ModelChoice::Default };
        let model = opening
            .model
            .clone()
            .or_else(|| default_model(&models))
            .unwrap_or_else(|| ModelRef::openai("gpt-5.5"));
        let (settings, unfulfilled) =
            settings_for(&models, model, opening.effort.clone(), opening.tuning);
        let session = match &opening.past {
            Some((past, _)) => Session::resume(config, settings.clone(), &past.records),
            None => Session::new(config, settings.clone()),
        };
        let mut notices = unfulfilled;
        // An earlier conversation has been told already.
        if opening.past.is_none() {
            let sandbox = session.session_mode().sandbox;
            notices.extend(remark(sandbox));
            notices.extend(closed_hosts(session.grants(), sandbox));
        }
        if let Err(error) = &kept_rules {
            notices.push(Notice {
                message: text::sentence(&error.to_string()).into_owned(),
                next: error.next_step(),
            });
        }
        if let Some((past, origin)) = &opening.past {
            notices.extend(remarks_on_past(past, *origin));
        }
        let begun = opening.past.as_ref().and_then(|(past, _)| undo::cut_off(&past.records));
        let jobs = defaults.jobs();
        let mut view = view_of(&opening, &session, settings, found);
        view.parent = options.parent;
        PreparedSession {
            id: opening.id,
            copy_of: None,
            folder: opening.folder,
            guidance: defaults.guidance,
            home: defaults.home,
            session,
            choice,
            effort: opening.effort,
            tuning: opening.tuning,
            models: models.into(),
            toolbox,
            client_tools,
            snapshots,
            allowed,
            jobs,
            log: opening.log,
            view,
            notices,
            begun,
        }
    }
}

/// A name that cannot be used for a new conversation.
pub(super) fn taken(id: &SessionId) -> Problem {
    Problem::new(ProblemKind::Internal, format!("The conversation `{id}` is open already"))
}

fn toolbox(
    opening: &OpenSession,
    services: &Services,
    defaults: &EngineDefaults,
    client_tools: Option<&ClientTools>,
) -> Toolbox {
    let own = client_tools.map(|tools| Arc::new(tools.clone()) as Arc<dyn ToolSource>);
    let sources: Vec<_> = services.tool_sources.iter().cloned().chain(own).collect();
    let toolbox = Toolbox::new(ToolboxSetup {
        folder: opening.folder.clone(),
        private: services.private(&defaults.config_file()),
        own: defaults.hidden(),
        outputs: services.sessions.outputs(&opening.id),
        lent: opening
            .past
            .as_ref()
            .map(|(past, _)| services.sessions.outputs_before(past))
            .unwrap_or_default(),
        closed: defaults.closed(),
        home: defaults.home.clone(),
        net: services.net.clone(),
        withheld: services.key_variables(),
        program: services.program.clone(),
    })
    .with_sources(&sources);
    if let Some(last) = opening.past.as_ref().and_then(|(past, _)| last_job(&past.records)) {
        toolbox.jobs().begin_after(last);
    }
    toolbox
}

/// The highest number that a command which went on was known by.
fn last_job(records: &[Record]) -> Option<JobId> {
    let outputs = records.iter().filter_map(|record| match record {
        Record::Item(item) => match &item.kind {
            ItemKind::Output { output, .. } => output.result.job(),
            _ => None,
        },
        _ => None,
    });
    outputs.max()
}

/// As it is when it opens.
fn view_of(
    opening: &OpenSession,
    session: &Session,
    settings: SessionSettings,
    found: ProbeResult,
) -> SessionView {
    let mut view = SessionView::new(opening.id.clone());
    view.place = Some(SessionPlace {
        branch: workspace::branch(&opening.folder),
        folder: opening.folder.clone(),
    });
    view.settings = Some(settings);
    view.session_mode = Some(session.session_mode());
    view.opened = session.grants().within(found.sandbox);
    view.web_search = session.web_search();
    view.compactor = session.compactor();
    view.refused = found.refused;
    if let Some((past, origin)) = &opening.past {
        let saved =
            if *origin == LogOrigin::Itself { SaveState::OnDisk } else { SaveState::NotYet };
        view.replay(&past.records, saved);
    }
    view
}

/// What is to be known about how an earlier conversation came.
fn remarks_on_past(past: &RecordedSession, origin: LogOrigin) -> Vec<Notice> {
    let mut remarks = Vec::new();
    match past.damage.lines.as_slice() {
        [] => {}
        [line] => remarks
            .push(format!("Line {line} of this conversation's file is damaged, and left out")),
        lines => remarks.push(format!(
            "{} lines of this conversation's file are damaged, and left out",
            lines.len()
        )),
    }
    if past.damage.torn > 0 {
        remarks.push(
            "The last line of this conversation's file was not written to its end, and is left out"
                .into(),
        );
    }
    match origin {
        LogOrigin::Held => remarks
            .push("The conversation is open in another codling: this is a separate copy".into()),
        LogOrigin::Copy => {
            remarks.push("This is a copy; the conversation it was made from stays as it is".into())
        }
        LogOrigin::Itself => {}
    }
    remarks.into_iter().map(|message| Notice { message, next: None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hold_is_over_even_where_the_session_is_held_again_at_once() {
        let (held, id) = (HeldSessions::default(), SessionId::from("ses_1"));
        assert_eq!(held.hold(&id, || {}), Ok(()));
        let first = held.hold(&id, || panic!("it is held")).unwrap_err();
        held.let_go(&id);
        assert_eq!(held.hold(&id, || {}), Ok(()));
        held.released(&id, first).await;
        let second = held.hold(&id, || {}).unwrap_err();
        assert_ne!(first, second);
    }
}
