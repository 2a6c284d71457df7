//! An alarm by the clock on the wall, which counts the time that a computer sleeps.

use std::time::Duration;

use crate::base::{Clock, Timestamp};

/// The longest time between two looks at the clock, where the system has no timer by the clock on
/// the wall. Other timers stand still while a computer sleeps and know nothing of a clock that was
/// set, so an alarm is this late at the most.
const BETWEEN_LOOKS: Duration = Duration::from_secs(120);

/// Resolves when the clock shows this time, and `slack` after that; at once where it has passed.
pub(crate) async fn alarm(clock: Clock, at: Timestamp, slack: Duration) {
    #[cfg(target_os = "linux")]
    while !at.since(clock.now()).is_zero() && wall_timer::next(at).await.is_ok() {}
    alarm_with(&clock, at, slack, tokio::time::sleep).await;
}

#[cfg(target_os = "linux")]
mod wall_timer {
    use std::io;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::net::unix::pipe;

    use crate::base::Timestamp;

    /// Waits until the system's clock shows this time, or is set. It wakes nobody before, and at
    /// once where a computer slept past it.
    ///
    /// # Errors
    ///
    /// Fails where the system gives no such timer.
    pub(super) async fn next(at: Timestamp) -> io::Result<()> {
        let timer = timerfd_create(
            TimerfdClockId::Realtime,
            TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK,
        )?;
        let nanoseconds = (at.0.rem_euclid(1000) * 1_000_000) as _;
        let it_value = Timespec { tv_sec: at.0.div_euclid(1000), tv_nsec: nanoseconds };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value };
        let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
        timerfd_settime(&timer, flags, &once)?;
        // Both the time and a clock that was set make it readable, as bytes do with a pipe.
        pipe::Receiver::from_owned_fd_unchecked(timer)?.readable().await
    }
}

async fn alarm_with<S: Future<Output = ()>>(
    clock: &Clock,
    at: Timestamp,
    slack: Duration,
    sleep: impl Fn(Duration) -> S,
) {
    loop {
        let left = at.since(clock.now());
        if left.is_zero() {
            return sleep(slack).await;
        }
        sleep(left.min(BETWEEN_LOOKS)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::ready;

    use futures_util::FutureExt as _;

    use super::*;

    /// The sleeps until a time, in seconds, while the clock moves by so much in each of them; it
    /// shows 1000 at first.
    fn sleeps(at: i64, moves: impl Fn(u64) -> u64) -> Vec<u64> {
        let clock = Clock::standing(Timestamp::from_seconds(1000));
        let slept = RefCell::new(Vec::new());
        let sleep = |time: Duration| {
            slept.borrow_mut().push(time.as_secs());
            clock.advance(Duration::from_secs(moves(time.as_secs())));
            ready(())
        };
        let slack = Duration::from_secs(3);
        alarm_with(&clock, Timestamp::from_seconds(at), slack, sleep).now_or_never().unwrap();
        slept.into_inner()
    }

    #[test]
    fn the_clock_is_looked_at_every_two_minutes_and_at_the_time_itself() {
        assert_eq!(sleeps(1300, |slept| slept), [120, 120, 60, 3]);
        assert_eq!(sleeps(1001, |slept| slept), [1, 3]);
    }

    #[tokio::test]
    async fn the_clock_of_the_system_ends_a_wait_and_a_passed_time_needs_none() {
        let (clock, begun) = (Clock::system(), std::time::Instant::now());
        let at = Timestamp(clock.now().0 + 30);
        alarm(clock.clone(), at, Duration::ZERO).await;
        assert!(clock.now() >= at && begun.elapsed() >= Duration::from_millis(25));
        alarm(clock, Timestamp(i64::MIN), Duration::ZERO).await;
    }

    #[test]
    fn a_time_that_has_passed_is_not_waited_for() {
        for at in [1000, 999, -5, i64::MIN] {
            assert_eq!(sleeps(at, |slept| slept), [3], "{at}");
        }
    }

    #[test]
    fn a_sleep_of_the_computer_and_a_clock_that_is_set_count_at_the_next_look() {
        let suspended = |seconds| seconds + 7200;
        assert_eq!(sleeps(1000 + 3600, suspended), [120, 3]);
        // It is set back by a minute in each of the sleeps.
        let set_back = |seconds: u64| seconds.saturating_sub(60).max(1);
        assert_eq!(sleeps(1000 + 150, set_back)[..3], [120, 90, 60]);
    }
}
