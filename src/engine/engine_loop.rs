//! The engine's loop. It routes, and handles nothing: every message goes to the session or to the
//! sign-ins it is for. It never waits, and nothing on it reads or writes a file.

mod openings;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};

use crate::config::{Settings, SettingsSource};
use crate::protocol::{
    Access, ClientId, Command, EventKind, ListDepth, Model, ModelRequestId, Notice, OpenOptions,
    Presence, Problem, ProblemKind, Reply, ReplyResult, Requester, SessionCommand, SessionId,
    SessionSelector, SettingsCommand, SignInId, SignInStep, Tuning, TurnCommand,
};
use crate::session::SessionInput;

use super::Setup;
use super::active_session::ActiveSession;
use super::client::{FromClient, Replier};
use super::config_file;
use super::delta_queue::DeltaQueue;
use super::held_sessions::{HeldSessions, Hold, Holds};
use super::open_session::EngineDefaults;
use super::preparation::{FetchedSession, OpenRequest, Preparation, taken};
use super::running_work::ended;
use super::services::Services;
use super::session_library;
use super::sign_ins::SignIns;
use super::subscribers::Clients;
use super::{problem, work};
use openings::Asker;

/// What running work sends back to the loop. Each piece of work sends a few of these over its life, and what streams keeps one of them under way at a
/// time: so the queue is about as long as what runs.
pub(super) enum EngineMessage {
    /// Who is signed in has changed: defaults may be different ones now.
    AccountsChanged,
    /// News of the program.
    Announce(EventKind),
    /// What came of a command; it leaves in one order with the news.
    Answer(Replier, ReplyResult),
    /// The settings are others from now on.
    Configured(Box<Settings>),
    /// Words of this request wait to be taken.
    Deltas(SessionId, ModelRequestId, Arc<DeltaQueue>),
    /// A session came from the disk, or did not; who asked for it.
    Fetched(Box<FetchedSession>, Asker),
    Input(SessionId, SessionInput),
    /// A session is on its way from the disk: what is asked of it waits.
    Opening(SessionId),
    /// The list of models that could be known now.
    ModelsKnown(Arc<[Model]>),
    /// The access that a model request was refused with, before its failure is told.
    Refused(SessionId, Access),
    SignIn(SignInId, SignInStep),
    /// All that ran for a session that is being closed has ended; wants to know when its log has been let go of.
    Stopped(SessionId, oneshot::Sender<JoinHandle<()>>),
    /// News of a session.
    Tell(SessionId, EventKind),
}

pub(super) type EngineSender = mpsc::UnboundedSender<EngineMessage>;

/// Commands for a session that is not open yet, in their order.
type Held = Vec<(Requester, Command, Replier)>;

pub(super) struct EngineLoop {
    settings: Settings,
    source: Option<SettingsSource>,
    services: Services,
    sender: EngineSender,
    messages: mpsc::UnboundedReceiver<EngineMessage>,
    clients: Clients,
    /// For the first client.
    notices: Vec<Notice>,
    sessions: HashMap<SessionId, ActiveSession>,
    /// On their way from the disk, and what waits for them: no more than clients may have open.
    opening: HashMap<SessionId, Held>,
    /// Closed for the fronts; what ran in them is still to tell what it had changed.
    closing: HashMap<SessionId, ActiveSession>,
    held: HeldSessions,
    sign_ins: SignIns,
    /// Sessions that let go of their logs.
    leaving: Vec<JoinHandle<()>>,
    /// Work on conversations that is to come to its end before the program does.
    unfinished: Vec<JoinHandle<()>>,
    /// Work on files that ends by itself and is not to be cut off.
    writing: JoinSet<()>,
}

