//! The loop. It routes, and handles nothing: every message goes to the session or the desk it is for.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::config::Settings;
use crate::protocol::{
    Access, Command, Event, EventKind, Problem, ProblemKind, RequestId, SessionCommand, SessionId, SettingsCommand, SignInStep,
};
use crate::session::Input;

use super::accounts::Desk;
use super::hands::Hands;
use super::live::{Live, Opening};
use super::{Tell, problem};

/// What running work sends back to the loop.
pub(super) enum Message {
    Event(EventKind),
    /// Who is signed in has changed: defaults may be different ones now.
    AccountsChanged,
    Input(SessionId, Input),
    /// The access that a sample was refused with, before its failure is told.
    Refused(SessionId, Access),
    SignIn(u64, SignInStep),
}

pub(super) type Post = mpsc::UnboundedSender<Message>;

pub(super) struct Core {
    settings: Settings,
    hands: Hands,
    tell: Tell,
    post: Post,
    messages: mpsc::UnboundedReceiver<Message>,
    sessions: HashMap<SessionId, Live>,
    desk: Desk,
    /// Work on files that ends by itself and is not to be cut off.
    writing: JoinSet<()>,
}

impl Core {
    pub(super) fn new(settings: Settings, tell: Tell) -> Self {
        let (post, messages) = mpsc::unbounded_channel();
        let hands = Hands::new(&settings);
        let desk = Desk::new(hands.clone(), settings.clone(), post.clone());
        Self { settings, hands, tell, post, messages, sessions: HashMap::new(), desk, writing: JoinSet::new() }
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
        drop(self.sessions);
        drop(self.desk);
        while self.writing.join_next().await.is_some() {}
        self.hands.auth.settle().await;
    }

    fn command(&mut self, request: RequestId, command: Command) {
        match command {
            Command::Account(command) => self.desk.command(request, command),
            Command::Session(command) => self.session(request, command),
            Command::Settings(id, SettingsCommand::Model { model, effort }) => match self.sessions.get_mut(&id) {
                Some(live) => live.choose_model(model, effort),
                None => self.unknown_session(request),
            },
            Command::Turn(id, command) => match self.sessions.get_mut(&id) {
                Some(live) => live.handle(Input::Command(command)),
                None => self.unknown_session(request),
            },
        }
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Event(kind) => (self.tell)(Event { session: None, kind }),
            Message::Input(id, input) => {
                if let Some(live) = self.sessions.get_mut(&id) {
                    live.handle(input);
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
                let opening = Opening {
                    id: id.clone(),
                    folder,
                    model: model.or_else(|| self.settings.model.clone()),
                    effort: effort.or_else(|| self.settings.effort.clone()),
                    max_steps: self.settings.max_steps,
                };
                let live = Live::open(opening, self.hands.clone(), Arc::clone(&self.tell), self.post.clone());
                self.sessions.insert(id, live);
            }
            SessionCommand::Close(id) => {
                if self.sessions.remove(&id).is_none() {
                    self.unknown_session(request);
                }
            }
            SessionCommand::Remember(line) => self.blocking(request, move |history| history.remember(&line).map(|()| None)),
            SessionCommand::Recall => self.blocking(request, |history| history.recall().map(|lines| Some(EventKind::History(lines)))),
        }
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
        let problem = Problem::new(ProblemKind::Internal, "There is no such conversation").with_next("Begin a new one with `/new`");
        (self.tell)(Event { session: None, kind: EventKind::Failed { request, problem } });
    }
}
