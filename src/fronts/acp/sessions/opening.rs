//! Begins sessions, opens earlier ones with or without what was said in them, and copies them.

use std::path::{Path, PathBuf};

use agent_client_protocol::Error;
use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::{
    self, ForkSessionRequest, ForkSessionResponse, LoadSessionRequest, LoadSessionResponse,
    NewSessionRequest, NewSessionResponse, ResumeSessionRequest, ResumeSessionResponse,
};

use crate::host::new_session;
use crate::protocol::{
    AccountCommand, Command, ForkPoint, KeepFrom, ListDepth, McpServer, Notice, OpenOptions, Reply,
    SessionCommand, SessionId, SessionSelector, WhenHeld,
};

use super::mcp_servers::BroughtServers;
use super::open_sessions::Sessions;
use super::session::AcpSession;
use crate::acp::account::sign_in::when_signed_in;
use crate::acp::failure;
use crate::acp::ids;
use crate::acp::outside::Outside;
use crate::host::Machine;

pub fn new(
    sessions: &mut Sessions,
    outside: &mut Outside,
    request: NewSessionRequest,
    responder: Responder<NewSessionResponse>,
) {
    let NewSessionRequest { cwd, additional_directories, mcp_servers, .. } = request;
    let fits = fits(&cwd, &additional_directories);
    let Some((responder, ())) = outside.accept(responder, fits) else { return };
    let BroughtServers { servers, left_out } = BroughtServers::of(mcp_servers);
    when_signed_in(sessions, outside, move |sessions, outside, signed_in| {
        let Some((responder, ())) = outside.accept(responder, signed_in) else { return };
        let id = new_session();
        let options = OpenOptions {
            keep_from: KeepFrom::Start,
            mcp_servers: servers.into(),
            ..outside.open_options(&id)
        };
        let open = SessionCommand::Open { id, folder: cwd, options };
        sessions.open_session(outside, open, move |sessions, outside, opened| {
            let Some((responder, id)) = outside.accept(responder, opened) else { return };
            let (modes, options) = sessions.choices(&outside.host.models, &id);
            let response = NewSessionResponse::new(ids::shown(&id)).modes(modes);
            outside.answer(responder, Ok(response.config_options(options)));
            sessions.greet(outside, &id, left_out);
        });
    });
}

/// Opens an earlier session; sends all that was said in it, in order, before the answer.
pub fn load(
    sessions: &mut Sessions,
    outside: &mut Outside,
    request: LoadSessionRequest,
    responder: Responder<LoadSessionResponse>,
) {
    let LoadSessionRequest { session_id, cwd, additional_directories, mcp_servers, .. } = request;
    let fits = fits(&cwd, &additional_directories);
    let BroughtServers { servers, left_out } = BroughtServers::of(mcp_servers);
    sessions.take_up(
        outside,
        &session_id,
        cwd,
        (fits, servers),
        move |sessions, outside, opened| {
            let Some((responder, id)) = outside.accept(responder, opened) else { return };
            let notices = outside.notices();
            let replay = sessions.all.get_mut(&id).map(|session| session.replay(notices));
            outside.update(&id, replay.into_iter().flatten());
            let (modes, options) = sessions.choices(&outside.host.models, &id);
            let response = LoadSessionResponse::new().modes(modes);
            outside.answer(responder, Ok(response.config_options(options)));
            sessions.greet(outside, &id, left_out);
            sessions.tell_joined(outside, &id);
        },
    );
}

/// Opens an earlier session without sending what was said in it: the client knows.
pub fn resume(
    sessions: &mut Sessions,
    outside: &mut Outside,
    request: ResumeSessionRequest,
    responder: Responder<ResumeSessionResponse>,
) {
    let ResumeSessionRequest { session_id, cwd, additional_directories, mcp_servers, .. } = request;
    let fits = fits(&cwd, &additional_directories);
    let BroughtServers { servers, left_out } = BroughtServers::of(mcp_servers);
    sessions.take_up(
        outside,
        &session_id,
        cwd,
        (fits, servers),
        move |sessions, outside, opened| {
            let Some((responder, id)) = outside.accept(responder, opened) else { return };
            let (modes, options) = sessions.choices(&outside.host.models, &id);
            let response = ResumeSessionResponse::new().modes(modes);
            outside.answer(responder, Ok(response.config_options(options)));
            let standing = sessions.all.get(&id).map(AcpSession::standing);
            sessions.greet(outside, &id, None);
            outside.update(&id, standing.into_iter().flatten());
            sessions.notify_person(outside, &id, left_out);
            sessions.tell_joined(outside, &id);
        },
    );
}

/// Copies a session under a new id.
pub fn fork(
    sessions: &mut Sessions,
    outside: &mut Outside,
    request: ForkSessionRequest,
    responder: Responder<ForkSessionResponse>,
) {
    let ForkSessionRequest { session_id, cwd, additional_directories, mcp_servers, .. } = request;
    let from = ids::known(&session_id);
    let fits = fits(&cwd, &additional_directories);
    let BroughtServers { servers, left_out } = BroughtServers::of(mcp_servers);
    sessions.when_it_works_in(outside, &from, cwd, fits, move |sessions, outside, found| {
        let Some((responder, from)) = outside.accept(responder, found) else { return };
        let id = new_session();
        let options = OpenOptions {
            keep_from: KeepFrom::Start,
            mcp_servers: servers.into(),
            ..outside.open_options(&id)
        };
        let fork = SessionCommand::Fork { from, id, at: ForkPoint::End, options };
        sessions.open_session(outside, fork, move |sessions, outside, opened| {
            let Some((responder, id)) = outside.accept(responder, opened) else { return };
            let (modes, options) = sessions.choices(&outside.host.models, &id);
            let response = ForkSessionResponse::new(ids::shown(&id)).modes(modes);
            outside.answer(responder, Ok(response.config_options(options)));
            sessions.greet(outside, &id, left_out);
        });
    });
}

