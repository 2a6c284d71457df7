//! Approvals and questions: what a client answers, in the engine's words.

use serde::Deserialize;
use serde_json::Value;

use crate::protocol::{ApprovalResponse, Ask, AskId, Command, SessionId, TurnCommand};

use super::server::Server;
use super::wire::Fault;

/// What a client decides of a command or of changes to files.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Decision {
    Accept,
    AcceptForSession,
    /// It would have the server learn a rule, which is kept for the folder.
    AcceptWithExecpolicyAmendment(Value),
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
            Decision::Accept => ApprovalResponse::Once,
            Decision::AcceptForSession => ApprovalResponse::Always,
            Decision::AcceptWithExecpolicyAmendment(_) => ApprovalResponse::AlwaysHere,
            Decision::ApplyNetworkPolicyAmendment(_) if self.can_open(session, ask) => {
                ApprovalResponse::Open
            }
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

    fn can_open(&self, session: &SessionId, ask: AskId) -> bool {
        self.threads.get(session).is_some_and(|thread| {
            thread.view.asks.iter().any(|waiting| {
                waiting.id() == ask
                    && matches!(waiting, Ask::Approval(approval) if !approval.opens.is_empty())
            })
        })
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
