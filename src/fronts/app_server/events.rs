//! The engine's events and the answers of clients, routed to the machines.

use serde_json::{Value, json};

use crate::host::sentence;
use crate::protocol::{Event, EventKind, Notice, Problem, ProblemKind};

use super::accounts::{account, login};
use super::machines::Machines;
use super::outside::Outside;
use super::thread::news::Subject;
use super::threads::{approvals, dynamic_tools};
use super::transport::connection::ConnectionId;
use super::transport::wire::Fault;

/// Hands an event of the engine to the machines it concerns.
pub fn route(machines: &mut Machines, event: Event) {
    let Machines { outside, accounts, threads, watches, .. } = machines;
    match (event.session, event.kind) {
        (Some(session), EventKind::Snapshot(view)) => threads.resync(outside, &session, &view),
        (Some(session), kind) => threads.event(outside, &session, &kind),
        (None, EventKind::SignIn { attempt, step }) => {
            login::step(accounts, outside, &attempt, step);
        }
        (
            None,
            event @ (EventKind::FilesChanged { watch, .. } | EventKind::WatchLimited { watch, .. }),
        ) => watches.event(watch, event),
        (None, EventKind::TokensWanted { request, account }) => {
            login::tokens_wanted(outside, request, account.as_deref());
        }
        (None, EventKind::Limits(limits)) => account::limits_changed(outside, &limits),
        (None, EventKind::Models(list)) => _ = outside.host.models.keep(list),
        (None, EventKind::Providers(providers)) => outside.setup.providers = providers,
        (None, EventKind::Notice(notice)) => warn(outside, notice),
        (None, _) => {}
    }
}

fn warn(outside: &Outside, Notice { message, next }: Notice) {
    let message = sentence(&Problem { kind: ProblemKind::Config, message, next });
    outside.broadcast("warning", json!({ "threadId": null, "message": message }));
}

/// Hands on a client's answer to a server request; ignores an answer to no open request.
pub fn answered(
    machines: &mut Machines,
    from: ConnectionId,
    id: i64,
    result: Result<Value, Fault>,
) {
    let Machines { outside, threads, .. } = machines;
    let Some(about) = outside.requests.about(id).cloned() else { return };
    let may_answer = match about.thread() {
        Some(session) => threads.listens(session, from),
        None => outside.clients().contains(&from),
    };
    if !may_answer {
        return;
    }
    match about {
        Subject::Approval(session, ask) => approvals::approve(outside, session, ask, result),
        Subject::Question(session, ask) => approvals::answer(outside, session, ask, result),
        // A client that does not know the tool answers with an error; the one that brought it
        // decides.
        Subject::Tool(session, _) if result.is_err() && threads.awaits_another(&session, from) => {}
        Subject::Tool(session, call) => {
            threads.settle(outside, &session, id);
            dynamic_tools::answered(outside, session, call, result);
        }
        Subject::Tokens(request) => {
            outside.requests.close(id);
            login::tokens_given(outside, request, result);
        }
    }
}
