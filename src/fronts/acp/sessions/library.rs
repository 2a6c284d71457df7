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

use super::open_sessions::Sessions;
use crate::acp::failure;
use crate::acp::ids;
use crate::acp::outside::Outside;
use crate::host::Machine;

/// The number of sessions on one page.
const PAGE: usize = 50;

/// Lists sessions, newest first; a cursor is the last session of the page before.
pub fn list(
    _sessions: &mut Sessions,
    outside: &mut Outside,
    request: ListSessionsRequest,
    responder: Responder<ListSessionsResponse>,
) {
    let list = Command::Session(SessionCommand::List(ListDepth::All));
    Sessions::ask(outside, list, move |_sessions, outside, reply| {
        let all = match reply {
            Ok(Reply::Sessions(all)) => all,
            Ok(_) => Vec::new().into(),
            Err(problem) => {
                return outside.answer(responder, Err(outside.error(&problem)));
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
            return outside.answer(responder, Err(failure::invalid("The cursor is out of date")));
        };
        let page = &all[begin..all.len().min(begin + PAGE)];
        let more = all.len() > begin + PAGE;
        let next = page.last().filter(|_| more).map(|session| session.id.as_str().to_owned());
        let page = page.iter().map(|session| info(session)).collect();
        outside.answer(responder, Ok(ListSessionsResponse::new(page).next_cursor(next)));
    });
}

fn info(session: &SessionSummary) -> SessionInfo {
    let failure = session.failure.map(|failure| format!("({})", failure.words()));
    let parts = [Some(session.title.clone()).filter(|title| !title.is_empty()), failure];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let title = Some(parts.join(" ")).filter(|title| !title.is_empty());
    SessionInfo::new(ids::shown(&session.id), session.folder.clone())
        .title(title)
        .updated_at(written(session.changed))
}

/// Returns the time as in RFC 3339; `None` for a time that no calendar has.
fn written(time: Timestamp) -> Option<String> {
    jiff::Timestamp::from_millisecond(time.0).ok().map(|time| time.to_string())
}

/// Closes a session: ends what runs in it, and answers its prompts.
pub fn close(
    sessions: &mut Sessions,
    outside: &mut Outside,
    request: CloseSessionRequest,
    responder: Responder<CloseSessionResponse>,
) {
    let found = sessions.find(&request.session_id).map(|session| session.id().clone());
    let Some((responder, id)) = outside.accept(responder, found) else { return };
    close_session(sessions, outside, &id, move |_sessions, outside| {
        outside.answer(responder, Ok(CloseSessionResponse::new()))
    });
}

/// Deletes a session for good; closes it first if it is open.
pub fn delete(
    sessions: &mut Sessions,
    outside: &mut Outside,
    request: DeleteSessionRequest,
    responder: Responder<DeleteSessionResponse>,
) {
    let id = ids::known(&request.session_id);
    let gone = id.clone();
    let delete = move |_sessions: &mut Sessions, outside: &mut Outside| {
        let command = Command::Session(SessionCommand::Delete(gone.clone()));
        Sessions::ask(outside, command, move |_sessions, outside, reply| {
            let result = match reply {
                Ok(_) => Ok(DeleteSessionResponse::new()),
                Err(Problem { kind: ProblemKind::Config, .. }) => Err(failure::no_session(&gone)),
                Err(problem) => Err(outside.error(&problem)),
            };
            outside.answer(responder, result);
        });
    };
    match sessions.all.contains_key(&id) {
        true => close_session(sessions, outside, &id, delete),
        false => delete(sessions, outside),
    }
}

fn close_session(
    sessions: &mut Sessions,
    outside: &mut Outside,
    id: &SessionId,
    then: impl FnOnce(&mut Sessions, &mut Outside) + 'static,
) {
    let Some(mut session) = sessions.all.remove(id) else { return then(sessions, outside) };
    for request in session.asks.into_values() {
        let _client_gone = request.cancel();
    }
    let close = Command::Session(SessionCommand::Close(id.clone()));
    Sessions::ask(outside, close, move |sessions, outside, _closed| {
        for prompt in session.prompts.take_all() {
            outside.answer(prompt, Ok(PromptResponse::new(StopReason::Cancelled)));
        }
        then(sessions, outside);
    });
}
