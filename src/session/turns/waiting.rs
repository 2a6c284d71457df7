//! Waiting for the time to try again, and for a renewed credential.

use crate::protocol::{EventKind, Failure, ModelRequestId, Problem, Retry, TimerId, TurnOutcome};

use super::super::context::Parts;
use super::super::effect::{EffectQueue, SessionEffect};
use super::reconnect::{NextAttempt, NextTry, RetryDecision};
use super::turn::{Flow, Phase, Turn};

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
        match self.phase {
            Phase::Waiting(waited, NextAttempt::Request) if waited == timer => self.request(parts),
            Phase::Waiting(waited, NextAttempt::Renewal(request)) if waited == timer => {
                self.renew(request, parts.effects)
            }
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
}
