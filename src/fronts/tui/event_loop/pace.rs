//! When streaming text is painted: thirty times a second while frames are small, less often as they
//! grow, so that neither a slow line nor a processor drowns in them.

use std::time::{Duration, Instant};

const FRAME: Duration = Duration::from_millis(33);
const SLOWEST: Duration = Duration::from_millis(250);
/// What streaming may send to the terminal, over time. Text at reading speed stays far below; a flood is thinned out to some five frames a second.
const BYTES_PER_SECOND: u32 = 14_000;
/// A frame may cost one part in this many of the time until the next.
const SHARE: u32 = 12;

#[derive(Clone, Copy, Debug)]
pub struct PaintPace {
    next: Instant,
}

impl PaintPace {
    /// The first frame may come at once.
    pub fn new(now: Instant) -> Self {
        Self { next: now }
    }

    /// When the next frame of streaming text may be painted.
    pub fn next(&self) -> Instant {
        self.next
    }

    /// Takes note of a frame that was painted at `now`, of what it wrote, and of how long it took.
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
