//! Usage limits: which one a turn may wait out, and how long after its reset the request is sent.

use std::time::Duration;

use crate::base::Timestamp;
use crate::protocol::{OnUsageLimit, Presence, Problem, ProblemKind};

use super::reconnect;

/// How long after the reset the request is sent at the earliest, and how much jitter may add.
const SLACK: Duration = Duration::from_secs(1);
const JITTER: u64 = 3000;

/// How much later the same reset may be when it is told again, in whole seconds from then on.
const ROUNDING: Duration = Duration::from_secs(1);

/// How often the slack doubles, at the most: four minutes without jitter.
const DOUBLINGS: u32 = 8;

/// The resets that a step has waited for.
#[derive(Debug, Default)]
pub(super) struct AwaitedResets {
    last: Option<Timestamp>,
    count: u32,
}

impl AwaitedResets {
    /// The reset to wait for, where the problem is a usage limit with one. A server that refuses
    /// the request after a reset has to name a later one.
    pub(super) fn next(&self, problem: &Problem) -> Option<Timestamp> {
        let ProblemKind::UsageLimit { resets } = problem.kind else { return None };
        let is_later = |last: Timestamp| resets.is_some_and(|it| it.since(last) > ROUNDING);
        resets.filter(|_| self.last.is_none_or(is_later))
    }

    /// Notes a reset that is waited for. Returns how long after it the request is sent: longer each
    /// time, so that a server that always promises the next second is not asked every second.
    pub(super) fn slack(&mut self, reset: Timestamp, jitter: u64) -> Duration {
        let jitter = Duration::from_millis(reconnect::spread(jitter, self.count) % JITTER);
        let slack = (SLACK + jitter).saturating_mul(2u32.pow(self.count.min(DOUBLINGS)));
        *self = Self { last: Some(reset), count: self.count.saturating_add(1) };
        slack
    }
}

/// The choice for a limit that can be waited out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitDecision {
    End,
    Offer,
    Wait,
}

impl LimitDecision {
    /// An offer needs a person who can answer it.
    pub(super) fn of(choice: OnUsageLimit, presence: Presence) -> Self {
        match (choice, presence) {
            (OnUsageLimit::Wait, _) => Self::Wait,
            (OnUsageLimit::Offer, Presence::Attended) => Self::Offer,
            (OnUsageLimit::Offer, Presence::Unattended) | (OnUsageLimit::End, _) => Self::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_always_promises_the_next_second_is_asked_less_and_less_often() {
        let mut resets = AwaitedResets::default();
        let slacks: Vec<u64> =
            (1..=12).map(|at| resets.slack(Timestamp(at), 0).as_secs()).collect();
        assert_eq!(slacks, [1, 2, 4, 8, 16, 32, 64, 128, 256, 256, 256, 256]);
    }

    #[test]
    fn sessions_come_back_within_a_few_seconds_of_each_other_and_not_all_at_once() {
        let first = |jitter| AwaitedResets::default().slack(Timestamp(0), jitter);
        let slacks: Vec<Duration> = (1..50).map(first).collect();
        assert!(slacks.iter().all(|slack| (1..=4).contains(&slack.as_secs())), "{slacks:?}");
        assert!(slacks.windows(2).all(|pair| pair[0] != pair[1]), "{slacks:?}");
    }
}
