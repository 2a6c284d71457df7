//! Sessions that begin, are taken up again with or without what was said in them, and are copied.

use std::path::{Path, PathBuf};

use agent_client_protocol::Error;
use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::{
    self, AvailableCommandsUpdate, ForkSessionRequest, ForkSessionResponse, LoadSessionRequest,
    LoadSessionResponse, McpServer, NewSessionRequest, NewSessionResponse, ResumeSessionRequest,
    ResumeSessionResponse, SessionUpdate,
};
use uuid::Uuid;

use crate::base::phrases;
use crate::protocol::{
    Command, KeepFrom, ListDepth, Notice, OpenOptions, Problem, ProblemKind, Reply, ReplyResult,
    SessionCommand, SessionId, SessionSelector, SessionView, WhenHeld,
};

use super::agent::AcpAgent;
use super::commands;
use super::failure;
use super::ids;
use super::options::{modes, options};
use super::sent_updates::Notices;
use super::session::AcpSession;

pub fn new(
    agent: &mut AcpAgent,
    request: NewSessionRequest,
    responder: Responder<NewSessionResponse>,
) {
    let NewSessionRequest { cwd, additional_directories, mcp_servers, .. } = request;
    if let Err(error) = fits(&cwd, &additional_directories) {
        return agent.answer(responder, Err(error));
    }
    let left_out = left_out(&mcp_servers);
    agent.when_signed_in(move |agent, signed_in| {
        if let Err(error) = signed_in {
            return agent.answer(responder, Err(error));
        }
        let id = new_session();
        let options = OpenOptions { keep_from: KeepFrom::Start, ..agent.open_options(&id) };
        let open = SessionCommand::Open { id, folder: cwd, options };
        agent.open(open, move |agent, opened| match opened {
            Ok(id) => {
                let (modes, options) = agent.choices(&id);
                let response = NewSessionResponse::new(ids::told(&id)).modes(modes);
                agent.answer(responder, Ok(response.config_options(options)));
                agent.offer_commands(&id);
                agent.tell_person(&id, left_out);
            }
            Err(error) => agent.answer(responder, Err(error)),
        });
    });
}

/// With all that was said before, in order, ahead of the answer.
pub fn load(
    agent: &mut AcpAgent,
    request: LoadSessionRequest,
    responder: Responder<LoadSessionResponse>,
) {
    let LoadSessionRequest { session_id, cwd, additional_directories, mcp_servers, .. } = request;
    let fits = fits(&cwd, &additional_directories);
    let left_out = left_out(&mcp_servers);
    agent.take_up(&session_id, cwd, fits, move |agent, opened| match opened {
        Ok(id) => {
            let notices = agent.notices();
            let replay = agent.sessions.get_mut(&id).map(|session| session.replay(notices));
            agent.update(&id, replay.into_iter().flatten());
            let (modes, options) = agent.choices(&id);
            let response = LoadSessionResponse::new().modes(modes);
            agent.answer(responder, Ok(response.config_options(options)));
            agent.offer_commands(&id);
            agent.tell_person(&id, left_out);
        }
        Err(error) => agent.answer(responder, Err(error)),
    });
}

/// The client knows what was said.
pub fn resume(
    agent: &mut AcpAgent,
    request: ResumeSessionRequest,
    responder: Responder<ResumeSessionResponse>,
) {
    let ResumeSessionRequest { session_id, cwd, additional_directories, mcp_servers, .. } = request;
    let fits = fits(&cwd, &additional_directories);
    let left_out = left_out(&mcp_servers);
    agent.take_up(&session_id, cwd, fits, move |agent, opened| match opened {
        Ok(id) => {
            let (modes, options) = agent.choices(&id);
            let response = ResumeSessionResponse::new().modes(modes);
            agent.answer(responder, Ok(response.config_options(options)));
            agent.offer_commands(&id);
            let standing = agent.sessions.get(&id).map(AcpSession::standing);
            agent.update(&id, standing.into_iter().flatten());
            agent.tell_person(&id, left_out);
        }
        Err(error) => agent.answer(responder, Err(error)),
    });
}

/// A copy under a name of its own.
pub fn fork(
    agent: &mut AcpAgent,
    request: ForkSessionRequest,
    responder: Responder<ForkSessionResponse>,
) {
    let ForkSessionRequest { session_id, cwd, additional_directories, mcp_servers, .. } = request;
    let from = ids::known(&session_id);
    let fits = fits(&cwd, &additional_directories);
    let left_out = left_out(&mcp_servers);
    agent.when_it_works_in(&from, cwd, fits, move |agent, found| {
        let from = match found {
            Ok(from) => from,
            Err(error) => return agent.answer(responder, Err(error)),
        };
        let id = new_session();
        let options = OpenOptions { keep_from: KeepFrom::Start, ..agent.open_options(&id) };
        let fork = SessionCommand::Fork { from, id, before: None, options };
        agent.open(fork, move |agent, opened| match opened {
            Ok(id) => {
                let (modes, options) = agent.choices(&id);
                let response = ForkSessionResponse::new(ids::told(&id)).modes(modes);
                agent.answer(responder, Ok(response.config_options(options)));
                agent.offer_commands(&id);
                agent.tell_person(&id, left_out);
            }
            Err(error) => agent.answer(responder, Err(error)),
        });
    });
}

fn new_session() -> SessionId {
    SessionId::new(format!("ses_{}", Uuid::now_v7().simple()))
}

