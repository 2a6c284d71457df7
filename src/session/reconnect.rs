//! Reconnecting: how often a request to the model is tried again, how long after, and when not.

use std::time::Duration;

use crate::protocol::{EventKind, ModelRequestId, Problem, RetryAdvice, TimerId};

use super::Session;
use super::effect::{EffectQueue, SessionEffect};
use super::turn::{Phase, Turn};

/// Tries after the first, for one step.
const LIMIT: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// What a turn has spent on trying again.
#[derive(Debug, Default)]
pub(super) struct Retries {
    /// Of the step that runs.
    attempt: u32,
    credential: CredentialRetry,
    stream: StreamRetry,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum CredentialRetry {
    #[default]
    AsItWas,
    /// Once a turn; a second 401 is final.
    Renewed,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum StreamRetry {
    #[default]
    Up,
    TryingAgain,
    /// The request goes out again with another credential or without a picture; nobody was told of a break.
    Resending,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum RetryDecision {
    GiveUp,
    Renew,
    Wait(Duration),
}

impl Retries {
    pub(super) fn decide(&mut self, retry: RetryAdvice) -> RetryDecision {
        match retry {
            RetryAdvice::Never | RetryAdvice::WithoutPictures => RetryDecision::GiveUp,
            RetryAdvice::Credential if self.credential == CredentialRetry::Renewed => RetryDecision::GiveUp,
            RetryAdvice::Credential => {
                self.credential = CredentialRetry::Renewed;
                self.resend();
                RetryDecision::Renew
            }
            RetryAdvice::Backoff | RetryAdvice::After(_) if self.attempt >= LIMIT => RetryDecision::GiveUp,
            RetryAdvice::Backoff => {
                let wait = FIRST_WAIT * 2u32.pow(self.attempt);
                self.again(wait)
            }
            RetryAdvice::After(wait) => self.again(wait),
        }
    }

    /// The same step is asked for again, at once.
    pub(super) fn resend(&mut self) {
        // A break that was told is still to be told over.
        if self.stream == StreamRetry::Up {
            self.stream = StreamRetry::Resending;
        }
    }

    fn again(&mut self, wait: Duration) -> RetryDecision {
        self.attempt += 1;
        self.stream = StreamRetry::TryingAgain;
        RetryDecision::Wait(wait)
    }

    /// A response came to its end.
    pub(super) fn succeeded(&mut self) {
        self.attempt = 0;
        self.stream = StreamRetry::Up;
    }

    pub(super) fn trying_again(&self) -> bool {
        self.stream != StreamRetry::Up
    }

    /// Whether these are the first words after a break that was told.
    pub(super) fn resumed(&mut self) -> bool {
        std::mem::replace(&mut self.stream, StreamRetry::Up) == StreamRetry::TryingAgain
    }
}

impl Session {
    /// Sets the time to try again, and says so.
    pub(super) fn wait(&mut self, turn: &mut Turn, problem: Problem, wait: Duration, effects: &mut EffectQueue) {
        let timer = self.names.timer();
        effects.tell(EventKind::Retrying { attempt: turn.retries.attempt, of: LIMIT, wait, problem });
        effects.push(SessionEffect::SetTimer { id: timer, after: wait });
        turn.phase = Phase::Waiting(timer);
    }

    pub(super) fn ring(&mut self, timer: TimerId, effects: &mut EffectQueue) {
        let Some(mut turn) = self.turn.take() else { return };
        if matches!(turn.phase, Phase::Waiting(waited) if waited == timer) {
            self.request(&mut turn, effects);
        }
        self.turn = Some(turn);
    }

    pub(super) fn renewed(&mut self, request: ModelRequestId, effects: &mut EffectQueue) {
        let Some(mut turn) = self.turn.take() else { return };
        if matches!(turn.phase, Phase::Renewing(waited) if waited == request) {
            self.request(&mut turn, effects);
        }
        self.turn = Some(turn);
    }

    pub(super) fn not_renewed(&mut self, request: ModelRequestId, problem: Problem, effects: &mut EffectQueue) {
        let Some(turn) = &self.turn else { return };
        if matches!(turn.phase, Phase::Renewing(waited) if waited == request) {
            let id = turn.id;
            self.fail_turn(id, problem, effects);
        }
    }
}
