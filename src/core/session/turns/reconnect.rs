//! Reconnecting: how often a request to the model is tried again, how long after, and when not.

use std::time::Duration;

use crate::protocol::{Failure, ItemId, ModelRequestId, RetryAdvice};

/// Tries after the first, for one step, of a server that answers but cannot do what it is asked.
const LIMIT: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// The longest wait between two tries of a server that cannot be reached.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How much of a wait jitter may take away, in percent.
const JITTER: u64 = 40;

/// How a session comes back to a server that it lost.
#[derive(Clone, Copy, Debug)]
pub struct ReconnectConfig {
    /// How long a server that cannot be reached is tried again; zero for not at all.
    pub limit: Duration,
    /// Shortens the waits, a little and each differently; zero takes nothing away. Sessions with
    /// different numbers, which lost a server at the same time, do not come back at the same time.
    pub jitter: u64,
}

/// The tries that a turn has made.
#[derive(Debug, Default)]
pub(super) struct Retries {
    /// Counts the tries of the step that runs, without those of an outage.
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

/// Whether a refused item was left out of the step that runs: only one may be.
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
    pub(super) attempt: u32,
    pub(super) of: u32,
    pub(super) wait: Duration,
}

/// The action when the time to try again has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextAttempt {
    /// Renew the credential that this request was refused with.
    Renewal(ModelRequestId),
    Request,
}

/// The tries of a server that cannot be reached, since it last answered.
#[derive(Clone, Copy, Debug, Default)]
struct Outage {
    attempt: u32,
    /// The time since the first failure.
    lasted: Duration,
}

impl Outage {
    /// The next try of the schedule that is still to come. Tries that take long (a line that
    /// swallows everything) use up those they overlap, so that the whole lasts as long as planned.
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

/// The moments at which a server that cannot be reached is tried again, counted from the first
/// failure: the waits double up to the longest, and the last one ends with the limit.
#[derive(Clone, Copy)]
struct Moments {
    config: ReconnectConfig,
    /// The time passed, without jitter.
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
    let percent = u32::try_from(spread(jitter, number) % (JITTER + 1)).unwrap_or_default();
    wait - wait * percent / 100
}

/// A number of 32 bits for this try; 0 without jitter.
pub(super) fn spread(jitter: u64, number: u32) -> u64 {
    // An odd multiple of the golden ratio's bits spreads neighbouring numbers over the whole range.
    jitter.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_mul(2 * u64::from(number) + 1) >> 32
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

    /// Notes that a usage limit was waited out. The credential may have run out meanwhile, and the
    /// server has answered since it was last lost.
    pub(super) fn waited_out(&mut self) {
        self.attempt = 0;
        self.credential = CredentialRetry::AsItWas;
    }

    /// Notes that the sign-in server answered: the line is there again.
    pub(super) fn renewed(&mut self) {
        self.outage = Outage::default();
    }

    fn again(&mut self, next: NextTry) -> RetryDecision {
        self.stream = StreamRetry::TryingAgain;
        RetryDecision::Wait(next)
    }

    /// Notes that a response came to its end.
    pub(super) fn succeeded(&mut self) {
        self.attempt = 0;
        self.item = ItemRetry::Whole;
        self.outage = Outage::default();
        self.stream = StreamRetry::Up;
    }

    /// Whether these are the first words after a break that was told.
    pub(super) fn resumed(&mut self) -> bool {
        std::mem::replace(&mut self.stream, StreamRetry::Up) == StreamRetry::TryingAgain
    }
}
