//! The pace of painting streaming text: thirty frames a second while frames are small, fewer as
//! they grow, so that neither a slow line nor the processor is overloaded.

use std::time::{Duration, Instant};

const FRAME: Duration = Duration::from_millis(33);
const SLOWEST: Duration = Duration::from_millis(250);
/// The average that streaming may send to the terminal. Text at reading speed stays far below; a
/// flood is reduced to about five frames a second.
const BYTES_PER_SECOND: u32 = 14_000;
/// A frame may take this fraction of the time until the next.
const SHARE: u32 = 12;

#[derive(Clone, Copy, Debug)]
pub struct PaintPace {
    next: Instant,
}

impl PaintPace {
    /// Creates the pace; the first frame may be painted at once.
    pub fn new(now: Instant) -> Self {
        Self { next: now }
    }

    /// The time at which the next frame of streaming text may be painted.
    pub fn next(&self) -> Instant {
        self.next
    }

    /// Records a frame painted at `now`, its bytes and its duration.
    pub fn painted(&mut self, now: Instant, bytes: usize, took: Duration) {
        let line =
            Duration::from_secs(1) * u32::try_from(bytes).unwrap_or(u32::MAX) / BYTES_PER_SECOND;
        self.next = now + FRAME.max(line).max(took * SHARE).min(SLOWEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bigger_a_frame_the_longer_until_the_next() {
        let now = Instant::now();
        for (bytes, took, wait) in [
            (0, 0, 33),
            (300, 1, 33),
            (1_400, 1, 100),
            (900, 10, 120),
            (50_000, 0, 250),
            (0, 500, 250),
        ] {
            let mut pace = PaintPace::new(now);
            pace.painted(now, bytes, Duration::from_millis(took));
            assert_eq!(
                pace.next() - now,
                Duration::from_millis(wait),
                "{bytes} bytes in {took} ms"
            );
        }
    }
}
