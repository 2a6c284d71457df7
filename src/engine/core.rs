//! The loop. It routes, and handles nothing: every message goes to the session or the desk it is for.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::config::Settings;
use crate::protocol::{
    Access, Command, Event, EventKind, Look, ModelId, Presence, Problem, ProblemKind, RequestId, SessionCommand, SessionId,
    SettingsCommand, SignInStep, TurnCommand,
};
use crate::session::Input;
use crate::store::Opened;

use super::accounts::Desk;
use super::hands::Hands;
use super::live::Live;
use super::opening::{Opening, Rules};
use super::running::ended;
use super::shelf::{self, Fetched, Wish};
use super::{Tell, problem};

/// What running work sends back to the loop.
pub(super) enum Message {
    Event(EventKind),
    Fetched(Box<Fetched>),
    /// Who is signed in has changed: defaults may be different ones now.
    AccountsChanged,
    Input(SessionId, Input),
    /// The access that a sample was refused with, before its failure is told.
    Refused(SessionId, Access),
    SignIn(u64, SignInStep),
    /// All that ran for a session that is being closed has ended; wants to know when its log has been let go of.
    Stopped(SessionId, oneshot::Sender<JoinHandle<()>>),
}

pub(super) type Post = mpsc::UnboundedSender<Message>;

pub(super) struct Core {
    settings: Settings,
    presence: Presence,
    hands: Hands,
    tell: Tell,
    post: Post,
    messages: mpsc::UnboundedReceiver<Message>,
    sessions: HashMap<SessionId, Live>,
    /// Closed for the front; what ran in them is still to tell what it had changed.
    closing: HashMap<SessionId, Live>,
    desk: Desk,
    /// Work on conversations that is to come to its end before the program does.
    unfinished: Vec<JoinHandle<()>>,
    /// Work on files that ends by itself and is not to be cut off.
    writing: JoinSet<()>,
}

