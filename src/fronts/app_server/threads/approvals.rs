//! Approvals and questions: translates a client's answers for the engine.

use serde::Deserialize;
use serde_json::Value;

use crate::protocol::{ApprovalResponse, AskId, Command, SessionId, TurnCommand};

use crate::app_server::outside::Outside;
use crate::app_server::transport::wire::Fault;

/// A client's decision on a command or on changes to files.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Decision {
    Accept,
    AcceptForSession,
    /// Would teach the server a rule of the client's. It is never offered, and never accepted.
    AcceptWithExecpolicyAmendment(Value),
    /// Would open or close a host. It is never offered, and never accepted.
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

/// Hands on a decision. An answer that cannot be parsed counts as a refusal.
pub fn approve(outside: &Outside, session: SessionId, ask: AskId, result: Result<Value, Fault>) {
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
    // Stopping a turn refuses its pending requests.
    let command = match decided {
        Decision::Cancel => TurnCommand::Interrupt,
        _ => TurnCommand::Decide { ask, decision: response },
    };
    outside.send(Command::Turn(session, command));
}

/// Hands on an answer. An error or an empty answer declines the question.
pub fn answer(outside: &Outside, session: SessionId, ask: AskId, result: Result<Value, Fault>) {
    let answered = result.ok().and_then(|result| serde_json::from_value(result).ok());
    let text = answered.map(|answered: Answered| {
        let all = answered.answers.into_values().flat_map(|answer| answer.answers);
        all.collect::<Vec<_>>().join(", ")
    });
    let command = match text.filter(|text| !text.trim().is_empty()) {
        Some(text) => TurnCommand::Answer { ask, text },
        None => TurnCommand::Decide { ask, decision: ApprovalResponse::No },
    };
    outside.send(Command::Turn(session, command));
}
