//! Permission requests: what the client is asked about a waiting call, and what its answer means.
//! An answer that cannot be understood counts as a refusal.

use agent_client_protocol::Error;
use agent_client_protocol::v1::schema::{
    PermissionOption, PermissionOptionKind, RequestPermissionOutcome, RequestPermissionRequest,
    RequestPermissionResponse, ToolCallContent, ToolCallStatus, ToolCallUpdate,
    ToolCallUpdateFields,
};

use crate::host::why;
use crate::protocol::{
    Approval, ApprovalResponse, ApprovalSubject, Ask, AskId, Command, EventKind, SandboxOpening,
    SessionId, TurnCommand,
};

use super::question;
use crate::acp::ids;
use crate::acp::outside::Outside;
use crate::acp::sessions::open_sessions::Sessions;
use crate::acp::sessions::session::AcpSession;
use crate::acp::updates::content;
use crate::host::Machine;

const ONCE: &str = "once";
const ALWAYS: &str = "always";
const ALWAYS_HERE: &str = "always-here";
const OPEN: &str = "open";
const REJECT: &str = "reject";

/// Sends the client the requests that an event calls for, or withdraws them.
pub fn news(sessions: &mut Sessions, outside: &mut Outside, id: &SessionId, event: &EventKind) {
    match event {
        EventKind::Approval(approval) => request_permission(sessions, outside, id, approval),
        EventKind::Asked { id: ask, call, question } => {
            question::ask(sessions, outside, id, *ask, call, question);
        }
        EventKind::AskResolved { id: ask, .. } => withdraw(sessions, id, *ask),
        EventKind::TurnEnded { .. } => {
            let asks = sessions.all.get(id).map(|session| session.asks.keys().copied());
            let asks: Vec<AskId> = asks.into_iter().flatten().collect();
            asks.into_iter().for_each(|ask| withdraw(sessions, id, ask));
        }
        EventKind::Snapshot(view) => {
            let Some(session) = sessions.all.get(id) else { return };
            let gone: Vec<AskId> = session
                .asks
                .keys()
                .filter(|ask| view.asks.iter().all(|waits| waits.id() != **ask))
                .copied()
                .collect();
            let asked = |ask: &&Ask| !session.asks.contains_key(&ask.id());
            let fresh: Vec<Ask> = view.asks.iter().filter(asked).cloned().collect();
            gone.into_iter().for_each(|ask| withdraw(sessions, id, ask));
            for ask in fresh {
                match ask {
                    Ask::Approval(approval) => request_permission(sessions, outside, id, &approval),
                    Ask::Question { id: ask, call, question } => {
                        question::ask(sessions, outside, id, ask, &call, &question);
                    }
                }
            }
        }
        _ => {}
    }
}

fn request_permission(
    sessions: &mut Sessions,
    outside: &mut Outside,
    id: &SessionId,
    approval: &Approval,
) {
    let Some(session) = sessions.all.get(id) else { return };
    let request =
        RequestPermissionRequest::new(ids::shown(id), call(session, approval), choices(approval));
    let (named, ask) = (id.clone(), approval.id);
    let handle = outside.ask_client(request, move |sessions: &mut Sessions, outside, answer| {
        decide(sessions, outside, &named, ask, response(answer));
    });
    if let Some(session) = sessions.all.get_mut(id) {
        session.asks.insert(ask, handle);
    }
}

/// Passes an answer on, unless the request was withdrawn.
pub fn decide(
    sessions: &mut Sessions,
    outside: &mut Outside,
    id: &SessionId,
    ask: AskId,
    decision: ApprovalResponse,
) {
    resolve(sessions, outside, id, ask, TurnCommand::Decide { ask, decision });
}

/// Resolves a request with any command, unless it was withdrawn.
pub fn resolve(
    sessions: &mut Sessions,
    outside: &mut Outside,
    id: &SessionId,
    ask: AskId,
    command: TurnCommand,
) {
    let Some(session) = sessions.all.get_mut(id) else { return };
    if session.asks.remove(&ask).is_some() {
        // The engine refuses an outdated one, which changes nothing.
        Sessions::ask(outside, Command::Turn(id.clone(), command), |_, _, _| {});
    }
}

