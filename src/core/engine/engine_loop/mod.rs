//! The engine's loop. It routes, and handles nothing: every message goes to the session or to the
//! sign-ins it is for. It never waits, and nothing on it reads or writes a file.

mod openings;
mod remote;

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::config::{Settings, SettingsSource};
use crate::engine::work::blocking;
use crate::protocol::{
    ClientId, Command, EventKind, KnownRule, ListDepth, McpServersCommand, Problem, ProblemKind,
    Reply, Requester, RuleSource, SessionCommand, SessionId, SessionSelector, SettingsCommand,
    Tuning, TurnCommand,
};
use crate::session::SessionInput;

use super::Setup;
use super::client_files::ClientFiles;
use super::config_file;
use super::followed_sessions::FollowedSessions;
use super::link::client::{FromClient, Replier};
use super::link::engine_message::{Asker, EngineMessage, EngineSender};
use super::link::subscribers::Clients;
use super::model_marks::{Marking, mark};
use super::problem;
use super::services::Services;
use super::session::mcp_listing;
use super::session::open_session::EngineDefaults;
use super::session::preparation::{OpenRequest, OpeningNews, OpeningSender, taken};
use super::session::session_library;
use super::session::session_table::SessionTable;
use super::sign_ins::SignIns;
use super::sign_ins::server_sign_in::WantedServer;
use super::work::running_work::ended;
use super::work::standalone_command::command_limits;

pub(super) struct EngineLoop {
    settings: Settings,
    source: Option<SettingsSource>,
    services: Services,
    sender: EngineSender,
    messages: mpsc::UnboundedReceiver<EngineMessage>,
    opening_news: OpeningSender,
    openings: mpsc::UnboundedReceiver<OpeningNews>,
    clients: Clients,
    files: ClientFiles,
    sessions: SessionTable,
    followed: FollowedSessions,
    sign_ins: SignIns,
    /// A server's list of models came since the start. A session that was being prepared meanwhile
    /// may have read the one before.
    has_read_models: bool,
    /// Work on conversations that is to come to its end before the program does.
    unfinished: Vec<JoinHandle<()>>,
    /// Work on files that ends by itself and is not to be cut off.
    writing: JoinSet<()>,
}

