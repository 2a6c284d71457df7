//! Waiting for the time to try again, for a renewed credential, and for the reset of a usage limit.

use crate::base::Timestamp;
use crate::protocol::{
    ApprovalResponse, AskId, EventKind, Failure, LimitHold, LimitStage, ModelRequestId, Presence,
    Problem, Requester, Retry, TimerId, TurnOutcome,
};

use super::super::context::Parts;
use super::super::effect::{EffectQueue, SessionEffect};
use super::reconnect::{NextAttempt, NextTry, RetryDecision};
use super::turn::{Flow, Phase, Turn};
use super::usage_limit::LimitDecision;

impl Turn {
    /// Sets the time to try again, and says so.
    pub(super) fn wait(
        &mut self,
        then: NextAttempt,
        problem: Problem,
        next: NextTry,
        parts: &mut Parts,
    ) {
        let timer = parts.ids.timer();
        let NextTry { attempt, of, wait } = next;
        let problem = problem.while_trying();
        parts.effects.emit(EventKind::Retrying(Retry { attempt, of, wait, problem }));
        parts.effects.push(SessionEffect::SetTimer { id: timer, after: wait });
        self.phase = Phase::Waiting(timer, then);
    }

    /// Has the credential renewed that a request was refused with.
    pub(super) fn renew(&mut self, request: ModelRequestId, effects: &mut EffectQueue) {
        self.phase = Phase::Renewing(request);
        effects.push(SessionEffect::RenewCredential(request));
    }

    pub(super) fn timer_fired(&mut self, timer: TimerId, parts: &mut Parts) -> Flow {
        match &self.phase {
            Phase::Waiting(waited, next) if *waited == timer => match *next {
                NextAttempt::Request => self.request(parts),
                NextAttempt::Renewal(request) => self.renew(request, parts.effects),
            },
            Phase::Held { timer: Some(waited), .. } if *waited == timer => self.reset_passed(parts),
            _ => {}
        }
        Flow::Waits
    }

    pub(super) fn renewed(&mut self, request: ModelRequestId, parts: &mut Parts) -> Flow {
        if self.is_renewing(request) {
            self.retries.renewed();
            self.request(parts);
        }
        Flow::Waits
    }

    pub(super) fn not_renewed(
        &mut self,
        request: ModelRequestId,
        failure: Failure,
        parts: &mut Parts,
    ) -> Flow {
        if !self.is_renewing(request) {
            return Flow::Waits;
        }
        match self.retries.decide(&failure, parts.context.reconnect) {
            RetryDecision::Wait(next) => {
                self.wait(NextAttempt::Renewal(request), failure.problem, next, parts);
                Flow::Waits
            }
            RetryDecision::GiveUp | RetryDecision::Renew => {
                Flow::Ends(TurnOutcome::Failed(failure.problem))
            }
        }
    }

    fn is_renewing(&self, request: ModelRequestId) -> bool {
        matches!(self.phase, Phase::Renewing(waited) if waited == request)
    }

    /// Ends the turn with a problem, unless it is a usage limit that can be waited out.
    pub(super) fn hold_or_end(&mut self, problem: Problem, parts: &mut Parts) -> Flow {
        let Some(until) = self.resets.next(&problem) else {
            return Flow::Ends(TurnOutcome::Failed(problem));
        };
        let (choice, presence) = (parts.context.on_usage_limit, parts.context.presence);
        match LimitDecision::of(choice, presence) {
            LimitDecision::End => return Flow::Ends(TurnOutcome::Failed(problem)),
            LimitDecision::Offer => {
                let stage = LimitStage::Offered(parts.ids.ask());
                self.hold(LimitHold { until, stage, problem }, None, parts.effects);
            }
            LimitDecision::Wait => self.await_reset(until, problem, parts),
        }
        Flow::Waits
    }

    fn await_reset(&mut self, until: Timestamp, problem: Problem, parts: &mut Parts) {
        let timer = parts.ids.timer();
        let slack = self.resets.slack(until, parts.context.reconnect.jitter);
        let hold = LimitHold { until, stage: LimitStage::Waiting, problem };
        self.hold(hold, Some(timer), parts.effects);
        parts.effects.push(SessionEffect::SetAlarm { id: timer, at: until, slack });
    }

    fn hold(&mut self, hold: LimitHold, timer: Option<TimerId>, effects: &mut EffectQueue) {
        effects.emit(EventKind::LimitHold(Some(hold.clone())));
        self.phase = Phase::Held { hold: Box::new(hold), timer };
    }

    /// Sends the request again, now that the reset has passed.
    fn reset_passed(&mut self, parts: &mut Parts) {
        parts.effects.emit(EventKind::LimitHold(None));
        self.retries.waited_out();
        self.request(parts);
    }

    /// Whether the turn offers to wait, under this id.
    pub(super) fn offers_to_wait(&self, ask: AskId) -> bool {
        matches!(&self.phase, Phase::Held { hold, .. } if hold.offer() == Some(ask))
    }

    /// Takes the person's answer to the offer to wait.
    pub(super) fn answer_offer(
        &mut self,
        asker: Option<Requester>,
        decision: &ApprovalResponse,
        parts: &mut Parts,
    ) -> Flow {
        let Phase::Held { hold, .. } = &self.phase else { return Flow::Waits };
        let Some(id) = hold.offer() else { return Flow::Waits };
        let (until, problem) = (hold.until, hold.problem.clone());
        let by = asker.map(|asker| asker.client);
        parts.effects.emit(EventKind::AskResolved { id, by });
        match decision {
            ApprovalResponse::No | ApprovalResponse::NoBecause(_) | ApprovalResponse::Nobody => {
                Flow::Ends(TurnOutcome::Failed(problem))
            }
            ApprovalResponse::Always
            | ApprovalResponse::AlwaysHere
            | ApprovalResponse::Once
            | ApprovalResponse::Open => {
                self.await_reset(until, problem, parts);
                Flow::Waits
            }
        }
    }

    /// Withdraws an offer that nobody is there to answer any more.
    pub(super) fn presence_changed(&mut self, parts: &mut Parts) -> Flow {
        match parts.context.presence {
            Presence::Attended => Flow::Waits,
            Presence::Unattended => self.answer_offer(None, &ApprovalResponse::Nobody, parts),
        }
    }

    /// The problem that the turn ends with when it is stopped while a limit holds it up.
    pub(super) fn holding_problem(&self) -> Option<Problem> {
        match &self.phase {
            Phase::Held { hold, .. } => Some(hold.problem.clone()),
            _ => None,
        }
    }
}
