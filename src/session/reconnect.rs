//! Reconnecting: how often a request to the model is tried again, how long after, and when not.

use std::time::Duration;

use crate::protocol::{
    EventKind, Failure, ItemId, ModelRequestId, Problem, Retry, RetryAdvice, TimerId,
};

use super::Session;
use super::effect::{EffectQueue, SessionEffect};
use super::turn::{Phase, Turn};

/// Tries after the first, for one step, of a server that answers but cannot do what it is asked.
const LIMIT: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Between two tries of a server that cannot be reached, at the most: a line that is back is noticed within this.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How much of a wait jitter may take away, in percent.
const JITTER: u64 = 40;

/// How a session comes back to a server that it lost.
#[derive(Clone, Copy, Debug)]
pub struct ReconnectConfig {
    /// How long a server that cannot be reached is tried again; zero for not at all.
    pub limit: Duration,
    /// What the waits are shortened by, a little and each differently; zero takes nothing away. Sessions with different numbers, which lost a server
    /// at the same time, do not come back at the same time.
    pub jitter: u64,
}

/// What a turn has spent on trying again.
#[derive(Debug, Default)]
pub(super) struct Retries {
    /// Of the step that runs, without those of an outage.
    attempt: u32,
    outage: Outage,
    credential: CredentialRetry,
    item: ItemRetry,
    stream: StreamRetry,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum CredentialRetry {
    #[default]
    AsItWas,
    /// Once a turn; a second 401 is final.
    Renewed,
}

/// Whether a refused item was left out of the step that runs: once, whatever else the server refuses then.
#[derive(Debug, Default, PartialEq, Eq)]
enum ItemRetry {
    LeftOut,
    #[default]
    Whole,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum StreamRetry {
    #[default]
    Up,
    TryingAgain,
    /// The request goes out again with another credential, or without a picture or an item; nobody was told of a break.
    Resending,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum RetryDecision {
    GiveUp,
    Renew,
    Wait(NextTry),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NextTry {
    /// Counted from 1.
    attempt: u32,
    of: u32,
    wait: Duration,
}

/// What is done when the time to try again has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextAttempt {
    /// Of the credential that this request was refused with.
    Renewal(ModelRequestId),
    Request,
}

/// The tries of a server that cannot be reached, since it was last heard of.
#[derive(Clone, Copy, Debug, Default)]
struct Outage {
    attempt: u32,
    /// Since the first failure.
    lasted: Duration,
}

impl Outage {
    /// The next try of the schedule that is still to come. Tries that take long (a line that swallows everything) use up those they overlap, so that
    /// the whole lasts as long as it is meant to.
    fn next(&mut self, took: Duration, config: ReconnectConfig) -> Option<NextTry> {
        if self.attempt > 0 {
            self.lasted += took;
        }
        let moments = Moments { config, passed: Duration::ZERO, number: 0 };
        let of = u32::try_from(moments.count()).unwrap_or(u32::MAX);
        let (attempt, at) =
            (1..).zip(moments).find(|(number, at)| *number > self.attempt && *at > self.lasted)?;
        let wait = at - self.lasted;
        *self = Self { attempt, lasted: at };
        Some(NextTry { attempt, of, wait })
    }
}

/// When a server that cannot be reached is tried again, counted from the first failure: the waits double up to the longest, and the last one ends with
/// the limit.
#[derive(Clone, Copy)]
struct Moments {
    config: ReconnectConfig,
    /// Without jitter.
    passed: Duration,
    number: u32,
}

impl Iterator for Moments {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let wait = doubled(self.number).min(LONGEST_WAIT).min(self.config.limit - self.passed);
        if wait.is_zero() {
            return None;
        }
        let moment = self.passed + shortened(wait, self.config.jitter, self.number);
        self.passed += wait;
        self.number += 1;
        Some(moment)
    }
}

/// The wait after so many failures.
fn doubled(failures: u32) -> Duration {
    FIRST_WAIT.saturating_mul(2u32.saturating_pow(failures))
}

fn shortened(wait: Duration, jitter: u64, number: u32) -> Duration {
    // An odd multiple of the golden ratio's bits spreads neighbouring numbers over the whole range.
    let spread =
        jitter.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_mul(2 * u64::from(number) + 1) >> 32;
    let percent = u32::try_from(spread % (JITTER + 1)).unwrap_or_default();
    wait - wait * percent / 100
}

impl Retries {
    pub(super) fn decide(&mut self, failure: &Failure, config: ReconnectConfig) -> RetryDecision {
        if failure.retry == RetryAdvice::Unreachable {
            let next = self.outage.next(failure.took, config);
            return next.map_or(RetryDecision::GiveUp, |next| self.again(next));
        }
        self.outage = Outage::default();
        let wait = match failure.retry {
            RetryAdvice::Never
            | RetryAdvice::Unreachable
            | RetryAdvice::WithoutItem(_)
            | RetryAdvice::WithoutPictures => return RetryDecision::GiveUp,
            RetryAdvice::Credential if self.credential == CredentialRetry::Renewed => {
                return RetryDecision::GiveUp;
            }
            RetryAdvice::Credential => {
                self.credential = CredentialRetry::Renewed;
                self.resend();
                return RetryDecision::Renew;
            }
            RetryAdvice::Backoff | RetryAdvice::After(_) if self.attempt >= LIMIT => {
                return RetryDecision::GiveUp;
            }
            RetryAdvice::Backoff => shortened(doubled(self.attempt), config.jitter, self.attempt),
            RetryAdvice::After(wait) => wait,
        };
        self.attempt += 1;
        self.again(NextTry { attempt: self.attempt, of: LIMIT, wait })
    }