impl EngineLoop {
    pub(super) fn new(setup: Setup) -> Self {
        let Setup { settings, source, notices, tool_sources, program } = setup;
        let (sender, messages) = mpsc::unbounded_channel();
        let (opening_news, openings) = mpsc::unbounded_channel();
        let limits = command_limits(&settings, program);
        let services = Services::new(&settings, tool_sources.into(), limits);
        let sessions = SessionTable::new(sender.clone());
        let sign_ins = SignIns::new(services.clone(), settings.clone(), sender.clone());
        Self {
            settings,
            source,
            services,
            sender,
            messages,
            opening_news,
            openings,
            clients: Clients::new(notices),
            files: ClientFiles::default(),
            sessions,
            followed: FollowedSessions::default(),
            sign_ins,
            has_read_models: false,
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

    /// Until its owner lets go. Commands come first: an interrupt is not to wait behind a flood of
    /// deltas.
    pub(super) async fn run(mut self, mut door: mpsc::UnboundedReceiver<FromClient>) {
        loop {
            tokio::select! {
                biased;
                incoming = door.recv() => match incoming {
                    None | Some(FromClient::End) => break,
                    Some(message) => self.client(message),
                },
                Some(news) = self.openings.recv() => self.opening(news),
                Some(message) = self.messages.recv() => self.message(message),
            }
            self.sessions.tell_rest();
        }
        // A client that asks now is told that nothing will come.
        drop(door);
        self.close_all().await;
        drop(self.sign_ins);
        self.services.model_lists.forget();
        self.sessions.left().await;
        ended(self.unfinished).await;
        self.files.settle().await;
        while self.writing.join_next().await.is_some() {}
        self.services.auth.settle().await;
    }

    /// Until no session is open, nor one that came meanwhile.
    async fn close_all(&mut self) {
        loop {
            self.sessions.close_all();
            if !self.sessions.are_closing() {
                return;
            }
            tokio::select! {
                biased;
                Some(news) = self.openings.recv() => self.opening(news),
                Some(message) = self.messages.recv() => self.message(message),
            }
        }
    }

    fn client(&mut self, message: FromClient) {
        match message {
            FromClient::Joined(id, facts, inbox) => self.clients.join(id, facts, inbox),
            FromClient::Left(id) => self.leave(id),
            FromClient::Asked(asker, command, replier) => self.command(asker, *command, replier),
            FromClient::Rest(when, tell) => self.sessions.await_rest(when, tell),
            // The loop's own door: its clients end nothing.
            FromClient::End => {}
        }
    }

    /// A client is gone; the sessions it listened to go on.
    fn leave(&mut self, id: ClientId) {
        self.clients.leave(id);
        self.files.leave(id);
        self.followed.leave(id);
        self.sign_ins.leave(id);
        for active in self.sessions.all_open() {
            active.unsubscribe(id);
        }
        self.sessions.leave_remote(id, None);
    }

    fn command(&mut self, asker: Requester, command: Command, replier: Replier) {
        let waits_for = match &command {
            Command::Mcp(id, _) | Command::Settings(id, _) | Command::Turn(id, _) => Some(id),
            Command::Session(
                SessionCommand::Archive(id)
                | SessionCommand::Close(id)
                | SessionCommand::Delete(id)
                | SessionCommand::Rename { id, .. }
                | SessionCommand::Take(id),
            ) => Some(id),
            Command::Account(_)
            | Command::Config(_)
            | Command::Files(_)
            | Command::McpServers(_)
            | Command::Session(_) => None,
        };
        if let Some(waiting) = waits_for.and_then(|id| self.sessions.waiting_for(id)) {
            return waiting.push((asker, command, replier));
        }
        let Some((command, replier)) = self.ask_holder(command, replier) else { return };
        match command {
            Command::Account(command) => {
                let facts = self.clients.facts(asker.client);
                self.sign_ins.command(asker.client, facts, command, replier);
            }
            Command::Config(command) => {
                config_file::perform(command, self.source.clone(), self.sender.clone(), replier)
            }
            Command::Files(command) => {
                let Some(inbox) = self.clients.inbox(asker.client) else { return };
                self.files.command((asker.client, inbox), command, &self.sender, replier);
            }
            Command::Mcp(id, command) => match self.sessions.get_mut(&id) {
                Some(active) => active.mcp(command, replier),
                None => replier.refuse(unknown_session()),
            },
            Command::McpServers(command) => self.mcp_servers(asker.client, command, replier),
            Command::Session(command) => self.session(asker, command, replier),
            Command::Settings(id, command) => match self.sessions.get_mut(&id) {
                Some(active) => {
                    let now = active.tuning();
                    let done = match command {
                        SettingsCommand::Model { model, effort } => {
                            let chosen = active.choose_model(model, effort);
                            if chosen.is_ok() {
                                let used = Marking::Used(active.model());
                                let (services, sender) = (&self.services, &self.sender);
                                mark(services.clone(), sender.clone(), used, None);
                            }
                            chosen
                        }
                        SettingsCommand::Tier(tier) => active.choose_tuning(Tuning { tier, ..now }),
                        SettingsCommand::Verbosity(verbosity) => {
                            active.choose_tuning(Tuning { verbosity: Some(verbosity), ..now })
                        }
                        SettingsCommand::Revoke(KnownRule {
                            source: RuleSource::Settings(file),
                            ..
                        }) => Err(Problem::new(
                            ProblemKind::Config,
                            "This rule stands in the settings, and is not changed from here",
                        )
                        .with_next(format!("Change it in `{}`", file.display()))),
                        SettingsCommand::Agent(_)
                        | SettingsCommand::Close(_)
                        | SettingsCommand::Mode(_)
                        | SettingsCommand::Presence(_)
                        | SettingsCommand::Revoke(_) => {
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
            Some(active) => {
                if let Some(act) = remote::act(&command)
                    && let Some(facts) = self.clients.facts(asker.client)
                {
                    let by = Arc::clone(&facts.name);
                    active.tell_others(asker.client, EventKind::Acted { by, act });
                }
                active.command(asker, replier, command)
            }
            None => replier.refuse(unknown_session()),
        }
    }

    fn message(&mut self, message: EngineMessage) {
        match message {
            EngineMessage::AccountsChanged => {
                self.services.model_lists.forget();
                self.read_models();
            }
            EngineMessage::ModelsRead => {
                self.has_read_models = true;
                self.read_models();
            }
            EngineMessage::Announce(kind) => self.clients.notify(kind),
            EngineMessage::Answer(replier, result) => replier.answer(result),
            EngineMessage::Client(message) => self.client(message),
            EngineMessage::Configured(settings) => {
                if *settings.providers != *self.services.providers() {
                    self.services.set_providers(Arc::clone(&settings.providers));
                    self.clients.notify(EventKind::Providers(Arc::clone(&settings.providers)));
                }
                config_file::adopt(&mut self.settings, *settings)
            }
            EngineMessage::Deltas(id, request, queue) => {
                if let Some(active) = self.sessions.get_mut(&id) {
                    for delta in queue.take() {
                        active.handle(SessionInput::Delta(request, delta));
                    }
                }
            }
            EngineMessage::Input(id, input) => {
                if let Some(active) = self.sessions.open_or_closing(&id) {
                    active.handle(input);
                }
            }
            EngineMessage::ModelsKnown(models) => {
                for active in self.sessions.all_open() {
                    active.models_known(Arc::clone(&models));
                }
            }
            EngineMessage::Titled(id, title) => {
                if let Some(active) = self.sessions.get_mut(&id) {
                    active.take_title(title);
                }
            }
            EngineMessage::NotTakenUp(id, problem) => self.not_taken_up(&id, &problem),
            EngineMessage::Question(id, question) => {
                if let Some(active) = self.sessions.get_mut(&id) {
                    active.tell(question);
                }
            }
            EngineMessage::Remote(id, connection, news) => self.remote_news(&id, connection, news),
            EngineMessage::Refused(id, access) => {
                if let Some(active) = self.sessions.get_mut(&id) {
                    active.remember_refused(access);
                }
            }
            EngineMessage::SignIn(attempt, step) => {
                if let Some(step) = self.sign_ins.step(&attempt, step) {
                    self.clients.notify(EventKind::SignIn { attempt, step });
                }
            }
            EngineMessage::Stopped(id, written) => {
                if let Some(writing) = self.sessions.stopped(&id) {
                    let _nobody_waits = written.send(writing);
                }
            }
            EngineMessage::Tell(id, kind) => {
                if let Some(active) = self.sessions.open_or_closing(&id) {
                    active.emit(kind);
                }
            }
        }
    }

    fn mcp_servers(&mut self, client: ClientId, command: McpServersCommand, replier: Replier) {
        let defaults = EngineDefaults::of(&self.settings);
        match command {
            McpServersCommand::List(folder) => mcp_listing::list(folder, defaults, replier),
            McpServersCommand::SignIn { attempt, folder, server, scopes } => {
                let facts = self.clients.facts(client);
                let wanted = WantedServer { folder, name: server, scopes };
                self.sign_ins.sign_in_to(client, facts, (attempt, wanted, defaults), replier);
            }
            McpServersCommand::SignOut(server) => self.sign_ins.sign_out_of(server, replier),
        }
    }

    fn session(&mut self, asker: Requester, command: SessionCommand, replier: Replier) {
        let client = asker.client;
        match command {
            SessionCommand::Open { id, folder, options } => {
                let parent = options.parent.as_ref().map(|parent| &parent.session);
                if parent.is_some_and(|parent| !self.sessions.is_open(parent)) {
                    return replier.refuse(unknown_session());
                }
                if self.sessions.held().hold(&id, || {}).is_err() {
                    return replier.refuse(taken(&id));
                }
                self.sessions.begin_opening(id.clone());
                let request = OpenRequest::New { id, folder };
                self.fetch(request, options, Asker { client, replier }, None);
            }
            SessionCommand::Close(id) => {
                match self.sessions.get_mut(&id).map(|active| active.unsubscribe(client)) {
                    Some(true) => {}
                    Some(false) => self.sessions.close(&id),
                    None if self.sessions.leave_remote(client, Some(&id)) => {}
                    None if self.followed.end(client, &id) => {}
                    None => return replier.refuse(unknown_session()),
                }
                replier.done();
            }
            SessionCommand::Follow { id, part } => {
                let Some(inbox) = self.clients.inbox(client) else { return };
                replier.done();
                let sessions = self.services.sessions.clone();
                self.followed.begin(client, id, part, sessions, inbox);
            }
            SessionCommand::AddGuidance { folder, place, line } => {
                let own = self.settings.guidance.clone();
                let added = (folder, place, line);
                session_library::add_guidance(self.sender.clone(), replier, own, added)
            }
            SessionCommand::Extensions(folder) => {
                let defaults = EngineDefaults::of(&self.settings);
                session_library::extensions(self.sender.clone(), replier, defaults, folder)
            }
            SessionCommand::Files(folder) => {
                let folders = (folder, self.settings.added_folders.clone());
                session_library::files(self.sender.clone(), replier, folders)
            }
            SessionCommand::Resume { which: SessionSelector::Named(name), .. }
                if self.sessions.is_open(&SessionId::new(name.as_str()))
                    || self.sessions.is_remote(&SessionId::new(name.as_str())) =>
            {
                self.join(&SessionId::new(name), Asker { client, replier })
            }
            SessionCommand::Resume { which, when_held, options } => {
                let request = OpenRequest::Resume { which, when_held };
                self.fetch(request, options, Asker { client, replier }, None);
            }
            SessionCommand::Fork { from, id, at, options } => {
                let request = OpenRequest::Fork { from, id, at };
                self.fetch(request, options, Asker { client, replier }, None);
            }
            SessionCommand::Take(id) => self.take_over(&id, client, replier),
            SessionCommand::Rename { id, title } if self.sessions.is_open(&id) => {
                if let Some(active) = self.sessions.get_mut(&id) {
                    active.rename(title);
                }
                self.tend(SessionCommand::List(ListDepth::All), replier);
            }
            command @ (SessionCommand::Archive(_)
            | SessionCommand::Branches(_)
            | SessionCommand::Delete(_)
            | SessionCommand::Export { .. }
            | SessionCommand::List(_)
            | SessionCommand::Preview(_)
            | SessionCommand::Read(_)
            | SessionCommand::Rename { .. }
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
    pub(super) fn read_models(&self) {
        let (services, sender) = (self.services.clone(), self.sender.clone());
        drop(blocking(move || {
            let models = services.all_models();
            let _loop_ended = sender.send(EngineMessage::ModelsKnown(models.into()));
        }));
    }

    /// Work on sessions that are on the disk, once what happened in the open ones is there too.
    fn tend(&mut self, command: SessionCommand, replier: Replier) {
        self.unfinished.retain(|work| !work.is_finished());
        let settled = self.sessions.settled();
        let closing = match &command {
            SessionCommand::Archive(id) | SessionCommand::Delete(id) => {
                self.sessions.hold_of_closing(id).map(|hold| (id.clone(), hold))
            }
            _ => None,
        };
        let held = self.sessions.held().clone();
        let settled = async move {
            for one in settled {
                one.await;
            }
            // A session that is being closed lets go of its log first.
            if let Some((id, hold)) = closing {
                held.released(&id, hold).await;
            }
        };
        self.unfinished.push(session_library::tend(
            (self.services.sessions.clone(), self.settings.paths.state.clone()),
            self.sender.clone(),
            replier,
            command,
            settled,
        ));
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
