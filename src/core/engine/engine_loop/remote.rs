//! Sessions that other programs hold: joined, asked, left, and taken up where their holder is gone.

use super::{EngineLoop, unknown_session};
use crate::engine::link::client::Replier;
use crate::engine::link::engine_message::{Asker, EngineMessage};
use crate::engine::problem;
use crate::engine::remote::{
    ConnectionId, RemoteCommand, RemoteNews, RemoteSession, of_holder_alone, rendezvous,
};
use crate::engine::session::preparation::{FetchedSession, OpenRequest};
use crate::engine::work::spawn;
use crate::protocol::{
    ClientAct, ClientId, Command, EventKind, Notice, OpenOptions, Problem, Requester,
    SessionCommand, SessionHolder, SessionId, SessionSelector, SettingsCommand, TurnCommand,
    WhenHeld,
};

impl EngineLoop {
    /// Takes a session that another program holds, and that it has let this one join.
    pub(super) fn joined(
        &mut self,
        id: SessionId,
        stream: rendezvous::HolderStream,
        (holder, wished): (Option<SessionHolder>, OpenOptions),
        asker: Asker,
    ) {
        let sender = self.sender.clone();
        let remote = match RemoteSession::join(id.clone(), stream, holder, sender) {
            Ok(remote) => remote,
            Err(error) => {
                let failed = FetchedSession::Failed(vec![id], problem::of_start(&error));
                return self.fetched(failed, asker);
            }
        };
        self.followed.forget(&id);
        self.sessions.add_remote(id.clone(), remote.wishing(wished));
        self.join(&id, asker);
        for (asker, command, replier) in self.sessions.take_waiting(&id) {
            self.command(asker, command, replier);
        }
    }

    /// Sends a command to the holder of its session, where another program has that; else gives it
    /// back.
    pub(super) fn ask_holder(
        &mut self,
        command: Command,
        replier: Replier,
    ) -> Option<(Command, Replier)> {
        let of = match &command {
            Command::Mcp(id, _) | Command::Settings(id, _) | Command::Turn(id, _) => id,
            Command::Session(SessionCommand::Rename { id, .. } | SessionCommand::Take(id)) => id,
            _ => return Some((command, replier)),
        };
        let Some(remote) = self.sessions.remote_for(of) else { return Some((command, replier)) };
        let command = match command {
            Command::Mcp(id, command) => RemoteCommand::Mcp(id, command),
            Command::Settings(id, command) => RemoteCommand::Settings(id, command),
            Command::Turn(id, command) => RemoteCommand::Turn(id, command),
            Command::Session(SessionCommand::Rename { title, .. }) => RemoteCommand::Rename(title),
            Command::Session(SessionCommand::Take(_)) => RemoteCommand::Take,
            _ => {
                replier.refuse(of_holder_alone());
                return None;
            }
        };
        remote.ask(command, replier);
        None
    }

    pub(super) fn remote_news(
        &mut self,
        id: &SessionId,
        connection: ConnectionId,
        news: RemoteNews,
    ) {
        let Some(remote) = self.sessions.remote_mut(id).filter(|it| it.is(connection)) else {
            return;
        };
        match news {
            RemoteNews::Answered(number, result) => remote.answer(number, result),
            RemoteNews::Ended => self.take_up(id),
            RemoteNews::Event(kind) => match *kind {
                kind @ EventKind::Limits(_) => self.clients.notify(kind),
                kind => remote.emit(kind),
            },
            RemoteNews::Silent => remote.tell_silence(),
        }
    }

    /// The holder is gone: whoever is first goes on with the session from its log, and the others
    /// join that one. Agent and mode stay as they were there.
    fn take_up(&mut self, id: &SessionId) {
        let Some(remote) = self.sessions.remove_remote(id) else { return };
        let (clients, mode) = remote.end();
        let Some((first, others)) = clients.split_first() else { return };
        self.sessions.begin_opening(id.clone());
        let wait = |table: &mut Self, client: ClientId, command: Command| {
            let (replier, _nobody_waits) = Replier::of_engine();
            let asker = Requester { client, request: replier.request() };
            if let Some(waiting) = table.sessions.waiting_for(id) {
                waiting.insert(0, (asker, command, replier));
            }
        };
        if let Some(mode) = mode {
            let (agent, mode) = (mode.agent, mode.approval_mode);
            for command in [SettingsCommand::Agent(agent), SettingsCommand::Mode(mode)] {
                wait(self, *first, Command::Settings(id.clone(), command));
            }
        }
        for client in others {
            let which = SessionSelector::Named(id.as_str().to_owned());
            let (when_held, options) = (WhenHeld::Join, OpenOptions::default());
            let command = SessionCommand::Resume { which, when_held, options };
            wait(self, *client, Command::Session(command));
        }
        let (replier, answer) = Replier::of_engine();
        let (taken, sender) = (id.clone(), self.sender.clone());
        drop(spawn(async move {
            if let Ok(Err(problem)) = answer.await {
                let _loop_ended = sender.send(EngineMessage::NotTakenUp(taken, problem));
            }
        }));
        let request = OpenRequest::TakeUp(id.clone());
        self.fetch(request, OpenOptions::default(), Asker { client: *first, replier }, None);
    }

    /// A session that could not be taken up: whoever asks something of it is told why.
    pub(super) fn not_taken_up(&mut self, id: &SessionId, problem: &Problem) {
        for (_, _, replier) in self.sessions.take_waiting(id) {
            replier.refuse(problem.clone());
        }
        let Problem { message, next, .. } = problem.clone();
        let notice = Notice { message, next };
        self.clients.notify(EventKind::Notice(notice));
    }

    /// Has the other clients of an open session leave it.
    pub(super) fn take_over(&mut self, id: &SessionId, client: ClientId, replier: Replier) {
        let by = self.clients.facts(client).map(|facts| facts.name.clone()).unwrap_or_default();
        match self.sessions.get_mut(id) {
            Some(active) => {
                active.tell_others(client, EventKind::TakenOver { by });
                replier.done();
            }
            None => replier.refuse(unknown_session()),
        }
    }
}

/// The act that this command is, where the other clients of the session are told of it.
pub(super) fn act(command: &TurnCommand) -> Option<ClientAct> {
    match command {
        TurnCommand::Answer { .. } | TurnCommand::Decide { .. } => Some(ClientAct::Answered),
        TurnCommand::Interrupt => Some(ClientAct::Interrupted),
        TurnCommand::Submit(_) | TurnCommand::Shell { .. } => Some(ClientAct::Prompted),
        _ => None,
    }
}
