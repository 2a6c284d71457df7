//! Earlier sessions: listed page by page, closed and deleted.

use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::{
    CloseSessionRequest, CloseSessionResponse, DeleteSessionRequest, DeleteSessionResponse,
    ListSessionsRequest, ListSessionsResponse, PromptResponse, SessionInfo, StopReason,
};

use crate::base::Timestamp;
use crate::protocol::{
    Command, ListDepth, Problem, ProblemKind, Reply, SessionCommand, SessionId, SessionSummary,
};

use super::agent::AcpAgent;
use super::failure;
use super::ids;

/// Sessions of one page.
const PAGE: usize = 50;

/// Newest first; a cursor is the last session of the page before.
pub fn list(
    agent: &mut AcpAgent,
    request: ListSessionsRequest,
    responder: Responder<ListSessionsResponse>,
) {
    let list = Command::Session(SessionCommand::List(ListDepth::All));
    agent.ask(list, move |agent, reply| {
        let all = match reply {
            Ok(Reply::Sessions(all)) => all,
            Ok(_) => Vec::new().into(),
            Err(problem) => {
                let error = failure::error(&problem, &agent.auth_methods());
                return agent.answer(responder, Err(error));
            }
        };
        let wanted = |session: &&SessionSummary| {
            let folder = request.cwd.as_ref();
            folder.is_none_or(|folder| session.is_of(folder))
        };
        let all: Vec<&SessionSummary> = all.iter().filter(wanted).collect();
        let begin = match &request.cursor {
            None => Some(0),
            Some(cursor) => {
                all.iter().position(|session| session.id.as_str() == cursor).map(|at| at + 1)
            }
        };
        let Some(begin) = begin else {
            return agent.answer(responder, Err(failure::invalid("The cursor is out of date")));
        };
        let page = &all[begin..all.len().min(begin + PAGE)];
        let more = all.len() > begin + PAGE;
        let next = page.last().filter(|_| more).map(|session| session.id.as_str().to_owned());
        let page = page.iter().map(|session| info(session)).collect();
        agent.answer(responder, Ok(ListSessionsResponse::new(page).next_cursor(next)));
    });
}

fn info(session: &SessionSummary) -> SessionInfo {
    let trouble = session.trouble.map(|trouble| format!("({})", trouble.words()));
    let parts = [Some(session.title.clone()).filter(|title| !title.is_empty()), trouble];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let title = Some(parts.join(" ")).filter(|title| !title.is_empty());
    SessionInfo::new(ids::told(&session.id), session.folder.clone())
        .title(title)
        .updated_at(written(session.changed))
}

/// As in RFC 3339; `None` for a time that no calendar has.
fn written(time: Timestamp) -> Option<String> {
    jiff::Timestamp::from_millisecond(time.0).ok().map(|time| time.to_string())
}

/// What runs in it is ended, and its prompts are answered.
pub fn close(
    agent: &mut AcpAgent,
    request: CloseSessionRequest,
    responder: Responder<CloseSessionResponse>,
) {
    let id = match agent.session(&request.session_id) {
        Ok(session) => session.id().clone(),
        Err(error) => return agent.answer(responder, Err(error)),
    };
    agent.close_session(&id, move |agent| agent.answer(responder, Ok(CloseSessionResponse::new())));
}

/// For good; an open one is closed first.
pub fn delete(
    agent: &mut AcpAgent,
    request: DeleteSessionRequest,
    responder: Responder<DeleteSessionResponse>,
) {
    let id = ids::known(&request.session_id);
    let gone = id.clone();
    let delete = move |agent: &mut AcpAgent| {
        let command = Command::Session(SessionCommand::Delete(gone.clone()));
        agent.ask(command, move |agent, reply| {
            let result = match reply {
                Ok(_) => Ok(DeleteSessionResponse::new()),
                Err(Problem { kind: ProblemKind::Config, .. }) => Err(failure::no_session(&gone)),
                Err(problem) => Err(failure::error(&problem, &agent.auth_methods())),
            };
            agent.answer(responder, result);
        });
    };
    match agent.sessions.contains_key(&id) {
        true => agent.close_session(&id, delete),
        false => delete(agent),
    }
}

impl AcpAgent {
    fn close_session(&mut self, id: &SessionId, then: impl FnOnce(&mut Self) + 'static) {
        let Some(mut session) = self.sessions.remove(id) else { return then(self) };
        for request in session.asks.into_values() {
            let _client_gone = request.cancel();
        }
        let close = Command::Session(SessionCommand::Close(id.clone()));
        self.ask(close, move |agent, _closed| {
            for prompt in session.prompts.take_all() {
                agent.answer(prompt, Ok(PromptResponse::new(StopReason::Cancelled)));
            }
            then(agent);
        });
    }
}