/// Whether codling can work as it is asked to.
fn fits(folder: &Path, more: &[PathBuf]) -> Result<(), Error> {
    if !folder.is_absolute() {
        let message =
            format!("`cwd` has to be an absolute path, and `{}` is none", folder.display());
        return Err(failure::invalid(message));
    }
    if !folder.is_dir() {
        return Err(failure::invalid(format!("There is no folder `{}`", folder.display())));
    }
    if !more.is_empty() {
        let message = "codling works in one folder: leave `additionalDirectories` out";
        return Err(failure::invalid(message));
    }
    Ok(())
}

/// What a person is told of servers that the client brings.
fn left_out(servers: &[McpServer]) -> Option<Notice> {
    let names: Vec<String> = servers.iter().map(server_name).collect();
    (!names.is_empty()).then(|| Notice {
        message: format!(
            "codling does not use MCP servers yet, and works without {}",
            phrases::list(&names)
        ),
        next: None,
    })
}

fn server_name(server: &McpServer) -> String {
    let name = match server {
        McpServer::Http(server) => &server.name,
        McpServer::Sse(server) => &server.name,
        McpServer::Stdio(server) => &server.name,
        _ => "a server",
    };
    format!("`{name}`")
}

impl AcpAgent {
    /// A session that the client has open.
    pub fn session(&self, id: &schema::SessionId) -> Result<&AcpSession, Error> {
        let id = ids::known(id);
        self.sessions.get(&id).ok_or_else(|| failure::no_session(&id))
    }

    /// Whether the client shows notices.
    pub fn notices(&self) -> Notices {
        let session = self.client.session.as_ref();
        match session.is_some_and(|session| session.notices.is_some()) {
            true => Notices::Shown,
            false => Notices::Hidden,
        }
    }

    /// What can be chosen for a session.
    fn choices(
        &self,
        id: &SessionId,
    ) -> (Option<schema::SessionModeState>, Option<Vec<schema::SessionConfigOption>>) {
        let view = self.sessions.get(id).map(|session| &session.view);
        (view.map(modes), view.map(|view| options(view, &self.models)))
    }

    fn offer_commands(&self, id: &SessionId) {
        let update = AvailableCommandsUpdate::new(commands::available());
        self.update(id, [SessionUpdate::AvailableCommandsUpdate(update)]);
    }

    /// Opens a session, and calls once it is open and its models are known.
    fn open(
        &mut self,
        command: SessionCommand,
        then: impl FnOnce(&mut Self, Result<SessionId, Error>) + 'static,
    ) {
        self.when_models_known(move |agent| {
            agent.ask(Command::Session(command), move |agent, reply| match opened(reply) {
                Ok(id) => agent.when_open(&id, move |agent, view| {
                    agent.keep(view);
                    then(agent, Ok(view.id.clone()));
                }),
                Err(problem) => {
                    let error = failure::error(&problem, &agent.auth_methods());
                    then(agent, Err(error));
                }
            });
        });
    }

    fn keep(&mut self, view: &SessionView) {
        let session = || AcpSession::new(view);
        self.sessions.entry(view.id.clone()).or_insert_with(session);
    }

    /// Opens an earlier session under its own id, unless the client has it open already.
    fn take_up(
        &mut self,
        id: &schema::SessionId,
        folder: PathBuf,
        fits: Result<(), Error>,
        then: impl FnOnce(&mut Self, Result<SessionId, Error>) + 'static,
    ) {
        let id = ids::known(id);
        self.when_it_works_in(&id, folder, fits, move |agent, found| {
            let id = match found {
                Ok(id) if agent.sessions.contains_key(&id) => return then(agent, Ok(id)),
                Ok(id) => id,
                Err(error) => return then(agent, Err(error)),
            };
            let resume = SessionCommand::Resume {
                which: SessionSelector::Named(id.as_str().to_owned()),
                when_held: WhenHeld::Refuse,
                options: agent.open_options(&id),
            };
            agent.open(resume, then);
        });
    }

    /// Calls with the session where there is one of that id that works in the folder.
    fn when_it_works_in(
        &mut self,
        id: &SessionId,
        folder: PathBuf,
        fits: Result<(), Error>,
        then: impl FnOnce(&mut Self, Result<SessionId, Error>) + 'static,
    ) {
        if let Some(session) = self.sessions.get(id) {
            let found = fits.and_then(|()| is_same(&session.folder(), &folder));
            let id = id.clone();
            return then(self, found.map(|()| id));
        }
        let id = id.clone();
        let list = Command::Session(SessionCommand::List(ListDepth::All));
        self.ask(list, move |agent, reply| {
            let found = match reply {
                Ok(Reply::Sessions(all)) => {
                    let known = all.iter().find(|session| session.id == id);
                    known
                        .map(|session| session.folder.clone())
                        .ok_or_else(|| failure::no_session(&id))
                }
                Ok(_) => Err(failure::no_session(&id)),
                Err(problem) => Err(failure::error(&problem, &[])),
            };
            let found = found.and_then(|known| fits.and_then(|()| is_same(&known, &folder)));
            then(agent, found.map(|()| id));
        });
    }
}

fn opened(reply: ReplyResult) -> Result<SessionId, Problem> {
    match reply? {
        Reply::Opened(id) => Ok(id),
        _ => Err(Problem::new(ProblemKind::Internal, "The session did not open")),
    }
}

/// A session works in the folder it was begun in, and in no other.
fn is_same(known: &Path, asked: &Path) -> Result<(), Error> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_gone| path.to_owned());
    if real(known) == real(asked) {
        return Ok(());
    }
    let (known, asked) = (known.display(), asked.display());
    Err(failure::invalid(format!("The session works in `{known}`, and not in `{asked}`")))
}