impl EngineLoop {
    pub(super) fn new(setup: Setup) -> Self {
        let Setup { settings, source, notices, tool_sources, program } = setup;
        let (sender, messages) = mpsc::unbounded_channel();
        let services = Services::new(&settings, tool_sources.into(), program);
        let sign_ins = SignIns::new(services.clone(), settings.clone(), sender.clone());
        Self {
            settings,
            source,
            services,
            sender,
            messages,
            clients: Clients::default(),
            notices,
            sessions: HashMap::new(),
            opening: HashMap::new(),
            closing: HashMap::new(),
            held: HeldSessions::default(),
            sign_ins,
            leaving: Vec::new(),
            unfinished: Vec::new(),
            writing: JoinSet::new(),
        }
    }

    /// The same with other eyes for folders: for a test of what happens while one does not answer.
    #[cfg(test)]
    pub(super) fn following_links(mut self, follow_links: super::services::FollowLinks) -> Self {
        self.services.follow_links = follow_links;
        self
    }

    /// Until its owner lets go. Commands come first: an interrupt is not to wait behind a flood of deltas.
    pub(super) async fn run(mut self, mut door: mpsc::UnboundedReceiver<FromClient>) {
        loop {
            tokio::select! {
                biased;
                incoming = door.recv() => match incoming {
                    None | Some(FromClient::End) => break,
                    Some(FromClient::Joined(id, facts, inbox)) => {
                        self.clients.join(id, facts, inbox);
                        for notice in std::mem::take(&mut self.notices) {
                            self.clients.tell(EventKind::Notice(notice));
                        }
                    }
                    Some(FromClient::Left(id)) => self.leave(id),
                    Some(FromClient::Asked(asker, command, replier)) => {
                        self.command(asker, *command, replier)
                    }
                },
                Some(message) = self.messages.recv() => self.message(message),
            }
        }
        // Whoever asks now is told that nothing will come.
        drop(door);
        self.close_all().await;
        drop(self.sign_ins);
        ended(self.leaving).await;
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
        let works_for = |(child, active): (&SessionId, &ActiveSession)| {
            (active.parent() == Some(&id)).then(|| child.clone())
        };
        let children: Vec<SessionId> = self.sessions.iter().filter_map(works_for).collect();
        for child in children {
            if let Some(active) = self.sessions.remove(&child) {
                self.close(child, active);
            }
        }
        let (stopped, sender) = (active.stop(), self.sender.clone());
        self.closing.insert(id.clone(), active);
        self.leaving.retain(|work| !work.is_finished());
        let held = self.held.clone();
        self.leaving.push(tokio::spawn(async move {
            stopped.await;
            let (written, writing) = oneshot::channel();
            let _loop_ended = sender.send(EngineMessage::Stopped(id.clone(), written));
            if let Ok(writing) = writing.await {
                ended(vec![writing]).await;
            }
            held.let_go(&id);
        }));
    }

    /// A client is gone; the sessions it listened to go on.
    fn leave(&mut self, id: ClientId) {
        self.clients.leave(id);
        self.sign_ins.leave(id);
        for active in self.sessions.values_mut() {
            active.unsubscribe(id);
        }
    }

    fn command(&mut self, asker: Requester, command: Command, replier: Replier) {
        let waits_for = match &command {
            Command::Settings(id, _) | Command::Turn(id, _) => Some(id),
            Command::Session(SessionCommand::Close(id) | SessionCommand::Rename { id, .. }) => {
                Some(id)
            }
            Command::Account(_) | Command::Config(_) | Command::Session(_) => None,
        };
        if let Some(held) = waits_for.and_then(|id| self.opening.get_mut(id)) {
            return held.push((asker, command, replier));
        }
        match command {
            Command::Account(command) => {
                let facts = self.clients.facts(asker.client);
                self.sign_ins.command(asker.client, facts, command, replier);
            }
            Command::Config(command) => {
                config_file::perform(command, self.source.clone(), self.sender.clone(), replier)
            }
            Command::Session(command) => self.session(asker, command, replier),
            Command::Settings(id, command) => match self.sessions.get_mut(&id) {
                Some(active) => {
                    let now = active.tuning();
                    let done = match command {
                        SettingsCommand::Model { model, effort } => {
                            active.choose_model(model, effort)
                        }
                        SettingsCommand::Tier(tier) => active.choose_tuning(Tuning { tier, ..now }),
                        SettingsCommand::Verbosity(verbosity) => {
                            active.choose_tuning(Tuning { verbosity: Some(verbosity), ..now })
                        }
                        SettingsCommand::Agent(_) | SettingsCommand::Mode(_) => {
                            active.handle(SessionInput::Settings(command));
                            Ok(())
                        }
                    };
                    match done {
                        Ok(()) => replier.done(),
                        Err(problem) => replier.refuse(problem),
                    }
                }
                None => replier.refuse(unknown_session()),
            },
            Command::Turn(id, command) => self.turn(&id, asker, command, replier),
        }
    }

