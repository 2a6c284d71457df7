//! Approvals and questions: what a client answers, in the engine's words.

use serde::Deserialize;
use serde_json::Value;

use crate::protocol::{ApprovalResponse, AskId, Command, SessionId, TurnCommand};

use super::server::Server;
use super::wire::Fault;

/// What a client decides of a command or of changes to files.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Decision {
    Accept,
    AcceptForSession,
    /// It would have the server learn a rule of the client's. None is offered, and none is taken.
    AcceptWithExecpolicyAmendment(Value),
    /// It would open or close a host. None is offered, and none is taken.
    ApplyNetworkPolicyAmendment(Value),
    Decline,
    Cancel,
}

#[derive(Deserialize)]
struct Decided {
    decision: Decision,
}

#[derive(Deserialize)]
struct Answered {
    answers: std::collections::BTreeMap<String, Answer>,
}

#[derive(Deserialize)]
struct Answer {
    answers: Vec<String>,
}

impl Server {
    /// What cannot be understood lets nothing run.
    pub(super) fn approve(
        &mut self,
        session: &SessionId,
        ask: AskId,
        result: Result<Value, Fault>,
    ) {
        let decided = result
            .ok()
            .and_then(|result| serde_json::from_value(result).ok())
            .map_or(Decision::Decline, |decided: Decided| decided.decision);
        let response = match decided {
            Decision::Accept | Decision::AcceptWithExecpolicyAmendment(_) => ApprovalResponse::Once,
            Decision::AcceptForSession => ApprovalResponse::Always,
            Decision::ApplyNetworkPolicyAmendment(_) | Decision::Decline | Decision::Cancel => {
                ApprovalResponse::No
            }
        };
        // A turn that is stopped refuses what waits in it.
        let command = match decided {
            Decision::Cancel => TurnCommand::Interrupt,
            _ => TurnCommand::Decide { ask, decision: response },
        };
        self.engine.send(Command::Turn(session.clone(), command));
    }

    /// A client that cannot ask its person declines.
    pub(super) fn answer_question(
        &mut self,
        session: &SessionId,
        ask: AskId,
        result: Result<Value, Fault>,
    ) {
        let answered = result.ok().and_then(|result| serde_json::from_value(result).ok());
        let text = answered.map(|answered: Answered| {
            let all = answered.answers.into_values().flat_map(|answer| answer.answers);
            all.collect::<Vec<_>>().join(", ")
        });
        let command = match text.filter(|text| !text.trim().is_empty()) {
            Some(text) => TurnCommand::Answer { ask, text },
            None => TurnCommand::Decide { ask, decision: ApprovalResponse::No },
        };
        self.engine.send(Command::Turn(session.clone(), command));
    }
}