impl Core {
    pub(super) fn new(settings: Settings, presence: Presence, tell: Tell) -> Self {
        let (post, messages) = mpsc::unbounded_channel();
        let hands = Hands::new(&settings);
        let desk = Desk::new(hands.clone(), settings.clone(), post.clone());
        Self {
            settings,
            presence,
            hands,
            tell,
            post,
            messages,
            sessions: HashMap::new(),
            closing: HashMap::new(),
            desk,
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
        drop(self.desk);
        ended(self.unfinished).await;
        while self.writing.join_next().await.is_some() {}
        self.hands.auth.settle().await;
    }

    /// Until no session is open, nor one that came meanwhile.
    async fn close_all(&mut self) {
        loop {
            for (id, live) in std::mem::take(&mut self.sessions) {
                self.close(id, live);
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
    fn close(&mut self, id: SessionId, mut live: Live) {
        let (stopped, post) = (live.stop(), self.post.clone());
        self.closing.insert(id.clone(), live);
        self.unfinished.push(tokio::spawn(async move {
            stopped.await;
            let (written, writing) = oneshot::channel();
            let _loop_ended = post.send(Message::Stopped(id, written));
            if let Ok(writing) = writing.await {
                ended(vec![writing]).await;
            }
        }));
    }

    fn command(&mut self, request: RequestId, command: Command) {
        match command {
            Command::Account(command) => self.desk.command(request, command),
            Command::Session(command) => self.session(request, command),
            Command::Settings(id, SettingsCommand::Model { model, effort }) => match self.sessions.get_mut(&id) {
                Some(live) => live.choose_model(model, effort),
                None => self.unknown_session(request),
            },
            Command::Settings(id, command) => match self.sessions.get_mut(&id) {
                Some(live) => live.handle(Input::Settings(command)),
                None => self.unknown_session(request),
            },
            Command::Turn(id, command) => match (self.sessions.get_mut(&id), command) {
                (Some(live), TurnCommand::Shell { line }) => live.run_own(line),
                (Some(live), command @ (TurnCommand::PreviewUndo { .. } | TurnCommand::SkipUndo(_))) => live.preview_undo(command),
                (Some(live), command) => live.handle(Input::Command(command)),
                (None, _) => self.unknown_session(request),
            },
        }
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Fetched(fetched) => self.resume(*fetched),
            Message::Event(kind) => (self.tell)(Event { session: None, kind }),
            Message::Input(id, input) => {
                if let Some(live) = self.sessions.get_mut(&id).or_else(|| self.closing.get_mut(&id)) {
                    live.handle(input);
                }
            }
            Message::Stopped(id, written) => {
                if let Some(live) = self.closing.remove(&id) {
                    let _nobody_waits = written.send(live.close());
                }
            }
            Message::Refused(id, access) => {
                if let Some(live) = self.sessions.get_mut(&id) {
                    live.remember_refused(access);
                }
            }
            Message::SignIn(attempt, step) => {
                if let Some(step) = self.desk.step(attempt, step) {
                    (self.tell)(Event { session: None, kind: EventKind::SignIn(step) });
                }
            }
            Message::AccountsChanged => {
                for live in self.sessions.values_mut() {
                    live.accounts_changed();
                }
            }
        }
    }

    fn session(&mut self, request: RequestId, command: SessionCommand) {
        match command {
            SessionCommand::Open { id, folder, model, effort } => {
                let log = match self.hands.sessions.begin(&id, &folder) {
                    Ok(log) => log,
                    Err(error) => return self.failed(request, problem::of_store(&error)),
                };
                let (model, effort) = (model.or_else(|| self.settings.model.clone()), effort.or_else(|| self.settings.effort.clone()));
                self.open(Opening { id, folder, model, effort, rules: Rules::of(&self.settings, self.presence), log, past: None });
            }
            SessionCommand::Close(id) => match self.sessions.remove(&id) {
                Some(live) => self.close(id, live),
                None => self.unknown_session(request),
            },
            SessionCommand::Files(folder) => shelf::files(self.post.clone(), folder),
            SessionCommand::Resume { which, fork, model, effort } => self.fetch(Wish::Resume { which, fork }, model, effort),
            SessionCommand::Fork { from, id } => self.fetch(Wish::Fork { from, id }, None, None),
            SessionCommand::Rename { id, title } if self.sessions.contains_key(&id) => {
                if let Some(live) = self.sessions.get_mut(&id) {
                    live.rename(title);
                }
                self.tend(request, SessionCommand::List(Look::All));
            }
            command @ (SessionCommand::Delete(_)
            | SessionCommand::Export { .. }
            | SessionCommand::List(_)
            | SessionCommand::Preview(_)
            | SessionCommand::Read(_)
            | SessionCommand::Rename { .. }) => self.tend(request, command),
            SessionCommand::Remember(line) => self.blocking(request, move |history| history.remember(line).map(|()| None)),
            SessionCommand::Recall => self.blocking(request, |history| history.recall().map(|lines| Some(EventKind::History(lines)))),
        }
    }

    fn open(&mut self, opening: Opening) {
        let id = opening.id.clone();
        let live = Live::open(opening, self.hands.clone(), Arc::clone(&self.tell), self.post.clone());
        self.sessions.insert(id, live);
    }

    fn fetch(&mut self, wish: Wish, model: Option<ModelId>, effort: Option<crate::protocol::Effort>) {
        let closing = std::mem::take(&mut self.unfinished);
        self.unfinished.push(shelf::fetch(self.hands.sessions.clone(), self.post.clone(), closing, wish, model, effort));
    }

    /// A session came from the disk, or did not.
    fn resume(&mut self, Fetched { opened, model, effort }: Fetched) {
        let Opened { id, log, past, origin } = match opened {
            Ok(opened) => opened,
            Err(error) => return (self.tell)(Event { session: None, kind: EventKind::NotResumed(problem::of_store(&error)) }),
        };
        let left = past.settings();
        let opening = Opening {
            id: id.clone(),
            folder: past.header.as_ref().map(|header| header.folder.clone()).unwrap_or_default(),
            // The effort belongs to the model it was chosen for.
            effort: effort.or_else(|| left.filter(|left| model.as_ref().is_none_or(|model| *model == left.model))?.effort.clone()),
            model: model.or_else(|| left.map(|left| left.model.clone())),
            rules: Rules::of(&self.settings, self.presence),
            log,
            past: Some((past, origin)),
        };
        (self.tell)(Event { session: None, kind: EventKind::SessionResumed(id) });
        self.open(opening);
    }

    /// Work on sessions that are on the disk, once what happened in the open ones is there too.
    fn tend(&mut self, request: RequestId, command: SessionCommand) {
        self.unfinished.retain(|work| !work.is_finished());
        let settled: Vec<_> = self.sessions.values().chain(self.closing.values()).map(Live::settled).collect();
        let settled = async move {
            for one in settled {
                one.await;
            }
        };
        self.unfinished.push(shelf::tend(self.hands.sessions.clone(), self.post.clone(), request, command, settled));
    }

    /// File work on the prompt history, away from the loop.
    fn blocking(
        &mut self,
        request: RequestId,
        work: impl FnOnce(&crate::store::History) -> Result<Option<EventKind>, crate::store::StoreError> + Send + 'static,
    ) {
        let (history, post) = (Arc::clone(&self.hands.history), self.post.clone());
        while self.writing.try_join_next().is_some() {}
        self.writing.spawn_blocking(move || {
            let event = match work(&history) {
                Ok(event) => event,
                Err(error) => Some(EventKind::Failed { request, problem: problem::of_store(&error) }),
            };
            if let Some(event) = event {
                let _loop_ended = post.send(Message::Event(event));
            }
        });
    }

    fn unknown_session(&self, request: RequestId) {
        let problem = Problem::new(ProblemKind::Internal, "There is no such conversation").with_next("Start a new one with `/new`");
        self.failed(request, problem);
    }

    fn failed(&self, request: RequestId, problem: Problem) {
        (self.tell)(Event { session: None, kind: EventKind::Failed { request, problem } });
    }
}
