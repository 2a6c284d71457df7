//! Permission requests: what the client is asked of a call that waits, and what its answer means. What
//! cannot be understood lets nothing run.

use agent_client_protocol::Error;
use agent_client_protocol::v1::schema::{
    PermissionOption, PermissionOptionKind, RequestPermissionOutcome, RequestPermissionRequest,
    RequestPermissionResponse, ToolCallContent, ToolCallStatus, ToolCallUpdate,
    ToolCallUpdateFields,
};

use crate::protocol::{
    Approval, ApprovalResponse, ApprovalSubject, Ask, AskId, Command, EventKind, SessionId,
    TurnCommand,
};

use super::agent::AcpAgent;
use super::content;
use super::ids;
use super::session::AcpSession;

const ONCE: &str = "once";
const ALWAYS: &str = "always";
const ALWAYS_HERE: &str = "always-here";
const OPEN: &str = "open";
const REJECT: &str = "reject";

impl AcpAgent {
    /// What an event means for what the client is asked.
    pub fn ask_news(&mut self, id: &SessionId, event: &EventKind) {
        match event {
            EventKind::Approval(approval) => self.request_permission(id, approval),
            EventKind::Asked { id: ask, call, question } => {
                self.ask_question(id, *ask, call, question);
            }
            EventKind::AskResolved { id: ask, .. } => self.withdraw(id, *ask),
            EventKind::TurnEnded { .. } => {
                let asks = self.sessions.get(id).map(|session| session.asks.keys().copied());
                let asks: Vec<AskId> = asks.into_iter().flatten().collect();
                asks.into_iter().for_each(|ask| self.withdraw(id, ask));
            }
            EventKind::Snapshot(view) => {
                let Some(session) = self.sessions.get(id) else { return };
                let gone: Vec<AskId> = session
                    .asks
                    .keys()
                    .filter(|ask| view.asks.iter().all(|waits| waits.id() != **ask))
                    .copied()
                    .collect();
                let asked = |ask: &&Ask| !session.asks.contains_key(&ask.id());
                let fresh: Vec<Ask> = view.asks.iter().filter(asked).cloned().collect();
                gone.into_iter().for_each(|ask| self.withdraw(id, ask));
                for ask in fresh {
                    match ask {
                        Ask::Approval(approval) => self.request_permission(id, &approval),
                        Ask::Question { id: ask, call, question } => {
                            self.ask_question(id, ask, &call, &question);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn request_permission(&mut self, id: &SessionId, approval: &Approval) {
        let Some(session) = self.sessions.get(id) else { return };
        let request = RequestPermissionRequest::new(
            ids::told(id),
            call(session, approval),
            choices(approval),
        );
        let (named, ask) = (id.clone(), approval.id);
        let handle = self.ask_client(request, move |agent, answer| {
            agent.decide(&named, ask, response(answer));
        });
        if let Some(session) = self.sessions.get_mut(id) {
            session.asks.insert(ask, handle);
        }
    }

    /// Hands an answer on, unless the ask waits no more.
    pub fn decide(&mut self, id: &SessionId, ask: AskId, decision: ApprovalResponse) {
        self.resolve(id, ask, TurnCommand::Decide { ask, decision });
    }

    /// The same with any command that resolves it.
    pub fn resolve(&mut self, id: &SessionId, ask: AskId, command: TurnCommand) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        if session.asks.remove(&ask).is_some() {
            // One that is out of date is refused, which changes nothing.
            self.ask(Command::Turn(id.clone(), command), |_, _| {});
        }
    }

    /// The ask waits no more: nor need the client answer it.
    fn withdraw(&mut self, id: &SessionId, ask: AskId) {
        let request = self.sessions.get_mut(id).and_then(|session| session.asks.remove(&ask));
        if let Some(request) = request {
            let _client_gone = request.cancel();
        }
    }
}

/// The call that waits, with what the person is to look at.
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
    content.push(ToolCallContent::from(why(approval)));
    let mut fields = ToolCallUpdateFields::new();
    fields.title = Some(match &approval.subject {
        ApprovalSubject::Command(line) | ApprovalSubject::Loss(line) => line.clone(),
        _ => approval.title.clone(),
    });
    fields.status = Some(ToolCallStatus::Pending);
    fields.content = Some(content);
    ToolCallUpdate::new(id, fields)
}

/// Why it is asked, where it would run, what is dangerous in it, and the model's own reason.
fn why(approval: &Approval) -> String {
    let place = approval.place.as_ref().map(|place| format!(" ({place})"));
    let notes: String = approval.hazard_notes().iter().map(|note| format!(". {note}")).collect();
    let reason = approval.reason.as_ref().map(|reason| format!(". The model says: {reason}"));
    format!("{}{}{notes}{}", approval.why, place.unwrap_or_default(), reason.unwrap_or_default())
}

fn choices(approval: &Approval) -> Vec<PermissionOption> {
    let can_learn = !approval.learn.is_empty();
    let opens: Vec<String> = approval.opens.iter().map(ToString::to_string).collect();
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