    fn turn(&mut self, id: &SessionId, asker: Requester, command: TurnCommand, replier: Replier) {
        match self.sessions.get_mut(id) {
            Some(active) => active.command(asker, replier, command),
            None => replier.refuse(unknown_session()),
        }
    }

    fn message(&mut self, message: EngineMessage) {
        match message {
            EngineMessage::AccountsChanged => self.read_models(),
            EngineMessage::Announce(kind) => self.clients.tell(kind),
            EngineMessage::Answer(replier, result) => replier.answer(result),
            EngineMessage::Configured(settings) => {
                config_file::adopt(&mut self.settings, *settings)
            }
            EngineMessage::Deltas(id, request, queue) => {
                if let Some(active) = self.sessions.get_mut(&id) {
                    for delta in queue.take() {
                        active.handle(SessionInput::Delta(request, delta));
                    }
                }
            }
            EngineMessage::Fetched(fetched, asker) => self.fetched(*fetched, asker),
            EngineMessage::Input(id, input) => {
                if let Some(active) =
                    self.sessions.get_mut(&id).or_else(|| self.closing.get_mut(&id))
                {
                    active.handle(input);
                }
            }
            EngineMessage::Opening(id) => drop(self.opening.entry(id).or_default()),
            EngineMessage::ModelsKnown(models) => {
                for active in self.sessions.values_mut() {
                    active.models_known(Arc::clone(&models));
                }
            }
            EngineMessage::Refused(id, access) => {
                if let Some(active) = self.sessions.get_mut(&id) {
                    active.remember_refused(access);
                }
            }
            EngineMessage::SignIn(attempt, step) => {
                if let Some(step) = self.sign_ins.step(&attempt, step) {
                    self.clients.tell(EventKind::SignIn { attempt, step });
                }
            }
            EngineMessage::Stopped(id, written) => {
                if let Some(active) = self.closing.remove(&id) {
                    let _nobody_waits = written.send(active.close());
                }
            }
            EngineMessage::Tell(id, kind) => {
                if let Some(active) =
                    self.sessions.get_mut(&id).or_else(|| self.closing.get_mut(&id))
                {
                    active.emit(kind);
                }
            }
        }
    }