/// Checks whether codling can work in the folders that were asked for.
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

impl Sessions {
    /// Tells the person at a session something, if there is something to tell.
    pub fn notify_person(&mut self, outside: &Outside, id: &SessionId, notice: Option<Notice>) {
        if let (Some(notice), Some(session)) = (notice, self.all.get_mut(id)) {
            outside.update(id, session.say(notice, outside.notices()));
        }
    }

    /// Tells the person where a session is held by another codling, whose tools know nothing of the
    /// editor.
    fn tell_joined(&mut self, outside: &Outside, id: &SessionId) {
        let holder = self.all.get(id).and_then(|session| session.view.holder.as_ref());
        let notice = holder.map(|holder| Notice {
            message: format!(
                "This session is open in another codling (process {}) and is joined there: tools \
                 read and write files on the disk, not as this editor shows them",
                holder.process
            ),
            next: None,
        });
        self.notify_person(outside, id, notice);
    }

    /// Offers the commands of an open session, and those of its folder once they are read. Tells
    /// the person what was left out of the request.
    fn greet(&mut self, outside: &mut Outside, id: &SessionId, left_out: Option<Notice>) {
        if let Some(session) = self.all.get(id) {
            outside.update(id, [session.commands()]);
        }
        let place = self.all.get(id).and_then(|session| session.view.place.as_ref());
        if let Some(folder) = place.map(|place| place.folder.clone()) {
            let id = id.clone();
            let list = Command::Session(SessionCommand::Extensions(folder));
            Self::ask(outside, list, move |sessions, outside, reply| {
                if let (Some(session), Ok(Reply::Extensions(list))) =
                    (sessions.all.get_mut(&id), reply)
                    && !list.commands.is_empty()
                {
                    session.extensions = list;
                    outside.update(&id, [session.commands()]);
                }
            });
        }
        self.notify_person(outside, id, left_out);
    }

    /// Calls `then` once OpenAI's models are known as far as they can be; a newer list comes as an
    /// update.
    pub fn when_models_known(
        &mut self,
        outside: &mut Outside,
        then: impl FnOnce(&mut Self, &mut Outside) + 'static,
    ) {
        if outside.host.models.is_complete() {
            return then(self, outside);
        }
        let models = Command::Account(AccountCommand::Models);
        Self::ask(outside, models, move |sessions, outside, reply| {
            if let Ok(Reply::Models(list)) = reply {
                outside.host.models.keep(list);
            }
            then(sessions, outside);
        });
    }

    /// Opens a session; calls `then` once it is open and its models are known.
    fn open_session(
        &mut self,
        outside: &mut Outside,
        command: SessionCommand,
        then: impl FnOnce(&mut Self, &mut Outside, Result<SessionId, Error>) + 'static,
    ) {
        self.when_models_known(outside, move |_sessions, outside| {
            Self::open(outside, command, move |sessions, outside, opened| {
                let opened = opened.map(|view| {
                    let session = || AcpSession::new(view);
                    sessions.all.entry(view.id.clone()).or_insert_with(session);
                    view.id.clone()
                });
                let opened = opened.map_err(|problem| outside.error(&problem));
                then(sessions, outside, opened);
            });
        });
    }

    /// Opens an earlier session under its own id, unless the client has it open already.
    fn take_up(
        &mut self,
        outside: &mut Outside,
        id: &schema::SessionId,
        folder: PathBuf,
        (fits, mcp_servers): (Result<(), Error>, Vec<McpServer>),
        then: impl FnOnce(&mut Self, &mut Outside, Result<SessionId, Error>) + 'static,
    ) {
        let id = ids::known(id);
        self.when_it_works_in(outside, &id, folder, fits, move |sessions, outside, found| {
            let id = match found {
                Ok(id) if sessions.all.contains_key(&id) => return then(sessions, outside, Ok(id)),
                Ok(id) => id,
                Err(error) => return then(sessions, outside, Err(error)),
            };
            let resume = SessionCommand::Resume {
                which: SessionSelector::Named(id.as_str().to_owned()),
                when_held: WhenHeld::Join,
                options: OpenOptions {
                    mcp_servers: mcp_servers.into(),
                    ..outside.open_options(&id)
                },
            };
            sessions.open_session(outside, resume, then);
        });
    }

    /// Calls `then` with the session's id, or with an error if there is no such session or it works
    /// in another folder.
    fn when_it_works_in(
        &mut self,
        outside: &mut Outside,
        id: &SessionId,
        folder: PathBuf,
        fits: Result<(), Error>,
        then: impl FnOnce(&mut Self, &mut Outside, Result<SessionId, Error>) + 'static,
    ) {
        if let Some(session) = self.all.get(id) {
            let found = fits.and_then(|()| is_same(&session.folder(), &folder));
            let id = id.clone();
            return then(self, outside, found.map(|()| id));
        }
        let id = id.clone();
        let list = Command::Session(SessionCommand::List(ListDepth::All));
        Sessions::ask(outside, list, move |sessions, outside, reply| {
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
            then(sessions, outside, found.map(|()| id));
        });
    }
}

/// Checks that a session is opened in the folder that it began in: it works in no other.
fn is_same(known: &Path, asked: &Path) -> Result<(), Error> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_gone| path.to_owned());
    if real(known) == real(asked) {
        return Ok(());
    }
    let (known, asked) = (known.display(), asked.display());
    Err(failure::invalid(format!("The session works in `{known}`, and not in `{asked}`")))
}
