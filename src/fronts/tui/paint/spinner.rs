//! The spinner and countdowns, as functions of the time.

use std::time::Duration;

use crate::base::Timestamp;

const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const MILLIS: i64 = 250;

/// The frame at a time.
pub fn frame(now: Timestamp) -> &'static str {
    let at = now.0.div_euclid(MILLIS).rem_euclid(10);
    FRAMES[usize::try_from(at).unwrap_or(0)]
}

/// The time of the next frame: four a second.
pub fn next_frame(now: Timestamp) -> Timestamp {
    Timestamp((now.0.div_euclid(MILLIS) + 1) * MILLIS)
}

/// The time at which a countdown to `end` shows its next second.
pub fn next_second(now: Timestamp, end: Timestamp) -> Timestamp {
    let left = end.since(now);
    now + (left - Duration::from_secs(left.as_millis().div_ceil(1000).saturating_sub(1) as u64))
        .max(Duration::from_millis(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_wakes_when_its_second_changes() {
        for (now, end, at) in
            [(0, 5_000, 1_000), (300, 5_000, 1_000), (999, 5_000, 1_000), (4_500, 5_000, 5_000)]
        {
            assert_eq!(next_second(Timestamp(now), Timestamp(end)), Timestamp(at), "{now}");
        }
    }

    #[test]
    fn frames_follow_the_time() {
        assert_ne!(frame(Timestamp(0)), frame(next_frame(Timestamp(0))));
        assert_eq!(frame(Timestamp(0)), frame(Timestamp(249)));
    }
}