/// Withdraws a request: the client need not answer it any more.
fn withdraw(sessions: &mut Sessions, id: &SessionId, ask: AskId) {
    let request = sessions.all.get_mut(id).and_then(|session| session.asks.remove(&ask));
    if let Some(request) = request {
        let _client_gone = request.cancel();
    }
}

/// Returns the waiting call, with what the person is to look at.
fn call(session: &AcpSession, approval: &Approval) -> ToolCallUpdate {
    let id = session.sent.call(&approval.call).unwrap_or(approval.call.as_str()).to_owned();
    let mut content = match &approval.subject {
        ApprovalSubject::Change(diffs) => content::diffs(diffs, &session.folder()),
        ApprovalSubject::Command(line) | ApprovalSubject::Loss(line) => {
            content::verbatim(line).into_iter().collect()
        }
        ApprovalSubject::External { arguments, .. } => {
            content::verbatim(arguments).into_iter().collect()
        }
        ApprovalSubject::Fetch(url) => content::verbatim(url).into_iter().collect(),
        ApprovalSubject::Input { command, text } => {
            content::verbatim(&format!("{command}\n{text}")).into_iter().collect()
        }
        ApprovalSubject::Look(paths) => content::verbatim(&paths.join("\n")).into_iter().collect(),
    };
    content.push(ToolCallContent::from(why(approval, approval.place.as_deref())));
    let mut fields = ToolCallUpdateFields::new();
    fields.title = Some(match &approval.subject {
        ApprovalSubject::Command(line) | ApprovalSubject::Loss(line) => line.clone(),
        _ => approval.title.clone(),
    });
    fields.status = Some(ToolCallStatus::Pending);
    fields.content = Some(content);
    ToolCallUpdate::new(id, fields)
}

fn choices(approval: &Approval) -> Vec<PermissionOption> {
    let can_learn = !approval.learn.is_empty();
    let opens: Vec<String> = approval.opens.iter().map(SandboxOpening::in_words).collect();
    let open = format!("Open {} in the sandbox for this conversation", opens.join(", "));
    let all = [
        (true, ONCE, "Allow once".to_owned(), PermissionOptionKind::AllowOnce),
        (
            can_learn,
            ALWAYS,
            "Allow in this conversation".to_owned(),
            PermissionOptionKind::AllowAlways,
        ),
        (
            can_learn,
            ALWAYS_HERE,
            "Always allow in this folder".to_owned(),
            PermissionOptionKind::AllowAlways,
        ),
        (!opens.is_empty(), OPEN, open, PermissionOptionKind::AllowAlways),
        (true, REJECT, "Reject".to_owned(), PermissionOptionKind::RejectOnce),
    ];
    all.into_iter()
        .filter(|(is_offered, ..)| *is_offered)
        .map(|(_, id, name, kind)| PermissionOption::new(id, name, kind))
        .collect()
}

fn response(answer: Result<RequestPermissionResponse, Error>) -> ApprovalResponse {
    let outcome = answer.map(|answer| answer.outcome);
    let Ok(RequestPermissionOutcome::Selected(selected)) = outcome else {
        return ApprovalResponse::No;
    };
    match &*selected.option_id.0 {
        ONCE => ApprovalResponse::Once,
        ALWAYS => ApprovalResponse::Always,
        ALWAYS_HERE => ApprovalResponse::AlwaysHere,
        OPEN => ApprovalResponse::Open,
        _ => ApprovalResponse::No,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_clear_yes_lets_nothing_run() {
        let answer = |outcome| serde_json::from_value(json!({ "outcome": outcome })).unwrap();
        for (id, expected) in [
            ("once", ApprovalResponse::Once),
            ("always", ApprovalResponse::Always),
            ("always-here", ApprovalResponse::AlwaysHere),
            ("open", ApprovalResponse::Open),
            ("reject", ApprovalResponse::No),
            ("yes", ApprovalResponse::No),
        ] {
            let selected = answer(json!({ "outcome": "selected", "optionId": id }));
            assert_eq!(response(Ok(selected)), expected, "{id}");
        }
        assert_eq!(response(Ok(answer(json!({ "outcome": "cancelled" })))), ApprovalResponse::No);
        assert_eq!(response(Err(Error::method_not_found())), ApprovalResponse::No);
    }
}