    /// The item to go on without, the first time that one is refused.
    pub(super) fn refused_item(&mut self, failure: &Failure) -> Option<ItemId> {
        let RetryAdvice::WithoutItem(item) = &failure.retry else { return None };
        (std::mem::replace(&mut self.item, ItemRetry::LeftOut) == ItemRetry::Whole)
            .then(|| item.clone())
    }

    /// The same step is asked for again, at once.
    pub(super) fn resend(&mut self) {
        // A break that was told is still to be told over.
        if self.stream == StreamRetry::Up {
            self.stream = StreamRetry::Resending;
        }
    }

    /// The sign-in server answered: the line is there again.
    fn renewed(&mut self) {
        self.outage = Outage::default();
    }

    fn again(&mut self, next: NextTry) -> RetryDecision {
        self.stream = StreamRetry::TryingAgain;
        RetryDecision::Wait(next)
    }

    /// A response came to its end.
    pub(super) fn succeeded(&mut self) {
        self.attempt = 0;
        self.item = ItemRetry::Whole;
        self.outage = Outage::default();
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
    pub(super) fn wait(
        &mut self,
        turn: &mut Turn,
        then: NextAttempt,
        problem: Problem,
        next: NextTry,
        effects: &mut EffectQueue,
    ) {
        let timer = self.names.timer();
        let NextTry { attempt, of, wait } = next;
        let problem = problem.while_trying();
        effects.tell(EventKind::Retrying(Retry { attempt, of, wait, problem }));
        effects.push(SessionEffect::SetTimer { id: timer, after: wait });
        turn.phase = Phase::Waiting(timer, then);
    }

    pub(super) fn ring(&mut self, timer: TimerId, effects: &mut EffectQueue) {
        let Some(mut turn) = self.turn.take() else { return };
        match turn.phase {
            Phase::Waiting(waited, NextAttempt::Request) if waited == timer => {
                self.request(&mut turn, effects);
            }
            Phase::Waiting(waited, NextAttempt::Renewal(request)) if waited == timer => {
                turn.phase = Phase::Renewing(request);
                effects.push(SessionEffect::RenewCredential(request));
            }
            _ => {}
        }
        self.turn = Some(turn);
    }

    pub(super) fn renewed(&mut self, request: ModelRequestId, effects: &mut EffectQueue) {
        let Some(mut turn) = self.turn.take() else { return };
        if matches!(turn.phase, Phase::Renewing(waited) if waited == request) {
            turn.retries.renewed();
            self.request(&mut turn, effects);
        }
        self.turn = Some(turn);
    }

    pub(super) fn not_renewed(
        &mut self,
        request: ModelRequestId,
        failure: Failure,
        effects: &mut EffectQueue,
    ) {
        let Some(mut turn) = self.turn.take() else { return };
        if !matches!(turn.phase, Phase::Renewing(waited) if waited == request) {
            self.turn = Some(turn);
            return;
        }
        match turn.retries.decide(&failure, self.config.reconnect) {
            RetryDecision::Wait(next) => {
                let then = NextAttempt::Renewal(request);
                self.wait(&mut turn, then, failure.problem, next, effects);
                self.turn = Some(turn);
            }
            RetryDecision::GiveUp | RetryDecision::Renew => {
                self.fail_turn(turn.id, failure.problem, effects);
            }
        }
    }
}