    fn session(&mut self, asker: Requester, command: SessionCommand, replier: Replier) {
        let client = asker.client;
        match command {
            SessionCommand::Open { id, folder, options } => {
                let parent = options.parent.as_ref().map(|parent| &parent.session);
                if parent.is_some_and(|parent| !self.sessions.contains_key(parent)) {
                    return replier.refuse(unknown_session());
                }
                if self.held.hold(&id, || {}).is_err() {
                    return replier.refuse(taken(&id));
                }
                self.opening.insert(id.clone(), Held::new());
                let request = OpenRequest::New { id, folder };
                self.fetch(request, options, Asker { client, replier }, None);
            }
            SessionCommand::Close(id) => {
                match self.sessions.get_mut(&id).map(|active| active.unsubscribe(client)) {
                    Some(true) => {}
                    Some(false) => {
                        if let Some(active) = self.sessions.remove(&id) {
                            self.close(id, active);
                        }
                    }
                    None => return replier.refuse(unknown_session()),
                }
                replier.done();
            }
            SessionCommand::Files(folder) => {
                session_library::files(self.sender.clone(), replier, folder)
            }
            SessionCommand::Resume { which: SessionSelector::Named(name), .. }
                if self.sessions.contains_key(&SessionId::new(name.as_str())) =>
            {
                self.join(&SessionId::new(name), Asker { client, replier })
            }
            SessionCommand::Resume { which, fork, options } => {
                let request = OpenRequest::Resume { which, fork };
                self.fetch(request, options, Asker { client, replier }, None);
            }
            SessionCommand::Fork { from, id, before, options } => {
                let request = OpenRequest::Fork { from, id, before };
                self.fetch(request, options, Asker { client, replier }, None);
            }
            SessionCommand::Rename { id, title } if self.sessions.contains_key(&id) => {
                if let Some(active) = self.sessions.get_mut(&id) {
                    active.rename(title);
                }
                self.tend(SessionCommand::List(ListDepth::All), replier);
            }
            command @ (SessionCommand::Archive(_)
            | SessionCommand::Delete(_)
            | SessionCommand::Export { .. }
            | SessionCommand::List(_)
            | SessionCommand::Preview(_)
            | SessionCommand::Read(_)
            | SessionCommand::Rename { .. }
            | SessionCommand::Revert { .. }
            | SessionCommand::Unarchive(_)) => self.tend(command, replier),
            SessionCommand::Remember(line) => {
                self.blocking(replier, move |history| history.remember(line).map(|()| Reply::Done))
            }
            SessionCommand::Recall => {
                self.blocking(replier, |history| history.recall().map(Reply::History))
            }
        }
    }

    /// Reads which models there are, for sessions that follow a default.
    fn read_models(&self) {
        let (services, sender) = (self.services.clone(), self.sender.clone());
        drop(spawn_blocking(move || {
            let models = services.all_models();
            let _loop_ended = sender.send(EngineMessage::ModelsKnown(models.into()));
        }));
    }

    /// Work on sessions that are on the disk, once what happened in the open ones is there too.
    fn tend(&mut self, command: SessionCommand, replier: Replier) {
        self.unfinished.retain(|work| !work.is_finished());
        let settled = self.settled();
        let closing = match &command {
            SessionCommand::Archive(id)
            | SessionCommand::Delete(id)
            | SessionCommand::Revert { id, .. }
                if self.closing.contains_key(id) =>
            {
                self.held.hold(id, || {}).err().map(|hold| (id.clone(), hold))
            }
            _ => None,
        };
        let held = self.held.clone();
        let settled = async move {
            for one in settled {
                one.await;
            }
            // What is being closed lets go of its log first.
            if let Some((id, hold)) = closing {
                held.released(&id, hold).await;
            }
        };
        self.unfinished.push(session_library::tend(
            self.services.sessions.clone(),
            self.sender.clone(),
            replier,
            command,
            settled,
        ));
    }

    /// Of each open session, and each that is being closed: resolves when all that happened in it is on the disk.
    fn settled(&self) -> Vec<impl Future<Output = ()> + Send + 'static + use<>> {
        let all = self.sessions.values().chain(self.closing.values());
        all.map(ActiveSession::settled).collect()
    }

    /// File work on the prompt history, away from the loop.
    fn blocking(
        &mut self,
        replier: Replier,
        work: impl FnOnce(&crate::store::PromptHistory) -> Result<Reply, crate::store::StoreError>
        + Send
        + 'static,
    ) {
        let (history, sender) = (Arc::clone(&self.services.history), self.sender.clone());
        while self.writing.try_join_next().is_some() {}
        self.writing.spawn_blocking(move || {
            let result = work(&history).map_err(|error| problem::of_store(&error));
            let _loop_ended = sender.send(EngineMessage::Answer(replier, result));
        });
    }
}

fn unknown_session() -> Problem {
    Problem::new(ProblemKind::Internal, "There is no such conversation")
        .with_next("Start a new one with `/new`")
}
